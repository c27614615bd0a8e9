"""How e-mail addresses are compared. They are stored and shown as given."""

from __future__ import annotations

import re
import unicodedata

_SMALL = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_CONTROL = r"\x00-\x1f\x7f-\x9f"
_QUOTED = rf'"(?:[^"\\{_CONTROL}]|\\[^{_CONTROL}])+"'
SHAPE = re.compile(rf"(?:{_QUOTED}|[^@\s{_CONTROL}]+)@[^@\s.{_CONTROL}]+(?:\.[^@\s.{_CONTROL}]+)+")


def is_email(text: str) -> bool:
    """Whether the text has the shape of an address; nothing is looked up."""
    return SHAPE.fullmatch(text) is not None


def same_person(email: str) -> str:
    """Equal for addresses that belong to one person: the case of ASCII letters does not matter."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", email).translate(_SMALL))


def filter_key(email: str) -> str:
    """What the `email` filter compares: `jane+x@e.com` matches `jane@e.com` (Admin API: users, list)."""
    local, _, domain = same_person(email).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def domain_of(email: str) -> str:
    """The part after the `@`, in the spelling domains are compared in."""
    return same_person(email).rpartition("@")[2]


def name_of(email: str) -> str:
    """The name a person gets who accepted an invite and has not told us one: `ana.lopez` becomes `Ana Lopez`."""
    local = email.partition("@")[0].partition("+")[0]
    return " ".join(word.capitalize() for word in re.split(r"[._-]+", local) if word) or email
