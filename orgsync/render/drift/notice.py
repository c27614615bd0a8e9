"""A drift report as a message to a chat, a mailbox or a webhook: a title, and a body of plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.words.inert import inert_chat
from orgsync.render.drift.markdown import title
from orgsync.render.drift.text import summary
from orgsync.render.page.values import colon

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.drift.report import DriftEntry, DriftReport

MOST = 15
"""Entries of one section; a message shall wake somebody, and the report tells the rest."""

LONGEST = 160
"""Characters of one name or message."""


def render(report: DriftReport) -> tuple[str, str]:
    """Title and body. Every name in them is inert in whatever form a service shows it."""
    lines = [f"{summary(report)}.", *_listed("New", report.new), *_listed("Gone", report.gone)]
    if report.known:
        lines += ["", f"Reported before and still open: {len(report.known):,}."]
    lines += ["", f"Checked at {report.checked_at}."]
    return f"orgsync: {title(report)}", "\n".join(lines)


def _listed(heading: str, entries: Sequence[DriftEntry]) -> Iterable[str]:
    if not entries:
        return
    yield ""
    yield f"{heading} ({len(entries):,}):"
    for entry in entries[:MOST]:
        about = colon(inert_chat(entry.address, limit=LONGEST))
        yield f"- {about} {inert_chat(entry.message, limit=LONGEST)} ({entry.code})"
    if len(entries) > MOST:
        yield f"- and {len(entries) - MOST:,} more"
