"""What the rules about actors share: the words for them, and how a list of allowed ones is written and told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from orgsync.core.words.patterns import AtLeastOne
from orgsync.policies.contract.rule import Actor

if TYPE_CHECKING:
    from collections.abc import Sequence

ActorOrNone = Literal["user", "service_account", "none"]
Actors = AtLeastOne[Actor]
ActorsOrNone = AtLeastOne[ActorOrNone]

WORDS: dict[ActorOrNone, str] = {"user": "a user", "service_account": "a service account", "none": "no one"}


def only(allowed: Sequence[ActorOrNone]) -> str:
    """Which ones are allowed, in words and in one order."""
    return f"only {' or '.join(words for actor, words in WORDS.items() if actor in allowed)} allowed"
