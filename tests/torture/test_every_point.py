"""Disturbed at any request in any way, an apply that is run again ends where an undisturbed one ends.

Nobody is e-mailed twice, and no workspace exists twice. `make torture` prints how many runs that was.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS

from torture.world import KINDS_OF_DISTURBANCE, Disturbance, World

if TYPE_CHECKING:
    from pathlib import Path

OPEN = 'guards: {max_removals: {percent: 100}, allow: [{address: "workspace:old", reason: test}]}\n'
PEOPLE = [*ADMINS, {"email": "ana@x.example", "role": "user"}, {"email": "raj@x.example", "role": "developer"}]

LIMITS_AND_KEYS = (
    "spend_limit: 900\nworkspaces: {lab: {spend_limit: 100, api_keys: {a: inactive}, "
    "rate_limits: {claude-sonnet-5: {requests_per_minute: 10}}}}"
)

WORLDS: dict[str, tuple[str, dict[str, Any]]] = {
    "an invite": ("members: {new@x.example: user}", {"users": ADMINS}),
    "an invite that is replaced": (
        "members: {new@x.example: user}",
        {"users": ADMINS, "invites": [{"email": "new@x.example", "role": "developer"}]},
    ),
    "a workspace with a member": (
        "workspaces: {lab: {tags: {a: b}, members: {ana@x.example: developer}}}",
        {"users": PEOPLE},
    ),
    "a rename, a role and an archive": (
        OPEN
        + "members: {ana@x.example: developer}\n"
        + "workspaces: {lab: {renamed_from: poc}, old: {archived: true}}",
        {"users": PEOPLE, "workspaces": [{"name": "poc"}, {"name": "old"}]},
    ),
    "people who leave": (
        OPEN
        + "manage: {members: authoritative, workspace_members: authoritative}\n"
        + "members: {ceo@acme.example: admin, cto@acme.example: admin}\nworkspaces: {lab: {members: {}}}",
        {
            "users": PEOPLE,
            "workspaces": [{"name": "lab"}],
            "workspace_members": [{"email": "ana@x.example", "workspace": "lab", "workspace_role": "workspace_user"}],
        },
    ),
    "limits and keys": (
        LIMITS_AND_KEYS,
        {"users": ADMINS, "workspaces": [{"name": "lab"}], "api_keys": [{"name": "a", "workspace": "lab"}]},
    ),
}

QUICK = ("an invite that is replaced", "a workspace with a member", "people who leave")
CHOSEN = tuple(WORLDS) if os.environ.get("ORGSYNC_TORTURE") == "full" else QUICK
"""`make test` has no time for all of them; `make torture` has."""


@pytest.mark.parametrize("saved", [False, True], ids=["files", "plan"])
@pytest.mark.parametrize("kind", KINDS_OF_DISTURBANCE)
@pytest.mark.parametrize("name", CHOSEN)
def test_it_ends_where_an_undisturbed_apply_ends(name: str, kind: str, *, saved: bool, tmp_path: Path) -> None:
    files, seed = WORLDS[name]
    calm = World(files, seed, tmp_path / "calm.journal.jsonl")
    assert calm.run()
    points = len(calm.requests())
    for at in range(1, points + 1):
        world = World(files, seed, tmp_path / f"{at}.journal.jsonl", saved)
        world.run(Disturbance(at, kind))
        world.runs_until_done()
        assert world.state() == calm.state(), at
        assert all(count <= calm.e_mails()[email] for email, count in world.e_mails().items()), at
        before = len(world.requests())
        assert world.run(), at
        assert all(line["method"] == "GET" for line in world.requests()[before:]), at


@pytest.mark.parametrize("saved", [False, True], ids=["files", "plan"])
@pytest.mark.parametrize("reads", [1, 3, 5, 8, 12])
@pytest.mark.parametrize("name", ["an invite", "a workspace with a member"])
def test_what_a_killed_run_made_is_not_made_again_while_lists_still_hide_it(
    name: str, reads: int, *, saved: bool, tmp_path: Path
) -> None:
    files, seed = WORLDS[name]
    calm = World(files, seed, tmp_path / "calm.journal.jsonl")
    assert calm.run()
    first_write = next(number for number, line in enumerate(calm.requests(), 1) if line["method"] != "GET")
    world = World(files, seed, tmp_path / "killed.journal.jsonl", saved)
    world.app.set_faults([{"fault": "lag", "method": "POST", "reads": reads}])
    world.run(Disturbance(first_write, "killed_after"))
    world.runs_until_done()
    assert world.state() == calm.state()
    assert world.e_mails() == calm.e_mails()
