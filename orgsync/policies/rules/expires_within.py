"""`expires_within`: a key has an expiry, and one that is not too far from its creation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.words.duration import Duration, written_duration
from orgsync.policies.contract.expiry import CAN_STILL_EXPIRE, expires_soon
from orgsync.policies.contract.rule import Breach, Rule, whole_seconds
from orgsync.policies.contract.words import DAY, excess, leaves_time, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from orgsync.policies.contract.rule import JudgedKey, Moment, Shown


def judge(keys: Sequence[JudgedKey], limit: timedelta, moment: Moment) -> Iterator[Breach]:
    """No expiry at all, or one further from the creation than the limit; a warning where the expiry is near."""
    for key in keys:
        if key.expires_at is None:
            message = f"never expires, but must within {spelled(limit)} of its creation"
            yield Breach(key, RULE.name, message, shown={"expires_within": written_duration(limit)})
            continue
        lifetime = whole_seconds(key.expires_at - key.created_at)
        if lifetime > limit:
            told, allowed = excess(lifetime, limit)
            message = f"expires {told} after its creation, at most {allowed} allowed"
            shown: Shown = {"lifetime_days": lifetime // DAY, "expires_within": written_duration(limit)}
            yield Breach(key, RULE.name, message, shown=shown)
        yield from expires_soon(key, RULE.name, moment)


RULE = Rule(
    name="expires_within",
    about="A key expires, no later than this after its creation.",
    parameter=Duration,
    judge=judge,
    statuses=CAN_STILL_EXPIRE,
    check=leaves_time,
    warns=True,
    looks_at=frozenset({"expires_at"}),
)
