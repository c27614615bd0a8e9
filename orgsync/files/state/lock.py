"""Locks between the processes of one machine. They are the operating system's: a lock ends with its process."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shlex
import sys
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from orgsync.core.words.inert import inert
from orgsync.errors import UsageError
from orgsync.files.state.regular_file import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MODE = 0o600
_LOOKS_EACH = 0.1  # seconds
_LONGEST_COMMAND = 200


class Lock:
    """`PATH.lock`, which one process at a time can hold. `work` says what that process is at work with.

    Use it as a context manager once it was acquired, or release it. Releasing what is not held does nothing.
    """

    def __init__(self, path: Path, work: str) -> None:
        from filelock import FileLock  # here: commands that do not write do without it

        self._path = path
        self._work = work
        # A file system without such locks is refused. Files that stand for locks would outlive a killed process.
        self._lock = FileLock(f"{path}.lock", mode=_MODE, fallback_to_soft=False)

    def acquire(self, *, wait: float, say: Callable[[str], None]) -> None:
        """Raises UsageError, which says who holds it, if it is not free within `wait` seconds; 0 refuses at once.

        Before it waits it tells `say`, once.
        """
        for pause in self._looks(wait, say):
            time.sleep(pause)

    async def acquired(self, *, wait: float, say: Callable[[str], None]) -> None:
        """The same in a running loop, which Ctrl-C can end meanwhile."""
        for pause in self._looks(wait, say):
            await asyncio.sleep(pause)

    def release(self) -> None:
        """Lets the next one in."""
        if self._lock.is_locked:
            with suppress(OSError):
                self._holder_path.unlink()
            self._lock.release()

    def _looks(self, wait: float, say: Callable[[str], None]) -> Iterator[float]:
        """The seconds to wait before each further look, until the lock is held."""
        deadline, told = time.monotonic() + wait, False
        while not self._taken():
            if time.monotonic() >= deadline:
                raise self._held()
            if not told:
                say(f"Waiting up to {wait:g} seconds for another apply {self._work}: {self._holder()}")
                told = True
            yield _LOOKS_EACH

    def _taken(self) -> bool:
        from filelock import Timeout

        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            raise UsageError(f"{self._path}.lock could not be locked: {error.strerror}") from error
        self._sign()
        return True

    def _held(self) -> UsageError:
        return UsageError(
            f"another apply is running {self._work}: {self._holder()}",
            hint="wait for it to finish, or use --lock-timeout SECONDS; the lock is released automatically",
        )

    @property
    def _holder_path(self) -> Path:
        """Beside the lock and not in it: other versions of the library empty a lock file that they only try to lock."""
        return self._path.with_name(f"{self._path.name}.holder")

    def _sign(self) -> None:
        """Says who holds the lock, for whoever has to wait. The lock holds without it."""
        command = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])[:_LONGEST_COMMAND]
        since = datetime.now(UTC).isoformat(timespec="seconds")
        data = json.dumps({"pid": os.getpid(), "command": command, "since": since})
        with suppress(OSError, UsageError):
            handle = opened(self._holder_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode=_MODE)
            with os.fdopen(handle, "wb") as file:
                file.write(data.encode())

    def _holder(self) -> str:
        """Who signed last, if that can be read."""
        try:
            with os.fdopen(opened(self._holder_path, os.O_RDONLY), "rb") as file:
                data = json.loads(file.read(4_000))
            since = f"{datetime.fromisoformat(data['since']):%Y-%m-%dT%H:%M:%SZ}"
            return f"process {int(data['pid'])} ({inert(str(data['command']), limit=_LONGEST_COMMAND)}), since {since}"
        except (OSError, UsageError, ValueError, KeyError, TypeError):
            return "an unknown process"


@contextmanager
def exclusive(path: Path, *, wait: float, say: Callable[[str], None] = lambda _text: None) -> Iterator[None]:
    """Only one process of this machine is inside for one journal. Raises UsageError as `Lock.acquire` does."""
    lock = Lock(path, f"with {path}")
    lock.acquire(wait=wait, say=say)
    try:
        yield
    finally:
        lock.release()


def organization_lock(identity: str) -> Lock:
    """The lock of this user and this machine for one organization, whichever files and journals are used.

    Raises UsageError where it has no place.
    """
    from platformdirs import user_state_path

    hint = "set XDG_STATE_HOME to a writable folder"
    try:
        folder = user_state_path("orgsync", appauthor=False) / "locks"
    except RuntimeError as error:
        raise UsageError(f"the organization's lock could not be created: {error}", hint=hint) from error
    if not folder.is_absolute():  # other versions of the library leave the "~" in it
        raise UsageError(
            f"the organization's lock could not be created: there is no home folder for {folder}", hint=hint
        )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        message = f"{folder}: the organization's lock could not be created: {error.strerror}"
        raise UsageError(message, hint=hint) from error
    return Lock(folder / hashlib.sha256(identity.encode()).hexdigest()[:32], "on this organization")
