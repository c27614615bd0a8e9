"""A plan in as many pages as a place takes, or in brief where they do not hold it: what is left out is said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.plan.allowances import NAMED_AT_MOST
from orgsync.core.plan.weight import Weight, by_weight
from orgsync.core.words.plural import counted
from orgsync.render.page.markdown import Limit, Section, everything, page, pages
from orgsync.render.page.markdown_text import code, named, row
from orgsync.render.page.words import WEIGHTS
from orgsync.render.plan import markdown
from orgsync.render.plan.guards_markdown import refusal_sections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from orgsync.core.model.change import Change, Plan

DIGITS = 12
"""So much of a digest tells which pages belong together."""

_BY_NAME = (Weight.REFUSED, Weight.FINAL, Weight.ELEVATES, Weight.STOPS)
"""What is named even where there is no room for what it does."""


def paged(plan: Plan, limit: Limit, *, most: int, marker: Callable[[int, int], str]) -> list[str]:
    """The plan in at most so many pages, each of them named; only what is neutral or no change may be left out.

    The last one has the digest, because everything that was reviewed by it is shown. Where that cannot be, one page
    tells in brief what there is, without a digest. `marker` goes before everything on a page.
    """

    def head(number: int, total: int) -> Sequence[str]:
        first = (marker(number, total), *(markdown.head(plan) if number == 1 else (f"### {markdown.headline(plan)}",)))
        return first if total == 1 else (*first, _which(plan, number, total))

    found = pages(head, markdown.sections(plan), tuple(markdown.foot(plan)), limit, most)
    return [_brief(plan, limit, marker(1, 1))] if found is None else found


def _which(plan: Plan, number: int, total: int) -> str:
    follows = " The digest stands on the last page." if number < total else ""
    return f"**Page {number} of {total}** of the plan with the changes {code(plan.digests.changes[:DIGITS])}.{follows}"


def _brief(plan: Plan, limit: Limit, marker: str) -> str:
    told = (
        f"> [!WARNING]\n> **This plan is too large to be shown here.** {everything(limit.link)} "
        "This page has no digest, because it is not enough to review the plan by."
    )
    refusals = (section for section in refusal_sections(plan) if len(section.rows) <= NAMED_AT_MOST)
    people = (*markdown.privileged_section(plan), *markdown.blocked_section(plan))
    sections = (*refusals, *people, *_counts(plan), *_by_name(plan))
    loose = [replace(section, must=0) for section in sections]
    return page((marker, *markdown.head(plan), told), loose, tuple(markdown.foot(plan, digest=False)), limit)


def _counts(plan: Plan) -> Iterator[Section]:
    rows = [row((WEIGHTS[weight].title, f"{len(changes):,}")) for weight, changes in by_weight(plan).items()]
    yield Section("What the changes do", ("", "changes"), rows, "line", rank=0, folded=False)


def _by_name(plan: Plan) -> Iterator[Section]:
    """The addresses of what weighs most, and nothing else about them."""
    for weight, changes in by_weight(plan).items():
        if weight in _BY_NAME:
            yield Section(
                f"{WEIGHTS[weight].title} ({counted(len(changes), 'change')})",
                ("address",),
                [row((_named(change),)) for change in changes],
                "change",
                rank=2 + weight,
                folded=False,
            )


def _named(change: Change) -> str:
    return f"{named(change.address)} {change.action}"
