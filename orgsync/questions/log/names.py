"""What ids stand for, as far as receipts and other records tell: names of people who left stay known."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orgsync.core.feed.rules import ACTOR_EMAIL, ACTOR_ID, EMAIL, FORMER_EMAIL, ORGANIZATION
from orgsync.core.words.address import Address, address

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.feed.records import Activity
    from orgsync.core.feed.rules import Explains
    from orgsync.core.model.kind import Kind
    from orgsync.questions.log.event import Event

_IDS = {"user": "member", "invite": "member", "workspace": "workspace", "key": "api_key", "account": "service_account"}
"""By handle of a record: the kind whose ids it holds."""


@dataclass(slots=True)
class Names:
    """The segments of addresses by kind and id, and the ids of which nobody knows what they stand for."""

    known: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=lambda: defaultdict(dict))
    unknown: set[tuple[str, str]] = field(default_factory=set)

    def learn(self, events: Iterable[Event]) -> None:
        """What receipts say of the objects that they changed; the last name counts."""
        for one in events:
            if one.live is not None and one.address is not None:
                self.add(one.address.kind, one.live, one.address.segments)

    def learn_people(self, records: Iterable[Activity]) -> None:
        """What records of the Activity Feed say of who acted, and of whom they are about."""
        for record in records:
            people = [(record.actor.id, record.actor.email)] if record.actor.type == "user_actor" else []
            people += [(record.text("user_id"), record.text("user_email"))]
            people += [(record.text("deleted_user_id"), record.text("deleted_user_email"))]
            for identity, email in people:
                if identity is not None and email is not None:
                    self.known["member"].setdefault(identity, (email,))

    def add(self, kind: str, identity: str, segments: tuple[str, ...]) -> None:
        """One thing that is known by its id; access to a workspace has the ids of both."""
        if kind == "workspace_member":
            workspace, _slash, user = identity.partition("/")
            self.known["workspace"].setdefault(workspace, segments[:1])
            self.known["member"].setdefault(user, segments[1:])
        else:
            self.known[kind][identity] = segments

    def of(self, kind: str, identity: str) -> tuple[str, ...]:
        """The segments; the id itself where nothing is known."""
        if identity not in self.known[kind]:
            self.unknown.add((kind, identity))
        return self.known[kind].get(identity, (identity,))


def subject(record: Activity, kind: Kind, names: Names) -> tuple[Address, str | None] | None:
    """What of a kind a record is about, and its id; None: nothing of it, or nobody can tell what."""
    named = _named(record, [one for one in kind.activities if one.type == record.type])
    segments = _segments(kind.name, named, names)
    if segments is None:
        return None
    ids = [named[handle] for handle in ("workspace", "user", "invite", "key", "account") if handle in named]
    whole = kind.name in {"member", "workspace", "workspace_member", "api_key", "service_account"}
    return address(kind.name, *segments), "/".join(ids) or None if whole else None


def _named(record: Activity, rules: Sequence[Explains]) -> dict[str, str]:
    """By what handles the record names a thing."""
    own = {ACTOR_ID: record.actor.id, ACTOR_EMAIL: record.actor.email, ORGANIZATION: ORGANIZATION}
    found = {}
    for rule in rules:
        values = {handle: own.get(name) or record.text(name) for name, handle in rule.about.items()}
        found.update({handle: value for handle, value in values.items() if value is not None})
    return found


def _segments(kind: str, named: dict[str, str], names: Names) -> tuple[str, ...] | None:
    place = names.of("workspace", named["workspace"]) if "workspace" in named else None
    person = _person(named, names)
    match kind:
        case "member":
            return person
        case "workspace_member":
            return (*place, *person) if place and person else None
        case "spend_limit":
            if place:
                return ("workspace", *place)
            return (ORGANIZATION,) if named.get("scope") == ORGANIZATION else None
        case "rate_limit":
            parts = [named.get("group"), named.get("limiter")]
            return (*place, *filter(None, parts)) if place and all(parts) else None
    handle = next((handle for handle, other in _IDS.items() if other == kind and handle in named), None)
    return names.of(kind, named[handle]) if handle else None


def _person(named: dict[str, str], names: Names) -> tuple[str, ...] | None:
    email = named.get(EMAIL) or named.get(FORMER_EMAIL)
    identity = named.get("user") or named.get("invite")
    if email is not None:
        return (email,)
    return names.of("member", identity) if identity is not None else None
