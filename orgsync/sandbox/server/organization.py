"""The endpoints of the organization itself: who it is, its compliance settings; and in the Console, its switches."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from orgsync.sandbox.feed.recording import record_switch
from orgsync.sandbox.feed.switches import FeedSwitches, switches_of
from orgsync.sandbox.model.route import Route
from orgsync.sandbox.wire import validate
from orgsync.sandbox.wire.errors import SandboxError, forbidden, invalid
from orgsync.sandbox.wire.switches import settings_of

if TYPE_CHECKING:
    from orgsync.sandbox.wire.context import Context

State = Literal["enabled", "disabled"]


class ComplianceState(validate.Body):
    """The state as an object."""

    type: State


class ComplianceUpdate(validate.Body):
    """POST /compliance_settings: the state as an object, or as its word alone."""

    state: ComplianceState | State


def retrieve_organization(ctx: Context) -> dict[str, Any]:
    """GET /me (Admin API: organization)."""
    return {"id": ctx.organization["id"], "name": ctx.organization["name"], "type": "organization"}


def change_settings(ctx: Context) -> dict[str, Any]:
    """Turn switches; the ones not named stay."""
    try:
        given = json.loads(ctx.call.content or b"{}")
        return _turned(ctx, given)
    except (TypeError, ValueError) as error:
        raise invalid(f"The request body is not a JSON object: {error}") from error
    except SandboxError as error:
        raise invalid(str(error)) from error


def retrieve_compliance(ctx: Context) -> dict[str, Any]:
    """Whether activities are recorded (SDK: organization.compliance_settings)."""
    return _compliance(enabled=ctx.switches(FeedSwitches).compliance == "on")


def update_compliance(ctx: Context) -> dict[str, Any]:
    """Switches the Compliance API on or off. An organization with a parent only shows the state of its parent."""
    state = validate.body_of(ctx, ComplianceUpdate).state
    enabled = (state if isinstance(state, str) else state.type) == "enabled"
    if ctx.enterprise and not ctx.call.console:
        raise forbidden("The Compliance API of an organization with a parent is enabled by its parent organization")
    _turned(ctx, {"compliance": "on" if enabled else "off"})
    return _compliance(enabled=enabled)


def _compliance(*, enabled: bool) -> dict[str, Any]:
    return {"type": "compliance_settings", "state": {"type": "enabled" if enabled else "disabled"}}


def _turned(ctx: Context, given: dict[str, Any]) -> dict[str, Any]:
    """The switches once these are turned; that the feed was switched on or off is recorded by the feed."""
    settings = settings_of(ctx.settings.model_dump(exclude_unset=True) | given, type(ctx.settings))
    changed = settings.model_dump(exclude_unset=True)
    ctx.store.set_meta("settings", changed)
    state = switches_of(settings).compliance
    if state != switches_of(ctx.settings).compliance:
        record_switch(ctx, enabled=state == "on")
    return changed


ME = Route("GET", "/me", retrieve_organization)
COMPLIANCE = (
    Route("GET", "/compliance_settings", retrieve_compliance),
    Route("POST", "/compliance_settings", update_compliance),
)
SETTINGS = Route("POST", "/settings", change_settings, console_only=True)
