"""What one person is in one workspace: by which role, what that allows, and the chain of facts that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.answers.answer import Mark, Step
from orgsync.core.model.things import LIVE
from orgsync.core.words.spelling import same_mailbox
from orgsync.kinds.member import EXPIRED, INVITED, LEFT
from orgsync.questions.access.powers import (
    ADMINS,
    BILLING,
    NONE,
    UNKNOWN,
    Powers,
    Sort,
    contradicts,
    powers,
    role_held,
)

if TYPE_CHECKING:
    from orgsync.core.model.things import Declared, Pair
    from orgsync.questions.access.population import Population, Site

_ABSENT = {
    INVITED: "was invited to the organization and has not accepted yet",
    EXPIRED: "is not in the organization: the last invite expired before it was accepted",
    LEFT: "is not in the organization any more",
}
_WHOLE_CHAIN = 3

NOT_UNDERSTOOD = "not understood"
"""In place of a role that is none of those that this version knows."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is in a workspace.

    `organization_role` is spelled as the API does; "" for somebody who is not a member. `listed` is the role that the
    workspace itself lists, `role` the one that counts; `inherited`: it comes with the organization role. Where `known`
    is False, nobody can tell. `person` and `row` are what live shows and the files declare of both.
    """

    email: str
    site: Site
    organization_role: str
    listed: str | None
    role: str | None
    inherited: bool
    known: bool
    powers: Powers
    person: Pair | None
    row: Pair | None
    checks: tuple[Step, ...]


def standing(email: str, site: Site, among: Population) -> Standing:
    """What the person is in the workspace.

    The checks are a chain: each is a link, and the first that fails, or that nobody can tell, is why.
    """
    mailbox = same_mailbox(email)
    person, row = among.people.get(mailbox), among.row(mailbox, site)
    role_there, listed = organization_role(person, live=among.live), _listed(row, live=among.live)
    checks = [membership(email, person, among), _existence(site, live=among.live)]
    if role_there and checks[1].mark is Mark.HOLDS:
        checks.append(_role_check(role_there, site, listed, row, among))
    known = all(step.mark is not Mark.UNKNOWN for step in checks)
    inherited = role_there in ADMINS or site.sort is Sort.DEFAULT
    inherited = inherited or (role_there == BILLING and listed != "admin")
    role = role_held(role_there, site.sort, listed) if known and len(checks) == _WHOLE_CHAIN else None
    return Standing(
        email=_spelled(email, person),
        site=site,
        organization_role=role_there,
        listed=listed,
        role=role,
        inherited=inherited and role is not None,
        known=known,
        powers=_powers(role_there, site, listed, among, known=checks[0].mark is not Mark.UNKNOWN),
        person=person,
        row=row,
        checks=tuple(checks),
    )


def _powers(role: str, site: Site, listed: str | None, among: Population, *, known: bool) -> Powers:
    """What the chain comes to; `known`: whether it is known if the person is in the organization."""
    if not known or (role and site.obscure):
        return UNKNOWN
    if not role or (among.live and site.id is None):
        return NONE
    if site.unread and role not in ADMINS and site.sort not in {Sort.DEFAULT, Sort.ARCHIVED}:
        return UNKNOWN
    return powers(role, site.sort, listed)


def _spelled(email: str, person: Pair | None) -> str:
    return email if person is None else person.address.segments[0]


def organization_role(person: Pair | None, *, live: bool) -> str:
    """As the API spells it; a word that is not understood stands for itself; "": not a member."""
    if person is None:
        return ""
    if not live:
        return "" if person.declared is None else str(person.declared.spec.role)
    found = person.found
    if found is None or found.standing != LIVE:
        return ""
    return NOT_UNDERSTOOD if found.unknown else str(found.facts.role)


def _listed(row: Pair | None, *, live: bool) -> str | None:
    if row is None:
        return None
    if not live:
        return None if row.declared is None else str(row.declared.spec.role)
    if row.found is None:
        return None
    return NOT_UNDERSTOOD if row.found.unknown else str(row.found.attributes["role"])


def line_of(pair: Pair | None) -> Declared | None:
    """The line of the files that counts today, if there is one."""
    return None if pair is None or pair.declared is None or pair.declared.expired else pair.declared


def where(pair: Pair | None) -> str:
    """`file:line` of the line that counts: for a team, the one that gives the team something."""
    line = line_of(pair)
    return "" if line is None else f"{line.source.file}:{line.source.line}"


def invited_until(person: Pair | None) -> str:
    """The last day of a pending invite; "" where there is none."""
    found = None if person is None else person.found
    return str(found.facts.expires_at)[:10] if found is not None and found.standing == INVITED else ""


def membership(email: str, person: Pair | None, among: Population) -> Step:
    """Whether somebody is in the organization: the first link of every chain."""
    found = None if person is None else person.found
    if not among.live:
        if person is None:
            return Step(Mark.FAILS, f"{email} is not declared under members")
        return Step(
            Mark.HOLDS, f"is declared as a member of the organization ({_told_role(person, among)})", where(person)
        )
    if found is not None and found.standing == LIVE:
        return Step(Mark.HOLDS, f"is a member of the organization ({_told_role(person, among)})", where(person))
    if found is not None:
        until = invited_until(person)
        open_until = f"; the invite expires on {until}" if until else ""
        return Step(Mark.FAILS, f"{_ABSENT.get(found.standing, _ABSENT[LEFT])}{open_until}", where(person))
    if among.unread:
        return Step(Mark.UNKNOWN, f"may be a member of the organization: {among.unread}", where(person))
    if line_of(person) is not None:
        return Step(
            Mark.FAILS, "is declared, but not in the organization and not invited: apply the files", where(person)
        )
    return Step(Mark.FAILS, "is not in the organization")


def _told_role(person: Pair | None, among: Population) -> str:
    return organization_role(person, live=among.live)


def _existence(site: Site, *, live: bool) -> Step:
    place = where(site.pair)
    if site.obscure:
        return Step(Mark.UNKNOWN, f"{site.label} exists, but too little of it is understood", place)
    if live and site.id is None:
        return Step(Mark.FAILS, f"{site.label} is declared, but does not exist yet: apply the files", place)
    if site.sort is Sort.ARCHIVED:
        return Step(Mark.FAILS, f"{site.label} is archived: nothing in it works any more", place)
    return Step(Mark.HOLDS, f"{site.label} exists and is not archived" if live else f"{site.label} is declared", place)


def _role_check(role: str, site: Site, listed: str | None, row: Pair | None, among: Population) -> Step:
    """Whether the person has a role in the workspace."""
    if role in ADMINS:
        return Step(Mark.HOLDS, "organization admins are admins of every workspace")
    if site.sort is Sort.DEFAULT:
        if contradicts(role, Sort.ORDINARY, None):
            return Step(Mark.UNKNOWN, f"what the organization role {role} allows here is not known")
        return Step(Mark.HOLDS, f"the default workspace follows the organization role: {role}")
    if site.sort is Sort.ARCHIVED:
        return Step(Mark.FAILS, "nobody has a role in an archived workspace")
    if site.unread:
        return Step(Mark.UNKNOWN, f"the members of {site.label} are not known: {site.unread}")
    if contradicts(role, site.sort, listed):
        told = f"the organization role {role} and the role {listed or 'none'} here"
        return Step(Mark.UNKNOWN, f"what {told} allow together is not known", where(row))
    if role == BILLING and listed != "admin":
        return Step(Mark.HOLDS, "billing members see the billing of every workspace")
    if listed is not None:
        return Step(Mark.HOLDS, f"has the role {listed} here{_by(row)}", where(row))
    line = line_of(row)
    if among.live and line is not None:
        return Step(Mark.FAILS, f"has no role here yet; the files say {line.spec.role}{_by(row)}", where(row))
    return Step(Mark.FAILS, _nowhere(row, among))


def _nowhere(row: Pair | None, among: Population) -> str:
    if among.desired is None:
        return "has no role here"
    if not among.live:
        return "the files give them no role here"
    if row is not None and row.declared is not None:
        return f"has no role here: {row.declared.ended}"
    return "has no role here: neither in the organization nor in the files"


def _by(row: Pair | None) -> str:
    line = line_of(row)
    return f", through {line.through}" if line is not None and line.through else ""
