"""Where a workspace's inference data goes and who may review it: `inference_data_privacy`, which a beta header brings.

Source: Admin API: workspaces, inference_data_privacy; SDK: the docstrings of the field and of its errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Discriminator, Field

from orgsync.sandbox.wire import headers, validate
from orgsync.sandbox.wire.error_details import PRIVACY, coded
from orgsync.sandbox.wire.errors import Refusal
from orgsync.sandbox.wire.validate import Body

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row
    from orgsync.sandbox.wire.switches import Credential, ExternalStorage

BETA = "efs-2026-10-01"
STORAGES = ("safeguards_storage", "transcripts_storage")


class HumanReview(Body):
    """Whether people at Anthropic may review what was flagged."""

    type: Literal["disabled", "enabled"]


class InternalStorage(Body):
    """Anthropic's storage, or that of the platform the organization is managed through."""

    type: Literal["internal"]


class ExternalMember(Body):
    """A bucket of the organization."""

    type: Literal["external"]
    external_storage_id: Annotated[str, Field(min_length=1)]


StorageMember = Annotated[InternalStorage | ExternalMember, Discriminator("type")]


class Privacy(Body):
    """The field as it is sent, stored and shown. It may be left out, and so may its members; none can be null."""

    human_review: HumanReview = HumanReview(type="enabled")
    safeguards_storage: StorageMember = InternalStorage(type="internal")
    transcripts_storage: StorageMember = InternalStorage(type="internal")


class WorkspaceCreate(validate.WorkspaceCreate):
    """POST /workspaces with the beta header."""

    inference_data_privacy: Privacy = Privacy()


class WorkspaceUpdate(validate.WorkspaceUpdate):
    """POST /workspaces/{workspace_id} with the beta header."""

    inference_data_privacy: Privacy = Privacy()


def create_of(ctx: Context) -> validate.WorkspaceCreate:
    """The body of a new workspace."""
    if headers.names_beta(ctx.call, BETA):
        return validate.body_of(ctx, WorkspaceCreate)
    return validate.body_of(ctx, validate.WorkspaceCreate, ignoring=_ignored(ctx))


def update_of(ctx: Context) -> validate.WorkspaceUpdate:
    """The body of a changed workspace."""
    if headers.names_beta(ctx.call, BETA):
        return validate.body_of(ctx, WorkspaceUpdate)
    return validate.body_of(ctx, validate.WorkspaceUpdate, ignoring=_ignored(ctx))


def shown(ctx: Context, held: Row) -> Row:
    """The field of an answer: only for who names the beta, and only what the organization is enabled for."""
    members = ctx.settings.privacy_members
    if not members or not headers.names_beta(ctx.call, BETA):
        return {}
    return {PRIVACY: {name: value for name, value in held.items() if name in members}}


def after(ctx: Context, held: Row, given: Row | None) -> Row:
    """What a workspace has once a request gave these members, unless that may not be."""
    if given is None:
        return held
    new = held | given
    _check_caller(ctx)
    _check_enabled(ctx, given)
    _check_approval(ctx, held, given)
    for name in STORAGES:
        if new[name] != held[name]:
            _check_storage(ctx, name, new[name])
    _check_together(ctx, new)
    return new


def check_profile(ctx: Context, new: Row, profile_id: str | None) -> None:
    """Workspace and storage have the same user profile, or both have none."""
    for name, storage in _attached(ctx, new):
        if storage.user_profile_id != profile_id:
            raise coded("storage_profile_mismatch", field=f"{PRIVACY}.{name}")


def without_late(ctx: Context, held: Row, new: Row) -> Row:
    """What of it is in place at once; storage that is attached in two steps stays what it was."""
    late = [name for name, storage in _attached(ctx, new) if storage.attaching == "in_two_steps"]
    return new | {name: held[name] for name in late}


def attached_while_archiving(ctx: Context, held: Row) -> Row | None:
    """What somebody made of the field while the workspace was being archived, if somebody did."""
    storage_id = ctx.settings.storage_attached_while_archiving
    if storage_id is None:
        return None
    external = {"type": "external", "external_storage_id": storage_id}
    return held | {"human_review": {"type": "disabled"}, "safeguards_storage": external}


def detached(held: Row) -> Row:
    """Archived workspaces keep no external storage."""
    return held | {name: {"type": "internal"} for name in STORAGES}


def may_use_storage(caller: Credential) -> bool:
    """Admin keys and scoped keys belong to nobody, so they can neither set the field nor use external storage."""
    return caller.kind in ("oauth_token", "personal_key")


def problems(privacy: Privacy) -> Iterator[str]:
    """What contradicts in a row of a seed."""
    if privacy.safeguards_storage.type == "external" and privacy.human_review.type == "enabled":
        yield "human review cannot be enabled while safeguards_storage is external"


def _ignored(ctx: Context) -> str | None:
    return PRIVACY if ctx.settings.privacy_without_beta == "ignored" else None


def _check_caller(ctx: Context) -> None:
    if not ctx.call.console and not may_use_storage(ctx.caller):
        message = f"{PRIVACY}: an Admin API key cannot set it: use a key that belongs to somebody, or an OAuth token"
        raise Refusal(ctx.settings.privacy_by_admin_key, message)


def _check_enabled(ctx: Context, given: Row) -> None:
    enabled = ctx.settings.privacy_members
    if not enabled:
        raise coded("organization_not_eligible")
    if "human_review" in given and "human_review" not in enabled:
        raise coded("human_review_not_available")
    if any(name in given and name not in enabled and given[name]["type"] == "external" for name in STORAGES):
        raise coded("external_storage_not_available")


def _check_approval(ctx: Context, held: Row, given: Row) -> None:
    turned_off = given.get("human_review") == {"type": "disabled"} != held["human_review"]
    if not turned_off:
        return
    if ctx.settings.human_review_approval == "unreadable":
        raise coded("authorization_check_unavailable")
    if ctx.settings.human_review_approval == "missing":
        raise coded("approval_required")


def _check_storage(ctx: Context, name: str, member: Row) -> None:
    if member["type"] == "internal":
        return
    storage_id, storages = member["external_storage_id"], ctx.settings.external_storages
    if storages is None:
        raise coded("external_storage_not_available")
    if ctx.settings.managed_through == "aws" and not storage_id.startswith(("arn:", "estrg_")):
        raise coded("invalid_storage_arn")
    at = f"{PRIVACY}.{name}"
    storage = storages.get(storage_id)
    if storage is None or storage.status not in ("available", "active"):
        raise coded("storage_not_attachable", field=at)
    if not storage.granted:
        raise coded("grant_required")
    if storage.verification == "failed":
        raise coded("storage_verification_failed", field=at)


def _check_together(ctx: Context, new: Row) -> None:
    review, safeguards, transcripts = (new[name]["type"] for name in ("human_review", *STORAGES))
    if review == "enabled" and safeguards == "external":
        raise coded("human_review_on_with_external_storage")
    if review == "disabled" and transcripts != "external" and ctx.settings.managed_through != "anthropic":
        raise coded("transcripts_storage_required")


def _attached(ctx: Context, held: Row) -> Iterator[tuple[str, ExternalStorage]]:
    """The external storages in use that the organization knows."""
    storages = ctx.settings.external_storages or {}
    for name in STORAGES:
        storage = storages.get(held[name].get("external_storage_id", ""))
        if storage is not None:
            yield name, storage
