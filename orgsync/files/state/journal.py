"""The journal file: lines are added and never changed, and an intent is on the disk before its write is sent."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from orgsync.core.apply.journal import CutOff, Intent, Result, examine, linked, made, open_intents
from orgsync.core.words.inert import inert
from orgsync.core.words.source import Problem, Source
from orgsync.core.words.timestamp import written_moment
from orgsync.errors import InputError, UsageError
from orgsync.files.state.regular_file import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from orgsync.core.apply.events import Sent
    from orgsync.core.apply.journal import Conclusion, Entry, Examined, Flaw, Made
    from orgsync.core.model.change import Plan

LIMIT = 64 * 1024 * 1024
"""Bytes of the largest journal that is read or continued: some eighty thousand operations."""

MOST_PROBLEMS = 20

RECENT = timedelta(minutes=2)
"""For so long a list may hide what was just made: several times the longest lag known of."""

_ENDING = ".journal.jsonl"
_IN_A_FOLDER = f"orgsync{_ENDING}"
_MODE = 0o600  # it names people by their e-mail, and says who got which access
_MOST_OF_A_TAIL = 4_000
_CLOSED = -1
_ANOTHER = "use another file with --journal"
_OF_ITS_OWN = "use a regular file with --journal"
_KEEP = f"keep the file for an investigation, and {_ANOTHER}"
_NEWER = "apply with that version or a later one, which can look up the unfinished writes"


def journal_path(path: Path, explicit: Path | None = None) -> Path:
    """Where the journal of a plan or organization file is: where the person says, beside a file, inside a folder.

    Its ending keeps the loader of the organization's folder away from it.
    """
    if explicit is not None:
        return explicit
    return path / _IN_A_FOLDER if path.is_dir() else path.with_name(f"{path.stem}{_ENDING}")


def is_journal_name(path: Path) -> bool:
    """Whether a file is called as journals are that were not given a name."""
    return path.name.endswith(_ENDING)


def read(path: Path) -> tuple[Entry, ...]:
    """All entries, in their order. Raises InputError with every line that breaks the chain."""
    found = examined(path)
    if found.flaws:
        raise InputError(problems(path, found.flaws))
    return found.entries


def examined(path: Path) -> Examined:
    """What the file holds, and what is wrong with it. Raises UsageError where it cannot be read."""
    return examine(lines(path))


def lines(path: Path) -> tuple[bytes, ...]:
    """The lines of the file, each with its line break; the last one may lack it. Raises UsageError."""
    try:
        handle = opened(path, os.O_RDONLY, hint=_OF_ITS_OWN)
        try:
            return _lines(handle, path)
        finally:
            os.close(handle)
    except OSError as error:
        raise UsageError(f"{path}: the journal could not be read: {error.strerror}") from error


def problems(path: Path, flaws: Iterable[Flaw]) -> list[Problem]:
    """The flaws as problems of this file, the first of them where there are many."""
    found = [Problem(f"the line {flaw.message}", Source(str(path), flaw.line, 1)) for flaw in flaws]
    return found[:MOST_PROBLEMS]


class FileJournal:
    """A `Journal` in a file. To be used under the lock of `files.lock`: two runs that add to one chain would break it.

    `past` is what earlier runs left. Use it as a context manager, or close it.
    """

    def __init__(
        self,
        path: Path,
        plan: Plan,
        *,
        run: str | None = None,
        actor: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        durable: bool = True,
    ) -> None:
        """Opens the file, or makes it, and continues its chain.

        What is not `durable` survives a killed process, but no loss of power: rehearsals have none.
        Raises InputError where the chain is broken, UsageError where the file cannot be written or belongs to another
        organization.
        """
        self.path = path
        self.run = run or uuid4().hex[:12]
        self._plan = plan
        self._actor = actor
        self._clock = clock
        self._durable = durable
        self._whole = True
        try:
            self._handle = opened(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, mode=_MODE, hint=_OF_ITS_OWN)
            try:
                if durable:  # each time: the run that made the file may have died before it did this
                    _flush_folder(path)
                self.past = self._continued()
            except BaseException:
                os.close(self._handle)
                raise
        except OSError as error:
            raise self._unwritable(error) from error
        intents = [entry for entry in self.past if isinstance(entry, Intent)]
        self._last = len(intents)
        self._open = {intent.sequence: intent for intent in open_intents(self.past)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is left to flush: every line already is. Closing it again does nothing."""
        self._whole = False
        handle, self._handle = self._handle, _CLOSED
        if handle != _CLOSED:
            os.close(handle)

    @property
    def tells_of_earlier_runs(self) -> bool:
        """Whether an earlier run recorded a write."""
        return any(isinstance(entry, Intent) for entry in self.past)

    @property
    def unfinished(self) -> tuple[Intent, ...]:
        """The intents, of earlier runs and this one, of which it is not known how they ended. Look these up first."""
        return tuple(self._open.values())

    @property
    def made(self) -> tuple[Made, ...]:
        """What earlier runs of this very plan made, and what any run made a moment ago."""
        since, mine = written_moment(self._clock() - RECENT), self._plan.digests.plan
        every = (replace(one, recent=one.at >= since) for one in made(self.past))
        return tuple(one for one in every if one.recent or one.intent.approved == mine)

    def intend(self, write: Sent) -> int:
        """Puts the intent on the disk, and only then returns. Raises UsageError: then nothing may be sent."""
        intent = Intent(
            sequence=self._last + 1,
            at=self._now(),
            run=self.run,
            plan=self._digest,
            organization=self._plan.organization.id,
            address=write.address,
            action=write.action,
            method=write.method,
            path=write.path,
            fields=write.fields,
            id=write.id,
            actor=self._actor,
            approved=self._plan.digests.plan,
        )
        self._append(intent)
        self._last = intent.sequence
        self._open[intent.sequence] = intent
        return intent.sequence

    def conclude(
        self,
        sequence: int,
        status: Conclusion,
        *,
        request_id: str | None = None,
        message: str = "",
        made: str | None = None,
    ) -> None:
        """Puts the result on the disk. Raises UsageError: then the intent stays open, and a later run looks it up."""
        if sequence not in self._open:
            raise ValueError(f"{sequence} is not an open intent of this journal")
        result = Result(sequence, self._now(), status, request_id, message, made, self.run, self._digest, self._actor)
        self._append(result)
        if not open_intents((self._open[sequence], result)):
            del self._open[sequence]

    @property
    def _digest(self) -> str:
        return self._plan.digests.changes

    def _continued(self) -> tuple[Entry, ...]:
        """The entries, after the end of the file was made fit to be added to."""
        written = _lines(self._handle, self.path)
        found = examine(written)
        self._check(found)
        self._head = found.head
        if found.tail is not None:
            return (*found.entries, self._set_aside(written[-1]))
        if not found.ends_whole:
            self._write(b"\n")  # all but the line break was written: the line counts
        return found.entries

    def _check(self, found: Examined) -> None:
        """Raises InputError and UsageError where the file must not be continued."""
        if found.flaws:
            hint = _NEWER if all(flaw.newer for flaw in found.flaws) else _KEEP
            raise InputError([replace(one, hint=hint) for one in problems(self.path, found.flaws)])
        organizations = {entry.organization for entry in found.entries if isinstance(entry, Intent)}
        others = ", ".join(sorted(organizations - {self._plan.organization.id}))
        if others:
            message = f"{self.path} is the journal of another organization: {inert(others, limit=200)}"
            raise UsageError(message, hint=_ANOTHER)

    def _set_aside(self, tail: bytes) -> CutOff:
        """Takes a last line that is not whole out of the file, and records in the chain that it was there.

        Nothing is lost with it. A write is sent only after `intend` returned, which is after the whole line was
        flushed: so an intent that is not whole was never followed by a write. A result that is not whole leaves its
        intent open, and that is looked up. If this run dies between the two steps, only the record of it is missing.
        """
        os.ftruncate(self._handle, os.fstat(self._handle).st_size - len(tail))
        text = tail[:_MOST_OF_A_TAIL].decode("ascii", "backslashreplace")
        entry = CutOff(self._now(), len(tail), text, self.run, self._digest, self._actor)
        self._append(entry)
        return entry

    def _append(self, entry: Entry) -> None:
        if not self._whole:
            raise UsageError(f"{self.path}: nothing more is recorded, because an earlier line could not be written")
        link = linked(entry, self._head)
        try:
            self._write(f"{link.text}\n".encode())
        except OSError as error:
            raise self._unwritable(error) from error
        self._head = link.hash

    def _write(self, data: bytes) -> None:
        """One write and one flush. Whatever interrupts them leaves a file to which this run adds no more."""
        self._whole = False
        if os.write(self._handle, data) < len(data):
            raise UsageError(f"{self.path}: a line was written only in part", hint="free space")
        if self._durable:
            os.fsync(self._handle)
        self._whole = True

    def _now(self) -> str:
        return written_moment(self._clock())

    def _unwritable(self, error: OSError) -> UsageError:
        return UsageError(f"{self.path}: the journal could not be written: {error.strerror}")


def _lines(handle: int, path: Path) -> tuple[bytes, ...]:
    with os.fdopen(os.dup(handle), "rb") as file:
        data = file.read(LIMIT + 1)
    if len(data) > LIMIT:
        limit = LIMIT // 1024 // 1024
        raise UsageError(f"{path} is larger than {limit} MiB", hint="move it to another folder, and keep it")
    *whole, last = data.split(b"\n")
    return (*(line + b"\n" for line in whole), *([last] if last else []))


def _flush_folder(path: Path) -> None:
    """A file that was just made is only found again after a loss of power if its folder was flushed, too."""
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows: folders cannot be flushed there
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
