"""Every typed error the SDK declares for these methods can be provoked, and arrives as exactly that class."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anthropic
import httpx2
import pytest
from anthropic import AsyncAnthropic
from anthropic.types import beta, organization, shared
from anthropic.types.beta import organization as beta_organization
from stories import every_third

from orgsync.sandbox.server.app import open_app
from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.org import CEO_TOKEN, ENTERPRISE, NOW, SEED, seeded

from .sdk_resources import ELSEWHERE, EMULATED, EXCLUDED, is_excluded, methods, raised, resources
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
BY_TOKEN = seeded(egress_restricted=True, credentials=[CEO_TOKEN])
ACCOUNT_MEMBER = {"workspace_id": "wrkspc_prod", "service_account_id": "svac_any"}
ACCOUNT_MEMBER_WRITES: dict[str, dict[str, Any]] = {
    "service_accounts.add": {**ACCOUNT_MEMBER, "workspace_role": "workspace_user"},
    "service_accounts.update": {**ACCOUNT_MEMBER, "workspace_role": "workspace_user"},
    "service_accounts.remove": ACCOUNT_MEMBER,
}
ACCOUNT_WRITES: dict[str, dict[str, Any]] = {
    "create": {"name": "bot"},
    "update": {"service_account_id": "svac_bot", "description": "x"},
    "archive": {"service_account_id": "svac_bot"},
}
RESTRICTED_ENTERPRISE = seeded(ENTERPRISE, egress_restricted=True)
GROUPS = seeded(ENTERPRISE, owner_groups=["rbac_group_owners"], unconfirmed_groups=["rbac_group_unsure"])
FULL_WORKSPACE = seeded(workspace_member_limit=1)


EFS_BETA = "efs-2026-10-01"
STORAGES: dict[str, Any] = {
    "estrg_a": {},
    "estrg_new": {"status": "pending_configuration"},
    "estrg_broken": {"verification": "failed"},
    "estrg_other": {"granted": False},
    "estrg_profile": {"user_profile_id": "uprof_live"},
    "estrg_late": {"attaching": "in_two_steps"},
}
PRIVATE = seeded(credentials=[CEO_TOKEN], external_storages=STORAGES)


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
    beta: bool = True

    def __str__(self) -> str:
        return f"{self.method}-{self.error}{'' if self.beta else '-stable'}"


def sign_out(error: str, user: str, credential: str = ADMIN_KEY, seed: Mapping[str, Any] = ENTERPRISE) -> Case:
    return Case("users.sign_out", error, {"user_id": user}, seed, credential)


def workspace(error: str, faults: list[dict[str, Any]] | None = None, **fields: str) -> list[Case]:
    """Creating and updating a workspace share their errors."""
    return [
        Case("workspaces.create", error, {"name": "new", **fields}, CMEK, faults=faults or []),
        Case("workspaces.update", error, {"workspace_id": "wrkspc_prod", **fields}, CMEK, faults=faults or []),
    ]


def privacy(error: str, members: Mapping[str, Any], *, update_only: bool = False, **settings: Any) -> list[Case]:
    """Where inference data of a workspace goes: only a credential that belongs to somebody can ask for it."""
    seed, token = seeded(PRIVATE, **settings), str(CEO_TOKEN["secret"])
    fields = {"inference_data_privacy": members, "betas": [EFS_BETA]}
    create = Case("workspaces.create", error, {"name": "new", **fields}, seed, token)
    update = Case("workspaces.update", error, {"workspace_id": "wrkspc_prod", "name": "new", **fields}, seed, token)
    return [update] if update_only else [create, update]


def concurrent(error: str, code: str) -> Case:
    """What only requests that run at the same time, or a long life, bring about."""
    rule = {"fault": "status_before", "error_code": code}
    return Case("workspaces.update", error, {"workspace_id": PROD, "name": "new"}, faults=[rule])


def external(storage_id: str) -> dict[str, Any]:
    return {"type": "external", "external_storage_id": storage_id}


def restricted(method: str, **arguments: Any) -> Case:
    return Case(method, "SandboxEgressRestrictedError", arguments, RESTRICTED)


PROD = "wrkspc_prod"
OFF = {"human_review": {"type": "disabled"}}
MOVED = {"transcripts_storage": external("estrg_a")}
LATE = {"transcripts_storage": external("estrg_late")}
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
    *privacy("BetaApprovalRequiredError", OFF, human_review_approval="missing"),
    *privacy("BetaAuthorizationCheckUnavailableError", OFF, human_review_approval="unreadable"),
    *privacy("BetaExternalStorageNotAvailableError", MOVED, external_storages=None),
    *privacy("BetaGrantRequiredError", {"transcripts_storage": external("estrg_other")}),
    *privacy("BetaHumanReviewNotAvailableError", OFF, privacy_members=["safeguards_storage"]),
    *privacy("BetaHumanReviewOnWithExternalStorageError", {"safeguards_storage": external("estrg_a")}),
    *privacy("BetaInvalidStorageARNError", {"transcripts_storage": external("bucket")}, managed_through="aws"),
    *privacy("BetaOrganizationNotEligibleError", OFF, privacy_members=[]),
    *privacy("BetaStorageNotAttachableError", {"transcripts_storage": external("estrg_new")}),
    *privacy("StorageProfileMismatchError", {"transcripts_storage": external("estrg_profile")}),
    *privacy("BetaStorageVerificationFailedError", {"transcripts_storage": external("estrg_broken")}),
    *privacy("BetaTranscriptsStorageRequiredError", OFF, managed_through="google"),
    *privacy("ChangeOutcomeUnknownError", LATE, update_only=True),
    privacy("WorkspaceCreatedIncompleteError", LATE)[0],
    concurrent("BetaStorageAttachLimitReachedError", "storage_attach_limit_reached"),
    concurrent("BetaStorageProfileStillRequiredError", "storage_profile_still_required"),
    concurrent("BetaStorageChangedConcurrentlyError", "storage_changed_concurrently"),
    concurrent("BetaWorkspaceChangedConcurrentlyError", "workspace_changed_concurrently"),
    Case(
        "workspaces.archive",
        "StorageAttachedDuringArchiveError",
        {"workspace_id": PROD},
        seeded(storage_attached_while_archiving="estrg_a"),
    ),
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
    *(
        Case(f"service_accounts.{method}", "SandboxEgressRestrictedError", fields, BY_TOKEN, str(CEO_TOKEN["secret"]))
        for method, fields in ACCOUNT_WRITES.items()
    ),
    restricted("compliance_settings.update", state={"type": "enabled"}),
    *(
        Case(f"workspaces.{method}", "SandboxEgressRestrictedError", fields, BY_TOKEN, str(CEO_TOKEN["secret"]))
        for method, fields in ACCOUNT_MEMBER_WRITES.items()
    ),
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


def declared(root: Any) -> set[tuple[str, str]]:
    """(method, error) of what the sandbox emulates, from the `Raises:` sections of the SDK's docstrings."""
    return {
        (prefix + name, error)
        for prefix, resource in resources(root)
        if prefix in EMULATED + ELSEWHERE
        for name, method in methods(resource).items()
        for error in raised(method)
    }


def provoke(case: Case) -> anthropic.APIStatusError:
    """Make the call of a case against its organization, in-process; the error it raises."""

    async def call() -> None:
        app = open_app(":memory:", now=NOW, seed_with=case.seed)
        app.set_faults(case.faults)
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app))
        async with AsyncAnthropic(
            auth_token=case.credential, base_url="http://sandbox", max_retries=0, http_client=http
        ) as sdk:
            method: Any = sdk.beta.organization if case.beta else sdk.organization
            for name in case.method.split("."):
                method = getattr(method, name)
            try:
                await method(**case.arguments)
            finally:
                app.close()

    with pytest.raises(anthropic.APIStatusError) as caught:
        asyncio.run(call())
    return caught.value


def done(error: str, code: str, **arguments: Any) -> Case:
    """What the stable surface is told of what was done: the request gets there first."""
    method = "create" if "name" in arguments else "archive" if code.endswith("archive") else "update"
    rule = {"fault": "status_after", "error_code": code}
    return Case(f"workspaces.{method}", error, arguments, faults=[rule], beta=False)


STABLE = [
    done("WorkspaceCreatedIncompleteError", "workspace_created_incomplete", name="new"),
    done("ChangeOutcomeUnknownError", "change_outcome_unknown", workspace_id=PROD, display_color="#000000"),
    done("StorageProfileMismatchError", "storage_profile_mismatch", workspace_id=PROD, display_color="#000000"),
    done("StorageAttachedDuringArchiveError", "storage_attached_during_archive", workspace_id=PROD),
]


def test_the_table_has_every_error_the_sdk_declares() -> None:
    with anthropic.Anthropic(api_key="none") as sdk:
        assert {(case.method, case.error) for case in CASES} == declared(sdk.beta.organization)
        assert len(CASES) == len(declared(sdk.beta.organization))
        assert {(case.method, case.error) for case in STABLE} <= declared(sdk.organization)
        assert declared(sdk.organization) <= declared(sdk.beta.organization)


def test_every_resource_is_emulated_or_left_out_for_a_reason() -> None:
    with anthropic.Anthropic(api_key="none") as sdk:
        for root in (sdk.beta.organization, sdk.organization):
            known = {prefix for prefix, resource in resources(root) if methods(resource)}
            assert {prefix for prefix in known if not is_excluded(prefix)} <= {*EMULATED, *ELSEWHERE}
        found = dict(resources(sdk.beta.organization))
        assert set(EXCLUDED) <= set(found)
        assert {prefix for prefix in (*EMULATED, *ELSEWHERE) if is_excluded(prefix)} == set()


@pytest.mark.parametrize("case", every_third(CASES + STABLE, str))
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
