"""What one resource of the Admin API is: everything that the rest of the sandbox, and a rehearsal, know about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pydantic import BaseModel

    from orgsync.sandbox.model.route import Route
    from orgsync.sandbox.model.seeding import Seeding
    from orgsync.sandbox.wire.switches import Part, Settings

    Rows = Sequence[Mapping[str, Any]]
    Tables = Mapping[str, Rows]
    Label = Callable[[str], str]

Fact = tuple[str, ...]
"""What something is about: `("workspace", "wrkspc_1", "name")`."""

Write = tuple[str, str, str]
"""Method, path and body of a request, the body as sorted JSON."""


class Edit(NamedTuple):
    """One call of the Console; its path is that below `/v1/organizations`."""

    method: str
    path: str
    body: dict[str, Any] | None = None


class Assigned(NamedTuple):
    """What a client is about to set: the names of the thing, outermost first, and the value of each field by path."""

    names: tuple[str, ...]
    fields: Mapping[str, Any]


class Answered(NamedTuple):
    """What the API said of one resource: its rows, whether it refused the list, and what is about to be set."""

    rows: Rows
    refused: bool
    assigned: Sequence[Assigned]


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One resource. It refers to none that comes after it in the list.

    table    where the store keeps it; `schema` is the SQL that makes that table, and whatever else belongs to it
    section  where it stands in a seed; `shape` is that of its rows: as the API shows them, but that most of a row may
             be left out, and that others may be called by name
    fill     what a seed puts into the table, column by column
    routes   its endpoints, those of the Console among them

    All others have a default:

    made_at   the column that says when a row was made, which `fill` gives as a moment: lists show rows in the order in
              which they were written, so the oldest is written first
    about     what a row's id is made of where it has none; None: rows have no id of their own
    prefix    what its ids begin with, without the `_`
    parameter what its id is called in paths, where an id without that prefix is refused
    problems  what contradicts in a seed
    implied   rows that an organization with these rows has besides, although its seed does not name them
    profile   what a seed says of the organization itself by these rows
    switches  rows of the table of switches that this resource brings; handlers find them in `Context.switches`
    by_hand   for the help: a row as one writes it by hand
    remark    for the help: a sentence on the section
    console   for the help: what the Console may do beyond the API, each call with its meaning

    And for rehearsals, which make an organization of what the API answered:

    path          the list that shows the rows of the section; what its path says, the rows need not
    newest_first  the order of that list; a seed has the oldest first
    assumed       the switches that follow from what the API answered and from what is about to be set
    facts         what is so in an organization, by fact. None: nobody could tell what a write leads to, so a plan that
                  changes something of the sort is refused
    edits         what a colleague does to it in the Console (rename, archive, remove, accept, unrelated), given the
                  write that a client is about to send; None where that write does not touch it
    """

    table: str
    schema: str
    section: str
    shape: type[BaseModel]
    fill: Callable[[Seeding], Iterable[Mapping[str, Any]]]
    routes: tuple[Route, ...]
    made_at: str = ""
    about: Callable[[Any, Seeding], str] | None = None
    prefix: str = ""
    parameter: str = ""
    problems: Callable[[Seeding], Iterable[str]] = field(default=lambda _seed: ())
    implied: Callable[[Sequence[Any], Settings], Sequence[Any]] = field(default=lambda _given, _settings: ())
    profile: Callable[[Seeding], Mapping[str, str]] = field(default=lambda _seed: {})
    switches: type[Part] | None = None
    by_hand: str = ""
    remark: str = ""
    console: tuple[tuple[str, str], ...] = ()
    path: str = ""
    newest_first: bool = True
    assumed: Callable[[Answered], Mapping[str, Any]] = field(default=lambda _answered: {})
    facts: Callable[[Tables, Label], Iterator[tuple[Fact, str]]] | None = None
    edits: Mapping[str, Callable[[Write, Rows], Edit | None]] | None = None

    @property
    def changes(self) -> bool:
        """Whether the API can change it: what a client may see too late, and what a plan can lead to."""
        return any(route.writes for route in self.routes)

    @property
    def enterprise(self) -> bool:
        """Whether Claude Enterprise organizations have it."""
        return not self.routes or any(route.enterprise for route in self.routes)


def mentioned(write: Write, rows: Rows) -> Mapping[str, Any] | None:
    """The row whose id a write names."""
    _method, path, text = write
    named = path.split("/")
    return next((row for row in rows if row["id"] in named or f'"{row["id"]}"' in text), None)


def to_mentioned(edit: Callable[[Mapping[str, Any]], Edit]) -> Callable[[Write, Rows], Edit | None]:
    """An edit of the row whose id a write names."""

    def edited(write: Write, rows: Rows) -> Edit | None:
        row = mentioned(write, rows)
        return None if row is None else edit(row)

    return edited
