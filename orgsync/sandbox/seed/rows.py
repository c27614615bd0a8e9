"""The shape of a seed: rows as the API shows them, of which ids, types and timestamps may be left out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from orgsync.sandbox.resources.privacy import Privacy
from orgsync.sandbox.wire.switches import Amount, Currency, Settings, Timestamp
from orgsync.sandbox.wire.validate import (
    Colour,
    Creator,
    Email,
    KeyScope,
    Period,
    Principal,
    ResidencyCreate,
    UsageEvent,
    WorkspaceRole,
)

Role = Literal[
    "admin", "billing", "claude_code_user", "developer", "managed", "membership_admin", "owner", "primary_owner", "user"
]
Name = Annotated[str, Field(min_length=1)]


class SeedPart(BaseModel):
    """A piece of a seed: strict types, no unknown keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class OrganizationRow(SeedPart):
    """GET /me, and when the organization was made, which the API shows only on its usage tier's spend limit."""

    type: Literal["organization"] = "organization"
    id: Name | None = None
    name: Name = "Sandbox"
    created_at: Timestamp | None = None


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
    inference_data_privacy: Privacy | None = None
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


class GroupRow(SeedPart):
    """`group` of a rate limit; its id is the same in every organization."""

    id: Name | None = None
    type: Literal["model_group", "batch", "token_count", "files", "skills", "web_search"]
    display_name: Name | None = None


class LimiterRow(SeedPart):
    """One value of a rate limit of the organization, where types are an open set."""

    type: Name
    value: Annotated[int, Field(ge=0)]


class RateLimitRow(SeedPart):
    """A rate limit of the organization. A seed without any gets the usual ones."""

    type: Literal["rate_limit"] = "rate_limit"
    id: Name | None = None
    group: GroupRow
    limits: list[LimiterRow]
    models: list[Name] | None = None


class SourceRow(SeedPart):
    """`source` of a value in a workspace."""

    type: Literal["workspace", "organization"]


class OverrideRow(SeedPart):
    """One value in a workspace. Values that come from the organization are left to it."""

    type: Name
    value: Annotated[int, Field(ge=0)]
    org_limit: int | None = None
    source: SourceRow = SourceRow(type="workspace")


class WorkspaceRateLimitRow(SeedPart):
    """Overrides of one group in one workspace. By hand: `workspace` is a name, `model` or `group_type` the group."""

    type: Literal["workspace_rate_limit"] = "workspace_rate_limit"
    rate_limit_id: str | None = None
    group: GroupRow | None = None
    model: str | None = None
    group_type: str | None = None
    workspace_id: str | None = None
    workspace: str | None = None
    limits: list[OverrideRow]
    models: list[str] | None = None


class SpendScopeRow(SeedPart):
    """`scope` of a spend limit; which field identifies it depends on the type."""

    type: Literal["organization", "workspace", "usage_tier", "seat_tier", "rbac_group", "organization_service", "user"]
    workspace_id: str | None = None
    user_id: str | None = None
    seat_tier: str | None = None
    rbac_group_id: str | None = None
    service: str | None = None


class SpendLimitRow(SeedPart):
    """A spend limit, in minor units. By hand: `workspace` is a name, `email` a member; without any, the organization.

    A row for `usage_tier` has to say what the settings say.
    """

    type: Literal["spend_limit"] = "spend_limit"
    id: Name | None = None
    scope: SpendScopeRow | None = None
    workspace: str | None = None
    email: str | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    period: Period = "monthly"
    is_enabled: bool = True
    created_at: Timestamp | None = None
    updated_at: Timestamp | None = None


class Seed(SeedPart):
    """The whole file."""

    organization: OrganizationRow = OrganizationRow()
    users: list[UserRow] = []
    invites: list[InviteRow] = []
    workspaces: list[WorkspaceRow] = []
    workspace_members: list[MemberRow] = []
    api_keys: list[ApiKeyRow] = []
    rate_limits: list[RateLimitRow] = []
    workspace_rate_limits: list[WorkspaceRateLimitRow] = []
    spend_limits: list[SpendLimitRow] = []
    usage: list[UsageEvent] = []
    settings: Settings = Settings()
