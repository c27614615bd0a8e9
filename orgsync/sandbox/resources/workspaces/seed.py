"""The workspaces of a seed, the default one among them, and how other rows of a seed call one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from orgsync.sandbox.model.seeding import Name, SeedPart
from orgsync.sandbox.resources.workspaces import privacy
from orgsync.sandbox.resources.workspaces.endpoints import DEFAULT_RESIDENCY
from orgsync.sandbox.resources.workspaces.privacy import Privacy
from orgsync.sandbox.wire import ids
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.context import DEFAULT_WORKSPACE
from orgsync.sandbox.wire.switches import Timestamp
from orgsync.sandbox.wire.validate import Colour, ResidencyCreate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.sandbox.model.seeding import Seeding
    from orgsync.sandbox.wire.switches import Settings


class WorkspaceRow(SeedPart):
    """A workspace; the one named `Default` is the organization's default workspace."""

    type: Literal["workspace"] = "workspace"
    id: Name | None = None
    name: Name
    created_at: Timestamp | None = None
    archived_at: Timestamp | None = None
    compartment_id: Name | None = None
    data_residency: ResidencyCreate | None = None
    display_color: Colour | None = None
    external_key_id: str | None = None
    inference_data_privacy: Privacy | None = None
    tags: dict[str, str] = Field(default_factory=dict)
    user_profile_id: str | None = None


def implied(given: Sequence[WorkspaceRow], _settings: Settings) -> list[WorkspaceRow]:
    """Every organization has a default workspace."""
    return [] if any(row.name == DEFAULT_WORKSPACE for row in given) else [WorkspaceRow(name=DEFAULT_WORKSPACE)]


def default_workspace(seed: Seeding) -> str:
    """The id of the default workspace."""
    return seed.named(WorkspaceRow, DEFAULT_WORKSPACE)[0]


def is_known(seed: Seeding, workspace_id: str | None) -> bool:
    """Whether there is such a workspace."""
    return seed.find(WorkspaceRow, workspace_id) is not None


def workspace_of(seed: Seeding, workspace_id: str | None, name: str | None) -> str | None:
    """The workspace a row names; None when there is none or more than one of that name."""
    named = seed.named(WorkspaceRow, name or "")
    return workspace_id or (named[0] if len(named) == 1 else None)


def unknown_workspace(seed: Seeding, workspace_id: str | None, name: str | None) -> str:
    """Why `workspace_of` leads nowhere."""
    if workspace_id is None and len(seed.named(WorkspaceRow, name or "")) > 1:
        return f"more than one workspace is named {name}; give its workspace_id"
    return f"there is no workspace {workspace_id or name or '(workspace_id or workspace is missing)'}"


def filled(seed: Seeding) -> Iterator[dict[str, Any]]:
    """The workspaces of a seed."""
    for entry in seed.entries(WorkspaceRow):
        row = entry.row
        residency = dict(DEFAULT_RESIDENCY)
        if row.data_residency is not None:
            residency |= row.data_residency.model_dump(exclude_none=True)
        yield {
            "id": entry.id,
            "name": row.name,
            "created_at": entry.made(row.created_at),
            "archived_at": moments.written(moments.parsed(row.archived_at)) if row.archived_at else None,
            "compartment_id": row.compartment_id or ids.uuid_of("compartment", entry.id),
            "data_residency": json.dumps(residency),
            "display_color": row.display_color or ids.colour(entry.id),
            "external_key_id": row.external_key_id,
            "inference_data_privacy": json.dumps((row.inference_data_privacy or Privacy()).model_dump()),
            "tags": json.dumps(row.tags),
            "user_profile_id": row.user_profile_id,
            "is_default": int(row.name == DEFAULT_WORKSPACE),
        }


def problems(seed: Seeding) -> Iterator[str]:
    """What contradicts among the workspaces of a seed."""
    if len(seed.named(WorkspaceRow, DEFAULT_WORKSPACE)) > 1:
        yield f"workspaces: only one can be named {DEFAULT_WORKSPACE}, the organization's default workspace"
    for entry in seed.entries(WorkspaceRow):
        row = entry.row
        if row.name == DEFAULT_WORKSPACE and row.archived_at is not None:
            yield f"{entry.at}.archived_at: the default workspace cannot be archived"
        if row.inference_data_privacy is not None:
            for problem in privacy.problems(row.inference_data_privacy):
                yield f"{entry.at}.inference_data_privacy: {problem}"
