"""The changes of a plan, by weight: what will happen to which resource, why, and what it gives or takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from orgsync.core.model.change import Action, Risk
from orgsync.core.plan.weight import by_weight
from orgsync.core.words.plural import counted
from orgsync.render.page.values import address, colon, difference, few, name, place
from orgsync.render.page.words import ACTIONS, CAUSES, WEIGHTS, harm, kind_noun
from orgsync.render.plan.groups import MANY, groups, refused_by

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from orgsync.core.model.change import Plan
    from orgsync.core.plan.weight import Weight
    from orgsync.core.words.address import Address
    from orgsync.render.page.terminal import Page, Part
    from orgsync.render.plan.groups import Group

WIDEST_LABEL = 28
"""A longer label stands out of the column: it would push all other values to the right edge."""


def write_changes(page: Page, plan: Plan, weights: Collection[Weight]) -> None:
    """Every change of these weights under the heading of its own, what is alike as one block."""
    refused = refused_by(plan)
    for weight, changes in by_weight(plan).items():
        if weight not in weights:
            continue
        page.blank()
        words = WEIGHTS[weight]
        page.write((words.title, words.style), f" ({len(changes):,})")
        for group in groups(changes):
            page.blank()
            _write_group(page, group, refused, most=MANY if group.is_cuttable(weight) else len(group.changes))


def _write_group(page: Page, group: Group, refused: Mapping[Address, Sequence[str]], *, most: int) -> None:
    """One change, or several that are alike, the first `most` of them by name."""
    first, number = group.first, len(group.changes)
    words = ACTIONS[first.action]
    about = address(first.address) if number == 1 else counted(number, kind_noun(first.address.kind))
    page.write((about, "bold"), f" {words.will(number)}", lead=("  ", (words.symbol, words.style), " "))
    mark = ("~" if first.action is Action.ARCHIVE else words.symbol, words.style)
    _write_table(
        page,
        [
            Row(
                colon(name(field.path)),
                difference(field, first.action) if group.alike else f"{number:,} different changes",
                mark,
            )
            for field in first.fields
        ],
    )
    _write_table(page, list(_details(group, refused)))
    if number > 1:
        same = group.place is not None
        for change in group.changes[:most]:
            source = "" if same or change.source is None else f" [{place(change.source)}]"
            page.write((address(change.address), "bold"), (source, "dim"), lead=("        ",))
        if number > most:
            page.write((f"… and {number - most:,} more (--format json lists all)", "dim"), lead=("        ",))


class Row(NamedTuple):
    """A label and what it says. Fields carry the symbol of their change, so that they differ from what explains it."""

    label: str
    text: str
    mark: Part = " "
    style: str = ""


def _details(group: Group, refused: Mapping[Address, Sequence[str]]) -> Iterable[Row]:
    first = group.first
    guards = list(dict.fromkeys(guard for change in group.changes for guard in refused.get(change.address, ())))
    if guards:
        yield Row("refused:", f"by {', '.join(name(guard) for guard in guards)}", ("x", "bold red"), "bold red")
    if harm(first):
        style = "bold red" if first.risk is Risk.R2 else "yellow"
        yield Row("risk:", harm(first), ("!", style), style)
    for effect in first.effects:
        yield Row("effect:", name(effect))
    if first.reason:
        yield Row("reason:", name(first.reason))
    if first.cause in CAUSES:
        yield Row("cause:", CAUSES[first.cause])
    own = {change.address for change in group.changes}
    others = list(dict.fromkeys(other for change in group.changes for other in change.after if other not in own))
    if others:
        yield Row("after:", few([address(other) for other in others]))
    if group.place is not None:
        yield Row("source:", place(group.place))


def _write_table(page: Page, rows: Sequence[Row]) -> None:
    """Labels and what they say, in two columns."""
    widest = max((width for width in (cell_len(row.label) for row in rows) if width <= WIDEST_LABEL), default=0)
    for row in rows:
        gap = " " * max(widest - cell_len(row.label), 0)
        label = (f"{row.label} {gap}", "dim" if row.mark == " " else "")
        page.write((row.text, row.style), lead=("      ", row.mark, " "), label=label)
