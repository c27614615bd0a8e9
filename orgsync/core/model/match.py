"""Which live thing each declared thing means."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from orgsync.core.model.things import Pair
from orgsync.core.words.source import Problem

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from orgsync.core.model.kind import Kind
    from orgsync.core.model.things import Declared, Found, Key


def matched(kind: Kind, declared: Sequence[Declared], live: Sequence[Found]) -> tuple[list[Pair], list[Problem]]:
    """Declared things first, in file order; then what nobody declared, by key. Problems where only people can tell."""
    return kind.match(declared, live) if kind.match is not None else (_by_key(declared, live), [])


def _by_key(declared: Sequence[Declared], live: Sequence[Found]) -> list[Pair]:
    known: dict[tuple[str, ...], list[Found]] = defaultdict(list)
    for found in live:
        known[found.key].append(found)
    pairs: list[Pair] = []
    for one in declared:
        meant = known[one.key]
        pairs.append(Pair(one, meant.pop(0) if meant else None))
    rest = sorted((found for group in known.values() for found in group), key=lambda found: (found.key, found.id))
    return [*pairs, *(Pair(None, found) for found in rest)]


def wrong_former_name(declared: Declared, former: str | None, others: Container[Key]) -> Iterable[Problem]:
    """What is wrong with the name that a line says its thing had before; `others` are the keys that are declared."""
    if former is None:
        return
    if former == declared.segments[-1]:
        hint = "write its former name, or delete renamed_from"
        yield Problem("renamed_from is its current name", declared.source, declared.address, hint)
    elif (*declared.key[:-1], former) in others:
        message = f'"{former}" (renamed_from) is declared as well'
        yield Problem(message, declared.source, declared.address, "delete one of the two")
