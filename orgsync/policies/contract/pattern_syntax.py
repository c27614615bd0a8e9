"""The regular expressions that the files may hold: the part of Python's syntax that a linear matcher understands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from orgsync.core.words.problems import Unsuitable, quoted

LONGEST = 200
DEEPEST = 20

_TOKEN = re.compile(
    r"""
      (?P<atom>   \\[dDwWsS] | \\[^A-Za-z0-9] | \[\^?\]?(?:\\.|[^\]\\])*\] | [^\\\[(){*+?|^$] )
    | (?P<repeat> (?: [*+?] | \{(?P<low>[0-9]{1,3})(?P<comma>,(?P<high>[0-9]{0,3}))?\} ) \?? )
    | (?P<open>   \((?:\?:|(?!\?)) )
    | (?P<close>  \) )
    | (?P<bar>    \| )
    """,
    re.VERBOSE | re.DOTALL,
)
_RESERVED_IN_SETS = re.compile(r"\[\^?\[|--|&&|~~|\|\|")
_NOT_UNDERSTOOD = {
    "(": "of the groups that begin with (? only (?:…) is understood",
    "{": "write a repetition as {3} or {3,5}, a brace itself as \\{",
    "[": "the set is not closed: write a bracket itself as \\[",
    "^": "the whole name has to match anyway: ^ can stand at the beginning only",
    "$": "the whole name has to match anyway: $ can stand at the end only",
    "\\": "of the escapes only \\d \\w \\s \\D \\W \\S and those of punctuation are understood",
}


@dataclass(frozen=True, slots=True)
class Atom:
    """One character out of some."""

    accepts: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Series:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same again, so many times; `high` is None for any number."""

    node: Node
    low: int
    high: int | None


Node = Atom | Series | Choice | Repeat


def parsed(text: str) -> Node:
    """What a pattern means, without the anchors at its ends. Raises Unsuitable where it is not understood."""
    if not text:
        raise Unsuitable("must not be empty")
    if len(text) > LONGEST:
        raise Unsuitable(f"a pattern has at most {LONGEST} characters, this one {len(text)}")
    tokens = _tokens(text)
    parser = _Parser(text, tokens)
    tree = parser.choice(depth=0)
    if parser.next() is not None:
        raise _unsuitable(text, parser.next(), "there is no group to close here")
    return tree


def _tokens(text: str) -> list[re.Match[str]]:
    position, end = int(text.startswith("^")), len(text)
    tokens = []
    while position < end:
        token = _TOKEN.match(text, position)
        if token is None:
            if text[position:] == "$":
                break
            problem = _NOT_UNDERSTOOD[text[position]]
            raise Unsuitable(f"{quoted(text)}, character {position + 1}: {problem}")
        tokens.append(token)
        position = token.end()
    return tokens


def _unsuitable(text: str, token: re.Match[str] | None, problem: str) -> Unsuitable:
    where = f"character {token.start() + 1}" if token else "at its end"
    return Unsuitable(f"{quoted(text)}, {where}: {problem}")


@dataclass(slots=True)
class _Parser:
    text: str
    tokens: list[re.Match[str]]
    position: int = 0

    def next(self) -> re.Match[str] | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def took(self, kind: str) -> re.Match[str] | None:
        """The next token, taken, if it is of this kind."""
        token = self.next()
        if token is None or token.lastgroup != kind:
            return None
        self.position += 1
        return token

    def choice(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise _unsuitable(self.text, self.next(), f"groups stand more than {DEEPEST} deep inside each other")
        options = [self.sequence(depth)]
        while self.took("bar"):
            options.append(self.sequence(depth))
        return Choice(tuple(options))

    def sequence(self, depth: int) -> Node:
        parts = []
        while (item := self.item(depth)) is not None:
            parts.append(self.repeated(item))
        return Series(tuple(parts))

    def item(self, depth: int) -> Node | None:
        if token := self.took("atom"):
            return self.atom(token)
        if token := self.took("repeat"):
            raise _unsuitable(self.text, token, "there is nothing that could be repeated")
        if not self.took("open"):
            return None
        inner = self.choice(depth + 1)
        if not self.took("close"):
            raise _unsuitable(self.text, self.next(), "a group is not closed")
        return inner

    def atom(self, token: re.Match[str]) -> Atom:
        if token[0].startswith("[") and _RESERVED_IN_SETS.search(token[0]):
            raise _unsuitable(self.text, token, "in a set, write \\[ for a bracket and no sign of - & ~ | twice")
        try:
            return Atom(re.compile(token[0]))
        except re.error as error:
            raise _unsuitable(self.text, token, error.msg) from error

    def repeated(self, node: Node) -> Node:
        token = self.took("repeat")
        if token is None:
            return node
        again = self.took("repeat")
        if again is not None:
            raise _unsuitable(self.text, again, "a repetition cannot be repeated, unless it stands in a group")
        low, high = _bounds(token)
        if high is not None and high < low:
            raise _unsuitable(self.text, token, f"{low} is more than {high}")
        return Repeat(node, low, high)


def _bounds(token: re.Match[str]) -> tuple[int, int | None]:
    """How often, at least and at most. A lazy repetition matches the same names as an eager one."""
    if token["low"] is None:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[token[0][0]]
    low = int(token["low"])
    if token["comma"] is None:
        return low, low
    return low, int(token["high"]) if token["high"] else None
