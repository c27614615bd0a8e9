"""`owner`: somebody who belongs to the organization answers for every key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from orgsync.policies.contract.rule import Breach, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.policies.contract.rule import JudgedKey, Moment


def judge(keys: Sequence[JudgedKey], _declared: str, _moment: Moment) -> Iterator[Breach]:
    """An owner who is not, or will not stay, a member; a warning where the owner is not known."""
    for key in keys:
        if key.owner_standing == "gone":
            who = f"its owner {key.owner}" if key.owner else "its owner"
            yield Breach(key, RULE.name, f"{who} is not a member of the organization")
        elif key.owner_standing == "unknown":
            yield Breach(key, RULE.name, "cannot be judged: its owner is unknown", warning=True)


RULE = Rule(
    name="owner",
    about="The owner of a key is a member: a declared one, or one who may stay undeclared.",
    parameter=Literal["declared"],
    judge=judge,
    looks_at=frozenset({"principal"}),
)
