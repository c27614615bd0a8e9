"""Rules over the whole plan that can refuse it. Each is one row: a check of what the changes mean, blind to kinds.

A guard never looks at what asked for a change or at what it is called, so no kind can forget to be judged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import Cause, Change, ManualStep, Risk, Verdict
from orgsync.core.model.codes import Code
from orgsync.core.model.meaning import GIVES, TAKES, Meaning
from orgsync.core.plan.former import would_have_refused
from orgsync.core.words.address import covers, folded
from orgsync.core.words.plural import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from orgsync.core.model.change import Rules
    from orgsync.core.plan.guarded import GuardedPlan, Reviewed
    from orgsync.core.words.address import Address

_ADMIN_LOSS = frozenset({Code.ADMIN_DEMOTION, Code.ADMIN_REMOVAL})

POLICY_FREE = 5
"""So many things a policy may stop without a look at percentages: that is what the file asked for."""

NEW = "new since 0.2: docs/guards.md#what-changed-in-02"
"""Said of a refusal that version 0.1 would not have made."""

_UNDO = "an undo takes back what an apply did, and nothing else"


def judge(plan: GuardedPlan) -> tuple[Verdict, ...]:
    """The verdict of every guard, in a fixed order; the last one only where the files were compared with others."""
    verdicts = tuple(guard.verdict(plan) for guard in GUARDS)
    return (*verdicts, base_guards(plan, GUARDS)) if plan.has_base else verdicts


@dataclass(frozen=True, slots=True)
class Guard:
    """One rule. `check` says in words what it found, and the addresses it refuses the plan for, if any.

    `refuses` and `lifted_by` are for people, in Markdown; `lifted_by_name` is whether a change passes once a person
    named it. `needs_live` is whether it has to know what live shows, which a saved plan does not say.
    """

    name: str
    check: Callable[[GuardedPlan], tuple[str, Sequence[Address]]]
    refuses: str
    lifted_by: str
    lifted_by_name: bool = False
    needs_live: bool = False

    def verdict(self, plan: GuardedPlan) -> Verdict:
        """What it says of a plan."""
        message, hit = self.check(plan)
        if hit and not would_have_refused(self.name, plan):
            message = f"{message} ({NEW})"
        return Verdict(self.name, passed=not hit, message=message, addresses=tuple(dict.fromkeys(hit)))


def _protected(plan: GuardedPlan) -> tuple[str, Sequence[Address]]:
    """What is protected stays as it is, by every name that it has, and so does what ends with something else."""
    if plan.undo:
        return _UNDO, ()
    harmed = [change.address for change in plan.things if _harms(change, plan)]
    renamed = [
        change.address
        for change in plan.things
        if any(entry.address in plan.outgrown.get(change.address, ()) for entry in plan.rules.protect)
    ]
    created = [
        change.address for change in plan.things if creates_protected(change, plan.rules) and not plan.is_named(change)
    ]
    messages = [
        *(["protected by guards.protect"] if harmed else []),
        *(["guards.protect covers the former name and not the new one"] if renamed else []),
        *(["guards.protect names what does not exist, and would be created"] if created else []),
    ]
    return "; ".join(messages) or "nothing protected is withdrawn or stopped", [*harmed, *renamed, *created]


def creates_protected(change: Change, rules: Rules) -> bool:
    """Whether a change, and nothing worse, makes what an entry of `protect` names itself, and not by a glob.

    Somebody knew it when they protected it: it may be there by another name, and the new one would be an empty twin.
    """
    wanted, is_new = change.address.casefold(), change.id is None and all(part.before is None for part in change.fields)
    return (
        is_new
        and any(entry.address.casefold() == wanted for entry in rules.protect)
        and not any(entry.any and covers(entry.address, change.address) for entry in rules.protect)
    )


def _harms(change: Change, plan: GuardedPlan) -> bool:
    """Whether a change does to something protected what it is protected from, or takes something protected along."""
    takes = not TAKES.isdisjoint(change.meaning)
    names = plan.names.of(change.address)
    along = plan.ending.get(change.address, ())
    return any(
        ((takes or entry.any) and any(covers(entry.address, name) for name in names)) or entry.address in along
        for entry in plan.rules.protect
    )


def _irreversible(plan: GuardedPlan) -> tuple[str, Sequence[Address]]:
    final = [change for change in plan.changes if change.risk is Risk.R2]
    hit = [change for change in final if not plan.is_named_for_good(change)]
    if not hit:
        return "every irreversible change is allowed by its address", ()
    message = "cannot be undone, and is not allowed by its address"
    if any(plan.is_named(change) for change in hit):
        message = "cannot be undone, and more than one thing has or had this address: allow it with its id"
    return message, _addresses(hit)


def _too_many_removals(plan: GuardedPlan) -> tuple[str, Sequence[Address]]:
    """A plan that takes more than a person would expect is more likely a mistake than a wish."""
    if plan.undo:
        return _UNDO, ()
    taken = [change for change in plan.that(TAKES) if not plan.is_named(change)]
    count, percent = plan.rules.max_removals_count, plan.rules.max_removals_percent
    if len(taken) > count:
        message = f"withdraws or stops {counted(len(taken), 'resource')}, more than max_removals.count ({count})"
        return message, _addresses(taken)
    for kind, group in _by_kind(_unasked(taken)).items():
        present = plan.present.get(kind, 0)
        if len(group) * 100 > percent * present:
            message = (
                f"withdraws or stops {len(group)} of {present} ({kind}), more than max_removals.percent ({percent})"
            )
            return message, _addresses(group)
    return f"withdraws or stops {len(taken)}; at most {count} and {percent}% are allowed", ()


def _unasked(taken: Sequence[Change]) -> list[Change]:
    """What no line asks for by name: what goes by absence, and what policies stop where that is more than a few."""
    by_policy = [change for change in taken if change.cause is Cause.POLICY]
    absent = [change for change in taken if change.absent]
    return [*absent, *(by_policy if len(by_policy) > POLICY_FREE else ())]


def _too_many_grants(plan: GuardedPlan) -> tuple[str, Sequence[Address]]:
    """Power is not handed out by the hundred, unless a person said to how many."""
    if plan.undo:
        return _UNDO, ()
    if plan.first:
        return "these are the first files of the organization", ()
    given = [change for change in plan.that(GIVES) if not plan.is_named(change)]
    most = max([plan.rules.max_grants, *(one.count for one in plan.raised if one.guard == "max_grants")])
    if len(given) > most:
        message = f"gives power to {counted(len(given), 'resource')}, more than max_grants.count ({most})"
        return message, _addresses(given)
    return f"gives power to {len(given)}; at most {most} are allowed", ()


def _emptied_collection(plan: GuardedPlan) -> tuple[str, Sequence[Address]]:
    """An empty map is more likely a mistake than a wish."""
    if plan.undo:
        return _UNDO, ()
    named = {change.address for change in plan.things if plan.is_named(change)}
    emptied = [one for one in plan.collections if one.before > 0 >= one.after and not named.issuperset(one.ending)]
    if not emptied:
        return "no collection is emptied", ()
    told = ", ".join(f"every {one.noun}{f' of {one.inside}' if one.inside else ''}" for one in emptied)
    return f"this would remove or stop {told}", [address for one in emptied for address in one.ending]


def _too_few_admins(plan: GuardedPlan) -> tuple[str, Sequence[Address]]:
    """Enough have to remain once the manual steps are done, too: the API cannot make a new one."""
    lost = lost_admins(plan.manual)
    remaining, minimum = plan.admins - len(lost), plan.rules.min_admins
    if lost and remaining < minimum:
        return f"{counted(remaining, 'admin')} would remain, fewer than min_admins ({minimum})", lost
    return f"{counted(remaining, 'admin')} will remain", ()


def lost_admins(manual: Iterable[ManualStep]) -> tuple[Address, ...]:
    """The admins a person is asked to demote or remove."""
    return tuple(step.address for step in manual if step.code in _ADMIN_LOSS)


def _own_identity(plan: GuardedPlan) -> tuple[str, Sequence[Address]]:
    """Whoever makes a plan could lock themselves out half-way, and with them everybody who would repair it.

    An account is what its e-mail alone is the address of; where the e-mail is a part, it is a right of the account.
    """
    own = {folded(email) for email in plan.rules.credential_of}
    changed = (change.address for change in plan.changes if change.id is not None and change.meaning)
    hit = tuple(
        address
        for address in (*changed, *lost_admins(plan.manual))
        if [folded(segment) for segment in address.segments] in ([email] for email in own)
    )
    if hit:
        return "this is the credential's own account (guards.credential_of)", hit
    return ("the credential's own account is not changed" if own else "guards.credential_of names no account"), ()


_EDITING = "editing the file"

GUARDS = (
    Guard(
        "protect",
        _protected,
        refuses="whatever withdraws or stops what `guards.protect` names (globs of addresses), or gives it a name that "
        "they do not cover; creating what it names by its whole address; with `from: any`, every change of it",
        lifted_by="editing the file; a creation also by `--allow ADDRESS`",
        needs_live=True,
    ),
    Guard(
        "irreversible",
        _irreversible,
        refuses="a change that cannot be undone: archiving, removing a person who owns personal keys, setting what can "
        "be set only once",
        lifted_by="`--allow ADDRESS=ID` for exactly that change, or `--allow ADDRESS` where nothing else has or had "
        "the address",
        lifted_by_name=True,
        needs_live=True,
    ),
    Guard(
        "max_removals",
        _too_many_removals,
        refuses="withdrawing or stopping more than `count` resources; or more than `percent` of one kind because no "
        f"line declares them or, of more than {POLICY_FREE}, because a policy asks for it",
        lifted_by="the limits in the file, or `--allow ADDRESS`",
        lifted_by_name=True,
    ),
    Guard(
        "max_grants",
        _too_many_grants,
        refuses="giving power to more than `count` resources: invites, roles, keys switched on, limits raised",
        lifted_by="the limit in the file, an entry of `guards.allow` with `guard: max_grants`, or `--allow ADDRESS`",
        lifted_by_name=True,
    ),
    Guard(
        "emptied_collection",
        _emptied_collection,
        refuses="taking the last resource in use out of a collection, also that of one workspace, because no line "
        "declares it",
        lifted_by="`--allow ADDRESS` for every one of them",
        lifted_by_name=True,
        needs_live=True,
    ),
    Guard(
        "min_admins",
        _too_few_admins,
        refuses="manual steps that would leave fewer admins than `guards.min_admins`",
        lifted_by=_EDITING,
        needs_live=True,
    ),
    Guard(
        "own_identity",
        _own_identity,
        refuses="removing, withdrawing or changing the account that `guards.credential_of` names, and manual steps "
        "that revoke its admin role",
        lifted_by=_EDITING,
    ),
)

LIFTED_BY_NAME = frozenset(guard.name for guard in GUARDS if guard.lifted_by_name)
"""The guards that let every change pass once a person names it."""


def allowable(verdict: Verdict, changes: Iterable[Change], rules: Rules) -> tuple[Address, ...]:
    """What a verdict refuses, and lets pass once a person names it."""
    if verdict.guard in LIFTED_BY_NAME:
        return verdict.addresses
    created = {change.address for change in changes if creates_protected(change, rules)}
    return tuple(one for one in verdict.addresses if one in created) if verdict.guard == "protect" else ()


def base_guards(plan: GuardedPlan, guards: Iterable[Guard]) -> Verdict:
    """What the guards would refuse by the rules of the base: no change weakens a rule and uses that in one go.

    What they refuse by the rules of the files is theirs to tell. Rules that cannot be read might refuse anything.
    """
    before = _before(plan, guards)
    if before.passed or plan.without_base_guards is None:
        return before
    return replace(before, passed=True, message=f"lifted by hand: {before.message}")


def _before(plan: GuardedPlan, guards: Iterable[Guard]) -> Verdict:
    """The verdict by the rules of the base, which nobody has lifted."""
    if plan.base_unreadable is not None:
        message = f"the guards of the base cannot be read: {plan.base_unreadable}"
        return Verdict("base_guards", passed=False, message=message)
    as_before = replace(plan, rules=plan.base_rules or plan.rules)
    refusals = [was for one in guards if not (was := one.verdict(as_before)).passed and one.verdict(plan).passed]
    if refusals:
        told = "; ".join(f"{was.guard}: {was.message}" for was in refusals)
        hit = tuple(dict.fromkeys(one for was in refusals for one in was.addresses))
        return Verdict("base_guards", passed=False, message=f"refused by the guards of the base: {told}", addresses=hit)
    return Verdict("base_guards", passed=True, message="the guards of the base pass as well")


def stops_now(plan: GuardedPlan, reviewed: Reviewed) -> Verdict:
    """Whether something that takes but did not stop when it was reviewed would stop requests by now.

    `reviewed` finds the change as it was reviewed. Passes once a person names the change.
    """
    hit = [
        change
        for change in plan.that(frozenset({Meaning.STOPS}))
        if not plan.is_named(change) and (was := reviewed(change)) is not None and Meaning.STOPS not in was.meaning
    ]
    message = "requests would stop at once, which was not so when this was reviewed"
    return Verdict("stops_now", not hit, message if hit else "nothing stops that was not reviewed", _addresses(hit))


def _addresses(changes: Iterable[Change]) -> tuple[Address, ...]:
    return tuple(change.address for change in changes)


def _by_kind(changes: Iterable[Change]) -> dict[str, list[Change]]:
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(change.address.kind, []).append(change)
    return groups
