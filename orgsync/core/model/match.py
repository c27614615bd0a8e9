"""Which live thing each declared thing means, and by which names a thing goes that the two call differently."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING

from orgsync.core.model.change import NAME, ManualStep
from orgsync.core.model.codes import Code
from orgsync.core.model.things import ARCHIVED, Pair
from orgsync.core.words.address import address
from orgsync.core.words.globs import looks_like_a_glob
from orgsync.core.words.problems import quoted
from orgsync.core.words.source import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

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
    line: Declared,
    former: str | None,
    named: Callable[[str], Sequence[Found]],
    usable: Callable[..., Sequence[Found]],
    away: Container[str] = (),
) -> tuple[Sequence[Found], Sequence[Found]]:
    """What a line without an id may mean: by its name, else by its former one. And what it does not mean any more.

    A line that asks to archive has what it asks for as soon as something of the name is archived: what was created
    later under that name is another thing, which nobody has spoken of. `named` finds things, the newest first; `usable`
    picks those of them that a name can mean. What is `renamed_away` is not meant by the name that it has until then.
    """
    own = [one for one in named(line.segments[-1]) if one.id not in away]
    for found in (own, () if former is None else named(former)):
        gone = [one for one in found if one.standing == ARCHIVED][:1]
        if gone and line.spec.asks_to_archive:
            return gone, [one for one in found if one.exists]
        if living := usable(found):
            return living, ()
    return (), ()


def renamed_away(declared: Iterable[Declared], live: Iterable[Found]) -> frozenset[str]:
    """The ids of what a line gives another name, by its id: the name it has is free for another line."""
    new_names = {line.spec.id: line.segments[-1] for line in declared if line.spec.id is not None}
    return frozenset(
        one.id for one in live if one.exists and new_names.get(one.id, one.attributes[NAME]) != one.attributes[NAME]
    )


def exchanged(pair: Pair, pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """The things that would be renamed in a circle, if this one is of them: each has the name that another gets.

    None of them can be the first, unless it gets another name in between.
    """
    renamed = {_present_key(one): one for one in pairs if _present_key(one) not in {None, one.key}}
    circle: list[Pair] = []
    following: Pair | None = pair
    while following is not None and not any(following is one for one in circle):
        circle.append(following)
        following = renamed.get(following.key)
    return tuple(circle) if following is pair else ()


def exchange_by_hand(pair: Pair, circle: Sequence[Pair], where: str) -> Iterator[ManualStep]:
    """What a person has to do about a circle, told once: at the first of its addresses."""
    if pair.address != min(one.address for one in circle) or pair.found is None:
        return
    names = " -> ".join(f'"{one.found.attributes[NAME]}"' for one in (*circle, pair) if one.found is not None)
    message = (
        f"names are exchanged ({names}), and none of them is free: give {pair.found.id} any other name in the Console, "
        "then plan again"
    )
    expected = f"{pair.found.id} has a name that no line has"
    yield ManualStep(pair.address, Code.NAMES_EXCHANGED, message, where, expected, source=pair.place)


def _present_key(pair: Pair) -> Key | None:
    """The key that a declared thing has until it is renamed."""
    if pair.declared is None or pair.found is None or not pair.found.exists:
        return None
    return (*pair.key[:-1], pair.found.attributes[NAME])


def undeclared(live: Iterable[Found], taken: Container[str], fulfilled: Mapping[str, Pair]) -> list[Pair]:
    """What no line means, by key, each with the fulfilled line of its name. Both are looked up by id."""
    rest = (Pair(None, one, fulfilled.get(one.id)) for one in live if one.id not in taken)
    return sorted(rest, key=lambda pair: (pair.key, pair.found.id if pair.found else ""))


def wrong_former_name(declared: Declared, former: str | None, others: Container[Key]) -> Iterable[Problem]:
    """What is wrong with the name that a line says its thing had before; `others` are the keys that are declared.

    A line with an id needs no former name to say what it means.
    """
    if former is None or declared.spec.id is not None:
        return
    if former == declared.segments[-1]:
        hint = "write its former name, or delete renamed_from"
        yield Problem("renamed_from is its current name", declared.source, declared.address, hint)
    elif (*declared.key[:-1], former) in others:
        message = f'"{former}" (renamed_from) is declared as well'
        hint = "delete one of the two; to use the name again at once, write `id:` instead of renamed_from"
        yield Problem(message, declared.source, declared.address, hint)


def glob_for_a_name(declared: Declared, noun: str) -> Iterable[Problem]:
    """That a line without an id seems to mean several things: it would make one of that name."""
    name = declared.segments[-1]
    if declared.spec.id is None and looks_like_a_glob(name):
        message = f"the name {quoted(name)} contains a wildcard, but a line declares one {noun}"
        hint = (
            "write a line for each; globs belong in `match` of a key policy, `guards.protect` and `accept`. "
            f"If an existing {noun} has exactly this name, add its `id:`"
        )
        yield Problem(message, declared.source, declared.address, hint)


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
