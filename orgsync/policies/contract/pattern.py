"""Whether a whole name matches a pattern, in time that grows with their lengths only, whoever wrote either of them.

A pull request is untrusted, and Python's own matcher backtracks: `(a+)+b` would keep it busy for years. This one
follows all possibilities at once (Glushkov's construction): its state is the set of atoms that may have matched last,
as bits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, InstanceOf, WithJsonSchema

from orgsync.core.words.problems import Unsuitable, quoted, shape
from orgsync.policies.contract.pattern_syntax import LONGEST, Atom, Choice, Node, Repeat, Series, parsed

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

MOST_ATOMS = 300
_REMEMBERED = 4096
_START = 1


@dataclass(frozen=True, slots=True)
class _Part:
    """What one part of a pattern can begin and end with, as bits, and whether it can be left out."""

    first: int
    last: int
    nullable: bool


_EMPTY = _Part(0, 0, nullable=True)


@dataclass(slots=True)
class _Automaton:
    """The atoms of a pattern and, for each, which may follow it. Number 0 is the beginning of the name."""

    atoms: list[re.Pattern[str] | None] = field(default_factory=lambda: [None])
    follow: list[int] = field(default_factory=lambda: [0])

    def add(self, node: Node) -> _Part:
        if isinstance(node, Atom):
            return self.atom(node)
        if isinstance(node, Repeat):
            return self.repeat(node)
        result = _EMPTY
        if isinstance(node, Series):
            for part in node.parts:
                result = self.then(result, self.add(part))
            return result
        options = [self.add(option) for option in node.options]
        for option in options:
            result = _Part(result.first | option.first, result.last | option.last, nullable=True)
        return _Part(result.first, result.last, any(option.nullable for option in options))

    def atom(self, node: Atom) -> _Part:
        bit = 1 << len(self.atoms)
        self.atoms.append(node.accepts)
        self.follow.append(0)
        return _Part(bit, bit, nullable=False)

    def then(self, left: _Part, right: _Part) -> _Part:
        self.link(left.last, right.first)
        first = left.first | (right.first if left.nullable else 0)
        last = right.last | (left.last if right.nullable else 0)
        return _Part(first, last, left.nullable and right.nullable)

    def repeat(self, node: Repeat) -> _Part:
        """As many copies as it says: the ones that must be there, then the ones that may."""
        result = _EMPTY
        for _ in range(node.low):
            result = self.then(result, self.add(node.node))
        if node.high is None:
            again = self.add(node.node)
            self.link(again.last, again.first)
            return self.then(result, _Part(again.first, again.last, nullable=True))
        for _ in range(node.high - node.low):
            more = self.add(node.node)
            result = self.then(result, _Part(more.first, more.last, nullable=True))
        return result

    def link(self, from_atoms: int, to_atoms: int) -> None:
        for number in _numbers(from_atoms):
            self.follow[number] |= to_atoms


def _numbers(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _size(node: Node) -> int:
    """How many atoms the automaton will have at most, found out before any of them is made."""
    if isinstance(node, Atom):
        return 1
    if isinstance(node, Repeat):
        # Repeating nothing takes its time too.
        return max(1, _size(node.node)) * (node.low + 1 if node.high is None else node.high)
    return sum(_size(part) for part in (node.options if isinstance(node, Choice) else node.parts))


class Pattern:
    """A pattern for whole names."""

    def __init__(self, text: str) -> None:
        """Raises Unsuitable for a pattern that is not understood, or too large."""
        tree = parsed(text)
        if _size(tree) > MOST_ATOMS:
            raise Unsuitable(f"{quoted(text)} is too large: its repetitions make {_size(tree)} parts of it")
        self.text = text
        self._automaton = _Automaton()
        whole = self._automaton.add(tree)
        self._automaton.follow[0] = whole.first
        self._ends = whole.last | (_START if whole.nullable else 0)
        self._steps: dict[tuple[int, str], int] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def matches(self, name: str) -> bool:
        """Whether the whole name is as the pattern says."""
        state = _START
        for character in name:
            step = (state, character)
            if step not in self._steps:
                self._remember(step)
            state = self._steps[step]
            if not state:
                return False
        return bool(state & self._ends)

    def _remember(self, step: tuple[int, str]) -> None:
        # Hostile names could come to any number of steps; honest ones to a few dozen.
        if len(self._steps) >= _REMEMBERED:
            self._steps.clear()
        self._steps[step] = self._after(*step)

    def _after(self, state: int, character: str) -> int:
        possible = 0
        for number in _numbers(state):
            possible |= self._automaton.follow[number]
        result = 0
        for number in _numbers(possible):
            accepts = self._automaton.atoms[number]
            if accepts is not None and accepts.match(character):
                result |= 1 << number
        return result


def _pattern(value: Any) -> Pattern:
    if not isinstance(value, str):
        raise Unsuitable(f"expected a pattern, found {shape(value)}", "put it in single quotes: '^[a-z0-9-]+$'")
    return Pattern(value)


PatternText = Annotated[
    InstanceOf[Pattern],
    BeforeValidator(_pattern),
    WithJsonSchema({"type": "string", "format": "regex", "minLength": 1, "maxLength": LONGEST}),
]
"""A pattern in the files."""
