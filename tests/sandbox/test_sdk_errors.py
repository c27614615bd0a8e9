"""Every typed error the SDK declares for these methods can be provoked, and arrives as exactly that class."""

from __future__ import annotations

import asyncio
import inspect
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anthropic
import httpx2
import pytest
from anthropic import AsyncAnthropic
from anthropic.types import beta, organization, shared
from anthropic.types.beta import organization as beta_organization

from orgsync.sandbox.app import open_app
from orgsync.sandbox.switches import ADMIN_KEY

from .org import ENTERPRISE, NOW, SEED, seeded
from .sdk_shapes import problems

if TYPE_CHECKING:
    from collections.abc import Mapping

ALONE: dict[str, Any] = {"users": [{"id": "user_last", "email": "last@acme.com", "role": "admin"}]}
INVITE = {"email": "new@acme.com", "role": "user"}
PENDING = {**SEED, "invites": [{"email": "new@acme.com"}]}
KEYS = {
    "ekey_good": {},
    "ekey_failed": {"validation": "failed"},
    "ekey_slow": {"validation": "timed_out"},
    "ekey_profile": {"user_profile_id": "uprof_live"},
}
CMEK = seeded(
    external_keys=KEYS,
    user_profiles={"uprof_live": "active", "uprof_gone": "inactive"},
    workspace_policy={"allowed_external_keys": ["ekey_good", "ekey_failed", "ekey_slow", "ekey_profile"]},
)
RESTRICTED = seeded(egress_restricted=True)
RESTRICTED_ENTERPRISE = seeded(ENTERPRISE, egress_restricted=True)
GROUPS = seeded(ENTERPRISE, owner_groups=["rbac_group_owners"], unconfirmed_groups=["rbac_group_unsure"])
FULL_WORKSPACE = seeded(workspace_member_limit=1)


def fault(code: str) -> list[dict[str, Any]]:
    """For what lasts only a moment in a real organization."""
    return [{"fault": "status_before", "status": 409, "error_code": code}]


@dataclass(frozen=True)
class Case:
    """One way to provoke one error."""

    method: str
    error: str
    arguments: Mapping[str, Any]
    seed: Mapping[str, Any] = field(default_factory=lambda: SEED)
    credential: str = ADMIN_KEY
    faults: list[dict[str, Any]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.method}-{self.error}"


def sign_out(error: str, user: str, credential: str = ADMIN_KEY, seed: Mapping[str, Any] = ENTERPRISE) -> Case:
    return Case("users.sign_out", error, {"user_id": user}, seed, credential)


def workspace(error: str, faults: list[dict[str, Any]] | None = None, **fields: str) -> list[Case]:
    """Creating and updating a workspace share their errors."""
    return [
        Case("workspaces.create", error, {"name": "new", **fields}, CMEK, faults=faults or []),
        Case("workspaces.update", error, {"workspace_id": "wrkspc_prod", **fields}, CMEK, faults=faults or []),
    ]


def restricted(method: str, **arguments: Any) -> Case:
    return Case(method, "SandboxEgressRestrictedError", arguments, RESTRICTED)


PROD = "wrkspc_prod"
ACTIVATION = {"api_key_id": "apikey_off", "status": "active"}
NOT_ENABLED = "BetaSpendLimitsAdminAPIWritesNotEnabledError"
NO_ACCESS = seeded(spend_limits_early_access=False)
MEMBER = {"workspace_id": "wrkspc_prod", "user_id": "user_dev"}
CASES = [
    restricted("users.update", user_id="user_kim", role="user"),
    restricted("users.remove", user_id="user_kim"),
    Case("users.remove", "CannotRemoveLastMemberError", {"user_id": "user_last"}, ALONE),
    Case(
        "users.remove",
        "ConcurrentMembershipChangeError",
        {"user_id": "user_kim"},
        faults=fault("concurrent_membership_change"),
    ),
    sign_out("BetaCannotSignOutPrimaryOwnerError", "user_first"),
    sign_out("BetaCannotSignOutSelfError", "user_owner", "token-of-owner"),
    sign_out("BetaOrganizationNotEnrolledInBetaError", "user_kim", seed=SEED),
    sign_out("BetaCannotSignOutManagedMemberError", "user_managed"),
    sign_out("BetaCannotSignOutMembershipAdminError", "user_other_keeper", "key-of-keeper"),
    sign_out("BetaCannotSignOutOwnerError", "user_owner"),
    sign_out("BetaCannotSignOutPrivilegedMemberError", "user_keeper", "token-of-owner"),
    sign_out("SandboxEgressRestrictedError", "user_kim", seed=RESTRICTED_ENTERPRISE),
    Case("invites.create", "AlreadyMemberError", {"email": "KIM@acme.com", "role": "user"}),
    Case("invites.create", "InviteAlreadyExistsError", INVITE, PENDING),
    Case(
        "invites.create",
        "CannotInviteEmailsWithUnverifiedDomainsError",
        INVITE,
        seeded(verified_domains=["other.com"]),
    ),
    Case("invites.create", "EmailDomainNotAllowedError", INVITE, seeded(allowed_domains=[])),
    Case("invites.create", "OrgMemberLimitExceededError", INVITE, seeded(member_limit=4)),
    Case(
        "invites.create",
        "RBACGroupGrantsOwnerAccessError",
        {**INVITE, "rbac_group_ids": ["rbac_group_owners"]},
        GROUPS,
    ),
    Case(
        "invites.create",
        "RBACGroupOwnerAccessUnconfirmedError",
        {**INVITE, "rbac_group_ids": ["rbac_group_unsure"]},
        GROUPS,
    ),
    Case("invites.create", "SandboxEgressRestrictedError", INVITE, RESTRICTED),
    restricted("invites.delete", invite_id="invite_any"),
    *workspace("ExternalKeyValidationFailedError", external_key_id="ekey_failed"),
    *workspace("ExternalKeyValidationTimedOutError", external_key_id="ekey_slow"),
    *workspace("KeyProfileMismatchError", external_key_id="ekey_profile"),
    *workspace("UserProfileNotFoundError", user_profile_id="uprof_gone"),
    *workspace("WorkspacePolicyViolationError", external_key_id="ekey_not_allowed"),
    *workspace("ExternalKeyChangedError", fault("external_key_changed"), external_key_id="ekey_good"),
    restricted("workspaces.create", name="new"),
    restricted("workspaces.update", workspace_id="wrkspc_prod", name="new"),
    restricted("workspaces.archive", workspace_id="wrkspc_prod"),
    Case(
        "workspaces.members.add",
        "WorkspaceMemberLimitExceededError",
        {"workspace_id": "wrkspc_prod", "user_id": "user_kim", "workspace_role": "workspace_user"},
        FULL_WORKSPACE,
    ),
    # The one update that needs room is raising an inherited billing member.
    Case(
        "workspaces.members.update",
        "WorkspaceMemberLimitExceededError",
        {"workspace_id": "wrkspc_prod", "user_id": "user_bill", "workspace_role": "workspace_admin"},
        FULL_WORKSPACE,
    ),
    restricted("workspaces.members.add", **MEMBER, workspace_role="workspace_user"),
    restricted("workspaces.members.update", **MEMBER, workspace_role="workspace_user"),
    restricted("workspaces.members.remove", **MEMBER),
    restricted("workspaces.rate_limits.update", rate_limit_id="limit-of-files", workspace_id=PROD, limits=[]),
    restricted("api_keys.update", api_key_id="apikey_ci", name="new"),
    Case("api_keys.update", "OrgAPIKeyLimitExceededError", ACTIVATION, seeded(org_api_key_limit=2)),
    Case("api_keys.update", "WorkspaceAPIKeyLimitExceededError", ACTIVATION, seeded(workspace_api_key_limit=1)),
    restricted("spend_limits.set", amount="1", scope={"type": "organization"}),
    restricted("spend_limits.delete", spend_limit_id="spl_org"),
    Case("spend_limits.set", NOT_ENABLED, {"amount": "1", "scope": {"type": "organization"}}, NO_ACCESS),
    Case("spend_limits.retrieve", NOT_ENABLED, {"spend_limit_id": "spl_org"}, NO_ACCESS),
    Case("spend_limits.delete", NOT_ENABLED, {"spend_limit_id": "spl_org"}, NO_ACCESS),
    Case(
        "spend_limits.list",
        "OrganizationTypeNotSupportedError",
        {},
        seeded(spend_limits_early_access=False, spend_limits_list_refusal=400),
    ),
    Case("spend_limits.effective.list", "OrganizationTypeNotSupportedError", {}),
]


def error_class(name: str) -> type[anthropic.APIStatusError]:
    """The SDK's class of this name, wherever it lives."""
    places = (anthropic, organization, beta_organization, shared, beta, anthropic.types)
    found: Any = next(getattr(place, name) for place in places if hasattr(place, name))
    assert isinstance(found, type)
    assert issubclass(found, anthropic.APIStatusError)
    return found


def declared() -> set[tuple[str, str]]:
    """(method, error) from the `Raises:` sections of the SDK's docstrings."""
    sdk = anthropic.Anthropic(api_key="none")
    root = sdk.beta.organization
    resources = {
        "": root,
        "users.": root.users,
        "invites.": root.invites,
        "workspaces.": root.workspaces,
        "workspaces.members.": root.workspaces.members,
        "workspaces.rate_limits.": root.workspaces.rate_limits,
        "api_keys.": root.api_keys,
        "rate_limits.": root.rate_limits,
        "spend_limits.": root.spend_limits,
        "spend_limits.effective.": root.spend_limits.effective,
        "analytics.cost.": root.analytics.cost,
        "analytics.usage.": root.analytics.usage,
    }
    found = set()
    for prefix, resource in resources.items():
        for name, method in inspect.getmembers(type(resource), inspect.isfunction):
            _, _, raises = (inspect.getdoc(method) or "").partition("Raises:")
            found |= {(prefix + name, error) for error in re.findall(r"^\s*(\w+Error):", raises, re.MULTILINE)}
    sdk.close()
    return found


def provoke(case: Case) -> anthropic.APIStatusError:
    """Make the call of a case against its organization, in-process; the error it raises."""

    async def call() -> None:
        app = open_app(":memory:", now=NOW, seed_with=case.seed)
        app.set_faults(case.faults)
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app))
        async with AsyncAnthropic(
            auth_token=case.credential, base_url="http://sandbox", max_retries=0, http_client=http
        ) as sdk:
            method: Any = sdk.beta.organization
            for name in case.method.split("."):
                method = getattr(method, name)
            try:
                await method(**case.arguments)
            finally:
                app.close()

    with pytest.raises(anthropic.APIStatusError) as caught:
        asyncio.run(call())
    return caught.value


def test_the_table_has_every_error_the_sdk_declares() -> None:
    assert {(case.method, case.error) for case in CASES} == declared()
    assert len(CASES) == len(declared())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_error_arrives_as_its_class(case: Case) -> None:
    error = provoke(case)
    expected = error_class(case.error)
    assert type(error) is expected, error
    details = error.response.json()["error"]["details"]
    assert problems(inspect.get_annotations(expected, eval_str=True)["details"], details) == []
    assert error.response.headers["request-id"] == error.response.json()["request_id"]


def test_an_organization_on_hold_says_where_to_appeal() -> None:
    seed = seeded(organization_on_hold=True, appeal_url="https://example.com/appeal")
    error = provoke(Case("users.list", "OrganizationOnHoldError", {}, seed))
    assert type(error) is error_class("OrganizationOnHoldError")
    assert error.response.json()["error"]["details"]["appeal_url"] == "https://example.com/appeal"


@pytest.mark.parametrize(
    ("status", "name", "kind"),
    [
        (401, "AuthenticationError", "authentication_error"),
        (403, "PermissionDeniedError", "permission_error"),
        (404, "NotFoundError", "not_found_error"),
        (409, "ConflictError", "conflict_error"),
        (429, "RateLimitError", "rate_limit_error"),
        (500, "InternalServerError", "api_error"),
        (503, "ServiceUnavailableError", "api_error"),
        (504, "GatewayTimeoutError", "timeout_error"),
        (529, "OverloadedError", "overloaded_error"),
    ],
)
def test_statuses_without_a_code_have_their_class_and_type(status: int, name: str, kind: str) -> None:
    case = Case("users.list", name, {}, faults=[{"fault": "status_before", "status": status}])
    error = provoke(case)
    assert type(error) is error_class(name)
    assert error.type == kind
    assert error.details is None
