"""What records of the Activity Feed say of one thing: which thing they are about, and what it is like afterwards.

Each kind states its rules as data, and the join knows no kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from orgsync.core.words.spelling import same_mailbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orgsync.core.feed.records import Activity

EXISTS = ""
"""In place of a path: that there is such a thing at all."""

ANY = "*"
"""In place of a path: every other field of the thing."""

EMAIL = "email"
"""The name among `Handles` of what is compared as mail systems compare addresses."""

PLACE = "@"
"""In place of a path: what the thing stands inside."""

ACTOR_ID, ACTOR_EMAIL = "actor.id", "actor.email"
"""In place of a field of the record: who did it."""

FORMER_NAME = "former name"
"""In place of a field of the record: the name that an update took away."""

ORGANIZATION = "organization"
"""In place of a field of the record: the organization itself, of which there is one."""


class Hint(Enum):
    """What a record says of a field without naming its value."""

    UNTOLD = "untold"
    """It was set, to a value that the record does not have."""
    PERHAPS = "perhaps"
    """It may have been set: the record does not say what changed."""


FORMER_EMAIL = "former email"
"""The same, of somebody who has no id any more by which to be named."""


Handles = dict[str, frozenset[str]]
"""By what records name a thing: ids and addresses, by what each of them is."""

Says = dict[str, Any]
"""What a thing is like after a record, by path: a value spelled as in the files, or a `Hint`."""


def _nothing_said(_record: Activity) -> Says:
    return {}


@dataclass(frozen=True, slots=True)
class Explains:
    """What records of one type say of things of a kind.

    `about` are the fields of the record that name the thing, each with the handle of the thing that it has to equal.
    `says` is what the thing is like afterwards; nothing: the record is about the thing, and about nothing that a
    difference could show.
    """

    type: str
    about: Mapping[str, str]
    says: Callable[[Activity], Says] = _nothing_said

    def names(self, record: Activity, handles: Handles) -> bool:
        """Whether the record is about what has these handles."""
        if record.type != self.type:
            return False
        return all(named(record, name, handle) in handles.get(handle, ()) for name, handle in self.about.items())


def _former_name(record: Activity) -> str | None:
    return next((one.previous for one in record.updates if one.type == "name"), None)


_OWN: Mapping[str, Callable[[Activity], str | None]] = {
    ACTOR_ID: lambda record: record.actor.id,
    ACTOR_EMAIL: lambda record: record.actor.email,
    FORMER_NAME: _former_name,
    ORGANIZATION: lambda _record: ORGANIZATION,
}


def named(record: Activity, name: str, handle: str) -> str | None:
    """What a field of a record says, in the form in which it is compared with this handle."""
    value = _OWN[name](record) if name in _OWN else record.text(name)
    return same_mailbox(value) if value is not None and handle in {EMAIL, FORMER_EMAIL} else value


def emails(*addresses: str) -> frozenset[str]:
    """Addresses as a value of the handle `EMAIL`."""
    return frozenset(map(same_mailbox, addresses))


@dataclass(frozen=True, slots=True)
class Value:
    """One field that records can name in `updates`: its path in the files, and its value as files spell it.

    `value` answers with `Hint.UNTOLD` for a word that it does not know.
    """

    path: str
    value: Callable[[str], Any] = str


def updated(known: Mapping[str, Value], untold: tuple[str, ...] = ()) -> Callable[[Activity], Says]:
    """What a record with `updates` says, given the fields that it may name.

    `untold` are paths that no update names: a record without any may be about them. One that says nothing of what was
    changed, or something unknown, may be about everything.
    """

    def says(record: Activity) -> Says:
        rows, found = record.fields.get("updates"), [one for one in record.updates if one.type in known]
        if not found:
            return dict.fromkeys(untold if rows == [] else (ANY,), Hint.PERHAPS)
        told = ((known[one.type], one.current) for one in found)
        says = {field.path: Hint.UNTOLD if value is None else field.value(value) for field, value in told}
        return says if isinstance(rows, list) and len(rows) == len(found) else {ANY: Hint.PERHAPS, **says}

    return says


def made(_record: Activity) -> Says:
    """There is such a thing since; how it was made is not said."""
    return {EXISTS: Hint.UNTOLD}


def gone(_record: Activity) -> Says:
    """There is no such thing since."""
    return {EXISTS: False}


def archived(_record: Activity) -> Says:
    """It is archived since."""
    return {"archived": Hint.UNTOLD, EXISTS: False}
