"""Workspaces: matched by id, name or former name; created, renamed, changed, and archived only where the file says so.

API facts: names are not unique; archiving is for ever; where data rests, the encryption key and the user profile are
set once and never changed; the default workspace and the one named `Claude Code` make themselves (Admin API:
workspaces).
"""

from __future__ import annotations

from orgsync.core.model.change import Action
from orgsync.core.model.kind import Kind, Section
from orgsync.core.model.meaning import archives, neutral, replaces
from orgsync.core.model.things import Segment
from orgsync.kinds.workspace.activities import ACTIVITIES, handles
from orgsync.kinds.workspace.decide import decide, effects, survey
from orgsync.kinds.workspace.live import ROWS, found, listings, match
from orgsync.kinds.workspace.renamed import Strays, strays
from orgsync.kinds.workspace.spec import Archival, Workspace, check
from orgsync.kinds.workspace.write import exported, request

KIND = Kind[Workspace, Archival, Strays](
    name="workspace",
    noun="workspace",
    sections=(
        Section(
            ("workspaces",),
            "The workspaces of the organization, by name.",
            {"prod": {"members": {"ana@acme.com": "developer"}}},
        ),
    ),
    spec=Workspace,
    segments=(Segment.NAME,),
    actions=frozenset({Action.CREATE, Action.UPDATE, Action.ARCHIVE}),
    rows=ROWS,
    listings=listings,
    found=found,
    match=match,
    decide=decide,
    request=request,
    exported=exported,
    meaning={
        **dict.fromkeys(("name", "color", "tags"), neutral),
        **dict.fromkeys(("data_residency", "inference_data_privacy", "external_key_id", "user_profile_id"), replaces),
        "archived": archives,
    },
    look_first=True,
    making=frozenset(),
    effects=effects,
    check=check,
    survey=survey,
    prepare=strays,
    activities=ACTIVITIES,
    handles=handles,
)
