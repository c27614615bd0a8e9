"""Rate limits of workspaces: overrides of the organization's, one limiter at a time.

API facts: what a workspace does not override it inherits; limiters that an update does not name stay, null clears one;
a value above the organization's is stored and the lower one is enforced; the default workspace takes none (Admin API:
workspace rate limits).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from orgsync.core.feed.rules import EXISTS, Explains, Handles, Hint, Says, gone
from orgsync.core.model.change import Action, Change, FieldChange, Level, ManualStep, Note, Shown
from orgsync.core.model.codes import Code
from orgsync.core.model.context import NOTHING, Context, Decision, Reading
from orgsync.core.model.kind import Kind, Section
from orgsync.core.model.meaning import limit
from orgsync.core.model.request import Listing, Need, Paging, Request
from orgsync.core.model.rows import ID, OBJECTS, WHOLE_NUMBER, Row, RowField, Rows, ignored, odd_of
from orgsync.core.model.things import LIVE, Declared, Found, Ids, Live, Pair, Segment, Spec
from orgsync.core.words.problems import suggestion
from orgsync.core.words.source import Problem
from orgsync.kinds.rate_limit_group import LIMITER
from orgsync.kinds.workspace.live import is_own
from orgsync.kinds.workspace.spec import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.feed.records import Activity
    from orgsync.core.model.change import Blocked
    from orgsync.core.model.context import Evidence
    from orgsync.core.model.declarations import Declarations
    from orgsync.core.model.meaning import Meanings
    from orgsync.core.model.observation import Observation

_MOST = 2**53 - 1
_GROUPS = "rate_limit_group"
_ROW = (
    RowField("rate_limit_id", ID, identity=True),
    RowField("limits", OBJECTS, identity=True),
    RowField("limits.type", LIMITER, identity=True),
    RowField("limits.value", WHOLE_NUMBER),
)
"""What rows look like (SDK: WorkspaceRateLimit). One row holds several limiters: each is told by its type."""


_FOLLOWS = "follows the organization's rate limits"
ROWS = (
    Rows(
        "/v1/organizations/workspaces/*/rate_limits",
        (*_ROW, *ignored(_FOLLOWS, "group", "models", "limits.org_limit", "limits.source")),
    ),
)


class RateLimit(Spec, title="Rate limit"):
    """One limiter of one group of models, in one workspace."""

    value: Annotated[int, Field(ge=0, le=_MOST)] | None
    """In the limiter's unit. null: inherited from the organization."""


Lines = dict[tuple[str, str, str], list[Declared[RateLimit]]]
"""Lines by workspace, id of the group, and limiter."""


def _path(workspace_id: str) -> str:
    return f"/v1/organizations/workspaces/{workspace_id}/rate_limits"


def listings(reading: Reading) -> Sequence[Listing]:
    """The overrides of each workspace that declares some."""
    return [
        Listing(
            _path(identity),
            paging=Paging.CURSOR,
            identity="rate_limit_id",
            need=Need.FEATURE,
            fields=_ROW,
            inside=segments,
        )
        for segments, identity in reading.parents.items()
    ]


def found(answers: Sequence[tuple[Listing, Sequence[Row]]], reading: Reading) -> Iterable[Found]:
    """Every override, once under each name of its group."""
    places = {_path(identity): (segments[0], identity) for segments, identity in reading.parents.items()}
    names: dict[str, list[str]] = {}
    for group in reading.live[_GROUPS]:
        names.setdefault(group.id, []).append(group.segments[0])
    for listing, rows in answers:
        workspace, workspace_id = places[listing.path]
        for row in rows:
            entry: str = row["rate_limit_id"]
            for override in row["limits"]:
                identity = f"{workspace_id}/{entry}/{override['type']}"
                for name in names.get(entry, ()):
                    key = (workspace, name, override["type"])
                    yield Found(KIND.name, key, key, identity, {"value": override["value"]}, odd=odd_of(row))


def prepare(context: Context) -> Lines:
    """The lines about each limiter of a workspace, by the id of its group: a model has several names."""
    lines: Lines = {}
    for pair in context.pairs[KIND.name]:
        workspace, name, limiter = pair.key
        group = context.after(_GROUPS, (name,))
        if pair.declared is not None and group is not None:
            lines.setdefault((workspace, group.id, limiter), []).append(pair.declared)
    return lines


def decide(pair: Pair[RateLimit, None], context: Context[Lines]) -> Decision:
    """What to do about one limiter. Overrides that nobody names are reported, and left alone."""
    if pair.declared is None:
        return Decision(findings=tuple(_undeclared(pair, context)))
    workspace, name, limiter = pair.key
    place = context.after("workspace", (workspace,))
    if place is None or place.standing != LIVE:
        return NOTHING
    desired = pair.declared.spec.value
    if context.refused.keys() & {KIND.name, _GROUPS}:
        return _by_hand(pair, pair.declared, desired)
    group = context.after(_GROUPS, (name,))
    if group is None or limiter not in group.attributes:
        return Decision(blocked=(_unknown(pair.declared, group, context),))
    others = [line for line in context.prepared[workspace, group.id, limiter] if line is not pair.declared]
    if others:
        message = f"{name} is the same group as {others[0].segments[1]}, declared on line {others[0].source.line}"
        return Decision(blocked=(pair.declared.blocked(Code.UNDECIDED, message, "delete one of them"),))
    live = None if pair.found is None else pair.found.attributes["value"]
    if live == desired:
        return NOTHING
    change = Change(
        pair.address,
        Action.CREATE if live is None else Action.UPDATE,
        (FieldChange("value", live, desired),),
        id=None if pair.found is None else pair.found.id,
        reason="inherits the organization's value" if live is None else f"is {live}",
        source=pair.declared.place,
        effects=("takes effect within an hour",),
    )
    return Decision(changes=(change,), findings=tuple(_above(pair, desired, group.attributes[limiter])))


def _undeclared(pair: Pair[RateLimit, None], context: Context[Lines]) -> Iterable[Note]:
    """That there is an override, told once: a group has several names."""
    workspace, name, limiter = pair.key
    place, group = context.after("workspace", (workspace,)), context.after(_GROUPS, (name,))
    if pair.found is None or place is None or place.standing != LIVE or group is None:
        return
    if group.facts.usual and (workspace, group.id, limiter) not in context.prepared:
        value = pair.found.attributes["value"]
        message = (
            f"not declared, value {value}; rate limits are only changed where they are declared: declare it, with null "
            "to inherit the organization's"
        )
        level = Level.ERROR if context.authoritative else Level.INFO
        yield Note(pair.address, Code.UNDECLARED, message, level, shown={"value": value})


def _by_hand(pair: Pair[RateLimit, None], declared: Declared[RateLimit], desired: int | None) -> Decision:
    """The same change as a manual step, where the API does not offer rate limits to this organization."""
    workspace, name, limiter = pair.key
    where = f"Console > Settings > Workspaces > {workspace} > Limits"
    expected = f"{name}, {limiter}: {'inherited from the organization' if desired is None else desired}"
    message = "rate limits by API are not available to this organization: set the limit in the Console"
    step = ManualStep(pair.address, Code.RATE_LIMIT_BY_HAND, message, where, expected, source=declared.place)
    return Decision(manual=(step,))


def _unknown(line: Declared[RateLimit], group: Found | None, context: Context) -> Blocked:
    _workspace, name, limiter = line.segments
    if group is None:
        names = [one.found.segments[0] for one in context.pairs[_GROUPS] if one.found]
        message = f'"{name}" is not a model, alias or rate limit group of this organization'
        return line.blocked(Code.UNKNOWN_MODEL, message, suggestion(name, names, "known"))
    message = f'{name} has no limiter "{limiter}"'
    return line.blocked(Code.UNKNOWN_MODEL, message, suggestion(limiter, group.attributes, "limiters"))


def _above(pair: Pair[RateLimit, None], desired: int | None, most: int | None) -> Iterable[Note]:
    if desired is not None and most is not None and desired > most and pair.declared is not None:
        message = f"{desired} is above the organization's {most}, which is enforced"
        shown: Shown = {"limit": desired, "highest": most}
        yield Note(pair.address, Code.RATE_LIMIT_ABOVE, message, Level.WARNING, pair.declared.place, shown=shown)


def effects(change: Change, _meanings: Meanings, _evidence: Evidence) -> Iterable[str]:
    """What is refused from then on, or taken over from the organization."""
    after = change.fields[0].after
    if after == 0:
        yield "every request that counts towards this limit is refused"
    elif after is None:
        yield "the organization's limit applies here"


def check(declared: Declared[RateLimit], desired: Declarations) -> Iterable[Problem]:
    """The default workspace has the organization's limits."""
    del desired
    if declared.segments[0] == DEFAULT:
        yield Problem("the default workspace cannot have rate limits", declared.source, declared.address)


def request(change: Change, _found: Found | None, ids: Ids) -> Request:
    """The one write of a change: limiters it does not name stay as they are."""
    workspace, name, limiter = change.address.segments
    path = f"{_path(ids['workspace', (workspace,)])}/{ids[_GROUPS, (name,)]}"
    return Request("POST", path, {"limits": [{"type": limiter, "value": change.fields[0].after}]})


def exported(limit: Found, live: Live) -> Any:
    """The value, under the name of the group that files use."""
    usual = any(group.facts.usual for group in live[_GROUPS] if group.segments[0] == limit.segments[1])
    return limit.attributes["value"] if usual else None


def handles(pair: Pair[RateLimit, None], seen: Observation) -> Handles:
    """The workspace, the limiter, and every name of the group: nothing says by which of them records name it."""
    workspace, name, limiter = pair.key
    places = (one.found for one in seen.pairs.get("workspace", ()) if one.key == (workspace,))
    groups = seen.live.get(_GROUPS, ())
    ids = {one.id for one in groups if one.segments[0] == name}
    return {
        "workspace": frozenset(one.id for one in places if one is not None and one.standing == LIVE),
        "group": frozenset({*ids, *(one.segments[0] for one in groups if one.id in ids)}),
        "limiter": frozenset({limiter}),
    }


def _override(record: Activity) -> Says:
    value = record.fields.get("value")
    whole = isinstance(value, int) and not isinstance(value, bool)
    return {EXISTS: True, "value": value if whole else Hint.UNTOLD}


_NAMED = {"workspace_id": "workspace", "model_group": "group", "limiter_type": "limiter"}
_ACTIVITIES = (
    Explains("platform_workspace_rate_limit_updated", _NAMED, _override),
    Explains("platform_workspace_rate_limit_deleted", _NAMED, gone),
)


KIND = Kind[RateLimit, None, Lines](
    name="rate_limit",
    noun="rate limit",
    sections=(
        Section(
            ("workspaces", "*", "rate_limits"),
            "Limits of the workspace below those of the organization, by group of models and limiter.",
            {"claude-sonnet-5": {"requests_per_minute": 200}},
            depth=2,
        ),
    ),
    spec=RateLimit,
    segments=(Segment.NAME, Segment.NAME, Segment.NAME),
    short="value",
    nullable=True,
    actions=frozenset({Action.CREATE, Action.UPDATE}),
    refs={"workspace": (0,), _GROUPS: (1,)},
    rows=ROWS,
    listings=listings,
    found=found,
    decide=decide,
    request=request,
    exported=exported,
    stands_in=is_own,
    meaning={"value": limit(int, stops=lambda value: value == 0)},
    effects=effects,
    check=check,
    prepare=prepare,
    activities=_ACTIVITIES,
    handles=handles,
)
