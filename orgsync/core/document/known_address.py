"""Whether an address, or a glob of addresses, can mean anything at all: a guard that matches nothing guards nothing."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from orgsync.core.words.address import Address
from orgsync.core.words.address import address as spelled
from orgsync.core.words.globs import is_glob
from orgsync.core.words.problems import Unsuitable, quoted, suggestion

if TYPE_CHECKING:
    from orgsync.core.model.kind import Kind, Kinds


def known_address(text: str, kinds: Kinds) -> str:
    """The text itself. Raises Unsuitable for one that cannot be the address of anything."""
    try:
        address = Address.parsed(text)
    except ValueError:
        raise _no_address(text, kinds) from None
    kind = kinds.by_name.get(address.kind)
    if kind is None:
        hint = suggestion(address.kind, kinds.by_name, "kinds")
        raise Unsuitable(f'{quoted(text)}: "{address.kind}" is not a kind', hint)
    if not kind.may_have(address.segments) or not all(address.segments):
        raise Unsuitable(f"{quoted(text)} is not an address of a {kind.noun}", _meant(address, kind))
    return text


def known_glob(text: str, kinds: Kinds) -> str:
    """The text itself. Raises Unsuitable for a glob that cannot match the address of anything."""
    if not is_glob(text):
        return known_address(text, kinds)
    name, colon, rest = text.partition(":")
    meant = [kind for kind in kinds if fnmatchcase(kind.name, name)]
    if colon and not meant:
        names = [kind.name for kind in kinds]
        raise Unsuitable(f'{quoted(text)}: "{name}" is not a kind', suggestion(name, names, "kinds"))
    if colon and "[" not in rest and all(rest.count("/") >= _longest(kind) for kind in meant):
        raise Unsuitable(
            f"{quoted(text)} has more parts than the address of a {meant[0].noun}", f"write {_form(meant[0])}"
        )
    if not colon and not text.startswith("*"):
        raise _no_address(text, kinds)
    return text


def _meant(given: Address, kind: Kind) -> str:
    """How to write it: a name may have a slash in it, which an address spells as %2F."""
    last = _longest(kind) - 1
    before, rest = given.segments[:last], given.segments[last:]
    if len(rest) > 1 and all(given.segments):
        whole = spelled(kind.name, *before, "/".join(rest))
        return f'write {_form(kind)}, or {whole} if "/" is part of the name'
    return f"write {_form(kind)}"


def _longest(kind: Kind) -> int:
    """How many segments an address of this kind can have."""
    return max((section.length for section in kind.sections), default=len(kind.segments))


def _no_address(text: str, kinds: Kinds) -> Unsuitable:
    forms = " or ".join(_form(kind) for kind in kinds[:2])
    return Unsuitable(f"{quoted(text)} is not an address", f"addresses have the form {forms}" if forms else None)


def _form(kind: Kind) -> str:
    return f"{kind.name}:{'/'.join(segment.value.upper() for segment in kind.segments)}"
