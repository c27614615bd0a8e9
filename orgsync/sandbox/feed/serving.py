"""GET /v1/compliance/activities: another API than the Admin API, with its own credentials, limit, errors and cursors.

Source: Compliance API: access, Activity Feed, errors.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.feed import parameters, recording
from orgsync.sandbox.feed.parameters import Asked, Place
from orgsync.sandbox.feed.switches import FeedSwitches, switches_of
from orgsync.sandbox.wire import limiter
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.context import Answer, Context, answered, encoded
from orgsync.sandbox.wire.credentials import ADMIN, BEARER
from orgsync.sandbox.wire.errors import Refusal, envelope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.sandbox.wire.store import Row
    from orgsync.sandbox.wire.switches import Credential

PREFIX = "/v1/compliance/"
PATH = f"{PREFIX}activities"
SCOPES = ("read:compliance_activities", "read:org_audit")
KEYS = ("sk-ant-admin", "sk-ant-api01")
"""How keys begin that reach the Compliance API."""
REFUSED_KEYS = {"inactive": "API key has been deactivated.", "expired": "API key has expired."}
COLUMNS = "id, at, type, actor, fields, of_organization"
EPOCH = moments.from_seconds(0)


def feed_answer(ctx: Context, headers: Mapping[str, str]) -> Answer:
    """The answer to a request whose path is that of the Compliance API; refusals included."""
    limits: dict[str, str] = {}
    try:
        switches, caller = _admitted(ctx)
        ctx = replace(ctx, caller=caller)
        limits = _limits(ctx, switches)
        _check_enabled(switches)
        try:
            _check_scope(switches, caller)
            page = _page(ctx, switches)
        except Refusal as refusal:
            recording.record_access(ctx, switches, refusal.status)
            raise
        recording.record_access(ctx, switches, 200)
        return answered(page, {**headers, **limits})
    except Refusal as refusal:
        return _refused(refusal, headers if refusal.status == 403 else {**headers, **limits})


def _refused(refusal: Refusal, headers: Mapping[str, str]) -> Answer:
    content = envelope(refusal, headers["request-id"])
    if refusal.status == 401:
        content["request_id"] = None
    final = {"x-should-retry": "false"} if refusal.status not in (403, 429) and refusal.status < 500 else {}
    told = {"content-type": "application/json", **headers, **final, **refusal.headers}
    return Answer(refusal.status, encoded(content), told)


def _admitted(ctx: Context) -> tuple[FeedSwitches, Credential]:
    """Whose key this is. Without one that may be meant for it, the Compliance API does not exist."""
    switches = switches_of(ctx.settings)
    key = _key(ctx, switches)
    if key is None or ctx.call.path != PATH or ctx.call.writes:
        raise Refusal(404, "Not found")
    for credential in (ADMIN, *ctx.settings.credentials):
        if credential.secret == key:
            if credential.kind not in ("admin_key", "scoped_key"):
                raise Refusal(404, "Not found")
            if credential.status != "active":
                raise Refusal(401, REFUSED_KEYS.get(credential.status, "API key is invalid."))
            return switches, credential
    raise Refusal(401, "API key is invalid.") if key.startswith(KEYS) else Refusal(404, "Not found")


def _key(ctx: Context, switches: FeedSwitches) -> str | None:
    key = ctx.call.headers.get("x-api-key")
    authorization = ctx.call.headers.get("authorization", "")
    if key is None and switches.feed_bearer == "accepted" and authorization.lower().startswith(BEARER):
        return authorization[len(BEARER) :].strip()
    return key


def _limits(ctx: Context, switches: FeedSwitches) -> dict[str, str]:
    """One of the requests of this minute, and the headers that say what is left of them."""
    allowed = switches.feed_requests_per_minute
    left = limiter.take(ctx.store, "compliance", allowed, limiter.MINUTE, tell=True)
    full = moments.from_seconds(moments.wall_seconds() + (allowed - left) * limiter.MINUTE / allowed)
    name = "anthropic-ratelimit-requests"
    return {
        f"{name}-limit": str(allowed),
        f"{name}-remaining": str(int(left)),
        f"{name}-reset": moments.written(full.replace(microsecond=0)),
    }


def _check_enabled(switches: FeedSwitches) -> None:
    if switches.compliance == "off":
        raise Refusal(400, "Compliance API is not enabled for this organization")


def _check_scope(switches: FeedSwitches, caller: Credential) -> None:
    if caller.kind == "admin_key":
        scopes = ["api:admin", SCOPES[0]] if switches.feed_scope else ["api:admin"]
    else:
        scopes = caller.scopes
    if not any(scope in scopes for scope in SCOPES):
        message = f"Missing required scopes. Got: {scopes} Needed one of: {list(SCOPES)}"
        raise Refusal(403, message, details={"error_visibility": "user_facing"})


def _page(ctx: Context, switches: FeedSwitches) -> dict[str, Any]:
    asked = parameters.asked(ctx, switches)
    rows, more = _rows(ctx, asked, switches.feed_duplicates)
    places = [Place(row["at"], row["id"]) for row in rows]
    return {
        "data": [_shown(ctx, row, switches) for row in rows],
        "has_more": more,
        "first_id": parameters.cursor(places[0]) if places else None,
        "last_id": parameters.cursor(places[-1]) if places else None,
    }


def _rows(ctx: Context, asked: Asked, repeated: int) -> tuple[list[Row], bool]:
    """The page next to the cursor, in the order that was asked for, and whether there is more behind it."""
    backwards = asked.before is not None
    ascending = (asked.order == "asc") != backwards
    place = asked.before if backwards else asked.after
    again = (
        [] if place is None or backwards else _next(ctx, asked, place, min(repeated, asked.limit - 1), not ascending)
    )
    rows = _next(ctx, asked, place, asked.limit - len(again) + 1, ascending)
    more = len(rows) > asked.limit - len(again)
    page = [*again[::-1], *rows[: asked.limit - len(again)]]
    return page[::-1] if backwards else page, more


def _next(ctx: Context, asked: Asked, place: Place | None, most: int, ascending: bool) -> list[Row]:
    """The activities on one side of a place, the nearest first. A step back begins with the one at the place itself."""
    conditions = ["visible_at <= :now", *asked.conditions]
    values = {**asked.values, "now": recording.microseconds(ctx.now), "most": most}
    if place is not None:
        back = (asked.order == "asc") != ascending and asked.before is None
        sign = (">" if ascending else "<") + ("=" if back else "")
        conditions.append(f"(at, id) {sign} (:place_at, :place_id)")
        values |= {"place_at": place.at, "place_id": place.id}
    direction = "ASC" if ascending else "DESC"
    return ctx.store.rows(
        f"SELECT {COLUMNS} FROM activities WHERE {' AND '.join(conditions)}"  # noqa: S608 - constants
        f" ORDER BY at {direction}, id {direction} LIMIT :most",
        **values,
    )


def _shown(ctx: Context, row: Row, switches: FeedSwitches) -> Row:
    moment = EPOCH + timedelta(microseconds=row["at"])
    if switches.feed_precision == "seconds":
        moment = moment.replace(microsecond=0)
    ours = bool(row["of_organization"])
    return {
        "id": row["id"],
        "created_at": moments.written(moment),
        "organization_id": ctx.organization["id"] if ours else None,
        "organization_uuid": parameters.organization_uuid(ctx) if ours else None,
        "actor": json.loads(row["actor"]),
        "type": row["type"],
        **json.loads(row["fields"]),
    }
