"""What a plan is made of: changes, notes and guard verdicts, all plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from orgsync.core.model.meaning import Meaning  # noqa: TC001 - pydantic reads the annotations at run time
from orgsync.core.words.address import Address  # noqa: TC001 - pydantic reads the annotations at run time


class Action(StrEnum):
    """Everything orgsync can do to a thing. The list is closed: an unknown action in a plan file is refused."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"
    ARCHIVE = "archive"
    INVITE = "invite"
    WITHDRAW = "withdraw"


TAKING = frozenset({Action.REMOVE, Action.ARCHIVE, Action.WITHDRAW})
"""The actions that take something away: in which order they are made. How much they harm is their meaning."""

MAKING = frozenset({Action.CREATE, Action.INVITE})
"""What must not happen twice. Everything else sets absolute values, or is refused the second time."""


class Cause(StrEnum):
    """Who asks for a change."""

    CONFIG = "config"
    DRIFT = "drift"
    POLICY = "policy"
    EXPIRY = "expiry"
    UNKNOWN = "unknown"


class Risk(StrEnum):
    """How much a change can harm.

    R0: neutral, or an ordinary grant that can be taken back. R1: elevates, withdraws or stops, or has a side effect
    that cannot be called back. R2: cannot be undone.
    """

    R0 = "R0"
    R1 = "R1"
    R2 = "R2"


class Level(StrEnum):
    """How much a note matters; an error makes `drift` exit 2."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file; `column` is where on it, counted from 1, if that is known."""

    file: str
    line: int
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Through:
    """The line that gives a whole team something, and what it calls the team: `team:checkout`."""

    team: str
    file: str
    line: int
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The line of the files that asks for something.

    `through`: it puts a person into a team, and that other line gives the team what this is about. `undeclared`: it
    begins the collection that does not declare the resource. `deleted`: where the base declared it.
    """

    file: str
    line: int
    column: int | None = None
    through: Through | None = None
    undeclared: bool = False
    deleted: Line | None = None


Shown = dict[str, str | int]
"""What a finding says as data, by name: counts and ages in days are numbers, money is a decimal text, days are ISO."""

NAME = "name"
"""The field whose value is the last segment of the address: changing it back gives back the old address."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, from what live shows to what is desired; None is "there is none"."""

    path: str
    before: Annotated[Any, Field(alias="from")]
    after: Annotated[Any, Field(alias="to")]


@dataclass(frozen=True, slots=True)
class Change:
    """One operation: exactly one write to the API. Changes of one address run in the order listed.

    `id` is the live object it is bound to (None where it makes a new one). `after` names the addresses whose changes
    must have succeeded first. `meaning` is what it does to whom it concerns, most serious first; nothing: neutral.
    `absent`: it is made because no line declares the thing.
    """

    address: Address
    action: Action
    fields: tuple[FieldChange, ...]
    id: str | None = None
    cause: Cause = Cause.UNKNOWN
    risk: Risk = Risk.R0
    reason: str = ""
    source: Place | None = None
    after: tuple[Address, ...] = ()
    effects: tuple[str, ...] = ()
    meaning: tuple[Meaning, ...] = ()
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know and orgsync will not do: a finding, or something that waits for another person.

    `cause` is CONFIG where this change of the files brought it about, and DRIFT where it was so before. `shown` is what
    the message says as data. Of what goes beyond the files it is also what that is and who is behind it, such as role,
    status and owner, and `gives` what it lets somebody do; None: not known.
    """

    address: Address
    code: str
    message: str
    level: Level = Level.INFO
    source: Place | None = None
    cause: Cause = Cause.UNKNOWN
    shown: Shown = field(default_factory=dict)
    gives: tuple[Meaning, ...] | None = None


@dataclass(frozen=True, slots=True)
class ManualStep:
    """Something only the Console can do: where to click, and what it shall show afterwards; `cause` as in `Note`."""

    address: Address
    code: str
    message: str
    where: str
    expected: str
    level: Level = Level.WARNING
    source: Place | None = None
    cause: Cause = Cause.UNKNOWN


@dataclass(frozen=True, slots=True)
class Blocked:
    """Something that only a person can decide, because of what the organization shows. Nothing is planned about it.

    `ids` are the resources it may be about. `dependents` are the addresses of what stands inside of it or mentions it:
    nothing is planned about those either. `hint` is the way out; `cause` as in `Note`.
    """

    address: Address
    code: str
    message: str
    hint: str | None = None
    level: Level = Level.ERROR
    source: Place | None = None
    cause: Cause = Cause.UNKNOWN
    ids: tuple[str, ...] = ()
    dependents: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one guard says of the whole plan. `addresses` are what made it refuse."""

    guard: str
    passed: bool
    message: str
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Allowance:
    """One risky change a person named: on the command line, or in the file with a reason.

    With an `id` it is for that live object only, whatever has the address.
    """

    address: Address
    reason: str = ""
    until: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """A limit that a person raised for one plan: to how many, why, and until when (a day, UTC)."""

    guard: str
    count: int
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class Protection:
    """What `guards.protect` names: a glob of addresses. `any`: nothing at all may be changed there."""

    address: str
    any: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits the guards held the plan against; apply holds it against them again."""

    min_admins: int = 1
    max_removals_percent: int = 25
    max_removals_count: int = 10
    max_grants: int = 100
    protect: tuple[Protection, ...] = ()
    credential_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Organization:
    """Who the plan is for, as `GET /me` answers."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Digests:
    """SHA-256, hexadecimal: of the files, of what live showed, and of the plan itself.

    `changes` covers the changes and the ids they are bound to, and so stays the same when only other things move: it
    is what a reviewer approves. `live` covers everything that was read, in the words in which it was read: those of a
    snapshot with hashed e-mails are others than the organization's. `plan` covers everything in the plan but itself, so
    that a hand-edited one is noticed.
    """

    files: str
    live: str
    changes: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """How many resources the plan creates, invites, updates and removes, and how much is left to people."""

    create: int = 0
    invite: int = 0
    update: int = 0
    withdraw: int = 0
    remove: int = 0
    archive: int = 0
    manual: int = 0
    waiting: int = 0
    findings: int = 0
    blocked: int = 0


@dataclass(frozen=True, slots=True)
class Selection:
    """What a person chose of everything that differs, by globs of addresses. Neither `only` nor `exclude`: all of it.

    `along` are changes that were not chosen and are in the plan because chosen ones depend on them; `held_back` are
    chosen ones that are left out because they depend on what is excluded. `outside` counts all that is left out.
    """

    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    along: tuple[Address, ...] = ()
    held_back: tuple[Address, ...] = ()
    outside: Summary = Summary()

    @property
    def is_everything(self) -> bool:
        """Whether nothing was chosen."""
        return not (self.only or self.exclude)

    @property
    def told(self) -> str:
        """`--only member:*, --exclude member:ceo@acme.com`: as it was given."""
        return ", ".join([*(f"--only {glob}" for glob in self.only), *(f"--exclude {glob}" for glob in self.exclude)])


EVERYTHING = Selection()


@dataclass(frozen=True, slots=True)
class Uncovered:
    """One collection that the files do not manage: whatever changes there is not told.

    It is things of `kind`, which files write under `section`. `inside` is what it is in, and `id` the id of that; the
    organization itself: null and "". `declared`: the files declare what it is in. `offered`: the API shows it to this
    credential. `source` is where it could be written. `requests` are the lists to read for it alone.
    """

    kind: str
    section: str
    inside: Address | None
    id: str
    declared: bool
    offered: bool
    source: Place
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Ignored:
    """What is deliberately not watched, in whatever is covered: a field or some rows of a list, and why."""

    list: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the organization the files manage, counted in collections: `covered`, and those that they do not.

    Known from the lists that were read anyway; `requests` are those that would show the rest, one each at least.
    `strict`: a collection that a declared thing leaves out under authoritative mode is drift.
    """

    covered: int = 0
    uncovered: tuple[Uncovered, ...] = ()
    requests: int = 0
    strict: bool = False
    ignored: tuple[Ignored, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything `orgsync plan` found out, in an order that depends on the input alone. Never holds a secret.

    `identities` binds every address the changes mention to the id of the live object meant by it; `present` counts
    the things of each kind that live showed. `undo`: it takes back what an apply did. `orgsync` is the version that
    made the plan. `planned_at` is RFC 3339, UTC, and so is `seen_at`: when live was read, where that was earlier (a
    snapshot). `base` is what the files were compared with to tell the cause of each change, as the person named it, and
    `base_rules` are the limits that those files set for the guards; `base_unreadable` says why they cannot be read, and
    what to do. `without_base_guards` is the reason why a person lifted them, and `first` says that there provably was
    no organization file before. `selection` is what was chosen of all that differs. `coverage` is what of the
    organization the files manage. `requests` counts the answered reads.
    """

    format_version: int
    orgsync: str
    organization: Organization
    planned_at: str
    digests: Digests
    seen_at: str | None = None
    base: str | None = None
    changes: tuple[Change, ...] = field(default=(), repr=False)
    manual: tuple[ManualStep, ...] = field(default=(), repr=False)
    waiting: tuple[Note, ...] = field(default=(), repr=False)
    findings: tuple[Note, ...] = field(default=(), repr=False)
    blocked: tuple[Blocked, ...] = field(default=(), repr=False)
    guards: tuple[Verdict, ...] = field(default=(), repr=False)
    allowed: tuple[Allowance, ...] = field(default=(), repr=False)
    raised: tuple[Raised, ...] = ()
    rules: Rules = Rules()
    base_rules: Rules | None = None
    base_unreadable: str | None = None
    without_base_guards: str | None = None
    first: bool = False
    undo: bool = False
    identities: dict[str, str] = field(default_factory=dict, repr=False)
    present: dict[str, int] = field(default_factory=dict)
    summary: Summary = Summary()
    selection: Selection = field(default=EVERYTHING, repr=False)
    coverage: Coverage = field(default=Coverage(), repr=False)
    requests: int = 0

    @property
    def refusals(self) -> tuple[Verdict, ...]:
        """The guards that refuse this plan; apply does nothing while there are any."""
        return tuple(verdict for verdict in self.guards if not verdict.passed)
