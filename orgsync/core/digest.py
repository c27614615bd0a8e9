"""SHA-256 over data: equal data gives equal digests, whatever order its keys were written in."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from orgsync.core.change import Change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def canonical(value: Any) -> bytes:
    """The one spelling of JSON-ready data: sorted keys, no spaces, UTF-8. NaN and infinities are a ValueError."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    # A name from the API can hold a lone surrogate; it has no UTF-8, and a digest must not be what fails over it.
    return text.encode("utf-8", "surrogatepass")


def sha256_hex(value: Any) -> str:
    """The SHA-256 of JSON-ready data, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def changes_digest(changes: Sequence[Change], identities: Mapping[str, str]) -> str:
    """What a reviewer approves: the changes, in their order, and the live objects their addresses stand for."""
    rows = _adapter().dump_python(tuple(changes), mode="json", by_alias=True)
    return sha256_hex({"changes": rows, "identities": dict(identities)})


@cache
def _adapter() -> TypeAdapter[tuple[Change, ...]]:
    return TypeAdapter(tuple[Change, ...])
