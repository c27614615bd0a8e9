"""API keys: what the file says of them, what policies say, and what becomes of a leaver's keys."""

from __future__ import annotations

from typing import Any

import pytest
from acme import ADMINS, Org, actions, codes, held
from hypothesis import given
from hypothesis import strategies as st

from orgsync.core.model.change import Cause, Risk

FIRST, SECOND = "apikey_01AAAAAAAAAAAAAAAAAAAAAA", "apikey_01BBBBBBBBBBBBBBBBBBBBBB"
ANA = {"email": "ana@acme.example", "role": "developer"}
NEW, OLD = "2026-11-01T00:00:00Z", "2026-01-01T00:00:00Z"


def key(name: str, **facts: Any) -> dict[str, Any]:
    return {"name": name, "workspace": "lab", "status": "active", "created_at": NEW, **facts}


def lab(keys: str, *live: dict[str, Any], head: str = "", **seed: Any) -> Org:
    files = f"{head}\nworkspaces: {{lab: {{api_keys: {keys}}}}}"
    return Org(files, **{"users": [*ADMINS, ANA], "workspaces": [{"name": "lab"}], "api_keys": list(live), **seed})


def statuses(org: Org) -> dict[str, str]:
    return {row["name"]: row["status"] for row in org.rows("api_keys")}


def test_status_goes_both_ways() -> None:
    org = lab("{a: inactive, b: active}", key("a"), key("b", status="inactive"))
    plan = org.plan()
    assert [(change.address, change.risk) for change in plan.changes] == [
        ("api_key:lab/a", Risk.R1),
        ("api_key:lab/b", Risk.R1),
    ]
    assert org.apply().complete
    assert statuses(org) == {"a": "inactive", "b": "active"}
    assert actions(org.plan()) == []


def test_a_key_is_renamed() -> None:
    org = lab("{new: {renamed_from: old}}", key("old"))
    assert org.apply().complete
    assert statuses(org) == {"new": "active"}
    assert actions(org.plan()) == []


def test_a_key_is_archived_only_if_the_file_says_so_and_a_person_names_it() -> None:
    org = lab("{a: {archived: true}}", key("a"), key("b"))
    assert next(verdict.guard for verdict in org.plan().refusals if not verdict.passed) == "irreversible"
    assert org.apply(allow=("api_key:lab/a",)).complete
    assert statuses(org) == {"a": "archived", "b": "active"}
    assert actions(org.plan()) == []


def test_a_missing_key_is_a_manual_step_with_the_place_and_the_fields() -> None:
    step = lab("{chatbot: {}}").plan().manual[0]
    assert (step.code, step.where) == ("key_missing", "Console > API keys > Create key")
    assert step.expected == 'name "chatbot", workspace "lab"'


def test_an_archived_key_of_the_name_is_a_missing_key() -> None:
    assert codes(lab("{a: active}", key("a", status="archived")).plan().manual) == ["key_missing api_key:lab/a"]


def test_an_expired_key_has_to_be_made_again_and_can_be_archived() -> None:
    expired = key("a", created_at=OLD, expires_at="2026-02-01T00:00:00Z")
    assert codes(lab("{a: active}", expired).plan().manual) == ["key_missing api_key:lab/a"]
    org = lab("{a: {archived: true}}", expired)
    assert org.apply(allow=("api_key:lab/a",)).complete
    assert statuses(org) == {"a": "archived"}


def test_two_keys_of_one_name_are_an_error_that_an_id_settles() -> None:
    twins = key("a", id=FIRST), key("a", id=SECOND)
    plan = lab("{a: inactive}", *twins).plan()
    assert codes(plan.blocked) == ["undecided api_key:lab/a"]
    assert "2 keys have this name" in held(plan)
    org = lab(f"{{a: {{id: {SECOND}, status: inactive}}}}", *twins)
    assert org.apply().complete
    assert org.writes() == [("POST", f"/v1/organizations/api_keys/{SECOND}")]
    assert actions(org.plan()) == []


@pytest.mark.parametrize("line", ["status: inactive", "archived: true"])
@pytest.mark.parametrize("others", [[], [key("a", id=SECOND)]])
def test_an_unknown_id_is_an_error_whatever_has_the_name(line: str, others: list[dict[str, Any]]) -> None:
    plan = lab(f"{{a: {{id: {FIRST}, {line}}}}}", *others).plan()
    assert "no API key of this organization has the id" in held(plan)
    assert (plan.changes, plan.findings) == ((), ())


AUTHORITATIVE = "manage: {api_keys: authoritative}\nguards: {max_removals: {percent: 100}}"


def test_undeclared_keys_are_switched_off_where_the_file_is_authoritative_and_never_archived() -> None:
    org = lab("{a: active}", key("a"), key("b"), key("c", status="inactive"), head=AUTHORITATIVE)
    assert actions(org.plan()) == ["update api_key:lab/b"]
    assert org.apply().complete
    assert statuses(org) == {"a": "active", "b": "inactive", "c": "inactive"}


def test_undeclared_keys_are_reported_where_the_file_is_additive() -> None:
    plan = lab("{a: active}", key("a"), key("b")).plan()
    assert (plan.changes, codes(plan.findings)) == ((), ["undeclared api_key:lab/b"])


def test_the_default_workspace_can_have_keys_declared() -> None:
    org = Org(
        "workspaces: {Default: {api_keys: {a: inactive}}}",
        users=ADMINS,
        api_keys=[{**key("a"), "workspace": "Default"}],
    )
    assert org.apply().complete
    assert statuses(org) == {"a": "inactive"}


POLICY = "key_policies: {rotate: {max_age: 90d, then: deactivate}}"


def test_a_policy_acts_on_keys_that_no_file_declares_and_says_which_line_asks() -> None:
    org = Org(
        f"{POLICY}\nworkspaces: {{}}", users=ADMINS, workspaces=[{"name": "lab"}], api_keys=[key("a", created_at=OLD)]
    )
    change = org.plan().changes[0]
    assert (change.cause, change.source and change.source.line) == (Cause.POLICY, 3)
    assert change.reason == "policy rotate: is 325 days old, at most 90 allowed"
    assert org.apply().complete
    assert statuses(org) == {"a": "inactive"}
    assert actions(org.plan()) == []


def test_a_policy_outweighs_a_line_that_says_active() -> None:
    org = lab("{a: active}", key("a", created_at=OLD), head=POLICY)
    assert org.apply().complete
    assert statuses(org) == {"a": "inactive"}
    plan = org.plan()
    assert actions(plan) == []
    assert plan.findings[0].message.startswith("stays inactive, whatever its line declares: policy rotate")


def test_a_policy_changes_nothing_where_keys_are_observed() -> None:
    org = lab("{}", key("a", created_at=OLD), head=f"manage: {{api_keys: observe}}\n{POLICY}")
    plan = org.plan()
    assert (plan.changes, codes(plan.findings)) == ((), ["observed api_key:lab/a"])


def test_a_waived_key_is_left_alone_and_an_ended_waiver_is_pointed_out() -> None:
    waiver = 'waivers: [{policy: rotate, key: "api_key:lab/a", until: %s, reason: migration}]'
    waived = lab("{a: active}", key("a", created_at=OLD), head=f"{POLICY}\n{waiver % '2026-11-22'}").plan()
    assert (waived.changes, codes(waived.findings)) == ((), ["waived api_key:lab/a"])
    ended = lab("{a: active}", key("a", created_at=OLD), head=f"{POLICY}\n{waiver % '2026-11-21'}").plan()
    assert actions(ended) == ["update api_key:lab/a"]
    assert codes(ended.findings) == ["waiver_expired api_key:lab/a"]


def test_a_policy_archives_only_what_a_person_names() -> None:
    org = lab("{}", key("a", created_at=OLD), head="key_policies: {rotate: {max_age: 90d, then: archive}}")
    assert next(verdict.guard for verdict in org.plan().refusals) == "irreversible"
    assert org.apply(allow=("api_key:lab/a",)).complete
    assert statuses(org) == {"a": "archived"}


def test_usage_is_read_only_if_a_policy_needs_it_and_its_impact_is_said() -> None:
    usage = [
        {"at": "2026-11-22T08:00:00Z", "api_key": "a", "workspace": "lab", "model": "m", "input_tokens": 4_100_000}
    ]
    org = lab("{}", key("a", created_at=OLD), head=POLICY, usage=usage)
    assert org.plan().changes[0].effects[1] == "its usage is unknown"
    assert [path for path in org.reads() if "usage" in path] == []
    org.files = org.files.replace("max_age: 90d", "max_age: 90d, unused_for: 30d")
    assert org.plan().changes[0].effects[1] == "4.1M tokens on the last day, last used on 2026-11-22"
    assert [path for path in org.reads() if "usage" in path] == ["/v1/organizations/usage_report/messages"]


def test_the_keys_of_a_leaver_are_in_the_plan() -> None:
    head = (
        "manage: {members: authoritative}\nguards: {max_removals: {percent: 100}}\n"
        "members: {ceo@acme.example: admin, cto@acme.example: admin}"
    )
    personal = key("mine", principal_email="ana@acme.example", created_by_email="ana@acme.example")
    made = key("etl", created_by_email="ana@acme.example")
    org = lab("{mine: active, etl: active}", personal, made, head=head)
    change = org.plan().changes[0]
    assert (change.address, change.risk) == ("member:ana@acme.example", Risk.R2)
    assert change.effects == (
        "access ends immediately",
        "1 API key is archived permanently with the person: api_key:lab/mine",
        "1 API key that this person created keeps working: api_key:lab/etl",
    )


def test_the_owner_of_a_key_has_to_be_declared() -> None:
    head = (
        "manage: {members: authoritative}\nguards: {max_removals: {percent: 100}}\n"
        "members: {ceo@acme.example: admin, cto@acme.example: admin}\n"
        "key_policies: {owned: {owner: declared, then: deactivate}}"
    )
    org = lab("{etl: active}", key("etl", created_by_email="ana@acme.example"), head=head)
    assert actions(org.plan()) == ["remove member:ana@acme.example", "update api_key:lab/etl"]
    assert org.apply().complete
    assert statuses(org) == {"etl": "inactive"}


@given(then=st.sampled_from(["report", "deactivate", "archive"]), protected=st.booleans(), waived=st.booleans())
def test_no_policy_touches_a_waived_or_protected_key_nor_archives_unasked(
    then: str, *, protected: bool, waived: bool
) -> None:
    head = f"key_policies: {{rotate: {{max_age: 90d, then: {then}}}}}\n"
    if protected:
        head += 'guards: {protect: ["api_key:lab/*"]}\n'
    if waived:
        head += 'waivers: [{policy: rotate, key: "api_key:lab/a", until: 2026-12-31, reason: migration}]\n'
    plan = lab("{a: active}", key("a", created_at=OLD), head=head).plan()
    touched = not (protected or waived or then == "report")
    assert [change.cause for change in plan.changes] == [Cause.POLICY] * touched
    assert any(change.action == "archive" for change in plan.changes) is (touched and then == "archive")
    assert bool(plan.findings) is not touched


def test_too_many_active_keys_are_reported_with_the_code_of_the_api() -> None:
    org = lab("{a: active}", key("a", status="inactive"), settings={"workspace_api_key_limit": 0})
    outcome = org.apply().outcomes[0]
    assert outcome.status == "failed"
    assert "workspace_api_key_limit_exceeded" in outcome.message


@pytest.mark.parametrize(
    ("workspace", "key"),
    [
        ("lab", "ci: {archived: true}"),
        ("lab", "deploy: {renamed_from: ci, archived: true}"),
        ("office: {renamed_from: lab", "ci: {archived: true}"),
        ("office: {renamed_from: lab", "deploy: {renamed_from: ci, archived: true}"),
    ],
)
@pytest.mark.parametrize("protected", ["api_key:lab/ci", "api_key:lab/c*"])
def test_a_protected_key_stays_so_whatever_the_file_calls_it(protected: str, workspace: str, key: str) -> None:
    place = f"{workspace}, " if ":" in workspace else f"{workspace}: {{"
    org = Org(
        f'guards: {{protect: ["{protected}"], max_removals: {{percent: 100}}}}\n'
        f"workspaces: {{{place}api_keys: {{{key}}}}}}}",
        workspaces=[{"name": "lab"}],
        api_keys=[{"name": "ci", "workspace": "lab"}, {"name": "other", "workspace": "lab"}],
    )
    archived = [change.address for change in org.plan().changes if change.action == "archive"]
    plan = org.plan(allow=archived)
    renamed = ["workspace:office"] if "renamed_from" in workspace else []  # out of what the globs cover
    assert [(verdict.guard, list(verdict.addresses)) for verdict in plan.refusals] == [
        ("protect", [*archived, *renamed])
    ]
    assert archived
