"""The API's error codes in one table: what each says about the write it answers, and what a person can do then."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from orgsync.errors import PLAN_AGAIN


class Meaning(StrEnum):
    """What became of a write that was answered with an error. Without one the status decides, as for unknown codes."""

    REFUSED = "refused"  # nothing was done, and sending it again would not help
    UNDONE = "undone"  # nothing was done, and the same request may be sent again, even one that makes something
    UNKNOWN = "unknown"  # some of it may be done; what sets absolute values may be sent again as it is
    PARTLY = "partly"  # some of it may be done; the organization is read before anything is sent again
    MADE = "made"  # it was done, though maybe not in full; never sent again


REPEATABLE = frozenset({Meaning.UNDONE, Meaning.UNKNOWN})
MAY_HAVE_HAPPENED = frozenset({Meaning.UNKNOWN, Meaning.PARTLY, Meaning.MADE})


@dataclass(frozen=True, slots=True)
class Code:
    """One error code.

    `meaning` holds for answers of this `status` only; `hint` is the next step. `replan`: what was planned is not what
    the organization needs any more. `became` says what happened to the write, where more is known than nothing;
    `shown` is the outcome's message once the organization shows the change. `stays`: the hint is for that case, too.
    `passes`: it may be otherwise the next time, though nothing is changed. `may_be_so`: the organization may have
    already what was asked for.
    """

    status: int
    meaning: Meaning | None = None
    hint: str | None = None
    replan: bool = False
    became: str | None = None
    shown: str | None = None
    stays: bool = False
    passes: bool = False
    may_be_so: bool = False


_ASK = "ask Anthropic"
_LAST_MEMBER = "an organization needs a member: invite another one first, or declare this one"
_NO_ENDPOINT = "this kind of organization does not have the endpoint: delete from the files what needs it"
_KEY_LIMIT = "deactivate or archive a key first"
_SPEND_LIMITS = "ask Anthropic for early access to spend limits by API, or set this limit in the Console"
_STILL_ATTACHED = "the workspace is archived, but external storage is still attached to it"


def _refused(hint: str, *, status: int = 400) -> Code:
    return Code(status, Meaning.REFUSED, hint)


def _overtaken() -> Code:
    return Code(
        409,
        Meaning.PARTLY,
        f"another request changed the workspace at the same time: {PLAN_AGAIN}",
        became="other parts of the request may have been applied",
        shown="another request changed the workspace at the same time; the organization shows the change",
    )


_PEOPLE = {
    "already_member": Code(
        400, Meaning.REFUSED, f"this address already belongs to a member: {PLAN_AGAIN}", replan=True, may_be_so=True
    ),
    "invite_already_exists": Code(
        400, Meaning.REFUSED, f"a pending invite exists for this address: {PLAN_AGAIN}", replan=True, may_be_so=True
    ),
    "cannot_invite_emails_with_unverified_domains": _refused(
        "verify the domain for the parent organization, or use another address"
    ),
    "email_domain_not_allowed": _refused(
        "an admin can add the domain to those that the organization allows; or use another address"
    ),
    "org_member_limit_exceeded": _refused(
        "remove members or withdraw invites first (pending invites count), or ask Anthropic"
    ),
    "cannot_remove_last_member": _refused(_LAST_MEMBER),
    "concurrent_membership_change": Code(
        409, Meaning.UNDONE, "another membership change is running; try again in a moment"
    ),
    "workspace_member_limit_exceeded": _refused("remove members of this workspace first, or ask Anthropic"),
}

_KEYS = {
    "org_api_key_limit_exceeded": _refused(_KEY_LIMIT),
    "workspace_api_key_limit_exceeded": _refused(_KEY_LIMIT),
}

_WORKSPACES = {
    "external_key_validation_failed": _refused(
        "the external key could not be used: correct its policy or state where it is kept, or declare another key"
    ),
    "external_key_validation_timed_out": Code(400, Meaning.REFUSED, "try again in a minute", passes=True),
    "external_key_changed": Code(409, Meaning.UNDONE, "the key changed during the check; try again"),
    "key_profile_mismatch": _refused(
        "the workspace and its external key need the same user profile, or none: correct `user_profile_id` or the key"
    ),
    "user_profile_not_found": _refused("correct `user_profile_id`: this user profile does not exist, or is inactive"),
    "workspace_policy_violation": _refused(
        "the organization's Workspace Policy forbids this; an admin can change it in the Console"
    ),
    "workspace_created_incomplete": Code(
        503,
        Meaning.MADE,
        f"follow the API's message about the workspace, then {PLAN_AGAIN}",
        became="the workspace was created, but part of the request may be missing",
        shown="the API could not tell whether everything took effect; the organization shows the change",
    ),
    "change_outcome_unknown": Code(
        503,
        Meaning.UNKNOWN,
        PLAN_AGAIN,
        became="the change may have been applied in part",
        shown="the API could not tell whether everything took effect; the organization shows the change",
    ),
    "storage_attached_during_archive": Code(
        409,
        Meaning.MADE,
        "to detach the storage, send the same request once more (POST /v1/organizations/workspaces/ID/archive) with a"
        " credential that may use external storage (org:external-storage:use)",
        became=_STILL_ATTACHED,
        shown=_STILL_ATTACHED,
        stays=True,
    ),
    "storage_profile_mismatch": _refused(
        "the workspace and its storage need the same user profile, or none: correct `user_profile_id`, or use other"
        " storage"
    ),
}

# Only for requests with the beta header efs-2026-10-01.
_STORAGE = {
    "authorization_check_unavailable": Code(
        503, Meaning.UNDONE, "the approval could not be checked; nothing was changed; try again in a minute"
    ),
    "approval_required": _refused(f"disabling human review requires an approval for the organization: {_ASK}"),
    "external_storage_not_available": _refused("only internal storage can be used for this workspace"),
    "grant_required": _refused(f"external storage is not approved here: {_ASK}"),
    "human_review_not_available": _refused("the API's message says what can be set instead"),
    "human_review_on_with_external_storage": _refused(
        "with external safeguards storage human review has to be disabled: change one of the two"
    ),
    "invalid_storage_arn": _refused("storage in AWS is named by its bucket's ARN: arn:PARTITION:s3:::BUCKET"),
    "organization_not_eligible": _refused(f"this feature is not available to the organization: {_ASK}"),
    "storage_not_attachable": _refused("the API's message says why this storage cannot be used; name another"),
    "storage_verification_failed": _refused("correct what the failed checks name in the storage's cloud account"),
    "transcripts_storage_required": _refused(
        "with human review disabled this organization needs external storage for transcripts: declare both"
    ),
    "storage_attach_limit_reached": _refused("delete detached external storage, which still counts"),
    "storage_profile_still_required": _refused(
        "the workspace had storage of another user profile: use storage of that profile, or a new workspace"
    ),
    "storage_changed_concurrently": _overtaken(),
    "workspace_changed_concurrently": _overtaken(),
}

_ANYWHERE = {
    "organization_type_not_supported": _refused(_NO_ENDPOINT),
    "spend_limits_admin_api_writes_not_enabled": _refused(_SPEND_LIMITS, status=403),
    "sandbox_egress_restricted": _refused(
        "this runs inside a network-restricted Claude sandbox, which may not change an organization; run orgsync"
        " elsewhere",
        status=403,
    ),
    "organization_on_hold": _refused(f"Anthropic has put the organization on hold: {_ASK}"),
}

CODES: dict[str, Code] = {**_PEOPLE, **_KEYS, **_WORKSPACES, **_STORAGE, **_ANYWHERE}
"""By error code (admin-api §3.3). A code that is not here is judged, and gets a hint, by its status."""


def known(code: str | None, status: int | None) -> Code | None:
    """What the table says of a code in an answer of this status."""
    row = CODES.get(code or "")
    return row if row is not None and row.status == status else None
