"""What a question is about, as a person typed it. A whole secret is recognized by its form, and never repeated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from orgsync.core.document.known_address import known_address
from orgsync.core.words.address import Address, address
from orgsync.core.words.problems import Unsuitable, quoted

if TYPE_CHECKING:
    from orgsync.core.model.kind import Kinds

FORMS = (
    "write an e-mail address, an e-mail address and a workspace, the id, address or hint of an API key, an address, or "
    "`limit` and a workspace"
)

_SECRET = re.compile(r"sk-ant-[a-z]+[0-9]*-[A-Za-z0-9_-]{13,}", re.IGNORECASE)
"""A secret, or so much of it that it is not the hint that the Console shows: that has 3 characters and the last 4."""
_LONG = re.compile(r"(?=[^@:]*[a-z])(?=[^@:]*[A-Z])(?=[^@:]*[0-9])[A-Za-z0-9_+/=-]{40,}")
"""What may be a secret without its beginning: no id and no hint is so long."""
_KEY_ID = re.compile(r"apikey_[0-9A-Za-z]+")
_HINT = re.compile(r"(?P<begin>[A-Za-z0-9_-]*)(?:\.\.\.|…)(?P<end>[A-Za-z0-9_-]{2,12})|(?P<bare>[A-Za-z0-9_-]{3,12})")
_LIMITS = frozenset({"limit", "limits", "429"})
_ADDRESS = re.compile(r"[a-z_]+:.", re.DOTALL)


class About(StrEnum):
    """What sort of question it is."""

    PERSON = "person"
    ACCESS = "access"
    KEY = "key"
    LIMIT = "limit"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Hint:
    """The part of a key's secret that the Console shows: how it begins, if that was given, and how it ends."""

    begin: str
    end: str

    def means(self, shown: str) -> bool:
        """Whether it is the hint that the API shows of a key."""
        return shown.startswith(self.begin) and shown.endswith(self.end)

    def __str__(self) -> str:
        return f"{self.begin}...{self.end}"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about. Of a key one of `key_id`, `hint` and `address` is set, of a person `email`.

    `field` is the field of the address that was named, if one was.
    """

    about: About
    email: str = ""
    workspace: str = ""
    key_id: str = ""
    hint: Hint | None = None
    address: Address | None = None
    field: str = ""


def is_secret(text: str) -> bool:
    """Whether this is, or has in it, a whole secret."""
    return _SECRET.search(text) is not None or _LONG.fullmatch(text.strip()) is not None


def subject(words: tuple[str, ...], kinds: Kinds, key_kind: str = "api_key") -> Subject:
    """What these words of a command line mean. Raises Unsuitable, which never repeats a secret."""
    if any(map(is_secret, words)):
        raise Unsuitable(
            "this is the secret of an API key, or of something else; it was not sent or kept",
            "name the key by its id (`apikey_…`) or by its last 4 characters, as the Console shows them; rotate the "
            "key if others can read your command line or its history",
        )
    if not words or len(words) > 2:
        raise Unsuitable(f"expected one or two words, found {len(words)}", FORMS)
    first, *rest = words
    if rest:
        return _with_workspace(first, rest[0])
    if _KEY_ID.fullmatch(first):
        return Subject(About.KEY, key_id=first)
    if _ADDRESS.match(first):
        return _addressed(first, kinds, key_kind)
    if "@" in first:
        return Subject(About.PERSON, email=first)
    if first in _LIMITS:
        raise Unsuitable("the workspace is missing", f"write `limit WORKSPACE`; {FORMS}")
    hint = _HINT.fullmatch(first)
    if hint is None:
        raise Unsuitable(f"{quoted(first)} is not the name of a person, a key or a resource", FORMS)
    return Subject(About.KEY, hint=Hint(hint["begin"] or "", hint["end"] or hint["bare"]))


def _with_workspace(first: str, workspace: str) -> Subject:
    if first in _LIMITS:
        return Subject(About.LIMIT, workspace=workspace)
    if "@" in first and not _ADDRESS.match(first):
        return Subject(About.ACCESS, email=first, workspace=workspace)
    raise Unsuitable(f"a workspace goes with an e-mail address or with `limit`, not with {quoted(first)}", FORMS)


def _addressed(text: str, kinds: Kinds, key_kind: str) -> Subject:
    """An address, and the field of it that follows after a full stop."""
    name, _colon, path = text.partition(":")
    kind = kinds.by_name.get(name)
    for place in (place for place, letter in reversed(list(enumerate(path))) if letter == "." and kind is not None):
        field = path[place + 1 :]
        if kind is not None and field.partition(".")[0] in kind.spec.model_fields and path[:place]:
            whole = Address(known_address(f"{name}:{path[:place]}", kinds))
            return Subject(About.LINE, address=whole, field=field)
    whole = Address(known_address(text, kinds))
    if name == key_kind:
        return Subject(About.KEY, address=whole)
    return Subject(About.LINE, address=address(name, *whole.segments))
