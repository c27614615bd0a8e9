"""A guard that guards nothing looks like one that does: entries of `guards.protect` that cover nothing are reported."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from acme import ADMINS, NOW, Org
from hypothesis import given
from hypothesis import strategies as st
from properties.organizations import examples

from core.drift.support import drift
from core.drift.support import told as entries
from core.snapshot.support import KEY, planned_from, taken
from orgsync.core.model.change import Level, Place, Selection
from orgsync.core.snapshot.hashed_emails import EmailKey, hashing, matching
from orgsync.core.words.address import covers

NOTHING = "guards.protect names this, but no resource has such an address, so it protects nothing"
ANA = {"email": "ana@acme.example", "role": "developer"}
FILES = """
members: {ceo@acme.example: admin, new@acme.example: user}
workspaces:
  prod: {renamed_from: production, members: {ana@acme.example: developer}}
  planned: {members: {ana@acme.example: user}}
"""


def org(*globs: str, files: str = FILES, **seed: Any) -> Org:
    return Org(
        f"guards: {{protect: {json.dumps(globs)}}}\n{files}",
        **{
            "users": [*ADMINS, ANA],
            "workspaces": [{"name": "production"}, {"name": "other"}],
            "workspace_members": [{"workspace": "production", "email": "ana@acme.example"}],
            "api_keys": [{"name": "ci", "workspace": "production"}],
            **seed,
        },
    )


def told(organization: Org, **options: Any) -> dict[str, str]:
    """What a plan says of globs that protect nothing."""
    notes = [note for note in organization.plan(**options).findings if note.code == "protects_nothing"]
    assert {note.level for note in notes} <= {Level.WARNING}
    return {str(note.address): note.message.removeprefix(NOTHING) for note in notes}


@pytest.mark.parametrize(
    ("glob", "near"),
    [
        ("workspace:prd", '; did you mean "workspace:prod"?'),
        ("workspace:prodction", '; did you mean "workspace:production"?'),
        ("workspace:nothing-like-it", ""),
        ("member:cfo@acme.example", ""),
        ("member:coe@elsewhere.example", ""),
        ("member:x*", ""),
        ("workspace_member:prd/*", '; did you mean "workspace_member:prod/*"?'),
        ("workspace_member:prod/anna@acme.example", '; did you mean "workspace_member:prod/ana@acme.example"?'),
        ("workspace_member:production/bob@acme.example", ""),
        ("workspace_member:nowhere*", ""),
    ],
)
def test_what_covers_nothing_is_a_warning_at_its_line(glob: str, near: str) -> None:
    organization = org("workspace:production", glob)
    assert told(organization) == {glob: near}
    (note,) = (note for note in organization.plan().findings if note.code == "protects_nothing")
    assert note.source is not None
    assert note.source == Place(note.source.file, 3, 44)


@pytest.mark.parametrize(
    "glob",
    [
        "*",
        "*prod*",
        "workspace:prod",
        "workspace:production",
        "workspace:PRODUCTION",
        "workspace:planned",
        "workspace:other",
        "workspace:Default",
        "work*:prod",
        "member:new@acme.example",
        "member:cto@*",
        "workspace_member:prod/*",
        "workspace_member:production/ana@acme.example",
        "workspace_member:planned/ana@acme.example",
        "*:*/ana@acme.example",
    ],
)
def test_what_covers_something_by_any_name_is_not(glob: str) -> None:
    assert told(org(glob)) == {}


@pytest.mark.parametrize(
    "glob",
    [
        "api_key:nowhere/ci",
        "service_account:nobody",
        "spend_limit:workspace/nowhere",
        "workspace_member:other/nobody@acme.example",
        "workspace_member:oth*",
        "workspace_member:[o]ther/nobody@acme.example",
        "workspace_member:*/nobody@acme.example",
        "*:nowhere",
    ],
)
def test_nothing_is_said_of_what_was_not_read(glob: str) -> None:
    assert told(org(glob)) == {}


def test_keys_are_read_wherever_they_are() -> None:
    policies = "key_policies: {naming: {name: '^a$', then: report}}\n"
    globs = ("api_key:other/*", "api_key:production/cli", "api_key:production/c?", "api_key:prod/ci")
    assert told(org(*globs, files=policies + FILES)) == {
        "api_key:other/*": "",
        "api_key:production/cli": '; did you mean "api_key:production/ci"?',
    }


def test_keys_of_a_workspace_whose_name_the_files_give_to_another_have_both_names() -> None:
    workspaces = [{"name": "lab", "id": f"wrkspc_{number}"} for number in "12"]
    organization = org(
        "api_key:lab/ci",
        "api_key:wrkspc_2/ci",
        "api_key:lab/cli",
        files="workspaces: {lab: {id: wrkspc_1, api_keys: {}}}",
        workspaces=workspaces,
        workspace_members=[],
        api_keys=[{"name": "ci", "workspace_id": "wrkspc_2"}],
    )
    assert told(organization) == {"api_key:lab/cli": '; did you mean "api_key:lab/ci"?'}


@pytest.mark.parametrize("status", [403, 404])
def test_nothing_is_said_of_what_could_not_be_seen(status: int) -> None:
    files = "workspaces: {production: {api_keys: {}, members: {}}}"
    organization = org("api_key:production/cli", "workspace_member:production/bob@acme.example", files=files)
    refused = {"fault": "status_before", "method": "GET", "status": status, "times": 99}
    organization.app.set_faults([{**refused, "path": "*/api_keys"}, {**refused, "path": "*/members"}])
    assert told(organization) == {}


@pytest.mark.parametrize("files", ["members: {}", "{}"])
def test_an_empty_file_says_nothing_of_workspaces(files: str) -> None:
    assert told(org("workspace:nowhere", files="" if files == "{}" else files)) == {}


def test_it_is_drift_that_can_be_accepted() -> None:
    entry = "protects_nothing workspace:prd"
    assert entry in entries(drift(org("workspace:prd")).entries)
    accept = "accept: [{address: 'workspace:prd', code: protects_nothing, until: 2026-12-31, reason: CH-1}]\n"
    report = drift(org("workspace:prd", files=accept + FILES))
    assert entries(report.accepted) == [entry]


def test_nothing_is_said_of_people_whose_addresses_a_snapshot_does_not_show() -> None:
    files = "members: {ceo@acme.example: admin}\nworkspaces: {}"
    organization = org("member:nobody*", "member:nobody@acme.example", "workspace:nowhere", files=files)
    desired = organization.desired()
    shown, hidden = (
        planned_from(one, desired, NOW)
        for one in (taken(organization), matching(hashing(taken(organization), EmailKey(KEY)), EmailKey(KEY), []))
    )
    both = ["member:nobody@acme.example", "workspace:nowhere"]
    assert [one.address for one in shown.findings if one.code == "protects_nothing"] == ["member:nobody*", *both]
    assert [one.address for one in hidden.findings if one.code == "protects_nothing"] == both


def test_a_narrowed_plan_reports_those_it_is_about() -> None:
    assert told(org("workspace:prd"), selection=Selection(("member:*",))) == {}


def _swapped(text: str, at: int) -> str:
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


@examples(20)
@given(
    st.sampled_from(["workspace:production", "workspace_member:prod/ana@acme.example", "member:new@acme.example"]),
    st.integers(min_value=0, max_value=30),
    st.booleans(),
)
def test_what_is_suggested_covers_something(address: str, at: int, wild: bool) -> None:
    begin = address.index(":") + 1
    glob = _swapped(address, begin + at % (len(address) - begin))
    glob = re.sub("[^:/]+$", "*", glob) if wild else glob
    said = told(org(glob)).get(glob)
    if said:
        suggested = said.removeprefix('; did you mean "').removesuffix('"?')
        assert told(org(suggested)) == {}
        assert not covers(glob, suggested) or "*" in suggested
