"""Which keys somebody asks for, and how much has to be read to tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orgsync.core.words.duration import written_duration
from orgsync.core.words.problems import Unsuitable
from orgsync.core.words.spelling import same_mailbox
from orgsync.core.words.suggest import did_you_mean
from orgsync.errors import UsageError
from orgsync.kinds.api_key.live import DAYS_A_PAGE
from orgsync.kinds.api_key.spec import KEY_POLICIES
from orgsync.policies.judge import days_of_usage
from orgsync.policies.rules.unused_for import days_needed, known_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta

    from orgsync.core.document.read import Desired
    from orgsync.core.model.observation import Observation
    from orgsync.questions.keys.states import KeyState

WITH_FILES = "leave out --live, or add --path PATH"
"""The next step where only the files can tell."""
USUAL = frozenset({"active", "inactive"})
"""The keys that can be used, or can be again; the others are shown where somebody asks for their status."""


@dataclass(frozen=True, slots=True)
class KeyQuery:
    """What is asked for; a key is shown where all of it holds. `owner` is an e-mail or the id of a person."""

    older: timedelta | None = None
    owner: str | None = None
    left: bool = False
    unused: timedelta | None = None
    policy: str | None = None
    statuses: frozenset[str] = field(default=USUAL)

    @property
    def words(self) -> str:
        """What is asked for, in words; empty: everything."""
        told = [
            f"older than {written_duration(self.older)}" if self.older else "",
            f"of {self.owner}" if self.owner else "",
            "whose owner left" if self.left else "",
            f"unused for {written_duration(self.unused)}" if self.unused else "",
            f"that break {self.policy}" if self.policy else "",
            "" if self.statuses == USUAL else f"that are {' or '.join(sorted(self.statuses))}",
        ]
        return ", ".join(filter(None, told))


def whole_days(option: str, time: timedelta) -> timedelta:
    """The time for which a key was not used. Raises UsageError where the usage report cannot show that."""
    try:
        return known_days(time)
    except Unsuitable as error:
        raise UsageError(f"{option}: {error}", hint=error.hint) from error


def check(query: KeyQuery, desired: Desired | None) -> None:
    """Raises UsageError for a policy that the files do not have."""
    if query.policy is None:
        return
    if desired is None:
        raise UsageError("--policy requires files: policies are in `key_policies`", hint=WITH_FILES)
    known = KEY_POLICIES.of(desired)
    if query.policy not in known:
        near = did_you_mean(query.policy, known)
        hint = f'did you mean "{near}"?' if near else f"policies of the files: {', '.join(sorted(known)) or 'none'}"
        raise UsageError(f'--policy: the files have no policy "{query.policy}"', hint=hint)


def check_owner(query: KeyQuery, states: Sequence[KeyState], seen: Observation) -> None:
    """Raises UsageError where nobody has the name that was asked for: that they have no keys would not be an answer."""
    if query.owner is None or any(_is_owner(query.owner, one) for one in states):
        return
    members = [one for one in seen.live.get("member", ()) if one.exists]
    if any(query.owner == one.id or same_mailbox(query.owner) == one.key[-1] for one in members):
        return
    known = {*(one.segments[-1] for one in members), *(one.owner["owner"] for one in states if "owner" in one.owner)}
    near = did_you_mean(query.owner, known)
    hint = f'did you mean "{near}"?' if near else "use --left for people who left, or the id of a person"
    raise UsageError(f"--owner: {query.owner} is not a member, and owns no key", hint=hint)


def candidates(query: KeyQuery, states: Iterable[KeyState]) -> list[KeyState]:
    """The keys that may be asked for, by what every key shows: usage and policies still have to tell.

    What is not understood may be asked for, too.
    """
    return [one for one in states if one.found.unknown or _fits(query, one)]


def chosen(query: KeyQuery, states: Iterable[KeyState]) -> list[KeyState]:
    """The candidates that are asked for; also those of which nobody can tell."""
    return [one for one in states if one.found.unknown or (_is_unused(query, one) and _breaks(query, one))]


def days_to_read(query: KeyQuery, desired: Desired | None, *, recorded: bool) -> int:
    """How many whole days before today the usage report is asked about: what the question and the policies need, and
    at least one page. Of a recording, which may have less, no more than they need."""
    policies = 0 if desired is None else days_of_usage(KEY_POLICIES.of(desired))
    needed = max(0 if query.unused is None else days_needed(query.unused), policies)
    page = DAYS_A_PAGE - 1  # today is a day of it
    return needed if recorded and needed else max(needed, page)


def _fits(query: KeyQuery, state: KeyState) -> bool:
    is_old = query.older is None or (state.age is not None and state.age > query.older)
    is_theirs = query.owner is None or _is_owner(query.owner, state)
    is_left = not query.left or state.left is True or (state.left is None and "owner_id" in state.owner)
    return is_old and is_theirs and is_left and state.status in query.statuses


def _is_owner(asked: str, state: KeyState) -> bool:
    owner = state.owner
    return asked == owner.get("owner_id") or same_mailbox(asked) == same_mailbox(owner.get("owner", ""))


def _is_unused(query: KeyQuery, state: KeyState) -> bool:
    if query.unused is None or state.usage is None:
        return True
    return state.age is not None and state.age >= query.unused and state.unused_days >= days_needed(query.unused)


def _breaks(query: KeyQuery, state: KeyState) -> bool:
    return query.policy is None or query.policy in (*state.broken, *state.waived)
