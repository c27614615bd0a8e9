"""One odd thing blinds nobody: what only a person can decide is told at its address, and everything else is done."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, ORGANIZATION

from cli.support import NOW, files
from orgsync.errors import EXIT_DIFFERENCE, EXIT_OK, EXIT_REFUSED, EXIT_WAITING

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Sandbox

FIRST, SECOND = "wrkspc_01AAAAAAAAAAAAAAAAAAAAAA", "wrkspc_01BBBBBBBBBBBBBBBBBBBBBB"
LONG_AGO = "2026-10-01T08:00:00Z"
GONE = {"name": "w", "id": FIRST, "archived_at": LONG_AGO}
ANA = {"email": "ana@acme.example", "role": "developer"}
LIMITS = [
    {
        "id": "rlim_01Sonnet",
        "group": {"id": "rlg_01Sonnet", "type": "model_group", "display_name": "Claude Sonnet"},
        "limits": [{"type": "requests_per_minute", "value": 4000}],
        "models": ["claude-sonnet-5"],
    }
]


@dataclass(frozen=True)
class Case:
    """One odd thing: what the files say about it, what the organization has, and what is told of it."""

    line: str
    told: str
    code: str
    address: str = "workspace:w"
    seed: dict[str, Any] = field(default_factory=dict)
    dependents: tuple[str, ...] = ()


CASES = {
    "archived in the Console": Case(
        "  w: {members: {ana@acme.example: user}, api_keys: {ci: active}}",
        f"the workspace of this name ({FIRST}) was archived on 2026-10-01",
        "archived_in_console",
        seed={"workspaces": [GONE]},
        dependents=("api_key:w/ci", "workspace_member:w/ana@acme.example"),
    ),
    "two of one name": Case(
        "  w: {members: {ana@acme.example: user}}",
        f'2 workspaces are named "w": {FIRST}, {SECOND}',
        "undecided",
        seed={"workspaces": [{"name": "w", "id": FIRST}, {"name": "w", "id": SECOND}]},
        dependents=("workspace_member:w/ana@acme.example",),
    ),
    "an id that nothing has": Case(
        f"  w: {{id: {SECOND}}}",
        f"no workspace of this organization has the id {SECOND}",
        "wrong_id",
        seed={"workspaces": [{"name": "w"}]},
    ),
    "an id of what was archived": Case(
        f"  w: {{id: {FIRST}}}",
        f"{FIRST} was archived, which cannot be undone",
        "archived_in_console",
        seed={"workspaces": [{**GONE, "name": "old"}]},
    ),
    "a retired model": Case(
        "  w: {rate_limits: {claude-2: {requests_per_minute: 5}, claude-sonnet-5: {requests_per_minute: null}}}",
        '"claude-2" is not a model, alias or rate limit group of this organization',
        "unknown_model",
        "rate_limit:w/claude-2/requests_per_minute",
        seed={"workspaces": [{"name": "w"}]},
    ),
    "somebody who is no member any more": Case(
        "  w: {members: {zoe@acme.example: user}}",
        "is neither declared under members nor a member of the organization",
        "unknown_person",
        "workspace_member:w/zoe@acme.example",
        seed={"workspaces": [{"name": "w"}]},
    ),
    "another currency": Case(
        "  w: {spend_limit: {monthly: 5, currency: EUR}}",
        "the organization pays in USD, not in EUR",
        "currency_conflict",
        "spend_limit:workspace/w",
        seed={"workspaces": [{"name": "w"}], "spend_limits": [{"scope": {"type": "organization"}, "amount": "100000"}]},
    ),
}

every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)

HEAD = """\
version: 1
organization: {id: 3f1c7a52-9d0e-4b7a-8c55-2f6b1e0d4a91}
workspaces:
  fine: {color: "#ABCDEF", members: {}}
"""


@pytest.fixture
def odd(sandbox: MakeSandbox, tmp_path: Path, case: Case) -> Sandbox:
    """The organization of the case, in which somebody gave a rogue the run of the other workspace."""
    files(tmp_path, f"{HEAD}{case.line}\n")
    seed = {"users": [*ADMINS, ANA], "rate_limits": LIMITS, **case.seed}
    seed["workspaces"] = [{"name": "fine", "display_color": "#000000"}, *case.seed["workspaces"]]
    rogue = {"email": ANA["email"], "workspace": "fine", "workspace_role": "workspace_admin"}
    return sandbox(**seed, workspace_members=[rogue])


def as_json(orgsync: Orgsync, *command: str, code: int) -> dict[str, Any]:
    """What a command printed as JSON."""
    ended = orgsync(*command, "--sandbox", "acme.db", "--now", NOW, "--format", "json")
    assert ended.code == code, ended.said
    printed: dict[str, Any] = json.loads(ended.out)
    return printed


@every_case
def test_drift_reports_it_and_the_rogue_admin_of_the_same_night(odd: Sandbox, case: Case, orgsync: Orgsync) -> None:
    report = as_json(orgsync, "drift", code=EXIT_DIFFERENCE)
    entries = {entry["address"]: entry for entry in report["entries"]}
    entry = entries[case.address]
    assert (entry["code"], entry["level"]) == (case.code, "error")
    assert case.told in entry["message"]
    assert entry["hint"]
    assert tuple(entry["dependents"]) == case.dependents
    assert entries["workspace:fine"]["code"] == "differs"
    assert entries["workspace_member:fine/ana@acme.example"]["code"] == "undeclared"
    assert not odd.writes()


@every_case
def test_plan_and_apply_do_the_rest(odd: Sandbox, case: Case, orgsync: Orgsync) -> None:
    where = ("--sandbox", "acme.db", "--now", NOW)
    made = as_json(orgsync, "plan", "--detailed-exitcode", code=EXIT_DIFFERENCE)
    assert [change["address"] for change in made["changes"]] == ["workspace:fine"]
    assert [one["address"] for one in made["blocked"]] == [case.address]
    assert made["summary"]["blocked"] == 1
    ended = orgsync("apply", *where, "--yes", "--wait-exitcode")
    assert ended.code == EXIT_WAITING
    assert ended.out.endswith("Apply complete: 1 updated.\n1 blocked: a person has to decide.\n")
    assert len(odd.writes()) == 1
    again = orgsync("apply", *where, "--yes")
    assert again.code == EXIT_OK
    assert "1 blocked: a person has to decide." in again.out
    assert "does not match the files yet" in " ".join(again.out.split())
    assert orgsync("plan", *where, "--detailed-exitcode").code == EXIT_DIFFERENCE
    assert len(odd.writes()) == 1


@every_case
def test_only_what_is_blocked_cannot_be_chosen(odd: Sandbox, case: Case, orgsync: Orgsync) -> None:
    chosen = case.dependents[0] if case.dependents else case.address
    for command in (["plan"], ["apply", "--yes"]):
        ended = orgsync(*command, "--sandbox", "acme.db", "--now", NOW, "--only", chosen)
        assert ended.code == EXIT_REFUSED
        assert case.told.partition(" ")[0] in ended.out
        assert "selects nothing but what is blocked" in ended.err
    assert not odd.writes()


@pytest.mark.parametrize("case", [CASES["archived in the Console"]])
def test_a_saved_plan_carries_it(odd: Sandbox, case: Case, orgsync: Orgsync, tmp_path: Path) -> None:
    where = ("--sandbox", "acme.db", "--now", NOW)
    assert orgsync("plan", *where, "--out", "plan.json").code == EXIT_OK
    shown = orgsync("show", "plan.json").out
    assert "Blocked (1): a person has to decide; nothing is planned here" in shown
    assert case.told in " ".join(shown.split())
    assert orgsync("rehearse", "plan.json", *where, "--runs", "20").code == EXIT_OK
    ended = orgsync("apply", "plan.json", *where, "--yes", "--wait-exitcode", "--undo", "undo.json")
    assert (ended.code, len(odd.writes())) == (EXIT_WAITING, 1)
    assert orgsync("apply", "undo.json", *where, "--yes").code == EXIT_OK
    assert tmp_path.joinpath("undo.json").exists()


@pytest.mark.parametrize("case", [CASES["archived in the Console"]])
@pytest.mark.parametrize("form", ["text", "markdown", "github", "sarif"])
def test_every_format_of_a_plan_tells_it(odd: Sandbox, case: Case, form: str, orgsync: Orgsync) -> None:
    ended = orgsync("plan", "--sandbox", "acme.db", "--now", NOW, "--format", form)
    assert ended.code == EXIT_OK
    for part in (FIRST, "2026-10-01", "to create a new one", "archived_in_console"):
        assert part in ended.out
    assert not odd.writes()
    assert case.code in ended.said


@pytest.mark.parametrize("case", [CASES["archived in the Console"]])
def test_a_snapshot_shows_the_same(odd: Sandbox, case: Case, orgsync: Orgsync) -> None:
    where = ("--now", NOW)
    assert orgsync("snapshot", "--out", "snapshot.json", "--sandbox", "acme.db", *where).code == EXIT_OK
    ended = orgsync("plan", "--snapshot", "snapshot.json", *where, "--format", "json")
    assert [one["address"] for one in json.loads(ended.out)["blocked"]] == [case.address]
    assert not odd.writes()


def test_a_new_name_of_the_organization_is_drift_and_the_id_decides(
    sandbox: MakeSandbox, orgsync: Orgsync, tmp_path: Path
) -> None:
    acme = sandbox(organization={**ORGANIZATION, "name": "Acme Holding"}, workspaces=[{"name": "rogue"}])
    head = f"version: 1\norganization: {{id: {ORGANIZATION['id']}, name: Acme Robotics}}\n"
    files(tmp_path, f"{head}manage: {{workspaces: authoritative}}\nworkspaces: {{new: {{}}}}\n")
    report = as_json(orgsync, "drift", code=EXIT_DIFFERENCE)
    told = [(entry["code"], entry["level"], entry["address"]) for entry in report["entries"]]
    assert told == [
        ("undeclared", "error", "workspace:rogue"),
        ("organization_renamed", "warning", "setting:organization/name"),
        ("missing", "warning", "workspace:new"),
    ]
    assert report["entries"][1]["message"] == (
        'the organization is named "Acme Holding", the files say "Acme Robotics"; correct `organization.name`, or '
        "delete it"
    )
    assert orgsync("apply", "--sandbox", "acme.db", "--now", NOW, "--yes").code == EXIT_OK
    assert len(acme.writes()) == 1
