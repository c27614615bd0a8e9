"""Read lag: for some seconds or some reads, GETs show the organization as it was (Admin API: eventual consistency)."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from orgsync.sandbox.wire import timestamps as moments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from orgsync.sandbox.wire.store import Store


@dataclass(frozen=True, slots=True)
class Lag:
    """What is left of a lag. `items` means that only GETs of one item lag and lists are fresh."""

    until: float
    reads: int
    items: bool

    @property
    def over(self) -> bool:
        """Neither a read nor a second is left."""
        return self.reads <= 0 and moments.wall_seconds() >= self.until


def current(meta: Mapping[str, str]) -> Lag | None:
    """The lag that is going on, if one is."""
    if "lag" not in meta:
        return None
    lag = Lag(**json.loads(meta["lag"]))
    return None if lag.over else lag


def start(store: Store, tables: Iterable[str], running: Lag | None, *, seconds: float, reads: int, items: bool) -> None:
    """Keep the present as what reads will show; a lag that is running keeps its older picture and lasts longer."""
    until = moments.wall_seconds() + seconds
    if running is None:
        for table in tables:
            store.run(f"DROP TABLE IF EXISTS main.old_{table}")
            store.run(f"CREATE TABLE main.old_{table} AS SELECT * FROM main.{table}")  # noqa: S608 - constants
    else:
        until, reads, items = max(until, running.until), max(reads, running.reads), items and running.items
    store.set_meta("lag", asdict(Lag(until, reads, items)))


@contextmanager
def looking_back(store: Store, tables: Sequence[str], lag: Lag) -> Iterator[None]:
    """Inside, every query sees the kept picture: temporary views take the place of the tables, so no query has to know.

    Costs one of the reads the lag lasts for.
    """
    for table in tables:
        store.run(f"CREATE TEMP VIEW {table} AS SELECT * FROM main.old_{table}")  # noqa: S608 - constants
    try:
        yield
    finally:
        for table in tables:
            store.run(f"DROP VIEW temp.{table}")
        left = Lag(lag.until, lag.reads - 1, lag.items)
        store.set_meta("lag", None if left.over else asdict(left))
