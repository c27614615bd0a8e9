"""`principal`: keys act only as some sorts of actors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.policies.contract.actors import WORDS, ActorsOrNone, only
from orgsync.policies.contract.rule import Breach, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.policies.contract.actors import ActorOrNone
    from orgsync.policies.contract.rule import JudgedKey, Moment


def judge(keys: Sequence[JudgedKey], allowed: Sequence[ActorOrNone], _moment: Moment) -> Iterator[Breach]:
    """A key that acts as something else; a legacy workspace key acts as `none`."""
    for key in keys:
        actor = key.principal or "none"
        if actor not in allowed:
            yield Breach(key, RULE.name, f"acts as {WORDS[actor]}, {only(allowed)}", shown={"acts_as": actor})


RULE = Rule(
    name="principal",
    about="What a key acts as is one of these; a legacy workspace key acts as none.",
    parameter=ActorsOrNone,
    judge=judge,
    looks_at=frozenset({"principal"}),
)
