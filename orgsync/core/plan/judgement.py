"""What each change of a plan means, decided once for all that reads it: risk, effects, guards, order of display."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import Risk
from orgsync.core.model.diff import net
from orgsync.core.model.meaning import GIVES, TAKES, Meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orgsync.core.model.change import Change
    from orgsync.core.model.context import Evidence
    from orgsync.core.model.kind import Kind
    from orgsync.core.model.meaning import Meanings
    from orgsync.core.words.address import Address

_SERIOUS = TAKES | {Meaning.ELEVATES}


def weighed(
    changes: Sequence[Change], kind: Kind, evidence: Evidence, is_protected: Callable[[Address], bool]
) -> tuple[Change, ...]:
    """The changes of one address, in the order in which they are made, each with what all of them mean together.

    What gives anything within what is protected elevates. Raises KeyError for words that the kind does not know.
    """
    if not changes:
        return ()
    stated = kind.meaning_of(changes, evidence)
    meanings = elevated(stated, protected=is_protected(changes[0].address))
    within = ("within what guards.protect names",) if meanings != stated else ()
    whole = replace(net(changes), action=changes[-1].action, id=changes[-1].id)
    told = [*changes[:-1], whole]
    return tuple(
        replace(
            change,
            meaning=in_order(meanings),
            risk=max(change.risk, Risk.R1) if meanings & _SERIOUS else change.risk,
            effects=tuple(dict.fromkeys((*kind.effects(one, meanings, evidence), *within, *change.effects))),
        )
        for change, one in zip(changes, told, strict=True)
    )


def elevated(meanings: Meanings, *, protected: bool) -> Meanings:
    """The meanings, of a change at or within what is protected or not."""
    return meanings | {Meaning.ELEVATES} if protected and meanings & GIVES else meanings


def in_order(meanings: Meanings) -> tuple[Meaning, ...]:
    """The most serious first."""
    return tuple(meaning for meaning in Meaning if meaning in meanings)
