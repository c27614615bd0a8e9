"""`max_active`: a workspace has no more active keys than this; with 0 it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from orgsync.core.words.plural import plural
from orgsync.core.words.problems import Unsuitable
from orgsync.policies.contract.rule import ACTIVE, Breach, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.policies.contract.rule import JudgedKey, Moment, Terms


def judge(keys: Sequence[JudgedKey], limit: int, _moment: Moment) -> Iterator[Breach]:
    """Every key beyond the limit, counted from the oldest: as many findings as there are keys too many."""
    in_order = sorted(keys, key=lambda key: (key.created_at, key.id))
    for key in in_order[limit:]:
        where = "among organization-wide keys" if key.workspace is None else f"in {key.workspace}"
        message = f"is one of {len(keys)} {plural(len(keys), 'active key')} {where}, at most {limit} allowed"
        told = message if limit else f"is active, but no active keys are allowed {where}"
        yield Breach(key, RULE.name, told, shown={"active_keys": len(keys), "max_active": limit})


def check(limit: int, terms: Terms) -> None:
    """Which of several keys goes is a person's decision; that none may stay leaves nothing to decide."""
    if limit and terms.then != "report":
        message = (
            f"max_active: {limit} cannot be combined with then: {terms.then}, because a person must choose the key"
        )
        raise Unsuitable(message, "write then: report, or max_active: 0")


RULE = Rule(
    name="max_active",
    about="A workspace has at most this many active keys.",
    parameter=Annotated[int, Field(ge=0)],
    judge=judge,
    statuses=ACTIVE,
    check=check,
)
