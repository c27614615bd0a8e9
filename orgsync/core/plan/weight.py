"""How much a change weighs: the order in which people are shown what a plan does, in every renderer."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from orgsync.core.model.change import Risk
from orgsync.core.model.meaning import Meaning

if TYPE_CHECKING:
    from collections.abc import Collection

    from orgsync.core.model.change import Change, Plan
    from orgsync.core.words.address import Address


class Weight(IntEnum):
    """What a person has to see first comes first. Only what is neutral may ever be left out."""

    REFUSED = 0
    FINAL = 1
    ELEVATES = 2
    STOPS = 3
    WITHDRAWS = 4
    GRANTS = 5
    NEUTRAL = 6


_OF = {meaning: Weight[meaning.name] for meaning in Meaning}


def refused_addresses(plan: Plan) -> frozenset[Address]:
    """What made a guard refuse the plan."""
    return frozenset(address for verdict in plan.refusals for address in verdict.addresses)


def weight(change: Change, refused: Collection[Address] = ()) -> Weight:
    """How much one change weighs, given the addresses that a guard refuses."""
    if change.address in refused:
        return Weight.REFUSED
    if change.risk is Risk.R2:
        return Weight.FINAL
    return min((_OF[meaning] for meaning in change.meaning), default=Weight.NEUTRAL)
