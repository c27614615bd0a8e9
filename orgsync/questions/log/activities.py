"""What records of the Activity Feed tell: who did what to which address, with values where the record has them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from orgsync.core.document.console_catalogue import SETTINGS
from orgsync.core.feed.records import SETTINGS_UPDATED
from orgsync.core.feed.rules import ANY, EXISTS, PLACE, Hint
from orgsync.core.model.change import TAKING, FieldChange
from orgsync.core.words.address import address as spelled
from orgsync.core.words.address import folded
from orgsync.core.words.timestamp import written_exactly
from orgsync.kinds import KINDS
from orgsync.questions.log.event import Certainty, Event, Origin, Outcome
from orgsync.questions.log.names import subject
from orgsync.questions.log.values import is_same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from orgsync.core.feed.records import Activity, Actor
    from orgsync.core.feed.rules import Says
    from orgsync.core.model.kind import Kind
    from orgsync.questions.log.names import Names

SOURCE = "Activity Feed"

_OURS = "orgsync/"
_TAKEN = ("removed", "archived")
_TOGETHER = timedelta(seconds=5)
"""Records of one actor about one address that are no further apart than this are of one edit."""

EARLY, LATE = timedelta(minutes=1), timedelta(minutes=2)
"""How far the clocks of a journal and of the feed may be apart, and how long a write may take."""

_LIMITER = "rate_limit"
_SET = frozenset({"spend_limit", _LIMITER})
"""Of these, records do not tell a new one from another value."""

_ACTORS = {
    "admin_api_key_actor": "Admin key",
    "api_actor": "API key",
    "service_account_actor": "service account",
    "federated_actor": "federated identity",
    "federated_identity_actor": "federated identity",
    "scim_directory_sync_actor": "the identity provider, directory",
    "anthropic_actor": "Anthropic",
    "system_actor": "Anthropic, service",
    "attested_device_actor": "device",
    "unauthenticated_user_actor": "somebody not signed in",
}


def types_asked() -> tuple[str, ...]:
    """The types of records that tell of something that orgsync knows."""
    kinds = (rule.type for kind in KINDS for rule in kind.activities)
    settings = (kind for setting in SETTINGS for kind in setting.outdated_by)
    return tuple(sorted({*kinds, *settings, SETTINGS_UPDATED}))


def events_of(records: Iterable[Activity], names: Names) -> tuple[Event, ...]:
    """One event for each edit, oldest first: records that one edit makes together are told once."""
    found = [event for record in sorted(records, key=_order) for event in _events(record, names)]
    return tuple(_together(found))


def _order(record: Activity) -> Any:
    return record.at, record.id


def _events(record: Activity, names: Names) -> Iterator[Event]:
    if record.type == SETTINGS_UPDATED:
        on = record.fields.get("compliance_api_enabled")
        words = {True: "the Activity Feed was switched on", False: "the Activity Feed was switched off"}
        yield _event(record, None, words.get(on, "the Activity Feed was switched") if isinstance(on, bool) else "")
        return
    for kind in KINDS:
        about = subject(record, kind, names)
        if about is not None:
            address, live = about
            yield replace(_told(record, kind), address=address, live=live)
    for setting in SETTINGS:
        if record.type in setting.outdated_by:
            changed = [one for one in record.updates if setting.update in {None, one.type}]
            if changed or setting.update is None:
                fields = tuple(FieldChange(one.type, one.previous, one.current) for one in changed)
                whose = spelled("console", setting.key)
                yield replace(_event(record, whose, "" if fields else "changed in the Console"), fields=fields)


def _told(record: Activity, kind: Kind) -> Event:
    rule = next(one for one in kind.activities if one.type == record.type)
    reverse = _reversed(record)
    after, before = rule.says(record), {} if reverse == record else rule.says(reverse)
    fields = tuple(
        FieldChange("workspace" if path == PLACE else path, _value(before.get(path)), value)
        for path, value in after.items()
        if path not in {EXISTS, ANY} and not isinstance(value, Hint)
    )
    untold = [path for path, value in after.items() if value is Hint.UNTOLD and path not in {EXISTS, "archived"}]
    remark = f"the record names no value of {', '.join(untold)}" if untold else ""
    return replace(_event(record, None, _verb(record, kind, after, fields)), fields=fields, remark=remark)


def _event(record: Activity, address: Any, verb: str) -> Event:
    origin = origin_of(record.actor)
    return Event(
        at=written_exactly(record.at),
        origin=origin,
        address=address,
        verb=verb,
        who=who(record.actor),
        certainty=Certainty.LIKELY if origin is Origin.APPLY else Certainty.CERTAIN,
        sources=(SOURCE,),
        record=record.id,
    )


def _verb(record: Activity, kind: Kind, says: Says, fields: Sequence[FieldChange]) -> str:
    exists = says.get(EXISTS)
    if exists is False:
        return _TAKEN["archived" in says or record.type.endswith("_archived")]
    if exists is not None and exists is not Hint.PERHAPS:
        return "set" if kind.name in _SET else "added"
    if fields:
        return ""
    return "changed, but not recorded how" if says else record.type.replace("_", " ")


def _value(value: Any) -> Any:
    return None if isinstance(value, Hint) else value


def _reversed(record: Activity) -> Activity:
    """The record of the opposite edit: what it says is what was before."""
    fields = dict(record.fields)
    if "previous_role" in fields:
        fields["current_role"], fields["previous_role"] = fields["previous_role"], fields.get("current_role")
    if isinstance(fields.get("updates"), list):
        fields["updates"] = [
            {**one, "current_value": one.get("previous_value"), "previous_value": one.get("current_value")}
            for one in fields["updates"]
            if isinstance(one, dict)
        ]
    return replace(record, fields=fields)


def origin_of(actor: Actor) -> Origin:
    """Whether an apply did it, as the agent says, or a person or another program."""
    by_us = actor.type != "user_actor" and (actor.agent or "").startswith(_OURS)
    return Origin.APPLY if by_us else Origin.HAND


def who(actor: Actor) -> str | None:
    """Who acted, as a person reads it: the e-mail address, else what it is, with its id."""
    if actor.email is not None and actor.type == "user_actor":
        return actor.email
    known = " ".join(filter(None, (_ACTORS.get(actor.type, actor.type.replace("_", " ")), actor.email or actor.id)))
    return known or None


def _together(events: Sequence[Event]) -> Iterator[Event]:
    """The events, with one for those that one edit made: a limit deleted and created, somebody removed twice."""
    last: dict[tuple[Any, ...], Event] = {}
    dropped = set()
    for one in events:
        key = (one.address, one.who, one.origin)
        earlier = last.get(key)
        if earlier is not None and one.address is not None and one.moment - earlier.moment <= _TOGETHER:
            replaced = earlier.verb == "removed" and one.verb == "set"
            if replaced or (earlier.verb, earlier.fields) == (one.verb, one.fields):
                dropped.add(earlier.record)
        last[key] = one
    return (one for one in events if one.record not in dropped)


def told_by_both(events: Sequence[Event]) -> tuple[Event, ...]:
    """The events, oldest first; a write that a receipt and the feed tell of is one event with both sources.

    They are the same where they are about the same object or address, within what clocks and answers may differ, and
    the record comes from orgsync itself and says nothing else. Without a receipt, the record stays.
    """
    writes: dict[object, list[Event]] = defaultdict(list)
    for one in events:
        if one.origin is Origin.APPLY and one.run is not None and one.outcome is not Outcome.FAILED:
            for name in _objects(one):
                writes[name].append(one)
    same: dict[int, Event] = {}
    for one in events:
        if one.record is not None and one.origin is Origin.APPLY:
            near = [other for name in _objects(one) for other in writes[name] if _is_of(one, other)]
            if near:
                same[id(one)] = min(near, key=lambda other: abs(other.moment - one.moment))
    both = {id(write) for write in same.values()}
    return tuple(
        replace(one, sources=(*one.sources, SOURCE)) if id(one) in both else one
        for one in events
        if id(one) not in same
    )


def _objects(event: Event) -> set[object]:
    """By what an object is known: its address, and its id."""
    if event.address is None:
        return set()
    found: set[object] = {folded(event.address)}
    if event.live is not None:
        found.add((event.address.kind, event.live))
    if event.address.kind == _LIMITER:  # nobody knows by which of its names a record calls a group of models
        place, *_group, limiter = event.address.segments
        found.add((_LIMITER, place, limiter))
    return found


def _is_of(record: Event, write: Event) -> bool:
    if not -EARLY <= record.moment - write.moment <= LATE:
        return False
    if (record.verb in _TAKEN and write.action not in TAKING) or (record.verb == "added" and write.action in TAKING):
        return False
    sent = {change.path: change.after for change in write.fields}
    return all(is_same(sent[one.path], one.after) for one in record.fields if one.path in sent)
