"""What the rows of a seed say about each other: names resolved to ids, and every contradiction found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.resources import privacy
from orgsync.sandbox.resources.invites import LIFETIME
from orgsync.sandbox.resources.workspaces import DEFAULT_NAME
from orgsync.sandbox.wire import emails, ids
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.roles import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from orgsync.sandbox.seed.rows import InviteRow, Seed


# Rows without a timestamp are one minute apart, in file order, from here on.
BEGINNING = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Names:
    """The id of every row of a seed, given or derived from what the row is about and not from where it stands."""

    organization: str
    users: tuple[str, ...]
    invites: tuple[str, ...]
    workspaces: tuple[str, ...]
    api_keys: tuple[str, ...]
    made_default: str | None
    user_by_email: Mapping[str, str]
    workspaces_by_name: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, seed: Seed) -> Names:
        """Ids for all rows of the seed."""
        organization = seed.organization.id or ids.uuid_of("organization", seed.organization.name)
        users = made_ids("user", organization, [(row.id, emails.same_person(row.email)) for row in seed.users])
        workspaces = made_ids("wrkspc", organization, [(row.id, row.name) for row in seed.workspaces])
        by_name: dict[str, list[str]] = {}
        for row, workspace_id in zip(seed.workspaces, workspaces, strict=True):
            by_name.setdefault(row.name, []).append(workspace_id)
        return cls(
            organization=organization,
            users=users,
            invites=made_ids("invite", organization, [(row.id, emails.same_person(row.email)) for row in seed.invites]),
            workspaces=workspaces,
            api_keys=made_ids("apikey", organization, [(row.id, row.name) for row in seed.api_keys]),
            made_default=None
            if DEFAULT_NAME in by_name
            else made_ids("wrkspc", organization, [(None, DEFAULT_NAME)])[0],
            user_by_email={emails.same_person(row.email): user for row, user in zip(seed.users, users, strict=True)},
            workspaces_by_name=by_name,
        )

    @property
    def default(self) -> str:
        """The default workspace."""
        return self.made_default or self.workspaces_by_name[DEFAULT_NAME][0]

    @property
    def all_workspaces(self) -> frozenset[str]:
        """Every workspace, the default one included."""
        return frozenset((*self.workspaces, self.default))

    def user_of(self, user_id: str | None, email: str | None) -> str | None:
        """Whom a row names."""
        return user_id or self.user_by_email.get(emails.same_person(email or ""))

    def workspace_of(self, workspace_id: str | None, name: str | None) -> str | None:
        """The workspace a row names; None when there is none or more than one of that name."""
        named = self.workspaces_by_name.get(name or "", ())
        if name == DEFAULT_NAME and not named:
            named = (self.default,)
        return workspace_id or (named[0] if len(named) == 1 else None)

    def unknown_workspace(self, workspace_id: str | None, name: str | None) -> str:
        """Why `workspace_of` leads nowhere."""
        if workspace_id is None and len(self.workspaces_by_name.get(name or "", ())) > 1:
            return f"more than one workspace is named {name}; give its workspace_id"
        return f"there is no workspace {workspace_id or name or '(workspace_id or workspace is missing)'}"


def invite_times(row: InviteRow, now: datetime) -> tuple[datetime, datetime]:
    """When an invite was sent and when it ends; what is missing follows from what is there, then from its status."""
    if row.invited_at is not None:
        invited = moments.parsed(row.invited_at)
    elif row.expires_at is not None:
        invited = moments.parsed(row.expires_at) - LIFETIME
    else:
        invited = now - LIFETIME if row.status == "expired" else now
    return invited, moments.parsed(row.expires_at) if row.expires_at else invited + LIFETIME


def moment(text: str | None, position: int) -> datetime:
    """When a row was made."""
    return moments.parsed(text) if text else BEGINNING + timedelta(minutes=position)


def by_time(rows: Iterable[dict[str, Any]], field: str) -> Iterator[dict[str, Any]]:
    """Lists show the newest first by the order rows were written in, so the oldest is written first."""
    for row in sorted(rows, key=lambda row: row[field]):
        yield row | {field: moments.written(row[field])}


def problems_of(seed: Seed, names: Names, now: datetime) -> list[str]:
    """Everything that contradicts, in file order."""
    return [
        *_wrong_ids(names),
        *duplicates("users", "id", names.users),
        *duplicates("users", "email", [emails.same_person(row.email) for row in seed.users]),
        *_wrong_roles(seed),
        *duplicates("invites", "id", names.invites),
        *_wrong_invites(seed, now),
        *duplicates("workspaces", "id", names.workspaces),
        *_wrong_workspaces(seed, names),
        *_wrong_members(seed, names),
        *duplicates("api_keys", "id", names.api_keys),
    ]


def made_ids(prefix: str, organization: str, rows: Iterable[tuple[str | None, str]]) -> tuple[str, ...]:
    """The ids of rows, each of which has one or is about something."""
    seen: Counter[str] = Counter()
    made = []
    for given, about in rows:
        made.append(given or ids.identifier(prefix, organization, "seed", about, seen[about]))
        seen[about] += 1
    return tuple(made)


def _wrong_ids(names: Names) -> Iterator[str]:
    sections = [("users", "user_", names.users), ("invites", "invite_", names.invites)]
    sections += [("workspaces", "wrkspc_", names.workspaces), ("api_keys", "apikey_", names.api_keys)]
    for section, prefix, identifiers in sections:
        for position, identifier in enumerate(identifiers):
            if not identifier.startswith(prefix):
                yield f"{section}.{position}.id: {identifier} has to begin with {prefix}"


def duplicates(section: str, field: str, values: Sequence[object]) -> Iterator[str]:
    """Values that only one row may have."""
    first: dict[object, int] = {}
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
        if row.inference_data_privacy is not None:
            for problem in privacy.problems(row.inference_data_privacy):
                yield f"workspaces.{position}.inference_data_privacy: {problem}"


def _wrong_members(seed: Seed, names: Names) -> Iterator[str]:
    roles = {user_id: row.role for user_id, row in zip(names.users, seed.users, strict=True)}
    workspaces = set(names.workspaces)
    seen: set[tuple[str, str]] = set()
    for position, row in enumerate(seed.workspace_members):
        at = f"workspace_members.{position}"
        user, workspace = names.user_of(row.user_id, row.email), names.workspace_of(row.workspace_id, row.workspace)
        if user not in roles:
            yield f"{at}: there is no user {row.user_id or row.email or '(user_id or email is missing)'}"
        elif row.workspace_role == "workspace_billing" and roles[user] != "billing":
            yield f"{at}.workspace_role: workspace_billing comes with the organization role billing only"
        if workspace == names.default:
            yield f"{at}: the default workspace has no members of its own"
        elif workspace not in workspaces:
            yield f"{at}: {names.unknown_workspace(row.workspace_id, row.workspace)}"
        if user is not None and workspace is not None:
            if (workspace, user) in seen:
                yield f"{at}: the user is a member of the workspace already"
            seen.add((workspace, user))
