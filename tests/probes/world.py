"""One organization that has some of everything, and an API that answers about it as a newer one might."""

from __future__ import annotations

import asyncio
import copy
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from acme import ADMINS, ByToken

from orgsync.api.client import AdminClient
from orgsync.api.credentials import Credential
from orgsync.engine.read_live import read_everything, read_live
from orgsync.engine.recording import Recorder
from orgsync.engine.take_snapshot import read_for_snapshot
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from orgsync.core.model.request import Listing
    from orgsync.core.model.rows import Row

    Change = Callable[[str, list[Row]], list[Row]]
    """What becomes of the rows of a list, given its path."""

MODES = ("authoritative", "additive")
PROD = "wrkspc_01Prod"
SONNET = "claude-sonnet-5"


def _key(name: str, workspace: str | None, email: str, **more: Any) -> Row:
    scope: Row = {"scope": {"type": "organization"}} if workspace is None else {"workspace": workspace}
    return {"name": name, "created_at": "2026-10-02T09:00:00Z", "created_by_email": email, **scope, **more}


SEED: Row = {
    "users": [
        *ADMINS,
        {"email": "dev@acme.example", "role": "developer"},
        {"email": "kim@acme.example", "role": "user"},
        {"email": "bill@acme.example", "role": "billing"},
    ],
    "invites": [
        {"email": "mia@acme.example", "role": "developer"},
        {"email": "old@acme.example", "role": "user", "status": "expired"},
    ],
    "workspaces": [
        {
            "id": PROD,
            "name": "prod",
            "display_color": "#6C5BB9",
            "tags": {"env": "prod"},
            "inference_data_privacy": {
                "human_review": {"type": "disabled"},
                "transcripts_storage": {"type": "external", "external_storage_id": "estrg_01Bucket"},
            },
        },
        {"name": "stage", "tags": {}},
        {"name": "gone", "archived_at": "2026-03-01T00:00:00Z"},
    ],
    "workspace_members": [
        {"email": "dev@acme.example", "workspace": "prod", "workspace_role": "workspace_developer"},
        {"email": "kim@acme.example", "workspace": "prod", "workspace_role": "workspace_user"},
        {"email": "kim@acme.example", "workspace": "stage", "workspace_role": "workspace_developer"},
    ],
    "api_keys": [
        _key("ci", "prod", "dev@acme.example"),
        _key("off", "stage", "kim@acme.example", status="inactive"),
        _key("mine", "prod", "dev@acme.example", principal_email="dev@acme.example", expires_at="2026-12-24T00:00:00Z"),
        _key("wide", None, "dev@acme.example", principal_email="dev@acme.example"),
    ],
    "rate_limits": [
        {
            "id": "rlim_01Sonnet",
            "group": {"id": "rlg_01Sonnet", "type": "model_group", "display_name": "Claude Sonnet"},
            "limits": [
                {"type": "requests_per_minute", "value": 4000},
                {"type": "output_tokens_per_minute", "value": 400_000},
            ],
            "models": [SONNET, "claude-sonnet"],
        },
        {
            "id": "rlim_01Batch",
            "group": {"id": "rlg_01Batch", "type": "batch"},
            "limits": [{"type": "requests_per_minute", "value": 100}],
            "models": None,
        },
    ],
    "workspace_rate_limits": [
        {
            "rate_limit_id": "rlim_01Sonnet",
            "workspace_id": PROD,
            "limits": [
                {"type": "requests_per_minute", "value": 1000},
                {"type": "output_tokens_per_minute", "value": 9000},
            ],
        }
    ],
    "spend_limits": [
        {"scope": {"type": "organization"}, "amount": "1000000", "period": "monthly"},
        {"scope": {"type": "workspace", "workspace_id": PROD}, "amount": "500000", "period": "monthly"},
    ],
    "service_accounts": [
        {"name": "bot", "description": "works", "organization_role": "admin"},
        {"name": "old", "archived_at": "2026-03-01T00:00:00Z"},
    ],
    "usage": [
        {"at": "2026-11-21T08:00:00Z", "api_key": name, "workspace": "prod", "model": SONNET, "input_tokens": 9000}
        for name in ("ci", "mine")
    ],
    "settings": {"usage_tier": "scale", "external_storages": {"estrg_01Bucket": {"status": "active"}}},
}

POLICIES = """
key_policies:
  fresh: {max_age: 3000d, then: archive}
  used: {match: {names: [ci, mine]}, unused_for: 10d, then: deactivate}
  own: {match: {names: [mine]}, principal: [user], must_expire: true, then: archive}
  by-people: {created_by: [user], then: deactivate}
  in-a-workspace: {match: {names: [ci, mine, "off"]}, scope: workspace, then: archive}
  owned: {match: {names: [ci, mine]}, owner: declared, then: deactivate}
"""
"""Rules that no key of the organization breaches, and that act."""

NEW = """
members: {new@acme.example: user, kim@acme.example: developer}
workspaces:
  fresh: {members: {dev@acme.example: developer}}
  prod: {tags: {env: live}, spend_limit: 4000, rate_limits: {claude-sonnet-5: {requests_per_minute: 900}}}
  stage: {members: {kim@acme.example: admin}, api_keys: {"off": active}}
service_accounts: {bot: developer, robot: developer}
"""
"""What a saved plan changes: something of every kind."""


class World(ByToken):
    """The organization, behind an API whose lists can be changed on their way."""

    def __init__(self, files: str = "") -> None:
        super().__init__(files, **SEED)
        self.change: Change | None = None
        self.loses_answers = False
        """Whether a server in between answers to writes, which are done, with an error of its own."""
        self.after_a_write = False
        """Whether lists are changed only once something was written."""
        self._written = False

    def copy(self) -> World:
        """The same organization once more: what happens to one does not happen to the other."""
        other = copy.copy(self)
        other.app = self.app.copy()
        return other

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request, answered by the sandbox, with the rows of a list changed."""
        messages: list[Any] = []

        async def keep(message: Any) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        self._written = self._written or scope["method"] != "GET"
        body = b"".join(message.get("body", b"") for message in messages[1:])
        if self.change is not None and scope["method"] == "GET" and (self._written or not self.after_a_write):
            body = changed(body, scope["path"], self.change)
        headers = [(name, value) for name, value in messages[0]["headers"] if name != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        await send({**messages[0], "headers": headers})
        await send({"type": "http.response.body", "body": body})

    @asynccontextmanager
    async def client(self) -> AsyncIterator[AdminClient]:
        """The real client, in this process, talking to the changed API."""
        credential = Credential(self.credential)
        async with AdminClient("http://127.0.0.1", credential, requests_per_minute=None, app=self) as client:
            yield client


def changed(body: bytes, path: str, change: Change) -> bytes:
    """An answer, with the rows of its list changed."""
    data = json.loads(body)
    if isinstance(data.get("data"), list):
        data["data"] = change(path, data["data"])
    elif path.endswith("/me"):
        data = next(iter(change(path, [data])), {})
    return json.dumps(data).encode()


@dataclass
class Witness:
    """A reader that remembers which lists were asked for, and what they held."""

    reader: Any
    lists: dict[str, tuple[Listing, list[Row]]] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """As the reader."""
        return int(self.reader.requests)

    @property
    def by_admin_key(self) -> bool:
        """As the reader."""
        return bool(self.reader.by_admin_key)

    async def get(self, path: str) -> Row:
        """As the reader."""
        return dict(await self.reader.get(path))

    async def rows(self, listing: Listing) -> Sequence[Row]:
        """As the reader."""
        rows = list(await self.reader.rows(listing))
        self.lists[listing.path] = (listing, rows)
        return rows


@cache
def matching_files(mode: str) -> str:
    """Files that say exactly what the organization shows, with this authority over everything."""
    collections = ", ".join(f"{kind.collection}: {mode}" for kind in KINDS if kind.sections)
    guards = "guards: {max_removals: {percent: 100, count: 100}}\n"
    exported, manage = World().export(), "manage:\n  coverage: strict\n"
    assert manage in exported
    exported = exported.replace(manage, f"manage: {{coverage: strict, {collections}}}\n")
    return f"{exported}{guards}{POLICIES}"


@cache
def declared_lists() -> tuple[tuple[Listing, tuple[Row, ...]], ...]:
    """Every list that any command reads, with the rows it holds, in the order of their paths."""
    world = World(matching_files("authoritative"))

    async def look() -> dict[str, tuple[Listing, list[Row]]]:
        async with world.client() as client:
            witness = Witness(client.reader)
            await read_live(witness, world.desired(), KINDS)
            await read_everything(witness, KINDS)
            await read_for_snapshot(Recorder(witness), KINDS, world.desired())
            return witness.lists

    lists = asyncio.run(look())
    return tuple((lists[path][0], tuple(lists[path][1])) for path in sorted(lists) if lists[path][0].fields)
