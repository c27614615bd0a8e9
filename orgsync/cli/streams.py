"""stdin, stdout and stderr of the program: always open, and losing stdout or stderr is known, never an exception.

What cannot be written is dropped, because half of an apply must not end over a full disk or a closed terminal. At the
end of a command `code_unless_lost` says what that means. stderr carries only messages: losing it changes nothing.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from typing import TextIO

from orgsync.errors import EXIT_DIFFERENCE, EXIT_OK, Unwritten

_RESULT_IS_ALL = frozenset({EXIT_OK, EXIT_DIFFERENCE})
"""Where a command ends with one of these, its result is what it was run for."""


def _closed() -> OSError:
    return OSError(errno.EBADF, "it is closed")


class Descriptor(io.FileIO):
    """An open file descriptor to write to. `loss` is why a write failed; after it nothing else is written."""

    def __init__(self, number: int, loss: OSError | None = None) -> None:
        super().__init__(number, "w", closefd=False)
        self.loss = loss
        self.is_used = False
        self.is_told = False

    def write(self, data: object) -> int:
        """The number of bytes, which are written or lost."""
        size = memoryview(data).nbytes  # type: ignore[arg-type]  # the base class takes any buffer, and cannot say so
        self.is_used = True
        if self.loss is not None:
            return size
        try:
            while (written := super().write(data)) is None:  # type: ignore[arg-type]  # the same
                select.select([], [self], [])  # a pipe that does not block, and is full
        except OSError as error:
            self.loss = error
            return size
        return written


class _Closed(io.RawIOBase):
    """A stdin that was closed: reading it is an error, not the end of a file."""

    name = "<stdin>"

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object) -> int:
        raise _closed()


def prepare() -> None:
    """Makes `sys.stdin`, `sys.stdout` and `sys.stderr` what this module promises."""
    closed = [number for number in range(3) if _occupied(number)]
    if 0 in closed:
        sys.stdin = closed_reader()
    sys.stdout = writer(1, sys.stdout, "replace", is_closed=1 in closed)
    sys.stderr = writer(2, sys.stderr, "backslashreplace", is_closed=2 in closed)


def _occupied(number: int) -> bool:
    """Whether this descriptor was closed. It is not any more: a database opened next must not become stdout."""
    try:
        os.fstat(number)
    except OSError:
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest free number, which is this one
        return True
    return False


def closed_reader() -> TextIO:
    """A stdin that was closed."""
    return io.TextIOWrapper(io.BufferedReader(_Closed()))


def writer(number: int, before: TextIO | None, errors: str, *, is_closed: bool = False) -> TextIO:
    """A text stream for this descriptor, in the encoding of the one `before`."""
    encoding = getattr(before, "encoding", None) or "utf-8"
    raw = Descriptor(number, _closed() if is_closed else None)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors, line_buffering=True)


def print_utf8() -> None:
    """What a program will read is UTF-8 in every locale: a letter replaced in it would be another name."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def stdout_loss() -> str | None:
    """Why something that was printed is lost: once, to the first who asks. A reader who has seen enough is no loss."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if not isinstance(raw, Descriptor) or raw.loss is None or not raw.is_used or raw.is_told:
        return None
    raw.is_told = True
    return None if raw.loss.errno == errno.EPIPE else f"stdout could not be written: {raw.loss.strerror}"


def code_unless_lost(code: int, *, unwritten: Unwritten | None = None, remark: str = "") -> int:
    """The exit code of a command that ends with `code`. Its result may be lost: on stdout, or as the file `unwritten`.

    Raises Unwritten, with the `remark`, where there would be nothing else to tell; otherwise what was done decides, and
    stderr says what is lost.
    """
    loss = stdout_loss()
    losses = [str(error) for error in (unwritten,) if error is not None] + ([loss] if loss is not None else [])
    if not losses:
        return code
    import click

    from orgsync.core.words.inert import inert

    message = "; ".join([*losses, *([remark] if remark else [])])
    if code in _RESULT_IS_ALL:
        error = Unwritten(message, hint=None if unwritten is None else unwritten.hint)
        error.is_printed = True  # as far as stdout takes it
        raise error
    click.echo(f"Warning: {inert(message)}", err=True)
    return code
