"""When two spellings of a text that names something are the same, and when a person would take one for the other."""

from __future__ import annotations

import unicodedata

from orgsync.core.words.inert import UNSEEN


def same_mailbox(email: str) -> str:
    """The form in which two spellings of one mailbox are equal, as mail systems see it.

    ASCII letters have no case. Every other letter has, and is what it is: `straße` is not `strasse`. How an accent is
    composed makes no difference.
    """
    if email.isascii():
        return email.lower()
    # Composed again: a small letter may have a composed form that the capital one lacks.
    return _composed("".join(letter.lower() if letter.isascii() else letter for letter in _composed(email)))


def older_mailbox(email: str) -> str:
    """The form that was compared up to version 0.2, by which older hashes and ids of drift entries were made."""
    return email.casefold()


def without_invisible(text: str) -> str:
    """The text without what leaves no mark on a page and takes no room: joiners, selectors, directions."""
    return "".join(letter for letter in text if not _is_invisible(letter))


def _is_invisible(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cf", "Cc"} or UNSEEN.match(letter) is not None


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
