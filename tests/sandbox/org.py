"""An organization in a sandbox, driven in-process: what the tests of this folder talk to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx

from orgsync.sandbox.server.app import open_app
from orgsync.sandbox.wire.switches import ADMIN_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orgsync.sandbox.server.app import App

NOW = datetime(2026, 11, 1, 10, tzinfo=UTC)
SEED: dict[str, Any] = {
    "organization": {"id": "12345678-1234-5678-1234-567812345678", "name": "Acme"},
    "users": [
        {"id": "user_ceo", "email": "ceo@acme.com", "role": "admin"},
        {"id": "user_bill", "email": "bill@acme.com", "role": "billing"},
        {"id": "user_dev", "email": "dev@acme.com", "role": "developer"},
        {"id": "user_kim", "email": "kim@acme.com", "role": "user"},
    ],
    "workspaces": [
        {"id": "wrkspc_default", "name": "Default"},
        {"id": "wrkspc_prod", "name": "prod", "tags": {"env": "prod"}},
        {"id": "wrkspc_old", "name": "old", "archived_at": "2026-01-01T00:00:00Z"},
    ],
    "workspace_members": [
        {"user_id": "user_dev", "workspace_id": "wrkspc_prod", "workspace_role": "workspace_developer"},
    ],
    "api_keys": [
        {"id": "apikey_ci", "name": "ci", "workspace": "prod", "created_by_email": "dev@acme.com"},
        {"id": "apikey_kim", "name": "kim", "scope": {"type": "organization"}, "principal_email": "kim@acme.com"},
        {"id": "apikey_off", "name": "off", "workspace": "prod", "status": "inactive"},
        {"id": "apikey_old", "name": "old", "workspace": "old", "status": "archived"},
        {"id": "apikey_late", "name": "late", "status": "expired", "created_by_email": "dev@acme.com"},
    ],
    "rate_limits": [
        {
            "id": "limit-of-sonnet",
            "group": {"id": "rlg_sonnet", "type": "model_group", "display_name": "Claude Sonnet"},
            "limits": [
                {"type": "requests_per_minute", "value": 4000},
                {"type": "output_tokens_per_minute", "value": 400000},
            ],
            "models": ["claude-sonnet-5", "claude-sonnet-latest"],
        },
        {
            "id": "limit-of-batches",
            "group": {"id": "rlg_batch", "type": "batch"},
            "limits": [{"type": "enqueued_batch_requests", "value": 500000}],
        },
        {
            "id": "limit-of-files",
            "group": {"id": "rlg_files", "type": "files"},
            "limits": [{"type": "requests_per_minute", "value": 100}],
        },
    ],
    "workspace_rate_limits": [
        {"workspace": "prod", "model": "claude-sonnet-5", "limits": [{"type": "requests_per_minute", "value": 1000}]},
    ],
    "spend_limits": [
        {"id": "spl_org", "amount": "100000"},
        {"id": "spl_prod", "workspace": "prod", "amount": "50000"},
    ],
    "usage": [
        {
            "at": "2026-10-30T08:15:00Z",
            "api_key": "ci",
            "model": "claude-sonnet-5",
            "input_tokens": 1000,
            "output_tokens": 200,
            "cache_creation_5m_tokens": 80,
            "cost_cents": "2.1",
            "list_cost_cents": "4.2",
        },
        {
            "at": "2026-10-30T09:00:00Z",
            "api_key": "kim",
            "model": "claude-opus-5",
            "input_tokens": 100,
            "cost_cents": "0.5",
        },
        {"at": "2026-10-31T23:59:59Z", "model": "claude-opus-5", "output_tokens": 10, "cost_cents": "0.125"},
        {"at": "2026-10-31T12:00:00Z", "api_key": "ci", "cost_type": "code_execution", "cost_cents": "3"},
    ],
}
ENTERPRISE: dict[str, Any] = {
    "users": [
        {"id": "user_first", "email": "first@acme.com", "role": "primary_owner"},
        {"id": "user_owner", "email": "owner@acme.com", "role": "owner"},
        {"id": "user_keeper", "email": "keeper@acme.com", "role": "membership_admin"},
        {"id": "user_other_keeper", "email": "other@acme.com", "role": "membership_admin"},
        {"id": "user_managed", "email": "managed@acme.com", "role": "managed"},
        {"id": "user_kim", "email": "kim@acme.com", "role": "user"},
    ],
    "settings": {
        "organization_type": "enterprise",
        "credentials": [
            {"secret": "token-of-owner", "kind": "oauth_token", "email": "owner@acme.com"},
            {"secret": "key-of-keeper", "kind": "personal_key", "email": "keeper@acme.com"},
            {"secret": "scoped", "kind": "scoped_key", "scopes": ["read:members", "write:members"]},
        ],
    },
}

BETA = {
    "x-api-key": ADMIN_KEY,
    "anthropic-beta": "spend-limit-reads-2026-09-26, analytics-usage-cost-2026-08-24",
}

EFS = {"x-api-key": ADMIN_KEY, "anthropic-beta": "efs-2026-10-01"}
# Who may set where inference data goes: an Admin key may not.
CEO = {"authorization": "Bearer token-of-ceo", "anthropic-beta": "other, efs-2026-10-01"}
CEO_TOKEN = {"secret": "token-of-ceo", "kind": "oauth_token", "email": "ceo@acme.com"}


def seeded(base: Mapping[str, Any] = SEED, **settings: Any) -> dict[str, Any]:
    """A seed with some switches turned."""
    return {**base, "settings": {**base.get("settings", {}), **settings}}


@dataclass(frozen=True)
class Reply:
    """A response, as far as tests look at it."""

    status: int
    body: Any
    headers: Mapping[str, str]
    text: str

    @property
    def message(self) -> str:
        """What an error says."""
        assert self.body["type"] == "error", self.body
        return str(self.body["error"]["message"])

    @property
    def ids(self) -> list[str]:
        """The ids of a page."""
        return [row.get("id", row.get("user_id")) for row in self.body["data"]]


class Org:
    """The client side of one sandbox; paths are relative to /v1/organizations, unless they begin with /v1/."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._runner = asyncio.Runner()

    @classmethod
    def of(cls, seed: Mapping[str, Any] = SEED, *, now: datetime | None = NOW) -> Org:
        """A new organization in memory."""
        return cls(open_app(":memory:", now=now, seed_with=seed))

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Reply:
        """One request, with the Admin key unless `headers` say otherwise."""
        sent = {"x-api-key": ADMIN_KEY} if headers is None else dict(headers)
        return self._runner.run(self._call(method, path, body, list(query), sent, content))

    async def _call(
        self, method: str, path: str, body: object, query: Any, headers: dict[str, str], content: bytes | None
    ) -> Reply:
        transport = httpx.ASGITransport(self.app)
        full = path if path.startswith("/v1/") else f"/v1/organizations{path}"
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            response = await client.request(method, full, params=query, headers=headers, json=body, content=content)
        is_json = response.headers["content-type"] == "application/json"
        try:
            parsed = response.json() if is_json else None
        except ValueError:
            parsed = None
        return Reply(response.status_code, parsed, response.headers, response.text)

    def get(self, path: str, **query: str) -> Reply:
        """GET with a query; `roles__=x` stands for `roles[]=x`."""
        return self.call("GET", path, query=[(key.replace("__", "[]"), value) for key, value in query.items()])

    def beta(self, path: str, **query: str) -> Reply:
        """GET that names the betas of spend limits and analytics."""
        pairs = [(key.replace("__", "[]"), value) for key, value in query.items()]
        return self.call("GET", path, query=pairs, headers=BETA)

    def post(self, path: str, body: object = None) -> Reply:
        """POST a JSON body."""
        return self.call("POST", path, body)

    def delete(self, path: str) -> Reply:
        """DELETE."""
        return self.call("DELETE", path)

    def close(self) -> None:
        """Let go of the state and of the event loop."""
        self.app.close()
        self._runner.close()
