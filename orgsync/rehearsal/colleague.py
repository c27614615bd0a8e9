"""What a colleague does in the Console at the worst moment: to just what the plan is about to touch, or elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from orgsync.core.apply.rehearsal import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from orgsync.rehearsal.planned import Write

    Rows = Sequence[Mapping[str, Any]]

STRANGER = "colleague@rehearsal.example"
_PREFIX = "/v1/organizations"


class Edit(NamedTuple):
    """One call of the Console."""

    method: str
    path: str
    body: dict[str, Any] | None = None


def edit(fault: Fault, write: Write | None, tables: Mapping[str, Rows]) -> Edit | None:
    """What is done where this write comes next; None where there is nothing of that sort to do."""
    if fault is Fault.CONSOLE_UNRELATED:
        return Edit("POST", f"{_PREFIX}/users", {"email": STRANGER, "role": "user"})
    return None if write is None else _EDITS[fault](write, tables)


def _same(write: Write, _tables: Mapping[str, Rows]) -> Edit | None:
    """Just what the plan is about to do."""
    method, path, text = write
    return Edit(method, path, json.loads(text) if text else None)


def _rename(write: Write, tables: Mapping[str, Rows]) -> Edit | None:
    row = _mentioned(write, tables["workspaces"])
    return (
        None if row is None else Edit("POST", f"{_PREFIX}/workspaces/{row['id']}", {"name": f"{row['name']} (renamed)"})
    )


def _archive(write: Write, tables: Mapping[str, Rows]) -> Edit | None:
    """The workspace; where there is none, the key."""
    row = _mentioned(write, tables["workspaces"])
    if row is not None:
        return Edit("POST", f"{_PREFIX}/workspaces/{row['id']}/archive", {})
    row = _mentioned(write, tables["api_keys"])
    return None if row is None else Edit("POST", f"{_PREFIX}/api_keys/{row['id']}", {"status": "archived"})


def _remove(write: Write, tables: Mapping[str, Rows]) -> Edit | None:
    """The person, else the limit, else the invite."""
    for collection, table in (("users", "users"), ("spend_limits", "spend_limits"), ("invites", "invites")):
        row = _mentioned(write, tables[table])
        if row is not None:
            return Edit("DELETE", f"{_PREFIX}/{collection}/{row['id']}")
    return None


def _accept(write: Write, tables: Mapping[str, Rows]) -> Edit | None:
    """The invited person joins."""
    pending = [row for row in tables["invites"] if row["status"] == "pending"]
    row = _mentioned(write, pending) or next((row for row in pending if f'"{row["email"]}"' in write[2]), None)
    return None if row is None else Edit("POST", f"{_PREFIX}/invites/{row['id']}/accept")


def _mentioned(write: Write, rows: Rows) -> Mapping[str, Any] | None:
    """The row whose id the write names."""
    _method, path, text = write
    named = path.split("/")
    return next((row for row in rows if row["id"] in named or f'"{row["id"]}"' in text), None)


_EDITS: dict[Fault, Callable[[Write, Mapping[str, Rows]], Edit | None]] = {
    Fault.CONSOLE_SAME: _same,
    Fault.CONSOLE_RENAME: _rename,
    Fault.CONSOLE_ARCHIVE: _archive,
    Fault.CONSOLE_REMOVE: _remove,
    Fault.CONSOLE_ACCEPT: _accept,
}
