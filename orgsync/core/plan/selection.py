"""What a person chose: less of a plan while it is made; less, or more allowed, of a saved one. Never a larger plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from orgsync.core.model.match import Names as NamesInPairs
from orgsync.core.plan.allowances import named
from orgsync.core.plan.dependencies import reached, with_followers
from orgsync.core.plan.guarded import without_live
from orgsync.core.plan.guards import GUARDS, allowable, base_guards
from orgsync.core.words.address import Address, covers, folded
from orgsync.core.words.globs import is_glob
from orgsync.core.words.problems import quoted
from orgsync.core.words.suggest import did_you_mean
from orgsync.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from orgsync.core.model.change import Blocked, Change, ManualStep, Note, Plan, Selection, Verdict
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.things import Pairs
    from orgsync.core.plan.guarded import GuardedPlan


_MOST_NAMED = 5

Names = Callable[[str], Sequence[str]]
"""All addresses under which something is known, such as the former one of what is renamed."""


def names_of(pairs: Pairs, kinds: Kinds) -> Names:
    """What files and organization call everything, and what it would be by the names of what it stands in."""
    names = NamesInPairs(pairs)

    def known_as(text: str) -> Sequence[str]:
        one = Address(text)
        return names.addresses(one, kinds.by_name.get(one.kind))

    return known_as


def divided(plan: Plan, wanted: Selection, names: Names) -> tuple[Plan, Plan]:
    """What is chosen of a plan, with the changes it depends on; and the rest."""
    chosen = {change.address for change in plan.changes if _is_chosen(change.address, wanted, names)}
    excluded = {change.address for change in plan.changes if _is_excluded(change.address, wanted, names)}
    stopped = with_followers(excluded, plan.changes)
    held_back = {one for one in chosen if folded(one) in stopped}
    needs: dict[str, set[str]] = {}
    for change in plan.changes:
        needs.setdefault(change.address, set()).update(change.after)
    kept = reached(chosen - held_back, needs)
    selection = replace(
        wanted,
        along=tuple(sorted({change.address for change in plan.changes if change.address in kept - chosen})),
        held_back=tuple(sorted(held_back)),
    )

    def part(*, is_kept: bool) -> Plan:
        def belongs(one: Note | ManualStep) -> bool:
            return _is_chosen(one.address, wanted, names) is is_kept

        def concerns(one: Blocked) -> bool:
            about = (one.address, *one.dependents)
            return any(_is_chosen(address, wanted, names) for address in about) is is_kept

        return replace(
            plan,
            changes=tuple(one for one in plan.changes if (one.address in kept) is is_kept),
            manual=tuple(filter(belongs, plan.manual)),
            waiting=tuple(filter(belongs, plan.waiting)),
            findings=tuple(filter(belongs, plan.findings)),
            blocked=tuple(filter(concerns, plan.blocked)),
            selection=selection,
        )

    return part(is_kept=True), part(is_kept=False)


def check_meaning(wanted: Selection, known: Iterable[str], kinds: Kinds) -> None:
    """Raises UsageError for a glob that matches none of these addresses: a typo must not pass for "no changes"."""
    addresses = set(known)
    for option, globs in (("--only", wanted.only), ("--exclude", wanted.exclude)):
        for glob in globs:
            if not any(covers(glob, one) for one in addresses):
                message = f"{option}: {quoted(glob)} matches nothing that is declared or exists; nothing was planned"
                raise UsageError(message, hint=_meant(glob, addresses, kinds))


def _meant(glob: str, addresses: set[str], kinds: Kinds) -> str:
    """What could have been meant: another kind, another name, or the kinds that there are."""
    name, colon, rest = glob.partition(":")
    if colon and name not in kinds.by_name and not is_glob(name):
        near = did_you_mean(name, kinds.by_name)
        return f'did you mean "{near}:{rest}"?' if near else f"kinds: {', '.join(kinds.by_name)}"
    near = did_you_mean(glob, addresses)
    if near is not None:
        return f'did you mean "{near}"?'
    start, slash, end = rest.rpartition("/")
    outer = {one.rpartition("/")[0] for one in addresses if one.startswith(f"{name}:") and "/" in one}
    inside = did_you_mean(f"{name}:{start}", outer) if slash else None
    if inside is not None:
        return f'did you mean "{inside}/{end}"?'
    there = {one.partition(":")[0] for one in addresses}
    return f"the files manage these kinds: {', '.join(kind for kind in kinds.by_name if kind in there)}"


def _is_chosen(address: str, wanted: Selection, names: Names) -> bool:
    is_in = not wanted.only or any(covers(glob, one) for glob in wanted.only for one in names(address))
    return is_in and not _is_excluded(address, wanted, names)


def _is_excluded(address: str, wanted: Selection, names: Names) -> bool:
    return any(covers(glob, one) for glob in wanted.exclude for one in names(address))


def allowing(plan: Plan, addresses: Sequence[str]) -> Plan:
    """The plan with these changes named, and with the guards judged again that can be without looking at live."""
    if not addresses:
        return plan
    return _judged_again(replace(plan, allowed=(*plan.allowed, *map(named, addresses))))


def without(plan: Plan, addresses: Sequence[str]) -> tuple[Plan, tuple[Change, ...]]:
    """The plan without the changes of these addresses and what depends on them; and the changes left out.

    Raises ValueError for an address that the plan does not change.
    """
    skipped = {folded(address) for address in addresses}
    unknown = skipped - {folded(change.address) for change in plan.changes}
    if unknown:
        raise ValueError(f"the plan does not change {', '.join(sorted(unknown))}")
    skipped = with_followers(skipped, plan.changes)
    left = tuple(change for change in plan.changes if folded(change.address) in skipped)
    kept = tuple(change for change in plan.changes if folded(change.address) not in skipped)
    return (_judged_again(replace(plan, changes=kept)) if left else plan), left


def refusal_of(plan: Plan) -> Refused | None:
    """Why nothing that was asked for can be done, where nothing matches that is not blocked."""
    if plan.selection.is_everything or not plan.blocked or plan.changes or plan.manual or plan.waiting:
        return None
    where = ", ".join(one.address for one in plan.blocked[:_MOST_NAMED])
    more = f" and {len(plan.blocked) - _MOST_NAMED} more" if len(plan.blocked) > _MOST_NAMED else ""
    message = f"{plan.selection.told} selects nothing but what is blocked ({where}{more}); nothing was changed"
    return Refused(message, hint="decide about it first: the plan says how")


def age(plan: Plan, now: datetime) -> timedelta:
    """How long ago live was read for the plan."""
    return now - datetime.fromisoformat(plan.seen_at or plan.planned_at)


def _judged_again(plan: Plan) -> Plan:
    """With the verdicts that can be given without live; of the others, what is left of what they refused."""
    judged = without_live(plan)
    guards = [guard for guard in GUARDS if not guard.needs_live]
    again = {verdict.guard: verdict for verdict in (guard.verdict(judged) for guard in guards)}
    if judged.has_base:
        again["base_guards"] = base_guards(judged, guards)
    verdicts = (again.get(verdict.guard) or _what_is_left(verdict, judged) for verdict in plan.guards)
    return replace(plan, guards=tuple(verdicts))


def _what_is_left(verdict: Verdict, judged: GuardedPlan) -> Verdict:
    """A refusal, as far as what it was for is still in the plan and nobody named it. Apply judges again by live."""
    named = {change.address for change in judged.changes if judged.is_named(change)}
    lifted = named.intersection(allowable(verdict, judged.changes, judged.rules))
    left = {change.address for change in judged.changes} - lifted
    left |= {step.address for step in judged.manual}
    addresses = tuple(address for address in verdict.addresses if address in left)
    if verdict.passed or addresses:
        return replace(verdict, addresses=addresses)
    return replace(verdict, passed=True, message="allowed by address, or left out", addresses=())
