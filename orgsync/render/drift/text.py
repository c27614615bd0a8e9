"""A drift report as a person reads it at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.model.codes import Code
from orgsync.core.words.plural import counted
from orgsync.render.drift.weight import alike, heaviest_first, is_cuttable
from orgsync.render.drift.who import feed_line, who
from orgsync.render.page.coverage import not_managed, what_matches
from orgsync.render.page.terminal import Page
from orgsync.render.page.values import address, colon, few, name, place, value
from orgsync.render.page.words import LEVELS, kind_noun
from orgsync.render.plan.sections import MOST_ALIKE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.drift.report import DriftEntry, DriftReport


def render(report: DriftReport, *, width: int = 80, color: bool = False) -> str:
    """The whole report, what is new first. Colour adds nothing that the words do not say."""
    page = Page(width=width, color=color)
    _write_header(page, report)
    compared = report.previous is not None
    _write_entries(page, "New" if compared else "Open", report.new, remark="not in the previous report")
    _write_entries(page, "Still open", report.known, remark="reported before")
    _write_entries(page, "Gone", report.gone, remark="open in the previous report", mark=("=", "green"))
    _write_entries(page, "Accepted", report.accepted, remark="by `accept` in the files", mark=("=", "green"))
    _write_notes(page, report)
    page.blank()
    _write_result(page, report)
    return page.text()


def summary(report: DriftReport) -> str:
    """The report in a line, without a full stop: how much is open, new, gone and accepted."""
    if not report.entries:
        also = f" ({_accepted(report)})" if report.accepted else ""
        return f"No drift: the organization matches {what_matches(report.coverage)}{also}"
    parts = [f"{counted(len(report.entries), 'difference')} between the files and the organization"]
    if report.previous is not None:
        parts.append(f"{len(report.new):,} new")
    if report.gone:
        parts.append(f"{len(report.gone):,} gone")
    if report.accepted:
        parts.append(_accepted(report))
    return ", ".join(parts)


def _accepted(report: DriftReport) -> str:
    return f"{len(report.accepted):,} accepted"


def _write_header(page: Page, report: DriftReport) -> None:
    page.write("Organization ", (value(report.organization.name), "bold"), f" ({name(report.organization.id)})")
    page.write((f"Checked at {name(report.checked_at)} with {counted(report.requests, 'request')}.", "dim"))
    if report.previous is not None:
        page.write((f"Compared with the report of {name(report.previous)}.", "dim"))
    line = feed_line(report)
    if line is not None and report.feed is not None:
        page.write((name(line), "dim"))
        if report.feed.hint is not None:
            page.write((name(report.feed.hint), "dim"), label=("hint: ", "dim"))


def _write_entries(
    page: Page, title: str, entries: Sequence[DriftEntry], *, remark: str, mark: tuple[str, str] | None = None
) -> None:
    if not entries:
        return
    page.blank()
    told = "" if title == "Open" else f": {remark}"
    page.write((f"{title} ({len(entries):,})", "bold"), told)
    page.blank()
    ordered = heaviest_first(entries)
    for group in alike([entry for entry in ordered if not is_cuttable(entry)]):
        _write_alike(page, group, mark)
    for of_code in _by_code(entry for entry in ordered if is_cuttable(entry)):
        for group in alike(of_code[:MOST_ALIKE]):
            _write_alike(page, group, mark)
        more = len(of_code) - MOST_ALIKE
        if more > 0:
            page.write((f"… and {more:,} more {of_code[0].code} (--format json lists all)", "dim"), lead=("    ",))


def _by_code(entries: Iterable[DriftEntry]) -> Iterable[Sequence[DriftEntry]]:
    groups: dict[str, list[DriftEntry]] = {}
    for entry in entries:
        groups.setdefault(entry.code, []).append(entry)
    return groups.values()


def _write_alike(page: Page, entries: Sequence[DriftEntry], mark: tuple[str, str] | None) -> None:
    """One entry, or several that say the same: it is said once, and the addresses follow."""
    first, number = entries[0], len(entries)
    words = LEVELS[first.level]
    about = address(first.address) if number == 1 else counted(number, kind_noun(first.address.kind))
    same = len({entry.source for entry in entries}) == 1
    source = f", {place(first.source)}" if same and first.source is not None else ""
    tail = f" [{name(first.code)}, {first.cause}, since {name(first.since[:10])}{source}]"
    page.write(
        (colon(about), "bold"),
        f" {name(first.message)}",
        (tail, "dim"),
        lead=("  ", mark or (words.symbol, words.style), " "),
    )
    if first.hint is not None:
        page.write(name(first.hint), lead=("    ",), label=("hint: ", "dim"))
    if first.dependents:
        held = few([address(each) for each in first.dependents])
        page.write(held, lead=("    ",), label=("also blocked: ", "dim"))
    known = who(entries, agent=True)
    if known is not None:
        page.write(f"{name(known[0])}{known[1]}", lead=("    ",), label=("by ", "dim"))
    if first.accepted is not None:
        page.write(f"until {name(first.accepted.until)}: {name(first.accepted.reason)}", lead=("    ",))
    for entry in entries if number > 1 else ():
        where = "" if same or entry.source is None else f" [{place(entry.source)}]"
        page.write((address(entry.address), "bold"), (where, "dim"), lead=("      ",))


def _write_notes(page: Page, report: DriftReport) -> None:
    if report.notes:
        page.blank()
        about_accept = all(note.code.startswith("accept_") for note in report.notes)
        page.write((f"Notes ({len(report.notes):,})", "bold"), ": on `accept` in the files" if about_accept else "")
        page.blank()
    left_out = [note for note in report.notes if note.code == Code.LEFT_OUT_FILE][MOST_ALIKE:]
    for note in report.notes:
        if note in left_out:
            continue
        words = LEVELS[note.level]
        source = "" if note.source is None else f", {place(note.source)}"
        page.write(
            (colon(address(note.address)), "bold"),
            f" {name(note.message)}",
            (f" [{name(note.code)}{source}]", "dim"),
            lead=("  ", (words.symbol, words.style), " "),
        )
    if left_out:
        page.write(
            (f"… and {len(left_out):,} more {Code.LEFT_OUT_FILE} (--format json lists all)", "dim"), lead=("    ",)
        )
    if report.refusals:
        page.blank()
        page.write(("Guards", "bold"), ": these would refuse a plan that resolves the differences")
        page.blank()
    for verdict in report.refusals:
        about = f" ({few([address(one) for one in verdict.addresses])})" if verdict.addresses else ""
        page.write(
            (colon(name(verdict.guard)), "bold"),
            f" {name(verdict.message)}{about}",
            lead=("  ", ("x", "bold red"), " "),
        )


def _write_result(page: Page, report: DriftReport) -> None:
    told = not_managed(report.coverage)
    if told:
        page.write(f"{told}.", lead=(("Not managed:", "bold"), " "))
        page.blank()
    page.write((f"{summary(report)}.", "bold" if report.entries else "bold green"))
    if report.entries:
        page.blank()
        page.write("Add it to the files, revert it with `orgsync apply`, or list it under `accept`.")
