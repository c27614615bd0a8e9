"""SHA-256 over data: equal data gives equal digests, whatever order its keys were written in."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical(value: Any) -> bytes:
    """The one spelling of JSON-ready data: sorted keys, no spaces, UTF-8. NaN and infinities are a ValueError."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    # A file by hand can hold a lone surrogate; it has no UTF-8, and a digest must not be what fails over it.
    return text.encode("utf-8", "surrogatepass")


def sha256_hex(value: Any) -> str:
    """The SHA-256 of JSON-ready data, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()
