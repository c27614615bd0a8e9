"""What would have to change: files and live, compared. Nothing here is ever handed what could write."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from orgsync.core.model.change import EVERYTHING
from orgsync.core.model.context import Past
from orgsync.core.plan.make import make_plan
from orgsync.core.plan.protection import refused_ends
from orgsync.core.review.base import compared, new_since, past_of
from orgsync.core.review.renamed_back import knowing_reverts
from orgsync.core.review.reviewed import requested_by
from orgsync.core.snapshot.fields import told
from orgsync.core.snapshot.snapshot import Snapshot
from orgsync.engine.read_base import read_with_base
from orgsync.engine.read_live import anybody, read_live
from orgsync.engine.recording import Replay
from orgsync.flows.connection import reading
from orgsync.flows.former import former_people
from orgsync.flows.watch import UNWATCHED
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from orgsync.core.model.change import Organization, Plan, Selection, Verdict
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Named
    from orgsync.core.review.base import Base
    from orgsync.core.words.address import Address
    from orgsync.flows.connection import Connection
    from orgsync.flows.files import Files
    from orgsync.flows.watch import Watch


async def planned(
    files: Files,
    source: Connection | Snapshot,
    *,
    selection: Selection = EVERYTHING,
    allow: Sequence[str] = (),
    base: Base | None = None,
    journal: Path | None = None,
    reviewed: Plan | None = None,
    strict_coverage: bool = False,
    admit: Callable[[Organization], Awaitable[None]] = anybody,
    known: Mapping[str, str] = MappingProxyType({}),
    watch: Watch = UNWATCHED,
    through: date | None = None,
) -> tuple[Plan, Observation]:
    """The plan, and what was seen to make it. `reviewed` is the plan that it will be held against.

    `known` are the e-mails of owners, by their ids, as the last drift report had them.

    `journal` is where earlier runs recorded what they made, if there is one. `admit` is told whose credential this is
    before any list is read, and may raise. `through` as in `read_live`, `strict_coverage` as in `make_plan`. Raises
    what the former does, and UsageError for a journal that cannot be read.
    """
    desired = knowing_reverts(files.desired, None if base is None else base.desired, reviewed, KINDS)
    async with reading(source, watch) as reader:
        if base is None:
            seen = await read_live(reader, desired, KINDS, admit, through=through)
        else:
            seen, base = await read_with_base(reader, desired, base, KINDS, admit)
        lacks = reader.unheld if isinstance(reader, Replay) else ()
    seen_at = source.taken_at if isinstance(source, Snapshot) else None
    if not isinstance(source, Snapshot):
        seen.former = former_people(journal, known, seen)
    ids = _made_before(journal, seen)
    past = Past(made=ids) if base is None else past_of(base, seen.organization, ids)
    kept: dict[Address, Verdict] = {}
    while True:
        made = make_plan(
            desired,
            seen,
            files.now,
            KINDS,
            selection=selection,
            allow=allow,
            manual=files.manual,
            seen_at=seen_at,
            past=past,
            new=new_since(base, desired, seen.organization) | requested_by(reviewed, KINDS),
            refused=kept,
            strict_coverage=strict_coverage,
        )
        if base is not None:
            made = compared(made, seen, desired, base, files.now, KINDS, past=past)
        more = refused_ends(made, desired, KINDS)  # by the guards of the base: its own, make_plan has heeded
        if not more:
            return told(made, lacks), seen
        kept |= more


def _made_before(journal: Path | None, seen: Observation) -> Mapping[Named, str]:
    """The ids of what earlier runs made, by kind and key; not looked up where live shows all that is declared."""
    missing = any(pair.found is None for pairs in seen.pairs.values() for pair in pairs)
    if journal is None or not missing or not journal.exists():
        return {}
    from orgsync.core.apply.journal import ids_made
    from orgsync.files.state.journal import examined

    made = ids_made(examined(journal).entries, seen.organization.id)
    return {KINDS.named(address): identity for address, identity in made.items() if address.kind in KINDS.by_name}
