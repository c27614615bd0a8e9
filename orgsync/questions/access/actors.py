"""What acts in a workspace without being a person in it: keys, and service accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orgsync.core.model.things import LIVE
from orgsync.kinds.api_key.live import creator_of, owner_of, principal_of
from orgsync.questions.access.population import ACCOUNT, KEY
from orgsync.questions.access.powers import Answer, Sort, account_key_works, key_works
from orgsync.questions.access.standing import standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Found
    from orgsync.questions.access.population import Population, Site

NOBODY, PERSON, SERVICE, UNCLEAR = "nobody", "person", "service account", "not known"
"""What a key acts as."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """What is known of service accounts: which role each workspace lists for which account, by the ids of both.

    `why_not` says why nothing is known of them; `unread` why the list of a workspace is not.
    """

    listed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class ActingKey:
    """A key that sends requests in a workspace, or may. `kind` is what it acts as, `name` who that is.

    `made_by` is who created it; `made_by_is` what became of somebody who is gone.
    """

    key: Found
    site: Site
    kind: str
    name: str
    works: Answer
    made_by: str = ""
    made_by_is: str = ""


@dataclass(frozen=True, slots=True)
class ActingAccount:
    """A service account that is in a workspace; `implied`: as everyone of them is in the default workspace."""

    account: Found
    site: Site
    role: str
    implied: bool
    works: Answer


def acting_keys(site: Site, among: Population, seen: Observation, accounts: Accounts) -> Iterator[ActingKey]:
    """The keys that send requests in this workspace, and those of which that is not known."""
    if site.id is None or site.sort is Sort.ARCHIVED:
        return
    for key in seen.live.get(KEY, ()):
        scope = key.facts.row["scope"]
        if scope["type"] == "workspace" and scope.get("workspace_id") != site.id:
            continue
        if not key.unknown and key.attributes["status"] != "active":
            continue
        kind, name, works = _acts_as(key, site, among, seen, accounts)
        works = Answer.UNKNOWN if key.unknown and works is Answer.YES else works
        if works is not Answer.NO:
            yield ActingKey(key, site, kind, name, works, *_maker(key, seen))


def _acts_as(
    key: Found, site: Site, among: Population, seen: Observation, accounts: Accounts
) -> tuple[str, str, Answer]:
    """What a key acts as, who that is, and whether it works in the workspace."""
    principal = principal_of(key)
    if "principal" not in key.facts.row or key.unknown:
        return UNCLEAR, "", Answer.UNKNOWN
    if not principal:
        return NOBODY, "", Answer.YES
    if principal.get("type") != "user_actor":
        return _as_account(principal.get("service_account_id"), site, seen, accounts)
    identity = str(principal.get("user_id"))
    person = among.by_id.get(identity)
    if person is None or person.found is None or person.found.standing != LIVE:
        return PERSON, identity, Answer.UNKNOWN if among.unread else Answer.NO
    one = standing(person.found.segments[0], site, among)
    return PERSON, one.email, key_works(one.powers, has_access=one.role is not None)


def _as_account(identity: str | None, site: Site, seen: Observation, accounts: Accounts) -> tuple[str, str, Answer]:
    account = next((one for one in seen.live.get(ACCOUNT, ()) if one.id == identity), None)
    if account is None:
        return SERVICE, str(identity or ""), Answer.UNKNOWN
    name = account.segments[0]
    if account.standing != LIVE:
        return SERVICE, name, Answer.NO
    if account.unknown or site.id is None or site.id in accounts.unread or accounts.why_not:
        return SERVICE, name, Answer.UNKNOWN
    return SERVICE, name, account_key_works(accounts.listed.get(site.id, {}).get(account.id), site.sort)


def _maker(key: Found, seen: Observation) -> tuple[str, str]:
    """Who created a key, and what became of them."""
    creator = creator_of(key)
    if creator.get("type") == "service_account":
        account = next((one for one in seen.live.get(ACCOUNT, ()) if one.id == creator.get("id")), None)
        return (str(creator.get("id")) if account is None else account.segments[0]), ""
    owner = owner_of(key, seen)
    if "owner" in owner:
        return owner["owner"], owner.get("owner_is", "")
    return owner.get("owner_id", ""), "left" if owner else ""


def acting_accounts(site: Site, seen: Observation, accounts: Accounts) -> Iterator[ActingAccount]:
    """The service accounts that are in this workspace."""
    if site.id is None or site.sort is Sort.ARCHIVED:
        return
    listed = accounts.listed.get(site.id, {})
    for account in seen.live.get(ACCOUNT, ()):
        if account.standing != LIVE:
            continue
        role = listed.get(account.id)
        implied = role is None and site.sort is Sort.DEFAULT and site.id not in accounts.unread
        if role is not None or implied:
            works = Answer.UNKNOWN if account.unknown else account_key_works(role, site.sort)
            yield ActingAccount(account, site, role or "user", implied, works)


def admin_accounts(seen: Observation) -> Iterator[Found]:
    """The service accounts that are admins of the organization, and those of whose role that is not known."""
    for account in seen.live.get(ACCOUNT, ()):
        if account.standing == LIVE and (account.unknown or account.attributes["role"] == "admin"):
            yield account
