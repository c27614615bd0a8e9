"""Who made a difference, in words, and how far the Activity Feed knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.feed.join import Certainty
from orgsync.core.words.plural import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.drift.report import DriftEntry, DriftReport
    from orgsync.core.feed.join import Explanation
    from orgsync.core.feed.records import Actor

_NOUNS = {
    "admin_api_key_actor": "the Admin key",
    "api_actor": "the API key",
    "service_account_actor": "the service account",
    "federated_actor": "the federated identity",
    "federated_identity_actor": "the federated identity",
    "scim_directory_sync_actor": "the identity provider, directory",
    "unauthenticated_user_actor": "somebody who was not signed in, as",
    "anthropic_actor": "Anthropic",
    "system_actor": "Anthropic's automation",
    "attested_device_actor": "the device",
}
"""What to call an actor that is no person, before its id; people go by their address."""


_UTC, _DAY = " UTC", len("2026-12-10 ")


def who(entries: Sequence[DriftEntry], *, agent: bool = False) -> tuple[str, str] | None:
    """Who made what these entries say together: the actor, in letters of outsiders, and what is to say of it.

    With the `agent` of programs, which is what the client said of itself. None: nothing is known that is worth a line.
    """
    first = entries[0].by
    if first is None or said_of(first) is None:
        return None
    if first.actor is None:
        return "somebody unknown", " (the Activity Feed was off for some of the time)"
    return _called(first.actor, agent=agent), f", {_when(entries)} ({_how_sure(first)})"


def said_of(by: Explanation | None) -> tuple[object, ...] | None:
    """What two entries that are said together have to share; None: nothing of it is said."""
    if by is None or (by.actor is None and not by.gap):
        return None
    called = None if by.actor is None else _called(by.actor, agent=True)
    return called, by.certainty, by.others, by.changed_since, by.gap


def feed_line(report: DriftReport) -> str | None:
    """How far the feed knows who made the differences, in one sentence; None: it was not asked."""
    feed = report.feed
    if feed is None:
        return None
    if not feed.usable:
        return feed.message
    by = [entry.by for entry in (*report.entries, *report.accepted) if entry.by is not None]
    parts = [f"Activity Feed since {_minute(feed.since)}"]
    if by:
        named = sum(1 for one in by if one.certainty in {Certainty.CERTAIN, Certainty.LIKELY})
        parts.append(f"it tells who made {named:,} of {counted(len(by), 'difference')}")
    early = sum(1 for one in by if one.certainty is Certainty.PENDING)
    if early:
        parts.append(f"{early:,} may be too recent to be in it")
    if feed.state == "incomplete":
        parts.append("older records were not read")
    return f"{parts[0]}{': ' if by else ''}{'; '.join(parts[1:])}."


def _called(actor: Actor, *, agent: bool) -> str:
    noun = _NOUNS.get(actor.type)
    if actor.type == "user_actor" or (noun is None and actor.email is not None):
        return actor.email or actor.id or "somebody"
    called = actor.email or actor.id or ""
    known = " ".join(word for word in (noun or f"an actor of type {actor.type or 'unknown'}", called) if word)
    return f"{known} ({actor.agent})" if agent and actor.agent is not None else known


def _when(entries: Sequence[DriftEntry]) -> str:
    """The minute, or the first and the last one."""
    minutes = sorted({_minute(entry.by.at) for entry in entries if entry.by is not None and entry.by.at is not None})
    first, last = minutes[0].removesuffix(_UTC), minutes[-1]
    return last if len(minutes) == 1 else f"{first} to {last.removeprefix(first[:_DAY])}"


def _minute(moment: str) -> str:
    """`2026-12-10 21:14 UTC`."""
    return f"{moment[:10]} {moment[11:16]}{_UTC}"


def _how_sure(by: Explanation) -> str:
    parts = [f"Activity Feed: {by.certainty}"]
    if by.certainty is Certainty.RELATED:
        parts[0] += ", did something with it"
    if by.changed_since:
        parts.append("changed again since")
    if by.gap:
        parts.append("the feed was off for some of the time")
    if by.others:
        parts.append(f"{counted(by.others, 'other actor')} did something with it")
    return "; ".join(parts)
