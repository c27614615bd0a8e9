"""`name`: the names of keys follow a pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.policies.contract.pattern import PatternText
from orgsync.policies.contract.rule import Breach, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.policies.contract.pattern import Pattern
    from orgsync.policies.contract.rule import JudgedKey, Moment


def judge(keys: Sequence[JudgedKey], pattern: Pattern, _moment: Moment) -> Iterator[Breach]:
    """A name that is not, as a whole, what the pattern says."""
    for key in keys:
        if not pattern.matches(key.name):
            yield Breach(key, RULE.name, f"its name does not match {pattern.text}", shown={"pattern": pattern.text})


RULE = Rule(
    name="name",
    about="The whole name of a key matches this regular expression.",
    parameter=PatternText,
    judge=judge,
)
