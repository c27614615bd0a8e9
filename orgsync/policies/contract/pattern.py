"""Whether a whole name matches a pattern, in time that grows with their lengths only, whoever wrote either of them.

A pull request is untrusted, and Python's own matcher backtracks: `(a+)+b` would keep it busy for years. The engine
that pydantic brings is linear (docs/decisions/0019); what the two would read differently is
translated here, or refused.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, InstanceOf, WithJsonSchema
from pydantic_core import SchemaError, SchemaValidator, core_schema

from orgsync.core.words.problems import Unsuitable, quoted, shape

LONGEST = 200
MOST_PARTS = 300  # time grows with them, which is why they have a limit

_TOKEN = re.compile(
    r"""
      (?P<part>   \\[dDwWsS] | \\[^A-Za-z0-9] | [^\\\[(){*+?|^$] )
    | (?P<set>    \[\^?\]?(?:\\.|[^\]\\])*\] )
    | (?P<repeat> (?: [*+?] | \{(?P<low>[0-9]{1,3})(?P<comma>,(?P<high>[0-9]{0,3}))?\} ) \?? )
    | (?P<other>  \((?:\?:|(?!\?)) | \) | \| )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED_SIGN = re.compile(r"\\[^A-Za-z0-9]")
_SET_MEMBER = re.compile(r"\\?.", re.DOTALL)
_RESERVED_IN_SETS = re.compile(r"\[\^?\[|--|&&|~~|\|\|")
_NOT_UNDERSTOOD = {
    "(": "of the groups that begin with (? only (?:…) is supported",
    "{": "write a repetition as {3} or {3,5}, a brace itself as \\{",
    "[": "the set is not closed: write a bracket itself as \\[",
    "^": "the whole name must match: ^ is allowed at the beginning only",
    "$": "the whole name must match: $ is allowed at the end only",
    "\\": "of the escapes only \\d \\w \\s \\D \\W \\S and those of punctuation are supported",
}
# Python counts numbers of every kind as \w, and four separators as \s; Unicode, which the engine follows, does not.
_PYTHONS = {
    r"\w": r"[\p{L}\p{N}_]",
    r"\W": r"[^\p{L}\p{N}_]",
    r"\s": r"[\s\x1c-\x1f]",
    r"\S": r"[^\s\x1c-\x1f]",
}


class Pattern:
    """A pattern for whole names."""

    def __init__(self, text: str) -> None:
        """Raises Unsuitable for a pattern that is not understood, or too large."""
        if not text:
            raise Unsuitable("must not be empty")
        if len(text) > LONGEST:
            raise Unsuitable(f"a pattern has at most {LONGEST} characters, this one {len(text)}")
        self.text = text
        tokens = _tokens(text)
        _check_as_python_does(text)
        if (parts := _parts(tokens)) > MOST_PARTS:
            raise Unsuitable(f"{quoted(text)} is too large: it has {parts} parts with its repetitions written out")
        whole = rf"\A(?:{''.join(map(_translated, tokens))})\z"
        try:
            self._engine = SchemaValidator(core_schema.str_schema(pattern=whole, regex_engine="rust-regex"))
        except SchemaError as error:
            problem = str(error).rpartition("rror: ")[2].strip()  # after a picture of where it is, in our translation
            raise Unsuitable(f"{quoted(text)} is not supported: {problem}") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def matches(self, name: str) -> bool:
        """Whether the whole name is as the pattern says. Half a character (a lone surrogate) matches nothing."""
        return self._engine.isinstance_python(name)


def _tokens(text: str) -> list[re.Match[str]]:
    """The parts of a pattern, without the anchors at its ends. Raises Unsuitable where one is not understood."""
    position, end = int(text.startswith("^")), len(text)
    tokens: list[re.Match[str]] = []
    while position < end and text[position:] != "$":
        token = _TOKEN.match(text, position)
        if token is None:
            raise _unsuitable(text, position, _NOT_UNDERSTOOD[text[position]])
        if token["set"] and _RESERVED_IN_SETS.search(token["set"]):
            raise _unsuitable(text, position, "in a set, write \\[ for a bracket and no sign of - & ~ | twice")
        if token["repeat"] and tokens and tokens[-1]["repeat"]:
            raise _unsuitable(text, position, "a repetition cannot be repeated, unless it stands in a group")
        tokens.append(token)
        position = token.end()
    return tokens


def _check_as_python_does(text: str) -> None:
    try:
        re.compile(text)
    except re.error as error:
        raise _unsuitable(text, error.pos or 0, error.msg) from error


def _unsuitable(text: str, position: int, problem: str) -> Unsuitable:
    return Unsuitable(f"{quoted(text)}, character {position + 1}: {problem}")


def _parts(tokens: list[re.Match[str]]) -> int:
    """How many parts a pattern has with its repetitions written out, which takes their number of parts of it."""
    outer: list[int] = []
    count = latest = 0
    for token in tokens:
        if token["repeat"]:
            count += latest * (_times(token) - 1)
        elif token[0] == ")":
            latest = max(1, count)  # repeating nothing takes its time too
            count = outer.pop() + latest
        elif token[0].startswith("("):
            outer.append(count)
            count = 0
        elif token[0] != "|":
            latest = 1
            count += 1
    return count


def _times(token: re.Match[str]) -> int:
    if token["low"] is None:
        return 1
    if token["comma"] is None:
        return int(token["low"])
    return int(token["high"]) if token["high"] else int(token["low"]) + 1


def _translated(token: re.Match[str]) -> str:
    """One token as the engine spells what Python means by it."""
    if token["part"]:
        return _escape_translated(token[0])
    if token["set"] is None:
        return token[0]
    opening = "[^" if token[0].startswith("[^") else "["
    members = _SET_MEMBER.findall(token[0][len(opening) : -1])
    return (
        opening + "".join(f"\\{member}" if member in "[]" else _escape_translated(member) for member in members) + "]"
    )


def _escape_translated(part: str) -> str:
    if part in _PYTHONS:
        return _PYTHONS[part]
    return re.escape(part[1]) if _ESCAPED_SIGN.fullmatch(part) else part


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
