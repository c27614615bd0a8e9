"""What the API shows of keys and of their use, and which of them a declared one means.

API facts: a key is found by its scope, names are not unique, archived keys stay in the list for ever; the usage report
counts input, output and cache tokens by key and UTC day (Admin API: api_keys, usage_report/messages).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from math import ceil, isfinite
from typing import TYPE_CHECKING, Any

from orgsync.core.model.codes import Code
from orgsync.core.model.match import Meant, meant_by_name, pairs_of
from orgsync.core.model.request import Listing, Need, Paging
from orgsync.core.model.rows import (
    ID,
    OBJECT,
    OBJECTS,
    TEXT,
    TIMESTAMP,
    WHOLE_NUMBER,
    IgnoredRows,
    Row,
    RowField,
    Rows,
    ignored,
    odd_of,
    one_of,
)
from orgsync.core.model.things import ARCHIVED, LIVE, Declared, Found, Pair
from orgsync.kinds.api_key.spec import KEY_POLICIES, ApiKey
from orgsync.policies.judge import days_of_usage

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from orgsync.core.model.change import Blocked
    from orgsync.core.model.context import Reading
    from orgsync.core.model.observation import Observation

API_KEYS = "/v1/organizations/api_keys"
EVERYWHERE = "*"
"""In place of a workspace's name: the key works in the whole organization."""

_USAGE = "/v1/organizations/usage_report/messages"
DAYS_A_PAGE = 31
"""How many days of the usage report one request shows."""

_ROW = (
    RowField("id", ID, identity=True),
    RowField("name", TEXT, identity=True),
    RowField("status", one_of("active", "inactive", "archived", "expired")),
    RowField("created_at", TIMESTAMP),
    RowField("expires_at", TIMESTAMP, null=True, optional=True),
    RowField("scope", OBJECT, identity=True),
    RowField("scope.type", one_of("workspace", "organization"), identity=True),
    RowField("scope.workspace_id", ID, identity=True, only_with=("type", "workspace")),
    RowField("principal", OBJECT, null=True, optional=True),
    RowField("principal.type", one_of("user_actor", "service_account_actor")),
    RowField("principal.user_id", ID, only_with=("type", "user_actor")),
    RowField("created_by", OBJECT, null=True, optional=True),
    RowField("created_by.type", one_of("user", "service_account")),
    RowField("created_by.id", ID),
)
"""What rows look like (SDK: APIKey and its scopes and actors); some answers lack the expiry and the actors."""

_USED = (
    RowField("starting_at", TIMESTAMP, identity=True),
    RowField("results", OBJECTS, whole=True),
    RowField("results.api_key_id", TEXT, null=True),
    RowField("results.uncached_input_tokens", WHOLE_NUMBER),
    RowField("results.cache_read_input_tokens", WHOLE_NUMBER),
    RowField("results.output_tokens", WHOLE_NUMBER),
    RowField("results.cache_creation", OBJECT),
    RowField("results.cache_creation.ephemeral_5m_input_tokens", WHOLE_NUMBER),
    RowField("results.cache_creation.ephemeral_1h_input_tokens", WHOLE_NUMBER),
)
"""What buckets of the usage report look like. Kept whole: a sort of token that nobody knows yet is use, too."""


ROWS = (
    Rows(
        API_KEYS,
        (*_ROW, *ignored("is a part of the secret", "partial_key_hint")),
        (
            IgnoredRows(
                "keys that expired or are archived",
                "they can never be used again",
                lambda row: row["status"] in {"archived", "expired"},
            ),
        ),
    ),
    Rows(_USAGE, _USED, (IgnoredRows("what was used", "is no setting; policies look at it", lambda _row: True),)),
)


@dataclass(frozen=True, slots=True)
class Use:
    """What the report says of one key: the last day it was used, and its tokens of the last day read."""

    last_used_on: date | None
    tokens_last_day: int


UNUSED = Use(None, 0)


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """The row of a key, and how much it is used; None: that was not read."""

    row: Row
    use: Use | None


LiveKey = Found[KeyFacts]
KeyPair = Pair[ApiKey, KeyFacts]


def listings(reading: Reading) -> Sequence[Listing]:
    """All keys; and how much each was used, only if a policy asks for it."""
    keys = Listing(API_KEYS, need=Need.OWN, fields=_ROW)
    days = 0 if reading.desired is None else days_of_usage(KEY_POLICIES.of(reading.desired))
    if not days or reading.desired is None:
        return (keys,)
    return (keys, usage_listing(reading.desired.today, days))


def usage_listing(today: date, days: int) -> Listing:
    """How much each key was used today (UTC) and on as many whole days before."""
    start = today - timedelta(days=days)
    query = {
        "starting_at": f"{start.isoformat()}T00:00:00Z",
        "bucket_width": "1d",
        "group_by[]": "api_key_id",
        "limit": str(DAYS_A_PAGE),
    }
    return Listing(_USAGE, query, Paging.REPORT, "starting_at", Need.EXTRA, _USED)


def with_use(key: LiveKey, use: Mapping[str, Use]) -> LiveKey:
    """The key, with what a report says of its use."""
    return replace(key, facts=KeyFacts(key.facts.row, use.get(key.id, UNUSED)))


def found(answers: Sequence[tuple[Listing, Sequence[Row]]], reading: Reading) -> Iterable[LiveKey]:
    """Every key under its workspace's name in the files. Where live keys share a name, their ids tell them apart."""
    rows = {listing.path: answer for listing, answer in answers}
    names = reading.called("workspace")
    use = use_in(rows[_USAGE]) if _USAGE in rows else None
    keys = [(_workspace(row, names), row) for row in rows.get(API_KEYS, ())]
    living = [(workspace, row["name"]) for workspace, row in keys if row["status"] != ARCHIVED and not odd_of(row)]
    shared = Counter(living)
    for workspace, row in keys:
        name: str = row["name"]
        if shared[workspace, name] > (0 if odd_of(row) else 1):
            name = f"{name} ({row['id']})"
        segments = (workspace, name)
        attributes = {"name": row["name"], "status": row["status"]}
        standing = ARCHIVED if row["status"] == ARCHIVED else LIVE
        facts = KeyFacts(row, None if use is None else use.get(row["id"], UNUSED))
        yield Found("api_key", segments, segments, row["id"], attributes, standing, facts, odd=odd_of(row))


def _workspace(row: Row, names: Mapping[str, str]) -> str:
    scope: dict[str, Any] = row["scope"]
    identity = scope.get("workspace_id", "")
    return names.get(identity, identity) if scope["type"] == "workspace" else EVERYWHERE


def principal_of(key: LiveKey) -> dict[str, Any]:
    """What a key acts as; empty where it acts as nobody, or where the API does not show it."""
    return dict(key.facts.row.get("principal") or {})


def creator_of(key: LiveKey) -> dict[str, Any]:
    """What created a key; empty where that is not recorded, or not shown."""
    return dict(key.facts.row.get("created_by") or {})


def owner_id_of(key: LiveKey) -> str | None:
    """The id of the person a key acts as, else of the one who created it."""
    principal, creator = principal_of(key), creator_of(key)
    return principal.get("user_id") or (creator.get("id") if creator.get("type") == "user" else None)


def owner_of(key: LiveKey, seen: Observation) -> dict[str, str]:
    """Who owns a key, as far as live or an earlier run knows; `owner_is` is what became of somebody who is gone."""
    identity = owner_id_of(key)
    if identity is None:
        return {}
    member = next((one for one in seen.live.get("member", ()) if one.id == identity and one.standing == LIVE), None)
    if member is not None:
        return {"owner": member.segments[-1], "owner_id": identity}
    former = seen.former.get(identity)
    if former is None:
        return {"owner_id": identity}
    return {"owner": former.name, "owner_id": identity, "owner_is": former.what}


def use_in(buckets: Sequence[Row]) -> dict[str, Use]:
    """By key; what no key is named for (the Playground) is left out."""
    use: dict[str, Use] = {}
    latest = max((bucket["starting_at"] for bucket in buckets), default="")
    for bucket in buckets:
        for result in bucket["results"]:
            tokens = _tokens(result)
            if result["api_key_id"] is not None and tokens:
                day = date.fromisoformat(bucket["starting_at"][:10])
                before = use.get(result["api_key_id"], UNUSED)
                last = day if before.last_used_on is None else max(day, before.last_used_on)
                today = tokens if bucket["starting_at"] == latest else 0
                use[result["api_key_id"]] = Use(last, before.tokens_last_day + today)
    return use


def _tokens(value: Any) -> int:
    """Every number in a result, whatever it is called: sorts of tokens that are new are use as well."""
    if isinstance(value, dict):
        return sum(_tokens(one) for one in value.values())
    if isinstance(value, list):
        return sum(_tokens(one) for one in value)
    if isinstance(value, float):
        return ceil(abs(value)) if isfinite(value) else 1  # a number that nobody can count is use all the same
    return abs(value) if isinstance(value, int) and not isinstance(value, bool) else 0


def match(declared: Sequence[Declared[ApiKey]], live: Sequence[LiveKey]) -> list[KeyPair]:
    """Each declared key with the live one it means: by id, else by name, else by its former name."""
    by_id = {one.id: one for one in live}
    named: dict[tuple[str, str], list[LiveKey]] = {}
    for one in live:
        named.setdefault((one.segments[0], one.attributes["name"]), []).append(one)

    def meaning(line: Declared[ApiKey], away: Container[str]) -> Meant:
        spec = line.spec
        if spec.id is not None:
            known = by_id.get(spec.id)
            return Meant(blocked=_wrong_id(line, spec.id)) if known is None else Meant(known)
        here = partial(_of_name, named, line.segments[0])
        candidates, past = meant_by_name(line, here, _usable, away)
        if len(candidates) > 1:
            return Meant(blocked=_several(line, candidates))
        return Meant(candidates[0] if candidates else None, past)

    return pairs_of(declared, live, meaning, "API key")


def _wrong_id(line: Declared[ApiKey], identity: str) -> Blocked:
    message = f"no API key of this organization has the id {identity}"
    return line.blocked(Code.WRONG_ID, message, "delete `id` to match by name")


def _several(line: Declared[ApiKey], candidates: Sequence[LiveKey]) -> Blocked:
    ids = sorted(one.id for one in candidates)
    message = f"{len(candidates)} keys have this name: {', '.join(ids)}"
    return line.blocked(Code.UNDECIDED, message, "add `id: apikey_…`", ids)


def _of_name(named: Mapping[tuple[str, str], Sequence[LiveKey]], workspace: str, name: str) -> Sequence[LiveKey]:
    return named.get((workspace, name), ())


def _usable(found: Sequence[LiveKey]) -> list[LiveKey]:
    """The keys a name may mean: those in use, else those that were; what is archived is nobody's.

    One that is not understood is meant only where no other is: nothing is planned about it.
    """
    existing = [one for one in found if one.exists]
    living = [one for one in existing if not one.unknown] or existing[:1]
    return [one for one in living if one.attributes["status"] != "expired"] or living
