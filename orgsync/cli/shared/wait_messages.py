"""What a person is told while orgsync waits: once for each reason, and only where it is long enough to wonder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.cli.shared.time_left import about

if TYPE_CHECKING:
    from collections.abc import Callable

NOTICED = 5.0
"""Seconds, in all, from which on a wait is worth a word."""

APART = 30.0
"""Seconds between two waits for the same reason, from which on they are two and not one."""

_FEW = 10.0


@dataclass(slots=True)
class _Wait:
    """From the first time that something was waited for to the end of the last one."""

    since: float
    until: float
    told: bool = False


class Waits:
    """Knows what is waited for. `now` is any clock, in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._known: dict[str, _Wait] = {}

    def begin(self, why: str, seconds: float, longest: float) -> str | None:
        """What to say of a wait that begins; None where it is too short, or part of one that was told.

        It goes on for so many seconds, and with those after it for no more than `longest`.
        """
        now = self._now()
        wait = self._known.get(why)
        if wait is None or now > wait.until + APART:
            wait = self._known[why] = _Wait(now, now)
        wait.until = max(wait.until, now + seconds)
        if wait.told or wait.until - wait.since < NOTICED:
            return None
        wait.told = True
        soon = "a few seconds" if seconds < _FEW else about(seconds)
        what = f"trying again in {soon}, for {about(longest)} in all" if longest > seconds else f"waiting for {soon}"
        return f"{why[0].upper()}{why[1:]}: {what}."

    @property
    def current(self) -> str:
        """`, waiting for about 30 seconds: ...`; nothing where nothing is waited for, or not for long."""
        now = self._now()
        going_on = [(wait.until - now, why) for why, wait in self._known.items() if wait.told and wait.until > now]
        if not going_on:
            return ""
        seconds, why = max(going_on)
        return f", waiting for {'a few seconds' if seconds < _FEW else about(seconds)}: {why}"
