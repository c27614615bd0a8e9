"""A process of its own, that tests kill: `child.py intend|busy|hold|brief PATH`. It says `ready` when it is."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from core.apply.journal.support import ROLE, SET_ROLE, journal, sent
from orgsync.core.apply.journal import Conclusion
from orgsync.files.state.lock import exclusive


def main(what: str, path: Path) -> None:
    if what == "hold":
        with exclusive(path, wait=0):
            wait(60)
    elif what == "brief":
        with exclusive(path, wait=0):
            wait(0.3)
    elif what == "intend":
        with journal(path) as opened:
            opened.conclude(opened.intend(sent(ROLE, SET_ROLE)), Conclusion.DONE)
            opened.intend(sent(ROLE, SET_ROLE))
            wait(60)
    elif what == "busy":
        with journal(path) as opened:
            wait(0)
            while True:
                opened.conclude(opened.intend(sent(ROLE, SET_ROLE)), Conclusion.DONE)


def wait(seconds: float) -> None:
    print("ready", flush=True)  # noqa: T201 - whoever started this waits for it
    time.sleep(seconds)


main(sys.argv[1], Path(sys.argv[2]))
