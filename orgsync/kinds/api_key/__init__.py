"""API keys: renamed, switched on and off, archived where the file or a policy says so; never made.

API facts: the API cannot make, rotate or extend a key; active and inactive can be changed into each other, archived is
for ever, expired can only be archived (Admin API: api_keys).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.model.change import Action, Change
from orgsync.core.model.kind import Kind, Section
from orgsync.core.model.meaning import Meaning, Meanings, neutral, pairs
from orgsync.core.model.request import Request
from orgsync.core.model.things import Segment
from orgsync.kinds.api_key.activities import ACTIVITIES, handles
from orgsync.kinds.api_key.decide import consequences, decide, effects, survey
from orgsync.kinds.api_key.judgements import KeyJudgements, expiring, judged_keys, prepare
from orgsync.kinds.api_key.live import API_KEYS, EVERYWHERE, ROWS, KeyFacts, LiveKey, found, listings, match, owner_of
from orgsync.kinds.api_key.spec import KEY_POLICIES, WAIVERS, ApiKey, check, concerned, wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.core.model.things import Ids, Live


def request(change: Change, _found: LiveKey | None, _ids: Ids) -> Request:
    """The one write of a change: fields it does not name stay as they are."""
    return Request("POST", f"{API_KEYS}/{change.id}", {field.path: field.after for field in change.fields})


def exported(key: LiveKey, _live: Live) -> Any:
    """The status, of keys that can be declared by their name alone."""
    status = key.attributes["status"]
    alone = key.segments == (key.segments[0], key.attributes["name"])
    return {"status": status} if alone and status in {"active", "inactive"} else None


def _is_active(attributes: Mapping[str, Any]) -> bool:
    return attributes.get("status") == "active"


_STATUS: dict[tuple[str | None, str], Meanings] = {
    (None, "active"): frozenset({Meaning.ELEVATES}),
    **{(None, status): frozenset() for status in ("inactive", "expired", "archived")},
    ("active", "inactive"): frozenset({Meaning.STOPS}),
    ("active", "archived"): frozenset({Meaning.STOPS, Meaning.WITHDRAWS}),
    ("inactive", "active"): frozenset({Meaning.ELEVATES}),
    ("inactive", "archived"): frozenset({Meaning.WITHDRAWS}),
    ("expired", "archived"): frozenset(),
}
"""What each change of a status does; an expired key can never be used again."""

KIND = Kind[ApiKey, KeyFacts, KeyJudgements](
    name="api_key",
    noun="API key",
    sections=(
        Section(
            ("api_keys",),
            "The API keys that belong to no workspace, and their status. The API cannot create one.",
            {"ci": "active"},
            lead=(EVERYWHERE,),
        ),
        Section(
            ("workspaces", "*", "api_keys"),
            "The API keys of the workspace and their status. The API cannot create one.",
            {"ci": "active"},
        ),
    ),
    spec=ApiKey,
    segments=(Segment.NAME, Segment.NAME),
    short="status",
    actions=frozenset({Action.UPDATE, Action.ARCHIVE}),
    refs={"workspace": (0,)},
    needs=("member",),
    settings=(KEY_POLICIES, WAIVERS),
    wanted=wanted,
    concerned=concerned,
    rows=ROWS,
    listings=listings,
    found=found,
    match=match,
    decide=decide,
    request=request,
    exported=exported,
    meaning={"name": neutral, "status": pairs(_STATUS)},
    effects=effects,
    in_use=_is_active,
    behind=owner_of,
    check=check,
    survey=survey,
    expiring=expiring,
    judged=judged_keys,
    prepare=prepare,
    consequences=consequences,
    activities=ACTIVITIES,
    handles=handles,
)
