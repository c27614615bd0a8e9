"""`scope`: every key belongs to one workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from orgsync.policies.contract.rule import Breach, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.policies.contract.rule import JudgedKey, Moment


def judge(keys: Sequence[JudgedKey], _workspace: str, _moment: Moment) -> Iterator[Breach]:
    """A key that works in the whole organization."""
    for key in keys:
        if key.workspace is None:
            yield Breach(key, RULE.name, "is organization-wide, but only keys of one workspace are allowed")


RULE = Rule(
    name="scope",
    about="A key belongs to one workspace.",
    parameter=Literal["workspace"],
    judge=judge,
)
