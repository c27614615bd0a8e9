"""The API keys of a seed: people and workspaces resolved, contradictions found, rows for the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.sandbox.seed.checks import moment
from orgsync.sandbox.wire import ids
from orgsync.sandbox.wire import timestamps as moments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from orgsync.sandbox.seed.checks import Names
    from orgsync.sandbox.seed.rows import ApiKeyRow, Seed


def filled(seed: Seed, names: Names, now: datetime) -> Iterator[dict[str, Any]]:
    """The rows of the store."""
    for position, (row, key_id) in enumerate(zip(seed.api_keys, names.api_keys, strict=True)):
        expires = _expiry(row, now)
        creator_id, creator_type = _creator(row, names)
        principal_id, principal_type = _principal(row, names)
        yield {
            "id": key_id,
            "name": row.name,
            # Expiry is not stored: it is read off `expires_at` whenever somebody looks.
            "status": "active" if row.status == "expired" else row.status,
            "created_at": moment(row.created_at, position),
            "expires_at": moments.written(expires) if expires else None,
            "expires": expires.timestamp() if expires else None,
            "created_by_id": creator_id,
            "created_by_type": creator_type,
            "partial_key_hint": row.partial_key_hint or ids.key_hint(key_id),
            "principal_id": principal_id,
            "principal_type": principal_type,
            "workspace_id": _workspace(row, names),
        }


def problems(seed: Seed, names: Names, now: datetime) -> Iterator[str]:
    """What contradicts in the section."""
    if seed.api_keys and seed.settings.organization_type == "enterprise":
        yield "api_keys: Claude Enterprise organizations have none"
    archived = {
        workspace_id
        for row, workspace_id in zip(seed.workspaces, names.workspaces, strict=True)
        if row.archived_at is not None
    }
    for position, row in enumerate(seed.api_keys):
        at = f"api_keys.{position}"
        yield from _wrong_people(at, row, names)
        expires = _expiry(row, now)
        if row.status == "expired" and expires is not None and expires > now:
            yield f"{at}.expires_at: an expired key cannot end in the future"
        if row.scope is not None and row.scope.type == "organization":
            if _principal(row, names)[0] is None:
                yield f"{at}.scope: only a key with a principal can belong to the organization"
            continue
        workspace = _workspace(row, names)
        if workspace not in names.all_workspaces:
            yield f"{at}: {names.unknown_workspace(row.workspace_id, row.workspace)}"
        if workspace in archived and row.status != "archived":
            yield f"{at}.status: the keys of an archived workspace are archived"


def _wrong_people(at: str, row: ApiKeyRow, names: Names) -> Iterator[str]:
    # Whoever made a key may have left, and so may the person an archived key acted as.
    if row.created_by_email is not None and _creator(row, names)[0] is None:
        yield f"{at}.created_by_email: there is no user {row.created_by_email}"
    principal_id, principal_type = _principal(row, names)
    if row.principal_email is not None and principal_id is None:
        yield f"{at}.principal_email: there is no user {row.principal_email}"
    elif principal_type == "user_actor" and principal_id not in names.users and row.status != "archived":
        yield f"{at}.principal: there is no user {principal_id}; the keys of people who left are archived"


def _expiry(row: ApiKeyRow, now: datetime) -> datetime | None:
    if row.expires_at is not None:
        return moments.parsed(row.expires_at)
    return now if row.status == "expired" else None


def _creator(row: ApiKeyRow, names: Names) -> tuple[str | None, str | None]:
    if row.created_by is not None:
        return row.created_by.id, row.created_by.type
    user_id = names.user_of(None, row.created_by_email)
    return user_id, "user" if user_id else None


def _principal(row: ApiKeyRow, names: Names) -> tuple[str | None, str | None]:
    if row.principal is not None:
        return row.principal.identity, row.principal.type
    user_id = names.user_of(None, row.principal_email)
    return user_id, "user_actor" if user_id else None


def _workspace(row: ApiKeyRow, names: Names) -> str | None:
    if row.scope is not None:
        return row.scope.workspace_id if row.scope.type == "workspace" else None
    if row.workspace_id is None and row.workspace is None:
        return names.default
    return names.workspace_of(row.workspace_id, row.workspace)
