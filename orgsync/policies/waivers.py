"""Which waiver holds for which key, and what is said of waivers that do nothing or may be meant for another key."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from orgsync.core.words.suggest import did_you_mean
from orgsync.policies.contract.rule import NOT_ARCHIVED, Moment

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from orgsync.policies.contract.rule import JudgedKey
    from orgsync.policies.policy import Policy, Waiver


_HELD = "the policy acts on no key in this plan"


class WaiverState(StrEnum):
    """Why a waiver does nothing, or what is wrong with it."""

    EXPIRED = "expired"
    UNKNOWN_POLICY = "unknown_policy"
    UNUSED = "unused"
    LOST = "lost"
    CONTRADICTORY = "contradictory"


@dataclass(frozen=True, slots=True)
class WaiverNote:
    """What is said of one waiver. `index` counts the waivers of the files from 0."""

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
                named = waiver.id or (None if waiver.is_glob else waiver.key)  # a glob may mean any key
                self._known[waiver.policy, named].append(waiver)

    def of(self, policy: str, key: JudgedKey) -> Waiver | None:
        """The one that lasts longest."""
        spelled = (None, key.id, *key.addresses)
        covering = (waiver for one in spelled for waiver in self._known.get((policy, one), ()) if waiver.covers(key))
        return max(covering, key=lambda one: (one.until, one.key, one.reason, one.approved_by or ""), default=None)


class WaiverBook:
    """What can be said of waivers, given all keys there are and ever were."""

    def __init__(
        self, policies: Mapping[str, Policy], waivers: Sequence[Waiver], keys: Sequence[JudgedKey], now: datetime
    ) -> None:
        self._policies, self._waivers, self._keys, self._today = policies, waivers, keys, Moment(now).today
        written = {text for waiver in waivers for text in (waiver.key, waiver.id)}
        self._named: dict[str, list[JudgedKey]] = defaultdict(list)
        for key in keys if written else ():
            for text in (key.id, *key.addresses):
                if text in written:
                    self._named[text].append(key)

    @property
    def held(self) -> frozenset[str]:
        """The policies with a waiver of which nobody can tell the key: the next one that they stop may be that key."""
        return frozenset(
            waiver.policy
            for waiver in self._waivers
            if waiver.policy in self._policies
            and waiver.counts_on(self._today)
            and (self._names_no_key(waiver) or self._contradiction(waiver) is not None)
        )

    def notes(self, acting: Container[str] = ()) -> tuple[WaiverNote, ...]:
        """What is said of the waivers that do nothing or are in doubt, in file order.

        `acting` are the policies that would stop a key, those that are held included.
        """
        noted = ((index, waiver, self._noted(waiver, acting)) for index, waiver in enumerate(self._waivers))
        return tuple(WaiverNote(index, waiver, *state) for index, waiver, state in noted if state is not None)

    def _noted(self, waiver: Waiver, acting: Container[str]) -> tuple[WaiverState, str] | None:
        """The state of the waiver, and the same in words; None: it does what it is meant to do."""
        name, policy = waiver.policy, self._policies.get(waiver.policy)
        if policy is None:
            near = did_you_mean(name, self._policies)
            hint = f'; did you mean "{near}"?' if near else ""
            return WaiverState.UNKNOWN_POLICY, f'the policy "{name}" does not exist{hint}'
        if not waiver.counts_on(self._today):
            ended = f"the waiver of {name} ended on {waiver.until.isoformat()} ({waiver.reason})"
            return WaiverState.EXPIRED, f"{ended}: delete it, or give it another day"
        contradiction = self._contradiction(waiver)
        if contradiction is not None:
            return WaiverState.CONTRADICTORY, f"{name}: {contradiction}"
        if name in acting and self._names_no_key(waiver):
            return WaiverState.LOST, f"{name}: its waiver names no API key, so {_HELD}: {self._ways_out(waiver)}"
        present = (key for key in self._keys_of(waiver) if key.status in NOT_ARCHIVED)
        if not any(waiver.covers(key) and policy.match.covers(key) for key in present):
            return WaiverState.UNUSED, f"the waiver of {name} matches no key of the policy: delete it"
        return None

    def _names_no_key(self, waiver: Waiver) -> bool:
        """Whether no key, not even an archived one, is what the waiver is about."""
        return not any(waiver.covers(key) for key in self._keys_of(waiver))

    def _contradiction(self, waiver: Waiver) -> str | None:
        """How the id and the address of a waiver name different keys, in words, and what to do."""
        if waiver.id is None:
            return None
        named = sorted(key.id for key in self._keys_of(waiver) if key.status in NOT_ARCHIVED and waiver.names(key))
        if not named or waiver.id in named:
            return None
        if waiver.id not in self._named:
            return f"no API key has the id {waiver.id} of its waiver, so {_HELD}: correct the id, or delete the waiver"
        return (
            f"its waiver names two keys, {waiver.id} by its id and {', '.join(named)} by its address, so {_HELD}: "
            "correct one of the two, or delete the waiver"
        )

    def _keys_of(self, waiver: Waiver) -> Iterable[JudgedKey]:
        """The keys that the waiver may be about."""
        if waiver.is_glob:
            return self._keys
        return (*self._named.get(waiver.id or "", ()), *self._named.get(waiver.key, ()))

    def _ways_out(self, waiver: Waiver) -> str:
        present: dict[str, str] = {
            one: key.id for key in self._keys if key.status in NOT_ARCHIVED for one in key.addresses
        }
        near = None if waiver.is_glob else did_you_mean(waiver.key, present)
        mend = "give it the key's `id` or new name, or delete it"
        return mend if near is None else f"{mend}; did you mean {near} ({present[near]})?"
