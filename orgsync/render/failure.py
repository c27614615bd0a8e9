"""How a run failed, as JSON: what `--format json` prints where there is no result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.apply.failure import failure_adapter
from orgsync.render.plan.json_text import indented

if TYPE_CHECKING:
    from orgsync.core.apply.failure import Failure


def json_text(failure: Failure) -> str:
    """The failure, for programs. It is inert in a terminal."""
    return indented(failure_adapter().dump_python(failure, mode="json"))
