"""A reviewed plan is a ceiling, and guards stand before every write: judged by what the sandbox received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from orgsync.core.model.change import Risk
from orgsync.errors import Refused, Stale
from properties.organizations import Organization, examples, organizations
from properties.samples import NAMES, PEOPLE, ROLES, WORKSPACE_ROLES
from properties.witness import expected_writes, planned, sent, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from acme import Org

    from orgsync.core.model.change import Plan
    from properties.witness import Snapshot

Edit = tuple[str, str, dict[str, Any] | None]


def console_edits(live: Snapshot, plan: Plan) -> st.SearchStrategy[Edit]:
    """Something a colleague may do in the Console, as the request it is; often about what the plan is about."""
    meant = sorted(plan.identities.values())
    users = st.sampled_from([*sorted(live.users), *(one for one in meant if one in live.users)])
    workspaces = st.sampled_from([*sorted(live.workspaces), *(one for one in meant if one in live.workspaces)])
    invites = sorted(live.invites)
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
        *[request("POST", lambda one: f"workspaces/{one}", _workspace_edits(), workspaces)] * 4,
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
    edits: list[dict[str, Any]] = [
        {"display_color": "#123456"},
        {"tags": {"env": "elsewhere"}},
        {"tags": {"env": None}},
        {"data_residency": {"default_inference_geo": "us"}},
        *({"name": name} for name in NAMES),
    ]
    return st.sampled_from(edits)


def _access(users: st.SearchStrategy[str], roles: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({"user_id": users, "workspace_role": roles})


def edit(org: Org, change: Edit) -> bool:
    """Whether the Console let them."""
    return org.app.console(*change).status == 200


@examples(30)
@given(st.data(), organizations())
def test_a_saved_plan_does_its_own_changes_or_nothing(data: st.DataObject, organization: Organization) -> None:
    both = planned(organization)
    if both is None or not both[1].changes:
        return
    org, plan = both
    plan = org.plan(allow=[change.address for change in plan.changes if change.risk is Risk.R2])
    for _ in range(data.draw(st.integers(1, 3), label="number of edits")):
        edit(org, data.draw(console_edits(snapshot(org), plan), label="a colleague's edit"))
    try:
        report = org.apply(plan=plan)
    except (Stale, Refused) as stop:
        event(type(stop).__name__)
        assert sent(org) == []
        return
    event("applied in full" if report.complete else "applied as far as the API let it")
    approved = [write for _change, write in expected_writes(plan, snapshot(org))]
    for line in sent(org):
        write = (line["method"], line["path"].removeprefix("/v1/organizations/"), line["body"])
        found = next((one for one in approved if one == write), None)
        assert found is not None, f"nobody approved {write}"
        approved.remove(found)
    assert len(approved) == report.already + report.skipped


@examples(20)
@given(organizations())
def test_a_plan_that_speaks_of_something_renamed_since_is_stale(organization: Organization) -> None:
    """Where the plan changes a workspace itself, its id tells which one is meant."""
    both = planned(organization)
    if both is None:
        return
    org, plan = both
    plan = org.plan(allow=[change.address for change in plan.changes if change.risk is Risk.R2])
    own = {plan.identities[change.address] for change in plan.changes if change.address in plan.identities}
    mentioned = {identity for text, identity in plan.identities.items() if text.startswith("workspace:")} - own
    if plan.refusals or not mentioned:
        return
    event("speaks of a workspace")
    org.console("POST", f"workspaces/{min(mentioned)}", {"name": "something else"})
    with pytest.raises(Stale):
        org.apply(plan=plan)
    assert sent(org) == []
