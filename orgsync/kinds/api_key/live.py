"""What the API shows of keys and of their use, and which of them a declared one means.

API facts: a key is found by its scope, names are not unique, archived keys stay in the list for ever; the usage report
counts input, output and cache tokens by key and UTC day (Admin API: api_keys, usage_report/messages).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, cast

from orgsync.core.kind import ARCHIVED, LIVE, Declared, Found, Pair, Reading
from orgsync.core.request import Listing, Need, Paging, Row
from orgsync.core.source import Problem
from orgsync.policies.judge import days_of_usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orgsync.kinds.api_key.spec import ApiKey

API_KEYS = "/v1/organizations/api_keys"
EVERYWHERE = "*"
"""In place of a workspace's name: the key works in the whole organization."""

_USAGE = "/v1/organizations/usage_report/messages"
_DAYS_A_PAGE = "31"

_FIELDS = (
    *("id", "name", "status", "created_at", "expires_at", "scope.type", "scope.workspace_id"),
    *("principal.type", "principal.user_id", "created_by.type", "created_by.id"),
)
_USAGE_FIELDS = (
    *("starting_at", "results.api_key_id", "results.uncached_input_tokens", "results.cache_read_input_tokens"),
    *("results.output_tokens", "results.cache_creation"),
)


@dataclass(frozen=True, slots=True)
class Use:
    """What the report says of one key: the last day it was used, and its tokens of the last day read."""

    last_used_on: date | None
    tokens_last_day: int


def listings(reading: Reading) -> Sequence[Listing]:
    """All keys; and how much each was used, only if a policy asks for it."""
    keys = Listing(API_KEYS, fields=_FIELDS)
    days = 0 if reading.desired is None else days_of_usage(getattr(reading.desired.settings, "key_policies", {}))
    if not days or reading.desired is None:
        return (keys,)
    start = reading.desired.today - timedelta(days=days)
    query = {
        "starting_at": f"{start.isoformat()}T00:00:00Z",
        "bucket_width": "1d",
        "group_by[]": "api_key_id",
        "limit": _DAYS_A_PAGE,
    }
    return (keys, Listing(_USAGE, query, Paging.REPORT, "starting_at", Need.EXTRA, _USAGE_FIELDS))


def found(answers: Sequence[tuple[Listing, Sequence[Row]]], reading: Reading) -> Iterable[Found]:
    """Every key under its workspace's name in the files. Where live keys share a name, their ids tell them apart."""
    rows = {listing.path: answer for listing, answer in answers}
    names = reading.called("workspace")
    use = _use(rows[_USAGE]) if _USAGE in rows else None
    keys = [(_workspace(row, names), row) for row in rows[API_KEYS]]
    shared = Counter((workspace, row["name"]) for workspace, row in keys if row["status"] != ARCHIVED)
    for workspace, row in keys:
        name: str = row["name"]
        if shared[workspace, name] > 1:
            name = f"{name} ({row['id']})"
        segments = (workspace, name)
        attributes = {"name": row["name"], "status": row["status"]}
        standing = ARCHIVED if row["status"] == ARCHIVED else LIVE
        facts = {**row, "use": None if use is None else use.get(row["id"], Use(None, 0))}
        yield Found("api_key", segments, segments, row["id"], attributes, standing, facts)


def _workspace(row: Row, names: Mapping[str, str]) -> str:
    scope: dict[str, Any] = row["scope"]
    identity = scope.get("workspace_id", "")
    return names.get(identity, identity) if scope["type"] == "workspace" else EVERYWHERE


def _use(buckets: Sequence[Row]) -> dict[str, Use]:
    """By key; what no key is named for (the Playground) is left out."""
    use: dict[str, Use] = {}
    latest = max((bucket["starting_at"] for bucket in buckets), default="")
    for bucket in buckets:
        for result in bucket["results"]:
            tokens = _tokens(result)
            if result["api_key_id"] is not None and tokens:
                day = date.fromisoformat(bucket["starting_at"][:10])
                before = use.get(result["api_key_id"], Use(None, 0))
                last = day if before.last_used_on is None else max(day, before.last_used_on)
                today = tokens if bucket["starting_at"] == latest else 0
                use[result["api_key_id"]] = Use(last, before.tokens_last_day + today)
    return use


def _tokens(result: Row) -> int:
    created = result["cache_creation"]
    return sum(
        (
            result["uncached_input_tokens"],
            result["cache_read_input_tokens"],
            result["output_tokens"],
            created["ephemeral_5m_input_tokens"],
            created["ephemeral_1h_input_tokens"],
        )
    )


def match(declared: Sequence[Declared], live: Sequence[Found]) -> tuple[list[Pair], list[Problem]]:
    """Each declared key with the live one it means: by id, else by name, else by its former name."""
    pairs: list[Pair] = []
    problems: list[Problem] = []
    taken: set[str] = set()
    by_id = {one.id: one for one in live}
    named: dict[tuple[str, str], list[Found]] = {}
    for one in live:
        named.setdefault((one.segments[0], one.attributes["name"]), []).append(one)
    for line in declared:
        spec, (workspace, name) = cast("ApiKey", line.spec), line.segments
        candidates = [by_id[spec.id]] if spec.id in by_id else _usable(named.get((workspace, name), ()))
        if not candidates and spec.id is None and spec.renamed_from is not None:
            candidates = _usable(named.get((workspace, spec.renamed_from), ()))
        wrong = _undecided(spec, candidates, taken)
        if wrong is not None:
            problems.append(Problem(wrong, line.source, line.address, "say which one is meant: `id: apikey_…`"))
            continue
        meant = candidates[0] if candidates else _archived(spec, named.get((workspace, name), ()))
        taken.update(one.id for one in candidates)
        pairs.append(Pair(line, meant))
    rest = sorted((one for one in live if one.id not in taken), key=lambda one: (one.key, one.id))
    return [*pairs, *(Pair(None, one) for one in rest)], problems


def _usable(found: Sequence[Found]) -> list[Found]:
    """The keys a name may mean: those in use, else those that were; what is archived is nobody's."""
    living = [one for one in found if one.exists]
    return [one for one in living if one.attributes["status"] != "expired"] or living


def _archived(spec: ApiKey, found: Sequence[Found]) -> Found | None:
    return found[0] if spec.archived and found else None


def _undecided(spec: ApiKey, candidates: Sequence[Found], taken: set[str]) -> str | None:
    if spec.id is not None and not candidates:
        return f"no API key of this organization has the id {spec.id}"
    if len(candidates) > 1:
        return f"{len(candidates)} live keys have this name: {', '.join(sorted(one.id for one in candidates))}"
    if candidates and candidates[0].id in taken:
        return f"another line means the same live key ({candidates[0].id})"
    return None
