"""What `access` reads: the lists that its question needs, and which service accounts are in which workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.answers.answer import Looked
from orgsync.core.model.request import Listing, Need, Paging
from orgsync.core.model.rows import ID, Checked, RowField, one_of
from orgsync.core.model.things import LIVE
from orgsync.core.snapshot.snapshot import Snapshot
from orgsync.engine.concurrency import together
from orgsync.engine.read_live import read_chosen, read_report
from orgsync.flows.connection import reading
from orgsync.flows.former import former_people
from orgsync.flows.question import looked_at
from orgsync.flows.watch import UNWATCHED
from orgsync.kinds import KINDS
from orgsync.questions.access.actors import Accounts
from orgsync.questions.access.answer import Facts, answer
from orgsync.questions.access.asked import Subject, read_inside
from orgsync.questions.access.population import (
    ACCOUNT,
    KEY,
    PERSON,
    PLACE,
    ROLE,
    declared_population,
    population,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from orgsync.core.answers.answer import Answer
    from orgsync.core.document.read import Desired
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.request import Reader
    from orgsync.core.model.things import Found
    from orgsync.flows.connection import Connection
    from orgsync.flows.watch import Watch
    from orgsync.questions.access.asked import Asked

_PREFIX = "workspace_"
_FIELDS = (
    RowField("service_account_id", ID, identity=True),
    RowField(
        "workspace_role",
        one_of(*(f"{_PREFIX}{role}" for role in ("user", "restricted_developer", "developer", "admin"))),
    ),
)
"""What rows look like (SDK: ServiceAccountWorkspaceMember)."""

_BY_ADMIN_KEY = "Admin keys cannot read them; an OAuth token with the scope org:admin can"
_FILES = "the files"


async def access(
    source: Connection | Snapshot,
    question: Asked,
    desired: Desired | None,
    now: datetime,
    *,
    journal: Path | None = None,
    watch: Watch = UNWATCHED,
) -> Answer:
    """Who can do what where, as live shows it, beside what the files ask for.

    `journal` is where runs recorded whom they removed: the API forgets the names. Raises UsageError where nothing has
    the name that was asked for, and what reading raises.
    """
    async with reading(source, watch) as reader:
        names = [PERSON] if question.subject is Subject.ADMINS else [PERSON, PLACE, ROLE, KEY]
        accounts_shown = not reader.by_admin_key
        inside = read_inside(question, desired)
        seen = await read_chosen(reader, KINDS, [*names, *([ACCOUNT] if accounts_shown else ())], desired, inside)
        sites = [one for one in seen.live.get(PLACE, ()) if one.standing == LIVE and not one.obscure and inside(one)]
        accounts = await _accounts(reader, seen, sites) if accounts_shown else Accounts(why_not=_BY_ADMIN_KEY)
        requests = reader.requests
        if not isinstance(source, Snapshot):
            seen.former = former_people(journal, {}, seen)
    looked = (looked_at(source, now), *(() if desired is None else (Looked(_FILES),)))
    return answer(question, Facts(population(seen, desired), seen, accounts, looked, requests))


def declared_access(question: Asked, desired: Desired) -> Answer:
    """Who can do what where once the files are applied. Raises UsageError as `access` does."""
    return answer(question, Facts(declared_population(desired), None, looked=(Looked(_FILES),)))


async def _accounts(reader: Reader, seen: Observation, sites: Sequence[Found]) -> Accounts:
    """Which service accounts are in these workspaces; nothing is asked where there is none."""
    refused = [one.message for one in seen.unseen if one.kind == ACCOUNT]
    if refused:
        return Accounts(why_not=refused[0])
    if not any(one.standing == LIVE for one in seen.live.get(ACCOUNT, ())):
        return Accounts()
    answers = await together(_listed(reader, site) for site in sites)
    return Accounts(
        {site.id: told for site, told in zip(sites, answers, strict=True) if not isinstance(told, str)},
        {site.id: told for site, told in zip(sites, answers, strict=True) if isinstance(told, str)},
    )


async def _listed(reader: Reader, site: Found) -> dict[str, str] | str:
    """Roles by account; or why nobody knows. A row that is not understood makes the whole list so."""
    path = f"/v1/organizations/workspaces/{site.id}/service_accounts"
    listing = Listing(
        path,
        {"limit": "100"},
        Paging.CURSOR,
        identity="service_account_id",
        need=Need.EXTRA,
        fields=_FIELDS,
        inside=site.segments,
    )
    rows = await read_report(reader, listing)
    if not isinstance(rows, Checked):
        return f"{site.segments[0]}: {rows}"
    if rows.flawed:
        return f"{site.segments[0]}: rows of {path} are not understood"
    return {row["service_account_id"]: row["workspace_role"].removeprefix(_PREFIX) for row in rows.rows}
