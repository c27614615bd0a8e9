"""What each change of a plan means, decided once for all that reads it: risk, effects, guards, order of display."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import Action, Risk
from orgsync.core.model.diff import net
from orgsync.core.model.meaning import GIVES, TAKES, Meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from orgsync.core.model.change import Change
    from orgsync.core.model.context import Evidence
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.meaning import Meanings
    from orgsync.core.model.things import Named
    from orgsync.core.words.address import Address

_SERIOUS = TAKES | {Meaning.ELEVATES}


def weighed(
    changes: Sequence[Change],
    kind: Kind,
    evidence: Evidence,
    is_protected: Callable[[Address], bool],
    made: Container[Named] = (),
) -> tuple[Change, ...]:
    """The changes of one address, in the order in which they are made, each with what all of them mean together.

    What gives anything within what is protected elevates. `made` is what the plan makes. Raises KeyError for words that
    the kind does not know.
    """
    if not changes:
        return ()
    stated = meaning_of(changes, kind, evidence, made)
    meanings = elevated(stated, protected=is_protected(changes[0].address))
    within = ("within what guards.protect names",) if meanings != stated else ()
    whole = replace(net(changes), action=changes[-1].action, id=changes[-1].id)
    told = [*changes[:-1], whole]
    return tuple(
        replace(
            meaning(change, meanings),
            effects=tuple(dict.fromkeys((*kind.effects(one, meanings, evidence), *within, *change.effects))),
        )
        for change, one in zip(changes, told, strict=True)
    )


def meaning(change: Change, meanings: Meanings) -> Change:
    """The change, with what it means, and at least the risk of that."""
    risk = max(change.risk, Risk.R1) if meanings & _SERIOUS else change.risk
    return replace(change, meaning=in_order(meanings), risk=risk)


def meaning_of(changes: Sequence[Change], kind: Kind, evidence: Evidence, made: Container[Named]) -> Meanings:
    """What the changes of one address mean: nothing is taken from anybody by what is new in a thing that is new."""
    meanings = kind.meaning_of(changes, evidence)
    key = kind.key(changes[0].address.segments)
    is_new = changes[0].id is None and any(one in made for one in kind.refers_to(key))
    return meanings - TAKES if is_new else meanings


def made_by(changes: Iterable[Change], kinds: Kinds) -> frozenset[Named]:
    """Kind and key of everything that these changes make."""
    return frozenset(kinds.named(one.address) for one in changes if one.action is Action.CREATE and one.id is None)


def elevated(meanings: Meanings, *, protected: bool) -> Meanings:
    """The meanings, of a change at or within what is protected or not."""
    return meanings | {Meaning.ELEVATES} if protected and meanings & GIVES else meanings


def in_order(meanings: Meanings) -> tuple[Meaning, ...]:
    """The most serious first."""
    return tuple(one for one in Meaning if one in meanings)
