"""The bar that `apply` shows on a terminal while it works, and takes away afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
from rich.table import Column
from rich.text import Text

from orgsync.cli.shared.time_left import clock
from orgsync.core.words.plural import counted, plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console
    from rich.progress import Task

    from orgsync.cli.shared.time_left import Pace


class _Words(ProgressColumn):
    """`12/300 changes, 45 requests, 0:12, 3:20 left`; the times go on while nothing else happens."""

    def __init__(self, pace: Pace, now: Callable[[], float]) -> None:
        super().__init__(Column(no_wrap=True))
        self._pace = pace
        self._now = now

    def render(self, task: Task) -> Text:
        """The words at this moment."""
        del task
        return Text(words(self._pace, self._now()))


def words(pace: Pace, now: float) -> str:
    """How far it is, what it took, and how long it will go on."""
    left = pace.left(now)
    parts = [
        f"{pace.settled:,}/{pace.changes:,} {plural(pace.changes, 'change')}",
        f"{counted(pace.sent, 'request')}",
        clock(now - pace.begun),
    ]
    return ", ".join(parts if left is None else [*parts, f"{clock(left)} left"])


def bar(title: str, pace: Pace, console: Console, now: Callable[[], float]) -> Progress:
    """A line as wide as the terminal; the one task in it is called `title`."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None, table_column=Column(ratio=1)),
        _Words(pace, now),
    )
    progress = Progress(*columns, console=console, transient=True, expand=True, refresh_per_second=4)
    progress.add_task(title, total=pace.changes)
    return progress
