"""What a rehearsal tried and found, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.model.change import Organization


class Reply(StrEnum):
    """What orgsync gets for a request; KILLED: it does not live to see it."""

    ANSWER = "answer"
    KILLED = "killed"
    DROPPED = "dropped"
    SILENCE = "silence"
    FAILED = "failed"
    LIMITED = "limited"
    LIMITED_TOLD = "limited_told"
    CONFLICT = "conflict"
    HTML = "html"
    CUT_OFF = "cut_off"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a fault does.

    reply        what orgsync gets for the request
    done         the request has arrived and was carried out before
    writes_only  it can only happen to a write, or is the same for a read as its counterpart before the request
    lag          from there on, and for a while, every read shows what was so before
    lasts        every later request of the run fails, too
    edit         what a colleague does right before, in the Console. It may make the plan stale, and then nothing more
                 may be written
    """

    reply: Reply = Reply.ANSWER
    done: bool = False
    writes_only: bool = False
    lag: bool = False
    lasts: bool = False
    edit: str = ""


class Fault(StrEnum):
    """One thing that goes wrong at one request: its name, the words for it, what it does."""

    words: str
    effect: Effect

    def __new__(cls, name: str, words: str, effect: Effect) -> Self:
        """A string, for JSON and for comparing, that knows the rest of its row."""
        fault = str.__new__(cls, name)
        fault._value_ = name
        fault.words = words
        fault.effect = effect
        return fault

    KILLED_BEFORE = "killed_before", "killed before a request", Effect(Reply.KILLED)
    KILLED_AFTER = "killed_after", "killed after a write", Effect(Reply.KILLED, done=True, writes_only=True)
    KILLED_LAG = (
        "killed_lag",
        "killed after a write, stale reads",
        Effect(Reply.KILLED, done=True, writes_only=True, lag=True),
    )
    DROPPED_BEFORE = "dropped_before", "connection lost before a request", Effect(Reply.DROPPED)
    DROPPED_AFTER = "dropped_after", "connection lost after a write", Effect(Reply.DROPPED, done=True, writes_only=True)
    TIMEOUT_BEFORE = "timeout_before", "timeout before a request", Effect(Reply.SILENCE)
    TIMEOUT_AFTER = "timeout_after", "timeout after a write", Effect(Reply.SILENCE, done=True, writes_only=True)
    FAILED_BEFORE = "failed_before", "error 500, nothing done", Effect(Reply.FAILED)
    FAILED_AFTER = "failed_after", "error 500, write done", Effect(Reply.FAILED, done=True, writes_only=True)
    OUTAGE = "outage", "error 503 from then on", Effect(Reply.FAILED, lasts=True)
    LIMITED = "limited", "429", Effect(Reply.LIMITED)
    LIMITED_TOLD = "limited_told", "429 with retry-after", Effect(Reply.LIMITED_TOLD)
    CONFLICT = "conflict", "409 concurrent change", Effect(Reply.CONFLICT, writes_only=True)
    READ_LAG = "read_lag", "stale reads after a write", Effect(done=True, writes_only=True, lag=True)
    HTML_AFTER = "html_after", "HTML instead of JSON", Effect(Reply.HTML, done=True)
    CUT_OFF_AFTER = "cut_off_after", "truncated answer", Effect(Reply.CUT_OFF, done=True)
    CONSOLE_SAME = "console_same", "colleague makes the same change", Effect(done=True, edit="same")
    CONSOLE_RENAME = "console_rename", "colleague renames the workspace", Effect(done=True, edit="rename")
    CONSOLE_ARCHIVE = "console_archive", "colleague archives it", Effect(done=True, edit="archive")
    CONSOLE_REMOVE = "console_remove", "colleague removes it", Effect(done=True, edit="remove")
    CONSOLE_ACCEPT = "console_accept", "invited person joins", Effect(done=True, edit="accept")
    CONSOLE_UNRELATED = "console_unrelated", "colleague adds another user", Effect(done=True, edit="unrelated")


CONSOLE = frozenset(fault for fault in Fault if fault.effect.edit)


@dataclass(frozen=True, slots=True)
class Point:
    """One request of the undisturbed apply, counted from 1, and what goes wrong there."""

    at: int
    request: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one disturbed apply. `reruns` is how often the command had to be given again.

    `stale`: it ended with the refusal to go on, because a colleague's edit had left the plan. `broken` says every
    promise that was not kept.
    """

    point: Point
    reruns: int
    stale: bool
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """What one fault did, over all points it was tried at."""

    fault: Fault
    runs: int
    converged: int
    stale: int
    most_reruns: int


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """Everything a rehearsal found out.

    `points` counts what could be tried, `requests` and `writes` are those of the undisturbed apply. `undisturbed` says
    what was wrong with that one already; nothing else was tried then. `tried` holds only what broke a promise.
    """

    organization: Organization
    plan: str
    changes: int
    requests: int
    writes: int
    points: int
    seed: int
    tallies: tuple[Tally, ...] = ()
    broken: tuple[Tried, ...] = ()
    undisturbed: tuple[str, ...] = ()

    @property
    def runs(self) -> int:
        """How many disturbed applies there were."""
        return sum(tally.runs for tally in self.tallies)

    @property
    def converged(self) -> int:
        return sum(tally.converged for tally in self.tallies)

    @property
    def stale(self) -> int:
        return sum(tally.stale for tally in self.tallies)

    @property
    def most_reruns(self) -> int:
        return max((tally.most_reruns for tally in self.tallies), default=0)

    @property
    def held(self) -> bool:
        """Whether every promise was kept."""
        return not self.undisturbed and not self.broken


def tallied(tried: Sequence[Tried]) -> tuple[Tally, ...]:
    """The outcomes counted by fault, in the order of the faults."""
    tallies = []
    for fault in Fault:
        mine = [one for one in tried if one.point.fault is fault]
        if mine:
            good = [one for one in mine if not one.broken]
            stale = sum(one.stale for one in good)
            most = max(one.reruns for one in mine)
            tallies.append(Tally(fault, len(mine), len(good) - stale, stale, most))
    return tuple(tallies)
