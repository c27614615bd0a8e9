"""The API keys of a seed: people and workspaces resolved, contradictions found, rows for the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from orgsync.sandbox.model.seeding import Name, SeedPart
from orgsync.sandbox.resources.users import UserRow, user_of
from orgsync.sandbox.resources.workspaces.seed import WorkspaceRow, default_workspace, unknown_workspace, workspace_of
from orgsync.sandbox.wire import ids
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.switches import Timestamp
from orgsync.sandbox.wire.validate import Creator, KeyScope, Principal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from orgsync.sandbox.model.seeding import Seeding


class ApiKeyRow(SeedPart):
    """An API key. Without a place it is in the default workspace; without a principal it is a workspace key.

    By hand: `workspace` is a name, `created_by_email` and `principal_email` are members' addresses.
    """

    type: Literal["api_key"] = "api_key"
    id: Name | None = None
    name: Name
    status: Literal["active", "inactive", "archived", "expired"] = "active"
    created_at: Timestamp | None = None
    expires_at: Timestamp | None = None
    created_by: Creator | None = None
    created_by_email: str | None = None
    partial_key_hint: str | None = None
    principal: Principal | None = None
    principal_email: str | None = None
    scope: KeyScope | None = None
    workspace_id: str | None = None
    workspace: str | None = None


def filled(seed: Seeding) -> Iterator[dict[str, Any]]:
    """The rows of the store."""
    for entry in seed.entries(ApiKeyRow):
        row = entry.row
        expires = _expiry(row, seed.now)
        creator_id, creator_type = _creator(row, seed)
        principal_id, principal_type = _principal(row, seed)
        yield {
            "id": entry.id,
            "name": row.name,
            # Expiry is not stored: it is read off `expires_at` whenever somebody looks.
            "status": "active" if row.status == "expired" else row.status,
            "created_at": entry.made(row.created_at),
            "expires_at": moments.written(expires) if expires else None,
            "expires": expires.timestamp() if expires else None,
            "created_by_id": creator_id,
            "created_by_type": creator_type,
            "partial_key_hint": row.partial_key_hint or ids.key_hint(entry.id),
            "principal_id": principal_id,
            "principal_type": principal_type,
            "workspace_id": _workspace(row, seed),
        }


def problems(seed: Seeding) -> Iterator[str]:
    """What contradicts in the section."""
    for entry in seed.entries(ApiKeyRow):
        at, row = entry.at, entry.row
        yield from _wrong_people(at, row, seed)
        expires = _expiry(row, seed.now)
        if row.status == "expired" and expires is not None and expires > seed.now:
            yield f"{at}.expires_at: an expired key cannot end in the future"
        if row.scope is not None and row.scope.type == "organization":
            if _principal(row, seed)[0] is None:
                yield f"{at}.scope: only a key with a principal can belong to the organization"
            continue
        workspace = seed.find(WorkspaceRow, _workspace(row, seed))
        if workspace is None:
            yield f"{at}: {unknown_workspace(seed, row.workspace_id, row.workspace)}"
        elif workspace.row.archived_at is not None and row.status != "archived":
            yield f"{at}.status: the keys of an archived workspace are archived"


def _wrong_people(at: str, row: ApiKeyRow, seed: Seeding) -> Iterator[str]:
    # Whoever made a key may have left, and so may the person an archived key acted as.
    if row.created_by_email is not None and _creator(row, seed)[0] is None:
        yield f"{at}.created_by_email: there is no user {row.created_by_email}"
    principal_id, principal_type = _principal(row, seed)
    if row.principal_email is not None and principal_id is None:
        yield f"{at}.principal_email: there is no user {row.principal_email}"
    elif principal_type == "user_actor" and seed.find(UserRow, principal_id) is None and row.status != "archived":
        yield f"{at}.principal: there is no user {principal_id}; the keys of people who left are archived"


def _expiry(row: ApiKeyRow, now: datetime) -> datetime | None:
    if row.expires_at is not None:
        return moments.parsed(row.expires_at)
    return now if row.status == "expired" else None


def _creator(row: ApiKeyRow, seed: Seeding) -> tuple[str | None, str | None]:
    if row.created_by is not None:
        return row.created_by.id, row.created_by.type
    user_id = user_of(seed, None, row.created_by_email)
    return user_id, "user" if user_id else None


def _principal(row: ApiKeyRow, seed: Seeding) -> tuple[str | None, str | None]:
    if row.principal is not None:
        return row.principal.identity, row.principal.type
    user_id = user_of(seed, None, row.principal_email)
    return user_id, "user_actor" if user_id else None


def _workspace(row: ApiKeyRow, seed: Seeding) -> str | None:
    if row.scope is not None:
        return row.scope.workspace_id if row.scope.type == "workspace" else None
    if row.workspace_id is None and row.workspace is None:
        return default_workspace(seed)
    return workspace_of(seed, row.workspace_id, row.workspace)
