"""Changes of the settings that decide what orgsync may do, and guards that are weakened and used in one go."""

from __future__ import annotations

from typing import Any

import pytest
from acme import ADMINS, Org, desired_from, document_from
from hypothesis import given
from properties.organizations import Organization, examples, organizations

from core.review.support import compare
from orgsync.core.document.settings import settings_model
from orgsync.core.model.change import Cause, Level, Place
from orgsync.core.plan.selection import without
from orgsync.core.review.privileged import privileged_changes
from orgsync.errors import InputError, Refused
from orgsync.kinds import KINDS

LESS, MORE, OPEN = "protects less than before", "protects more than before", "decides what orgsync does"
GONE = "no longer in the files: its resources are not managed, and differences are not reported"
POLICY = "key_policies: {naming: {name: '^a$', then: report}}\n"
WAIVER = "waivers: [{policy: naming, key: 'api_key:a/b', until: 2027-01-31, reason: CH-1}]\n"
ALLOW = "guards: {allow: [{address: 'workspace:a', reason: CH-1, until: 2027-01-31}]}\n"

CASES = [
    ("", "guards: {min_admins: 2}\n", "guards/min_admins", f"1 -> 2: {MORE}"),
    ("guards: {min_admins: 2}\n", "", "guards/min_admins", f"2 -> 1: {LESS}"),
    ("guards: {max_removals: {percent: 20}}\n", "guards: {max_removals: {percent: 100}}\n",
     "guards/max_removals/percent", f"20 -> 100: {LESS}"),
    ("", "guards: {max_removals: {count: 3}}\n", "guards/max_removals/count", f"10 -> 3: {MORE}"),
    ("guards: {protect: ['member:*']}\n", "guards: {protect: []}\n", "guards/protect/member:*",
     f"listed -> (none): {LESS}"),
    ("", "guards: {protect: ['workspace:a']}\n", "guards/protect/workspace:a", f"(none) -> listed: {MORE}"),
    ("", ALLOW, "guards/allow/workspace:a",
     f'(none) -> {{"address": "workspace:a", "reason": "CH-1", "until": "2027-01-31"}}: {LESS}'),
    (ALLOW, "", "guards/allow/workspace:a",
     f'{{"address": "workspace:a", "reason": "CH-1", "until": "2027-01-31"}} -> (none): {MORE}'),
    (ALLOW, ALLOW.replace("01-31", "06-30"), "guards/allow/workspace:a/until", f"2027-01-31 -> 2027-06-30: {LESS}"),
    (ALLOW, ALLOW.replace("01-31", "01-01"), "guards/allow/workspace:a/until", f"2027-01-31 -> 2027-01-01: {MORE}"),
    (ALLOW, ALLOW.replace(", until: 2027-01-31", ""), "guards/allow/workspace:a/until",
     f"2027-01-31 -> (none): {LESS}"),
    (ALLOW, ALLOW.replace("CH-1", "CH-2"), "guards/allow/workspace:a/reason", f"CH-1 -> CH-2: {OPEN}"),
    ("", "manage: {members: authoritative}\n", "manage/members",
     "additive -> authoritative: authority reaches further than before"),
    ("manage: {members: additive}\n", "manage: {members: observe}\n", "manage/members",
     "additive -> observe: authority reaches less far than before"),
    (POLICY, POLICY + WAIVER, r"waivers/naming/api_key:a%2Fb",
     f'(none) -> {{"key": "api_key:a/b", "policy": "naming", "reason": "CH-1", "until": "2027-01-31"}}: {LESS}'),
    (POLICY, "", "key_policies/naming", f'{{"name": "^a$", "then": "report"}} -> (none): {LESS}'),
    ("", POLICY, "key_policies/naming", f'(none) -> {{"name": "^a$", "then": "report"}}: {OPEN}'),
    (POLICY, POLICY.replace("report", "archive"), "key_policies/naming/then", f"report -> archive: {OPEN}"),
    ("console: {auto_reload: {expect: 'off'}}\n", "console: {auto_reload: {expect: 'on'}}\n",
     "console/auto_reload/expect", f"off -> on: {OPEN}"),
    ("console: {auto_reload: {expect: 'off'}}\n", "", "console/auto_reload",
     f'{{"expect": "off"}} -> (none): {LESS}'),
    ("", "accept: [{address: '*', reason: CH-1, until: 2099-12-31}]\n", "accept/*",
     f'(none) -> {{"address": "*", "reason": "CH-1", "until": "2099-12-31"}}: {LESS}'),
    ("members: {a@x.example: user}\n", "", "manage/members", GONE),
    ("spend_limit: 5\n", "", "manage/spend_limits", GONE),
    ("workspaces: {a: {members: {}}}\n", "workspaces: {a: {}}\n", "manage/workspace_members/a", GONE),
    ("workspaces: {a: {spend_limit: 5}}\n", "workspaces: {a: {}}\n", "manage/spend_limits/a", GONE),
]  # fmt: skip


def told(before: str | None, after: str) -> dict[str, str]:
    """What a change of the files tells, by address."""
    base = None if before is None else document_from(before)
    return {note.address: note.message for note in privileged_changes(base, desired_from(after), KINDS)}


@pytest.mark.parametrize(("before", "after", "address", "message"), CASES, ids=[case[2] for case in CASES])
def test_each_privileged_setting_is_told(before: str, after: str, address: str, message: str) -> None:
    assert told(before, after) == {f"setting:{address}": message}


@pytest.mark.parametrize("after", ["{}", "{b: {renamed_from: a, members: {}}}", "{a: {archived: true}}"])
def test_what_goes_with_its_workspace_is_told_of_the_workspace(after: str) -> None:
    assert told("workspaces: {a: {members: {}}}\n", f"workspaces: {after}\n") == {}


def test_another_organization_is_privileged() -> None:
    other = 'version: 1\norganization: {name: "Other"}\n'
    assert told("", other) == {"setting:organization/name": f"Acme Robotics -> Other: {OPEN}"}


def test_every_setting_but_teams_is_privileged() -> None:
    """A setting that comes later is told of until somebody decides that it need not be."""
    sections = {case[2].split("/")[0] for case in CASES} | {"organization"}
    assert set(settings_model(KINDS).model_fields) >= sections | {"teams", "version"}
    assert told("teams: {a: [x@acme.example]}\n", "teams: {a: [y@acme.example]}\n") == {}


def test_the_same_settings_in_another_order_are_no_change() -> None:
    one = "guards: {min_admins: 2, protect: ['member:a@x.example', 'workspace:b']}\n"
    other = "guards: {protect: ['workspace:b', 'member:a@x.example'], min_admins: 2}\n"
    assert told(one, other) == {}
    assert told("", "guards: {min_admins: 1}\nmanage: {members: additive}\n") == {}


def test_the_line_that_says_it_is_named() -> None:
    after = desired_from("guards:\n  protect:\n    - 'workspace:a'\n    - 'workspace:b'\n")
    notes = list(privileged_changes(document_from("guards: {protect: ['workspace:a']}\n"), after, KINDS))
    assert [(note.source.line, note.level) for note in notes if note.source] == [(6, Level.WARNING)]
    gone = list(privileged_changes(after.document, desired_from("guards:\n  min_admins: 1\n"), KINDS))
    assert {note.source for note in gone} == {Place(gone[0].source.file, 3, 1)} if gone[0].source else False


ADMINS_LISTED = "  ceo@acme.example: admin\n  cto@acme.example: admin\n"


def team(*people: str, guards: str = "") -> str:
    listed = "".join(f"  {one}@acme.example: user\n" for one in people)
    return f"manage: {{members: authoritative}}\n{guards}members:\n{ADMINS_LISTED}{listed}"


def acme() -> Org:
    return Org(users=[*ADMINS, *({"email": f"{one}@acme.example", "role": "user"} for one in "abcdef")])


@pytest.mark.parametrize(
    ("strict", "lax", "guard"),
    [
        ("max_removals: {percent: 100, count: 1}", "max_removals: {percent: 100, count: 9}", "max_removals"),
        ("max_removals: {percent: 20}", "max_removals: {percent: 100}", "max_removals"),
        ("max_removals: {percent: 100}, protect: ['member:a@*']", "max_removals: {percent: 100}", "protect"),
    ],
)
def test_a_change_cannot_weaken_a_guard_and_use_that_in_one_go(strict: str, lax: str, guard: str) -> None:
    org = acme()
    before, after = team(*"abcdef", guards=f"guards: {{{strict}}}\n"), team(*"cdef", guards=f"guards: {{{lax}}}\n")
    plan = compare(org, before, after)
    assert [verdict.guard for verdict in plan.refusals] == ["base_guards"]
    assert f"refused by the guards of the base: {guard}: " in plan.refusals[0].message
    with pytest.raises(Refused, match="base_guards"):
        org.apply(plan=plan)
    assert org.writes() == []
    assert not org.plan(after).refusals  # in a second step, the weaker guards are the base's


def test_guards_of_the_base_pass_again_without_what_they_refuse() -> None:
    org = acme()
    guard = "guards: {max_removals: {percent: 100}, protect: ['member:a@*']}\n"
    plan = compare(org, team(*"abcdef", guards=guard), team(*"cdef", guards=guard.split(", protect")[0] + "}\n"))
    smaller, _left = without(plan, ["member:a@acme.example"])
    assert not smaller.refusals
    assert org.apply(plan=smaller).done == 1


def test_a_guard_that_refuses_anyway_is_told_once() -> None:
    guard = "guards: {max_removals: {percent: 100}, protect: ['member:a@*']}\n"
    plan = compare(acme(), team(*"abcdef", guards=guard), team(*"bcdef", guards=guard))
    assert [verdict.guard for verdict in plan.refusals] == ["protect"]


def held(org: Org, before: str, after: str) -> Any:
    """The comparison, or nothing where no plan is possible."""
    try:
        return compare(org, before, after)
    except InputError:
        return None


@examples(2)
@given(organizations())
def test_files_that_did_not_change_cause_nothing(organization: Organization) -> None:
    plan = held(organization.org(), organization.text, organization.text)
    if plan is not None:
        assert Cause.CONFIG not in {change.cause for change in plan.changes}
        assert Cause.UNKNOWN not in {change.cause for change in plan.changes}
        assert not [note for note in plan.findings if note.code.startswith(("privileged", "base_"))]
        assert [one.passed for one in plan.guards if one.guard == "base_guards"] == [True]


@examples(2)
@given(organizations())
def test_nothing_drifted_where_live_is_what_the_base_says(organization: Organization) -> None:
    org = organization.org()
    plan = held(org, org.export(), organization.text)
    if plan is not None:
        assert Cause.DRIFT not in {change.cause for change in plan.changes}
        assert Cause.UNKNOWN not in {change.cause for change in plan.changes}
