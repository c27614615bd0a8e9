"""An apply, its undo, and what a colleague sees before and after: the judge looks at rows, not at orgsync's word."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from properties.witness import Snapshot, snapshot

from orgsync.core.apply.ceiling import LiveIndex, ids_of
from orgsync.core.apply.undo import undo_plan
from orgsync.core.words.address import address
from orgsync.engine.read_live import read_touched
from orgsync.files.state import plan_file
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from acme import Org

    from orgsync.core.apply.outcome import Report
    from orgsync.core.model.change import Plan
    from orgsync.core.model.things import Live

OPEN = "guards: {min_admins: 0, max_removals: {percent: 100, count: 1000}}\n"
"""Guards that let every change pass, in the file and so in the undo of its plan."""

SPACE = "\t"
"""Between an address and the id of a thing, or of what it is in, where names are not unique; no address holds one."""


@dataclass(frozen=True, slots=True)
class Applied:
    """One apply and the plan that takes it back, as read from its file; `before` is what it found."""

    org: Org
    before: Snapshot
    plan: Plan
    report: Report
    undo: Plan


def applied(org: Org, *, allow: tuple[str, ...] = ()) -> Applied:
    """Applies the file, and plans the undo."""
    before, plan = snapshot(org), org.plan(allow=allow)
    report = org.apply(plan=plan)
    return Applied(org, before, plan, report, undo_of(org, report, plan))


def undo_of(org: Org, report: Report, plan: Plan) -> Plan:
    """The undo, through a plan file and back."""
    made = undo_plan(report, plan, live_after(org, plan), KINDS, org.now)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "undo.json"
        plan_file.write(path, made)
        read = plan_file.read(path)
    assert read == made
    return read


def live_after(org: Org, plan: Plan) -> Live:
    """What the lists that a plan touches show now, those inside the workspaces it made included."""
    return asyncio.run(_read(org, plan))


async def _read(org: Org, plan: Plan) -> Live:
    ids = ids_of(plan, KINDS)
    async with org.client() as client:
        seen = await read_touched(client.reader, plan, ids, KINDS)
        made = LiveIndex.of(seen.live).by_key
        new = {name: found.id for name, found in made.items() if name not in ids and found.exists}
        return (await read_touched(client.reader, plan, new | ids, KINDS)).live


def state(live: Snapshot, names: dict[str, str] | None = None) -> dict[str, Any]:
    """Every value a colleague sees, by address; `names` are those by which to speak of workspaces, by id.

    Left out is what cannot come back and nobody misses: ids of invites and limits, moments, invites that are over, and
    tags that belong to the API: where it replaces all tags, an apply cannot keep them, let alone an undo.
    """
    spoken = {one: row["name"] for one, row in live.workspaces.items()} | (names or {})
    emails = {one: row["email"].casefold() for one, row in live.users.items()}
    shown: dict[str, Any] = {address("member", emails[one]): row["role"] for one, row in live.users.items()}
    for row in live.invites.values():
        if row["status"] == "pending":
            shown[address("member", row["email"].casefold())] = ("invited", row["role"])
    for one, row in live.workspaces.items():
        shown[f"{address('workspace', spoken[one])}{SPACE}{one}"] = {
            **row,
            "display_color": row["display_color"].lower(),
            "archived_at": row["archived_at"] is not None,
            "tags": {key: value for key, value in row["tags"].items() if not key.startswith("anthropic")},
            "data_residency": {name: _unordered(value) for name, value in row["data_residency"].items()},
        }
    for (one, person), role in live.roles.items():
        shown[f"{address('workspace_member', spoken[one], emails[person])}{SPACE}in {one}"] = role
    for one, row in live.keys.items():
        place = spoken.get(row["scope"].get("workspace_id"), "*")
        shown[f"{address('api_key', place)}{SPACE}{one}"] = (row["name"], row["status"])
    for row in live.spend_limits.values():
        inside = row["scope"].get("workspace_id")
        where = ("workspace", spoken[inside]) if inside else (row["scope"]["type"],)
        shown[f"{address('spend_limit', *where)}{SPACE}in {inside}"] = row["amount"]
    for (one, group, limiter), value in live.rate_limits.items():
        shown[f"{address('rate_limit', spoken[one], group, limiter)}{SPACE}in {one}"] = value
    return shown


def differences(before: Snapshot, after: Snapshot, names: dict[str, str] | None = None) -> dict[str, tuple[Any, Any]]:
    """What is not as it was, by address: before, and after."""
    one, other = state(before, names), state(after, names)
    return {
        place: (one.get(place), other.get(place))
        for place in sorted(one.keys() | other.keys())
        if one.get(place) != other.get(place)
    }


def _unordered(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def check_undo(done: Applied) -> Report:
    """Applies the undo, then again: each of its changes is one write, and the second time there is none."""
    writes = len(done.org.writes())
    report = done.org.apply(plan=done.undo)
    assert report.complete, report.outcomes
    assert len(done.org.writes()) - writes == len(done.undo.changes)
    again = done.org.apply(plan=done.undo)
    assert again.already == len(done.undo.changes)
    assert len(done.org.writes()) - writes == len(done.undo.changes)
    return report
