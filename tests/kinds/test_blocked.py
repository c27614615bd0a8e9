"""A line about which only a person can decide takes nothing, gives nothing away, and acts on nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, Org, actions, codes
from core.apply.journal.support import sent

from orgsync.core.model.change import Selection
from orgsync.core.model.request import Request
from orgsync.files.state.journal import FileJournal
from orgsync.flows.apply import conclude_what_was_open

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = "wrkspc_0a", "wrkspc_0b", "wrkspc_0c"
ANA = {"email": "ana@acme.example", "role": "developer"}
GONE = "2026-10-01T08:00:00Z"


def spaces(files: str, *workspaces: dict[str, Any], **seed: Any) -> Org:
    return Org(files, users=[*ADMINS, ANA], workspaces=list(workspaces), **seed)


def test_what_a_blocked_line_would_rename_keeps_its_name() -> None:
    """Both lines would rename it; whoever wants its name would get a twin of it."""
    files = f"workspaces: {{x: {{id: {A}}}, y: {{id: {A}}}, a: {{}}, c: {{}}}}"
    plan = spaces(files, {"id": A, "name": "a"}).plan()
    assert codes(plan.blocked) == ["undecided workspace:a", "undecided workspace:x", "undecided workspace:y"]
    assert actions(plan) == ["create workspace:c"]
    assert codes(plan.findings) == []


def test_nothing_is_renamed_to_what_a_blocked_line_may_mean() -> None:
    files = f"workspaces: {{x: {{id: {A}}}, y: {{id: {A}}}, a: {{id: {B}}}}}"
    plan = spaces(files, {"id": A, "name": "a"}, {"id": B, "name": "b"}).plan()
    assert codes(plan.blocked) == ["undecided workspace:a", "undecided workspace:x", "undecided workspace:y"]
    assert plan.blocked[0].hint == "decide about workspace:x first"
    assert actions(plan) == []


def test_what_a_former_name_may_mean_is_not_called_undeclared() -> None:
    files = "manage: {workspaces: authoritative}\nworkspaces: {new: {renamed_from: old}}"
    plan = spaces(files, {"id": A, "name": "old"}, {"id": B, "name": "old"}, {"id": C, "name": "rogue"}).plan()
    assert codes(plan.blocked) == ["undecided workspace:new"]
    assert plan.blocked[0].ids == (A, B)
    assert codes(plan.findings) == ["undeclared workspace:rogue"]


def test_the_archived_twin_of_a_line_with_an_id_is_no_matter() -> None:
    plan = spaces(
        f"workspaces: {{a: {{id: {A}}}}}", {"id": A, "name": "a"}, {"id": B, "name": "a", "archived_at": GONE}
    )
    assert (plan.plan().blocked, actions(plan.plan())) == ((), [])


def test_a_person_whose_line_is_blocked_is_given_nothing() -> None:
    files = (
        "members: {mailto:x@acme.example: user}\n"
        "workspaces: {a: {members: {mailto:x@acme.example: developer, ana@acme.example: user}}}"
    )
    plan = spaces(files, {"name": "a"}).plan()
    assert codes(plan.blocked) == ["doubtful_email member:mailto:x@acme.example"]
    assert plan.blocked[0].dependents == ("workspace_member:a/mailto:x@acme.example",)
    assert actions(plan) == ["create workspace_member:a/ana@acme.example"]
    assert plan.waiting == ()


POLICY = """
manage: {api_keys: authoritative}
guards: {max_removals: {percent: 100}}
key_policies: {old: {match: {workspaces: ["*"]}, max_age: 1d, then: deactivate}}
"""


@pytest.mark.parametrize("line", ["a: {}", "a: {api_keys: {}}"])
def test_no_policy_and_no_absence_acts_on_keys_of_what_is_blocked(line: str) -> None:
    keys = [
        {"name": "in", "workspace": "b", "created_at": "2026-01-01T00:00:00Z"},
        {"name": "k", "scope": {"type": "workspace", "workspace_id": A}, "created_at": "2026-01-01T00:00:00Z"},
    ]
    twins = {"id": A, "name": "a"}, {"id": B, "name": "a"}
    org = spaces(f"{POLICY}workspaces: {{b: {{}}, {line}}}", *twins, {"name": "b"}, api_keys=keys)
    plan = org.plan()
    assert codes(plan.blocked) == ["undecided workspace:a"]
    assert plan.blocked[0].dependents == ("api_key:a/k",)
    assert actions(plan) == ["update api_key:b/in"]
    assert {note.code for note in plan.findings} <= {"not_managed"}


def test_a_limit_is_held_against_what_the_organization_has_while_its_own_line_is_blocked() -> None:
    files = "spend_limit: {monthly: 5, currency: EUR}\nworkspaces: {a: {spend_limit: 900}}"
    limits = [{"scope": {"type": "organization"}, "amount": "100000"}]
    plan = spaces(files, {"name": "a"}, spend_limits=limits).plan()
    assert codes(plan.blocked) == ["currency_conflict spend_limit:organization"]
    assert actions(plan) == ["create spend_limit:workspace/a"]


def test_only_finds_what_is_blocked_by_what_it_holds_up() -> None:
    files = "workspaces: {a: {members: {ana@acme.example: user}}, b: {}}"
    org = spaces(files, {"id": A, "name": "a", "archived_at": GONE})
    plan = org.plan(selection=Selection(("workspace_member:*",)))
    assert codes(plan.blocked) == ["archived_in_console workspace:a"]
    assert org.plan(selection=Selection(("workspace:b",))).blocked == ()


@pytest.mark.parametrize("twins", [False, True])
def test_what_an_earlier_run_left_open_stays_open_while_something_is_blocked(tmp_path: Path, *, twins: bool) -> None:
    """Nothing to do does not mean then that what was begun has come about."""
    org = spaces('workspaces: {a: {color: "#ABCDEF"}}', {"id": A, "name": "a"})
    plan = org.plan()
    journal = tmp_path / "org.journal.jsonl"
    with FileJournal(journal, plan) as record:
        record.intend(sent(plan.changes[0], Request("POST", f"/v1/organizations/workspaces/{A}")))
    org.console("POST", f"workspaces/{A}", {"display_color": "#ABCDEF"})
    if twins:
        org.console("POST", "workspaces", {"name": "a"})
    conclude_what_was_open(journal, org.plan(), org.seen(), actor="ana")
    with FileJournal(journal, plan) as record:
        assert len(record.unfinished) == int(twins)
