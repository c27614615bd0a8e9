"""Request bodies, strictly: unknown fields, missing fields and wrong types are refused the way the API does it.

The wording `<path>: Extra inputs are not permitted` and `<path>: Field required` was seen on the real API, which points
to pydantic models with `extra="forbid"`; so the sandbox has them too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from orgsync.sandbox.wire import emails
from orgsync.sandbox.wire.errors import Refusal, invalid
from orgsync.sandbox.wire.switches import Amount, Timestamp

if TYPE_CHECKING:
    from orgsync.sandbox.wire.context import Context


class Body(BaseModel):
    """A request body."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


BodyT = TypeVar("BodyT", bound=Body)

GEOS = ("global", "us")


def _email(text: str) -> str:
    if not emails.is_email(text):
        raise PydanticCustomError("email", "value is not a valid email address")
    return text


def _tags(tags: dict[str, Any]) -> dict[str, Any]:
    for key in tags:
        if key.startswith("anthropic"):
            raise PydanticCustomError("tag_key", "Keys may not begin with 'anthropic'")
    return tags


def _geos(value: Any) -> Any:
    # A plain union would put the name of the tried branch into the path of every message.
    if value is None or value == "unrestricted":
        return value
    if not isinstance(value, list) or any(geo not in GEOS for geo in value):
        raise PydanticCustomError("geos", "Input should be 'unrestricted' or a list of 'global' and 'us'")
    return value


Email = Annotated[str, AfterValidator(_email)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]
AllowedGeos = Annotated[Any, AfterValidator(_geos)]
Geo = Literal["global", "us"]
# The SDK's enum for invites and user updates; which of them an organization accepts depends on its type.
AssignableRole = Literal["billing", "claude_code_user", "developer", "managed", "user"]
AddableRole = Literal["workspace_admin", "workspace_developer", "workspace_restricted_developer", "workspace_user"]
WorkspaceRole = Literal[
    "workspace_admin", "workspace_billing", "workspace_developer", "workspace_restricted_developer", "workspace_user"
]


class Nothing(Body):
    """Archive and sign-out have no fields."""


class ConsoleUserCreate(Body):
    """What a colleague or an identity provider adds; the API has no such call."""

    email: Email
    role: str
    name: Annotated[str, Field(min_length=1)] | None = None


class ConsoleUserUpdate(Body):
    """In the Console every role can be given."""

    role: str


class UserUpdate(ConsoleUserUpdate):
    """POST /users/{user_id}."""

    role: AssignableRole


class ConsoleInviteCreate(Body):
    """In the Console every role can be offered."""

    email: Email
    role: str
    rbac_group_ids: Annotated[list[str], Field(max_length=100)] = []


class InviteCreate(ConsoleInviteCreate):
    """POST /invites."""

    role: AssignableRole


class ConsoleInviteUpdate(Body):
    """Time passes at once: the invite has expired."""

    status: Literal["expired"]


class ResidencyCreate(Body):
    """`data_residency` of a new workspace."""

    workspace_geo: Literal["us"] | None = None
    allowed_inference_geos: AllowedGeos = None
    default_inference_geo: Geo | None = None


class ResidencyUpdate(Body):
    """`data_residency` of an update: where data is stored cannot be changed, so the field does not exist."""

    allowed_inference_geos: AllowedGeos = None
    default_inference_geo: Geo | None = None


class WorkspaceCreate(Body):
    """POST /workspaces."""

    name: Annotated[str, Field(min_length=1)]
    data_residency: ResidencyCreate | None = None
    display_color: Colour | None = None
    external_key_id: str | None = None
    tags: Annotated[dict[str, str], AfterValidator(_tags)] | None = None
    user_profile_id: str | None = None


class WorkspaceUpdate(Body):
    """POST /workspaces/{workspace_id}. A field that is not given stays; the defaults below are never read."""

    name: Annotated[str, Field(min_length=1)] = ""
    data_residency: ResidencyUpdate | None = None
    display_color: Colour = ""
    external_key_id: str = ""
    tags: Annotated[dict[str, str | None], AfterValidator(_tags)] | None = None
    user_profile_id: str = ""


class MemberAdd(Body):
    """POST /workspaces/{workspace_id}/members."""

    user_id: str
    workspace_role: AddableRole


class MemberUpdate(Body):
    """POST /workspaces/{workspace_id}/members/{user_id}."""

    workspace_role: WorkspaceRole


class ApiKeyUpdate(Body):
    """POST /api_keys/{api_key_id}. The server alone lets keys expire."""

    name: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    status: Literal["active", "archived", "inactive"] | None = None


class Creator(Body):
    """`created_by` of an API key."""

    id: str
    type: Literal["user", "service_account"] = "user"


class Reference(Body):
    """What is named by one field besides its type; the organization, of which there is one, by none."""

    @property
    def identity(self) -> str:
        """Which one it is."""
        return next((str(value) for name, value in self if name != "type"), "")


class UserPrincipal(Reference):
    """A key that acts as a user."""

    type: Literal["user_actor"]
    user_id: str


class ServiceAccountPrincipal(Reference):
    """A key that acts as a service account."""

    type: Literal["service_account_actor"]
    service_account_id: str


class OrganizationScope(Reference):
    """The organization itself."""

    type: Literal["organization"]


class WorkspaceScope(Reference):
    """One workspace."""

    type: Literal["workspace"]
    workspace_id: str


class UserScope(Reference):
    """One member."""

    type: Literal["user"]
    user_id: str


Principal = Annotated[UserPrincipal | ServiceAccountPrincipal, Discriminator("type")]
KeyScope = Annotated[OrganizationScope | WorkspaceScope, Discriminator("type")]


class ConsoleKeyCreate(Body):
    """What a colleague makes in the Console; the API has no such call."""

    name: Annotated[str, Field(min_length=1, max_length=500)]
    scope: KeyScope
    created_by: Creator | None = None
    principal: Principal | None = None
    expires_at: Timestamp | None = None


# Closed when writing, open when reading.
Limiter = Literal[
    "fast_itpmca",
    "fast_otpm",
    "input_tokens_per_minute",
    "input_tokens_per_minute_cache_aware",
    "output_tokens_per_minute",
    "requests_per_minute",
    "tokens_per_day",
    "tokens_per_minute",
    "tool_uses_per_second",
]


class RateLimitValue(Body):
    """One limiter; null clears its override."""

    type: Limiter
    value: Annotated[int, Field(ge=0, le=9007199254740991)] | None


class RateLimitUpdate(Body):
    """POST /workspaces/{workspace_id}/rate_limits/{rate_limit_id}."""

    limits: Annotated[list[RateLimitValue], Field(min_length=1, max_length=16)]


Period = Literal["daily", "monthly", "weekly"]


class SpendLimitSet(Body):
    """POST /spend_limits. `amount` may be null, not absent."""

    amount: Amount | None
    scope: Annotated[OrganizationScope | WorkspaceScope | UserScope, Discriminator("type")]
    period: Period | None = None


Count = Annotated[int, Field(ge=0, le=10**12)]
Cents = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}(\.[0-9]{1,12})?$")]


class UsageEvent(Body):
    """What was used at one moment: a row of a seed's `usage`, or what time brings (POST /usage of the Console).

    `api_key` and `workspace` are ids or names, `email` is the member who used it without a key. A key brings its
    workspace and its principal with it; what names no workspace happened in the default one.
    """

    at: Timestamp
    api_key: str | None = None
    workspace: str | None = None
    email: str | None = None
    model: str | None = None
    input_tokens: Count = 0
    output_tokens: Count = 0
    cache_read_tokens: Count = 0
    cache_creation_5m_tokens: Count = 0
    cache_creation_1h_tokens: Count = 0
    web_search_requests: Count = 0
    requests: Count = 1
    cost_cents: Cents = "0"
    list_cost_cents: Cents | None = None
    cost_type: Literal["tokens", "web_search", "code_execution", "session_usage"] = "tokens"
    context_window: Literal["0-200k", "200k-1M"] | None = "0-200k"
    inference_geo: Literal["global", "us"] | None = "global"
    service_tier: Literal["batch", "flex", "flex_discount", "priority", "priority_on_demand", "standard"] = "standard"
    speed: Literal["fast", "standard"] = "standard"
    product: str | None = None


def body_of(ctx: Context, model: type[BodyT], *, ignoring: str | None = None) -> BodyT:
    """The request's body as `model`, or a 400 that names what is wrong with it."""
    given = _json_object(ctx.call.content)
    try:
        return model.model_validate({name: value for name, value in given.items() if name != ignoring})
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        shown = problems if ctx.settings.problems == "all" else problems[:1]
        raise invalid("; ".join(shown)) from error


def _json_object(content: bytes) -> dict[str, Any]:
    if not content:
        return {}
    try:
        value = json.loads(content, parse_constant=_no_constant)
        if b"\\u" in content:  # half of a surrogate pair can be written so, and is no text
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"The request body is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise Refusal(400, "The request body should be a JSON object")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
