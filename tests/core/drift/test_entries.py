"""What counts as drift: every sort of difference, its code, its cause, and what stays the same from night to night."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from acme import ADMINS, Org

from core.drift.support import drift, told
from orgsync.core.model.change import Cause, Level
from orgsync.core.model.code_rows import DRIFT_CODES

ANA = {"email": "ana@acme.example", "role": "developer"}
PENDING = {"email": "kim@acme.example", "role": "user", "status": "pending"}
DECLARED = "  ceo@acme.example: admin\n  cto@acme.example: admin\n"
STRICT = f"manage: {{members: authoritative}}\nmembers:\n{DECLARED}"
KEY = {"name": "etl", "workspace": "lab", "status": "active", "created_at": "2026-01-01T00:00:00Z"}
OLD_KEYS = "key_policies: {old: {match: {workspaces: ['*']}, max_age: 90d%s}}\n"

CASES: dict[str, tuple[str, dict[str, Any], list[str], Cause]] = {
    "another role": (
        f"members:\n{DECLARED}  ana@acme.example: user",
        {"users": [*ADMINS, ANA]},
        ["differs member:ana@acme.example"],
        Cause.DRIFT,
    ),
    "somebody who is gone": (
        f"members:\n{DECLARED}  ana@acme.example: user",
        {"users": ADMINS},
        ["missing member:ana@acme.example"],
        Cause.DRIFT,
    ),
    "a rogue member where nothing is removed": (
        f"members:\n{DECLARED}",
        {"users": [*ADMINS, ANA]},
        ["undeclared member:ana@acme.example"],
        Cause.DRIFT,
    ),
    "a rogue member who would be removed": (
        STRICT,
        {"users": [*ADMINS, ANA]},
        ["undeclared member:ana@acme.example"],
        Cause.DRIFT,
    ),
    "a rogue admin": (
        "manage: {members: authoritative}\nmembers: {ceo@acme.example: admin}",
        {"users": ADMINS},
        ["admin_removal member:cto@acme.example"],
        Cause.DRIFT,
    ),
    "an admin who should not be one": (
        "members: {ceo@acme.example: admin, cto@acme.example: user}",
        {"users": ADMINS},
        ["admin_demotion member:cto@acme.example"],
        Cause.DRIFT,
    ),
    "a rogue workspace": (
        "workspaces: {lab: {}}",
        {"workspaces": [{"name": "lab"}, {"name": "rogue"}]},
        ["undeclared workspace:rogue"],
        Cause.DRIFT,
    ),
    "a difference that is only observed": (
        "manage: {workspaces: observe}\nworkspaces: {lab: {tags: {env: prod}}}",
        {"workspaces": [{"name": "lab"}]},
        ["observed workspace:lab"],
        Cause.DRIFT,
    ),
    "somebody whose day is over": (
        STRICT + "  ana@acme.example: {role: developer, until: 2026-11-01}",
        {"users": [*ADMINS, ANA]},
        ["expired member:ana@acme.example"],
        Cause.EXPIRY,
    ),
    "somebody whose day is over, left alone": (
        f"members:\n{DECLARED}  ana@acme.example: {{role: developer, until: 2026-11-01}}",
        {"users": [*ADMINS, ANA]},
        ["expired member:ana@acme.example"],
        Cause.EXPIRY,
    ),
    "a key in breach that is switched off": (
        OLD_KEYS % ", then: deactivate" + "workspaces: {lab: {}}",
        {"workspaces": [{"name": "lab"}], "api_keys": [KEY]},
        ["policy_breach api_key:lab/etl"],
        Cause.POLICY,
    ),
    "a key in breach that is reported": (
        OLD_KEYS % "" + "workspaces: {lab: {}}",
        {"workspaces": [{"name": "lab"}], "api_keys": [KEY]},
        ["policy_breach api_key:lab/etl"],
        Cause.POLICY,
    ),
    "a key that is missing": (
        "workspaces: {lab: {api_keys: {etl: active}}}",
        {"workspaces": [{"name": "lab"}]},
        ["key_missing api_key:lab/etl"],
        Cause.DRIFT,
    ),
    "a setting nobody has looked at": (
        'console: {tax_id: "DE1"}',
        {},
        ["attestation_missing console:tax_id"],
        Cause.EXPIRY,
    ),
    "an invite with another role is one difference": (
        f"members:\n{DECLARED}  kim@acme.example: developer",
        {"users": ADMINS, "invites": [{**PENDING, "expires_at": "2027-03-01T00:00:00Z"}]},
        ["differs member:kim@acme.example"],
        Cause.DRIFT,
    ),
    "an invite that will lapse": (
        f"members:\n{DECLARED}  kim@acme.example: user",
        {"users": ADMINS, "invites": [{**PENDING, "expires_at": "2026-12-01T00:00:00Z"}]},
        ["invite_expires member:kim@acme.example"],
        Cause.EXPIRY,
    ),
    "an invite that has lapsed": (
        f"members:\n{DECLARED}  kim@acme.example: user",
        {"users": ADMINS, "invites": [{**PENDING, "status": "expired"}]},
        ["invite_expired member:kim@acme.example"],
        Cause.EXPIRY,
    ),
    "a key that will expire": (
        "workspaces: {lab: {api_keys: {etl: active}}}",
        {"workspaces": [{"name": "lab"}], "api_keys": [{**KEY, "expires_at": "2026-12-01T00:00:00Z"}]},
        ["key_expires api_key:lab/etl"],
        Cause.EXPIRY,
    ),
    "access that will end": (
        f"members:\n{DECLARED}  ana@acme.example: {{role: developer, until: 2026-12-06}}",
        {"users": [*ADMINS, ANA]},
        ["access_expires member:ana@acme.example"],
        Cause.EXPIRY,
    ),
    "an allowance that will end": (
        "guards: {allow: [{address: 'workspace:lab', reason: r, until: 2026-12-01}]}",
        {},
        ["allowance_expires workspace:lab"],
        Cause.EXPIRY,
    ),
    "an allowance that has ended": (
        "guards: {allow: [{address: 'workspace:lab', reason: r, until: 2026-11-21}]}",
        {},
        ["allowance_expired workspace:lab"],
        Cause.EXPIRY,
    ),
    "a waiver that lost its key": (
        OLD_KEYS % ", then: deactivate"
        + "waivers: [{policy: old, key: 'api_key:lab/job', until: 2027-12-01, reason: r}]\nworkspaces: {lab: {}}",
        {"workspaces": [{"name": "lab"}], "api_keys": [KEY]},
        ["waiver_lost api_key:lab/job", "policy_breach api_key:lab/etl"],
        Cause.POLICY,
    ),
    "a waiver with the id of another key": (
        OLD_KEYS % ""
        + "waivers: [{policy: old, key: 'api_key:lab/etl', id: apikey_1, until: 2027-12-01, reason: r}]\n"
        + "workspaces: {lab: {}}",
        {"workspaces": [{"name": "lab"}], "api_keys": [KEY]},
        ["waiver_contradictory api_key:lab/etl", "policy_breach api_key:lab/etl"],
        Cause.POLICY,
    ),
    "a waiver that will end": (
        OLD_KEYS % ""
        + "waivers: [{policy: old, key: 'api_key:lab/etl', until: 2026-12-01, reason: r}]\nworkspaces: {lab: {}}",
        {"workspaces": [{"name": "lab"}], "api_keys": [KEY]},
        ["waiver_expires api_key:lab/etl"],
        Cause.EXPIRY,
    ),
}

NOTHING: dict[str, tuple[str, dict[str, Any]]] = {
    "all as declared": (f"members:\n{DECLARED}", {"users": ADMINS}),
    "an invite that waits": (
        f"members:\n{DECLARED}  kim@acme.example: user",
        {"users": ADMINS, "invites": [{**PENDING, "expires_at": "2026-12-07T00:00:00Z"}]},
    ),
    "access that ends later": (
        f"members:\n{DECLARED}  ana@acme.example: {{role: developer, until: 2026-12-07}}",
        {"users": [*ADMINS, ANA]},
    ),
    "a collection that the files do not have": (
        "workspaces: {lab: {}}",
        {"users": ADMINS, "workspaces": [{"name": "lab"}]},
    ),
    "a waived key": (
        OLD_KEYS % ""
        + "waivers: [{policy: old, key: 'api_key:lab/etl', until: 2027-12-01, reason: r}]\nworkspaces: {lab: {}}",
        {"workspaces": [{"name": "lab"}], "api_keys": [KEY]},
    ),
    "an allowance without an end": ("guards: {allow: [{address: 'workspace:lab', reason: r}]}", {}),
    "an invite that nobody declared and nobody took": (
        f"members:\n{DECLARED}",
        {"users": ADMINS, "invites": [{**PENDING, "status": "expired"}]},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_counts(case: str) -> None:
    files, seed, expected, cause = CASES[case]
    report = drift(Org(files, **seed))
    assert told(report.entries) == expected
    assert {entry.cause for entry in report.entries} == {cause}
    assert all(entry.level is not Level.INFO for entry in report.entries)


@pytest.mark.parametrize("case", NOTHING)
def test_what_does_not_count(case: str) -> None:
    files, seed = NOTHING[case]
    assert drift(Org(files, **seed)).entries == ()


def test_only_what_counts_as_drift_is_reported() -> None:
    assert {code.partition(" ")[0] for *_rest, expected, _cause in CASES.values() for code in expected} <= set(
        DRIFT_CODES
    )


def test_days_and_lines_make_nothing_new() -> None:
    files = OLD_KEYS % ", then: deactivate" + "workspaces: {lab: {tags: {env: prod}}}\nconsole: {tax_id: DE1}"
    org = Org(files, workspaces=[{"name": "lab"}], api_keys=[KEY])
    first = drift(org)
    org.wait(timedelta(days=1))
    second = drift(org, f"# a line more\n\nversion: 1\norganization: {{name: Acme Robotics}}\n{files}", previous=first)
    assert len(second.entries) == 3
    assert second.new == second.gone == ()
    assert [one.message for one in first.entries] != [one.message for one in second.entries]  # the key grew older
    assert {one.since for one in second.entries} == {first.checked_at}


def test_another_value_is_another_difference() -> None:
    org = Org("workspaces: {lab: {tags: {env: prod}}}", workspaces=[{"name": "lab", "tags": {"env": "test"}}])
    first = drift(org)
    org.console("POST", f"workspaces/{org.workspace_id('lab')}", {"tags": {"env": "dev"}})
    second = drift(org, previous=first)
    assert (told(second.new), told(second.gone)) == (["differs workspace:lab"], ["differs workspace:lab"])


def test_two_policies_breached_by_one_key_are_two_entries() -> None:
    policies = "key_policies: {old: {max_age: 90d}, named: {name: '[0-9]+'}}\nworkspaces: {lab: {}}"
    entries = drift(Org(policies, workspaces=[{"name": "lab"}], api_keys=[KEY])).entries
    assert len({entry.id for entry in entries}) == len(entries) == 2


def test_a_refusal_is_told_beside_the_drift() -> None:
    files = "guards: {max_removals: {percent: 100}}\nworkspaces: {lab: {archived: true}, other: {}}"
    org = Org(files, workspaces=[{"name": "lab"}, {"name": "other"}])
    report = drift(org)
    assert told(report.entries) == ["differs workspace:lab"]
    assert [verdict.guard for verdict in report.refusals] == ["irreversible"]


def test_the_case_of_an_address_makes_nothing_new() -> None:
    org = Org(f"members:\n{DECLARED}  ana@acme.example: user", users=[*ADMINS, ANA])
    first = drift(org)
    second = drift(org, f"members:\n{DECLARED}  Ana@Acme.example: user", previous=first)
    assert (told(second.entries), second.new) == (["differs member:Ana@Acme.example"], ())


def test_no_two_entries_have_one_id() -> None:
    waiver = "{policy: old, key: 'api_key:lab/etl', until: 2026-12-01, reason: r}"
    files = OLD_KEYS % "" + f"waivers: [{waiver}, {waiver}]\nworkspaces: {{lab: {{}}}}"
    entries = drift(Org(files, workspaces=[{"name": "lab"}], api_keys=[KEY])).entries
    assert told(entries) == ["waiver_expires api_key:lab/etl"] * 2
    assert len({entry.id for entry in entries}) == 2


def test_what_is_undeclared_tells_what_it_can_do() -> None:
    files = "members: {ceo@acme.example: admin}\nworkspaces: {lab: {api_keys: {}}}"
    org = Org(files, users=[*ADMINS, ANA], workspaces=[{"name": "lab"}], api_keys=[KEY])
    said = {str(entry.address): entry.message for entry in drift(org).entries}
    assert said["member:ana@acme.example"].startswith("not declared, role developer; ")
    assert said["api_key:lab/etl"].startswith("not declared, status active; ")
    assert said["member:cto@acme.example"].startswith("not declared, role admin; ")


def test_an_entry_keeps_the_id_that_the_version_before_gave_it_and_each_person_has_an_own_one() -> None:
    """That version took more spellings for one; ids are no identity, and a report must not be new for it."""
    people = [{"email": "Stra\u00dfe@acme.example"}, {"email": "strasse@acme.example"}]
    both = drift(Org(f"members:\n{DECLARED}", users=[*ADMINS, *people])).entries
    one = drift(Org(f"members:\n{DECLARED}", users=[*ADMINS, people[1]])).entries
    other = drift(Org(f"members:\n{DECLARED}", users=[*ADMINS, people[0]])).entries
    assert len({entry.id for entry in both}) == 2
    assert one[0].id == other[0].id in {entry.id for entry in both}
