"""Text from the network made fit for an error message: without the credential, harmless to a terminal, not too long."""

from __future__ import annotations

import re

MASK = "[credential]"
LONGEST = 500

# C0, DEL and C1 (ANSI sequences begin there), marks that reorder or hide text, other line ends, lone surrogates.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class Redactor:
    """Knows the credential, in order to take it out of what others wrote."""

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def clean(self, text: str, longest: int = LONGEST) -> str:
        """`text` with the credential masked, control and bidi characters spelled out, cut to `longest` characters."""
        # Masked before it is cut, or half a key could stay.
        spelled = _UNSAFE.sub(_escape, text.replace(self._secret, MASK))
        return spelled if len(spelled) <= longest else f"{spelled[: longest - 1]}…"


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
