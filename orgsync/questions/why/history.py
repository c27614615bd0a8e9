"""What journals know of one resource: which apply changed it last, when, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orgsync.core.apply.journal import Conclusion, Intent, Result
from orgsync.core.words.address import folded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.core.apply.journal import Entry
    from orgsync.core.model.change import Action
    from orgsync.core.words.address import Address

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Write:
    """A write that an apply made for sure: what it was to do, and when it was done (RFC 3339, UTC)."""

    intent: Intent
    at: str
    made: str | None = None

    @property
    def told(self) -> str:
        """Which apply made it, and by whom."""
        by = "" if self.intent.actor is None else f" by {self.intent.actor}"
        return f"on {self.at[:10]}, apply run {self.intent.run}{by} (plan {self.intent.plan[:_DIGITS]})"

    def sets(self, path: str) -> bool:
        """Whether it changed this field."""
        return any(field.path == path for field in self.intent.fields)

    def value(self, path: str) -> Any:
        """What it gave the field."""
        return next((field.after for field in self.intent.fields if field.path == path), None)


@dataclass(frozen=True, slots=True)
class History:
    """The writes of all journals that were read, the oldest first. `read` is whether there was any journal."""

    writes: tuple[Write, ...] = ()
    read: bool = False

    def of(self, address: Address, identity: str | None = None) -> tuple[Write, ...]:
        """The writes to one resource: by its id where the journal has one, else by its address."""
        name = folded(address)
        return tuple(
            write
            for write in self.writes
            if folded(write.intent.address) == name
            or (identity is not None and identity in {write.intent.id, write.made})
        )

    def last(self, address: Address, *actions: Action, identity: str | None = None, path: str = "") -> Write | None:
        """The last of these actions on it; with `path`, the last that changed this field."""
        found = [
            write
            for write in self.of(address, identity)
            if (not actions or write.intent.action in actions) and (not path or write.sets(path))
        ]
        return found[-1] if found else None


def history(journals: Iterable[Iterable[Entry]], organization: str) -> History:
    """What these journals know of one organization."""
    writes: list[Write] = []
    read = False
    for entries in journals:
        read = True
        intents: dict[int, Intent] = {}
        for entry in entries:
            if isinstance(entry, Intent):
                intents[entry.sequence] = entry
            elif isinstance(entry, Result) and entry.status is Conclusion.DONE and entry.sequence in intents:
                intent = intents[entry.sequence]
                if intent.organization == organization:
                    writes.append(Write(intent, entry.at, entry.made))
    return History(tuple(sorted(writes, key=lambda write: write.at)), read)
