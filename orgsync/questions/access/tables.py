"""The tables of an answer to `access`: a row for each grant, key and service account, and what roles allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.answers.answer import Column, Table
from orgsync.core.words.plural import counted
from orgsync.questions.access.actors import NOBODY, PERSON, UNCLEAR, ActingAccount, ActingKey
from orgsync.questions.access.grants import Because
from orgsync.questions.access.powers import ADMINS, Answer, Powers, Verb

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from orgsync.core.model.things import Found
    from orgsync.questions.access.admins import OrganizationAdmin
    from orgsync.questions.access.grants import Grant, Pending

Row = dict[str, Any]

_NOT_KNOWN = "not known"

_WHO = Column("who", "who")


def _columns(*before: Column) -> tuple[Column, ...]:
    """The columns that a person reads of access."""
    return (*before, Column("can", "can"), Column("why", "why", grows=True))


def people(count: int) -> str:
    """`1 person`, `2 people`."""
    return f"{count:,} {'person' if count == 1 else 'people'}"


def can(role: str | None) -> str:
    """A role in words."""
    return _NOT_KNOWN if role is None else role.replace("_", " ")


def verbs(some: Iterable[Verb]) -> list[str]:
    """What can be done, in one order."""
    return [verb.value for verb in Verb if verb in set(some)]


def in_words(some: Iterable[str]) -> str:
    """What can be done, in words."""
    return ", ".join(one.replace("_", " ").replace("use api", "use keys") for one in some)


def grants_table(given: Sequence[Grant], *, show: Sequence[str], empty: str = "nobody has access") -> Table:
    """Who has access. `show` names the columns that a person needs: `workspace`, `who`, or both."""
    group = "workspace" if len(show) > 1 else None
    leading = [Column(one, one if one in show and one != group else "") for one in ("workspace", "who")]
    data = ("role", "because", "organization_role", "inherited", "where", "through", "until", "differs", "may")
    columns = (*_columns(*leading), *(Column(name) for name in (*data, "not_known")))
    return Table("access", columns, tuple(map(_grant_row, given)), empty=empty, group=group)


def _grant_row(grant: Grant) -> Row:
    one = grant.standing
    return {
        "workspace": one.site.label,
        "who": one.email,
        "can": "nothing" if grant.because is Because.NOT_A_MEMBER else can(one.role),
        "why": _said(grant.text, grant.where, grant.until, grant.differs),
        "role": one.role,
        "because": grant.because.value,
        "organization_role": one.organization_role or None,
        "inherited": one.inherited,
        "where": grant.where or None,
        "through": grant.through or None,
        "until": None if grant.until is None else grant.until.isoformat(),
        "differs": list(grant.differs),
        "may": verbs(one.powers.may),
        "not_known": verbs(one.powers.not_known),
    }


def _said(text: str, where: str, until: date | None, differs: Iterable[str]) -> str:
    """Why, where that is written, until when, and what the files say otherwise."""
    place, end = f" ({where})" if where else "", f", until {until}" if until else ""
    return "".join((text, place, end, *(f" ! {one}" for one in differs)))


def pending_table(waiting: Sequence[Pending], *, show: Sequence[str]) -> Table:
    """What only the files have."""
    names = ("workspace", "who", "role", "why", "where", "through")
    group = "workspace" if len(show) > 1 else None
    titles = {**{one: one for one in show if one != group}, "role": "would be", "why": "why not yet"}
    columns = tuple(Column(name, titles.get(name, ""), grows=name == "why") for name in names)
    rows = [
        {
            "workspace": one.site.label,
            "who": one.email,
            "role": one.role,
            "why": f"{one.waits_for}{f' ({one.where})' if one.where else ''}",
            "where": one.where or None,
            "through": one.through or None,
        }
        for one in waiting
    ]
    return Table("only_in_files", columns, tuple(rows), title="Only in the files" if rows else "", group=group)


def keys_table(keys: Sequence[ActingKey], *, many: bool) -> Table:
    """The keys that act. `many`: in several workspaces."""
    without = sum(1 for one in keys if one.kind == NOBODY)
    names = ("workspace", "key", "acts_as", "works", "made_by", "acts_as_kind", "made_by_is", "id")
    titles = {"key": "key", "acts_as": "acts as", "works": "sends requests", "made_by": "created by"}
    columns = tuple(Column(name, titles.get(name, ""), detail=name == "made_by") for name in names)
    every = "" if without == len(keys) else f", {without} of them"
    title = f"{counted(len(keys), 'key')} can act here{every} without a person"
    return Table(
        "keys",
        columns,
        tuple(map(_key_row, keys)),
        title=title if keys else "",
        group="workspace" if many else None,
    )


def _key_row(one: ActingKey) -> Row:
    named = {NOBODY: "nobody", UNCLEAR: _NOT_KNOWN}.get(one.kind, one.name)
    gone = f" ({one.made_by_is})" if one.made_by_is else ""
    return {
        "workspace": one.site.label,
        "key": "/".join(one.key.segments),
        "acts_as": named if one.kind in {NOBODY, UNCLEAR, PERSON} else f"service account {named}",
        "works": _NOT_KNOWN if one.works is Answer.UNKNOWN else one.works.value,
        "made_by": f"{one.made_by}{gone}" if one.made_by else None,
        "acts_as_kind": one.kind,
        "made_by_is": one.made_by_is or None,
        "id": one.key.id,
    }


def accounts_table(accounts: Sequence[ActingAccount], *, many: bool) -> Table:
    """The service accounts that are in workspaces."""
    names = ("workspace", "account", "can", "works", "why", "id")
    titles = {"account": "service account", "can": "can", "works": "sends requests", "why": "why"}
    columns = tuple(Column(name, titles.get(name, ""), grows=name == "why") for name in names)
    rows = [
        {
            "workspace": one.site.label,
            "account": one.account.segments[0],
            "can": can(one.role),
            "works": _NOT_KNOWN if one.works is Answer.UNKNOWN else one.works.value,
            "why": "every service account is in the default workspace" if one.implied else "added to the workspace",
            "id": one.account.id,
        }
        for one in accounts
    ]
    return Table("service_accounts", columns, tuple(rows), group="workspace" if many else None)


def allowed_table(given: Sequence[Grant]) -> Table:
    """What each pair of roles that occurs allows, and of what nobody knows."""
    seen: dict[tuple[str, str], Powers] = {}
    for grant in given:
        one = grant.standing
        if one.role is not None:
            role = "admin" if one.organization_role in ADMINS else one.organization_role
            seen.setdefault((can(one.role), can(role)), one.powers)
    columns = (
        Column("can", "can"),
        Column("organization_role", "in the organization"),
        Column("allows", "what that allows", grows=True),
        Column("may"),
        Column("not_known"),
    )
    rows = [
        {
            "can": role,
            "organization_role": organization_role,
            "allows": _allows(own),
            "may": verbs(own.may),
            "not_known": verbs(own.not_known),
        }
        for (role, organization_role), own in sorted(seen.items())
    ]
    return Table("roles", columns, tuple(rows))


def _allows(own: Powers) -> str:
    open_ = in_words(verbs(own.not_known))
    return in_words(verbs(own.may)) + (f"; not known: {open_}" if open_ else "")


def admins_table(some: Sequence[OrganizationAdmin]) -> Table:
    """The admins of the organization."""
    columns = (*_columns(_WHO), *map(Column, ("role", "where", "until", "differs")))
    return Table("access", columns, tuple(map(_admin_row, some)), empty="nobody")


def _admin_row(one: OrganizationAdmin) -> Row:
    return {
        "who": one.email,
        "can": can(one.role),
        "why": _said(one.text, one.where, one.until, one.differs),
        "role": one.role,
        "where": one.where or None,
        "until": None if one.until is None else one.until.isoformat(),
        "differs": list(one.differs),
    }


def admin_accounts_table(accounts: Sequence[Found]) -> Table:
    """The service accounts that are admins."""
    rows = [
        {"account": one.segments[0], "can": can(None if one.unknown else one.attributes["role"]), "id": one.id}
        for one in accounts
    ]
    columns = (Column("account", "service account"), Column("can", "can"), Column("id"))
    return Table("service_accounts", columns, tuple(rows))
