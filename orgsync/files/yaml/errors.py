"""What the parser says when it gives up, in words for the person who wrote the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from orgsync.core.words.inert import escaped
from orgsync.core.words.source import Problem, Source

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 30
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
_LONGEST_SHOWN = 60
_LONGEST_KEY = 1024  # YAML's own limit for a key without a "?"
_NO_TAGS = "tags are not allowed"
_NO_TAGS_HINT = "remove the tag; put text that begins with ! in quotes"
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


def shown(text: str) -> str:
    """Text out of a file, in quotes, on one line and of bounded length, whatever characters it holds."""
    cut = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."
    return '"' + "".join(character if character.isprintable() else escaped(character) for character in cut) + '"'


def place(file: str, text: str, index: int) -> Source:
    """Where the character with this index stands."""
    line, start = 1, 0
    for line_break in _LINE_BREAK.finditer(text, 0, index):
        line, start = line + 1, line_break.end()
    return Source(file, line, index - start + 1)


class _Said(NamedTuple):
    message: str
    hint: str | None = None
    at_start: bool = False  # the mistake is where the construct began, not where the parser noticed


@dataclass(frozen=True)
class _Fault:
    """An error of the parser: what it was reading (`context`, from `start`), what it met (`problem`, at `mark`)."""

    text: str
    problem: str
    context: str
    mark: Any
    start: Any

    @property
    def character(self) -> str:
        return self.text[self.mark.index : self.mark.index + 1]

    @property
    def line_before(self) -> str:
        """The part of the line left of the place."""
        return self.text[self.mark.index - self.mark.column : self.mark.index]

    @property
    def line_above(self) -> str:
        return self.text[: self.mark.index - self.mark.column].rstrip().rpartition("\n")[2]

    @property
    def at_end(self) -> bool:
        return not self.text[self.mark.index :].strip()


def explain(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """The parser's error as a problem that names the place to look at and what to do there."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem(f"this is not YAML: {error}", Source(file, 1, 1))
    mark = error.problem_mark or error.context_mark
    fault = _Fault(text, error.problem or "", error.context or "", mark, error.context_mark or mark)
    said = _say(fault)
    where = fault.start if said.at_start else fault.mark
    return Problem(said.message, Source(file, where.line + 1, where.column + 1), hint=said.hint)


def tag_problem(tag: str | None, source: Source) -> Problem:
    """Any tag; None for one that cannot even be read."""
    if tag is None:
        return Problem(_NO_TAGS, source, hint=_NO_TAGS_HINT)
    written = tag.replace("tag:yaml.org,2002:", "!!", 1)
    return Problem(f"the tag {shown(written)} is not allowed", source, hint=_NO_TAGS_HINT)


def _say(fault: _Fault) -> _Said:
    for pattern, answer in _ANSWERS:
        if pattern.search(fault.problem) or pattern.search(fault.context):
            return answer if isinstance(answer, _Said) else answer(fault)
    return _Said(f"this is not valid YAML: {fault.problem}")


_TAB = _Said("a tab is used for indentation", "indent with spaces")
_KEY_MISSING = _Said('there is no key before this ":"', "write the key as text, in quotes if need be")
_OUTSIDE = _Said(
    "this is outside the document",
    "all top-level keys begin in the same column, and a file holds one document",
)


def _unexpected_character(fault: _Fault) -> _Said:
    if fault.character == "\t":
        return _TAB
    if not fault.character:
        return _Said("the file ends inside a list or map in brackets", "add the missing bracket")
    message = f"{shown(fault.character)} is not allowed here"
    if fault.character in ",]}":
        return _Said(message, "a value or an opening bracket is missing before it")
    return _Said(message, f"put text that begins with {fault.character} in quotes")


def _open_bracket(fault: _Fault) -> _Said:
    opening = fault.text[fault.start.index : fault.start.index + 1]
    closing = "]" if opening == "[" else "}"
    if fault.at_end:
        return _Said(f'this "{opening}" is never closed', f'add the missing "{closing}"', at_start=True)
    return _Said(
        f'expected "," or "{closing}" here',
        f'the "{opening}" of line {fault.start.line + 1}, column {fault.start.column + 1} is still open',
    )


def _colon(fault: _Fault) -> _Said:
    if len(fault.line_before) > _LONGEST_KEY:
        return _Said(f"a key is longer than {_LONGEST_KEY} characters")
    if re.search(r":\s", fault.line_before):
        return _Said('a second ":" in one value', 'put text that contains ": " in quotes')
    if not re.search(r":(?:\s|$)", fault.line_above):
        return _Said(
            'a ":" is not allowed here, because the line above is not "key: value"',
            'write a space after its ":"; text of several lines needs quotes or a "|"',
        )
    return _Said(
        'a ":" is not allowed here',
        "the line above already holds a value: check the indentation of both, and unclosed quotes",
    )


def _in_block(fault: _Fault) -> _Said:
    if fault.character == ":":
        return _KEY_MISSING
    if fault.line_before.strip():
        return _Said("unexpected text after the value", "put quotes around the whole value, not around a part of it")
    if "mapping" not in fault.context:
        return _Said("expected a list item here", 'every item of a list begins with "- " in the same column')
    if re.match(r"-\s", fault.text[fault.mark.index : fault.mark.index + 2]):
        return _Said("expected a key, found a list item", "indent the list below the key it belongs to")
    return _Said("the indentation does not match any line above", "keys of one map begin in the same column")


# In order: the first that fits the problem or its context speaks. Both parsers' wordings are covered.
_ANSWERS: tuple[tuple[re.Pattern[str], _Said | Callable[[_Fault], _Said]], ...] = tuple(
    (re.compile(pattern), answer)
    for pattern, answer in (
        (r"found a tab character", _TAB),
        # The limit of newer parsers, which they can reach before the first event: theirs is higher than ours.
        (r"maximum nesting depth", _Said(TOO_DEEP)),
        (
            r"unexpected end of stream|unexpected document (?:indicator|separator)",
            _Said("this quote is never closed", "end the text with the same quote sign", at_start=True),
        ),
        (r"cannot start any token|expected (?:the )?node content|mapping keys are not allowed", _unexpected_character),
        (r"expected ',' or", _open_bracket),
        (r"mapping values are not allowed", _colon),
        (
            r"could not find expected ':'",
            _Said('there is no ":" after this key', 'write "key: value", with a space after the ":"', at_start=True),
        ),
        (
            r"sequence entries are not allowed",
            _Said("a list item cannot begin here", 'put each "- " on a line of its own, below the key'),
        ),
        (r"document start>", _OUTSIDE),
        (
            r"escape character",
            _Said(r"a backslash sequence YAML does not know", r"write \\ for a backslash, or use single quotes"),
        ),
        (
            r"hexdecimal|hexadecimal|Unicode character escape|chr\(\)|too large",
            _Said("this escape is not a valid character", r"\x takes 2 hexadecimal digits, \u takes 4 and \U takes 8"),
        ),
        (
            r"an alias|an anchor",
            _Said(
                '"*" and "&" must be followed by a name', "put text that begins with * or & in quotes", at_start=True
            ),
        ),
        (
            r"a tag|tag handle",
            _Said(_NO_TAGS, _NO_TAGS_HINT, at_start=True),
        ),
        (
            r"a block scalar",
            _Said(
                "nothing may follow | or > on the same line", "put the text on the lines below, indented, or in quotes"
            ),
        ),
        (
            r"directive|incompatible YAML|version",
            _Said("this line begins with % but is not a directive of YAML 1.2", "remove the line", at_start=True),
        ),
        (r"a block (?:mapping|collection|sequence)", _in_block),
    )
)
