"""`drift --expiring`: what will end, what ends with it, and what a guard will refuse to end, told beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from acme import ADMINS, Org, codes

from core.drift.support import drift, told

if TYPE_CHECKING:
    from orgsync.core.drift.report import DriftReport

BOTH = "manage: {members: authoritative, workspace_members: authoritative}\n"
PEOPLE = [f"p{number}@acme.example" for number in range(4)]
USERS = [*ADMINS[:1], *({"email": email, "role": "user"} for email in PEOPLE)]
ROLES = [{"email": email, "workspace": "lab", "workspace_role": "workspace_user"} for email in PEOPLE[:2]]
KEY = {"id": "apikey_01Etl", "name": "etl", "workspace": "lab", "principal_email": PEOPLE[0]}


def org(*untils: str, guards: str = "{}", **seed: Any) -> Org:
    """An organization as its file says, in which the lines of some people end on these days."""
    lines = "".join(f"  {email}: {{role: user, until: {day}}}\n" for email, day in zip(PEOPLE, untils, strict=True))
    files = (
        f"{BOTH}guards: {guards}\nmembers:\n  ceo@acme.example: admin\n{lines}"
        f"workspaces: {{lab: {{members: {{{PEOPLE[0]}: user, {PEOPLE[1]}: user}}}}}}\n"
    )
    rows = {"users": USERS, "workspaces": [{"name": "lab"}], "workspace_members": ROLES}
    return Org(files, **{**rows, **seed})


def message(report: DriftReport, code: str, of: str) -> str:
    (entry,) = [one for one in report.entries if one.code == code and one.address == f"member:{of}"]
    return entry.message


def test_what_ends_with_somebody_is_told() -> None:
    of = org("2026-12-01", *["2028-01-01"] * 3, api_keys=[KEY])
    report = drift(of, days=60)
    assert told(report.entries) == [f"access_expires member:{PEOPLE[0]}", f"expiry_refused member:{PEOPLE[0]}"]
    assert message(report, "access_expires", PEOPLE[0]) == (
        "expires after 2026-12-01; then: access ends immediately; ends 1 workspace role; "
        "1 API key is archived permanently with the person: api_key:lab/etl"
    )
    assert message(report, "expiry_refused", PEOPLE[0]) == (
        "will not end after 2026-12-01, because irreversible refuses it: cannot be undone, and is not allowed by its "
        "address; allow it in `guards.allow` until then, or extend `until`"
    )
    assert report.refusals == ()


def test_what_ends_on_one_day_is_judged_together_and_apart_from_other_days() -> None:
    guards = "{max_removals: {percent: 0, count: 1}}"
    apart = org("2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04", guards=guards)
    assert [entry.code for entry in drift(apart, days=60).entries] == ["access_expires"] * 4
    together = org("2026-12-01", "2026-12-01", "2026-12-03", "2026-12-04", guards=guards)
    entries = drift(together, days=60).entries
    assert [entry.address for entry in entries if entry.code == "expiry_refused"] == [
        f"member:{email}" for email in PEOPLE[:2]
    ]


def test_what_is_allowed_until_then_is_not_refused() -> None:
    for until, refused in (("2026-12-02", False), ("2026-12-01", True)):
        allow = f"{{allow: [{{address: 'member:{PEOPLE[0]}', until: {until}, reason: agreed}}]}}"
        of = org("2026-12-01", *["2028-01-01"] * 3, guards=allow, api_keys=[KEY])
        assert any(entry.code == "expiry_refused" for entry in drift(of, days=10).entries) is refused


def test_what_differs_today_changes_nothing_of_what_is_foretold() -> None:
    guards = "{max_removals: {percent: 100, count: 1}}"
    strangers = [{"email": f"x{number}@acme.example", "role": "user"} for number in range(5)]
    of = org("2026-12-01", *["2028-01-01"] * 3, guards=guards, users=[*USERS, *strangers])
    assert all(entry.code != "expiry_refused" for entry in drift(of).entries)


def test_nothing_is_said_of_what_ends_later() -> None:
    assert drift(org(*["2026-12-07"] * 4), days=14).entries == ()


def test_what_is_left_alone_ends_nothing() -> None:
    of = org("2026-12-01", *["2028-01-01"] * 3, api_keys=[KEY])
    of.files = of.files.replace(BOTH, "")
    assert message(drift(of), "access_expires", PEOPLE[0]) == "expires after 2026-12-01"


def test_keys_that_expire_are_told_with_their_owner_whether_declared_or_not() -> None:
    key = {"workspace": "lab", "expires_at": "2026-11-23T09:00:00Z"}
    keys = [{**key, "name": "a"}, {**key, "name": "b", "created_by_email": PEOPLE[1]}]
    later = {**key, "name": "c", "expires_at": "2027-11-23T09:00:00Z"}
    files = "workspaces: {lab: {api_keys: {a: active, c: active}}}"
    of = Org(
        files,
        users=USERS,
        workspaces=[{"name": "lab"}],
        api_keys=[*keys, later, {**keys[0], "name": "off", "status": "inactive"}],
    )
    entries = {entry.address: entry for entry in drift(of, days=1).entries if entry.code == "key_expires"}
    assert [str(address) for address in entries] == ["api_key:lab/a", "api_key:lab/b"]
    assert entries["api_key:lab/b"].message == (  # type: ignore[index]  # addresses are text
        f"expires on 2026-11-23, and what uses it stops working; its owner is {PEOPLE[1]}"
    )


def test_an_acceptance_that_ends_is_a_note_while_it_silences_something() -> None:
    accept = "accept: [{address: 'workspace:rogue', reason: an event, until: 2026-11-25}]\nworkspaces: {lab: {}}\n"
    rogue = Org(accept, users=ADMINS, workspaces=[{"name": "lab"}, {"name": "rogue"}])
    report = drift(rogue, days=3)
    assert report.entries == ()
    assert codes(report.notes) == ["accept_expires workspace:rogue"]
    assert report.notes[0].message == "accepted until 2026-11-25 (an event): it counts again after that"
    assert drift(rogue, days=2).notes == ()
