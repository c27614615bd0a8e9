"""What ends on its day and a guard refuses to end is kept and told, and holds up nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from acme import ADMINS, Org, actions

if TYPE_CHECKING:
    from orgsync.core.model.change import Plan

BOTH = "manage: {members: authoritative, workspace_members: authoritative}\n"
PEOPLE = [f"p{number}@acme.example" for number in range(6)]
USERS = [*ADMINS[:1], *({"email": email, "role": "user"} for email in PEOPLE)]
ROLES = [{"email": email, "workspace": "lab", "workspace_role": "workspace_user"} for email in PEOPLE[:2]]
KEY = {"id": "apikey_01Etl", "name": "etl", "workspace": "lab", "principal_email": PEOPLE[0]}


def org(guards: str, ended: int = 3, **seed: Any) -> Org:
    """A person for each of PEOPLE, of whom the first few have ended, one who is not declared, and a new workspace."""
    lines = [
        f"  {email}: {{role: user, until: {'2026-11-21' if number < ended else '2027-12-31'}}}\n"
        for number, email in enumerate(PEOPLE)
    ]
    files = (
        f"{BOTH}guards: {guards}\nmembers:\n  ceo@acme.example: admin\n{''.join(lines)}"
        f"workspaces: {{lab: {{members: {{{PEOPLE[0]}: user, {PEOPLE[1]}: user}}}}, new: {{}}}}\n"
    )
    rows = {"users": USERS, "workspaces": [{"name": "lab"}], "workspace_members": ROLES}
    return Org(files, **{**rows, **seed})


def kept(plan: Plan) -> list[str]:
    return [note.address for note in plan.findings if note.code == "expiry_kept"]


def test_many_ends_on_one_day_count_for_count_and_not_for_percent() -> None:
    plan = org("{max_removals: {percent: 0, count: 3}}").plan()
    assert not plan.refusals
    assert [change.cause for change in plan.changes if change.action == "remove"] == ["expiry"] * 3


def test_too_many_ends_are_kept_and_the_rest_goes_on() -> None:
    of = org("{max_removals: {percent: 100, count: 2}}")
    plan = of.plan()
    assert not plan.refusals
    # The roles of those who stay have ended as well, and are few enough to be taken away.
    assert actions(plan) == [
        "create workspace:new",
        "remove workspace_member:lab/p0@acme.example",
        "remove workspace_member:lab/p1@acme.example",
    ]
    assert kept(plan) == [f"member:{email}" for email in PEOPLE[:3]]
    note = next(note for note in plan.findings if note.code == "expiry_kept")
    assert note.level == "error"
    assert note.message == (
        "its line expired, but a guard refuses to end it, so it is kept (max_removals: withdraws or stops 3 resources, "
        "more than max_removals.count (2)); extend `until`, or lift the guard (docs/guards.md)"
    )
    assert of.apply().complete
    assert kept(of.plan()) == kept(plan)


def test_an_end_that_is_allowed_by_its_address_is_no_other_s_burden() -> None:
    plan = org("{max_removals: {percent: 100, count: 2}}").plan(allow=["member:p0@acme.example"])
    assert not plan.refusals
    assert kept(plan) == []
    assert [address for address in actions(plan) if address.startswith("remove")] == [
        f"remove member:{email}" for email in PEOPLE[:3]
    ]


def test_what_the_files_ask_for_still_refuses_a_plan() -> None:
    stranger = {"email": "x@acme.example", "role": "user"}
    plan = org("{max_removals: {percent: 100, count: 0}}", users=[*USERS, stranger]).plan()
    assert [verdict.addresses for verdict in plan.refusals] == [("member:x@acme.example",)]


def test_somebody_with_a_personal_key_is_kept() -> None:
    plan = org("{max_removals: {percent: 100}}", api_keys=[KEY]).plan()
    assert not plan.refusals
    assert kept(plan) == ["member:p0@acme.example"]
    (note,) = [note for note in plan.findings if note.code == "expiry_kept"]
    assert "irreversible: cannot be undone, and is not allowed by its address" in note.message
    assert "remove member:p1@acme.example" in actions(plan)
    allowed = org("{max_removals: {percent: 100}}", api_keys=[KEY]).plan(allow=["member:p0@acme.example"])
    assert "remove member:p0@acme.example" in actions(allowed)


def test_an_admin_whose_line_ends_does_not_hold_up_the_rest() -> None:
    files = (
        f"{BOTH}guards: {{min_admins: 2}}\nmembers:\n  ceo@acme.example: admin\n"
        "  cto@acme.example: {role: admin, until: 2026-11-21}\nworkspaces: {new: {}}\n"
    )
    plan = Org(files, users=ADMINS).plan()
    assert not plan.refusals
    assert plan.manual == ()
    assert actions(plan) == ["create workspace:new"]
    assert kept(plan) == ["member:cto@acme.example"]


def test_keys_are_read_only_when_somebody_goes() -> None:
    """Although the files name no keys: with a person, the keys of the person are gone for good."""
    reads = org("{max_removals: {percent: 100}}", api_keys=[KEY])
    reads.plan()
    assert "/v1/organizations/api_keys" in reads.reads()
    nobody = org("{max_removals: {percent: 100}}", ended=0, api_keys=[KEY])
    nobody.plan()
    assert "/v1/organizations/api_keys" not in nobody.reads()


def test_an_undeclared_person_with_a_key_is_refused_although_the_files_name_no_keys() -> None:
    files = f"{BOTH}guards: {{max_removals: {{percent: 100}}}}\nmembers: {{ceo@acme.example: admin}}\n"
    key = {**KEY, "workspace": "lab"}
    plan = Org(files, users=USERS[:2], workspaces=[{"name": "lab"}], api_keys=[key]).plan()
    assert [verdict.guard for verdict in plan.refusals] == ["irreversible"]
    (change,) = plan.changes
    assert change.risk == "R2"
    assert "1 API key is archived permanently with the person: api_key:lab/etl" in change.effects


def test_keys_that_the_api_does_not_show_are_no_difference() -> None:
    files = f"{BOTH}guards: {{max_removals: {{percent: 100}}}}\nmembers: {{ceo@acme.example: admin}}\n"
    of = Org(files, users=USERS[:2])
    of.app.set_faults([{"fault": "status_before", "path": "*/api_keys", "status": 403, "times": 9}])
    plan = of.plan()
    assert plan.findings == ()
    assert "personal API keys, if any, are archived permanently" in plan.changes[0].effects
