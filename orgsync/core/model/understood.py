"""What is not understood, or could not be seen, is reported and left alone: the one place where that is decided.

Nothing is planned about a row with an odd field, nor about what refers to it. Where a list has rows that cannot be
told from others, or was not offered at all, anything may be there that was not seen: nothing is made or taken away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import Action, Level, Note
from orgsync.core.model.codes import Code
from orgsync.core.model.observation import Unseen
from orgsync.core.model.recording import lasting
from orgsync.core.model.request import Need
from orgsync.core.model.rows import Checked, Odd, odd_of
from orgsync.core.words.address import Address, address
from orgsync.core.words.plural import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from orgsync.core.model.context import Context, Decision
    from orgsync.core.model.kind import Kind
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.request import Listing
    from orgsync.core.model.things import Found, Key, Pair, Pairs
    from orgsync.errors import ApiError

UPDATE = "update orgsync: a newer version may understand it"
_MOST_ROWS = 5


def unseen_in(kind: Kind, listing: Listing, answer: Checked | ApiError) -> Iterator[Unseen]:
    """What a list leaves open, in the words of a plan."""
    inside = kind.key(listing.inside)
    if not isinstance(answer, Checked):
        if listing.need is not Need.EXTRA and not by_hand(listing, answer):
            said = lasting(str(answer))
            message = f"{listing.path} is not available to this organization: {said}; nothing here is planned"
            yield Unseen(kind.name, inside, Code.NOT_OFFERED, message)
        return
    for told, numbers in answer.unreadable.items():
        where = f"{told}: {_rows(numbers)} of {listing.path}"
        if listing.need is Need.EXTRA:
            yield Unseen(kind.name, inside, Code.UNREADABLE_ROW, f"{where}; ignored", blocks=False)
        else:
            message = f"{where} cannot be identified, so nothing here is created, invited or removed"
            yield Unseen(kind.name, inside, Code.UNREADABLE_ROW, f"{message}; {UPDATE}")
    if listing.need is Need.EXTRA:
        odd = dict.fromkeys(one.told for row in answer.rows for one in odd_of(row))
        for told in odd:
            message = f"{told}: a row of {listing.path} cannot be interpreted; ignored"
            yield Unseen(kind.name, inside, Code.UNREADABLE_ROW, message, blocks=False)


def told_apart(found: Iterable[Found]) -> list[Found]:
    """The things of a kind. Of several with one address it is not understood which one is meant, so each is odd."""
    things = list(found)
    of_one_address: dict[Key, list[Found]] = {}
    for one in things:
        of_one_address.setdefault(one.key, []).append(one)
    if len(of_one_address) == len(things):
        return things
    return [_one_of_several(one, of_one_address[one.key]) for one in things]


def _one_of_several(found: Found, several: Sequence[Found]) -> Found:
    if len(several) == 1:
        return found
    ids = ", ".join(sorted({one.id for one in several}))
    return replace(found, odd=(*found.odd, Odd(f"the API shows {len(several)} of this ({ids})")))


def by_hand(listing: Listing, refusal: ApiError) -> bool:
    """Whether a kind names manual steps where the API refuses this list: all of it, and not that of one thing."""
    return listing.need is Need.FEATURE and not (listing.inside and refusal.status == 404)


def _rows(numbers: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, numbers[:_MOST_ROWS]))
    more = f" and {len(numbers) - _MOST_ROWS} more" if len(numbers) > _MOST_ROWS else ""
    return f"{plural(len(numbers), 'row')} {shown}{more}"


def notes_of(seen: Observation) -> Iterator[Note]:
    """A finding for everything that was not understood or not seen, unless it is blocked: that says more."""
    for one in seen.unseen:
        where = Address(f"{address(one.kind, *one.inside)}/*") if one.inside else Address(f"{one.kind}:*")
        yield Note(where, one.code, one.message, Level.ERROR)
    told: set[tuple[str, str]] = set()
    for name, pairs in seen.pairs.items():
        for pair in pairs:
            found = pair.found
            if found is not None and found.unknown and pair.blocked is None and (name, found.id) not in told:
                told.add((name, found.id))  # what has several names is one thing
                yield _unknown(pair, found)


def unclear_in(seen: Observation) -> Iterator[str]:
    """Everything that was not understood or not seen, in words."""
    yield from (unseen.message for unseen in seen.unseen)
    unknown = {(one.kind, one.id): one for some in seen.live.values() for one in some if one.unknown}
    for one in unknown.values():
        yield f"{one.address}: {told_of(one)}"


def _unknown(pair: Pair, found: Found) -> Note:
    message = f"{told_of(found)}: nothing is planned about it; {UPDATE}"
    return Note(pair.address, Code.UNKNOWN_VALUE, message, Level.ERROR, pair.place)


def told_of(found: Found) -> str:
    """What of a thing is not understood."""
    return "; ".join(dict.fromkeys(one.told for one in found.odd))


@dataclass(frozen=True, slots=True)
class Sight:
    """Which things were seen, and of which so little is understood that what refers to them is not either."""

    present: frozenset[tuple[str, Key]]
    obscure: frozenset[tuple[str, Key]]

    @classmethod
    def of(cls, pairs: Pairs) -> Sight:
        """Of everything that was read and matched."""
        seen = [((name, pair.key), pair.found) for name, some in pairs.items() for pair in some if pair.found]
        return cls(frozenset(ref for ref, _found in seen), frozenset(ref for ref, found in seen if found.obscure))


def is_left_alone(pair: Pair, kind: Kind, context: Context, sight: Sight) -> bool:
    """Whether nothing at all is planned about a pair, because it or what it refers to is not understood."""
    if not context.unseen and not sight.obscure:
        return pair.found is not None and pair.found.unknown
    if pair.found is not None and pair.found.unknown:
        return True
    if any(one.code is Code.NOT_OFFERED for one in _hiding(kind.name, pair.key, context)):
        return True
    return any(
        ref in sight.obscure or (ref not in sight.present and any(_hiding(*ref, context)))
        for ref in kind.refers_to(pair.key)
    )


def as_far_as_seen(decision: Decision, pair: Pair, kind: Kind, context: Context) -> Decision:
    """The decision without what may be wrong where something beside the pair could not be seen.

    What is there and has another value is changed all the same: it is bound to its id.
    """
    if not any(_hiding(kind.name, pair.key, context)):
        return decision
    if pair.found is None:
        return replace(decision, changes=(), manual=(), waiting=(), findings=(), blocked=())
    updates = [change for change in decision.changes if change.action is Action.UPDATE]
    return replace(decision, changes=tuple(updates) if len(updates) == len(decision.changes) else ())


def _hiding(name: str, key: Key, context: Context) -> Iterable[Unseen]:
    return (one for one in context.unseen if one.hides(name, key))
