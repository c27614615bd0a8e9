"""The journal of `apply` as data: what was about to be sent, how it ended, and a chain that shows later edits."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import ConfigDict, TypeAdapter

from orgsync.core.model.change import MAKING, Action, FieldChange
from orgsync.core.words.address import Address  # noqa: TC001 - pydantic reads the annotations at run time
from orgsync.core.words.versions import FIRST
from orgsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.apply.events import Sent

FORMAT_VERSION = 2
"""Of the lines that are written; lines that state none are of format 1, and mean the same."""

GENESIS = "0" * 64
"""What the first line names as the hash of the line before it."""

_NO_OTHER_KEYS = ConfigDict(extra="forbid")


class Conclusion(StrEnum):
    """How a write ended. UNKNOWN: its answer was lost, so its intent stays open."""

    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Intent:
    """One write, recorded before it is sent.

    `sequence` counts the intents of a journal from 1, across its runs. `at` is RFC 3339, UTC. `plan` is the digest of
    the plan's changes, `id` the live object that the change is bound to, `actor` who says to have run this. `approved`
    is the digest of the whole plan: two plans of the same changes were approved at two times.
    """

    __pydantic_config__ = _NO_OTHER_KEYS

    sequence: int
    at: str
    run: str
    plan: str
    organization: str
    address: Address
    action: Action
    method: str
    path: str
    fields: tuple[FieldChange, ...]
    id: str | None = None
    actor: str | None = None
    approved: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """How the write of the intent with this `sequence` ended. `made` is the id of the object that it created.

    `run`, `plan` and `actor` are of the run that found out, which may be a later one.
    """

    __pydantic_config__ = _NO_OTHER_KEYS

    sequence: int
    at: str
    status: Conclusion
    request_id: str | None = None
    message: str = ""
    made: str | None = None
    run: str | None = None
    plan: str | None = None
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class CutOff:
    """A last line that a crash left unfinished, taken out of the file by the run after it: its size, how it began.

    `run`, `plan` and `actor` are of the run that took it out.
    """

    __pydantic_config__ = _NO_OTHER_KEYS

    at: str
    size: int
    text: str
    run: str | None = None
    plan: str | None = None
    actor: str | None = None


Entry = Intent | Result | CutOff

_FRAME = frozenset({"format_version", "hash", "kind", "orgsync", "previous"})
"""The keys of a line that are about the line itself."""

_KINDS: dict[str, type[Entry]] = {"intent": Intent, "result": Result, "cut_off": CutOff}
_NAMES: dict[type, str] = {entry: name for name, entry in _KINDS.items()}


class Journal(Protocol):
    """Where a run records what it is about to do. OrgsyncError from `intend` means: not recorded, so send nothing."""

    @property
    def tells_of_earlier_runs(self) -> bool:
        """Whether there was one that wrote to it; if not, nothing is known of what earlier runs made."""

    @property
    def unfinished(self) -> Sequence[Intent]:
        """Writes of earlier runs of which nobody knows how they ended."""

    @property
    def made(self) -> Sequence[Made]:
        """What earlier runs made for sure, and live may not show yet."""

    def intend(self, write: Sent) -> int:
        """The number of the intent. It survives a loss of power once this has returned."""

    def conclude(
        self,
        sequence: int,
        status: Conclusion,
        *,
        request_id: str | None = None,
        message: str = "",
        made: str | None = None,
    ) -> None:
        """Records how an open intent ended; of this run or of one before it."""


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the chain, without its line break. `hash` is what the next line names as `previous`.

    `orgsync` is the version that wrote it.
    """

    entry: Entry
    previous: str
    hash: str
    text: str
    orgsync: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one line, counted from 1. `newer`: nothing, but only a later orgsync can read it."""

    line: int
    message: str
    newer: bool = False


@dataclass(frozen=True, slots=True)
class Examined:
    """What the lines of a journal hold, and every line that breaks the chain.

    `tail` is a last line that a crash cut off; it counts for nothing. `ends_whole` is False where the last line counts,
    but has no line break.
    """

    links: tuple[Link, ...]
    flaws: tuple[Flaw, ...]
    tail: Flaw | None
    ends_whole: bool

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries that could be read, in their order."""
        return tuple(link.entry for link in self.links)

    @property
    def head(self) -> str:
        """The hash that the next line has to name."""
        return self.links[-1].hash if self.links else GENESIS

    @property
    def problems(self) -> tuple[Flaw, ...]:
        """The flaws, and the tail where there is one."""
        return self.flaws if self.tail is None else (*self.flaws, self.tail)


def linked(entry: Entry, previous: str, *, orgsync: str = __version__) -> Link:
    """The entry as the line that follows the one with the hash `previous`."""
    kind = _NAMES[type(entry)]
    content = _adapter(kind).dump_python(entry, mode="json", by_alias=True)
    data = {**content, "format_version": FORMAT_VERSION, "kind": kind, "orgsync": orgsync, "previous": previous}
    digest = _hash(data)
    return Link(entry, previous, digest, _text({**data, "hash": digest}), orgsync)


def open_intents(entries: Iterable[Entry]) -> tuple[Intent, ...]:
    """The intents of which nobody knows how they ended: without a result, or with none but `unknown`."""
    found: dict[int, Intent] = {}
    for entry in entries:
        if isinstance(entry, Intent):
            found[entry.sequence] = entry
        elif isinstance(entry, Result) and entry.status is not Conclusion.UNKNOWN:
            found.pop(entry.sequence, None)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Made:
    """Something new that a run made for sure: its intent, when it was done, and its id where the answer told one.

    `recent`: so short a time ago that lists may hide it still.
    """

    intent: Intent
    at: str
    id: str | None
    recent: bool = True


def made(entries: Iterable[Entry]) -> tuple[Made, ...]:
    """What the runs made and, as far as the journal knows, did not take away again; of each address the last."""
    intents: dict[int, Intent] = {}
    last: dict[Address, Made] = {}
    for entry in entries:
        if isinstance(entry, Intent):
            intents[entry.sequence] = entry
        elif isinstance(entry, Result) and entry.status is Conclusion.DONE and entry.sequence in intents:
            intent = intents[entry.sequence]
            last[intent.address] = Made(intent, entry.at, entry.made)
    return tuple(one for one in last.values() if one.intent.action in MAKING)


def ids_made(entries: Iterable[Entry], organization: str) -> dict[Address, str]:
    """The ids of what runs made in this organization and did not take away again, as far as their answers told them."""
    mine = [entry for entry in made(entries) if entry.intent.organization == organization]
    return {one.intent.address: one.id for one in mine if one.id is not None}


def removed(entries: Iterable[Entry], organization: str) -> dict[str, tuple[Address, str]]:
    """What runs removed from this organization, by its id: the address, and when (RFC 3339)."""
    intents: dict[int, Intent] = {}
    found: dict[str, tuple[Address, str]] = {}
    for entry in entries:
        if isinstance(entry, Intent) and entry.organization == organization and entry.action is Action.REMOVE:
            intents[entry.sequence] = entry
        elif isinstance(entry, Result) and entry.status is Conclusion.DONE and entry.sequence in intents:
            intent = intents[entry.sequence]
            if intent.id is not None:
                found[intent.id] = (intent.address, entry.at)
    return found


def examine(lines: Iterable[bytes]) -> Examined:
    """Reads the lines of a journal (each with its line break) and holds every one against those before it."""
    chain = _Chain()
    for number, line in enumerate(lines, start=1):
        chain.take(number, line)
    return Examined(tuple(chain.links), tuple(chain.flaws), chain.tail, chain.ends_whole)


class _Newer(Exception):
    """A line that a later orgsync wrote."""


@dataclass(slots=True)
class _Chain:
    """The lines read so far. `previous` is None after a line that told no hash: the next one cannot be held to it."""

    links: list[Link] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    tail: Flaw | None = None
    ends_whole: bool = True
    previous: str | None = GENESIS
    last: int = 0
    concluded: dict[int, bool] = field(default_factory=dict)

    def take(self, number: int, line: bytes) -> None:
        self.ends_whole = line.endswith(b"\n")
        try:
            data = _data(line)
        except ValueError as error:
            # A crash can only leave the beginning of a line, and that is never whole JSON. Anything else was edited.
            if self.ends_whole:
                self._lost(number, str(error))
            else:
                self.tail = Flaw(number, "is incomplete, as after a crash; the next apply moves it aside")
            return
        try:
            link = _link(data)
        except _Newer as newer:
            self.flaws.append(Flaw(number, str(newer), newer=True))
            self.previous = None
            return
        except ValueError as error:
            self._lost(number, str(error))
            return
        # Two spellings of the same data (a key written twice, spaces) could be read in two ways.
        if link.text.encode() != line.removesuffix(b"\n"):
            self._flaw(number, "is not in the form that orgsync writes: it was edited")
        if link.hash != _hash({key: value for key, value in data.items() if key != "hash"}):
            self._flaw(number, "was edited: its hash does not match")
        if self.previous not in {None, link.previous}:
            self._flaw(number, "does not continue the previous line: lines were removed, added or moved")
        self._count(number, link.entry)
        self.links.append(link)
        self.previous = link.hash

    def _count(self, number: int, entry: Entry) -> None:
        if isinstance(entry, Intent):
            if entry.sequence != self.last + 1:
                self._flaw(number, f"has intent {entry.sequence}, expected {self.last + 1}")
            self.last = entry.sequence
            self.concluded[entry.sequence] = False
        elif isinstance(entry, Result):
            if entry.sequence not in self.concluded:
                self._flaw(number, f"is a result of intent {entry.sequence}, which does not exist")
            elif self.concluded[entry.sequence]:
                self._flaw(number, f"is a second result of intent {entry.sequence}")
            self.concluded[entry.sequence] = entry.status is not Conclusion.UNKNOWN

    def _lost(self, number: int, reason: str) -> None:
        self._flaw(number, f"is not a line of a journal: {reason}")
        self.previous = None

    def _flaw(self, number: int, message: str) -> None:
        self.flaws.append(Flaw(number, message))


def _data(line: bytes) -> Any:
    """The JSON of a line. Raises ValueError."""
    try:
        return json.loads(line.decode("ascii"))
    except UnicodeDecodeError as error:
        raise ValueError(f"it holds the byte 0x{line[error.start]:02x}") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON ({error.msg})") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _link(data: Any) -> Link:
    """What the data of a line says of itself. Raises ValueError."""
    if not isinstance(data, dict) or not isinstance(data.get("kind"), str) or data["kind"] not in _KINDS:
        raise ValueError("it is neither an intent nor a result")
    if not all(isinstance(data.get(key), str) for key in ("previous", "hash")):
        raise ValueError("it has no hash")
    orgsync = _written_by(data)
    content = {key: value for key, value in data.items() if key not in _FRAME}
    try:
        entry = _adapter(data["kind"]).validate_python(content)
    except ValueError as error:  # pydantic's own names the values, which may be as long as the line
        raise ValueError(f"its fields are not those of a line of kind {data['kind']}") from error
    return Link(entry, data["previous"], data["hash"], _text(data), orgsync)


def _written_by(data: dict[str, Any]) -> str:
    """Which orgsync wrote a line. Raises _Newer where it did so in a format that is not known yet, and ValueError."""
    if "format_version" not in data and "orgsync" not in data:
        return FIRST
    version, orgsync = data.get("format_version"), data.get("orgsync")
    if type(version) is not int or not isinstance(orgsync, str) or version < FORMAT_VERSION:
        raise ValueError("its format_version is invalid")
    if version > FORMAT_VERSION:
        raise _Newer(
            f"has format_version {version} (made by orgsync {orgsync}), which this version of orgsync does not read"
        )
    return orgsync


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_KINDS[kind])


def _text(data: dict[str, Any]) -> str:
    """The one spelling of a line: ASCII, so that every text has one, halves of surrogate pairs included."""
    return json.dumps(data, ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))


def _hash(data: dict[str, Any]) -> str:
    """The SHA-256 of a line without its own hash."""
    return hashlib.sha256(_text(data).encode()).hexdigest()
