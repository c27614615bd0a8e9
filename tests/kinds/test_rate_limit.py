"""Rate limits of workspaces: overrides by model, alias or group, one limiter at a time."""

from __future__ import annotations

from typing import Any

import pytest
from acme import Org, actions, codes

from orgsync.errors import ApiError, InputError

GROUPS = [
    {
        "id": "rlim_01Sonnet",
        "group": {"id": "rlg_01Sonnet", "type": "model_group", "display_name": "Claude Sonnet"},
        "limits": [
            {"type": "requests_per_minute", "value": 4000},
            {"type": "output_tokens_per_minute", "value": 400_000},
        ],
        "models": ["claude-sonnet-5", "claude-sonnet"],
    },
    {
        "id": "rlim_01Batch",
        "group": {"id": "rlg_01Batch", "type": "batch"},
        "limits": [{"type": "requests_per_minute", "value": 100}],
        "models": None,
    },
]


def lab(limits: str, **seed: Any) -> Org:
    files = f"workspaces: {{lab: {{rate_limits: {limits}}}}}"
    return Org(files, **{"workspaces": [{"name": "lab"}], "rate_limits": GROUPS, **seed})


def overrides(org: Org) -> dict[str, int]:
    path = f"workspaces/{org.workspace_id('lab')}/rate_limits"
    rows = org.console("GET", path)["data"]
    return {f"{row['group']['id']}/{limit['type']}": limit["value"] for row in rows for limit in row["limits"]}


@pytest.mark.parametrize("name", ["claude-sonnet-5", "claude-sonnet", "rlg_01Sonnet"])
def test_a_group_goes_by_any_of_its_names(name: str) -> None:
    org = lab(f"{{{name}: {{requests_per_minute: 1000}}}}")
    assert actions(org.plan()) == [f"create rate_limit:lab/{name}/requests_per_minute"]
    assert org.apply().complete
    assert overrides(org) == {"rlg_01Sonnet/requests_per_minute": 1000}
    assert actions(org.plan()) == []


def test_a_group_without_models_goes_by_its_type() -> None:
    org = lab("{batch: {requests_per_minute: 10}}")
    assert org.apply().complete
    assert overrides(org) == {"rlg_01Batch/requests_per_minute": 10}


def test_limiters_that_are_not_named_stay() -> None:
    org = lab("{claude-sonnet: {requests_per_minute: 1000, output_tokens_per_minute: 9}}")
    org.apply()
    org.files = "workspaces: {lab: {rate_limits: {claude-sonnet: {requests_per_minute: 2000}}}}"
    assert actions(org.plan()) == ["update rate_limit:lab/claude-sonnet/requests_per_minute"]
    assert org.apply().complete
    assert overrides(org) == {
        "rlg_01Sonnet/requests_per_minute": 2000,
        "rlg_01Sonnet/output_tokens_per_minute": 9,
    }


def test_null_clears_an_override() -> None:
    org = lab("{claude-sonnet: {requests_per_minute: 1000}}")
    org.apply()
    org.files = "workspaces: {lab: {rate_limits: {claude-sonnet: {requests_per_minute: null}}}}"
    assert org.apply().complete
    assert overrides(org) == {}
    assert actions(org.plan()) == []


def test_zero_is_a_value() -> None:
    org = lab("{claude-sonnet: {requests_per_minute: 0}}")
    assert org.apply().complete
    assert overrides(org) == {"rlg_01Sonnet/requests_per_minute": 0}


def test_a_value_above_the_organizations_is_set_and_pointed_out() -> None:
    plan = lab("{claude-sonnet: {requests_per_minute: 5000}}").plan()
    assert len(plan.changes) == 1
    assert codes(plan.findings) == ["rate_limit_above rate_limit:lab/claude-sonnet/requests_per_minute"]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ("{claude-sonnet: 5}", "expected a map from name to value, found the number 5"),
        ("5", "expected a map from name to maps, found the number 5"),
        ("{claude-sonnet: {requests_per_minute: -1}}", "must be at least 0"),
        ("{claude-sonnet: {requests_per_minute: 1.5}}", "expected a whole number"),
    ],
)
def test_what_cannot_be_is_refused_with_a_hint(limits: str, message: str) -> None:
    org = lab(limits)
    with pytest.raises(InputError) as caught:
        org.plan()
    assert message in str(caught.value)
    assert org.writes() == []


@pytest.mark.parametrize(
    ("limits", "code", "message"),
    [
        ("{claude-sonet: {requests_per_minute: 1}}", "unknown_model", 'did you mean "claude-sonnet"'),
        ("{claude-sonnet: {requests_per_minut: 1}}", "unknown_model", 'did you mean "requests_per_minute"'),
        (
            "{claude-sonnet: {requests_per_minute: 1}, rlg_01Sonnet: {requests_per_minute: 2}}",
            "undecided",
            "is the same group as rlg_01Sonnet",
        ),
    ],
)
def test_what_the_organization_does_not_have_is_blocked_and_the_rest_goes_on(
    limits: str, code: str, message: str
) -> None:
    plan = lab(f"{limits[:-1]}, batch: {{requests_per_minute: 3}}}}").plan()
    assert message in f"{plan.blocked[0].message}; {plan.blocked[0].hint}"
    assert {one.code for one in plan.blocked} == {code}
    assert actions(plan) == ["create rate_limit:lab/batch/requests_per_minute"]


def test_limits_of_a_new_workspace_come_after_it() -> None:
    org = lab("{claude-sonnet: {requests_per_minute: 7}}", workspaces=[])
    assert actions(org.plan()) == ["create workspace:lab", "create rate_limit:lab/claude-sonnet/requests_per_minute"]
    assert org.apply().complete
    assert actions(org.plan()) == []


@pytest.mark.parametrize(
    ("refused", "status"),
    [
        ("/v1/organizations/rate_limits", 400),
        ("/v1/organizations/rate_limits", 404),
        ("*/workspaces/*/rate_limits", 400),
        ("*/workspaces/*/rate_limits", 403),
        ("*rate_limits", 403),
    ],
)
def test_where_they_are_not_offered_each_is_a_manual_step_and_the_rest_is_done(refused: str, status: int) -> None:
    org = lab("{claude-sonnet: {requests_per_minute: 7, output_tokens_per_minute: null}}, tags: {a: b}")
    org.app.set_faults([{"fault": "status_before", "path": refused, "status": status, "times": 999}])
    plan = org.plan()
    assert actions(plan) == ["update workspace:lab"]
    assert codes(plan.manual) == [
        "rate_limit_by_hand rate_limit:lab/claude-sonnet/output_tokens_per_minute",
        "rate_limit_by_hand rate_limit:lab/claude-sonnet/requests_per_minute",
    ]
    assert [step.expected for step in plan.manual] == [
        "claude-sonnet, output_tokens_per_minute: inherited from the organization",
        "claude-sonnet, requests_per_minute: 7",
    ]
    assert plan.manual[0].where == "Console > Settings > Workspaces > lab > Limits"
    assert org.apply().complete
    assert " rate_limits:" not in org.export()


def test_a_workspace_that_has_no_such_list_is_reported_and_the_others_are_done() -> None:
    both = [{"name": "lab", "id": "wrkspc_01lab"}, {"name": "office", "id": "wrkspc_01office"}]
    limits = "{rate_limits: {claude-sonnet: {requests_per_minute: 7}}}"
    org = Org(f"workspaces: {{lab: {limits}, office: {limits}}}", workspaces=both, rate_limits=GROUPS)
    org.app.set_faults([{"fault": "status_before", "path": "*01lab/rate_limits", "status": 404, "times": 999}])
    plan = org.plan()
    assert actions(plan) == ["create rate_limit:office/claude-sonnet/requests_per_minute"]
    assert codes(plan.findings) == ["not_offered rate_limit:lab/*"]
    assert plan.manual == ()


@pytest.mark.parametrize("status", [401, 500])
def test_any_other_failure_to_list_them_stops_the_run(status: int) -> None:
    org = lab("{claude-sonnet: {requests_per_minute: 7}}")
    org.app.set_faults([{"fault": "status_before", "path": "*rate_limits", "status": status, "times": 999}])
    with pytest.raises(ApiError, match=str(status)):
        org.plan()


def test_only_workspaces_that_declare_some_are_read() -> None:
    org = lab("{claude-sonnet: {requests_per_minute: 7}}", workspaces=[{"name": "lab"}, {"name": "other"}])
    org.plan()
    assert len([path for path in org.reads() if path.endswith("rate_limits")]) == 2
    other = Org("workspaces: {lab: {}}", workspaces=[{"name": "lab"}])
    other.plan()
    assert [path for path in other.reads() if path.endswith("rate_limits")] == []


def test_the_default_workspace_takes_none() -> None:
    with pytest.raises(InputError, match="the default workspace cannot have rate limits"):
        Org("workspaces: {Default: {rate_limits: {claude-sonnet: {requests_per_minute: 5}}}}").plan()
