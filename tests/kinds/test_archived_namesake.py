"""A line that asked to archive something, once: what is made later under the same name is another thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from acme import ADMINS, ByToken, Org, actions, codes

from orgsync.core.model.change import Level
from orgsync.core.model.code_rows import DRIFT_CODES
from orgsync.kinds import KINDS

LONG_AGO = "2026-03-01T00:00:00Z"


@dataclass(frozen=True)
class Case:
    """How a thing named `old` is written in the files, and how rows of it are seeded: archived, and not."""

    kind: str
    address: str
    files: str
    rows: str
    ids: tuple[str, str]
    archived: dict[str, Any]
    row: dict[str, Any] = field(default_factory=dict)

    def org(self, line: str, *, gone: bool = True, name: str = "old", mode: str = "additive") -> Org:
        """An organization where `old` is archived (`gone`) and another `old` is not."""
        row = {**self.row, "name": "old"}
        rows = [{**row, "id": self.ids[0], **self.archived}] if gone else []
        seed: dict[str, Any] = {"users": ADMINS, "workspaces": [{"name": "lab"}]}
        seed[self.rows] = [*seed.get(self.rows, ()), *rows, {**row, "id": self.ids[1]}]
        head = f"guards: {{max_removals: {{percent: 100}}}}\nmanage: {{{self.kind}s: {mode}}}\n"
        files = head + self.files.format(f"{name}: {line}")
        return ByToken(files, **seed)


CASES = [
    Case(
        "workspace",
        "workspace:old",
        "workspaces: {{lab: {{}}, {}}}",
        "workspaces",
        ("wrkspc_01AAAAAAAAAAAAAAAAAAAAAA", "wrkspc_01BBBBBBBBBBBBBBBBBBBBBB"),
        {"archived_at": LONG_AGO},
    ),
    Case(
        "api_key",
        "api_key:lab/old",
        "workspaces: {{lab: {{api_keys: {{{}}}}}}}",
        "api_keys",
        ("apikey_01AAAAAAAAAAAAAAAAAAAAAA", "apikey_01BBBBBBBBBBBBBBBBBBBBBB"),
        {"status": "archived"},
        {"workspace": "lab", "status": "active"},
    ),
    Case(
        "service_account",
        "service_account:old",
        "service_accounts: {{{}}}",
        "service_accounts",
        ("svac_01AAAAAAAAAAAAAAAAAAAAAA", "svac_01BBBBBBBBBBBBBBBBBBBBBB"),
        {"archived_at": LONG_AGO},
    ),
]
of_each_kind = pytest.mark.parametrize("case", CASES, ids=[case.kind for case in CASES])


def test_every_kind_that_archives_has_a_case() -> None:
    assert {case.kind for case in CASES} == {kind.name for kind in KINDS if "archived" in kind.spec.model_fields}


@of_each_kind
@pytest.mark.parametrize("mode", ["additive", "authoritative", "observe"])
def test_what_is_made_later_is_never_archived(case: Case, mode: str) -> None:
    org = case.org("{archived: true}", mode=mode)
    plan = org.plan(allow=(case.address,))
    assert actions(plan) == []
    (note,) = plan.findings
    assert (note.address, note.code, note.level) == (case.address, "archived_namesake", Level.ERROR)
    assert note.source is not None
    for identity in case.ids:
        assert identity in note.message


def test_it_is_drift() -> None:
    assert "archived_namesake" in DRIFT_CODES


@of_each_kind
def test_the_line_archives_what_it_means_once(case: Case) -> None:
    org = case.org("{archived: true}", gone=False)
    assert actions(org.plan()) == [f"archive {case.address}"]
    assert org.apply(allow=(case.address,)).complete
    assert (actions(org.plan()), org.plan().findings) == ([], ())


@of_each_kind
def test_an_id_archives_the_other_one_as_well(case: Case) -> None:
    org = case.org(f"{{id: {case.ids[1]}, archived: true}}")
    plan = org.plan(allow=(case.address,))
    assert (actions(plan), codes(plan.findings)) == ([f"archive {case.address}"], [])
    assert plan.changes[0].id == case.ids[1]
    assert [verdict.guard for verdict in plan.refusals] == ["irreversible"], "which of the two is meant, has to be said"
    assert org.apply(allow=(f"{case.address}={case.ids[1]}",)).complete
    assert (actions(org.plan()), org.plan().findings) == ([], ())


@of_each_kind
@pytest.mark.parametrize("name", ["old", "older"])
def test_an_id_keeps_the_other_one(case: Case, name: str) -> None:
    """With another name for the line, the name is free for the one that is kept."""
    plan = case.org(f"{{id: {case.ids[0]}, archived: true}}", name=name).plan()
    assert "archived_namesake" not in {note.code for note in plan.findings}
    assert [change for change in plan.changes if change.action == "archive"] == []


@of_each_kind
def test_both_are_among_what_was_seen(case: Case) -> None:
    """So that guards can tell whether an address ever had more than one meaning."""
    seen = case.org("{archived: true}").seen()
    assert {one.id for one in seen.live[case.kind] if one.attributes["name"] == "old"} == set(case.ids)


@of_each_kind
def test_an_undeclared_one_of_two_is_not_confused_with_the_archived_one(case: Case) -> None:
    plan = case.org("{}").plan()
    assert (actions(plan), plan.findings, plan.manual) == ([], (), ())


@pytest.mark.parametrize("case", CASES[:2], ids=["workspace", "api_key"])
def test_a_former_name_means_nothing_once_the_line_is_fulfilled(case: Case) -> None:
    org = case.org("{renamed_from: old, archived: true}", name="new")
    plan = org.plan(allow=(case.address,))
    assert (actions(plan), codes(plan.findings)) == ([], [f"archived_namesake {case.address}"])
    org = case.org("{renamed_from: old, archived: true}", name="new", gone=False)
    assert [change.action for change in org.plan().changes] == ["archive"]


INSIDE = """
manage: {workspace_members: authoritative, api_keys: authoritative}
members: {ana@acme.example: developer, bob@acme.example: developer}
workspaces:
  old:
    archived: true
    members: {ana@acme.example: admin}
    api_keys: {ci: active}
    spend_limit: 5
    rate_limits: {}
"""


def test_nothing_inside_a_namesake_is_touched() -> None:
    gone, new = CASES[0].ids
    people = [{"email": f"{name}@acme.example", "role": "developer"} for name in ("ana", "bob")]
    org = Org(
        INSIDE,
        users=[*ADMINS, *people],
        workspaces=[{"name": "old", "id": gone, "archived_at": LONG_AGO}, {"name": "old", "id": new}],
        workspace_members=[{"workspace_id": new, "email": "bob@acme.example", "workspace_role": "workspace_user"}],
        api_keys=[{"name": "ci", "workspace_id": new, "status": "inactive"}],
    )
    plan = org.plan()
    assert actions(plan) == []
    assert codes([note for note in plan.findings if note.level is Level.ERROR]) == ["archived_namesake workspace:old"]
