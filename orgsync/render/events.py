"""Events as JSON lines, for whatever follows an apply."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from orgsync.core.apply.events_schema import event_data
from orgsync.core.words.inert import inert_json

if TYPE_CHECKING:
    from orgsync.core.apply.events import Event


def json_line(event: Event) -> str:
    """One line, inert in a terminal and in a CI log."""
    return inert_json(json.dumps(event_data(event), ensure_ascii=False, allow_nan=False)) + "\n"
