"""A drift report as Markdown: the whole body of an issue, short enough for one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.words.inert import inert_chat
from orgsync.core.words.plural import counted
from orgsync.render.drift.text import summary
from orgsync.render.drift.weight import alike, heaviest_first
from orgsync.render.drift.who import feed_line, who
from orgsync.render.page.coverage import coverage_sections
from orgsync.render.page.markdown_text import code, header, lines, located, prose, row
from orgsync.render.page.values import LIMIT as NAME_LIMIT
from orgsync.render.plan.changes_markdown import address_cell, in_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from orgsync.core.drift.report import DriftEntry, DriftReport

LIMIT = 60_000
"""Characters; GitHub takes 65,536, and whoever posts it may add a marker."""

_RESERVE = 6_000
"""Of those, for what is not a row of a table."""

_HOW = """\
### To resolve

- **The organization is right:** add it to the files, in a pull request.
- **The files are right:** run `orgsync plan`, then `orgsync apply`. Do manual steps in the Console.
- **Keep it for now:** list it under `accept`, with a reason and `until`.
"""


def render(report: DriftReport) -> str:
    """A summary, what is new, open and gone, and, folded, what is accepted. Cut at whole rows where it is too long."""
    room = _Room(LIMIT - _RESERVE)
    sections = [
        _section("New" if report.previous is not None else "Open", report.new, room),
        _section("Still open", report.known, room),
        _section("Gone", report.gone, room),
        _folded("Accepted", report.accepted, room),
    ]
    parts = [_head(report), *sections, _notes(report, room), _refusals(report, room), _coverage(report, room)]
    if report.entries:
        parts.append(_HOW)
    return "\n".join(part for part in parts if part)


def title(report: DriftReport) -> str:
    """What an issue or a message about the report is called."""
    organization = inert_chat(report.organization.name, limit=NAME_LIMIT)
    if not report.entries:
        return f"No drift in {organization}"
    return f"{counted(len(report.entries), 'difference')} in {organization}"


class _Room:
    """How many characters of rows can still be written."""

    def __init__(self, left: int) -> None:
        self._left = left

    def fitting(self, rows: Iterable[tuple[str, int]]) -> tuple[list[str], int]:
        """The rows that fit, from the first, and how many things they show; none after one that does not."""
        kept, shown = [], 0
        for one, number in rows:
            if len(one) + 1 > self._left:
                self._left = 0
                break
            self._left -= len(one) + 1
            kept.append(one)
            shown += number
        return kept, shown


def _head(report: DriftReport) -> str:
    compared = "" if report.previous is None else f", compared with the report of {code(report.previous)}"
    organization = f"{code(report.organization.name)} ({code(report.organization.id)})"
    return f"**{summary(report)}.**\n\n{organization}, checked at {code(report.checked_at)}{compared}.\n{_feed(report)}"


def _feed(report: DriftReport) -> str:
    line = feed_line(report)
    if line is None or report.feed is None:
        return ""
    told = line if report.feed.usable else prose(line)  # what the API said of a failure is not ours
    return f"\n{told}{'' if report.feed.hint is None else f' Hint: {prose(report.feed.hint)}.'}\n"


def _section(heading: str, entries: Sequence[DriftEntry], room: _Room) -> str:
    if not entries:
        return ""
    columns = header(("what", "difference", "since", "code"))
    table = _table(_rows(entries, _told), len(entries), room, columns)
    return f"### {heading} ({len(entries):,})\n\n{table}"


def _folded(heading: str, entries: Sequence[DriftEntry], room: _Room) -> str:
    if not entries:
        return ""
    columns = header(("what", "difference", "until", "why"))
    table = _table(_rows(entries, _told_accepted), len(entries), room, columns)
    return f"<details><summary>{heading} ({len(entries):,})</summary>\n\n{table}\n</details>\n"


def _rows(entries: Sequence[DriftEntry], told: Callable[[DriftEntry], tuple[str, ...]]) -> Iterator[tuple[str, int]]:
    """The heaviest first; each row names one entry, or several that say the same, and how many they are."""
    for group in alike(heaviest_first(entries)):
        for part in in_rows(group):
            what, *others = told(part[0] if len(group) == 1 else replace(part[0], source=None))
            yield row((address_cell(part, len(group)), lines((what, _by(part))), *others)), len(part)


def _table(rows: Iterable[tuple[str, int]], total: int, room: _Room, columns: str = "") -> str:
    """As many of the rows as there is room for; those beyond are not even made."""
    kept, shown = room.fitting(rows)
    more = total - shown
    tail = f"\n… and {more:,} more: run `orgsync drift --format json` for all.\n" if more else ""
    return (columns if kept else "") + "\n".join(kept) + "\n" + tail


def _told(entry: DriftEntry) -> tuple[str, ...]:
    where = "" if entry.source is None else f" ({located(entry.source)})"
    hint = "" if entry.hint is None else f"hint: {prose(entry.hint)}"
    held = f"also blocked: {len(entry.dependents):,}" if entry.dependents else ""
    return (lines((f"{prose(entry.message)}{where}", hint, held)), entry.since[:10], code(entry.code))


def _by(entries: Sequence[DriftEntry]) -> str:
    """Without agents and IP addresses: an issue may be public."""
    known = who(entries)
    return "" if known is None else f"by {prose(known[0])}{known[1]}"


def _told_accepted(entry: DriftEntry) -> tuple[str, ...]:
    until, reason = ("", "") if entry.accepted is None else (entry.accepted.until, entry.accepted.reason)
    return (prose(entry.message), until, prose(reason))


def _notes(report: DriftReport, room: _Room) -> str:
    rows = [f"- {code(note.address)}: {prose(note.message)} ({code(note.code)})" for note in report.notes]
    return f"### Notes\n\n{_table(_single(rows), len(rows), room)}" if rows else ""


def _refusals(report: DriftReport, room: _Room) -> str:
    rows = [f"- {code(verdict.guard)}: {prose(verdict.message)}" for verdict in report.refusals]
    return (
        f"### Guards would refuse a plan that resolves the differences\n\n{_table(_single(rows), len(rows), room)}"
        if rows
        else ""
    )


def _coverage(report: DriftReport, room: _Room) -> str:
    """What was not looked at, folded."""
    return "".join(
        f"<details><summary>{section.title}</summary>\n\n{section.intro}\n\n"
        f"{_table(_single(section.rows), len(section.rows), room, header(section.header))}\n</details>\n"
        for section in coverage_sections(report.coverage)
    )


def _single(rows: Iterable[str]) -> Iterator[tuple[str, int]]:
    return ((one, 1) for one in rows)
