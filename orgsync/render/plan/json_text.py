"""A plan as JSON: the bytes of a plan file, and what `--format json` prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orgsync.core.plan.schema import plan_adapter
from orgsync.core.words.inert import spelled_out

if TYPE_CHECKING:
    from orgsync.core.model.change import Plan


def render(plan: Plan) -> str:
    """The same plan gives the same text. It is inert in a terminal, because JSON can escape whatever is not."""
    return inert_json(plan_adapter().dump_python(plan, mode="json", by_alias=True))


def inert_json(data: Any) -> str:
    """JSON for people and programs alike, indented."""
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
    return "\n".join(spelled_out(line, _escape) for line in text.split("\n")) + "\n"


def _escape(char: str) -> str:
    """JSON's own escape; beyond the basic plane it takes two."""
    return json.dumps(char)[1:-1] if ord(char) > 0x7F else f"\\u{ord(char):04x}"
