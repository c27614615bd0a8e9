"""Which records of the Activity Feed explain that there is a key, what it is called, or its status.

Facts: a record of a key that was made names no value; that a key expires is not recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.feed.rules import (
    EXISTS,
    FORMER_NAME,
    PLACE,
    Explains,
    Handles,
    Hint,
    Says,
    Value,
    gone,
    made,
    updated,
)
from orgsync.core.model.observation import ids_beside, ids_of
from orgsync.core.model.things import ARCHIVED

if TYPE_CHECKING:
    from orgsync.core.feed.records import Activity
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Pair

_KEY, _RENAMED = "key", "renamed"
_STATUSES = frozenset({"active", "inactive", ARCHIVED, "expired"})


def handles(pair: Pair, seen: Observation) -> Handles:
    """The id of the key, or of those that it may be or was, or that it may have become."""
    beside = ids_beside(pair, "api_key", seen)
    return {_KEY: ids_of(pair, "api_key", seen), _RENAMED: beside, FORMER_NAME: frozenset(pair.key[-1:])}


def _status(word: str) -> str | Hint:
    return word.casefold() if word.casefold() in _STATUSES else Hint.UNTOLD


def _elsewhere(_workspace: str) -> Hint:
    """The name of the workspace may be any that it ever had."""
    return Hint.UNTOLD


_UPDATES = updated(
    {"name": Value("name"), "status": Value("status", _status), "workspace": Value(PLACE, _elsewhere)},
)


def _updated(record: Activity) -> Says:
    """An archived key is none that the files could declare."""
    says = _UPDATES(record)
    return {**says, EXISTS: False} if says.get("status") == ARCHIVED else says


ACTIVITIES = (
    Explains("platform_api_key_updated", {"api_key_id": _KEY}, _updated),
    Explains("platform_api_key_updated", {"api_key_id": _RENAMED, FORMER_NAME: FORMER_NAME}, gone),
    Explains("platform_api_key_created", {"api_key_id": _KEY}, made),
)
