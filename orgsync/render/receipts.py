"""The receipts of a journal as a person reads them, one line per operation, and as JSON lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.apply.journal import Conclusion, CutOff, Intent, Result, open_intents
from orgsync.core.words.inert import inert_json
from orgsync.core.words.plural import counted
from orgsync.render.page.terminal import Page
from orgsync.render.page.values import address, name
from orgsync.render.page.words import ACTIONS

if TYPE_CHECKING:
    from orgsync.core.apply.journal import Examined
    from orgsync.render.page.terminal import Part

MOST_PROBLEMS = 20

_NO_TIME = " " * 9

_DIGITS = 12
"""Of a digest, where a person is to recognise it and not to prove anything by it."""


def render(examined: Examined, *, width: int = 80, color: bool = False) -> str:
    """Every operation under the run that made it, how many are unfinished, and whether the chain is intact."""
    page = Page(width=width, color=color)
    results = {entry.sequence: entry for entry in examined.entries if isinstance(entry, Result)}
    title = ""
    for link in examined.links:
        entry = link.entry
        if isinstance(entry, Intent):
            if title != (title := _title(entry, link.orgsync)):
                page.blank()
                page.write((title, "bold"))
            _write_operation(page, entry, results.get(entry.sequence))
        elif isinstance(entry, CutOff):
            page.write(
                f"a crash cut off the last line after {counted(entry.size, 'byte')}; set aside {name(entry.at)}",
                lead=(_NO_TIME, ("!", "yellow"), " "),
            )
    page.blank()
    _write_verdict(page, examined)
    return page.text()


def json_lines(examined: Examined) -> str:
    """The lines of the journal that could be read: the same data, and inert in a terminal."""
    return "".join(inert_json(link.text) + "\n" for link in examined.links)


def _title(intent: Intent, orgsync: str) -> str:
    day = intent.at.partition("T")[0]
    by = "" if intent.actor is None else f" by {name(intent.actor)}"
    plan = f"plan {name(intent.plan[:_DIGITS])}"
    return f"{name(day)} (UTC), run {name(intent.run)}{by}, {plan}, orgsync {name(orgsync)}"


def _time(at: str) -> str:
    return name(at.partition("T")[2].removesuffix("Z"))


def _write_operation(page: Page, intent: Intent, result: Result | None) -> None:
    mark, ended = _ended(intent, result)
    message = f": {name(result.message)}" if result and result.message else ""
    asked = name(result.request_id or "") if result else ""
    request = f" ({asked})" if asked and asked not in message else ""
    lead: tuple[Part, ...] = (f"{_time(intent.at)} ", mark, " ")
    page.write((address(intent.address), "bold"), f" {ended}{message}{request}", lead=lead)


def _ended(intent: Intent, result: Result | None) -> tuple[Part, str]:
    words = ACTIONS[intent.action]
    if result is None:
        return ("?", "bold yellow"), f"unfinished: it is unknown whether it was {words.past}; no result was recorded"
    if result.status is Conclusion.UNKNOWN:
        return ("?", "bold yellow"), f"unfinished: it is unknown whether it was {words.past}; the answer was lost"
    if result.status is Conclusion.FAILED:
        return ("x", "bold red"), f"could not be {words.past}"
    return (words.symbol, words.style), words.past


def _write_verdict(page: Page, examined: Examined) -> None:
    operations = sum(isinstance(entry, Intent) for entry in examined.entries)
    tally = f"{counted(operations, 'operation')}, {len(open_intents(examined.entries)):,} unfinished"
    if not examined.problems:
        page.write(f"{tally}; ", ("the chain is intact", "green"))
        page.write(f"last hash: {examined.head}")
        return
    broken = "the chain is broken" if examined.flaws else "the chain is intact except for its end"
    page.write(f"{tally}; ", (f"{broken}:", "bold red"))
    for flaw in examined.problems[:MOST_PROBLEMS]:
        page.write(name(flaw.message), lead=("  ", ("x", "bold red"), f" line {flaw.line:,} "))
    more = len(examined.problems) - MOST_PROBLEMS
    if more > 0:
        page.write(f"  and {counted(more, 'line')} more")
