"""Which live thing each declared thing means, and by which names a thing goes that the two call differently."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from orgsync.core.model.change import NAME, Blocked, Level, ManualStep, Note, Shown
from orgsync.core.model.codes import Code
from orgsync.core.model.things import ARCHIVED, Pair
from orgsync.core.words.address import address
from orgsync.core.words.globs import looks_like_a_glob
from orgsync.core.words.problems import quoted
from orgsync.core.words.source import Problem
from orgsync.core.words.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from orgsync.core.model.kind import Kind
    from orgsync.core.model.things import Declared, Found, Key, Named, Pairs
    from orgsync.core.words.address import Address


def matched(kind: Kind, declared: Sequence[Declared], live: Sequence[Found]) -> list[Pair]:
    """Declared things first, in file order; then what nobody declared, by key."""
    return kind.match(declared, live) if kind.match is not None else _by_key(declared, live)


def _by_key(declared: Sequence[Declared], live: Sequence[Found]) -> list[Pair]:
    """Of kinds whose things differ by key: where the API shows several of one key, a person has to decide."""
    known: dict[tuple[str, ...], list[Found]] = defaultdict(list)
    for found in live:
        known[found.key].append(found)
    lines = {line.key: line for line in declared}
    blocked = {key: _several(group, lines.get(key)) for key, group in known.items() if len(group) > 1}
    pairs: list[Pair] = []
    for key, line in lines.items():
        if key in blocked:
            pairs.append(Pair(line, None, blocked=blocked[key]))
        else:
            pairs.append(Pair(line, known[key][0] if key in known else None))
    rest = (one for key, group in known.items() if key in blocked or key not in lines for one in group)
    undeclared = sorted(rest, key=lambda one: (one.key, one.id))
    return [*pairs, *(Pair(None, one, blocked=blocked.get(one.key)) for one in undeclared)]


def _several(group: Sequence[Found], line: Declared | None) -> Blocked:
    ids = sorted(one.id for one in group)
    message = f"the organization shows {len(group)} of this: {', '.join(ids)}"
    by_itself = "write the id of the one that is meant"
    hint = by_itself if group[0].implied else "remove all but one of them in the Console"
    if line is not None:
        return line.blocked(Code.UNDECIDED, message, hint, ids)
    return Blocked(group[0].address, Code.UNDECIDED, message, hint, ids=tuple(ids))


@dataclass(frozen=True, slots=True)
class Meant:
    """What a line means: one thing, or none yet; what it does not mean any more; or why only a person can tell."""

    found: Found | None = None
    past: Sequence[Found] = ()
    blocked: Blocked | None = None


def pairs_of(
    declared: Sequence[Declared],
    live: Sequence[Found],
    meaning: Callable[[Declared, Container[str]], Meant],
    noun: str,
) -> list[Pair]:
    """Each line with what it means, in file order, then what no line means, by key.

    `meaning` is told what other lines give another name. A blocked line gives nothing another name, and no other line
    means, or takes the name of, what it may be about.
    """
    blocked: dict[Key, Blocked] = {}
    while True:
        away = renamed_away((line for line in declared if line.key not in blocked), live)
        meant = {
            line.key: Meant(blocked=blocked[line.key]) if line.key in blocked else meaning(line, away)
            for line in declared
        }
        known = {key: one.blocked for key, one in meant.items() if one.blocked is not None}
        more = known | {line.key: one for line, one in _contested(declared, meant, live, noun)}
        if more.keys() == blocked.keys():
            break
        blocked = more
    pairs = [Pair(line, meant[line.key].found, blocked=blocked.get(line.key)) for line in declared]
    taken = {pair.found.id for pair in pairs if pair.found is not None}
    past = {one.id: pair for pair in pairs for one in meant[pair.key].past}
    held = {identity: one for one in blocked.values() for identity in one.ids}
    rest = (Pair(None, one, past.get(one.id), held.get(one.id) or blocked.get(one.key)) for one in live)
    undeclared = (pair for pair in rest if pair.found is not None and pair.found.id not in taken)
    return [*pairs, *sorted(undeclared, key=lambda pair: (pair.key, pair.found.id if pair.found else ""))]


def _contested(
    declared: Sequence[Declared], meant: Mapping[Key, Meant], live: Sequence[Found], noun: str
) -> Iterator[tuple[Declared, Blocked]]:
    """The lines that mean, or take the name of, what another line may mean as well."""
    claims: defaultdict[str, list[Declared]] = defaultdict(list)
    existing = {one.id: one for one in live if one.exists}
    for line in declared:
        one = meant[line.key]
        ids = [one.found.id] if one.found is not None else []
        for identity in ids if one.blocked is None else (each for each in one.blocked.ids if each in existing):
            claims[identity].append(line)
    names = {(*existing[each].key[:-1], existing[each].attributes[NAME]): each for each in claims if each in existing}
    for line in declared:
        found = meant[line.key].found
        if meant[line.key].blocked is not None:
            continue
        others = [] if found is None else sorted(one.address for one in claims[found.id] if one is not line)
        if found is not None and others:
            message = f"refers to the same {noun} ({found.id}) as {others[0]}"
            yield line, line.blocked(Code.UNDECIDED, message, "delete one of them", [found.id])
        holder = names.get(line.key)
        held_by = [] if holder is None else [one for one in claims[holder] if meant[one.key].blocked is not None]
        holding = sorted(one.address for one in held_by)
        if holder is not None and holding and not others:
            message = f"{holder} has this name until a person has decided about {holding[0]}"
            yield line, line.blocked(Code.UNDECIDED, message, f"decide about {holding[0]} first")


def meant_by_name(
    line: Declared,
    named: Callable[[str], Sequence[Found]],
    usable: Callable[..., Sequence[Found]],
    away: Container[str] = (),
) -> tuple[Sequence[Found], Sequence[Found]]:
    """What a line without an id may mean: by its name, else by its former one. And what it does not mean any more.

    A line that asks to archive has what it asks for as soon as something of the name is archived: what was created
    later under that name is another thing, which nobody has spoken of. `named` finds things, the newest first; `usable`
    picks those of them that a name can mean. What is `renamed_away` is not meant by the name that it has until then.
    """
    former = line.former_name
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


def no_former(line: Declared, noun: str, found: Iterable[Found]) -> Blocked | None:
    """That nothing has the former name of a line any more; None for a line without one.

    `found` are all things among which the line may mean one. To make another one instead has to be asked for.
    """
    former, existing = line.spec.former_name, list(found)
    if former is None:
        return None
    named = [one for one in existing if one.attributes.get(NAME) == former]
    if named:
        message = f"{quoted(former)} (renamed_from) was archived ({named[0].id}), so it cannot be renamed"
        return line.blocked(Code.WRONG_FORMER_NAME, message, f"delete `renamed_from` to ask for a new {noun}")
    near = did_you_mean(former, [one.attributes[NAME] for one in existing if one.exists and NAME in one.attributes])
    message = f"no {noun} has the name {quoted(former)} (renamed_from), so there is nothing to rename"
    hint = f"correct it, or delete `renamed_from` to ask for a new {noun}"
    if near is not None:
        hint = f'did you mean "{near}"? Or delete `renamed_from` to ask for a new {noun}'
    return line.blocked(Code.WRONG_FORMER_NAME, message, hint)


def rename_done(pair: Pair) -> tuple[Note, ...]:
    """That `renamed_from` of a line has done its work."""
    line, found = pair.declared, pair.found
    if line is None or found is None or line.spec.former_name is None or found.attributes[NAME] != line.segments[-1]:
        return ()
    message = f"has its new name: delete `renamed_from: {line.spec.former_name}`"
    shown: Shown = {"former_name": line.spec.former_name}
    return (Note(pair.address, Code.RENAME_DONE, message, Level.INFO, pair.place, shown=shown),)


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
