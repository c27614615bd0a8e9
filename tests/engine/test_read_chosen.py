"""What a question reads: the kinds that it is about, inside what it is about, by the names of files and people."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from acme import Org

from orgsync.engine.read_live import read_chosen
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Found

MEMBERS = [
    {"email": "ana@acme.example", "workspace": "lab", "workspace_role": "workspace_user"},
    {"email": "ana@acme.example", "workspace": "prod", "workspace_role": "workspace_developer"},
]
SEED: dict[str, Any] = {
    "users": [{"email": "ceo@acme.example", "role": "admin"}, {"email": "ana@acme.example", "role": "user"}],
    "workspaces": [{"name": "lab"}, {"name": "prod"}],
    "workspace_members": MEMBERS,
}


def seen(org: Org, *names: str, only: str | None = None, files: bool = False) -> Observation:
    """What is seen of these kinds, inside the workspace that is named."""

    def inside(outer: Found) -> bool:
        return only is None or outer.segments == (only,)

    async def read() -> Observation:
        async with org.client() as client:
            return await read_chosen(client.reader, KINDS, names, org.desired() if files else None, inside)

    return asyncio.run(read())


def test_only_lists_inside_what_was_picked_are_read() -> None:
    org = Org(**SEED)
    looked = seen(org, "workspace_member", only="prod")
    assert [path for path in org.reads() if path.endswith("/members")] == [
        f"/v1/organizations/workspaces/{org.workspace_id('prod')}/members"
    ]
    given = [found.segments for found in looked.live["workspace_member"] if not found.implied]
    assert given == [("prod", "ana@acme.example")]


def test_what_a_kind_refers_to_is_read_and_nothing_else() -> None:
    org = Org(**SEED)
    assert set(seen(org, "workspace").live) == {"workspace"}
    assert org.reads() == ["/v1/organizations/me", "/v1/organizations/workspaces"]


def test_names_are_those_of_the_files() -> None:
    org = Org("workspaces: {production: {renamed_from: prod, members: {ana@acme.example: user}}}", **SEED)
    looked = seen(org, "workspace_member", files=True)
    named = {str(pair.address): pair.declared is not None for pair in looked.pairs["workspace_member"] if pair.found}
    assert named["workspace_member:production/ana@acme.example"] is True
    assert named["workspace_member:lab/ana@acme.example"] is False


def test_of_two_with_one_name_both_are_looked_into() -> None:
    org = Org(**SEED)
    first = org.workspace_id("lab")
    org.console("POST", f"workspaces/{org.workspace_id('prod')}", {"name": "lab"})
    looked = seen(org, "workspace_member")
    assert len([path for path in org.reads() if path.endswith("/members")]) == 2
    lab, twin = (found.id for found in looked.live["workspace"] if found.segments == ("lab",))
    assert first in {lab, twin}
    inside = {found.segments[0] for found in looked.live["workspace_member"]}
    assert inside in ({"lab", lab}, {"lab", twin})
