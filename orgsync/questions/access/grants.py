"""Who has access to a workspace, by which line or role, and where live and the files differ."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from orgsync.core.answers.answer import Mark
from orgsync.questions.access.population import PERSON, ROLE
from orgsync.questions.access.powers import ADMINS, Sort
from orgsync.questions.access.standing import Standing, invited_until, line_of, standing, where

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from orgsync.core.model.things import Declared, Pair
    from orgsync.questions.access.population import Population, Site


class Because(StrEnum):
    """What gives somebody access."""

    ORGANIZATION_ROLE = "organization_role"
    OWN_LINE = "own_line"
    TEAM = "team"
    WORKSPACE_ROLE = "workspace_role"
    NOT_DECLARED = "not_declared"
    NOT_KNOWN = "not_known"
    NOT_A_MEMBER = "not_a_member"


@dataclass(frozen=True, slots=True)
class Grant:
    """One person's access to one workspace. `text` is why, in words; `where` the line that says so.

    `differs` is what the files say otherwise, `until` the last day on which the line counts.
    """

    standing: Standing
    because: Because
    text: str
    where: str = ""
    through: str = ""
    until: date | None = None
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pending:
    """Access that only the files have: the role they ask for, and what it waits for."""

    email: str
    site: Site
    role: str
    waits_for: str
    where: str
    through: str


@dataclass(frozen=True, slots=True)
class Entries:
    """What there is to say of one workspace: who has access, or may have, and what only the files have."""

    grants: tuple[Grant, ...]
    pending: tuple[Pending, ...]


def entries(site: Site, among: Population, people: Collection[str] | None = None) -> Entries:
    """Of everybody, or of the mailboxes `people`, in the order of their addresses."""
    given, waiting = [], []
    for mailbox in _everybody(site, among):
        if people is not None and mailbox not in people:
            continue
        one = standing(mailbox, site, among)
        if one.role is not None or not one.known:
            given.append(_grant(one, among))
            continue
        if _is_listed_stranger(one):
            given.append(Grant(one, Because.NOT_A_MEMBER, "listed here, but not in the organization: no access"))
        line = line_of(one.row)
        if line is not None and among.live and site.sort is not Sort.ARCHIVED:
            waiting.append(_pending(one, line))
    return Entries(tuple(given), tuple(waiting))


def _pending(one: Standing, line: Declared) -> Pending:
    return Pending(one.email, one.site, str(line.spec.role), _waits_for(one, line), where(one.row), line.through or "")


def _everybody(site: Site, among: Population) -> list[str]:
    """All addresses that may have something to do with the workspace: of people, and of its rows."""
    keys = {site.id, None if site.pair.declared is None else site.name}
    return sorted({*among.people, *(mailbox for workspace, mailbox in among.rows if workspace in keys)})


def _is_listed_stranger(one: Standing) -> bool:
    return one.listed is not None and not one.organization_role and one.row is not None and one.row.found is not None


def _waits_for(one: Standing, line: Declared) -> str:
    if one.site.id is None:
        return "the workspace does not exist yet"
    if not one.organization_role:
        invite = invited_until(one.person)
        return f"waits for the invite, which expires on {invite}" if invite else one.checks[0].text
    return f"not applied yet{f', ends on {line.until}' if line.until else ''}"


def _grant(one: Standing, among: Population) -> Grant:
    """Why somebody has what they have."""
    if not one.known:
        check = next(step for step in one.checks if step.mark is Mark.UNKNOWN)
        return Grant(one, Because.NOT_KNOWN, check.text, check.where)
    if one.inherited:
        return _by_organization(one, among)
    line = line_of(one.row)
    if line is None:
        return _without_line(one, among)
    if line.spec.role != one.listed:
        through = f", through {line.through}" if line.through else ""
        differs = (f"the files say {line.spec.role}{through} ({where(one.row)})",)
        return Grant(one, Because.WORKSPACE_ROLE, "member of the workspace", differs=differs)
    because = Because.TEAM if line.through else Because.OWN_LINE
    return Grant(one, because, line.through or "own line", where(one.row), line.through or "", line.until)


def _by_organization(one: Standing, among: Population) -> Grant:
    """Access that comes with the role in the organization, where the files may say another one."""
    line = line_of(one.person)
    role = "admin" if one.organization_role in ADMINS else one.organization_role
    differs = list(organization_differs(one.person, role, among))
    row = line_of(one.row)
    if row is not None and row.spec.role != one.role:
        differs.append(f"its line here says {row.spec.role} ({where(one.row)})")
    until = None if line is None else line.until
    text = f"organization {role.replace('_', ' ')}"
    place = "" if differs and line is not None and line.spec.role != role else where(one.person)
    return Grant(one, Because.ORGANIZATION_ROLE, text, place, _team(line), until, tuple(differs))


def organization_differs(person: Pair | None, role: str, among: Population) -> Iterator[str]:
    """What the files say of the role in the organization, where it is another one."""
    if among.desired is None or not among.live or person is None:
        return
    line = line_of(person)
    if line is not None and line.spec.role != role:
        yield f"the files say {line.spec.role} ({where(person)})"
    elif line is None and person.declared is not None:
        yield f"{person.declared.ended} ({_place(person)})"
    elif line is None and (PERSON, ()) in among.desired.collections:
        yield "not in the files"


def _without_line(one: Standing, among: Population) -> Grant:
    """A role that no line gives."""
    if among.desired is None:
        return Grant(one, Because.WORKSPACE_ROLE, "member of the workspace")
    if one.row is not None and one.row.declared is not None:
        ended = f"{one.row.declared.ended} ({_place(one.row)})"
        return Grant(one, Because.NOT_DECLARED, "no line any more", differs=(ended,))
    if one.site.pair.declared is None or (ROLE, (one.site.name,)) not in among.desired.collections:
        return Grant(one, Because.NOT_DECLARED, "member of the workspace, which the files do not manage")
    return Grant(one, Because.NOT_DECLARED, "member of the workspace", differs=("not in the files",))


def _place(pair: Pair) -> str:
    line = pair.declared
    return "" if line is None else f"{line.source.file}:{line.source.line}"


def _team(line: Declared | None) -> str:
    return "" if line is None or line.through is None else line.through
