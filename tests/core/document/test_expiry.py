"""What ends on a day, and that no day makes a valid file invalid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from acme import ADMINS, NOW, Org, actions, codes, desired_from, document_from

from orgsync.core.document.validated import valid_files
from orgsync.core.review.base import Base, with_files
from orgsync.files.yaml.load import load
from orgsync.flows.files import desired_at
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from orgsync.core.model.change import Plan

ROOT = Path(__file__).parents[3]
ANA = {"email": "ana@acme.example", "role": "user"}
BOB = {"email": "bob@acme.example", "role": "user"}
ROLES = [
    {"workspace": "lab", "email": "ana@acme.example", "workspace_role": "workspace_user"},
    {"workspace": "lab", "email": "bob@acme.example", "workspace_role": "workspace_user"},
]
BOTH = "manage: {members: authoritative, workspace_members: authoritative}\n"
FILES = BOTH + (
    "guards: {max_removals: {percent: 100}}\n"
    "teams: {core: [bob@acme.example, ana@acme.example]}\n"
    "members:\n"
    "  ceo@acme.example: admin\n"
    "  bob@acme.example: user\n"
    "  ana@acme.example: {role: user, until: 2026-11-21}\n"
    "workspaces: {lab: {members: {team:core: user, ana@acme.example: user}}}\n"
)


def planned(files: str) -> Plan:
    return Org(files, users=[*ADMINS[:1], ANA, BOB], workspaces=[{"name": "lab"}], workspace_members=ROLES).plan()


def lines_of(plan: Plan) -> list[str]:
    """The lines that the one note says to delete."""
    (note,) = plan.findings
    return [place.rpartition(":")[2] for place in note.message.rpartition("from ")[2].split(", ")]


def test_the_end_of_a_person_ends_the_roles_and_says_which_lines_to_delete() -> None:
    plan = planned(FILES)
    assert actions(plan) == ["remove member:ana@acme.example"]
    (change,) = plan.changes
    assert (change.cause, change.reason) == ("expiry", "declared until 2026-11-21")
    assert "ends 1 workspace role" in change.effects
    assert codes(plan.findings) == ["lines_expired member:ana@acme.example"]
    assert plan.findings[0].message.startswith("expired on 2026-11-21, and so did what needs it; delete it from ")
    assert lines_of(plan) == ["9", "10"]


def test_a_role_that_a_team_gives_ends_with_the_person_as_well() -> None:
    plan = planned(FILES.replace(", ana@acme.example: user", ""))
    assert actions(plan) == ["remove member:ana@acme.example"]
    assert lines_of(plan) == ["9", "5"]


def test_the_end_of_a_team_is_one_note() -> None:
    files = FILES.replace("  bob@acme.example: user\n", "").replace(
        "  ana@acme.example: {role: user, until: 2026-11-21}\n", "  team:core: {role: user, until: 2026-11-21}\n"
    )
    plan = planned(files)
    assert actions(plan) == ["remove member:ana@acme.example", "remove member:bob@acme.example"]
    assert codes(plan.findings) == ["lines_expired member:ana@acme.example"]
    assert lines_of(plan) == ["8", "9"]


@pytest.mark.parametrize("mode", ["additive", "observe"])
def test_where_the_person_is_left_the_roles_end_all_the_same(mode: str) -> None:
    """Whoever wrote a last day meant all of the access, and a role can be given again."""
    plan = planned(FILES.replace("members: authoritative", f"members: {mode}", 1))
    assert actions(plan) == ["remove workspace_member:lab/ana@acme.example"]
    (change,) = plan.changes
    assert change.cause == "expiry"
    assert change.reason == "declared until 2026-11-21, with member:ana@acme.example"
    assert change.source is not None
    assert change.source.line == 10


def test_a_role_that_ends_before_its_person_ends_by_itself() -> None:
    files = FILES.replace("until: 2026-11-21", "until: 2026-12-31").replace(
        "ana@acme.example: user", "ana@acme.example: {role: user, until: 2026-11-20}"
    )
    plan = planned(files)
    assert actions(plan) == ["remove workspace_member:lab/ana@acme.example"]
    assert plan.changes[0].reason == "declared until 2026-11-20"
    assert plan.findings == ()


def test_whoever_is_gone_leaves_no_error_behind() -> None:
    """An end in an additive collection, and the person removed by hand since."""
    org = Org(FILES.replace(BOTH, ""), users=[*ADMINS[:1], BOB], workspaces=[{"name": "lab"}])
    assert actions(org.plan()) == ["create workspace_member:lab/bob@acme.example"]


def test_a_base_ages_without_becoming_unusable() -> None:
    base = with_files(Base("main"), document_from(FILES), KINDS, NOW.date() + timedelta(days=3650))
    assert (base.trouble, base.closed) == (None, None)
    assert base.rules is not None
    assert base.rules.max_removals_percent == 100


def test_validate_warns_of_what_has_ended() -> None:
    files = valid_files("org.yaml", desired_from(FILES, NOW), KINDS)
    assert codes(files.warnings) == ["lines_expired member:ana@acme.example"]


@pytest.mark.parametrize("years", range(11))
@pytest.mark.parametrize("name", ["examples/org.yaml", "README.md"])
def test_what_people_copy_stays_valid(name: str, years: int, tmp_path: Path) -> None:
    path = ROOT / name
    if path.suffix == ".md":
        text = path.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
        path = tmp_path / "org.yaml"
        path.write_text(text, encoding="utf-8")
    assert load(path).problems == ()
    desired_at(path, datetime(2026, 11, 22, tzinfo=UTC) + timedelta(days=366) * years)
