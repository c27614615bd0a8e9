"""`max_age`: a key is replaced before its secret has been around for too long."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from orgsync.core.words.duration import Duration, written_duration
from orgsync.policies.contract.rule import Breach, Rule
from orgsync.policies.contract.words import DAY, excess, leaves_time, spelled, upcoming

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from orgsync.policies.contract.rule import JudgedKey, Moment, Shown


def judge(keys: Sequence[JudgedKey], limit: timedelta, moment: Moment) -> Iterator[Breach]:
    """Older than the limit, by a whole second or more; a warning where that is near."""
    for key in keys:
        age = moment.age(key)
        shown: Shown = {"age_days": age // DAY, "max_age": written_duration(limit)}
        if age > limit:
            old, allowed = excess(age, limit)
            yield Breach(key, RULE.name, f"is {old} old, at most {allowed} allowed", shown=shown)
            continue
        due = key.created_at + limit
        if moment.is_near(due):
            when = upcoming(due.astimezone(UTC).date(), moment.today)
            yield Breach(key, RULE.name, f"will be {spelled(limit)} old {when}", warning=True, shown=shown)


RULE = Rule(
    name="max_age",
    about="A key is at most this old.",
    parameter=Duration,
    judge=judge,
    check=leaves_time,
    warns=True,
)
