"""A drift report as JSON: the bytes of its file, and what `--format json` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.drift.schema import drift_adapter
from orgsync.render.plan.json_text import indented

if TYPE_CHECKING:
    from orgsync.core.drift.report import DriftReport


def render(report: DriftReport) -> str:
    """The same report gives the same text."""
    return indented(drift_adapter().dump_python(report, mode="json", by_alias=True))
