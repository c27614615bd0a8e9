"""How much a change weighs: the order in which people are shown what a plan does, in every renderer."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

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


def by_weight(plan: Plan) -> dict[Weight, tuple[Change, ...]]:
    """The changes of each weight, heaviest first, those of one address together; inside, the order of the plan."""
    refused = refused_addresses(plan)
    of: dict[Address, Weight] = {}
    for change in plan.changes:
        own = weight(change, refused)
        of[change.address] = min(own, of.get(change.address, own))
    every = {each: tuple(change for change in plan.changes if of[change.address] is each) for each in Weight}
    return {each: changes for each, changes in every.items() if changes}


def things_by_meaning(plan: Plan) -> dict[Meaning, int]:
    """How many things the plan elevates, stops, withdraws and grants; one that it does two of counts for both."""
    return {
        meaning: len({change.address for change in plan.changes if meaning in change.meaning}) for meaning in Meaning
    }


class Weighed(Protocol):
    """A change, or an entry of a drift report of which a plan makes one."""

    @property
    def address(self) -> Address: ...
    @property
    def risk(self) -> Risk: ...
    @property
    def meaning(self) -> tuple[Meaning, ...]: ...


def weight(change: Weighed, refused: Collection[Address] = ()) -> Weight:
    """How much one change weighs, given the addresses that a guard refuses."""
    if change.address in refused:
        return Weight.REFUSED
    if change.risk is Risk.R2:
        return Weight.FINAL
    return min((_OF[meaning] for meaning in change.meaning), default=Weight.NEUTRAL)
