"""What a change of a field means for those it concerns: who gains power, who loses it, what stops working.

Said once, by the kind that has the field; guards judge harm by it, whatever the change is called.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet


class Meaning(StrEnum):
    """One thing that a change does, the most serious first; what does none of them is neutral."""

    ELEVATES = "elevates"
    """Somebody gains a privileged power, or a limit rises."""
    STOPS = "stops"
    """Requests that work now will not."""
    WITHDRAWS = "withdraws"
    """Somebody loses a power, or a limit falls."""
    GRANTS = "grants"
    """Somebody gains a power that many have."""


Meanings = frozenset[Meaning]
Means = Callable[[Any, Any], Meanings]
"""From the value before and the value after, as files spell them (None: there is none), to what the change means."""

NOTHING: Meanings = frozenset()
GIVES: Meanings = frozenset({Meaning.GRANTS, Meaning.ELEVATES})
TAKES: Meanings = frozenset({Meaning.WITHDRAWS, Meaning.STOPS})
REPLACES: Meanings = frozenset({Meaning.ELEVATES, Meaning.WITHDRAWS})


def neutral(_before: Any, _after: Any) -> Meanings:
    """Of a field that lets nobody do more or less: a name, a colour, a tag."""
    return NOTHING


def archives(before: Any, after: Any) -> Meanings:
    """Of a field that says whether something is archived: what is, can never be used again."""
    return NOTHING if before == after or not after else frozenset({Meaning.STOPS, Meaning.WITHDRAWS})


def replaces(before: Any, after: Any) -> Meanings:
    """Of a field whose every value allows something else: regions, who may review, whose key encrypts."""
    return NOTHING if before == after else REPLACES


def powers(words: Mapping[str, AbstractSet[str]], privileged: AbstractSet[str] = frozenset()) -> Means:
    """Of a field whose words each let somebody do a set of things; None lets nobody do anything.

    What is gained grants, or elevates where it is `privileged`; what is lost withdraws. Raises KeyError for a word that
    is not listed: nothing is planned of what is not understood.
    """

    def means(before: Any, after: Any) -> Meanings:
        had: AbstractSet[str] = frozenset() if before is None else words[before]
        has: AbstractSet[str] = frozenset() if after is None else words[after]
        gained, lost = has - had, had - has
        meanings = {Meaning.ELEVATES if power in privileged else Meaning.GRANTS for power in gained}
        return frozenset(meanings | ({Meaning.WITHDRAWS} if lost else set()))

    return means


def told_powers(
    words: Mapping[str, AbstractSet[str]], before: str | None, after: str, where: str, *, privileged: AbstractSet[str]
) -> Iterable[str]:
    """Who becomes what, where that gives a privileged power or takes any: an ordinary grant says it by its field."""
    had: AbstractSet[str] = frozenset() if before is None else words[before]
    gained, lost = words[after] - had, had - words[after]
    if gained & privileged:
        yield f"becomes {after} {where}"
    if lost:
        yield f"is no longer {before} {where}: loses {', '.join(sorted(lost))}"


def limit(amount: Callable[[Any], Any], stops: Callable[[Any], bool]) -> Means:
    """Of a limit, None being no limit of its own: higher or removed elevates, lower withdraws.

    `amount` makes numbers of what files spell; `stops` says whether requests may stop at an amount that is lower than
    what was.
    """

    def means(before: Any, after: Any) -> Meanings:
        if before == after:
            return NOTHING
        if after is None or (before is not None and amount(after) > amount(before)):
            return frozenset({Meaning.ELEVATES})
        return frozenset({Meaning.WITHDRAWS, Meaning.STOPS} if stops(amount(after)) else {Meaning.WITHDRAWS})

    return means


def pairs(table: Mapping[tuple[Any, Any], Meanings]) -> Means:
    """Of a field of few words, pair by pair. Raises KeyError for a pair that is not listed, as `powers` does."""
    return lambda before, after: NOTHING if before == after else table[before, after]
