"""A seed becomes a state: checked in full first, then written in one piece, with the same ids every time."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from orgsync.sandbox import emails, ids, moments
from orgsync.sandbox.errors import SandboxError
from orgsync.sandbox.seed_check import Names, invite_times, problems_of
from orgsync.sandbox.seed_rows import Seed, WorkspaceRow
from orgsync.sandbox.store import Store
from orgsync.sandbox.workspaces import DEFAULT_NAME, DEFAULT_RESIDENCY, INSERT

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

# Rows without a timestamp are one minute apart, in file order, from here on.
BEGINNING = datetime(2025, 1, 1, tzinfo=UTC)


def create(
    path: str | os.PathLike[str], seed: Mapping[str, Any], *, now: datetime | None = None, replace: bool = False
) -> None:
    """Make the state at `path`. Nothing is left behind when the seed has problems; nothing is overwritten unasked."""
    target = Path(path)
    if target.exists() and not replace:
        raise SandboxError(f"{path}: there is a file already")
    if not target.parent.is_dir():
        raise SandboxError(f"{path}: the folder does not exist")
    with tempfile.TemporaryDirectory(prefix=".sandbox-", dir=target.parent) as folder:
        draft = Path(folder) / "state"
        filled(draft, seed, now=now).close()
        for suffix in ("-wal", "-shm"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)
        draft.replace(target)


def filled(path: str | os.PathLike[str], seed: Mapping[str, Any], *, now: datetime | None) -> Store:
    """A new store that holds the seed; it belongs to the caller."""
    checked = checked_seed(seed)
    clock = checked.settings.clock
    present = now or (moments.parsed(clock) if clock else moments.present())
    names = Names.of(checked)
    problems = problems_of(checked, names, present)
    if problems:
        raise SandboxError.listing("the seed has problems", problems)
    store = Store.new(path)
    with store.transaction():
        _fill(store, checked, names, present)
    return store


def checked_seed(seed: Mapping[str, Any]) -> Seed:
    """The seed with every row in its shape; all problems at once otherwise."""
    try:
        return Seed.model_validate(seed)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise SandboxError.listing("the seed has problems", problems) from error


def _fill(store: Store, seed: Seed, names: Names, now: datetime) -> None:
    organization = {"id": names.organization, "name": seed.organization.name}
    store.set_meta("organization", organization)
    store.set_meta("settings", seed.settings.model_dump(exclude_unset=True))
    store.run_many(
        "INSERT INTO users (id, email, email_person, email_key, name, role, added_at)"
        " VALUES (:id, :email, :person, :key, :name, :role, :added_at)",
        _by_time(_users(seed, names), "added_at"),
    )
    store.run_many(
        "INSERT INTO invites (id, email, email_person, email_key, role, status, invited_at, expires_at, expires,"
        " accepted_at, rbac_group_ids) VALUES (:id, :email, :person, :key, :role, :status, :invited_at, :expires_at,"
        " :expires, :accepted_at, :groups)",
        _by_time(_invites(seed, names, now), "invited_at"),
    )
    store.run_many(INSERT, _by_time(_workspaces(seed, names), "created_at"))
    store.run_many(
        "INSERT INTO members (workspace_id, user_id, workspace_role) VALUES (:workspace_id, :user_id, :role)",
        (
            {
                "workspace_id": names.workspace_of(row),
                "user_id": names.user_of(row),
                "role": row.workspace_role,
            }
            for row in seed.workspace_members
        ),
    )


def _users(seed: Seed, names: Names) -> Iterable[dict[str, Any]]:
    for position, (row, user_id) in enumerate(zip(seed.users, names.users, strict=True)):
        yield {
            "id": user_id,
            "email": row.email,
            **_keys(row.email),
            "name": row.name or emails.name_of(row.email),
            "role": row.role,
            "added_at": _moment(row.added_at, position),
        }


def _invites(seed: Seed, names: Names, now: datetime) -> Iterable[dict[str, Any]]:
    for row, invite_id in zip(seed.invites, names.invites, strict=True):
        invited, expires = invite_times(row, now)
        accepted = moments.parsed(row.accepted_at) if row.accepted_at else None
        if row.status == "accepted" and accepted is None:
            accepted = invited
        yield {
            "id": invite_id,
            "email": row.email,
            **_keys(row.email),
            "role": row.role,
            # Expiry is not stored: it is read off `expires_at` whenever somebody looks.
            "status": "pending" if row.status == "expired" else row.status,
            "invited_at": invited,
            "expires_at": moments.written(expires),
            "expires": expires.timestamp(),
            "accepted_at": moments.written(accepted) if accepted else None,
            "groups": json.dumps(row.rbac_group_ids),
        }


def _workspaces(seed: Seed, names: Names) -> Iterable[dict[str, Any]]:
    rows = [(row, names.workspaces[index]) for index, row in enumerate(seed.workspaces)]
    if names.made_default is not None:
        rows.insert(0, (WorkspaceRow(name=DEFAULT_NAME), names.made_default))
    for position, (row, workspace_id) in enumerate(rows):
        residency = dict(DEFAULT_RESIDENCY)
        if row.data_residency is not None:
            residency |= row.data_residency.model_dump(exclude_none=True)
        yield {
            "id": workspace_id,
            "name": row.name,
            "created_at": _moment(row.created_at, position),
            "archived_at": moments.written(moments.parsed(row.archived_at)) if row.archived_at else None,
            "compartment_id": row.compartment_id or ids.uuid_of("compartment", workspace_id),
            "data_residency": json.dumps(residency),
            "display_color": row.display_color or ids.colour(workspace_id),
            "external_key_id": row.external_key_id,
            "tags": json.dumps(row.tags),
            "user_profile_id": row.user_profile_id,
            "is_default": int(row.name == DEFAULT_NAME),
        }


def _keys(email: str) -> dict[str, str]:
    return {"person": emails.same_person(email), "key": emails.filter_key(email)}


def _moment(text: str | None, position: int) -> datetime:
    return moments.parsed(text) if text else BEGINNING + timedelta(minutes=position)


def _by_time(rows: Iterable[dict[str, Any]], field: str) -> Iterable[dict[str, Any]]:
    """Lists show the newest first by the order rows were written in, so the oldest is written first."""
    for row in sorted(rows, key=lambda row: row[field]):
        yield row | {field: moments.written(row[field])}
