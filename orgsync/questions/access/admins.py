"""Who is an admin of the organization, and who would be by the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.questions.access.grants import organization_differs
from orgsync.questions.access.powers import ADMINS, BILLING, MEMBERS
from orgsync.questions.access.standing import line_of, membership, organization_role, where

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from orgsync.questions.access.population import Population


@dataclass(frozen=True, slots=True)
class OrganizationAdmin:
    """One admin; or, where `role` is None, somebody who may be one or would be, as `text` says.

    `is_unclear`: nobody can tell which.
    """

    email: str
    role: str | None
    text: str
    where: str
    until: date | None
    differs: tuple[str, ...] = ()
    is_unclear: bool = False


def admins(among: Population) -> Iterator[OrganizationAdmin]:
    """The admins; people whose role is not understood; and those whom only the files name."""
    for mailbox in sorted(among.people):
        person = among.people[mailbox]
        role, line = organization_role(person, live=among.live), line_of(person)
        email, place, until = person.address.segments[0], where(person), None if line is None else line.until
        if role in ADMINS:
            differs = tuple(organization_differs(person, "admin", among))
            text = f"organization {role.replace('_', ' ')}"
            yield OrganizationAdmin(email, "admin", text, place if not differs else "", until, differs)
        elif role and role not in {BILLING, *MEMBERS}:
            text = f"what the organization role {role.replace('_', ' ')} allows is not known"
            yield OrganizationAdmin(email, None, text, place, until, is_unclear=True)
        elif line is not None and line.spec.role == "admin":
            told = f"has the role {role}" if role else membership(email, person, among).text
            yield OrganizationAdmin(email, None, f"only in the files: {told}", place, until)
