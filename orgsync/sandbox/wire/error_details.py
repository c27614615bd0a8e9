"""Errors that have more to say than a code: their status, their words, and the details that come with them.

Source: SDK: the docstrings and detail types of the errors of 2.13 and 2.14. Handlers answer with these; a fault rule
that names a code gets from here what it does not say itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.wire.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

PRIVACY = "inference_data_privacy"
REVIEW = f"{PRIVACY}.human_review"
SAFEGUARDS = f"{PRIVACY}.safeguards_storage"
TRANSCRIPTS = f"{PRIVACY}.transcripts_storage"
FAILED_CHECK = {"check": "probe_object", "message": "A test object could not be written to the bucket", "role": None}


@dataclass(frozen=True, slots=True)
class Code:
    """One error code. `made` is the detail that holds the id of what the request made."""

    status: int
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    retry_after: float | None = None
    made: str | None = None


CODES: dict[str, Code] = {
    "workspace_created_incomplete": Code(
        503,
        "The workspace was created, but not everything that was asked for is in place. Do not create it again: read it,"
        " and update what is missing",
        made="workspace_id",
    ),
    "change_outcome_unknown": Code(
        503, "Some of the changes may be saved and others not. Send the same request again to finish it"
    ),
    "storage_attached_during_archive": Code(
        409,
        "The workspace is archived, but external storage was attached to it meanwhile and still is. To detach it,"
        " archive the workspace again with a credential that may use external storage",
    ),
    "storage_profile_mismatch": Code(
        400, "The workspace and its storage must have the same user profile, or both none", {"field": SAFEGUARDS}
    ),
    "authorization_check_unavailable": Code(
        503, "An approval of the organization could not be read, so nothing was done. Try again later", retry_after=5
    ),
    "approval_required": Code(
        400, "Turning human review off needs an approval that the organization does not have", {"field": REVIEW}
    ),
    "external_storage_not_available": Code(400, "External storage is not available here: only internal is accepted"),
    "grant_required": Code(400, "External storage is not approved for this organization"),
    "human_review_not_available": Code(400, "Human review cannot be set on this workspace: leave it out"),
    "human_review_on_with_external_storage": Code(
        400, "Human review cannot be on while safeguards data goes to external storage"
    ),
    "invalid_storage_arn": Code(400, "The id of external storage is its bucket's ARN here"),
    "organization_not_eligible": Code(400, "This is not offered to the organization"),
    "storage_attach_limit_reached": Code(400, "100 different external storages have been attached to this workspace"),
    "storage_not_attachable": Code(400, "This external storage cannot be attached", {"field": SAFEGUARDS}),
    "storage_profile_still_required": Code(
        400, "This storage has another user profile than storage the workspace has or had"
    ),
    "storage_verification_failed": Code(
        400, "The external storage failed verification", {"failed_checks": [FAILED_CHECK], "field": SAFEGUARDS}
    ),
    "transcripts_storage_required": Code(
        400, "With human review off, transcripts have to go to external storage in this organization"
    ),
    "storage_changed_concurrently": Code(
        409, "Another request changed this storage setting, so it was left as it is", {"field": SAFEGUARDS}
    ),
    "workspace_changed_concurrently": Code(
        409,
        "Another request changed the workspace, so this setting was left as it is; the other changes are in place",
        {"field": REVIEW},
    ),
}


def coded(code: str, **details: Any) -> Refusal:
    """The refusal with this code; `details` are added to, or stand in place of, its usual ones."""
    known = CODES[code]
    headers = {} if known.retry_after is None else {"retry-after": f"{known.retry_after:g}"}
    return Refusal(
        known.status, known.message, details={"error_code": code, **known.details, **details}, headers=headers
    )
