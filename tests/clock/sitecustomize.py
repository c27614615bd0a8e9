"""Lets Python sleep while `make clock` runs: each interpreter imports this when it starts.

libfaketime 0.9.10, which Debian 12 has, refuses to sleep until a moment of a clock that it is told to leave alone, and
that is how `time.sleep` sleeps. Leaving that clock alone is needed: locks and events would wait until next year.
"""

import select
import time
from typing import SupportsIndex


def _sleep(seconds: SupportsIndex | float) -> None:
    select.select([], [], [], float(seconds))


time.sleep = _sleep
