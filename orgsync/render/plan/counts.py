"""How much a plan does and leaves to people, in words: every renderer counts alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from orgsync.core.model.change import Blocked, Cause, Level, ManualStep, Note
from orgsync.core.model.code_rows import ROWS
from orgsync.core.model.codes import Code
from orgsync.core.plan.weight import things_by_meaning
from orgsync.core.words.plural import counted
from orgsync.render.page.words import ACTIONS, LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.model.change import Change, Plan, Summary

_UNMET = frozenset(code for code, row in ROWS.items() if row.unmet)

Noted = TypeVar("Noted", Note, ManualStep, Blocked)


def to_do(changes: Sequence[Change]) -> str:
    """`3 to create, 1 to remove`."""
    numbers = [(words, sum(change.action is action for change in changes)) for action, words in ACTIONS.items()]
    return ", ".join(f"{number:,} to {words.infinitive}" for words, number in numbers if number)


def told_meanings(plan: Plan) -> str:
    """`elevates 2, stops 1`: how many resources the plan does each of these to."""
    return ", ".join(f"{meaning} {number:,}" for meaning, number in things_by_meaning(plan).items() if number)


def told_causes(plan: Plan) -> str:
    """`0 config, 3 drift`, once the files were compared: that this change of them requests nothing is worth knowing."""
    if not plan.changes or plan.base is None or any(change.cause is Cause.UNKNOWN for change in plan.changes):
        return ""
    numbers = [(cause, sum(change.cause is cause for change in plan.changes)) for cause in Cause]
    return ", ".join(f"{number:,} {cause}" for cause, number in numbers if number or cause is Cause.CONFIG)


def also(plan: Plan) -> str:
    """What there is beside the changes: `3 manual steps, 1 waiting`."""
    parts = []
    if plan.manual:
        parts.append(counted(len(plan.manual), "manual step"))
    if plan.waiting:
        parts.append(f"{len(plan.waiting):,} waiting")
    findings = unprivileged(plan.findings)
    if len(findings) < len(plan.findings):
        parts.append(counted(len(plan.findings) - len(findings), "privileged change"))
    if findings:
        parts.append(f"{counted(len(findings), 'finding')} ({levels(findings)})")
    if plan.blocked:
        parts.append(to_decide(plan.blocked))
    return ", ".join(parts)


def to_decide(blocked: Sequence[Blocked]) -> str:
    """`2 blocked: a person has to decide`."""
    return f"{len(blocked):,} blocked: a person has to decide"


def left_out(plan: Plan) -> str:
    """`2 changes and 1 finding outside --only are not shown`: how much a selection keeps from being seen."""
    outside = plan.selection.outside
    numbers = {"change": _changes(outside), "manual step": outside.manual, "finding": outside.findings}
    parts = [counted(number, noun) for noun, number in numbers.items() if number]
    parts += [f"{number:,} {what}" for what in ("waiting", "blocked") if (number := getattr(outside, what))]
    if not parts:
        return f"There is nothing to report outside {_options(plan)}"
    *others, last = parts
    phrase = f"{', '.join(others)} and {last}" if others else last
    return f"{phrase} outside {_options(plan)} {_are(parts)} not shown"


def not_made(plan: Plan) -> str:
    """`2 changes outside --only were not made`; empty where there are none."""
    number = _changes(plan.selection.outside)
    was = "was" if number == 1 else "were"
    return f"{counted(number, 'change')} outside {_options(plan)} {was} not made" if number else ""


def _changes(summary: Summary) -> int:
    number: int = sum(getattr(summary, action.value) for action in ACTIONS)
    return number


def _options(plan: Plan) -> str:
    wanted = plan.selection
    return " and ".join([*(["--only"] if wanted.only else []), *(["--exclude"] if wanted.exclude else [])])


def _are(parts: Sequence[str]) -> str:
    return "is" if len(parts) == 1 and parts[0].startswith("1 ") else "are"


def open_ends(plan: Plan) -> bool:
    """Whether something stands between the files and the organization, beyond what the changes would do."""
    return bool(plan.blocked or plan.manual or plan.waiting or any(_is_open(note) for note in plan.findings))


def pending_invites(plan: Plan) -> int:
    """How many invites are all that is open; 0 where more is, or nothing."""
    if not plan.waiting or plan.changes or open_ends(replace(plan, waiting=())):
        return 0
    if any(note.code != Code.INVITE_PENDING for note in plan.waiting):
        return 0
    return len({note.address.segments[-1] for note in plan.waiting})


def _is_open(note: Note) -> bool:
    return note.level is Level.ERROR or note.code in _UNMET


def unprivileged(notes: Sequence[Note]) -> Sequence[Note]:
    """The findings that have no place of their own."""
    return [note for note in notes if note.code != Code.PRIVILEGED_CHANGE]


def new_first(notes: Sequence[Noted]) -> Sequence[Noted]:
    """Once the files were compared with older ones: what this change of them brought about, then the rest."""
    return sorted(notes, key=lambda note: note.cause is not Cause.CONFIG)


def news(notes: Sequence[Note] | Sequence[ManualStep] | Sequence[Blocked]) -> str:
    """How many this change of the files brought about, once that was compared: they come first, and say so."""
    if all(note.cause is Cause.UNKNOWN for note in notes):
        return ""
    new = sum(note.cause is Cause.CONFIG for note in notes)
    return f"; {new:,} new" if new else "; none new"


def levels(notes: Iterable[Note], *, symbols: bool = False) -> str:
    """`1 error (x), 2 warnings (!)`: how many findings there are of each level."""
    notes = tuple(notes)
    numbers = [(words, sum(note.level is level for note in notes)) for level, words in LEVELS.items()]
    parts = [(counted(number, words.name), words.symbol) for words, number in numbers if number]
    return ", ".join(f"{text} ({symbol})" if symbols else text for text, symbol in parts)
