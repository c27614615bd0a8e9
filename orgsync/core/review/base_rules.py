"""What earlier files set for the guards, and whose organization they are for, read from those files alone.

Neither the organization nor the day counts, nor what is invalid elsewhere in the files: that decides whether they can
be planned, not what their guards refuse.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from orgsync.core.document.settings import GuardSettings
from orgsync.core.model.change import Protection
from orgsync.core.plan.make import rules_of
from orgsync.core.words.problems import translate
from orgsync.core.words.source import Map
from orgsync.errors import InputError

if TYPE_CHECKING:
    from orgsync.core.model.change import Organization, Rules
    from orgsync.core.model.kind import Kinds

_ORGANIZATION, _GUARDS = "organization", "guards"
NEEDED = frozenset({_ORGANIZATION, _GUARDS})
"""The sections that have to be read for this."""

_ALLOWS = "allow"
_LISTS = ("protect", "credential_of")


class NamedOrganization(NamedTuple):
    """The organization that files name: by its id, its name, or both."""

    id: str | None
    name: str | None

    def is_(self, organization: Organization) -> bool:
        """Whether it is this one. An id decides: an organization can be renamed."""
        if self.id is not None:
            return self.id.lower() == organization.id.lower()
        return self.name == organization.name

    def __str__(self) -> str:
        return f'"{self.name}"' if self.id is None else self.id


def organization_in(data: Map) -> NamedOrganization | None:
    """The organization that the files name; None where they name none."""
    section = data.get(_ORGANIZATION)
    if not isinstance(section, dict):
        return None
    named = NamedOrganization(_text(section.get("id")), _text(section.get("name")))
    return None if named == (None, None) else named


def rules_in(data: Map, kinds: Kinds) -> Rules:
    """The limits that the files set for the guards. Raises InputError where they cannot be read.

    An entry of a list that this version does not accept limits what it says, as an earlier version read it: leaving it
    out would let more pass. What the files allow is left out: it lifts guards, and never limits.
    """
    if _GUARDS not in data:
        return rules_of(GuardSettings())
    written, source = data[_GUARDS], data.sources[_GUARDS]
    given = _without_allowances(written) if isinstance(written, Map) else written
    try:
        return rules_of(GuardSettings.model_validate(given, context=kinds))
    except ValidationError as error:
        places = {details["loc"][:2] for details in error.errors(include_url=False)}
        entries = [(str(place[0]), _entry(given, place)) for place in places if place and place[0] in _LISTS]
        if len(entries) < len(places) or not all(_is_readable(*entry) for entry in entries):
            raise InputError(translate(error, given, source, GuardSettings, _GUARDS)) from error
    return _with_entries(given, entries, kinds)


def _with_entries(given: Map, entries: list[tuple[str, Any]], kinds: Kinds) -> Rules:
    """The rules of what this version accepts, and these entries of lists as they were written."""
    rest = Map()
    for key, value in given.items():
        kept = [one for one in _listed(value) if (key, one) not in entries] if key in _LISTS else value
        rest[key], rest.sources[key] = kept, given.sources[key]
    rules = rules_of(GuardSettings.model_validate(rest, context=kinds))
    protect = sorted(
        (_protection(entry) for name, entry in entries if name == "protect"), key=lambda one: (one.address, one.any)
    )
    accounts = sorted(entry for name, entry in entries if name == "credential_of")
    return replace(rules, protect=(*rules.protect, *protect), credential_of=(*rules.credential_of, *accounts))


def _is_readable(name: str, entry: Any) -> bool:
    """Whether it can be told what an entry limits although this version does not accept it."""
    return isinstance(entry, str) or (
        name == "protect" and isinstance(entry, dict) and isinstance(entry.get("address"), str)
    )


def _protection(entry: Any) -> Protection:
    """What an entry protects; from every change where it is not plain that it means less."""
    if isinstance(entry, str):
        return Protection(entry)
    return Protection(entry["address"], any=entry.get("from", "harm") != "harm")


def _without_allowances(written: Map) -> Map:
    rest = Map()
    for key, value in written.items():
        if key != _ALLOWS:
            rest[key], rest.sources[key] = value, written.sources[key]
    return rest


def _entry(given: Map, place: tuple[int | str, ...]) -> Any:
    """What is written at this place of a list; None where the place is not one of its entries."""
    values = _listed(given[str(place[0])])
    index = place[1] if len(place) > 1 else None
    return values[index] if isinstance(index, int) and index < len(values) else None


def _listed(value: Any) -> list[Any]:
    """A single text stands for a list of one."""
    return [value] if isinstance(value, str) else value if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
