"""The contract of a rule: what it may look at, and what it answers. Rules are pure; the moment is handed to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from orgsync.core.words.address import Address

Status = Literal["active", "inactive", "archived", "expired"]
Actor = Literal["user", "service_account"]
OwnerStanding = Literal["declared", "member", "gone", "unknown"]
Then = Literal["report", "deactivate", "archive"]

Shown = dict[str, str | int]
"""What a rule says as data, by name."""
_SECOND = timedelta(seconds=1)
ACTIVE: frozenset[Status] = frozenset({"active"})
NOT_ARCHIVED: frozenset[Status] = frozenset({"active", "inactive", "expired"})


@dataclass(frozen=True, slots=True)
class Usage:
    """What the usage report says of one key.

    It covers the day of the moment judged and the `window_days` whole days (UTC) before it. `last_used_on` is None for
    a key that was not used in that time; `tokens_last_day` counts the last 24 hours.
    """

    last_used_on: date | None
    window_days: int
    tokens_last_day: int


@dataclass(frozen=True, slots=True)
class JudgedKey:
    """One API key, with everything that a rule may look at.

    As long as files and organization call it or its workspace differently, and while the tags of the workspace change,
    `other_…` is what it goes by as well: what a policy or a waiver says of either is said of it.

    workspace       its name; None: the key works in the whole organization
    principal       what the key acts as; None: a legacy workspace key, which acts as nobody
    owner           who it acts as, else who created it: the e-mail, else the id; None: not known
    owner_standing  whether the owner belongs here. A member whom the plan removes is `gone` already
    creator         what created it; None: not recorded
    usage           None: not read
    not_shown       names of the above that the API does not show of this key
    """

    address: Address
    id: str
    workspace: str | None
    workspace_tags: Mapping[str, str]
    name: str
    status: Status
    created_at: datetime
    expires_at: datetime | None
    principal: Actor | None
    owner: str | None
    owner_standing: OwnerStanding
    creator: Actor | None
    usage: Usage | None = None
    not_shown: frozenset[str] = frozenset()
    other_addresses: tuple[Address, ...] = ()
    other_workspaces: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    other_tags: tuple[Mapping[str, str], ...] = ()

    @property
    def addresses(self) -> tuple[Address, ...]:
        """All its addresses, the one that is shown first."""
        return (self.address, *self.other_addresses)


@dataclass(frozen=True, slots=True)
class Breach:
    """What is wrong with one key. A `warning` is about what will be wrong, or cannot be judged: nothing acts on it.

    `joint`: it counts only together with what other rules say. The message goes on where the key's address ends: `is
    143 days old, at most 90 allowed`. `shown` is what it says as data, under names that no other rule has.
    """

    key: JudgedKey
    rule: str
    message: str
    warning: bool = False
    joint: bool = False
    shown: Shown = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moment:
    """When keys are judged, and how long before a breach a policy wants to hear of it."""

    now: datetime
    warn_before: timedelta | None = None

    def __post_init__(self) -> None:
        if self.now.utcoffset() is None:
            raise ValueError("the timestamp has no time zone")

    @property
    def today(self) -> date:
        """The day it is, UTC."""
        return self.now.astimezone(UTC).date()

    def age(self, key: JudgedKey) -> timedelta:
        """How old a key is, in whole seconds."""
        return whole_seconds(self.now - key.created_at)

    def is_near(self, due: datetime) -> bool:
        """Whether something still lies ahead, and no further than the policy wants to hear of it."""
        return self.warn_before is not None and timedelta() <= due - self.now <= self.warn_before


def whole_seconds(length: timedelta) -> timedelta:
    """The length without its fraction of a second: nobody means those, and clocks do not agree on them."""
    return length // _SECOND * _SECOND


@dataclass(frozen=True, slots=True)
class Terms:
    """What a policy says beside its rules."""

    then: Then
    warn_before: timedelta | None


def _no_usage(_parameter: Any) -> int:
    return 0


def _any_terms(_parameter: Any, _terms: Terms) -> None:
    return


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a policy can ask of keys. Everything the rest of orgsync knows about it is in here.

    name         its key in the files
    about        one sentence for editors
    parameter    the annotation by which its value in the files is validated and described
    judge        called once for each policy and workspace, with the matched keys whose status is in `statuses`
    statuses     which keys the rule says anything about; nobody ever judges archived ones
    needs_usage  how many days of usage it has to be told, given its value; 0: none
    check        raises Unsuitable where its value does not go together with the other terms of the policy
    warns        whether `warn_before` means something to it
    looks_at     fields of a key without which nothing can be said
    """

    name: str
    about: str
    parameter: Any
    judge: Callable[[Sequence[JudgedKey], Any, Moment], Iterable[Breach]]
    statuses: frozenset[Status] = NOT_ARCHIVED
    needs_usage: Callable[[Any], int] = _no_usage
    check: Callable[[Any, Terms], None] = _any_terms
    warns: bool = False
    looks_at: frozenset[str] = frozenset()
