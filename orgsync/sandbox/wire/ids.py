"""Ids in the API's formats, derived from what they name: the same history gives the same ids."""

from __future__ import annotations

import uuid
from hashlib import sha256

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RANDOM_PART = 22
NAMESPACE = uuid.UUID("6f726773-796e-4300-8000-73616e64626f")


def identifier(prefix: str, *parts: object) -> str:
    """`prefix_01` and 22 base58 characters, as in the API's examples."""
    number = int.from_bytes(sha256("\x1f".join(map(str, (prefix, *parts))).encode()).digest(), "big")
    characters = []
    for _ in range(RANDOM_PART):
        number, digit = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[digit])
    return f"{prefix}_01{''.join(characters)}"


def uuid_of(*parts: object) -> str:
    """A bare UUID, as organizations and encryption compartments have them."""
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(map(str, parts))))


def colour(*parts: object) -> str:
    """The display colour the server picks for a workspace that came without one."""
    return f"#{sha256(chr(31).join(map(str, parts)).encode()).hexdigest()[:6].upper()}"


def key_hint(*parts: object, kind: str = "api03") -> str:
    """What is shown of a key whose secret nobody has: its beginning and its end."""
    text = identifier("hint", *parts)
    return f"sk-ant-{kind}-{text[7:10]}...{text[-4:]}"
