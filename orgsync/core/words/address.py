"""The one spelling of a thing, everywhere: `kind:segment/segment`."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Self

from pydantic_core import core_schema

from orgsync.core.words.spelling import older_mailbox, same_mailbox

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

_RESERVED = re.compile(r"[/%\x00-\x1f\x7f-\x9f]")
_ESCAPED = re.compile(r"(?:%[0-9A-F]{2})+")


class Address(str):
    """A text that names one thing, and knows what its parts are. As data it is the text.

    In globs and in what hand-written plans hold there may be less in it: then a part is empty.
    """

    __slots__ = ()

    @classmethod
    def parsed(cls, text: str) -> Self:
        """The address. Raises ValueError where the text is not one."""
        kind, colon, rest = text.partition(":")
        if not (kind and colon and rest):
            raise ValueError(f"{text!r} is not an address: expected kind:segment/segment")
        return cls(text)

    @property
    def kind(self) -> str:
        """The kind of the thing."""
        return self.partition(":")[0]

    @property
    def path(self) -> str:
        """What follows the kind, as it is spelled."""
        return self.partition(":")[2]

    @property
    def segments(self) -> tuple[str, ...]:
        """What names the thing among others of its kind, decoded: first what it stands in, then its own name."""
        return tuple([_decoded(segment) for segment in self.partition(":")[2].split("/")])

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        text = core_schema.str_schema(strict=True)
        # As plain text again: pydantic encodes what is only like a text, and lone surrogates have no encoding.
        plain = core_schema.plain_serializer_function_ser_schema(str, return_schema=text)
        return core_schema.no_info_after_validator_function(cls, text, serialization=plain)


def address(kind: str, *segments: str) -> Address:
    """The address of a thing; `/`, `%` and control characters inside a segment are percent-encoded, nothing else."""
    return Address(f"{kind}:{'/'.join(_encoded(segment) for segment in segments)}")


def in_sentence(address: str) -> str:
    """An address inside a sentence: in quotes where it has spaces, so that its end can be seen."""
    return f'"{address}"' if " " in address else address


def folded(address: str) -> str:
    """The form in which two spellings of one address are equal: e-mails as mail systems see them, names as they are."""
    return "/".join(same_mailbox(part) if "@" in part else part for part in address.split("/"))


def formerly_folded(address: str) -> str:
    """The form of version 0.1: ids of drift entries are made of it, and must stay what they are."""
    return "/".join(older_mailbox(part) if "@" in part else part for part in address.split("/"))


def covers(glob: str, address: str) -> bool:
    """Whether a glob is this address or matches it, in whatever case; brackets may be part of a name."""
    wanted, shown = glob.casefold(), address.casefold()
    return wanted == shown or fnmatchcase(shown, wanted)


def _encoded(segment: str) -> str:
    return _RESERVED.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), segment)


def _decoded(segment: str) -> str:
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode(errors="replace"), segment)
