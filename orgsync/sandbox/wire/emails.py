"""How e-mail addresses are compared. They are stored and shown as given."""

from __future__ import annotations

import re

SHAPE = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def is_email(text: str) -> bool:
    """Whether the text has the shape of an address; nothing is looked up."""
    return SHAPE.fullmatch(text) is not None


def same_person(email: str) -> str:
    """Equal for addresses that belong to one person: case does not matter."""
    return email.casefold()


def filter_key(email: str) -> str:
    """What the `email` filter compares: `jane+x@e.com` matches `jane@e.com` (Admin API: users, list)."""
    local, _, domain = email.casefold().partition("@")
    return f"{local.partition('+')[0]}@{domain}"


def domain_of(email: str) -> str:
    """The part after the `@`, in the spelling domains are compared in."""
    return email.casefold().rpartition("@")[2]


def name_of(email: str) -> str:
    """The name a person gets who accepted an invite and has not told us one: `ana.lopez` becomes `Ana Lopez`."""
    local = email.partition("@")[0].partition("+")[0]
    return " ".join(word.capitalize() for word in re.split(r"[._-]+", local) if word) or email
