"""The live organization in the words of the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from orgsync.core.document.read import wrong_name
from orgsync.core.document.settings import STRICT, valid_email
from orgsync.core.model.codes import Code
from orgsync.core.model.recording import lasting
from orgsync.core.model.things import Segment
from orgsync.core.model.understood import told_of
from orgsync.core.words.address import address
from orgsync.core.words.globs import looks_like_a_glob
from orgsync.core.words.plural import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.core.model.kind import Kind, Kinds, Section
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Found, Live
    from orgsync.core.words.address import Address


def exported_files(seen: Observation, kinds: Kinds, *, ids: bool = False) -> dict[str, Any]:
    """What one file would have to say to ask for exactly what was seen, and to be told of whatever is added to it.

    Nothing is made authoritative by it. Every collection is in it, also one without anything; but one that could not be
    seen is not declared to be empty. With `ids` each line has the id of what it means, where it can have one; so has,
    in any case, a line whose name could be meant for several.
    """
    data: dict[str, Any] = {
        "version": 1,
        "organization": {"id": seen.organization.id, "name": seen.organization.name},
        "manage": {"coverage": STRICT},
    }
    for kind in kinds:
        for section, inside in _places(kind, seen, kinds):
            _write(data, section, (*section.lead, *inside), {} if section.depth else None, at=section.path)
        for found in sorted(_understood(kind, seen), key=lambda one: one.key):
            value = _exported(found, seen.live, kind)
            if value is not None:
                value = _bound(value, found, kind) if ids or looks_like_a_glob(found.segments[-1]) else value
                section = kind.section_of(found.segments)
                _write(data, section, found.segments, value, at=section.things)
    return data


def _places(kind: Kind, seen: Observation, kinds: Kinds) -> Iterator[tuple[Section, tuple[str, ...]]]:
    """Where things of a kind could be written: each of its sections, inside everything that it can stand in and that
    could be seen."""
    hidden = [unseen for unseen in seen.unseen if unseen.blocks and unseen.kind == kind.name]
    if not seen.refused.keys().isdisjoint({kind.name, *kind.refs}) or any(not unseen.inside for unseen in hidden):
        return
    for section in kind.sections:
        if not section.outer:
            yield section, ()
        for outer in kinds:
            for found in seen.live[outer.name] if any(one.things == section.outer for one in outer.sections) else ():
                written = not found.unknown and _exported(found, seen.live, outer) is not None
                if written and kind.stands_in(found) and all(one.inside != found.key for one in hidden):
                    yield section, found.segments


def _bound(value: Any, found: Found, kind: Kind) -> Any:
    """What is written of a thing, with its id where a file can say it."""
    if "id" not in kind.spec.model_fields or found.implied:
        return value
    whole = value if isinstance(value, dict) else {kind.short: value}
    try:
        kind.spec.model_validate({**whole, "id": found.id})
    except ValueError:
        return value
    return {"id": found.id, **whole}


class LeftOut(NamedTuple):
    """What exists and is not exported; and the line that declares it where only its name is not unique, else ""."""

    address: Address
    line: str


def not_exported(seen: Observation, kinds: Kinds) -> Iterator[LeftOut]:
    """What exists and has no line of its own, such as one of two workspaces with one name, or a name of spaces."""
    for kind in kinds:
        understood = _understood(kind, seen)
        absent = [one for one in understood if _exported(one, seen.live, kind) is None]
        written = {one.id for one in understood if _exported(one, seen.live, kind) is not None}
        for found in absent:
            if found.exists and not found.implied and found.id not in written:  # under another of its names
                yield _left_out(found, understood, kind)


def _left_out(found: Found, others: Sequence[Found], kind: Kind) -> LeftOut:
    name = _name(found)
    called = address(kind.name, *found.segments[:-1], name)
    same = [one for one in others if one.exists and (*one.segments[:-1], _name(one)) == (*found.segments[:-1], name)]
    if len(same) == 1 or "id" not in kind.spec.model_fields or not _is_writable(kind.segments[-1], name):
        return LeftOut(found.address, "")
    return LeftOut(called, f"{name}: {{id: {found.id}}}")


def _name(found: Found) -> str:
    """Its own name, also where its address has the id beside it."""
    name: str = found.attributes.get("name", found.segments[-1])
    return name


def not_offered(seen: Observation, kinds: Kinds) -> Iterator[str]:
    """What is not in the file because the API does not show it to this organization or credential, and why."""
    for unseen in seen.unseen:
        if unseen.code is Code.NOT_OFFERED:
            inside = "/".join(unseen.inside)
            yield f"{_nouns(kinds.by_name[unseen.kind])}{f' of {inside}' if inside else ''}: {unseen.message}"
    for name, refusal in seen.refused.items():
        yield f"{_nouns(kinds.by_name[name])}: not available to this organization: {lasting(refusal)}"


def _nouns(kind: Kind) -> str:
    return plural(2, kind.noun)


def not_understood(seen: Observation, kinds: Kinds) -> Iterator[str]:
    """What is left out because it, or what it refers to, is not understood."""
    for unseen in seen.unseen:
        if unseen.code is not Code.NOT_OFFERED:
            yield f"{unseen.kind}: {unseen.message}"
    for kind in kinds:
        understood = {id(one) for one in _understood(kind, seen)}
        told: set[str] = set()
        for found in seen.live[kind.name]:
            if id(found) in understood or found.id in told or not (found.unknown or found.exists):
                continue
            told.add(found.id)
            yield f"{found.address}: {told_of(found) or 'what it refers to cannot be interpreted'}"


def _understood(kind: Kind, seen: Observation) -> list[Found]:
    """The things of a kind that are understood, and so is everything they refer to."""
    obscure = {(name, one.key) for name in kind.refs for one in seen.live[name] if one.obscure}
    return [
        one
        for one in seen.live[kind.name]
        if not one.unknown and not (obscure and obscure.intersection(kind.refers_to(one.key)))
    ]


def _exported(found: Found, live: Live, kind: Kind) -> Any:
    """What to write; None where a file cannot say it, be it only for the name."""
    writable = all(map(_is_writable, kind.segments, found.segments))
    return kind.exported(found, live) if writable else None


def _is_writable(segment: Segment, text: str) -> bool:
    if segment is Segment.NAME:
        return wrong_name(text) == (None, None)
    try:
        valid_email(text)
    except ValueError:
        return False
    return True


def _write(data: dict[str, Any], section: Section, segments: Sequence[str], value: Any, *, at: Sequence[str]) -> None:
    """Puts a thing where its section stands, or a whole section, making the maps on the way, if what it stands inside
    was written."""
    keys = iter(segments[len(section.lead) :])
    *way, last = (next(keys) if step == "*" else step for step in at)
    for position, step in enumerate(way):
        if position < len(section.outer) and section.outer[position] == "*" and step not in data:
            return
        data = data.setdefault(step, {})
    data[last] = value
