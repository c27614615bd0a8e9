"""What the API shows of workspaces, and which of them a declared one means."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from orgsync.core.model.codes import Code
from orgsync.core.model.match import Meant, meant_by_name, pairs_of
from orgsync.core.model.request import Always, Listing
from orgsync.core.model.rows import (
    ANYTHING,
    ID,
    MAP_OF_TEXTS,
    OBJECT,
    TEXT,
    TIMESTAMP,
    IgnoredRows,
    Row,
    RowField,
    Rows,
    each,
    either,
    ignored,
    like,
    local,
    odd_of,
    one_of,
)
from orgsync.core.model.things import ARCHIVED, LIVE, Declared, Found, Pair
from orgsync.kinds.workspace import privacy
from orgsync.kinds.workspace.spec import DEFAULT, Archival, Workspace

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from orgsync.core.model.change import Blocked
    from orgsync.core.model.context import Reading

WORKSPACES = "/v1/organizations/workspaces"

_GEO = one_of("global", "us")
_ROW = (
    RowField("id", ID, identity=True),
    RowField("name", TEXT, identity=True),
    RowField("archived_at", TIMESTAMP, null=True),
    RowField("tags", MAP_OF_TEXTS),
    *local(
        RowField("display_color", like("#[0-9A-Fa-f]{6}", "a colour", "#000000", "#a1B2c3")),
        RowField("data_residency", OBJECT),
        RowField("data_residency.workspace_geo", one_of("us")),
        RowField("data_residency.default_inference_geo", _GEO),
        RowField("data_residency.allowed_inference_geos", either(one_of("unrestricted"), each(_GEO))),
        RowField("external_key_id", TEXT, null=True, optional=True),
        RowField("user_profile_id", TEXT, null=True, optional=True),
        RowField("created_at", ANYTHING, null=True, optional=True),
    ),
)
"""What rows look like (SDK: Workspace, DataResidency); rows of August 2026 lack the user profile."""

ROWS = (
    Rows(
        WORKSPACES,
        (
            *_ROW,
            *privacy.FIELDS,
            *ignored("does not change", "compartment_id"),
            *ignored("tags of the API itself, which nobody can set", "tags.anthropic*"),
        ),
        (
            IgnoredRows("archived workspaces", "nothing in them works any more", lambda row: bool(row["archived_at"])),
            IgnoredRows(
                "settings of the default workspace",
                "files declare nothing of it but its API keys",
                lambda row: bool(row["name"] == DEFAULT),
            ),
        ),
    ),
)

_RESIDENCY = ("workspace_geo", "default_inference_geo", "allowed_inference_geos")
SET_LATER = ("external_key_id", "user_profile_id")
"""What a workspace may get once; older answers lack it."""


_WITH_DEFAULT = "include_default"
_DEFAULT = Always("the default workspace", lambda row: row.get("name") == DEFAULT, only_with=_WITH_DEFAULT)
"""Every organization has one, which cannot be renamed or archived (Admin API: workspaces, default workspace)."""


def listings(reading: Reading) -> Sequence[Listing]:
    """Every workspace: archived ones to know why a name is gone, the default one to leave it alone."""
    query = {"include_archived": "true", _WITH_DEFAULT: "true"}
    if reading.asks_for("workspace", privacy.PRIVACY):
        return (Listing(WORKSPACES, query, fields=(*_ROW, *privacy.FIELDS), betas=(privacy.BETA,), always=_DEFAULT),)
    return (Listing(WORKSPACES, query, fields=_ROW, always=_DEFAULT),)


def found(answers: Sequence[tuple[Listing, Sequence[Row]]], reading: Reading) -> Iterable[Found[Archival]]:
    """Every workspace, attributes spelled as in the files."""
    with_privacy = reading.asks_for("workspace", privacy.PRIVACY)
    return [_workspace(row, with_privacy=with_privacy) for _listing, rows in answers for row in rows]


def _workspace(row: Row, *, with_privacy: bool) -> Found[Archival]:
    residency = {name: row["data_residency"][name] for name in _RESIDENCY}
    allowed = residency["allowed_inference_geos"]
    residency["allowed_inference_geos"] = allowed if isinstance(allowed, str) else sorted(allowed)
    attributes = {
        "name": row["name"],
        "archived": row["archived_at"] is not None,
        "color": row["display_color"].lower(),
        "tags": {key: value for key, value in row["tags"].items() if value is not None},
        "data_residency": residency,
        **{name: row[name] for name in SET_LATER if name in row},
        **({privacy.PRIVACY: privacy.shown(row)} if with_privacy and privacy.PRIVACY in row else {}),
    }
    standing = ARCHIVED if row["archived_at"] else LIVE
    name = (row["name"],)
    facts = Archival(row["archived_at"])
    implied = row["name"] == DEFAULT
    since, odd = str(row.get("created_at") or ""), odd_of(row)
    return Found("workspace", name, name, row["id"], attributes, standing, facts, implied=implied, odd=odd, since=since)


def is_own(found: Found[Archival]) -> bool:
    """Whether a workspace has members and limits of its own: the default one has those of the organization."""
    return not found.implied


def match(declared: Sequence[Declared[Workspace]], live: Sequence[Found[Archival]]) -> list[Pair[Workspace, Archival]]:
    """Each declared workspace with the live one it means: by id, else by name, else by its former name."""
    return pairs_of(declared, live, partial(_meant, live), "workspace")


def _meant(live: Sequence[Found[Archival]], declared: Declared[Workspace], away: Container[str]) -> Meant:
    spec, name = declared.spec, declared.segments[0]
    if spec.id is not None:
        return _by_id(declared, spec.id, live)

    def named(name: str) -> list[Found[Archival]]:
        found = (one for one in live if one.segments[0] == name)
        return sorted(found, key=lambda one: str(one.facts.archived_at), reverse=True)

    meant, others = meant_by_name(declared, named, _living, away)
    if len(meant) > 1:
        return Meant(blocked=_several(declared, meant))
    if meant:
        return Meant(meant[0], others)
    gone = [one for one in named(name) if one.id not in away]
    if gone and spec.recreate != gone[0].id and name != DEFAULT:
        when = str(gone[0].facts.archived_at)[:10]
        return Meant(
            blocked=_archived(declared, f"the workspace of this name ({gone[0].id}) was archived on {when}", gone)
        )
    return Meant()


def _living(found: Sequence[Found[Archival]]) -> list[Found[Archival]]:
    return [one for one in found if one.standing == LIVE]


def _by_id(declared: Declared[Workspace], identity: str, live: Sequence[Found[Archival]]) -> Meant:
    one = next((one for one in live if one.id == identity), None)
    if one is None:
        message, hint = f"no workspace of this organization has the id {identity}", "delete `id` to match by name"
        return Meant(blocked=declared.blocked(Code.WRONG_ID, message, hint))
    if one.implied:
        message = f"{identity} is the default workspace, which cannot be renamed or archived"
        hint = f"delete this line; API keys in it are declared under `{DEFAULT}`"
        return Meant(blocked=declared.blocked(Code.WRONG_ID, message, hint))
    if one.standing == ARCHIVED and not declared.spec.archived:
        return Meant(blocked=_archived(declared, f"{identity} was archived, which cannot be undone", [one]))
    return Meant(one)


def _several(declared: Declared[Workspace], found: Sequence[Found[Archival]]) -> Blocked:
    ids = sorted(one.id for one in found)
    message = f'{len(found)} workspaces are named "{found[0].segments[0]}": {", ".join(ids)}'
    return declared.blocked(Code.UNDECIDED, message, "add `id: wrkspc_…`", ids)


def _archived(declared: Declared[Workspace], message: str, gone: Sequence[Found[Archival]]) -> Blocked:
    """That only archived workspaces can be meant: the file has to say what that means."""
    hint = "add `archived: true`, or `recreate: ID` to create a new one"
    return declared.blocked(Code.ARCHIVED_IN_CONSOLE, message, hint, [one.id for one in gone])
