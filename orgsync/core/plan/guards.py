"""Rules over the whole plan that can refuse it. Each is one row: a check of the final changes, blind to kinds.

A guard never looks at what asked for a change, so no kind can forget to be judged.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import TAKING, Action, Change, ManualStep, Risk, Rules, Verdict
from orgsync.core.model.codes import Code
from orgsync.core.words.address import covers, folded
from orgsync.core.words.plural import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from orgsync.core.words.address import Address

_ADMIN_LOSS = frozenset({Code.ADMIN_DEMOTION, Code.ADMIN_REMOVAL})

_OF_AN_ACCOUNT = TAKING | {Action.UPDATE}
"""What can be done to an account that is there."""


@dataclass(frozen=True, slots=True)
class GuardedPlan:
    """A plan as guards look at it.

    `present` counts, by kind, what live shows before the plan; `admins` the organization admins among them. `allowed`
    are the folded addresses a person named one by one. `renames` are other paths of things that live and the files
    call differently, each with the path the changes use. `base_rules` are the rules before this change of the files.
    """

    changes: Sequence[Change]
    rules: Rules
    present: Mapping[str, int]
    admins: int
    manual: Sequence[ManualStep] = ()
    allowed: frozenset[str] = field(default=frozenset())
    renames: Sequence[tuple[str, str]] = ()
    base_rules: Rules | None = None

    @property
    def removals(self) -> tuple[Change, ...]:
        """Every change that takes something away for good: an invite that is withdrawn to be sent again does not."""
        invited = {change.address for change in self.changes if change.action is Action.INVITE}
        return tuple(
            change
            for change in self.changes
            if change.action in TAKING and not (change.action is Action.WITHDRAW and change.address in invited)
        )


def other_names(identities: Mapping[str, str], live: Iterable[tuple[str, str]] = ()) -> tuple[tuple[str, str], ...]:
    """Every other name of a live thing, with the one by which a plan knows it.

    `identities` are the names the plan uses, each with an id; `live` the addresses that live shows, each with its id:
    a name that the files gave to another thing is there still the name of the one that is called so now.
    What stands inside another has a name of its own only where that differs: the rest is the name of the other. An
    address that says of what kind the thing is which it mentions (`workspace/lab`) goes by its names, too.
    """
    known: dict[tuple[str, str], dict[str, None]] = {}
    for text, identity in (*identities.items(), *live):
        kind, _, path = text.partition(":")
        known.setdefault((kind, identity), {})[path] = None
    pairs = []
    for text, identity in identities.items():
        kind, _, used = text.partition(":")
        for other in known[kind, identity]:
            if other.rpartition("/")[2] != used.rpartition("/")[2]:
                pairs.append((other, used))
                if "/" not in used:
                    pairs.append((f"{kind}/{other}", f"{kind}/{used}"))
    return tuple(pairs)


def judge(judged: GuardedPlan) -> tuple[Verdict, ...]:
    """The verdict of every guard, in a fixed order; the last one only where the files were compared with others."""
    verdicts = tuple(guard.verdict(judged) for guard in GUARDS)
    return verdicts if judged.base_rules is None else (*verdicts, base_guards(judged, GUARDS))


@dataclass(frozen=True, slots=True)
class Guard:
    """One rule. `check` says in words what it found, and the addresses it refuses the plan for, if any.

    `refuses` and `lifted_by` are for people, in Markdown; `lifted_by_name` is whether a change passes once a person
    named it. `counts_admins` is whether it has to know how many admins live shows, which a saved plan does not say.
    """

    name: str
    check: Callable[[GuardedPlan], tuple[str, Sequence[Address]]]
    refuses: str
    lifted_by: str
    lifted_by_name: bool = False
    counts_admins: bool = False

    def verdict(self, judged: GuardedPlan) -> Verdict:
        """What it says of a plan."""
        message, hit = self.check(judged)
        return Verdict(self.name, passed=not hit, message=message, addresses=tuple(hit))


def _protected(judged: GuardedPlan) -> tuple[str, Sequence[Address]]:
    hit = _addresses(
        change
        for change in judged.removals
        if any(covers(glob, name) for name in _names(change.address, judged.renames) for glob in judged.rules.protect)
    )
    return ("protected by guards.protect" if hit else "nothing protected is removed"), hit


def _names(address: Address, renames: Sequence[tuple[str, str]]) -> set[str]:
    """The address, and what it would be by other names: what is protected stays so when a file renames it.

    First by other names of the thing itself, then, for each, by those of what it stands in.
    """
    kind, _, path = address.partition(":")
    own = {path, *(other for other, used in renames if path == used)}
    outer = {f"{other}{one.removeprefix(used)}" for one in own for other, used in renames if one.startswith(f"{used}/")}
    return {f"{kind}:{one}" for one in (*own, *outer)}


def _irreversible(judged: GuardedPlan) -> tuple[str, Sequence[Address]]:
    hit = _addresses(
        change for change in judged.changes if change.risk is Risk.R2 and folded(change.address) not in judged.allowed
    )
    message = (
        "cannot be undone, and is not allowed by its address"
        if hit
        else "every irreversible change is allowed by its address"
    )
    return message, hit


def _too_many_removals(judged: GuardedPlan) -> tuple[str, Sequence[Address]]:
    """A plan that takes away more than a person would expect is more likely a mistake than a wish."""
    removals = [change for change in judged.removals if folded(change.address) not in judged.allowed]
    count, percent = judged.rules.max_removals_count, judged.rules.max_removals_percent
    if len(removals) > count:
        message = f"removes {counted(len(removals), 'resource')}, more than max_removals.count ({count})"
        return message, _addresses(removals)
    for kind, group in _by_kind(removals).items():
        present = judged.present.get(kind, 0)
        if len(group) * 100 > percent * present:
            message = f"removes {len(group)} of {present} ({kind}), more than max_removals.percent ({percent})"
            return message, _addresses(group)
    return f"removes {len(removals)}; at most {count} and {percent}% are allowed", ()


def _emptied_collection(judged: GuardedPlan) -> tuple[str, Sequence[Address]]:
    """An empty map is more likely a mistake than a wish."""
    for kind, group in _by_kind(judged.removals).items():
        named = all(folded(change.address) in judged.allowed for change in group)
        if len(group) >= judged.present.get(kind, 0) and not named:
            return f"this would remove every {kind}", _addresses(group)
    return "no collection is emptied", ()


def _too_few_admins(judged: GuardedPlan) -> tuple[str, Sequence[Address]]:
    """Enough have to remain once the manual steps are done, too: the API cannot make a new one."""
    lost = lost_admins(judged.manual)
    remaining, minimum = judged.admins - len(lost), judged.rules.min_admins
    if lost and remaining < minimum:
        return f"{counted(remaining, 'admin')} would remain, fewer than min_admins ({minimum})", lost
    return f"{counted(remaining, 'admin')} will remain", ()


def lost_admins(manual: Iterable[ManualStep]) -> tuple[Address, ...]:
    """The admins a person is asked to demote or remove."""
    return tuple(step.address for step in manual if step.code in _ADMIN_LOSS)


def _own_identity(judged: GuardedPlan) -> tuple[str, Sequence[Address]]:
    """Whoever makes a plan could lock themselves out half-way, and with them everybody who would repair it.

    An account is what its e-mail alone is the address of; where the e-mail is a part, it is a right of the account.
    """
    own = {folded(email) for email in judged.rules.credential_of}
    changed = (change.address for change in judged.changes if change.action in _OF_AN_ACCOUNT)
    hit = tuple(
        dict.fromkeys(
            address
            for address in (*changed, *lost_admins(judged.manual))
            if [folded(segment) for segment in address.segments] in ([email] for email in own)
        )
    )
    if hit:
        return "this is the credential's own account (guards.credential_of)", hit
    return ("the credential's own account is not changed" if own else "guards.credential_of names no account"), ()


_EDITING = "editing the file"

GUARDS = (
    Guard(
        "protect",
        _protected,
        refuses="removing, archiving or withdrawing what `guards.protect` names (globs of addresses)",
        lifted_by=_EDITING,
    ),
    Guard(
        "irreversible",
        _irreversible,
        refuses="a change that cannot be undone: archiving a workspace, setting what can be set only once",
        lifted_by="`--allow ADDRESS` for exactly that address",
        lifted_by_name=True,
    ),
    Guard(
        "max_removals",
        _too_many_removals,
        refuses="removing more than `count` resources, or more than `percent` of one kind, at any size",
        lifted_by="the limits in the file, or `--allow ADDRESS`",
        lifted_by_name=True,
    ),
    Guard(
        "emptied_collection",
        _emptied_collection,
        refuses="removing the last resource of a kind",
        lifted_by="`--allow ADDRESS` for every one of them",
        lifted_by_name=True,
    ),
    Guard(
        "min_admins",
        _too_few_admins,
        refuses="manual steps that would leave fewer admins than `guards.min_admins`",
        lifted_by=_EDITING,
        counts_admins=True,
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
"""The guards that let a change pass once a person names it."""


def base_guards(judged: GuardedPlan, guards: Iterable[Guard]) -> Verdict:
    """What the guards would refuse by the rules of the base: no change weakens a rule and uses that in one go.

    What they refuse by the rules of the files is theirs to tell.
    """
    as_before = replace(judged, rules=judged.base_rules or judged.rules)
    refusals = [was for one in guards if not (was := one.verdict(as_before)).passed and one.verdict(judged).passed]
    if refusals:
        told = "; ".join(f"{was.guard}: {was.message}" for was in refusals)
        hit = tuple(dict.fromkeys(one for was in refusals for one in was.addresses))
        return Verdict("base_guards", passed=False, message=f"refused by the guards of the base: {told}", addresses=hit)
    return Verdict("base_guards", passed=True, message="the guards of the base pass as well")


def _addresses(changes: Iterable[Change]) -> tuple[Address, ...]:
    return tuple(change.address for change in changes)


def _by_kind(changes: Iterable[Change]) -> dict[str, list[Change]]:
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(change.address.kind, []).append(change)
    return groups
