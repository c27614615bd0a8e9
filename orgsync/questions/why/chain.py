"""A chain of checks: each counts only where all before it hold, so it ends at the first one that fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orgsync.core.answers.answer import Mark, Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.questions.why.trace import Trace


@dataclass(frozen=True, slots=True)
class Link:
    """One check: its name for programs, how it ended, in words, where the files speak of it, and what would help.

    `traces` are what tells who brought about that it fails, where that was somebody and no journal says who.
    """

    name: str
    mark: Mark
    text: str
    where: str = ""
    fixes: tuple[str, ...] = ()
    traces: tuple[Trace, ...] = ()

    @property
    def step(self) -> Step:
        """As every format shows it."""
        return Step(self.mark, self.text, self.where)


def holds(name: str, text: str, where: str = "") -> Link:
    """A check that holds."""
    return Link(name, Mark.HOLDS, text, where)


def fails(name: str, text: str, where: str = "", *, fixes: Iterable[str] = (), traces: Iterable[Trace] = ()) -> Link:
    """A check that fails, with what would make it hold, and what tells who brought it about."""
    return Link(name, Mark.FAILS, text, where, tuple(fixes), tuple(traces))


def unknown(name: str, text: str, where: str = "") -> Link:
    """A check of which nobody can tell how it ends."""
    return Link(name, Mark.UNKNOWN, text, where)


def noted(name: str, text: str, where: str = "", *, fixes: Iterable[str] = ()) -> Link:
    """What is no check, and matters to who reads the chain."""
    return Link(name, Mark.NOTES, text, where, tuple(fixes))


@dataclass(frozen=True, slots=True)
class Chain:
    """The checks up to the first one that fails."""

    links: tuple[Link, ...]

    @property
    def failing(self) -> Link | None:
        """The first check that fails; None: none does."""
        return next((link for link in self.links if link.mark is Mark.FAILS), None)

    def with_who(self, told: str) -> Chain:
        """The same checks; the first one that fails says who brought it about."""
        failing = self.failing
        return Chain(tuple(replace(one, text=f"{one.text}; {told}") if one is failing else one for one in self.links))

    @property
    def open(self) -> tuple[Link, ...]:
        """The checks of which nobody can tell how they end."""
        return tuple(link for link in self.links if link.mark is Mark.UNKNOWN)

    @property
    def verdict(self) -> bool | None:
        """Whether all of it holds; None: as far as it is known."""
        if self.failing is not None:
            return False
        return None if self.open else True

    @property
    def steps(self) -> tuple[Step, ...]:
        """As every format shows them."""
        return tuple(link.step for link in self.links)

    @property
    def fixes(self) -> tuple[str, ...]:
        """What would make it hold, each once."""
        return tuple(dict.fromkeys(fix for link in self.links for fix in link.fixes))


def chain(links: Iterable[Link]) -> Chain:
    """The checks up to the first one that fails. What comes after that is not looked at."""
    taken: list[Link] = []
    for link in links:
        taken.append(link)
        if link.mark is Mark.FAILS:
            break
    return Chain(tuple(taken))
