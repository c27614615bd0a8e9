"""The JSON of an answer, in which every text can be written down, printed and digested."""

from __future__ import annotations

import json
import re
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")
_MAY_HOLD_HALVES = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")


def parsed(content: bytes | bytearray) -> Any:
    """The value. Raises ValueError where it is no JSON or no UTF-8, RecursionError where it is nested too deeply.

    JSON can hold half of a surrogate pair, as no file and no terminal can: it becomes U+FFFD and its number, `�d800`,
    so that it shows and two names that differ in it stay different.
    """
    value = json.loads(content.decode("utf-8-sig", "surrogatepass"))
    return _whole(value) if _MAY_HOLD_HALVES.search(content) else value  # most answers are spared the walk


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return _HALF.sub(lambda half: f"\ufffd{ord(half[0]):04x}", value)
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list) else value
