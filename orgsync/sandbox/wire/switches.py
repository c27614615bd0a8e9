"""Every behaviour that is not settled, or that differs between organizations, as one row of one table: `Settings`.

A row has a name, the values it may take, a default, what it answers, and where the question comes from: a section of
the Admin API reference, an open question of it, or the SDK. A seed changes rows in its `settings`.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    StringConstraints,
    ValidationError,
    create_model,
)

from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.errors import SandboxError

ADMIN_KEY = "sk-ant-admin01-sandbox"

Maximum = Annotated[int, Field(ge=0)] | None


def _timestamp(text: str) -> str:
    moments.parsed(text)
    return text


Timestamp = Annotated[str, AfterValidator(_timestamp)]
# Minor units of the currency: "50000" is 500.00 USD.
Amount = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,17})$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


def row(default: Any, answers: str, source: str) -> Any:
    """One row of the table: its default, what it answers, where the question comes from."""
    return Field(default=default, description=answers, json_schema_extra={"source": source}, validate_default=True)


class Part(BaseModel):
    """A piece of the settings: strict types, no unknown keys, never changed in place."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Credential(Part):
    """One more secret the sandbox knows, besides its Admin key."""

    secret: Annotated[str, Field(min_length=1)]
    kind: Literal["admin_key", "oauth_token", "personal_key", "scoped_key", "workspace_key"] = "admin_key"
    email: str | None = None
    scopes: list[str] = []
    status: Literal["active", "inactive", "archived", "expired"] = "active"


class ExternalKey(Part):
    """A customer-managed encryption key, as far as workspaces meet it."""

    validation: Literal["passed", "failed", "timed_out"] = "passed"
    user_profile_id: str | None = None


class ExternalStorage(Part):
    """A customer's bucket, as far as workspaces meet it.

    `attaching` tells what comes of a request that attaches it and asks for something else, too: everything at once, or
    the rest alone, so that a second request has to finish it.
    """

    status: Literal["pending_configuration", "available", "active", "draining"] = "available"
    verification: Literal["passed", "failed"] = "passed"
    granted: bool = True
    user_profile_id: str | None = None
    attaching: Literal["at_once", "in_two_steps"] = "at_once"


PrivacyMember = Literal["human_review", "safeguards_storage", "transcripts_storage"]


class WorkspacePolicy(Part):
    """The organization's Workspace Policy."""

    allowed_external_keys: list[str] | None = None
    external_key_required: bool = False


class Settings(Part):
    """The table of switches."""

    # fmt: off
    organization_type: Literal["console", "enterprise"] = row(
        "console", "which roles and endpoints the organization has", "Credentials: organization types")
    clock: Timestamp | None = row(None, "the organization's time; null is the real clock", "Emulator defaults: clock")
    credentials: list[Credential] = row([], "secrets known besides the Admin key", "Credentials")
    foreign_credential: Literal[403, 401] = row(
        403, "status for a workspace-bound key", "Open question 27")
    version_header: Literal["optional", "required"] = row(
        "optional", "whether `anthropic-version` must be sent", "Open question 34")
    organization_on_hold: bool = row(
        False, "every request is refused: disabled for trust and safety reasons", "Errors: organization_on_hold")
    appeal_url: str | None = row(None, "where that refusal says one can appeal", "Errors: organization_on_hold")
    egress_restricted: bool = row(
        False, "writes are refused: the caller sits in a network-restricted Claude sandbox",
        "Errors: sandbox_egress_restricted")

    requests_per_minute: PositiveInt | None = row(
        None, "requests a minute for the organization, then 429", "Open question 25")
    invites_per_hour: PositiveInt | None = row(None, "invites created an hour, then 429", "Rate limits: invites")
    retry_after: Literal["seconds", "absent"] = row(
        "seconds", "the `retry-after` header of those 429", "Open question 25")
    read_lag_seconds: Annotated[float, Field(ge=0)] = row(
        0.0, "how long GETs of one item stay old after a write; lists are fresh", "Eventual consistency")
    read_lag_reads: Annotated[int, Field(ge=0)] = row(
        0, "how many GETs of one item stay old after a write; lists are fresh", "Eventual consistency")

    problems: Literal["all", "first"] = row(
        "all", "which problems of a request body the message names", "Validation: several problems")
    unknown_parameters: Literal["ignored", "refused"] = row(
        "ignored", "unknown query parameters", "Validation: unknown query parameter")
    empty_update: Literal["unchanged", "refused"] = row(
        "unchanged", "an update without any field", "Validation: empty body on update")
    malformed_id: Literal[404, 400] = row(
        404, "status for an id without its prefix in the path", "Validation: malformed id in path")
    both_cursors: Literal["refused", "after_wins"] = row(
        "refused", "`after_id` and `before_id` in one request", "Open question 26")
    unknown_cursor: Literal["refused", "empty"] = row("refused", "a cursor that names nothing", "Open question 26")
    limit_out_of_range: Literal["refused", "clamped"] = row(
        "refused", "`limit` below 1 or above 1000", "Open question 26")

    change_admin: Literal[400, 403] = row(
        400, "status for changing or removing an admin by API", "Open question 9")
    same_role: Literal["unchanged", "refused"] = row(
        "unchanged", "setting the current role of a user", "Open question 10")
    idp_manages_roles: bool = row(False, "role changes are refused: they come from the identity provider", "Users")
    provisioning: Literal["manual", "jit", "scim"] = row(
        "manual", "jit and scim refuse invites, scim refuses removals", "Users, Invites: identity provider")
    memberships_on_return: Literal["dropped", "restored"] = row(
        "dropped", "workspace memberships of a removed user who comes back", "Open question 35")
    sign_out: bool = row(True, "whether the organization is enrolled in the sign-out beta", "Users: sign_out")
    owner_groups: list[str] = row([], "RBAC groups that grant owner access", "Errors: rbac_group_grants_owner_access")
    unconfirmed_groups: list[str] = row(
        [], "RBAC groups whose check does not finish", "Errors: rbac_group_owner_access_unconfirmed")
    groups: list[str] = row([], "ordinary RBAC groups", "Invites: rbac_group_ids")

    verified_domains: list[str] | None = row(
        None, "verified domains of the parent organization; null has none to check", "Invites: unverified domains")
    allowed_domains: list[str] | None = row(None, "domains that may be invited; null is any", "Invites: allow-list")
    member_limit: Maximum = row(None, "members and pending invites the organization may have", "Invites: member cap")
    seats: Maximum = row(None, "seats bought; pending invites hold one", "Invites: seats")
    reinvite: Literal["allowed", "refused"] = row(
        "allowed", "inviting an address whose invites all expired or were withdrawn", "Open question 13")
    withdrawn_invite: Literal["readable", "gone"] = row(
        "readable", "GET of a withdrawn invite: status `deleted`, or 404", "Open question 12")
    withdraw_twice: Literal[404, 200] = row(404, "status of withdrawing an invite again", "Open question 12")
    email_case: Literal["kept", "folded"] = row("kept", "spelling in which an address is stored", "Open question 33")

    workspace_limit: Maximum = row(100, "live workspaces besides the default one", "Open question 28")
    workspace_names: Literal["duplicates", "unique"] = row(
        "duplicates", "whether two live workspaces may have one name", "Open question 2")
    workspace_name_length: PositiveInt = row(255, "longest workspace name", "Workspaces: create")
    workspace_name_spaces: Literal["kept", "stripped"] = row(
        "kept", "spaces around a workspace name", "Open question 33")
    workspace_order: Literal["newest_first", "oldest_first"] = row(
        "newest_first", "order of the workspace list", "Open question 16")
    tags_update: Literal["merge", "replace"] = row(
        "merge", "`tags` in an update: merged key by key, or taken as the whole", "Open question 1")
    tags_null: Literal["unchanged", "cleared"] = row("unchanged", "`tags: null` in an update", "Open question 1")
    tag_limit: Maximum = row(None, "most tags on one workspace", "Open question 29")
    tag_length: Maximum = row(None, "longest tag key or value", "Open question 29")
    empty_tag_values: Literal["accepted", "refused"] = row(
        "accepted", "whether a tag value may be empty", "Open question 29")
    residency_null: Literal["unchanged", "reset"] = row(
        "unchanged", "`data_residency: null` in an update", "Open question 32")
    empty_allowed_geos: Literal["refused", "accepted"] = row(
        "refused", "an empty `allowed_inference_geos` list", "Open question 32")
    archive_twice: Literal[200, 400] = row(200, "status of archiving an archived workspace", "Open question 3")
    archived_writes: Literal["refused", "accepted"] = row(
        "refused", "updates, member writes and limits on an archived workspace", "Open questions 4 and 22")
    default_workspace_update: Literal["accepted", "refused"] = row(
        "accepted", "colour, tags and residency of the default workspace", "Open question 5")
    default_workspace_members: Literal["empty", "refused"] = row(
        "empty", "the member list of the default workspace", "Open question 5")
    external_keys: dict[str, ExternalKey] | None = row(
        None, "customer-managed keys by id; null means CMEK is not enabled", "Workspaces: external_key_id")
    user_profiles: dict[str, Literal["active", "inactive"]] = row(
        {}, "user profiles by id", "Workspaces: user_profile_id")
    workspace_policy: WorkspacePolicy = row(
        WorkspacePolicy(), "the organization's Workspace Policy", "Errors: workspace_policy_violation")

    privacy_members: list[PrivacyMember] = row(
        ["human_review", "safeguards_storage", "transcripts_storage"],
        "members of `inference_data_privacy` the organization is enabled for", "Workspaces: inference_data_privacy")
    human_review_approval: Literal["given", "missing", "unreadable"] = row(
        "given", "Anthropic's approval to turn human review off", "Errors: approval_required")
    external_storages: dict[str, ExternalStorage] | None = row(
        None, "external storage by id; null means it is not available", "Workspaces: inference_data_privacy")
    managed_through: Literal["anthropic", "aws", "google"] = row(
        "anthropic", "whose platform manages the organization", "Errors: transcripts_storage_required")
    storage_attached_while_archiving: str | None = row(
        None, "external storage that a colleague attaches to every workspace while it is archived",
        "Errors: storage_attached_during_archive")
    coded_503_type: Literal["api_error", "overloaded_error", "timeout_error"] = row(
        "api_error", "`error.type` of a 503 with an error code", "Open question 37")
    coded_503_should_retry: Literal["absent", "true", "false"] = row(
        "absent", "the `x-should-retry` header of a 503 with an error code", "Open question 38")
    privacy_by_admin_key: Literal[403, 400] = row(
        403, "status for an Admin key that sets `inference_data_privacy`", "Open question 39")
    privacy_without_beta: Literal["refused", "ignored"] = row(
        "refused", "`inference_data_privacy` in a request without its beta header", "Open question 40")

    workspace_member_limit: Maximum = row(None, "members one workspace may have", "Workspace members: cap")
    inherited_members: Literal["hidden", "listed"] = row(
        "hidden", "whether the list shows admins and billing members who were never added", "Open question 6")
    add_existing_member: Literal["refused", "upsert"] = row(
        "refused", "adding someone who is a member already", "Open question 7")
    add_stranger: Literal[404, 400] = row(
        404, "status for adding someone who is not in the organization", "Open question 8")
    remove_stranger: Literal[404, 200] = row(
        404, "status for removing someone who is not in the workspace", "Open question 8")
    assign_billing: Literal["refused", "accepted"] = row(
        "refused", "`workspace_billing` for someone without the billing role", "Open question 11")
    member_order: Literal["insertion", "newest_first"] = row(
        "insertion", "order of a workspace's member list", "Open question 16")

    api_key_order: Literal["newest_first", "oldest_first"] = row(
        "newest_first", "order of the API key list", "Open question 16")
    org_api_key_limit: Maximum = row(None, "active API keys in the organization", "Errors: org_api_key_limit_exceeded")
    workspace_api_key_limit: Maximum = row(
        None, "active API keys in one workspace", "Errors: workspace_api_key_limit_exceeded")
    revive_api_key: Literal[400, 403, 409] = row(
        400, "status for activating or switching off an archived or expired key", "Open question 14")
    archive_key_twice: Literal[200, 400] = row(200, "archiving an archived key", "Open question 14")
    rename_archived_key: Literal["refused", "accepted"] = row(
        "refused", "a new name for an archived key", "Open question 14")
    api_key_null: Literal["unchanged", "refused"] = row(
        "unchanged", "`name: null` and `status: null` in an update of a key", "Open question 14")
    admin_keys: Literal["hidden", "listed"] = row(
        "hidden", "whether the API key list shows the Admin key", "Open question 15")

    unknown_rate_limit: Literal[404, 400] = row(
        404, "status for a `rate_limit_id` the organization does not have", "Open question 23")
    foreign_limiters: Literal["accepted", "refused"] = row(
        "accepted", "an override of a limiter type the group does not have", "Open question 23")
    duplicate_limiters: Literal["refused", "last_wins"] = row(
        "refused", "a limiter type named twice in one update", "Open question 23")
    rate_limit_answer: Literal["overrides", "inherited"] = row(
        "overrides", "`limits` in the answer of an update: without or with inherited types", "Open question 24")
    default_workspace_limits: Literal[400, 403] = row(
        400, "status for a rate limit or spend limit of the default workspace", "Open question 22")

    spend_limits_early_access: bool = row(
        True, "whether a Console organization may use the spend limit endpoints", "Spend limits: early access")
    spend_limits_list_refusal: Literal[403, 400] = row(
        403, "how the list is refused without it: 403 like the writes, or 400 `organization_type_not_supported`",
        "Open question 18")
    spend_limit_requests_per_minute: PositiveInt | None = row(
        None, "requests a minute to all spend limit endpoints together, then 429", "Rate limits: spend limits")
    missing_beta_header: Literal[400, 403, 404] = row(
        400, "status for the spend limit list and the analytics without their beta header", "Open question 17")
    currency: Currency = row("USD", "the organization's billing currency", "Spend limits: currency")
    usage_tier: Literal["start", "build", "scale", "custom"] = row(
        "scale", "which monthly cap the `usage_tier` row shows; custom has none", "Spend limits: tier caps")
    granted_spend_cap: Amount | None = row(
        None, "a cap Anthropic granted instead of the tier's, in minor units", "Spend limits: usage_tier")
    spend_limit_relations: Literal["checked", "unchecked"] = row(
        "checked", "whether workspace limit <= organization limit <= tier cap is enforced", "Open question 19")
    spend_limit_upsert: Literal["same_id", "new_id"] = row(
        "same_id", "the id of a limit that is set again", "Open question 20")
    null_amount: Literal["refused", "accepted"] = row(
        "refused", "`amount: null` in a Console organization", "Open question 21")
    other_periods: Literal["refused", "accepted"] = row(
        "refused", "a daily or weekly limit in a Console organization", "Open question 21")
    omitted_period: Literal["monthly", "refused"] = row("monthly", "a limit set without `period`", "Open question 21")
    unknown_limit_workspace: Literal[404, 400] = row(
        404, "status for a spend limit of an unknown workspace", "Open question 22")
    delete_usage_tier: Literal[400, 403] = row(
        400, "status for deleting the `usage_tier` row", "Open question 22")

    report_delay_minutes: Annotated[int, Field(ge=0, le=100_000)] = row(
        0, "how far reports lag behind usage", "Open question 31, Legacy reports: freshness")
    analytics_cursors: Literal["until_refresh", "lasting"] = row(
        "until_refresh", "whether new data outdate the cursors of analytics: 410", "Analytics reports: stale cursor")
    # fmt: on


@cache
def settings_shape(*more: type[Part]) -> type[Settings]:
    """The table with the rows that resources bring."""
    bases: tuple[type[Any], ...] = (*more, Settings)  # pydantic puts the fields of the last one first
    return create_model("Settings", __base__=bases) if more else Settings


def settings_of(value: object, shape: type[Settings] = Settings) -> Settings:
    """The settings a seed or a Console edit gives; every problem in one SandboxError."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        problems = [f"settings.{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise SandboxError.listing("the settings have problems", problems) from error
