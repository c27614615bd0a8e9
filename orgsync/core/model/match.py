"""Which live thing each declared thing means, and by which names a thing goes that the two call differently."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING

from orgsync.core.model.things import ARCHIVED, Pair
from orgsync.core.words.address import address
from orgsync.core.words.source import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from orgsync.core.model.kind import Kind
    from orgsync.core.model.things import Declared, Found, Key, Named, Pairs
    from orgsync.core.words.address import Address


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


def meant_by_name(
    line: Declared, former: str | None, named: Callable[[str], Sequence[Found]], usable: Callable[..., Sequence[Found]]
) -> tuple[Sequence[Found], Sequence[Found]]:
    """What a line without an id may mean: by its name, else by its former one. And what it does not mean any more.

    A line that asks to archive has what it asks for as soon as something of the name is archived: what was created
    later under that name is another thing, which nobody has spoken of. `named` finds things, the newest first; `usable`
    picks those of them that a name can mean.
    """
    for name in (line.segments[-1], *(() if former is None else (former,))):
        found = named(name)
        gone = [one for one in found if one.standing == ARCHIVED][:1]
        if gone and line.spec.asks_to_archive:
            return gone, [one for one in found if one.exists]
        if living := usable(found):
            return living, ()
    return (), ()


def undeclared(live: Iterable[Found], taken: Container[str], fulfilled: Mapping[str, Pair]) -> list[Pair]:
    """What no line means, by key, each with the fulfilled line of its name. Both are looked up by id."""
    rest = (Pair(None, one, fulfilled.get(one.id)) for one in live if one.id not in taken)
    return sorted(rest, key=lambda pair: (pair.key, pair.found.id if pair.found else ""))


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


class Names:
    """By which names things go. While files and organization call a thing differently, both names hold.

    A name is first of all that of the thing which the files call so. An undeclared thing whose name the files gave to
    another one, or which is archived, is addressed by its id: it has its name beside that.
    """

    def __init__(self, pairs: Pairs) -> None:
        self._several: dict[Named, tuple[str, ...]] = {}
        for kind, some in pairs.items():
            declared = {pair.key for pair in some if pair.declared is not None}
            for pair in some:
                found, key = pair.found, pair.key
                if found is None:
                    continue
                if pair.declared is None:
                    if key in declared or not found.exists:
                        self._several.setdefault((kind, (*key[:-1], found.id)), (found.id, found.segments[-1]))
                elif found.key[-1] != key[-1]:
                    self._several[kind, key] = (pair.declared.segments[-1], found.segments[-1])

    def of(self, kind: str, key: Key) -> tuple[str, ...]:
        """The names of the thing that is addressed by this key: the one in the address first."""
        return self._several.get((kind, key), key[-1:])

    def addresses(self, of: Address, kind: Kind | None) -> tuple[Address, ...]:
        """The address, and every other one by names of the thing and of what it stands in or mentions."""
        if kind is None or not self._several:
            return (of,)
        segments = of.segments
        key = kind.key(segments)
        spelled: list[tuple[str, ...]] = [(segment,) for segment in segments]
        spelled[-1] = self._several.get((kind.name, key), spelled[-1])
        for other, positions in kind.refs.items():
            last = positions[-1]
            if last < len(key):
                mentioned = tuple(key[position] for position in positions)
                spelled[last] = self._several.get((other, mentioned), spelled[last])
        return tuple(dict.fromkeys((of, *(address(of.kind, *one) for one in product(*spelled)))))
