"""The shape of a seed: rows as the API shows them, of which ids, types and timestamps may be left out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from orgsync.sandbox.switches import Settings, Timestamp
from orgsync.sandbox.validate import Colour, Email, ResidencyCreate, WorkspaceRole

Role = Literal[
    "admin", "billing", "claude_code_user", "developer", "managed", "membership_admin", "owner", "primary_owner", "user"
]
Name = Annotated[str, Field(min_length=1)]


class SeedPart(BaseModel):
    """A piece of a seed: strict types, no unknown keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class OrganizationRow(SeedPart):
    """GET /me."""

    type: Literal["organization"] = "organization"
    id: Name | None = None
    name: Name = "Sandbox"


class UserRow(SeedPart):
    """A member of the organization."""

    type: Literal["user"] = "user"
    id: Name | None = None
    email: Email
    name: Name | None = None
    role: Role = "user"
    added_at: Timestamp | None = None


class InviteRow(SeedPart):
    """An invite. Without times it was sent when the sandbox was made, or long ago if it has expired."""

    type: Literal["invite"] = "invite"
    id: Name | None = None
    email: Email
    role: Role = "user"
    status: Literal["pending", "accepted", "expired", "deleted"] = "pending"
    invited_at: Timestamp | None = None
    expires_at: Timestamp | None = None
    accepted_at: Timestamp | None = None
    rbac_group_ids: list[str] = []


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
    tags: dict[str, str] = {}
    user_profile_id: str | None = None


class MemberRow(SeedPart):
    """A membership; people and workspaces by id, or by e-mail and name."""

    type: Literal["workspace_member"] = "workspace_member"
    user_id: str | None = None
    email: str | None = None
    workspace_id: str | None = None
    workspace: str | None = None
    workspace_role: WorkspaceRole = "workspace_user"


def _not_held(rows: list[Any]) -> list[Any]:
    if rows:
        raise ValueError("this sandbox does not hold these yet; leave the list empty")
    return rows


NotHeld = Annotated[list[Any], AfterValidator(_not_held)]


class Seed(SeedPart):
    """The whole file."""

    organization: OrganizationRow = OrganizationRow()
    users: list[UserRow] = []
    invites: list[InviteRow] = []
    workspaces: list[WorkspaceRow] = []
    workspace_members: list[MemberRow] = []
    api_keys: NotHeld = []
    rate_limits: NotHeld = []
    workspace_rate_limits: NotHeld = []
    spend_limits: NotHeld = []
    settings: Settings = Settings()
