"""`${{ }}` of GitHub Actions, as far as our workflows use it. Strict: a misspelt input is an error and not empty."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_][\w.-]*)|(?P<sign>&&|\|\||==|!=|[!(),]))")
_TEMPLATE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_OPEN_ENDED = {"github"}
"""Contexts whose rows depend on the event: what is missing there is empty."""
STATUS = {"always", "success", "failure", "cancelled"}


def filled(text: Any, contexts: Mapping[str, Any], failed: bool = False) -> Any:
    """A value of YAML with its expressions evaluated. One that is nothing but an expression keeps its type."""
    if not isinstance(text, str):
        return text
    whole = _TEMPLATE.fullmatch(text.strip())
    if whole and "${{" not in whole[1]:
        return evaluated(whole[1], contexts, failed)
    return _TEMPLATE.sub(lambda match: as_text(evaluated(match[1], contexts, failed)), text)


def condition(text: Any, contexts: Mapping[str, Any], failed: bool) -> bool:
    """What an `if:` says. One that asks for no status holds only while nothing has failed."""
    if text is None:
        return not failed
    source = str(text).strip()
    whole = _TEMPLATE.fullmatch(source)
    source = whole[1] if whole else source
    asks = any(re.search(rf"\b{word}\(", source) for word in STATUS)
    return bool(evaluated(source, contexts, failed)) and (asks or not failed)


def as_text(value: Any) -> str:
    """How a value reads in a string."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def evaluated(source: str, contexts: Mapping[str, Any], failed: bool = False) -> Any:
    """The value of one expression."""
    tokens, place = [], 0
    source = source.strip()
    while place < len(source):
        match = _TOKEN.match(source, place)
        assert match, f"not understood: {source[place:]!r}"
        tokens.append(match)
        place = match.end()
    parser = _Parser([match[0].strip() for match in tokens], contexts, failed)
    value = parser.either()
    assert not parser.tokens, f"left over: {parser.tokens}"
    return value


class _Parser:
    def __init__(self, tokens: list[str], contexts: Mapping[str, Any], failed: bool) -> None:
        self.tokens, self.contexts, self.failed = tokens, contexts, failed

    def either(self) -> Any:
        value = self.both()
        while self._next("||"):
            other = self.both()
            value = value or other
        return value

    def both(self) -> Any:
        value = self.equal()
        while self._next("&&"):
            other = self.equal()
            value = value and other
        return value

    def equal(self) -> Any:
        value = self.one()
        for sign in ("==", "!="):
            if self._next(sign):
                same = as_text(value).lower() == as_text(self.one()).lower()
                return same if sign == "==" else not same
        return value

    def one(self) -> Any:
        if self._next("!"):
            return not self.one()
        if self._next("("):
            value = self.either()
            assert self._next(")")
            return value
        token = self.tokens.pop(0)
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if self._next("("):
            return self._called(token)
        return {"true": True, "false": False}[token] if token in {"true", "false"} else self._looked_up(token)

    def _called(self, name: str) -> Any:
        arguments = []
        while not self._next(")"):
            arguments.append(self.either())
            self._next(",")
        if name in STATUS:
            return {"always": True, "success": not self.failed, "failure": self.failed, "cancelled": False}[name]
        assert name == "format", f"unknown function {name}"
        text = str(arguments[0])
        for number, argument in enumerate(arguments[1:]):
            text = text.replace(f"{{{number}}}", as_text(argument))
        return text

    def _looked_up(self, name: str) -> Any:
        first, *path = name.split(".")
        value: Any = self.contexts[first]
        for part in path:
            if first in _OPEN_ENDED:
                value = value.get(part) if isinstance(value, dict) else None
            elif path[-2:-1] == ["outputs"] and part == path[-1]:
                value = value.get(part, "")
            else:
                assert part in value, f"nothing is called {name}"
                value = value[part]
        return value

    def _next(self, sign: str) -> bool:
        if self.tokens and self.tokens[0] == sign:
            self.tokens.pop(0)
            return True
        return False
