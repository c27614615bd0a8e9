"""What the rows of a seed say about each other: names resolved to ids, and every contradiction found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.sandbox import emails, ids, moments
from orgsync.sandbox.invites import LIFETIME
from orgsync.sandbox.roles import ROLES
from orgsync.sandbox.workspaces import DEFAULT_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from orgsync.sandbox.seed_rows import InviteRow, MemberRow, Seed


@dataclass(frozen=True, slots=True)
class Names:
    """The id of every row of a seed, given or derived from what the row is about and not from where it stands."""

    organization: str
    users: tuple[str, ...]
    invites: tuple[str, ...]
    workspaces: tuple[str, ...]
    made_default: str | None
    user_by_email: Mapping[str, str]
    workspaces_by_name: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, seed: Seed) -> Names:
        """Ids for all rows of the seed."""
        organization = seed.organization.id or ids.uuid_of("organization", seed.organization.name)
        users = _ids("user", organization, [(row.id, emails.same_person(row.email)) for row in seed.users])
        workspaces = _ids("wrkspc", organization, [(row.id, row.name) for row in seed.workspaces])
        by_name: dict[str, list[str]] = {}
        for row, workspace_id in zip(seed.workspaces, workspaces, strict=True):
            by_name.setdefault(row.name, []).append(workspace_id)
        return cls(
            organization=organization,
            users=users,
            invites=_ids("invite", organization, [(row.id, emails.same_person(row.email)) for row in seed.invites]),
            workspaces=workspaces,
            made_default=None if DEFAULT_NAME in by_name else _ids("wrkspc", organization, [(None, DEFAULT_NAME)])[0],
            user_by_email={emails.same_person(row.email): user for row, user in zip(seed.users, users, strict=True)},
            workspaces_by_name=by_name,
        )

    def user_of(self, row: MemberRow) -> str | None:
        """Whom a membership names."""
        return row.user_id or self.user_by_email.get(emails.same_person(row.email or ""))

    def workspace_of(self, row: MemberRow) -> str | None:
        """The workspace a membership names; None when there is none or more than one of that name."""
        named = self.workspaces_by_name.get(row.workspace or "", ())
        return row.workspace_id or (named[0] if len(named) == 1 else None)


def invite_times(row: InviteRow, now: datetime) -> tuple[datetime, datetime]:
    """When an invite was sent and when it ends; what is missing follows from what is there, then from its status."""
    if row.invited_at is not None:
        invited = moments.parsed(row.invited_at)
    elif row.expires_at is not None:
        invited = moments.parsed(row.expires_at) - LIFETIME
    else:
        invited = now - LIFETIME if row.status == "expired" else now
    return invited, moments.parsed(row.expires_at) if row.expires_at else invited + LIFETIME


def problems_of(seed: Seed, names: Names, now: datetime) -> list[str]:
    """Everything that contradicts, in file order."""
    return [
        *_wrong_ids(names),
        *_duplicates("users", "id", names.users),
        *_duplicates("users", "email", [emails.same_person(row.email) for row in seed.users]),
        *_wrong_roles(seed),
        *_duplicates("invites", "id", names.invites),
        *_wrong_invites(seed, now),
        *_duplicates("workspaces", "id", names.workspaces),
        *_wrong_workspaces(seed, names),
        *_wrong_members(seed, names),
    ]


def _ids(prefix: str, organization: str, rows: Iterable[tuple[str | None, str]]) -> tuple[str, ...]:
    seen: Counter[str] = Counter()
    made = []
    for given, about in rows:
        made.append(given or ids.identifier(prefix, organization, "seed", about, seen[about]))
        seen[about] += 1
    return tuple(made)


def _wrong_ids(names: Names) -> Iterator[str]:
    sections = [("users", "user_", names.users), ("invites", "invite_", names.invites)]
    for section, prefix, identifiers in [*sections, ("workspaces", "wrkspc_", names.workspaces)]:
        for position, identifier in enumerate(identifiers):
            if not identifier.startswith(prefix):
                yield f"{section}.{position}.id: {identifier} has to begin with {prefix}"


def _duplicates(section: str, field: str, values: Sequence[str]) -> Iterator[str]:
    first: dict[str, int] = {}
    for position, value in enumerate(values):
        if value in first:
            yield f"{section}.{position}.{field}: {value} is also {section}.{first[value]}"
        first.setdefault(value, position)


def _wrong_roles(seed: Seed) -> Iterator[str]:
    kind = seed.settings.organization_type
    people = [(f"users.{position}", row.role) for position, row in enumerate(seed.users)]
    people += [(f"invites.{position}", row.role) for position, row in enumerate(seed.invites)]
    for at, role in people:
        if role not in ROLES[kind]:
            yield f"{at}.role: {role} does not exist in {kind} organizations"
    if sum(row.role == "primary_owner" for row in seed.users) > 1:
        yield "users: an organization has one primary_owner"


def _wrong_invites(seed: Seed, now: datetime) -> Iterator[str]:
    members = {emails.same_person(row.email) for row in seed.users}
    pending: set[str] = set()
    for position, row in enumerate(seed.invites):
        at, person = f"invites.{position}", emails.same_person(row.email)
        invited, expires = invite_times(row, now)
        if expires <= invited:
            yield f"{at}.expires_at: it is not after invited_at"
        if row.status == "expired" and expires > now:
            yield f"{at}.expires_at: an expired invite cannot end in the future"
        if row.status != "accepted" and row.accepted_at is not None:
            yield f"{at}.accepted_at: only accepted invites have one"
        if row.status != "pending" or expires <= now:
            continue
        if person in members:
            yield f"{at}.email: {row.email} is a member already"
        if person in pending:
            yield f"{at}.email: {row.email} has a pending invite already"
        pending.add(person)


def _wrong_workspaces(seed: Seed, names: Names) -> Iterator[str]:
    if len(names.workspaces_by_name.get(DEFAULT_NAME, ())) > 1:
        yield f"workspaces: only one can be named {DEFAULT_NAME}, the organization's default workspace"
    if seed.workspaces and seed.settings.organization_type == "enterprise":
        yield "workspaces: Claude Enterprise organizations have none"
    for position, row in enumerate(seed.workspaces):
        if row.name == DEFAULT_NAME and row.archived_at is not None:
            yield f"workspaces.{position}.archived_at: the default workspace cannot be archived"


def _wrong_members(seed: Seed, names: Names) -> Iterator[str]:
    roles = {user_id: row.role for user_id, row in zip(names.users, seed.users, strict=True)}
    workspaces = set(names.workspaces)
    default = names.workspaces_by_name.get(DEFAULT_NAME, [names.made_default])[0]
    seen: set[tuple[str, str]] = set()
    for position, row in enumerate(seed.workspace_members):
        at = f"workspace_members.{position}"
        user, workspace = names.user_of(row), names.workspace_of(row)
        if user not in roles:
            yield f"{at}: there is no user {row.user_id or row.email or '(user_id or email is missing)'}"
        elif row.workspace_role == "workspace_billing" and roles[user] != "billing":
            yield f"{at}.workspace_role: workspace_billing comes with the organization role billing only"
        if workspace == default:
            yield f"{at}: the default workspace has no members of its own"
        elif workspace not in workspaces:
            yield f"{at}: {_unknown_workspace(row, names)}"
        if user is not None and workspace is not None:
            if (workspace, user) in seen:
                yield f"{at}: the user is a member of the workspace already"
            seen.add((workspace, user))


def _unknown_workspace(row: MemberRow, names: Names) -> str:
    if row.workspace_id is None and len(names.workspaces_by_name.get(row.workspace or "", ())) > 1:
        return f"more than one workspace is named {row.workspace}; give its workspace_id"
    return f"there is no workspace {row.workspace_id or row.workspace or '(workspace_id or workspace is missing)'}"
