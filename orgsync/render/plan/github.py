"""What GitHub shows of a plan: one comment that is found again by its marker, and the summary of a job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orgsync.render.page.markdown import Limit, Section, page, utf8_length, utf16_length
from orgsync.render.page.markdown_text import code, prose, row
from orgsync.render.page.values import place
from orgsync.render.plan.pages import paged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.model.change import Note, Plan
    from orgsync.core.words.source import Problem

COMMENT_LIMIT = 65_000
"""GitHub refuses bodies of more than 65,536 characters."""

SUMMARY_LIMIT = 1024 * 1024
"""GitHub drops the summary of a step that is longer than this, in bytes."""

MOST_PAGES = 4
"""Nobody reviews a plan of more comments than this."""

PAGE_BREAK = "<!-- orgsync:page -->"
"""The line between two pages of a plan. No name can be a line of its own."""

_NAME = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
_MARKER = re.compile(r"<!-- orgsync:(?P<what>plan|issue):(?P<name>[^ ]+) -->")
_FOLD = re.compile(r"^(?P<open><details)|^(?P<close></details>)", re.MULTILINE)


def is_name(text: str) -> bool:
    """Whether a marker can carry this name."""
    return len(text) <= 60 and _NAME.fullmatch(text) is not None


def marker(name: str, *, what: str = "plan") -> str:
    """What nobody sees and orgsync finds its own by. The name tells two organizations of one repository apart."""
    return f"<!-- orgsync:{what}:{name} -->"


def marked_as(text: str) -> str | None:
    """The marker that a text begins with, if it does."""
    found = _MARKER.match(text)
    return None if found is None else found[0]


def comment(plan: Plan, *, name: str = "plan", link: str | None = None) -> str:
    """The plan as the bodies of as many comments as it needs, with a line between any two of them."""
    bodies = paged(
        plan,
        _comment_limit(link),
        most=MOST_PAGES,
        marker=lambda number, total: marker(name if number == 1 else f"{name}:{number}/{total}"),
    )
    return f"{PAGE_BREAK}\n".join(bodies)


def summary(plan: Plan, *, room: int = SUMMARY_LIMIT, link: str | None = None) -> str:
    """The plan as the summary of a job, in at most `room` bytes."""
    (only,) = paged(plan, Limit(room, utf8_length, link), most=1, marker=lambda _number, _total: "")
    return only


def failure(title: str, problems: Sequence[Problem], *, name: str = "plan", link: str | None = None) -> str:
    """The body of a comment that says why there is no plan: an old plan must not stay as if it were this one."""
    rows = [row((code(str(one.source or "-")), _told(one), prose(one.hint or ""))) for one in problems]
    table = Section(f"Problems ({len(problems):,})", ("place", "what", "hint"), rows, "problem", 0, folded=False)
    return page((marker(name), f"### {title}"), (table,), (), _comment_limit(link))


def valid(path: str, what: str, warnings: Sequence[Note] = (), *, name: str = "plan", link: str | None = None) -> str:
    """The body of a comment that says that the files are right, what is in them, and what to be warned of."""
    rows = [row((code(_place(note)), f"{code(note.address)}: {prose(note.message)}")) for note in warnings]
    table = Section(f"Warnings ({len(warnings):,})", ("place", "what"), rows, "warning", 0, folded=False)
    head = (marker(name), "### The files are valid", f"{code(path)}: {prose(what)}.")
    return page(head, (table,) if rows else (), (), _comment_limit(link))


def body(text: str, wanted: str) -> str:
    """A text as the body of a comment or an issue: marked, and cut at a whole line where it is too long."""
    text = text if text.startswith(wanted) else f"{wanted}\n\n{text}"
    if utf16_length(text) <= COMMENT_LIMIT:
        return text
    kept: list[str] = []
    room, lines = COMMENT_LIMIT - 500, text.splitlines()
    for line in lines:
        room -= utf16_length(line) + 1
        if room < 0:
            break
        kept.append(line)
    folds = [found.lastgroup for found in _FOLD.finditer("\n".join(kept))]
    left = folds.count("open") - folds.count("close")
    return "\n".join([*kept, "", *["</details>"] * left, "", f"and {len(lines) - len(kept):,} more lines", ""])


def _place(note: Note) -> str:
    return "-" if note.source is None else place(note.source)


def _told(problem: Problem) -> str:
    about = "" if problem.address is None else f"{code(problem.address)}: "
    return f"{about}{prose(problem.message)}"


def _comment_limit(link: str | None) -> Limit:
    return Limit(COMMENT_LIMIT, utf16_length, link)
