"""A plan as GitHub-flavoured Markdown: the heaviest first and open, what gives no one more or less folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.model.change import Level, Risk
from orgsync.core.model.codes import Code
from orgsync.core.plan.weight import Weight
from orgsync.core.words.plural import counted
from orgsync.render.page.coverage import coverage_sections, what_matches
from orgsync.render.page.markdown import Section, page
from orgsync.render.page.markdown_text import LIMIT, code, lines, located, named, prose, row
from orgsync.render.page.values import FEW, value
from orgsync.render.page.words import LEVELS, ago
from orgsync.render.plan.changes_markdown import address_cell, change_sections, in_rows
from orgsync.render.plan.counts import (
    also,
    left_out,
    levels,
    new_first,
    news,
    open_ends,
    pending_invites,
    to_do,
    told_causes,
    told_meanings,
    unprivileged,
)
from orgsync.render.plan.groups import alike_notes, may_be_a_way_in, ways_in_first
from orgsync.render.plan.guards_markdown import guard_sections, refusal_sections

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.core.model.change import Note, Plan
    from orgsync.core.words.address import Address

OPEN_AT_MOST = 10
_DIGITS = 12


def render(plan: Plan) -> str:
    """The whole plan."""
    return page(tuple(head(plan)), sections(plan), tuple(foot(plan)))


def sections(plan: Plan) -> tuple[Section, ...]:
    """The parts of a plan, in the order in which they are read."""
    refused, *others = Weight
    return (
        *refusal_sections(plan),
        *change_sections(plan, (refused,)),
        *privileged_section(plan),
        *change_sections(plan, others),
        *blocked_section(plan),
        *_manual(plan),
        *_waiting(plan),
        *_findings(plan),
        *guard_sections(plan),
        *coverage_sections(plan.coverage),
    )


def headline(plan: Plan) -> str:
    """What the plan does, in one line of plain words."""
    if plan.changes:
        return f"Plan: {to_do(plan.changes)}"
    return "Nothing for orgsync to do" if open_ends(plan) and not pending_invites(plan) else "No changes"


def head(plan: Plan) -> Iterator[str]:
    """What the plan does, whether it is refused, and what cannot be undone."""
    yield f"### {headline(plan)}"
    if plan.refusals:
        guards = ", ".join(code(verdict.guard) for verdict in plan.refusals)
        yield (
            f"> [!CAUTION]\n> **Refused** by {counted(len(plan.refusals), 'guard')}: {guards}. "
            "Nothing will be changed until this is resolved."
        )
    if plan.without_base_guards is not None:
        yield f"> [!WARNING]\n> The guards of the base are **lifted by hand**: {prose(plan.without_base_guards)}"
    organization = f"Organization {code(value(plan.organization.name))}"
    if not plan.changes:
        organization += "" if plan.selection.is_everything else ": what is selected"
        organization += _standing(plan)
    others = also(plan)
    yield f"{organization}. Also: {others}." if others else f"{organization}."
    told = [
        f"{label}: {text}" for label, text in (("Meaning", told_meanings(plan)), ("Cause", told_causes(plan))) if text
    ]
    if told:
        yield f"{'. '.join(told)}."
    final = list(dict.fromkeys(named(change.address) for change in plan.changes if change.risk is Risk.R2))
    yield from _selection(plan)
    if final:
        rest = f" and {len(final) - FEW:,} more" if len(final) > FEW else ""
        yield f"**{len(final):,} cannot be undone**: {', '.join(final[:FEW])}{rest}."


def _standing(plan: Plan) -> str:
    """Whether the organization is as the files declare, where there is nothing to change."""
    if invites := pending_invites(plan):
        return f" matches {what_matches(plan.coverage)}, apart from {counted(invites, 'pending invite')}"
    return " does not match the files yet" if open_ends(plan) else f" matches {what_matches(plan.coverage)}"


def _selection(plan: Plan) -> Iterator[str]:
    """By what the plan was made smaller, and how much that leaves out."""
    wanted = plan.selection
    if wanted.is_everything:
        return
    told = [f"Selected: {code(plan.selection.told)}. **{left_out(plan)}.**"]
    for why, addresses in (
        ("Included, because others depend on it", wanted.along),
        ("Not included, because it depends on what is excluded", wanted.held_back),
    ):
        if addresses:
            more = f" and {len(addresses) - FEW:,} more" if len(addresses) > FEW else ""
            told.append(f"{why}: {', '.join(named(one) for one in addresses[:FEW])}{more}.")
    yield " ".join(told)


def privileged_section(plan: Plan) -> Iterator[Section]:
    """What changes the rules orgsync itself goes by."""
    notes = [note for note in plan.findings if note.code == Code.PRIVILEGED_CHANGE]
    if notes:
        yield Section(
            f"Privileged changes ({len(notes):,})",
            ("address", "what", "place"),
            [row((named(note.address), prose(note.message), located(note.source))) for note in notes],
            "privileged change",
            rank=1,
            folded=False,
            must=len(notes),
            intro="These change the protection of the organization, not only its resources.",
        )


def blocked_section(plan: Plan) -> Iterator[Section]:
    """What only a person can decide, each with the way out and what waits for it."""
    if plan.blocked:
        yield Section(
            f"Blocked ({len(plan.blocked):,})",
            ("address", "what", "also blocked", "code", "place"),
            [
                row(
                    (
                        named(one.address),
                        lines((prose(one.message), "" if one.hint is None else f"hint: {prose(one.hint)}")),
                        _few(one.dependents),
                        code(one.code),
                        located(one.source),
                    )
                )
                for one in new_first(plan.blocked)
            ],
            "blocked resource",
            rank=1,
            folded=False,
            must=len(plan.blocked),
            intro=f"A person has to decide. Nothing is planned here{news(plan.blocked)}.",
        )


def _few(addresses: Sequence[Address]) -> str:
    """The first of them, and how many others."""
    rest = f"and {len(addresses) - FEW:,} more" if len(addresses) > FEW else ""
    return lines((*(named(one) for one in addresses[:FEW]), rest))


def _manual(plan: Plan) -> Iterator[Section]:
    if plan.manual:
        yield Section(
            f"Manual steps ({len(plan.manual):,}){news(plan.manual)}",
            ("address", "what", "where", "expected", "place"),
            [
                row(
                    (
                        named(step.address),
                        prose(step.message),
                        prose(step.where),
                        code(step.expected, limit=2 * LIMIT),
                        located(step.source),
                    )
                )
                for step in new_first(plan.manual)
            ],
            "manual step",
            rank=3,
            folded=len(plan.manual) > OPEN_AT_MOST,
            must=len(plan.manual),
            intro="Only a person can do these, in the Console.",
        )


def _waiting(plan: Plan) -> Iterator[Section]:
    if plan.waiting:
        title = f"Waiting ({len(plan.waiting):,}){news(plan.waiting)}"
        yield Section(title, ("address", "what", "code", "place"), _notes(new_first(plan.waiting)), "note", rank=4)


def _findings(plan: Plan) -> Iterator[Section]:
    """Errors first, then what may be somebody's way in, what is alike in one row: neither is ever left out."""
    notes = [note for level in LEVELS for note in new_first(unprivileged(plan.findings)) if note.level is level]
    if not notes:
        return
    errors = ways_in_first(note for note in notes if note.level is Level.ERROR)
    ways = ways_in_first(note for note in notes if may_be_a_way_in(note) and note not in errors)
    kept = {id(note) for note in (*errors, *ways)}
    others = [note for note in notes if id(note) not in kept]
    whole = [one for group in (*alike_notes(errors), *alike_notes(ways)) for one in _rows(group)]
    yield Section(
        f"Findings ({len(notes):,}): {levels(notes)}{news(notes)}",
        ("level", "address", "what", "code", "place"),
        [*(text for text, _size in whole), *(text for note in others for text, _size in _rows([note]))],
        "finding",
        rank=6,
        folded=not errors or len(notes) > OPEN_AT_MOST,
        sizes=[*(size for _text, size in whole), *(1 for _note in others)],
        must=len(whole),
    )


def _rows(notes: Sequence[Note]) -> Iterator[tuple[str, int]]:
    """The rows of notes that say the same, and how many each of them names."""
    for part in in_rows(notes):
        first = part[0]
        others = (prose(first.message), code(first.code), located(first.source))
        yield row((LEVELS[first.level].name, address_cell(part, len(notes)), *others)), len(part)


def _notes(notes: Sequence[Note]) -> list[str]:
    return [row((named(note.address), prose(note.message), code(note.code), located(note.source))) for note in notes]


def foot(plan: Plan, *, digest: bool = True) -> Iterator[str]:
    """What identifies the plan, and how old what it was made from is; no digest of what is not shown."""
    parts = [f"Planned at {code(plan.planned_at)} from {counted(plan.requests, 'request')}"]
    if plan.seen_at is not None:
        age = prose(ago(plan.seen_at, plan.planned_at))
        parts = [f"Planned at {code(plan.planned_at)} from a snapshot of {code(plan.seen_at)}, taken {age}"]
    if plan.base is not None:
        parts.append(f"compared with {code(plan.base)}")
    if digest and plan.digests.changes:
        parts.append(f"changes {code(plan.digests.changes[:_DIGITS])}")
    yield "---"
    yield "; ".join(parts) + "."
    if digest and plan.digests.changes:
        yield f"Digest of the changes: {code(plan.digests.changes)}"
