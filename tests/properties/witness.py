"""What a colleague sees in the Console before and after orgsync worked: the judges look here, not at orgsync's word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import event

from orgsync.core.model.change import Action, Risk
from orgsync.core.model.meaning import Meaning
from orgsync.errors import InputError, Refused
from properties.samples import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from acme import Org

    from orgsync.core.apply.outcome import Report
    from orgsync.core.model.change import Change, Plan
    from properties.organizations import Organization

ALL_WORKSPACES = "workspaces?include_archived=true&include_default=true"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every row of the organization, by id; `roles` by workspace and person."""

    users: dict[str, dict[str, Any]]
    invites: dict[str, dict[str, Any]]
    workspaces: dict[str, dict[str, Any]]
    roles: dict[tuple[str, str], str]
    keys: dict[str, dict[str, Any]]
    spend_limits: dict[str, dict[str, Any]]
    rate_limits: dict[tuple[str, str, str], int]
    accounts: dict[str, dict[str, Any]]

    def named(self, name: str) -> list[str]:
        """The ids of the live workspaces of this name."""
        return [one for one, row in self.workspaces.items() if row["name"] == name and not row["archived_at"]]

    def user(self, email: str) -> str | None:
        """The id of the member with this address, in whatever case."""
        return next((one for one, row in self.users.items() if same(row["email"], email)), None)

    def pending(self, email: str) -> list[str]:
        """The ids of this person's pending invites."""
        rows = self.invites.items()
        return [one for one, row in rows if row["status"] == "pending" and same(row["email"], email)]


def same(one: str, other: str) -> bool:
    """Whether two spellings are one address."""
    return one.casefold() == other.casefold()


def snapshot(org: Org) -> Snapshot:
    """What the organization holds now."""
    workspaces = {row["id"]: row for row in org.rows(ALL_WORKSPACES)}
    return Snapshot(
        {row["id"]: row for row in org.rows("users")},
        {row["id"]: row for row in org.rows("invites")},
        workspaces,
        {
            (one, row["user_id"]): row["workspace_role"]
            for one in workspaces
            for row in org.rows(f"workspaces/{one}/members")
        },
        {row["id"]: row for row in org.rows("api_keys")},
        {row["id"]: row for row in org.rows("spend_limits")},
        {
            (one, row["rate_limit_id"], limit["type"]): limit["value"]
            for one in workspaces
            for row in org.rows(f"workspaces/{one}/rate_limits")
            for limit in row["limits"]
        },
        {row["id"]: row for row in org.console("GET", "service_accounts?include_archived=true&limit=100")["data"]},
    )


def sent(org: Org) -> list[dict[str, Any]]:
    """The log lines of everything orgsync sent that is not a GET."""
    return [line for line in org.app.log() if not line["console"] and line["method"] != "GET"]


@dataclass(frozen=True, slots=True)
class Applied:
    """One apply in which a person allowed everything there is to allow. `report` is None where a guard refused."""

    org: Org
    before: Snapshot
    plan: Plan
    report: Report | None
    writes: list[dict[str, Any]]
    after: Snapshot
    refusal: str = ""

    def removed_users(self) -> set[str]:
        """The ids of the people who are not members any more."""
        return self.before.users.keys() - self.after.users.keys()

    def vanished_roles(self) -> Iterator[tuple[str, str]]:
        """Roles in workspaces that were taken away from people who are still members of the organization."""
        for workspace, person in self.before.roles.keys() - self.after.roles.keys():
            if person in self.after.users:
                yield workspace, person


def planned(organization: Organization) -> tuple[Org, Plan] | None:
    """The plan, or None where only a person can say what the file means; nothing was written either way."""
    org = organization.org()
    try:
        plan = org.plan()
    except InputError:
        event("the file cannot be planned")
        assert org.writes() == []
        return None
    assert org.writes() == []
    for change in plan.changes:
        serious = {Meaning.ELEVATES, Meaning.WITHDRAWS, Meaning.STOPS} & set(change.meaning)
        assert not serious or change.risk is not Risk.R0
    event("with changes" if plan.changes else "without changes")
    return org, plan


def applied(organization: Organization) -> Applied | None:
    """What apply does, with every change allowed that a person can allow; None where there is no plan."""
    both = planned(organization)
    if both is None:
        return None
    org, plan = both
    allowed = [change.address if change.id is None else f"{change.address}={change.id}" for change in plan.changes]
    if plan.refusals:
        plan = org.plan(allow=allowed)
    before, report, refusal = snapshot(org), None, ""
    try:
        report = org.apply(plan=plan)
    except Refused as refused:
        refusal = str(refused)
        assert sent(org) == []
    return Applied(org, before, plan, report, sent(org), snapshot(org), refusal)


def expected_writes(plan: Plan, after: Snapshot) -> list[tuple[Change, tuple[str, str, dict[str, Any] | None]]]:
    """The writes a plan stands for, one for each change. Things made on the way are looked up where they ended up."""
    return [(change, SAMPLES[kind_of(change.address)].write(change, _finder(plan, after))) for change in plan.changes]


def kind_of(address: str) -> str:
    """The first word of an address."""
    return address.partition(":")[0]


def _finder(plan: Plan, after: Snapshot) -> Callable[..., str]:
    """Finds the id a change is bound to, or that of the thing of another kind which its address mentions."""

    def where(change: Change, kind: str | None = None) -> str:
        if kind is None:
            assert change.id is not None
            return change.id
        segments = change.address.partition(":")[2].split("/")
        return _FINDERS[kind](segments, plan, after)

    return where


def _workspace(segments: list[str], plan: Plan, after: Snapshot) -> str:
    """Of the workspace that comes first in an address; a spend limit's says before that it is one."""
    name = segments[
        segments[0] == "workspace" and len(segments) == 2 and f"workspace:{segments[0]}" not in plan.identities
    ]
    if any(change.address == f"workspace:{name}" and change.action is Action.CREATE for change in plan.changes):
        return after.named(name.replace("%2F", "/").replace("%25", "%"))[0]
    return plan.identities[f"workspace:{name}"]


def _member(segments: list[str], plan: Plan, _after: Snapshot) -> str:
    return next(one for address, one in plan.identities.items() if same(address, f"member:{segments[1]}"))


def _rate_limit_group(segments: list[str], plan: Plan, _after: Snapshot) -> str:
    return plan.identities[f"rate_limit_group:{segments[1]}"]


_FINDERS: dict[str, Callable[[list[str], Plan, Snapshot], str]] = {
    "workspace": _workspace,
    "member": _member,
    "rate_limit_group": _rate_limit_group,
}
