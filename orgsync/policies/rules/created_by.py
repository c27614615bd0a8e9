"""`created_by`: only some sorts of actors create keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.policies.contract.actors import WORDS, Actors, only
from orgsync.policies.contract.rule import Breach, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.policies.contract.rule import Actor, JudgedKey, Moment


def judge(keys: Sequence[JudgedKey], allowed: Sequence[Actor], _moment: Moment) -> Iterator[Breach]:
    """Another sort of creator; a warning where none is recorded."""
    for key in keys:
        if key.creator is None:
            yield Breach(key, RULE.name, "cannot be judged: who created it is not recorded", warning=True)
        elif key.creator not in allowed:
            message = f"was created by {WORDS[key.creator]}, {only(allowed)}"
            yield Breach(key, RULE.name, message, shown={"created_by": key.creator})


RULE = Rule(
    name="created_by",
    about="What created a key is one of these.",
    parameter=Actors,
    judge=judge,
)
