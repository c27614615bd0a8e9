"""What the rules about expiry share: which keys they are about, and the warning that an expiry is near."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from orgsync.policies.contract.rule import Breach
from orgsync.policies.contract.words import upcoming

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.policies.contract.rule import JudgedKey, Moment, Status

CAN_STILL_EXPIRE: frozenset[Status] = frozenset({"active", "inactive"})


def expires_soon(key: JudgedKey, rule: str, moment: Moment) -> Iterator[Breach]:
    """A warning where the key's expiry is near: what uses it will stop working."""
    if key.expires_at is not None and moment.is_near(key.expires_at):
        when = upcoming(key.expires_at.astimezone(UTC).date(), moment.today)
        yield Breach(key, rule, f"expires {when}", warning=True)
