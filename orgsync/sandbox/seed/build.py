"""A seed becomes a state: checked in full first, then written in one piece, with the same ids every time."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from orgsync.sandbox.reports import usage
from orgsync.sandbox.resources import api_keys
from orgsync.sandbox.resources.privacy import Privacy
from orgsync.sandbox.resources.workspaces import DEFAULT_NAME, DEFAULT_RESIDENCY, INSERT
from orgsync.sandbox.seed import keys as seed_keys
from orgsync.sandbox.seed import limits as seed_limits
from orgsync.sandbox.seed.checks import Names, by_time, invite_times, moment, problems_of
from orgsync.sandbox.seed.rows import Seed, WorkspaceRow
from orgsync.sandbox.wire import emails, ids
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.errors import SandboxError
from orgsync.sandbox.wire.store import Store

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from datetime import datetime


def create(
    path: str | os.PathLike[str], seed: Mapping[str, Any], *, now: datetime | None = None, replace: bool = False
) -> None:
    """Make the state at `path`. Nothing is left behind when the seed has problems; nothing is overwritten unasked."""
    target = Path(path)
    if target.exists() and not replace:
        raise SandboxError(f"{path}: there is a file already; --replace overwrites it")
    if not target.parent.is_dir():
        raise SandboxError(f"{path}: the folder does not exist")
    with tempfile.TemporaryDirectory(prefix=".sandbox-", dir=target.parent) as folder:
        draft = Path(folder) / "state"
        filled(draft, seed, now=now).close()
        for suffix in ("-wal", "-shm"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)
        draft.replace(target)


def filled(
    path: str | os.PathLike[str], seed: Mapping[str, Any], *, now: datetime | None, believed: bool = False
) -> Store:
    """A new store that holds the seed; it belongs to the caller.

    Rows that an API answered are `believed`: what contradicts in them is how that organization is, and no mistake.
    """
    checked = checked_seed(seed)
    clock = checked.settings.clock
    present = now or (moments.parsed(clock) if clock else moments.present())
    names = Names.of(checked)
    problems = [] if believed else _problems(checked, names, present)
    if problems:
        raise SandboxError.listing("the seed has problems", problems)
    store = Store.new(path)
    with store.transaction():
        _fill(store, checked, names, present)
    return store


def _problems(checked: Seed, names: Names, present: datetime) -> list[str]:
    return [
        *problems_of(checked, names, present),
        *seed_keys.problems(checked, names, present),
        *seed_limits.problems(checked, names),
        *_wrong_usage(checked, names, present),
    ]


def checked_seed(seed: Mapping[str, Any]) -> Seed:
    """The seed with every row in its shape; all problems at once otherwise."""
    try:
        return Seed.model_validate(seed)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise SandboxError.listing("the seed has problems", problems) from error


def _fill(store: Store, seed: Seed, names: Names, now: datetime) -> None:
    store.set_meta("organization", seed_limits.organization(seed, names))
    store.set_meta("settings", seed.settings.model_dump(exclude_unset=True))
    store.run_many(
        "INSERT INTO users (id, email, email_person, email_key, name, role, added_at)"
        " VALUES (:id, :email, :person, :key, :name, :role, :added_at)",
        by_time(_users(seed, names), "added_at"),
    )
    store.run_many(
        "INSERT INTO invites (id, email, email_person, email_key, role, status, invited_at, expires_at, expires,"
        " accepted_at, rbac_group_ids) VALUES (:id, :email, :person, :key, :role, :status, :invited_at, :expires_at,"
        " :expires, :accepted_at, :groups)",
        by_time(_invites(seed, names, now), "invited_at"),
    )
    store.run_many(INSERT, by_time(_workspaces(seed, names), "created_at"))
    store.run_many(
        "INSERT INTO members (workspace_id, user_id, workspace_role) VALUES (:workspace_id, :user_id, :role)",
        (
            {
                "workspace_id": names.workspace_of(row.workspace_id, row.workspace),
                "user_id": names.user_of(row.user_id, row.email),
                "role": row.workspace_role,
            }
            for row in seed.workspace_members
        ),
    )
    store.run_many(api_keys.INSERT, by_time(seed_keys.filled(seed, names, now), "created_at"))
    seed_limits.fill(store, seed, names)
    known = _known(seed, names, now)
    events = [usage.resolved(event, known) for event in seed.usage]
    store.run_many(usage.INSERT, ({"seconds": seconds, "event": json.dumps(event)} for seconds, event in events))


def _known(seed: Seed, names: Names, now: datetime) -> usage.Known:
    workspaces = () if seed.settings.organization_type == "enterprise" else _workspaces(seed, names)
    return usage.Known.of(_users(seed, names), workspaces, seed_keys.filled(seed, names, now))


def _wrong_usage(seed: Seed, names: Names, now: datetime) -> Iterable[str]:
    known = _known(seed, names, now)
    for position, event in enumerate(seed.usage):
        try:
            usage.resolved(event, known)
        except usage.WrongEvent as error:
            yield f"usage.{position}.{error}"


def _users(seed: Seed, names: Names) -> Iterable[dict[str, Any]]:
    for position, (row, user_id) in enumerate(zip(seed.users, names.users, strict=True)):
        yield {
            "id": user_id,
            "email": row.email,
            **_keys(row.email),
            "name": row.name or emails.name_of(row.email),
            "role": row.role,
            "added_at": moment(row.added_at, position),
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
            "created_at": moment(row.created_at, position),
            "archived_at": moments.written(moments.parsed(row.archived_at)) if row.archived_at else None,
            "compartment_id": row.compartment_id or ids.uuid_of("compartment", workspace_id),
            "data_residency": json.dumps(residency),
            "display_color": row.display_color or ids.colour(workspace_id),
            "external_key_id": row.external_key_id,
            "inference_data_privacy": json.dumps((row.inference_data_privacy or Privacy()).model_dump()),
            "tags": json.dumps(row.tags),
            "user_profile_id": row.user_profile_id,
            "is_default": int(row.name == DEFAULT_NAME),
        }


def _keys(email: str) -> dict[str, str]:
    return {"person": emails.same_person(email), "key": emails.filter_key(email)}
