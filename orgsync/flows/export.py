"""The live organization as the text of a file, what no file could say of it, and what a plan of the file costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.document.export import exported_files, not_exported, not_offered, not_understood
from orgsync.core.document.read import desired_state
from orgsync.engine.forecast import requests_of_plan
from orgsync.engine.read_live import read_everything
from orgsync.engine.recording import Recorder
from orgsync.errors import InputError
from orgsync.files.yaml.dump import dumped
from orgsync.files.yaml.load import Content, load_contents
from orgsync.flows.watch import UNWATCHED
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from datetime import datetime

    from orgsync.core.document.export import LeftOut
    from orgsync.core.model.recording import Recording
    from orgsync.flows.connection import Connection
    from orgsync.flows.watch import Watch


@dataclass(frozen=True, slots=True)
class Export:
    """YAML, and what is missing in it: what a file has no words for, what this orgsync does not understand, and the
    lists that the API does not offer. `requests` is how many a plan of the file makes; None: it would be refused."""

    text: str
    left_out: tuple[LeftOut, ...]
    not_understood: tuple[str, ...]
    not_offered: tuple[str, ...]
    requests: int | None


async def exported(connection: Connection, now: datetime, watch: Watch = UNWATCHED, *, ids: bool = False) -> Export:
    """Everything that a file can speak of, with or without `ids`. Raises ApiError."""
    async with connection.opened(watch) as client:
        recorder = Recorder(client.reader)
        seen = await read_everything(recorder, KINDS)
    absent = tuple(not_offered(seen, KINDS))
    text = dumped(exported_files(seen, KINDS, ids=ids), [f"not exported: {told}" for told in absent])
    return Export(
        text,
        tuple(not_exported(seen, KINDS)),
        tuple(not_understood(seen, KINDS)),
        absent,
        await _requests(text, recorder.recording, now),
    )


async def _requests(text: str, recording: Recording, now: datetime) -> int | None:
    """How many requests a plan of this file makes; None where a person has to edit it first."""
    try:
        desired = desired_state(load_contents([Content("export", "export", text.encode())]), KINDS, now.date())
        return await requests_of_plan(recording, desired, KINDS, now)
    except InputError:
        return None
