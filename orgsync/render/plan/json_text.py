"""A plan as JSON: the bytes of a plan file, and what `--format json` prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orgsync.core.plan.schema import plan_adapter
from orgsync.core.words.inert import inert_json

if TYPE_CHECKING:
    from orgsync.core.model.change import Plan


def render(plan: Plan) -> str:
    """The same plan gives the same text. It is inert in a terminal, because JSON can escape whatever is not."""
    return indented(plan_adapter().dump_python(plan, mode="json", by_alias=True))


def indented(data: Any) -> str:
    """JSON for people and programs alike, indented."""
    return inert_json(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"
