"""Customer-managed keys and user profiles on workspaces: write-once, validated, under the Workspace Policy.

Source: Admin API: workspaces, create and update; SDK: the docstrings of the six errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.sandbox.wire.errors import Refusal, invalid

if TYPE_CHECKING:
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.switches import ExternalKey

VALIDATION = {
    "failed": ("external_key_validation_failed", "The external key failed validation: access was denied"),
    "timed_out": ("external_key_validation_timed_out", "The external key's validation did not finish in time"),
}


def check(ctx: Context, *, key_id: str | None, profile_id: str | None, held_key: str | None = None) -> None:
    """Refuse a request after which the workspace would have this key and this profile, if that may not be."""
    attaching = key_id is not None and key_id != held_key
    _check_policy(ctx, key_id, attaching=attaching)
    _check_profile(ctx, profile_id)
    if key_id is None:
        return
    key = _known(ctx, key_id)
    _check_profile(ctx, key.user_profile_id)
    if attaching and key.validation != "passed":
        code, message = VALIDATION[key.validation]
        raise invalid(message, code)
    if key.user_profile_id != profile_id:
        message = "The external key and the workspace would have different user profiles"
        raise invalid(message, "key_profile_mismatch")


def check_write_once(field: str, held: str | None, given: str | None) -> None:
    """Neither key nor profile can be replaced; giving the same one again changes nothing."""
    if held is not None and given is not None and given != held:
        raise invalid(f"{field}: it is set and cannot be replaced")


def _known(ctx: Context, key_id: str) -> ExternalKey:
    keys = ctx.settings.external_keys
    if keys is None:
        raise invalid("external_key_id: customer-managed keys are not enabled for this organization")
    if key_id not in keys:
        raise Refusal(404, f"External key not found: {key_id}")
    return keys[key_id]


def _check_policy(ctx: Context, key_id: str | None, *, attaching: bool) -> None:
    policy = ctx.settings.workspace_policy
    allowed = policy.allowed_external_keys
    missing = policy.external_key_required and key_id is None
    forbidden = attaching and allowed is not None and key_id not in allowed
    if missing or forbidden:
        rule = "requires an external key" if missing else "does not allow this external key"
        raise invalid(
            f"The organization's Workspace Policy {rule}", "workspace_policy_violation", field="external_key_id"
        )


def _check_profile(ctx: Context, profile_id: str | None) -> None:
    if profile_id is not None and ctx.settings.user_profiles.get(profile_id) != "active":
        raise invalid(f"The user profile {profile_id} does not exist or is not active", "user_profile_not_found")
