"""The live organization as the text of a file, and what no file could say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.document.export import exported_files, not_exported, not_offered, not_understood
from orgsync.engine.read_live import read_everything
from orgsync.files.yaml.dump import dumped
from orgsync.flows.watch import UNWATCHED
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from orgsync.core.words.address import Address
    from orgsync.flows.connection import Connection
    from orgsync.flows.watch import Watch


@dataclass(frozen=True, slots=True)
class Export:
    """YAML, and what is missing in it: what a file has no words for, what this orgsync does not understand, and the
    lists that the API does not offer."""

    text: str
    unsayable: tuple[Address, ...]
    not_understood: tuple[str, ...]
    not_offered: tuple[str, ...]


async def exported(connection: Connection, watch: Watch = UNWATCHED, *, ids: bool = False) -> Export:
    """Everything that a file can speak of, with or without `ids`. Raises ApiError."""
    async with connection.opened(watch) as client:
        seen = await read_everything(client.reader, KINDS)
    text = dumped(exported_files(seen, KINDS, ids=ids))
    return Export(text, tuple(not_exported(seen, KINDS)), tuple(not_understood(seen, KINDS)), tuple(not_offered(seen)))
