"""Which records of the Activity Feed explain that there is a workspace, that it is archived, or what it is like.

Facts: a record of a workspace that was made names no value; no update names tags, the user profile, where data rests
or the privacy of retained data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.feed.rules import FORMER_NAME, Explains, Handles, Hint, Value, archived, gone, made, updated
from orgsync.core.model.observation import ids_beside, ids_of

if TYPE_CHECKING:
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Pair

_WORKSPACE, _RENAMED = "workspace", "renamed"
_UNTOLD = ("tags", "user_profile_id", "inference_data_privacy", "data_residency.workspace_geo")
_IDS = {"workspace_id": _WORKSPACE}


def handles(pair: Pair, seen: Observation) -> Handles:
    """The id of the workspace, or of those that it may be or was, or that it may have become."""
    beside = ids_beside(pair, _WORKSPACE, seen)
    return {_WORKSPACE: ids_of(pair, _WORKSPACE, seen), _RENAMED: beside, FORMER_NAME: frozenset(pair.key)}


def _geos(text: str) -> str | list[str]:
    return text if text == "unrestricted" else sorted({one.strip() for one in text.split(",")})


_UPDATES = {
    "name": Value("name"),
    "display_color": Value("color", str.lower),
    "allowed_inference_geos": Value("data_residency.allowed_inference_geos", _geos),
    "default_inference_geo": Value("data_residency.default_inference_geo"),
    "external_key_config_id": Value("external_key_id"),
    "inference_data_retention": Value("inference_data_privacy", lambda _text: Hint.UNTOLD),
}

ACTIVITIES = (
    Explains("platform_workspace_updated", _IDS, updated(_UPDATES, _UNTOLD)),
    Explains("platform_workspace_updated", {"workspace_id": _RENAMED, FORMER_NAME: FORMER_NAME}, gone),
    Explains("platform_workspace_created", _IDS, made),
    Explains("platform_workspace_archived", _IDS, archived),
    Explains("platform_workspace_inference_data_retention_enabled", _IDS),
    Explains("platform_workspace_inference_data_retention_disabled", _IDS),
)
