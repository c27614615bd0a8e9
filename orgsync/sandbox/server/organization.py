"""The endpoints of the organization itself: who it is; and in the Console, its switches."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.model.route import Route
from orgsync.sandbox.wire.errors import SandboxError, invalid
from orgsync.sandbox.wire.switches import settings_of

if TYPE_CHECKING:
    from orgsync.sandbox.wire.context import Context


def retrieve_organization(ctx: Context) -> dict[str, Any]:
    """GET /me (Admin API: organization)."""
    return {"id": ctx.organization["id"], "name": ctx.organization["name"], "type": "organization"}


def change_settings(ctx: Context) -> dict[str, Any]:
    """Turn switches; the ones not named stay."""
    try:
        given = json.loads(ctx.call.content or b"{}")
        settings = settings_of(ctx.settings.model_dump(exclude_unset=True) | given, type(ctx.settings))
    except (TypeError, ValueError) as error:
        raise invalid(f"The request body is not a JSON object: {error}") from error
    except SandboxError as error:
        raise invalid(str(error)) from error
    changed = settings.model_dump(exclude_unset=True)
    ctx.store.set_meta("settings", changed)
    return changed


ME = Route("GET", "/me", retrieve_organization)
SETTINGS = Route("POST", "/settings", change_settings, console_only=True)
