"""The changes of a plan as tables: one for each weight, what is alike in one row that names every address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from orgsync.core.model.change import Risk
from orgsync.core.plan.weight import Weight, by_weight
from orgsync.core.words.plural import counted
from orgsync.render.page.markdown import Section
from orgsync.render.page.markdown_text import LONGEST_ROW, code, field, lines, located, named, prose, row
from orgsync.render.page.words import ACTIONS, CAUSES, WEIGHTS, harm, kind_noun
from orgsync.render.plan.groups import MANY, groups, refused_by

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from orgsync.core.model.change import Change, Plan
    from orgsync.core.words.address import Address
    from orgsync.render.plan.groups import Group

MOST_FIELDS = 12
_COLUMNS = ("address", "action", "what", "risk")


def change_sections(plan: Plan, weights: Collection[Weight]) -> Iterator[Section]:
    """One section for each of these weights. All but what is neutral is named in full, and never left out."""
    refused = refused_by(plan)
    for weight, changes in by_weight(plan).items():
        if weight not in weights:
            continue
        alike = groups(changes)
        whole = [one for group in alike if not group.is_cuttable(weight) for one in _whole(group, refused)]
        rows = [*whole, *(_in_part(group, refused) for group in alike if group.is_cuttable(weight))]
        neutral = weight is Weight.NEUTRAL
        yield Section(
            f"{WEIGHTS[weight].title} ({len(changes):,})",
            _COLUMNS,
            [text for text, _size in rows],
            "change",
            rank=5 if neutral else 2,
            folded=neutral,
            sizes=[size for _text, size in rows],
            must=len(whole),
        )


def _whole(group: Group, refused: Mapping[Address, Sequence[str]]) -> Iterator[tuple[str, int]]:
    """Rows that name every address of a group, and how many each names."""
    for part in in_rows(group.changes):
        yield _row(group, part, address_cell(part, len(group.changes)), refused)


def _in_part(group: Group, refused: Mapping[Address, Sequence[str]]) -> tuple[str, int]:
    """One row, in which the first addresses are named and the others counted."""
    total = len(group.changes)
    rest = f"and {total - MANY:,} more (`--format json` lists all)" if total > MANY else ""
    return _row(group, group.changes, lines((address_cell(group.changes[:MANY], total), rest)), refused)


def _row(group: Group, part: Sequence[Change], about: str, refused: Mapping[Address, Sequence[str]]) -> tuple[str, int]:
    first = group.first
    return row((about, ACTIONS[first.action].infinitive, _what(group, part, refused), harm(first))), len(part)


class Addressed(Protocol):
    """What stands in a row by its address."""

    @property
    def address(self) -> Address: ...


Some = TypeVar("Some", bound=Addressed)


def in_rows(several: Sequence[Some]) -> Iterator[list[Some]]:
    """What says the same, in as many rows as keep each of them short: a page can end after any."""
    part: list[Some] = []
    room = LONGEST_ROW
    for one in several:
        size = len(named(one.address)) + len("<br>")
        if part and size > room:
            yield part
            part, room = [], LONGEST_ROW
        part.append(one)
        room -= size
    if part:
        yield part


def address_cell(part: Sequence[Addressed], total: int) -> str:
    """Each address on a line of its own; where several stand together, under how many of all they are."""
    if total == 1:
        return named(part[0].address)
    of = "" if len(part) == total else f"{len(part):,} of "
    heading = f"**{of}{counted(total, kind_noun(part[0].address.kind))}**"
    return lines((heading, *(named(one.address) for one in part)))


def _what(group: Group, part: Sequence[Change], refused: Mapping[Address, Sequence[str]]) -> str:
    """The fields, and what comes of them. Of what is neutral, many fields give way: they would hide other rows."""
    first, number = group.first, len(group.first.fields)
    guards = list(dict.fromkeys(guard for change in part for guard in refused.get(change.address, ())))
    fields = [field(one, first.action) for one in first.fields]
    if not group.alike:
        fields = [f"{code(one.path)}: {len(group.changes):,} different changes" for one in first.fields]
    rest = (
        f"refused by {', '.join(map(code, guards))}" if guards else "",
        *(prose(effect) for effect in first.effects),
        " ".join(text for text in (prose(first.reason), _places(part)) if text),
        f"cause: {CAUSES[first.cause]}" if first.cause in CAUSES else "",
    )
    if first.meaning or first.risk is not Risk.R0 or guards:
        return lines((*fields, *rest))
    more = (f"and {counted(number - MOST_FIELDS, 'more field')}",) if number > MOST_FIELDS else ()
    told = lines((*fields[:MOST_FIELDS], *more, *rest))
    return told if len(told) <= LONGEST_ROW else lines((f"{counted(number, 'field')}, too long to show here", *rest))


def _places(changes: Sequence[Change]) -> str:
    """The line of each change; of several the first and the last, as they are asked for."""
    sources = list(dict.fromkeys(change.source for change in changes if change.source is not None))
    if len(sources) < 2:
        return located(sources[0]) if sources else ""
    return f"{located(sources[0])} to {located(sources[-1])}"
