"""What libfaketime 0.9.10 (Debian 12) needs of Python: each interpreter imports this when it starts in `make clock`.

It refuses to sleep until a moment of a clock that it is told to leave alone, and that is how `time.sleep` sleeps.
Leaving that clock alone is needed: locks and events would wait until next year.

And it asks for variables of the environment whenever a thread waits for its turn, while another may be setting some;
in the C library setting one may move all of them, so that the first thread reads what is no longer there, and crashes.
Here they stay where they are, in a list with room for more.
"""

import ctypes
import os
import select
import time
from typing import SupportsIndex

ROOM = 4096
"""Variables; the environments of tests have less than a hundred."""

_kept: list[ctypes.c_char_p] = []  # nothing that a thread might be reading is ever given back
_list = (ctypes.c_char_p * ROOM)()


def _sleep(seconds: SupportsIndex | float) -> None:
    select.select([], [], [], float(seconds))


def _place(start: bytes) -> int:
    """Where the variable stands that begins like this, or the first free place."""
    return next(place for place, text in enumerate(_list) if text is None or text.startswith(start))


def _put(name: str | bytes, value: str | bytes) -> None:
    """Sets a variable: in its place, or behind all others."""
    start = os.fsencode(name) + b"="
    place = _place(start)
    _kept.append(ctypes.c_char_p(start + os.fsencode(value)))
    _list[place] = _kept[-1]


def _unset(name: str | bytes) -> None:
    """Takes a variable away: those behind it move up one by one."""
    start = os.fsencode(name) + b"="
    place = _place(start)
    while _list[place] is not None:
        _list[place] = _list[place + 1]
        place += 1


time.sleep = _sleep
for _name, _value in os.environb.items():
    _put(_name, _value)
ctypes.c_void_p.in_dll(ctypes.CDLL(None), "environ").value = ctypes.addressof(_list)
vars(os)["putenv"], vars(os)["unsetenv"] = _put, _unset
