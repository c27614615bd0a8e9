"""Text from the network made fit to be shown: no part of the credential, harmless to a terminal, not too long.

What counts as a part, and what is not covered: docs/decisions/0032.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaValidator, core_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

MASK = "[credential]"
LONGEST = 500
RUN = 12
"""So many characters of the credential in a row, in any case and however they are escaped, are masked."""

# How credentials begin that anybody may know: a text that only names their sort is no part of one.
_PUBLIC = re.compile(r"sk-ant-[a-z]+[0-9]*-|gh[a-z]_|github_pat_")
# Every run holds a whole block, as the blocks begin this far apart.
_BLOCK = 6
_STEP = RUN - _BLOCK + 1
_LEVELS = 4  # of escaping, one in the other
_LOOKED_AT = 16 * LONGEST  # of a text that is cut: enough even where every character is escaped and much is masked
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_HEX = "([0-9a-f]{2})"
_ESCAPES = (
    ("%", re.compile(f"%{_HEX}")),
    (
        "\\",
        re.compile(
            rf"\\(?:u000000{_HEX}|u00{_HEX}|u\{{0*{_HEX}\}}|x{_HEX}|(?P<octal>[0-7]{{3}})|(?P<itself>[^0-9a-z]))"
        ),
    ),
    ("&#", re.compile(rf"&#(?:x0*{_HEX}|0*(?P<decimal>[0-9]{{2,3}}));?")),
)
"""Of text in lower case; each with what it cannot do without, which is looked for first."""
_BASES = {"octal": 8, "decimal": 10}

# C0, DEL and C1 (ANSI sequences begin there), marks that reorder or hide text, other line ends, lone surrogates.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class Redactor:
    """Knows the credential, in order to take it out of what others wrote. One of less than 12 characters is a run."""

    __slots__ = ("_blocks", "_glance", "_public", "_run", "_secret")

    def __init__(self, secret: str) -> None:
        self._secret = secret.translate(_LOWER)
        found = _PUBLIC.match(self._secret)
        self._public = found.end() if found else 0
        self._run = min(RUN, len(secret))
        size = min(_BLOCK, len(secret))
        # The first block is the last one with a single secret character, so that no block is public.
        starts = range(max(0, self._public + 1 - size), len(secret) - size + 1, _STEP)
        self._blocks = [(self._secret[start : start + size], start) for start in starts]
        pattern = "|".join(re.escape(block) for block, _ in self._blocks)
        # Pydantic's engine looks for all of them at once, many times as fast as Python parses JSON.
        self._glance = SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))

    def clean(self, text: str, longest: int = LONGEST) -> str:
        """`text` with the credential masked, control and bidi characters spelled out, cut to `longest` characters."""
        spelled = _UNSAFE.sub(_escape, self.masked(text[:_LOOKED_AT]))
        return spelled if len(spelled) <= longest else f"{spelled[: longest - 1]}…"

    def without(self, value: Any, content: bytes | bytearray) -> Any:
        """The JSON value of an answer with this content, and the credential masked in every text of it."""
        return self._without(value) if self._may_be_in(content) else value

    def masked(self, text: str) -> str:
        """`text` with every part of the credential masked, whatever its case and however it is escaped."""
        plain, places = text.translate(_LOWER), list(range(len(text) + 1))
        spans = [*self._runs(plain)]
        for marker, pattern in _ESCAPES * _LEVELS:
            if marker in plain:
                plain, places = _unescaped(plain, places, pattern)
                spans += ((places[start], places[end]) for start, end in self._runs(plain))
        parts: list[str] = []
        after = 0
        for start, end in sorted(spans):
            if start > after or not parts:
                parts += [text[after:start], MASK]
            after = max(after, end)
        return "".join([*parts, text[after:]])

    def _without(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.masked(value)
        if isinstance(value, dict):
            return {self.masked(key): self._without(inner) for key, inner in value.items()}
        return [self._without(inner) for inner in value] if isinstance(value, list) else value

    def _may_be_in(self, content: bytes | bytearray) -> bool:
        """A glance at all of an answer, which costs next to nothing: only what it finds is looked at by character."""
        if self._run < RUN:
            return False  # no credential of the API: half of all texts may hold it
        text = content.lower().decode("latin-1")
        if self._glance.isinstance_python(text):
            return True
        for marker, pattern in _ESCAPES * (_LEVELS + 1):  # JSON is one level more
            if marker in text:
                text = pattern.sub(_meant, text)
                if self._glance.isinstance_python(text):
                    return True
        return False

    def _runs(self, text: str) -> Iterator[tuple[int, int]]:
        """Where parts of the credential stand in a text in lower case: as much of each as there is."""
        secret = self._secret
        for block, offset in self._blocks:
            place = text.find(block)
            while place >= 0:
                start, end = place, place + len(block)
                first, last = offset, offset + len(block)
                while first and start and text[start - 1] == secret[first - 1]:
                    start, first = start - 1, first - 1
                while last < len(secret) and end < len(text) and text[end] == secret[last]:
                    end, last = end + 1, last + 1
                if end - start >= self._run:
                    yield start, end
                place = text.find(block, place + 1)


def _unescaped(text: str, places: list[int], pattern: re.Pattern[str]) -> tuple[str, list[int]]:
    """The text without the escapes, and for each of its characters where it began in the original; then the end."""
    parts, kept, after = [], [], 0
    for found in pattern.finditer(text):
        parts += [text[after : found.start()], _meant(found)]
        kept += [*places[after : found.start()], places[found.start()]]
        after = found.end()
    return "".join([*parts, text[after:]]), [*kept, *places[after:]]


def _meant(found: re.Match[str]) -> str:
    """The character that an escape stands for, in lower case."""
    name = found.lastgroup
    digits = found[found.lastindex or 0]
    return digits if name == "itself" else chr(int(digits, _BASES.get(name or "", 16))).translate(_LOWER)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
