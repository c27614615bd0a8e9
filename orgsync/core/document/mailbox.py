"""Whether mail can be sent to an address: asked of whom an invite would be sent to, and of nobody who is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from orgsync.core.words.globs import looks_like_a_glob
from orgsync.core.words.spelling import without_invisible

if TYPE_CHECKING:
    from collections.abc import Iterable

_PART = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"'@]+")
"""What may be the address inside of something else."""

_AROUND = re.compile(r"(?:mailto|smtp|e-?mail)?[\s<>()\[\],;:\"'.]*", re.IGNORECASE)
"""What is written around an address and names nobody."""

_MAIL_GOES_THERE = "example.com"
_FEW = 3


class Doubt(NamedTuple):
    """Why no mail can be sent to an address, and what may help."""

    why: str
    hint: str | None


def doubt(email: str) -> Doubt | None:
    """What is wrong with the address; None: mail can be sent to it, as far as its spelling tells."""
    why = _wrong(email)
    return None if why is None else Doubt(why, _hint(email))


def nowhere(emails: Iterable[str]) -> str | None:
    """That some of these addresses have a domain that mail never reaches; None where none has."""
    lost = [email for email in emails if _reserved_end(email) is not None]
    if not lost:
        return None
    ends = ", ".join(sorted({f".{_reserved_end(email)}" for email in lost}))
    more = f" and {len(lost) - _FEW:,} more" if len(lost) > _FEW else ""
    return f"no mail reaches a reserved domain ({ends}): {', '.join(lost[:_FEW])}{more}"


def _wrong(email: str) -> str | None:
    """The validator's words. Nothing is looked up, and a reserved domain is as good as any other."""
    from email_validator import EmailNotValidError, validate_email  # slow to import, and most plans invite nobody

    if looks_like_a_glob(email):
        return "a line declares one person, but the address contains a wildcard"
    end = _reserved_end(email)
    judged = email if end is None else email[: -len(end)] + _MAIL_GOES_THERE
    try:
        validate_email(judged, check_deliverability=False, allow_quoted_local=True)
    except EmailNotValidError as error:
        return _in_a_sentence(str(error))
    return None


def _reserved_end(email: str) -> str | None:
    """The reserved name that the domain is, or ends with."""
    from email_validator import SPECIAL_USE_DOMAIN_NAMES

    domain = email.rpartition("@")[2].lower()
    return next((end for end in SPECIAL_USE_DOMAIN_NAMES if domain == end or domain.endswith(f".{end}")), None)


def _in_a_sentence(message: str) -> str:
    text = message.strip().rstrip(".")
    return text[:1].lower() + text[1:]


def _hint(email: str) -> str | None:
    """The one address that is in it, if nothing else is."""
    clean = without_invisible(email)
    parts = [part.strip(".") for part in _PART.findall(clean)]
    valid = [part for part in parts if _wrong(part) is None]
    if len(parts) > 1:
        return "write one address on each line"
    if len(valid) != 1:
        return None
    before, _, after = clean.partition(valid[0])
    bracketed = before.endswith("<") and after.startswith(">")
    if bracketed or (_AROUND.fullmatch(before) and _AROUND.fullmatch(after)):
        return f'did you mean "{valid[0]}"?'
    return None
