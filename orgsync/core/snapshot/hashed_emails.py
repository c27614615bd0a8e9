"""E-mails replaced by keyed hashes, and declared ones put back: whoever has no key learns nobody's address."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from orgsync.core.model.recording import Read, Refusal
from orgsync.core.snapshot.snapshot import Emails
from orgsync.core.words.address import Address
from orgsync.core.words.spelling import older_mailbox, same_mailbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from orgsync.core.model.change import Plan
    from orgsync.core.snapshot.snapshot import Snapshot

SHORTEST_KEY = 32
"""Characters. E-mails can be guessed, so that the key alone keeps a hash from being undone."""

DOMAIN = "hashed.invalid"

_DIGITS = 20
_HASHED = re.compile(rf"h-[0-9a-f]{{{_DIGITS}}}@{re.escape(DOMAIN)}")
_EMAIL = re.compile(r"[^@\s,;:<>()\[\]]{1,256}@[\w-]+(?:\.[\w-]+)+")  # bounded: a long name must not take long
_IS_EMAIL = re.compile(r"email(_address)?$|_email$")
_CHECK = "\x00which key this is"  # no e-mail holds a NUL


@dataclass(frozen=True, slots=True)
class EmailKey:
    """The secret that hashes are made with. Raises ValueError where it is too short to be one."""

    secret: str

    def __post_init__(self) -> None:
        if len(self.secret) < SHORTEST_KEY:
            raise ValueError(f"has {len(self.secret)} characters, and at least {SHORTEST_KEY} are needed")

    def __repr__(self) -> str:
        return "EmailKey(…)"

    @property
    def check(self) -> str:
        """Says which key this is without saying what it is."""
        return self._digest(_CHECK)

    def hashed(self, email: str) -> str:
        """What stands for an e-mail address; the same for every spelling of one mailbox."""
        return f"h-{self._digest(same_mailbox(email))}@{DOMAIN}"

    def formerly_hashed(self, email: str) -> str:
        """What stood for it in version 0.1, when more spellings counted as one."""
        return f"h-{self._digest(older_mailbox(email))}@{DOMAIN}"

    def _digest(self, text: str) -> str:
        secret = self.secret.encode("utf-8", "surrogateescape")
        code = hmac.new(secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return code.hexdigest()[:_DIGITS]


def hashing(snapshot: Snapshot, key: EmailKey) -> Snapshot:
    """The snapshot with every e-mail address in it replaced, also inside names."""

    def hide(text: str) -> str:
        return _EMAIL.sub(lambda found: key.hashed(found[0]), text)

    def hide_field(name: str, value: Any) -> Any:
        if isinstance(value, str) and _IS_EMAIL.search(name):
            return key.hashed(value)  # all of it, however odd it looks
        return _each_text(value, hide, hide_field)

    replaced = _with_texts(snapshot, hide, hide_field)
    return replace(replaced, emails=Emails.HASHED, email_key_check=key.check)


def matching(snapshot: Snapshot, key: EmailKey, texts: Iterable[str]) -> Snapshot:
    """The snapshot with those people under their own address whose address is in one of these texts."""
    emails = [email for text in texts for email in _emails(text)]
    # Whose hash it is by today's rule comes first: by the older one it may be that of somebody else as well.
    known = {key.formerly_hashed(email): email for email in emails} | {key.hashed(email): email for email in emails}

    def show(text: str) -> str:
        return _HASHED.sub(lambda found: known.get(found[0], found[0]), text)

    def show_field(_name: str, value: Any) -> Any:
        return _each_text(value, show, show_field)

    return _with_texts(snapshot, show, show_field)


def named_by_hash(plan: Plan) -> tuple[Address, ...]:
    """The addresses in a plan's changes that are told by a hash: neither a guard nor a reviewer knows who is meant."""
    return tuple(dict.fromkeys(change.address for change in plan.changes if _HASHED.search(change.address)))


def texts_in(data: Any) -> Iterator[str]:
    """Every text in what files say, keys included."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from texts_in(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from texts_in(value)


def _emails(text: str) -> Iterator[str]:
    """Every e-mail address a text may be meant to hold: as it stands, inside a sentence, and inside an address."""
    if "@" not in text:
        return
    yield text
    yield from _EMAIL.findall(text)
    if ":" in text:
        try:
            segments = Address.parsed(text).segments
        except ValueError:
            return
        for segment in segments:
            yield segment
            yield from _EMAIL.findall(segment)


def _with_texts(snapshot: Snapshot, change: Callable[[str], str], change_field: Callable[[str, Any], Any]) -> Snapshot:
    reads = tuple(
        Read(
            read.path,
            read.query,
            tuple({name: change_field(name, value) for name, value in row.items()} for row in read.rows),
            read.refusal and Refusal(read.refusal.status, change(read.refusal.message)),
        )
        for read in snapshot.reads
    )
    organization = replace(snapshot.organization, name=change(snapshot.organization.name))
    return replace(snapshot, organization=organization, reads=reads)


def _each_text(value: Any, change: Callable[[str], str], change_field: Callable[[str, Any], Any]) -> Any:
    if isinstance(value, str):
        return change(value) if "@" in value else value
    if isinstance(value, dict):
        return {change(name): change_field(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_each_text(inner, change, change_field) for inner in value]
    return value
