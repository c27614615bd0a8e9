"""A reviewed plan is a ceiling, and guards stand before every write: judged by what the sandbox received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import event, given
from hypothesis import strategies as st

from orgsync.core.change import Risk
from orgsync.core.plan_schema import plan_adapter
from orgsync.errors import Refused, Stale
from properties.organizations import Organization, examples, guarded_organizations, organizations
from properties.samples import NAMES, PEOPLE, ROLES, WORKSPACE_ROLES
from properties.witness import expected_writes, planned, sent, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from org import Org
    from properties.witness import Snapshot

Edit = tuple[str, str, dict[str, Any] | None]


def console_edits(live: Snapshot) -> st.SearchStrategy[Edit]:
    """Something a colleague may do in the Console, as the request it is."""
    users, invites = st.sampled_from(sorted(live.users)), sorted(live.invites)
    workspaces = st.sampled_from(sorted(live.workspaces))
    roles = st.sampled_from([f"workspace_{role}" for role in WORKSPACE_ROLES])

    def request(
        method: str, path: Callable[..., str], body: st.SearchStrategy[Any] | None, *ids: st.SearchStrategy[str]
    ) -> st.SearchStrategy[Edit]:
        return st.tuples(st.just(method), st.builds(path, *ids), body if body is not None else st.none())

    edits = [
        request("POST", lambda one: f"users/{one}", st.fixed_dictionaries({"role": st.sampled_from(ROLES)}), users),
        request("DELETE", lambda one: f"users/{one}", None, users),
        request("POST", lambda: "users", _people()),
        request("POST", lambda: "invites", _people()),
        request("POST", lambda: "workspaces", st.fixed_dictionaries({"name": st.sampled_from(NAMES)})),
        request("POST", lambda one: f"workspaces/{one}", _workspace_edits(), workspaces),
        request("POST", lambda one: f"workspaces/{one}/archive", None, workspaces),
        request("POST", lambda one: f"workspaces/{one}/members", _access(users, roles), workspaces),
        request(
            "POST",
            lambda one, person: f"workspaces/{one}/members/{person}",
            st.fixed_dictionaries({"workspace_role": roles}),
            workspaces,
            users,
        ),
        request("DELETE", lambda one, person: f"workspaces/{one}/members/{person}", None, workspaces, users),
    ]
    if invites:
        pending = st.sampled_from(invites)
        edits += [
            request("POST", lambda one: f"invites/{one}/accept", None, pending),
            request("POST", lambda one: f"invites/{one}", st.just({"status": "expired"}), pending),
            request("DELETE", lambda one: f"invites/{one}", None, pending),
        ]
    return st.one_of(edits)


def _people() -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({"email": st.sampled_from(PEOPLE), "role": st.sampled_from(ROLES)})


def _workspace_edits() -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(
        [
            {"display_color": "#123456"},
            {"tags": {"env": "elsewhere"}},
            {"tags": {"env": None}},
            {"data_residency": {"default_inference_geo": "us"}},
        ]
    ) | st.fixed_dictionaries({"name": st.sampled_from(NAMES)})


def _access(users: st.SearchStrategy[str], roles: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({"user_id": users, "workspace_role": roles})


def edit(org: Org, change: Edit) -> bool:
    """Whether the Console let them."""
    return org.app.console(*change).status == 200


@examples(250)
@given(st.data(), organizations())
def test_a_saved_plan_does_its_own_changes_or_nothing(data: st.DataObject, organization: Organization) -> None:
    both = planned(organization)
    if both is None or not both[1].changes:
        return
    org, plan = both
    plan = org.plan(allow=[change.address for change in plan.changes if change.risk is Risk.R2])
    for _ in range(data.draw(st.integers(1, 3), label="number of edits")):
        edit(org, data.draw(console_edits(snapshot(org)), label="a colleague's edit"))
    try:
        report = org.apply(plan=plan)
    except (Stale, Refused) as stop:
        event(type(stop).__name__)
        assert sent(org) == []
        return
    event(f"applied, all {'done' if report.complete else 'but some'}")
    assert [(outcome.message, outcome.change) for outcome in report.outcomes if outcome.message] == []
    approved = [write for _change, write in expected_writes(plan, snapshot(org))]
    for line in sent(org):
        write = (line["method"], line["path"].removeprefix("/v1/organizations/"), line["body"])
        assert write in approved
        approved.remove(next(one for one in approved if one == write))
    assert len(approved) == report.already
