"""What `apply` did, as a person reads it: a line while it works, and the report when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.apply.outcome import Status
from orgsync.render.page.terminal import Page
from orgsync.render.page.values import address, name
from orgsync.render.page.words import ACTIONS
from orgsync.render.plan.counts import to_decide
from orgsync.render.plan.sections import write_blocked, write_manual, write_waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.apply.events import Settled
    from orgsync.core.apply.outcome import Outcome, Report
    from orgsync.render.page.terminal import Part

_MARKS = {
    Status.ALREADY: ("=", "green"),
    Status.FAILED: ("x", "bold red"),
    Status.SKIPPED: (".", "yellow"),
    Status.UNCONFIRMED: ("?", "bold yellow"),
}

_LEFT = "Done, with a next step"

_TITLES = {
    Status.FAILED: ("Failed", ""),
    Status.SKIPPED: ("Skipped", "not sent, for the reason given"),
    Status.UNCONFIRMED: ("Unconfirmed", "sent, but the organization does not show it yet"),
}

_ASTRAY = "sent, but the organization does not show it as planned"


def line(outcome: Outcome | Settled, *, width: int = 80, color: bool = False) -> str:
    """One change, when it is over: `+ member:ana@acme.com invited`."""
    page = Page(width=width, color=color)
    _write_outcome(page, outcome, indent="")
    return page.text()


def render(report: Report, *, width: int = 80, color: bool = False, not_made: str = "") -> str:
    """What went wrong, what is left to people, the result line, and what was `not_made` because it was not chosen."""
    page = Page(width=width, color=color)
    for status, (title, remark) in _TITLES.items():
        outcomes = report.having(status)
        astray = status is Status.UNCONFIRMED and any(outcome.replan for outcome in outcomes)
        _write_section(page, title, _ASTRAY if astray else remark, outcomes)
    _write_section(page, _LEFT, "", [outcome for outcome in report.having(Status.DONE) if outcome.next_step])
    write_blocked(page, report.blocked)
    write_manual(page, report.manual)
    write_waiting(page, report.waiting)
    page.blank()
    page.write(*(_complete(report) if report.complete else _incomplete(report)))
    if report.blocked:
        page.write((f"{to_decide(report.blocked)}.", "bold red"))
    if not_made:
        page.write(f"{not_made}.")
    return page.text()


def _write_section(page: Page, title: str, remark: str, outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        return
    page.blank()
    page.write((f"{title} ({len(outcomes):,})", "bold"), f": {remark}" if remark else ":")
    for outcome in outcomes:
        _write_outcome(page, outcome, indent="  ")


def _write_outcome(page: Page, outcome: Outcome | Settled, *, indent: str) -> None:
    words = ACTIONS[outcome.action]
    mark = _MARKS.get(outcome.status, (words.symbol, words.style))
    # Receipts have the request of every write; here it is what support asks for when something went wrong.
    asked = name(outcome.request_id or "") if outcome.status is not Status.DONE else ""
    message = f": {name(outcome.message)}" if outcome.message else ""
    request = f" (request {asked})" if asked and asked not in message else ""
    page.write((address(outcome.address), "bold"), f" {_ended(outcome)}{message}{request}", lead=(indent, mark, " "))
    if outcome.next_step:
        page.write(f"next step: {name(outcome.next_step)}", lead=(f"{indent}  ",))


def _ended(outcome: Outcome | Settled) -> str:
    past = ACTIONS[outcome.action].past
    if outcome.status is Status.ALREADY:
        return f"already {past}"
    if outcome.status is Status.FAILED:
        return f"could not be {past}"
    if outcome.status is Status.SKIPPED:
        return f"not {past}"
    if outcome.status is Status.UNCONFIRMED:
        return f"{past}, unconfirmed"
    return past


def _complete(report: Report) -> tuple[Part, ...]:
    title = ("Apply complete:", "bold green")
    done = [outcome.action for outcome in report.having(Status.DONE)]
    parts = [f"{done.count(action):,} {words.past}" for action, words in ACTIONS.items() if action in done]
    if report.already:
        parts.append(f"{report.already:,} already as planned")
    return title, f" {', '.join(parts) or 'no changes'}."


def _incomplete(report: Report) -> tuple[Part, ...]:
    numbers = [
        ("already as planned", report.already),
        *((status.value, len(report.having(status))) for status in _TITLES),
    ]
    rest = "".join(f", {number:,} {word}" for word, number in numbers if number)
    return ("Apply incomplete:", "bold red"), f" {report.done:,} done{rest}. {_next(report)}"


def _next(report: Report) -> str:
    """What to do. The same command does not help where the organization is at no step of the plan, or where the API
    rejected what was asked."""
    left = [outcome for status in _TITLES for outcome in report.having(status)]
    if any(outcome.replan for outcome in left):
        before = "Follow the next steps above. " if any(outcome.has_own_step for outcome in left) else ""
        return f"{before}Run `orgsync plan` again and review the new plan."
    if any(outcome.rejected for outcome in left):
        return "Follow the next steps above first: without them the API rejects the same requests."
    if any(outcome.next_step for outcome in left):
        return "Follow the next steps above, then run the same command again."
    return "Run the same command again."
