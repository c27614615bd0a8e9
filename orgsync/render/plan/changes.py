"""The changes of a plan, kind by kind: what will happen to which thing, why, and what cannot be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from orgsync.core.model.change import Action, Cause, Risk
from orgsync.core.words.plural import counted
from orgsync.render.page.values import address, colon, difference, few, name, place
from orgsync.render.page.words import ACTIONS, CAUSE_HEADINGS, CAUSES, RISKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orgsync.core.model.change import Change, Plan
    from orgsync.render.page.terminal import Page, Part

WIDEST_LABEL = 28
"""A longer label stands out of the column: it would push all other values to the right edge."""


def by_cause(plan: Plan) -> dict[Cause, list[Change]]:
    """The changes of each cause, most asked about first; nothing where no comparison told the causes."""
    if plan.base is None or any(change.cause is Cause.UNKNOWN for change in plan.changes):
        return {}
    return {cause: [change for change in plan.changes if change.cause is cause] for cause in CAUSE_HEADINGS}


def write_by_cause(page: Page, groups: Mapping[Cause, Sequence[Change]]) -> None:
    """The changes under the cause they have. That this change of the files asks for none is worth a line."""
    for cause, changes in groups.items():
        if changes:
            page.blank()
            page.write((f"{CAUSE_HEADINGS[cause]}:", "bold"), f" {counted(len(changes), 'change')}")
            write_changes(page, changes, causes=False)
        elif cause is Cause.CONFIG:
            page.blank()
            page.write((f"{CAUSE_HEADINGS[cause]}:", "bold"), " nothing")


def write_changes(page: Page, changes: Sequence[Change], *, causes: bool = True) -> None:
    """One block for each change: the kinds in the order the plan first names them, the plan's order inside each."""
    kinds: dict[str, list[Change]] = {}
    for change in changes:
        kinds.setdefault(change.address.partition(":")[0], []).append(change)
    for members in kinds.values():
        for change in members:
            page.blank()
            _write_change(page, change, causes=causes)


def _write_change(page: Page, change: Change, *, causes: bool) -> None:
    words = ACTIONS[change.action]
    page.write((address(change.address), "bold"), f" {words.future}", lead=("  ", (words.symbol, words.style), " "))
    mark = ("~" if change.action is Action.ARCHIVE else words.symbol, words.style)
    _write_table(
        page, [Row(colon(name(field.path)), difference(field, change.action), mark) for field in change.fields]
    )
    _write_table(page, list(_details(change, causes=causes)))


class Row(NamedTuple):
    """A label and what it says. Fields carry the symbol of their change, so that they differ from what explains it."""

    label: str
    text: str
    mark: Part = " "
    style: str = ""


def _details(change: Change, *, causes: bool) -> Iterable[Row]:
    if change.risk is not Risk.R0:
        words = RISKS[change.risk]
        yield Row("risk:", words.text, ("!", words.style), words.style)
    for effect in change.effects:
        yield Row("effect:", name(effect))
    if change.reason:
        yield Row("reason:", name(change.reason))
    if causes and change.cause in CAUSES:
        yield Row("cause:", CAUSES[change.cause])
    others = [address(other) for other in change.after if other != change.address]
    if others:
        yield Row("after:", few(others))
    if change.source is not None:
        yield Row("source:", place(change.source))


def _write_table(page: Page, rows: Sequence[Row]) -> None:
    """Labels and what they say, in two columns."""
    widest = max((width for width in (cell_len(row.label) for row in rows) if width <= WIDEST_LABEL), default=0)
    for row in rows:
        gap = " " * max(widest - cell_len(row.label), 0)
        label = (f"{row.label} {gap}", "dim" if row.mark == " " else "")
        page.write((row.text, row.style), lead=("      ", row.mark, " "), label=label)
