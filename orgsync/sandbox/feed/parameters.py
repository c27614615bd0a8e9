"""What a request to the Activity Feed asks for. Nothing is ignored here: what is unknown or does not fit is refused."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, cast

from orgsync.sandbox.feed.recording import microseconds
from orgsync.sandbox.feed.types import KNOWN
from orgsync.sandbox.wire.errors import forbidden, invalid
from orgsync.sandbox.wire.ids import uuid_of
from orgsync.sandbox.wire.paging import INTEGER

if TYPE_CHECKING:
    from orgsync.sandbox.feed.switches import FeedSwitches
    from orgsync.sandbox.wire.context import Context

    Order = Literal["asc", "desc"]

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 5000
BOUNDS = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}
LISTS = ("activity_types", "exclude_activity_types", "actor_ids", "user_ids", "organization_ids")
KNOWN_NAMES = (
    *(f"{name}[]" for name in LISTS),
    *(f"created_at.{bound}" for bound in BOUNDS),
    *("limit", "order", "after_id", "before_id"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cursor stands: the time of an activity in microseconds, and its id."""

    at: int
    id: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, understood. `conditions` are SQL, `values` what they mention."""

    conditions: tuple[str, ...]
    values: dict[str, object]
    limit: int
    order: Order
    after: Place | None
    before: Place | None


def organization_uuid(ctx: Context) -> str:
    """The UUID of the organization, which some organizations have as their id."""
    identity = ctx.organization["id"]
    return identity if identity.count("-") == 4 else uuid_of("organization", identity)


def asked(ctx: Context, switches: FeedSwitches) -> Asked:
    """What the query asks for. Raises Refusal."""
    _check_names(ctx)
    conditions: list[str] = []
    values: dict[str, object] = {}

    def only(column: str, wanted: list[str], name: str, verb: str = "IN") -> None:
        names = [f"{name}_{index}" for index in range(len(wanted))]
        conditions.append(f"{column} {verb} ({', '.join(f':{each}' for each in names)})")
        values.update(zip(names, wanted, strict=True))

    types, others = ctx.call.many("activity_types"), ctx.call.many("exclude_activity_types")
    if types is not None and others is not None:
        raise invalid("activity_types[] and exclude_activity_types[] cannot be given together")
    _check_types(ctx, switches, "activity_types", types or [])
    _check_types(ctx, switches, "exclude_activity_types", others or [])
    if types is not None:
        only("type", types, "type")
    if others is not None:
        only("type", others, "other", "NOT IN")
    people = [*(ctx.call.many("actor_ids") or []), *(ctx.call.many("user_ids") or [])]
    if people:
        only("user_id", people, "person")
    _check_organizations(ctx)
    for bound, sign in BOUNDS.items():
        moment = _moment(ctx, f"created_at.{bound}")
        if moment is not None:
            conditions.append(f"at {sign} :{bound}")
            values[bound] = moment
    order = ctx.call.one("order") or "desc"
    if order not in ("asc", "desc"):
        raise invalid("order: Input should be 'asc' or 'desc'")
    after, before = _place(ctx, "after_id"), _place(ctx, "before_id")
    if after is not None and before is not None:
        raise invalid("Only one of after_id and before_id can be given")
    return Asked(tuple(conditions), values, _limit(ctx), cast("Order", order), after, before)


def cursor(place: Place) -> str:
    """A cursor as the API makes it: opaque to clients."""
    return base64.urlsafe_b64encode(json.dumps({"id": place.id, "created_at": place.at}).encode()).decode()


def _check_names(ctx: Context) -> None:
    for name, _value in ctx.call.query:
        if name not in KNOWN_NAMES:
            near = get_close_matches(name, KNOWN_NAMES, 1, 0.7)
            meant = f" Did you mean '{near[0]}'?" if near else ""
            raise invalid(f"Unknown query parameter: '{name}'.{meant}")


def _check_types(ctx: Context, switches: FeedSwitches, name: str, types: list[str]) -> None:
    unknown = [kind for kind in types if kind not in (KNOWN if switches.feed_types == "all" else switches.feed_types)]
    if unknown and switches.feed_types == "all":
        # What a seed has, this server knows.
        there = {row["type"] for row in ctx.store.rows("SELECT DISTINCT type FROM activities")}
        unknown = [kind for kind in unknown if kind not in there]
    if unknown:
        raise invalid(f"{name}[].{types.index(unknown[0])}: Input is not one of the permitted values.")


def _check_organizations(ctx: Context) -> None:
    ours = (ctx.organization["id"], organization_uuid(ctx))
    if any(each not in ours for each in ctx.call.many("organization_ids") or ()):
        raise forbidden("Cannot query compliance data for organizations outside this API key's scope")


def _limit(ctx: Context) -> int:
    text = ctx.call.one("limit")
    if text is None:
        return DEFAULT_LIMIT
    if not INTEGER.fullmatch(text):
        raise invalid("limit: Input should be a valid integer, unable to parse string as an integer")
    if int(text) > LARGEST_LIMIT:
        raise invalid(f"limit: Input should be less than or equal to {LARGEST_LIMIT}")
    if int(text) < 1:
        raise invalid("limit: Input should be greater than or equal to 1")
    return int(text)


def _moment(ctx: Context, name: str) -> int | None:
    text = ctx.call.one(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise invalid(f"{name}: Input should be a valid datetime or date, invalid character in year") from error


def _place(ctx: Context, name: str) -> Place | None:
    """Where a cursor stands: one that was issued, or the id of an activity, which is accepted as well."""
    text = ctx.call.one(name)
    if text is None:
        return None
    try:
        match json.loads(base64.urlsafe_b64decode(text)):
            case {"id": str(identity), "created_at": int(at)}:
                return Place(at, identity)
    except (ValueError, RecursionError):
        pass
    row = ctx.store.row("SELECT at, id FROM activities WHERE id = :id", id=text)
    if row is None:
        raise invalid(f"Invalid activity_id format: '{text}'")
    return Place(row["at"], row["id"])
