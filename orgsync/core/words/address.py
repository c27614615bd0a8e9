"""The one spelling of a thing, everywhere: `kind:segment/segment`."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import NewType

Address = NewType("Address", str)

_RESERVED = re.compile(r"[/%\x00-\x1f\x7f-\x9f]")
_ESCAPED = re.compile(r"(?:%[0-9A-F]{2})+")


def address(kind: str, *segments: str) -> Address:
    """The address of a thing; `/`, `%` and control characters inside a segment are percent-encoded, nothing else."""
    return Address(f"{kind}:{'/'.join(_encode(segment) for segment in segments)}")


def split(text: str) -> tuple[str, tuple[str, ...]]:
    """Kind and segments of an address, decoded. Raises ValueError where the text is not an address."""
    kind, colon, rest = text.partition(":")
    if not (kind and colon and rest):
        raise ValueError(f"{text!r} is not an address: expected kind:segment/segment")
    return kind, tuple(_decode(segment) for segment in rest.split("/"))


def folded(address: str) -> str:
    """The form in which two spellings of one address are equal: names are told apart by case, e-mails are not."""
    return "/".join(part.casefold() if "@" in part else part for part in address.split("/"))


def covers(glob: str, address: str) -> bool:
    """Whether a glob is this address or matches it, in whatever case; brackets may be part of a name."""
    wanted, shown = glob.casefold(), address.casefold()
    return wanted == shown or fnmatchcase(shown, wanted)


def _encode(segment: str) -> str:
    return _RESERVED.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), segment)


def _decode(segment: str) -> str:
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode(errors="replace"), segment)
