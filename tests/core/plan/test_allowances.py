"""What a person allows: as it is read, and as a refused plan writes it down to be pasted."""

from __future__ import annotations

import json
import shlex

import pytest
import yaml
from acme import ADMINS, Org, desired_from

from orgsync.core.plan.allowances import entry_for, named, option_for
from orgsync.core.words.address import Address
from orgsync.errors import UsageError
from orgsync.flows.files import known_addresses


@pytest.mark.parametrize(
    ("text", "address", "identity"),
    [
        ("workspace:old", "workspace:old", None),
        ("workspace:old=wrkspc_01AbC", "workspace:old", "wrkspc_01AbC"),
        ("workspace:a=b", "workspace:a=b", None),
        ("workspace:a=b=wrkspc_01", "workspace:a=b", "wrkspc_01"),
        ("member:x=dev_ops@acme.example", "member:x=dev_ops@acme.example", None),
        ("workspace_member:a/b@c.example=wrkspc_01/user_01", "workspace_member:a/b@c.example", "wrkspc_01/user_01"),
        ("rate_limit:a/m/rpm=wrkspc_01/rlg_01/rpm", "rate_limit:a/m/rpm", "wrkspc_01/rlg_01/rpm"),
        ("workspace:old=", "workspace:old=", None),
    ],
)
def test_an_option_names_an_address_and_maybe_an_object(text: str, address: str, identity: str | None) -> None:
    assert (named(text).address, named(text).id, named(text).reason) == (address, identity, "--allow")


def test_what_is_no_address_is_an_error_with_an_id_as_well() -> None:
    assert known_addresses(["workspace:a=wrkspc_01"], "--allow") == ("workspace:a=wrkspc_01",)
    with pytest.raises(UsageError, match="--allow"):
        known_addresses(["wrkspce:a=wrkspc_01"], "--allow")


NAMES = ["old", "an old one", "it's", 'a "quoted" one', "a: b", "# x", "ä", "a%2Fb", "$HOME"]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_refusal_proposes_can_be_pasted(name: str) -> None:
    """In a shell, and in the file: then the plan passes."""
    files = f"workspaces: {{{json.dumps(name.replace('%2F', '/'))}: {{archived: true}}}}"
    org = Org(files, users=ADMINS, workspaces=[{"name": name.replace("%2F", "/")}])
    plan = org.plan()
    [refused] = [address for verdict in plan.refusals for address in verdict.addresses]
    option, text = shlex.split(option_for(plan, refused))
    assert option == "--allow"
    assert named(text).id == plan.changes[0].id
    assert org.plan(allow=[text]).refusals == ()
    line = entry_for(plan, refused).replace("YYYY-MM-DD", "2026-12-31").replace("…", "agreed")
    [entry] = yaml.safe_load(line)
    assert (entry["address"], entry["id"]) == (refused, plan.changes[0].id)
    assert Org(f"guards: {{allow: [{line.removeprefix('- ')}]}}\n{files}", users=ADMINS).desired().settings.guards.allow


def test_what_is_to_be_made_has_no_id_yet() -> None:
    plan = Org("members: {ana@acme.example: user}", users=ADMINS).plan()
    who = Address("member:ana@acme.example")
    assert option_for(plan, who) == "--allow member:ana@acme.example"
    assert entry_for(plan, who) == '- {address: "member:ana@acme.example", until: YYYY-MM-DD, reason: …}'


def test_a_glob_by_itself_stands_for_an_entry() -> None:
    both = 'guards: {protect: ["workspace:a", {address: "workspace:b"}, {address: "workspace:c", from: any}]}'
    entries = desired_from(both).settings.guards.protect
    assert [(entry.address, entry.protect_from) for entry in entries] == [
        ("workspace:a", "harm"),
        ("workspace:b", "harm"),
        ("workspace:c", "any"),
    ]
