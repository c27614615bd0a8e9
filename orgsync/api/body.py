"""The body of an answer as it arrives, unpacked, and never more of it than the budget allows; and the JSON in it."""

from __future__ import annotations

import json
import re
import zlib
from typing import TYPE_CHECKING, Any

import httpx

from orgsync.api.budget import MIB, Bound

if TYPE_CHECKING:
    from orgsync.api.budget import Budget, Spent

ACCEPTED = "gzip"
"""What is asked for: httpx unpacks more, and each of them with no limit to what comes out."""

_PLAIN = frozenset({"", "identity"})
_HALF = re.compile("[\ud800-\udfff]")
_MAY_HOLD_HALVES = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")


async def body_of(response: httpx.Response, budget: Budget, spent: Spent | None) -> bytearray | Bound:
    """The whole body, or the bound it exceeds; then the rest is not read. A read is charged to `spent`.

    Raises what httpx raises; DecodingError also for an encoding that was not asked for.
    """
    unpack = _unpacker(response.headers.get("content-encoding", "").strip().lower())
    content, left = bytearray(), round(budget.answer_mib * MIB)
    async for piece in response.aiter_raw():
        room = left if spent is None else min(left, spent.bytes_left)
        unpacked = piece if unpack is None else unpack(piece, room)
        size = max(len(piece), len(unpacked))  # what unpacks to nothing could be sent for ever, too
        if size > room:
            return Bound.ANSWER if room == left else Bound.READ
        left -= size
        if spent is not None:
            spent.bytes_left -= size
        content += unpacked
    if unpack is not None and not unpack.whole:
        raise httpx.DecodingError("the compressed answer is incomplete")
    return content


def parsed(content: bytes | bytearray) -> Any:
    """The value. Raises ValueError where it is no JSON or no UTF-8, RecursionError where it is nested too deeply.

    JSON can hold half of a surrogate pair, as no file and no terminal can: it becomes U+FFFD and its number, `�d800`,
    so that it shows and two names that differ in it stay different.
    """
    value = json.loads(content.decode("utf-8-sig", "surrogatepass"))
    return _whole(value) if _MAY_HOLD_HALVES.search(content) else value  # most answers are spared the walk


class _Gunzip:
    """Unpacks piece by piece, and of each no more than one byte beyond the room there is."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._fed = False

    def __call__(self, piece: bytes, room: int) -> bytes:
        self._fed = True
        if self._inflater.eof:
            return b""  # what comes after the end is no part of it
        try:
            return self._inflater.decompress(piece, room + 1)
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from error

    @property
    def whole(self) -> bool:
        """Whether it came to its end, or never began: an answer without a body may name an encoding."""
        return self._inflater.eof or not self._fed


def _unpacker(encoding: str) -> _Gunzip | None:
    if encoding in _PLAIN:
        return None
    if encoding == ACCEPTED:
        return _Gunzip()
    raise httpx.DecodingError(f"the answer is encoded as {encoding}, which was not requested")


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return _HALF.sub(lambda half: f"\ufffd{ord(half[0]):04x}", value)
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list) else value
