"""`must_expire`: a key has an expiry, whichever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator

from orgsync.core.words.problems import Unsuitable, shape
from orgsync.policies.contract.expiry import CAN_STILL_EXPIRE, expires_soon
from orgsync.policies.contract.rule import Breach, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.policies.contract.rule import JudgedKey, Moment


def judge(keys: Sequence[JudgedKey], _true: bool, moment: Moment) -> Iterator[Breach]:
    """No expiry; a warning where the expiry is near."""
    for key in keys:
        if key.expires_at is None:
            yield Breach(key, RULE.name, "never expires")
        yield from expires_soon(key, RULE.name, moment)


def _true(value: Any) -> Any:
    """A rule that is not wanted is not written; `false` would leave open what it asks for instead."""
    if value is not True:
        raise Unsuitable(f"expected true, found {shape(value)}", "delete the line if keys may have no expiry")
    return value


RULE = Rule(
    name="must_expire",
    about="A key has an expiry.",
    parameter=Annotated[Literal[True], BeforeValidator(_true)],
    judge=judge,
    statuses=CAN_STILL_EXPIRE,
    warns=True,
    looks_at=frozenset({"expires_at"}),
)
