"""Which waiver holds for which key, and what is said of those that do nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from orgsync.core.words.suggest import did_you_mean
from orgsync.policies.contract.rule import NOT_ARCHIVED, Moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from orgsync.policies.contract.rule import JudgedKey
    from orgsync.policies.policy import Policy, Waiver


class WaiverState(StrEnum):
    """Why a waiver does nothing."""

    EXPIRED = "expired"
    UNKNOWN_POLICY = "unknown_policy"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class WaiverNote:
    """A waiver that does nothing. `index` counts the waivers of the files from 0."""

    index: int
    waiver: Waiver
    state: WaiverState
    message: str


class InForce:
    """The waivers that count on a day, to be found by what they cover."""

    def __init__(self, waivers: Iterable[Waiver], today: date) -> None:
        self._known: dict[tuple[str, str | None], list[Waiver]] = defaultdict(list)
        for waiver in waivers:
            if waiver.counts_on(today):
                named = None if waiver.is_glob else waiver.key  # a glob may mean any key
                self._known[waiver.policy, named].append(waiver)

    def of(self, policy: str, key: JudgedKey) -> Waiver | None:
        """The one that lasts longest."""
        spelled = (None, *key.addresses)
        covering = (waiver for one in spelled for waiver in self._known.get((policy, one), ()) if waiver.covers(key))
        return max(covering, key=lambda one: (one.until, one.key, one.reason, one.approved_by or ""), default=None)


def waiver_notes(
    policies: Mapping[str, Policy],
    waivers: Sequence[Waiver],
    keys: Sequence[JudgedKey],
    now: datetime,
) -> tuple[WaiverNote, ...]:
    """The waivers that do nothing, in file order."""
    book, today = _Book(policies, keys), Moment(now).today
    noted = ((index, waiver, book.noted(waiver, today)) for index, waiver in enumerate(waivers))
    return tuple(WaiverNote(index, waiver, *state) for index, waiver, state in noted if state is not None)


class _Book:
    """What can be said of waivers, given all keys there are and ever were."""

    def __init__(self, policies: Mapping[str, Policy], keys: Sequence[JudgedKey]) -> None:
        self._policies, self._keys = policies, keys
        self._by_address: dict[str, list[JudgedKey]] = defaultdict(list)
        for key in keys:
            for one in key.addresses:
                self._by_address[one].append(key)

    def noted(self, waiver: Waiver, today: date) -> tuple[WaiverState, str] | None:
        """The state of the waiver, and the same in words; None: it does what it is meant to do."""
        name, policy = waiver.policy, self._policies.get(waiver.policy)
        if policy is None:
            near = did_you_mean(name, self._policies)
            hint = f'; did you mean "{near}"?' if near else ""
            return WaiverState.UNKNOWN_POLICY, f'the policy "{name}" does not exist{hint}'
        if not waiver.counts_on(today):
            ended = f"the waiver of {name} ended on {waiver.until.isoformat()} ({waiver.reason})"
            return WaiverState.EXPIRED, f"{ended}: delete it, or give it another day"
        present = (key for key in self._named(waiver) if key.status in NOT_ARCHIVED)
        if not any(waiver.covers(key) and policy.match.covers(key) for key in present):
            return WaiverState.UNUSED, f"the waiver of {name} matches no key of the policy: delete it"
        return None

    def _named(self, waiver: Waiver) -> Iterable[JudgedKey]:
        """The keys that the waiver may be about."""
        if waiver.is_glob:
            return self._keys
        return self._by_address.get(waiver.key, ())
