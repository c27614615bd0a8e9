"""When two spellings of a text that names something are the same, and when a person would take one for the other."""

from __future__ import annotations

import re
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
    """The form that version 0.1 compared, by which its hashes and ids of drift entries were made."""
    return email.casefold()


def look_of(text: str) -> str:
    """What a person sees of a name: equal for two that differ in case, in spaces, in how letters are composed or drawn.

    Letters of different alphabets that happen to look the same stay different.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    drawn = without_invisible(unicodedata.normalize("NFKC", text)).casefold()
    return " ".join(without_invisible(unicodedata.normalize("NFKC", drawn)).split())


def visibly(text: str) -> str:
    """A name in quotes, with the number of every letter that nobody can see, or tell from another one."""
    return f'"{_LONE_SPACE.sub(_number, "".join(map(_shown, text)))}"'


_LONE_SPACE = re.compile(r"^ +| +$|(?<= ) +")


def _number(found: re.Match[str]) -> str:
    return "<U+0020>" * len(found[0])


def _shown(letter: str) -> str:
    is_own_form = letter.isascii() or unicodedata.normalize("NFKC", letter) == letter
    is_seen = letter.isprintable() and not unicodedata.category(letter).startswith("M") and not _is_invisible(letter)
    return letter if is_own_form and is_seen else f"<U+{ord(letter):04X}>"


def without_invisible(text: str) -> str:
    """The text without what leaves no mark on a page and takes no room: joiners, selectors, directions."""
    return "".join(letter for letter in text if not _is_invisible(letter))


def _is_invisible(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cf", "Cc"} or UNSEEN.match(letter) is not None


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
