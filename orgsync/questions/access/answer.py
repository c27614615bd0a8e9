"""The answer to `access`: who can do what where, and why, put together from everything that was read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from orgsync.core.answers.answer import Answer
from orgsync.core.words.plural import counted
from orgsync.core.words.spelling import same_mailbox
from orgsync.questions.access.actors import NOBODY, Accounts, ActingKey, acting_accounts, acting_keys, admin_accounts
from orgsync.questions.access.admins import admins
from orgsync.questions.access.asked import Subject, people_meant, sites_meant
from orgsync.questions.access.grants import Because, entries
from orgsync.questions.access.population import KEY, PERSON, PLACE, ROLE
from orgsync.questions.access.powers import Sort, powers, role_held
from orgsync.questions.access.standing import organization_role, standing
from orgsync.questions.access.tables import (
    accounts_table,
    admin_accounts_table,
    admins_table,
    allowed_table,
    grants_table,
    in_words,
    keys_table,
    pending_table,
    people,
    verbs,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.core.answers.answer import Looked
    from orgsync.core.model.observation import Observation
    from orgsync.questions.access.actors import ActingAccount
    from orgsync.questions.access.asked import Asked
    from orgsync.questions.access.grants import Grant
    from orgsync.questions.access.population import Population, Site


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything an answer is made of. `seen` is None where the files alone answer."""

    among: Population
    seen: Observation | None
    accounts: Accounts = field(default_factory=Accounts)
    looked: tuple[Looked, ...] = ()
    requests: int = 0


def answer(question: Asked, facts: Facts) -> Answer:
    """Raises UsageError where nothing has the name that was asked for."""
    if question.subject is Subject.ADMINS:
        made = _admins(facts)
    elif question.subject is Subject.PEOPLE:
        made = _of_people(people_meant(question, facts.among), sites_meant(question, facts.among), facts)
    else:
        made = _of_sites(sites_meant(question, facts.among), facts)
    return replace(
        made,
        organization=None if facts.seen is None else facts.seen.organization,
        looked=facts.looked,
        notes=tuple(dict.fromkeys((*made.notes, *_not_seen(facts)))),
        requests=facts.requests,
    )


def _not_seen(facts: Facts) -> Iterator[str]:
    """What could not be seen of what access is about."""
    if facts.seen is None:
        yield "the files alone: whether it is so in the organization, and which keys act there, was not asked"
        return
    about = {PERSON, PLACE, ROLE, KEY}
    yield from (one.message for one in facts.seen.unseen if one.kind in about)
    yield from (f"{kind}: {why}" for kind, why in facts.seen.refused.items() if kind in about)


def _admins(facts: Facts) -> Answer:
    """The admins of the organization, and whom only the files say to be one."""
    given = list(admins(facts.among))
    known = sum(1 for one in given if one.role is not None)
    title = f"{people(known)} {'is an admin' if known == 1 else 'are admins'} of the organization"
    note = "admins of single workspaces are not among them: see `orgsync access --all`"
    accounts = [] if facts.seen is None else list(admin_accounts(facts.seen))
    tables = (admins_table(given), admin_accounts_table(accounts))
    differs = any(one.differs or one.is_unclear for one in given)
    return Answer("access", title, tables=tables, notes=(note, *_account_notes(facts)), open=differs)


def _of_sites(sites: Sequence[Site], facts: Facts) -> Answer:
    """Who has access to workspaces, what acts there beside people, and what only the files have."""
    every = [entries(site, facts.among) for site in sites]
    given, waiting = [grant for one in every for grant in one.grants], [line for one in every for line in one.pending]
    keys = [key for site in sites for key in _keys(site, facts)]
    accounts = [one for site in sites for one in _accounts(site, facts)]
    many = len(sites) > 1
    counts = len({one.standing.email for one in given if one.standing.role is not None})
    if not many and sites[0].sort is Sort.ARCHIVED:
        title = _of_archived(sites[0])
    else:
        existing = sum(1 for site in sites if site.id is not None or not facts.among.live)
        where = counted(existing, "workspace") if many else sites[0].label
        title = f"{where}: {people(counts)} with access"
    show = ("workspace", "who") if many else ("who",)
    tables = (
        grants_table(given, show=show),
        pending_table(waiting, show=show),
        keys_table(keys, many=many),
        accounts_table(accounts, many=many),
        allowed_table(given),
    )
    rest = list(_without_a_role(sites, facts.among))
    notes = [*_rest_notes(rest, many=many)]
    if any(site.sort is not Sort.ARCHIVED for site in sites):
        notes.extend(_account_notes(facts))
    return Answer(
        "access", title, tables=tables, notes=tuple(notes), facts={"without_a_role": rest}, open=_differs(given)
    )


def _differs(given: Sequence[Grant]) -> bool:
    """Whether anybody has access that the files say otherwise; what nobody can tell may be such."""
    return any(one.differs or one.because is Because.NOT_KNOWN for one in given)


def _of_archived(site: Site) -> str:
    found = site.pair.found
    when = "" if found is None else f" since {str(found.facts.archived_at)[:10]}"
    return f"{site.label} is archived{when}: nothing in it works any more"


def _of_people(meant: Sequence[str], sites: Sequence[Site], facts: Facts) -> Answer:
    """Where people have access; and the keys that act as them, or that they made and that need nobody."""
    every = [entries(site, facts.among, meant) for site in sites]
    given, waiting = [grant for one in every for grant in one.grants], [line for one in every for line in one.pending]
    keys = [key for site in sites for key in _keys(site, facts) if _is_of(key, meant)]
    alone = len(meant) == 1
    first = standing(meant[0], sites[0], facts.among) if sites else None
    who = first.email if alone and first is not None else people(len(meant))
    places = len({one.standing.site.label for one in given if one.standing.role is not None})
    show = ("workspace",) if alone else ("workspace", "who")
    return Answer(
        "access",
        f"{who}: access to {counted(places, 'workspace')}",
        steps=first.checks[:1] if alone and first is not None else (),
        tables=(
            grants_table(given, show=show, empty="no access to any workspace"),
            pending_table(waiting, show=show),
            keys_table(keys, many=True),
            allowed_table(given),
        ),
        notes=tuple(_left_keys(keys, meant)),
        open=_differs(given),
    )


def _is_one(email: str, meant: Sequence[str]) -> bool:
    return same_mailbox(email) in meant


def _is_of(key: ActingKey, meant: Sequence[str]) -> bool:
    """Whether a key acts as one of the people, or was made by one and acts as nobody."""
    return _is_one(key.name, meant) or (key.kind == NOBODY and _is_one(key.made_by, meant))


def _left_keys(keys: Sequence[ActingKey], meant: Sequence[str]) -> Iterator[str]:
    if any(key.kind == NOBODY and _is_one(key.made_by, meant) for key in keys):
        yield "keys that act as nobody keep working when the person who created them leaves"


def _keys(site: Site, facts: Facts) -> list[ActingKey]:
    return [] if facts.seen is None else list(acting_keys(site, facts.among, facts.seen, facts.accounts))


def _accounts(site: Site, facts: Facts) -> list[ActingAccount]:
    return [] if facts.seen is None else list(acting_accounts(site, facts.seen, facts.accounts))


def _account_notes(facts: Facts) -> Iterator[str]:
    if facts.seen is None:
        return
    if facts.accounts.why_not:
        yield f"service accounts are not known: {facts.accounts.why_not}"
    yield from (f"service accounts of a workspace are not known: {why}" for why in facts.accounts.unread.values())


def _without_a_role(sites: Sequence[Site], among: Population) -> Iterator[dict[str, Any]]:
    """What people can do, or may be able to, in workspaces in which they have no role: by their organization role."""
    counts: dict[str, int] = {}
    for pair in among.people.values():
        role = organization_role(pair, live=among.live)
        if role:
            counts[role] = counts.get(role, 0) + 1
    for site in sites:
        for role in sorted(counts):
            own = powers(role, site.sort, None)
            if site.id is None and among.live:
                continue
            if role_held(role, site.sort, None) is None and (own.may or own.not_known):
                yield {
                    "workspace": site.label,
                    "organization_role": role,
                    "may": verbs(own.may),
                    "not_known": verbs(own.not_known),
                }


def _rest_notes(rest: Sequence[dict[str, Any]], *, many: bool) -> Iterator[str]:
    """The same in words; what is the same for several roles and workspaces is said once."""
    told: dict[tuple[str, str], dict[str, list[str]]] = {}
    for one in rest:
        words = (in_words(one["may"]), in_words(one["not_known"]))
        told.setdefault(words, {}).setdefault(one["workspace"], []).append(one["organization_role"].replace("_", " "))
    for (may, unknown), places in told.items():
        by_roles: dict[str, list[str]] = {}
        for workspace, roles in places.items():
            by_roles.setdefault(", ".join(roles), []).append(workspace)
        for of_roles, workspaces in by_roles.items():
            where = f"in {', '.join(workspaces)}" if many else "here"
            who = f"people of the organization ({of_roles}) without a role {where}"
            if may:
                yield f"{who} can: {may}"
            if unknown:
                yield f"not known whether {who} can: {unknown}"
