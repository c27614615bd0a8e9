"""Activities are written in the transaction of what they tell of, and only while the Compliance API is enabled."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.feed.switches import FeedSwitches, switches_of
from orgsync.sandbox.wire import emails, ids
from orgsync.sandbox.wire.credentials import ADMIN, person_of
from orgsync.sandbox.wire.roles import ADMIN_ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

    Actor = dict[str, Any]

MICROSECONDS = 1_000_000
ADDRESS = "203.0.113.7"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
LOOPBACK = "127.0.0.1"
ANTHROPIC: Actor = {"type": "anthropic_actor", "email_address": None}

READS = {
    "/users": "org_users_listed",
    "/users/{user_id}": "org_user_viewed",
    "/invites": "org_invites_listed",
    "/invites/{invite_id}": "org_invite_viewed",
    "/workspaces/{workspace_id}/members": "platform_workspace_members_listed",
    "/workspaces/{workspace_id}/members/{user_id}": "platform_workspace_member_viewed",
    "/usage_report/messages": "platform_usage_report_messages_viewed",
    "/cost_report": "platform_cost_report_viewed",
}
"""What reading an endpoint records; its ids are fields of the record."""


def record(ctx: Context, kind: str, *, actor: Actor | None = None, **fields: Any) -> None:
    """Something happened just now; whose request this is did it, unless `actor` says otherwise."""
    switches = switches_of(ctx.settings)
    if switches.compliance == "on":
        _insert(ctx, switches, kind, actor or actor_of(ctx), fields)


def record_updates(ctx: Context, kind: str, updates: list[dict[str, Any]], **fields: Any) -> None:
    """Something was changed, if it was."""
    if updates:
        record(ctx, kind, **fields, updates=updates)


def updated(before: Mapping[str, Any], after: Mapping[str, Any], *names: str) -> list[dict[str, Any]]:
    """The fields with these names that are not what they were, as the feed writes them."""
    return [
        {"type": name, "previous_value": _text(before[name]), "current_value": _text(after[name])}
        for name in names
        if before[name] != after[name]
    ]


def record_read(ctx: Context, template: str, parameters: Mapping[str, str]) -> None:
    """Somebody looked, which is recorded for some endpoints of the API."""
    switches = switches_of(ctx.settings)
    if switches.compliance == "off" or not switches.record_reads or ctx.call.console:
        return
    kind = READS.get(template)
    if kind is not None:
        _insert(ctx, switches, kind, actor_of(ctx), dict(parameters))


def record_switch(ctx: Context, *, enabled: bool) -> None:
    """The feed was switched on or off: the one thing that is recorded while it is off."""
    fields = {"compliance_api_enabled": enabled, "compliance_api_logging_enabled": enabled}
    _insert(ctx, switches_of(ctx.settings), "org_compliance_api_settings_updated", actor_of(ctx), fields)


def record_access(ctx: Context, switches: FeedSwitches, status: int) -> None:
    """Somebody called the Compliance API, with this result."""
    call = ctx.call
    fields = {
        "request_id": ctx.request_id,
        "request_method": call.method,
        "url": f"{call.path}?{call.raw_query}" if call.raw_query else call.path,
        "status_code": status,
    }
    _insert(ctx, switches, "compliance_api_accessed", _by_key(ctx), fields, of_organization=False)


def actor_of(ctx: Context) -> Actor:
    """Who makes this request, as activities say it."""
    if ctx.call.console:
        return in_browser(_colleague(ctx))
    kind = ctx.caller.kind
    person = person_of(ctx.caller, ctx.store)
    if kind == "oauth_token" and person is not None:
        return {
            "type": "user_actor",
            "user_id": person["id"],
            "email_address": ctx.caller.email,
            **_of_client(ctx),
        }
    if kind == "oauth_token":
        identity = ids.identifier("svac", ctx.organization["id"], ctx.caller.secret)
        return {"type": "service_account_actor", "service_account_id": identity, **_of_client(ctx)}
    if kind == "admin_key":
        return {
            "type": "admin_api_key_actor",
            "admin_api_key_id": f"admin_api_key_{_key(ctx)}",
            **_of_client(ctx),
        }
    return _by_key(ctx)


def in_browser(person: Mapping[str, Any] | None) -> Actor:
    """Somebody in the Console; nobody of the organization: Anthropic."""
    if person is None:
        return ANTHROPIC
    return {
        "type": "user_actor",
        "user_id": person["id"],
        "email_address": person["email"],
        "ip_address": ADDRESS,
        "user_agent": BROWSER,
    }


def directory(ctx: Context) -> Actor:
    """The identity provider that keeps the members."""
    organization = ctx.organization["id"]
    return {
        "type": "scim_directory_sync_actor",
        "directory_id": ids.identifier("directory", organization),
        "workos_event_id": ids.identifier("event", organization, ctx.request_id),
        "idp_connection_type": "OktaSCIMV2",
    }


def colleague(ctx: Context, email: str) -> Row | None:
    """The member with this address."""
    return ctx.store.row("SELECT id, email FROM users WHERE email_person = :person", person=emails.same_person(email))


def microseconds(moment: datetime) -> int:
    """Since 1970, without the rounding of floating-point numbers."""
    return int(moment.timestamp()) * MICROSECONDS + moment.microsecond


def _colleague(ctx: Context) -> Row | None:
    """Who edits in the Console: whoever is named, else the first admin."""
    if ctx.call.colleague is not None:
        return colleague(ctx, ctx.call.colleague)
    roles = ", ".join(f"'{role}'" for role in sorted(ADMIN_ROLES))
    return ctx.store.row(f"SELECT id, email FROM users WHERE role IN ({roles}) ORDER BY seq LIMIT 1")  # noqa: S608


def _by_key(ctx: Context) -> Actor:
    return {"type": "api_actor", "api_key_id": f"apikey_{_key(ctx)}", **_of_client(ctx)}


def _key(ctx: Context) -> str:
    """What the two ids of an Admin key have in common."""
    secret = "admin" if ctx.caller == ADMIN else ctx.caller.secret
    return ids.identifier("apikey", ctx.organization["id"], secret).removeprefix("apikey_")


def _of_client(ctx: Context) -> Actor:
    return {"ip_address": LOOPBACK, "user_agent": ctx.call.headers.get("user-agent")}


def _insert(
    ctx: Context,
    switches: FeedSwitches,
    kind: str,
    actor: Actor,
    fields: Mapping[str, Any],
    *,
    of_organization: bool = True,
) -> None:
    number = ctx.store.count("SELECT coalesce(max(seq), 0) + 1 AS n FROM activities")
    identity = ids.identifier("activity", ctx.organization["id"], number)
    now = microseconds(ctx.now)
    # A clock that stands still, as that of a test, must not leave the order to chance.
    at = ctx.store.count(
        "SELECT coalesce(max(at) + 1, :now) AS n FROM activities WHERE at BETWEEN :now AND :now + 999999", now=now
    )
    chance = int.from_bytes(sha256(identity.encode()).digest()[:4], "big") / (1 << 32)
    lag = switches.feed_lag_seconds + switches.feed_lag_jitter * chance
    ctx.store.insert(
        "activities",
        id=identity,
        at=at,
        visible_at=now + round(lag * MICROSECONDS),
        type=kind,
        user_id=actor.get("user_id"),
        actor=json.dumps(actor),
        fields=json.dumps(fields),
        of_organization=int(of_organization),
    )


def _text(value: Any) -> Any:
    """A value as the feed writes it: as text."""
    return ",".join(value) if isinstance(value, list) else value
