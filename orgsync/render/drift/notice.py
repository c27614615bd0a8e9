"""A drift report as a message to a chat, a mailbox or a webhook: a title, and a body of plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.words.inert import inert_chat
from orgsync.render.drift.markdown import title
from orgsync.render.drift.text import summary
from orgsync.render.drift.weight import heaviest_first, is_cuttable
from orgsync.render.drift.who import who
from orgsync.render.page.values import colon

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.drift.report import DriftEntry, DriftReport

MOST = 15
"""Entries of one section; a message shall wake somebody, and the report tells the rest."""

LONGEST = 160
"""Characters of one name or message."""


LONGEST_LIST = 3_000
"""Characters of names without anything said of them: chats refuse messages that are much longer."""


def render(report: DriftReport) -> tuple[str, str]:
    """Title and body. Every name in them is inert in whatever form a service shows it."""
    lines = [f"{summary(report)}.", *_listed("New", report.new), *_listed("Gone", report.gone)]
    if report.known:
        lines += ["", f"Reported before and still open: {len(report.known):,}."]
    lines += ["", f"Checked at {report.checked_at}."]
    return f"orgsync: {title(report)}", "\n".join(lines)


def _listed(heading: str, entries: Sequence[DriftEntry]) -> Iterable[str]:
    """The heaviest first; of what is beyond the first entries, all that gives or takes is named at least."""
    if not entries:
        return
    yield ""
    yield f"{heading} ({len(entries):,}):"
    ordered = heaviest_first(entries)
    for entry in ordered[:MOST]:
        yield f"- {colon(_named(entry))} {inert_chat(entry.message, limit=LONGEST)} ({entry.code}){_by(entry)}"
    rest = ordered[MOST:]
    if rest:
        names = [_named(entry) for entry in rest if not is_cuttable(entry)]
        yield f"- and {len(rest):,} more{f': {_within(names)}' if names else ''}"


def _by(entry: DriftEntry) -> str:
    known = who([entry])
    return "" if known is None else f", by {inert_chat(known[0], limit=LONGEST)}{known[1]}"


def _named(entry: DriftEntry) -> str:
    return inert_chat(entry.address, limit=LONGEST)


def _within(names: Sequence[str]) -> str:
    """As many names as a message takes, and how many others."""
    kept, room = [], LONGEST_LIST
    for one in names:
        room -= len(one) + 2
        if room < 0:
            break
        kept.append(one)
    left = len(names) - len(kept)
    return ", ".join([*kept, *([f"{left:,} others that give or take access"] if left else [])])
