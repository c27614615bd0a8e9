"""A plan that speaks of what this orgsync does not know is refused as a whole, before anything is asked or sent."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, Org
from cli.support import NOW, Sandbox, files
from kinds.words import WORDS
from stories import every_third

from orgsync.cli import exit_code
from orgsync.core.model.change import Action, Allowance, Blocked, Change, FieldChange, Plan
from orgsync.core.plan.schema import sealed
from orgsync.core.plan.vetting import foreign
from orgsync.core.words.address import Address
from orgsync.errors import EXIT_INPUT, InputError
from orgsync.files.state import plan_file
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from pathlib import Path

ANA = {"email": "ana@acme.example", "role": "developer"}
FILES = "members: {ana@acme.example: user}\nworkspaces: {lab: {members: {ana@acme.example: user}}}"
MEMBER = Address("member:ana@acme.example")
ROW = Address("workspace_member:lab/ana@acme.example")


def org() -> Org:
    return Org(FILES, users=[*ADMINS, ANA])


def with_change(plan: Plan, **parts: Any) -> Plan:
    """The plan with its change of ana's role made another."""
    changes = tuple(replace(one, **parts) if one.address == MEMBER else one for one in plan.changes)
    return replace(plan, changes=changes)


ROLE = (FieldChange("role", "developer", "user"),)
FOREIGN: dict[str, tuple[Any, str]] = {
    "a kind it lacks": (
        lambda plan: with_change(plan, address=Address("federation_rule:deployer")),
        '"federation_rule:deployer": "federation_rule" is not a kind',
    ),
    "a kind that nearly is one": (
        lambda plan: with_change(plan, address=Address("Member:ana@acme.example")),
        '"Member" is not a kind',
    ),
    "an address its kind cannot have": (
        lambda plan: with_change(plan, address=Address("member:ana@acme.example/lab")),
        '"member:ana@acme.example/lab" is not an address of a member',
    ),
    "a kind it lacks to wait for": (
        lambda plan: with_change(plan, after=(Address("group:a"),)),
        '"group" is not a kind',
    ),
    "a kind it lacks among the ids": (
        lambda plan: replace(plan, identities={**plan.identities, "group:a": "g1"}),
        '"group" is not a kind',
    ),
    "a kind it lacks among the allowances": (
        lambda plan: replace(plan, allowed=(Allowance(Address("group:a")),)),
        '"group" is not a kind',
    ),
    "an action its kind does not have": (
        lambda plan: with_change(plan, action=Action.ARCHIVE),
        "member:ana@acme.example: cannot archive a member; possible: invite, remove, update, withdraw",
    ),
    "a field its kind does not have": (
        lambda plan: with_change(plan, fields=(FieldChange("seat.tier", None, "premium"),)),
        'member:ana@acme.example: a member has no "seat.tier"',
    ),
    "a word its kind does not know": (
        lambda plan: with_change(plan, fields=(FieldChange("role", "developer", "chief"),)),
        "member:ana@acme.example: role: developer -> chief means nothing that is known",
    ),
    "nothing": (lambda plan: with_change(plan, fields=()), "the change has no fields"),
    "something inside what nobody knows": (
        lambda plan: replace(plan, changes=tuple(one for one in plan.changes if one.address == ROW)),
        f'{ROW}: the plan neither contains nor creates the workspace "lab"',
    ),
    "a circle": (
        lambda plan: with_change(plan, after=(ROW,)),
        f"the changes depend on each other in a circle: {MEMBER}, {ROW}",
    ),
    "itself to wait for": (
        lambda plan: with_change(plan, after=(MEMBER,)),
        f"the changes depend on each other in a circle: {MEMBER}",
    ),
}


@pytest.mark.parametrize("case", every_third(FOREIGN))
def test_it_is_refused_before_anything_is_asked(case: str) -> None:
    here = org()
    change, message = FOREIGN[case]
    plan, asked = change(here.plan()), len(here.reads())
    with pytest.raises(InputError) as refused:
        here.apply(plan=plan)
    assert message in str(refused.value)
    assert (len(here.reads()), here.writes()) == (asked, [])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("action", Action)
def test_every_kind_takes_the_actions_it_has_and_no_other(kind: Any, action: Action) -> None:
    if not kind.sections:
        return
    lead = kind.sections[0].lead
    segments = [*lead, *(f"s{one}@x.example" for one in range(kind.sections[0].length - len(lead)))]
    address = Address(f"{kind.name}:{'/'.join(segments)}")
    path, words = next((path, words) for (name, path), words in WORDS.items() if name == kind.name)
    change = Change(address, action, (FieldChange(path, words[-2], words[-1]),), id="x")
    mentioned = {f"{other}:{'/'.join(key)}": "id" for other, key in kind.refers_to(kind.key(segments))}
    plan = replace(org().plan(), changes=(change,), identities=mentioned, allowed=())
    told = [problem.told for problem in foreign(plan, KINDS)]
    assert (told == []) is (action in kind.actions), told


def test_what_orgsync_plans_is_known_to_it() -> None:
    assert foreign(org().plan(), KINDS) == []


@pytest.mark.parametrize(
    ("format_", "begins"),
    [
        ("text", "Organization "),
        ("json", "{"),
        ("markdown", "#"),
        ("sarif", "{"),
        ("junit", "<?xml"),
        ("code-quality", "["),
    ],
)
def test_it_is_shown_and_said(format_: str, begins: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change, message = FOREIGN["a kind it lacks"]
    path = tmp_path / "plan.json"
    plan_file.write(path, sealed(change(org().plan())))
    assert exit_code(["show", str(path), "--format", format_]) == EXIT_INPUT
    shown = capsys.readouterr()
    assert shown.out.startswith(begins)
    assert "federation_rule" in shown.out
    assert shown.err.startswith("Error: 1 problem\n")
    assert message in shown.err
    if format_ in {"json", "sarif", "code-quality"}:
        json.loads(shown.out)


@pytest.mark.parametrize("case", every_third(FOREIGN))
def test_a_plan_file_ends_with_exit_code_1_and_says_which(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    here = ["--sandbox", "acme.db", "--now", NOW]
    acme = Sandbox(tmp_path / "acme.db", users=[{"email": "ceo@acme.example", "role": "admin"}, ANA])
    files(tmp_path, FILES)
    exit_code(["plan", *here, "--out", "plan.json", "--quiet"])
    change, message = FOREIGN[case]
    plan_file.write(tmp_path / "plan.json", sealed(change(plan_file.read(tmp_path / "plan.json"))))
    asked = len(acme.received())
    capsys.readouterr()
    assert exit_code(["apply", "plan.json", *here, "--yes"]) == EXIT_INPUT
    said = capsys.readouterr().err
    assert (message if "Member" not in message else "does not have the form") in said
    assert "hint: " in said
    assert len(acme.received()) == asked


def test_an_action_that_no_orgsync_has_does_not_pass_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan_file.write(path, org().plan())
    path.write_text(path.read_text().replace('"action": "update"', '"action": "obliterate"'))
    with pytest.raises(InputError, match='is "obliterate", expected one of'):
        plan_file.read(path)


@pytest.mark.parametrize(
    "guards",
    [
        'protect: ["federation_rule:deployer"]',
        'protect: ["federation_*:*"]',
        'protect: ["Member:*"]',
        'protect: ["lab"]',
        'protect: ["lab/*"]',
        'protect: ["member:a@x.example/*/b"]',
        'protect: ["workspace:lab/*"]',
        'allow: [{address: "federation_rule:deployer", reason: x}]',
        'allow: [{address: "workspace:*/x", reason: x}]',
    ],
)
def test_a_guard_of_what_cannot_be_is_a_mistake_in_the_file(guards: str) -> None:
    with pytest.raises(InputError):
        Org(f"guards: {{{guards}}}").desired()


@pytest.mark.parametrize("address", ["federation_rule:deployer", "Workspace:lab", "lab", "member:a/b"])
def test_nothing_unknown_can_be_allowed(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    files(tmp_path, "members: {}")
    for command in ("plan", "apply"):
        assert exit_code([command, "--allow", address]) == EXIT_INPUT
        assert f'--allow: "{address}"' in capsys.readouterr().err


def test_what_is_told_is_no_reason_to_refuse_a_plan() -> None:
    """Nothing is done there, whatever the address: a live thing may have one that no file can have."""
    odd = tuple(map(Address, ("group:a", "member:user_01x", "workspace_member:lab/user_01x", "api_key:a")))
    plan = replace(org().plan(), blocked=(Blocked(odd[0], "undecided", "x", ids=("g",), dependents=odd[1:]),))
    assert foreign(plan, KINDS) == []
    assert org().apply(plan=plan).complete
