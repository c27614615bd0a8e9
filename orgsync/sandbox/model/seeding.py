"""A seed while it is checked and filled in: every row with its place and its id, and what rows may call each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from orgsync.sandbox.wire import timestamps as moments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from orgsync.sandbox.wire.switches import Settings

# Rows without a timestamp are one minute apart, in file order, from here on.
BEGINNING = datetime(2025, 1, 1, tzinfo=UTC)

Name = Annotated[str, Field(min_length=1)]


class SeedPart(BaseModel):
    """A piece of a seed: strict types, no unknown keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


PartT = TypeVar("PartT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Entry(Generic[PartT]):
    """One row: where it stands in the seed (`users.0`), its number in its list, its id if it has one, what it says."""

    at: str
    number: int
    id: str
    row: PartT

    def made(self, text: str | None) -> datetime:
        """When it was made."""
        return moments.parsed(text) if text else BEGINNING + timedelta(minutes=self.number)


@dataclass(slots=True, eq=False)
class Seeding:
    """The rows of a seed by their shape. `organization` is its id, `now` the moment at which the sandbox is made."""

    organization: str
    settings: Settings
    now: datetime
    _entries: dict[type[BaseModel], Sequence[Entry[Any]]] = field(default_factory=dict)
    _ids: dict[type[BaseModel], dict[str, Entry[Any]]] = field(default_factory=dict)
    _named: dict[type[BaseModel], dict[str, list[str]]] = field(default_factory=dict)

    def entries(self, shape: type[PartT]) -> Sequence[Entry[PartT]]:
        """All rows of a shape, with those that the organization has although the seed does not name them."""
        return self._entries.get(shape, [])

    def find(self, shape: type[PartT], identity: str | None) -> Entry[PartT] | None:
        """The row that has this id."""
        return self._ids.get(shape, {}).get(identity or "")

    def named(self, shape: type[BaseModel], about: str) -> Sequence[str]:
        """The ids of the rows that are about this."""
        return self._named.get(shape, {}).get(about, ())

    def add(self, shape: type[PartT], entries: Sequence[Entry[PartT]], about: Sequence[str]) -> None:
        """The rows of one section. What they refer to has been added before; `about` is what each is about, if any."""
        self._entries[shape] = entries
        self._ids[shape] = {entry.id: entry for entry in entries if entry.id}
        named = self._named.setdefault(shape, {})
        for text, entry in zip(about, entries, strict=False):
            named.setdefault(text, []).append(entry.id)


def duplicates(field: str, values: Iterable[tuple[str, object]]) -> Iterator[str]:
    """Values of a field that only one row may have; each comes with the place of its row."""
    first: dict[object, str] = {}
    for at, value in values:
        if value in first:
            yield f"{at}.{field}: {value} is also {first[value]}"
        first.setdefault(value, at)
