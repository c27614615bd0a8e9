"""The snapshot that a command is to work from: verified, young enough, and with the declared people made known."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from orgsync.cli.shared.options import duration
from orgsync.errors import Stale, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.cli.shared.options import Options, SnapshotChoice
    from orgsync.core.snapshot.hashed_emails import EmailKey
    from orgsync.core.snapshot.snapshot import Snapshot
    from orgsync.core.words.source import Document

EMAIL_KEY = "ORGSYNC_EMAIL_KEY"
"""The variable that holds the secret e-mails are hashed with."""

_CLOCKS_DIFFER = timedelta(minutes=1)
_AGAIN = "create a new one with `orgsync snapshot --out FILE`"


def chosen_snapshot(
    choice: SnapshotChoice,
    options: Options,
    documents: Sequence[Document],
    protect: Sequence[str],
    texts: Sequence[str],
) -> Snapshot:
    """Raises InputError, UsageError or Stale where nothing may be planned from it."""
    from orgsync.core.snapshot.hashed_emails import texts_in
    from orgsync.core.snapshot.snapshot import Emails
    from orgsync.files.state import snapshot_file

    if options.sandbox is not None:
        raise UsageError("--snapshot and --sandbox exclude each other", hint="leave out one of them")
    snapshot = snapshot_file.read(choice.path)
    if choice.verify_with is not None:
        from orgsync.files.state.signature import verify, verifying_key

        verify(snapshot, verifying_key(choice.verify_with), choice.path)
    _check_age(snapshot, choice, options)
    if snapshot.emails is not Emails.HASHED:
        return snapshot
    unclear = list(dict.fromkeys(glob for glob in protect if _may_mean_an_email(glob)))
    shown = _with_people(snapshot, choice, [*(text for one in documents for text in texts_in(one.data)), *texts])
    if unclear:
        options.say(f"Hashed e-mail addresses cannot be matched with guards.protect: {', '.join(unclear)}.")
    return shown


def _check_age(snapshot: Snapshot, choice: SnapshotChoice, options: Options) -> None:
    from orgsync.core.words.timestamp import written_moment

    age = options.now - snapshot.moment
    if age > duration("--max-snapshot-age", choice.max_age):
        message = f"{choice.path} was taken at {snapshot.taken_at}, more than {choice.max_age} ago; nothing was planned"
        raise Stale(message, hint=f"{_AGAIN}, or allow an older one with --max-snapshot-age")
    if age < -_CLOCKS_DIFFER:
        now = written_moment(options.now)
        message = f"{choice.path} was taken at {snapshot.taken_at}, which is in the future (now: {now})"
        raise Stale(f"{message}; nothing was planned", hint=f"correct the clock, or {_AGAIN}")


def _with_people(snapshot: Snapshot, choice: SnapshotChoice, texts: Sequence[str]) -> Snapshot:
    """A snapshot of hashed e-mails, in which those that the texts mention are put back."""
    from orgsync.core.snapshot.hashed_emails import matching

    key = email_key()
    if key.check != snapshot.email_key_check:
        message = f"{EMAIL_KEY} is not the key of the hashed e-mail addresses in {choice.path}; nothing was planned"
        raise UsageError(message, hint="use the key of the job that creates the snapshot")
    return matching(snapshot, key, texts)


def _may_mean_an_email(glob: str) -> bool:
    return "@" in glob and any(char in glob for char in "*?[")


def email_key() -> EmailKey:
    """The key in the environment. Raises UsageError."""
    from orgsync.core.snapshot.hashed_emails import EmailKey

    hint = "use the same key for creating and reading the snapshot; create one with `openssl rand -hex 32`"
    secret = os.environ.get(EMAIL_KEY, "")
    if not secret:
        raise UsageError(f"hashed e-mail addresses require {EMAIL_KEY}, which is not set", hint=hint)
    try:
        return EmailKey(secret)
    except ValueError as error:
        raise UsageError(f"{EMAIL_KEY} {error}", hint=hint) from error
