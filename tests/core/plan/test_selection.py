"""A saved plan can be made smaller, and grows too old; nothing makes it larger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from acme import ADMINS, NOW, Org, actions
from hypothesis import given
from hypothesis import strategies as st

from orgsync.core.plan.selection import age, allowing, without

FILES = (
    "members: {new@acme.example: user}\n"
    "workspaces: {lab: {members: {ana@acme.example: user}}, other: {}, old: {archived: true}}"
)


def org() -> Org:
    people = [*ADMINS, {"email": "ana@acme.example", "role": "user"}]
    return Org(FILES, users=people, workspaces=[{"name": "old"}, {"name": "x"}, {"name": "y"}, {"name": "z"}])


def test_what_is_skipped_takes_along_what_depends_on_it() -> None:
    plan = org().plan()
    smaller, left_out = without(plan, ["workspace:lab"])
    assert [change.address for change in left_out] == ["workspace:lab", "workspace_member:lab/ana@acme.example"]
    assert actions(smaller) == [
        "invite member:new@acme.example",
        "archive workspace:old",
        "create workspace:other",
    ]


def test_a_refused_change_can_be_left_out_and_the_rest_applied() -> None:
    here = org()
    plan = here.plan()
    assert [verdict.guard for verdict in plan.refusals] == ["irreversible"]
    smaller, _left_out = without(plan, ["workspace:old"])
    assert smaller.refusals == ()
    assert here.apply(plan=smaller).complete
    assert "old" in [row["name"] for row in here.rows("workspaces")]


def test_an_allowance_lifts_the_guards_that_listen_to_it() -> None:
    assert allowing(org().plan(), ["workspace:old"]).refusals == ()


def test_only_what_the_plan_changes_can_be_left_out() -> None:
    with pytest.raises(ValueError, match="the plan does not change workspace:nowhere"):
        without(org().plan(), ["workspace:nowhere"])


def test_age_is_counted_from_when_the_plan_was_made() -> None:
    assert age(org().plan(), NOW + timedelta(days=7)) == timedelta(days=7)


@given(st.data())
def test_leaving_out_never_adds_and_never_leaves_a_dangling_dependency(data: st.DataObject) -> None:
    plan = org().plan()
    chosen = data.draw(st.lists(st.sampled_from([change.address for change in plan.changes]), unique=True))
    smaller, left_out = without(plan, chosen)
    assert set(smaller.changes) | set(left_out) == set(plan.changes)
    kept = {change.address for change in smaller.changes}
    assert not kept & set(chosen)
    assert all(before in kept for change in smaller.changes for before in change.after)
