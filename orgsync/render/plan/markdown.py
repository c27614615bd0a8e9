"""A plan as GitHub-flavoured Markdown: what needs a decision first and open, all else folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.model.change import TAKING, Cause, Level, Risk
from orgsync.core.model.codes import Code
from orgsync.core.plan.guards import LIFTED_BY_NAME
from orgsync.core.words.plural import counted
from orgsync.render.page.markdown import Section, page
from orgsync.render.page.markdown_text import LIMIT, LONGEST_ROW, code, field, lines, located, named, prose, row
from orgsync.render.page.values import FEW, value
from orgsync.render.page.words import ACTIONS, CAUSE_HEADINGS, CAUSES, LEVELS, RISKS, ago
from orgsync.render.plan.counts import also, levels, new_first, news, open_ends, to_do, unprivileged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from orgsync.core.model.change import Change, Note, Plan
    from orgsync.render.page.markdown import Limit

GROUPS = {**CAUSE_HEADINGS, Cause.UNKNOWN: "Other changes"}

MOST_FIELDS = 12
OPEN_AT_MOST = 10
_DIGITS = 12
_CHANGE = ("address", "action", "what", "risk")


def render(plan: Plan, *, limit: Limit | None = None, marker: str = "") -> str:
    """The whole plan, or as much of it as the limit takes. `marker` goes before everything."""
    sections = (
        *_refusals(plan),
        *_privileged(plan),
        *_changes(plan),
        *_manual(plan),
        *_waiting(plan),
        *_findings(plan),
        *_guards(plan),
    )
    return page((marker, *_head(plan)), sections, tuple(_foot(plan)), limit)


def risky(change: Change) -> bool:
    """Whether a reviewer has to see this change first."""
    return change.risk is not Risk.R0 or change.action in TAKING


def headline(plan: Plan) -> str:
    """What the plan does, in one line of plain words."""
    if plan.changes:
        return f"Plan: {to_do(plan.changes)}"
    return "Nothing for orgsync to do" if open_ends(plan) else "No changes"


def _head(plan: Plan) -> Iterator[str]:
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
        organization += " does not match the files yet" if open_ends(plan) else " matches the files"
    others = also(plan)
    yield f"{organization}. Also: {others}." if others else f"{organization}."
    final = list(dict.fromkeys(named(change.address) for change in plan.changes if change.risk is Risk.R2))
    if final:
        rest = f" and {len(final) - FEW:,} more" if len(final) > FEW else ""
        yield f"**{len(final):,} cannot be undone**: {', '.join(final[:FEW])}{rest}."


def _refusals(plan: Plan) -> Iterator[Section]:
    if not plan.refusals:
        return
    lifted = any(verdict.guard in LIFTED_BY_NAME for verdict in plan.refusals)
    yield Section(
        "Refused",
        ("guard", "why", "addresses"),
        [
            row((code(verdict.guard), prose(verdict.message), lines(_first(map(named, verdict.addresses)))))
            for verdict in plan.refusals
        ],
        "refusal",
        rank=0,
        folded=False,
        intro="To allow a refused change, add `--allow ADDRESS`, or list it under `guards.allow` in the file."
        if lifted
        else "",
    )


def _privileged(plan: Plan) -> Iterator[Section]:
    notes = [note for note in plan.findings if note.code == Code.PRIVILEGED_CHANGE]
    if notes:
        yield Section(
            f"Privileged changes ({len(notes):,})",
            ("address", "what", "place"),
            [row((named(note.address), prose(note.message), located(note.source))) for note in notes],
            "privileged change",
            rank=1,
            folded=False,
            intro="These change the protection of the organization, not only its resources.",
        )


def _changes(plan: Plan) -> Iterator[Section]:
    first = [change for change in plan.changes if risky(change)]
    first.sort(key=lambda change: (-int(change.risk[1:]), change.action not in TAKING))
    if first:
        title = f"Look at these first ({len(first):,})"
        yield Section(title, _CHANGE, [_row(change) for change in first], "change", rank=2, folded=False)
    known = any(change.cause is not Cause.UNKNOWN for change in plan.changes)
    for cause, title in GROUPS.items():
        group = [change for change in plan.changes if change.cause is cause and not risky(change)]
        if group:
            told = title if known or first else "Changes"
            yield Section(f"{told} ({len(group):,})", _CHANGE, [_row(change) for change in group], "change", rank=5)


def _row(change: Change) -> str:
    fields = [field(one, change.action) for one in change.fields[:MOST_FIELDS]]
    if len(change.fields) > MOST_FIELDS:
        fields.append(f"and {counted(len(change.fields) - MOST_FIELDS, 'more field')}")
    where = located(change.source)
    reason = " ".join(part for part in (prose(change.reason), where) if part)
    cause = f"cause: {CAUSES[change.cause]}" if risky(change) and change.cause in CAUSES else ""
    what = lines((*fields, *(prose(effect) for effect in change.effects), reason, cause))
    risk = "" if change.risk is Risk.R0 else f"{change.risk.value}: {RISKS[change.risk].text}"
    if len(what) > LONGEST_ROW:
        what = lines((f"{counted(len(change.fields), 'field')}, too long to show here", where))
    return row((named(change.address), ACTIONS[change.action].infinitive, what, risk))


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
            intro="Only a person can do these, in the Console.",
        )


def _waiting(plan: Plan) -> Iterator[Section]:
    if plan.waiting:
        title = f"Waiting ({len(plan.waiting):,}){news(plan.waiting)}"
        yield Section(title, ("address", "what", "code", "place"), _notes(new_first(plan.waiting)), "note", rank=4)


def _findings(plan: Plan) -> Iterator[Section]:
    notes = [note for level in LEVELS for note in new_first(unprivileged(plan.findings)) if note.level is level]
    if notes:
        errors = any(note.level is Level.ERROR for note in notes)
        yield Section(
            f"Findings ({len(notes):,}): {levels(notes)}{news(notes)}",
            ("level", "address", "what", "code", "place"),
            [f"| {LEVELS[note.level].name} {line}" for note, line in zip(notes, _notes(notes), strict=True)],
            "finding",
            rank=6,
            folded=not errors or len(notes) > OPEN_AT_MOST,
        )


def _notes(notes: Sequence[Note]) -> list[str]:
    return [row((named(note.address), prose(note.message), code(note.code), located(note.source))) for note in notes]


def _guards(plan: Plan) -> Iterator[Section]:
    passed = [verdict for verdict in plan.guards if verdict.passed]
    if passed or plan.allowed:
        allowed = [
            row(
                (
                    "allowed",
                    named(one.address),
                    lines((prose(one.reason), f"until {code(one.until)}" if one.until else "")),
                )
            )
            for one in plan.allowed
        ]
        yield Section(
            f"Guards: {len(passed):,} passed" + (f", {len(plan.allowed):,} allowed by address" if plan.allowed else ""),
            ("", "name", "what"),
            [*(row(("passed", code(verdict.guard), prose(verdict.message))) for verdict in passed), *allowed],
            "line",
            rank=7,
        )


def _first(names: Iterable[str]) -> list[str]:
    """As many addresses as a cell takes."""
    every = list(names)
    rest = len(every) - OPEN_AT_MOST
    return [*every[:OPEN_AT_MOST], *([f"and {rest:,} more"] if rest > 0 else [])]


def _foot(plan: Plan) -> Iterator[str]:
    """What identifies the plan, and how old what it was made from is."""
    parts = [f"Planned at {code(plan.planned_at)} from {counted(plan.requests, 'request')}"]
    if plan.seen_at is not None:
        age = prose(ago(plan.seen_at, plan.planned_at))
        parts = [f"Planned at {code(plan.planned_at)} from a snapshot of {code(plan.seen_at)}, taken {age}"]
    if plan.base is not None:
        parts.append(f"compared with {code(plan.base)}")
    if plan.digests.changes:
        parts.append(f"changes {code(plan.digests.changes[:_DIGITS])}")
    yield "---"
    yield "; ".join(parts) + "."
    if plan.digests.changes:
        yield f"Digest of the changes: {code(plan.digests.changes)}"
