"""Workspaces: how a declared one finds its live one, and what is and is not done about differences."""

from __future__ import annotations

from typing import Any

import pytest
from acme import Org, actions, codes, held

from orgsync.core.model.change import Level, Risk
from orgsync.errors import InputError, Refused

FIRST, SECOND = "wrkspc_01AAAAAAAAAAAAAAAAAAAAAA", "wrkspc_01BBBBBBBBBBBBBBBBBBBBBB"
LONG_AGO = "2026-03-01T00:00:00Z"


def problem(org: Org) -> str:
    with pytest.raises(InputError) as caught:
        org.plan()
    assert org.writes() == []
    return str(caught.value)


def test_a_missing_workspace_is_created_with_all_its_settings() -> None:
    org = Org(
        'workspaces: {lab: {color: "#ABCDEF", tags: {env: dev}, '
        "data_residency: {default_inference_geo: us, allowed_inference_geos: [us]}}}"
    )
    assert actions(org.plan()) == ["create workspace:lab"]
    assert org.apply().complete
    row = org.rows("workspaces")[0]
    assert (row["name"], row["display_color"].lower(), row["tags"]) == ("lab", "#abcdef", {"env": "dev"})
    assert row["data_residency"]["allowed_inference_geos"] == ["us"]
    assert actions(org.plan()) == []


def test_a_live_workspace_of_the_name_is_adopted() -> None:
    org = Org("workspaces: {lab: {tags: {env: dev}}}", workspaces=[{"name": "lab"}])
    assert actions(org.plan()) == ["update workspace:lab"]


def test_only_written_fields_are_compared() -> None:
    org = Org("workspaces: {lab: {}}", workspaces=[{"name": "lab", "tags": {"a": "b"}, "display_color": "#123456"}])
    assert org.plan().changes == ()


def test_colours_are_compared_without_case() -> None:
    org = Org('workspaces: {lab: {color: "#ABCDEF"}}', workspaces=[{"name": "lab", "display_color": "#abcdef"}])
    assert org.plan().changes == ()


def test_two_live_workspaces_of_one_name_are_an_error_that_names_both() -> None:
    org = Org("workspaces: {lab: {}}", workspaces=[{"name": "lab", "id": FIRST}, {"name": "lab", "id": SECOND}])
    message = held(org.plan())
    assert FIRST in message
    assert SECOND in message


def test_an_id_settles_a_tie() -> None:
    workspaces = [{"name": "lab", "id": FIRST}, {"name": "lab", "id": SECOND}]
    org = Org(f"workspaces: {{lab: {{id: {SECOND}, tags: {{env: dev}}}}}}", workspaces=workspaces)
    org.apply()
    assert org.writes() == [("POST", f"/v1/organizations/workspaces/{SECOND}")]


def test_an_id_and_another_name_are_a_rename() -> None:
    org = Org(f"workspaces: {{lab: {{id: {FIRST}}}}}", workspaces=[{"name": "old", "id": FIRST}])
    assert actions(org.plan()) == ["update workspace:lab"]
    org.apply()
    assert [row["name"] for row in org.rows("workspaces")] == ["lab"]
    assert actions(org.plan()) == []


def test_an_unknown_id_is_an_error() -> None:
    assert "no workspace of this organization has the id" in held(Org(f"workspaces: {{lab: {{id: {FIRST}}}}}").plan())


def test_renamed_from_renames_instead_of_creating() -> None:
    org = Org("workspaces: {lab: {renamed_from: old}}", workspaces=[{"name": "old"}])
    assert actions(org.plan()) == ["update workspace:lab"]
    org.apply()
    assert [row["name"] for row in org.rows("workspaces")] == ["lab"]
    assert actions(org.plan()) == []


def test_members_of_a_workspace_that_is_being_renamed_are_compared() -> None:
    users = [{"email": "ana@acme.example", "role": "developer"}]
    rows = [{"email": "ana@acme.example", "workspace": "old", "workspace_role": "workspace_user"}]
    org = Org(
        "workspaces: {lab: {renamed_from: old, members: {ana@acme.example: developer}}}",
        users=users,
        workspaces=[{"name": "old"}],
        workspace_members=rows,
    )
    assert actions(org.plan()) == ["update workspace:lab", "update workspace_member:lab/ana@acme.example"]
    assert org.apply().complete
    assert actions(org.plan()) == []


def test_a_declared_workspace_that_was_archived_asks_for_a_decision() -> None:
    org = Org("workspaces: {lab: {}}", workspaces=[{"name": "lab", "id": FIRST, "archived_at": LONG_AGO}])
    message = held(org.plan())
    assert f"({FIRST}) was archived on 2026-03-01" in message
    assert "recreate: ID" in message


def test_recreate_makes_a_new_one_in_place_of_the_archived_one_named() -> None:
    org = Org(
        f"workspaces: {{lab: {{recreate: {FIRST}}}}}",
        workspaces=[{"name": "lab", "id": FIRST, "archived_at": LONG_AGO}],
    )
    assert actions(org.plan()) == ["create workspace:lab"]
    assert org.apply().complete
    assert actions(org.plan()) == []


def test_archiving_is_said_and_named_one_by_one() -> None:
    org = Org(
        "guards: {max_removals: {percent: 100}}\nworkspaces: {lab: {archived: true}}",
        workspaces=[{"name": "lab"}, {"name": "b"}],
    )
    plan = org.plan()
    assert (actions(plan), plan.changes[0].risk) == (["archive workspace:lab"], Risk.R2)
    assert [verdict.guard for verdict in plan.refusals] == ["irreversible"]
    with pytest.raises(Refused, match="irreversible"):
        org.apply()
    assert org.writes() == []
    assert org.apply(allow=("workspace:lab",)).complete
    assert actions(org.plan()) == []


@pytest.mark.parametrize("workspaces", [[], [{"name": "lab", "archived_at": LONG_AGO}]])
def test_an_archived_workspace_that_is_not_live_is_nothing_to_do(workspaces: list[dict[str, Any]]) -> None:
    assert Org("workspaces: {lab: {archived: true}}", workspaces=workspaces).plan().changes == ()


@pytest.mark.parametrize(("mode", "level"), [("additive", Level.INFO), ("authoritative", Level.ERROR)])
def test_an_undeclared_workspace_is_a_finding_and_is_never_archived(mode: str, level: Level) -> None:
    org = Org(f"manage: {{workspaces: {mode}}}\nworkspaces: {{}}", workspaces=[{"name": "rogue"}])
    plan = org.plan()
    assert plan.changes == ()
    assert [(note.code, note.address, note.level) for note in plan.findings] == [
        ("undeclared", "workspace:rogue", level)
    ]


def test_the_default_workspace_is_left_alone_and_claude_code_no_error() -> None:
    """The one makes itself as well, but anybody can give a workspace its name."""
    org = Org("manage: {workspaces: authoritative}\nworkspaces: {Default: {}}", workspaces=[{"name": "Claude Code"}])
    plan = org.plan()
    assert plan.changes == ()
    assert [(note.code, note.address, note.level) for note in plan.findings] == [
        ("undeclared", "workspace:Claude Code", "info")
    ]


@pytest.mark.parametrize("settings", ["", ", archived: true", ', color: "#ABCDEF"'])
def test_the_default_workspace_cannot_be_meant_by_its_id(settings: str) -> None:
    identity = Org().workspace_id("Default")
    message = held(Org(f"workspaces: {{main: {{id: {identity}{settings}}}}}").plan())
    assert f"{identity} is the default workspace, which cannot be renamed or archived" in message


@pytest.mark.parametrize("line", ["main: {renamed_from: Default}", "Default: {renamed_from: main}"])
def test_no_rename_begins_or_ends_with_the_default_workspace(line: str) -> None:
    assert "the default workspace cannot be renamed" in problem(Org(f"workspaces: {{{line}}}"))


@pytest.mark.parametrize(
    "wrong",
    ["main: {renamed_from: Default}", "Default: {renamed_from: main}", "Default: {archived: true}"],
)
def test_hints_about_the_default_workspace_work(wrong: str) -> None:
    """Each says what to delete, and then the file is valid."""
    message = problem(Org(f"workspaces: {{{wrong}}}"))
    deleted = next(word for word in ("renamed_from", "archived") if f"delete `{word}`" in message)
    assert deleted in wrong
    plan = Org(f"workspaces: {{{wrong.split(':')[0]}: {{}}}}").plan()
    assert {change.action for change in plan.changes} <= {"create"}


def test_claude_code_is_managed_where_the_file_names_it() -> None:
    org = Org("workspaces: {Claude Code: {tags: {a: b}}}", workspaces=[{"name": "Claude Code"}])
    assert actions(org.plan()) == ["update workspace:Claude Code"]


@pytest.mark.parametrize("reading", ["merge", "replace"])
def test_tags_come_out_right_whether_the_api_merges_or_replaces(reading: str) -> None:
    live = {"keep": "1", "change": "old", "drop": "x", "dotted.key": "y"}
    org = Org(
        "workspaces: {lab: {tags: {keep: '1', change: new, add: z}}}",
        workspaces=[{"name": "lab", "tags": live}],
        settings={"tags_update": reading},
    )
    assert org.apply().complete
    assert org.rows("workspaces")[0]["tags"] == {"keep": "1", "change": "new", "add": "z"}
    assert actions(org.plan()) == []


@pytest.mark.parametrize("reading", ["merge", "replace"])
def test_tags_of_the_api_may_be_lost_and_the_plan_says_so(reading: str) -> None:
    """They cannot be sent, so whether a change of other tags leaves them is up to the API."""
    org = Org(
        "workspaces: {lab: {tags: {env: prod}}, pad: {tags: {env: dev}}, old: {tags: {env: dev}, color: '#000000'}}",
        workspaces=[
            {"name": "lab", "tags": {"env": "dev", "anthropic-tier": "a", "anthropic:x": "b"}},
            {"name": "pad", "tags": {"env": "prod"}},
            {"name": "old", "tags": {"env": "dev", "anthropic-tier": "a"}},
        ],
        settings={"tags_update": reading},
    )
    plan = org.plan()
    told = {change.address: (change.risk, change.effects) for change in plan.changes}
    assert told == {
        "workspace:lab": (Risk.R1, ("may remove the API's own tags anthropic-tier, anthropic:x",)),
        "workspace:pad": (Risk.R0, ()),
        "workspace:old": (Risk.R0, ()),
    }
    assert org.apply(plan=plan).complete
    tags = next(row["tags"] for row in org.rows("workspaces") if row["name"] == "lab")
    own = {"anthropic-tier": "a", "anthropic:x": "b"} if reading == "merge" else {}
    assert tags == {"env": "prod", **own}


def test_null_tags_are_no_tags() -> None:
    org = Org("workspaces: {lab: {tags: null}}", workspaces=[{"name": "lab", "tags": {"a": "b"}}])
    assert org.apply().complete
    assert org.rows("workspaces")[0]["tags"] == {}


def test_a_part_of_residency_that_is_not_written_stays() -> None:
    residency = {"default_inference_geo": "us", "allowed_inference_geos": ["us"]}
    org = Org(
        "workspaces: {lab: {data_residency: {allowed_inference_geos: [global, us]}}}",
        workspaces=[{"name": "lab", "data_residency": residency}],
    )
    assert org.apply().complete
    shown = org.rows("workspaces")[0]["data_residency"]
    assert (shown["default_inference_geo"], sorted(shown["allowed_inference_geos"])) == ("us", ["global", "us"])
    assert actions(org.plan()) == []


def test_the_order_of_geographies_does_not_matter() -> None:
    residency = {"default_inference_geo": "us", "allowed_inference_geos": ["us", "global"]}
    org = Org(
        "workspaces: {lab: {data_residency: {allowed_inference_geos: [global, us]}}}",
        workspaces=[{"name": "lab", "data_residency": residency}],
    )
    assert org.plan().changes == ()


def test_a_default_geography_that_live_does_not_allow_is_said_at_plan_time() -> None:
    residency = {"default_inference_geo": "us", "allowed_inference_geos": ["us"]}
    org = Org(
        "workspaces: {lab: {data_residency: {default_inference_geo: global}}}",
        workspaces=[{"name": "lab", "data_residency": residency}],
    )
    plan = org.plan()
    assert plan.changes == ()
    assert codes(plan.findings) == ["residency_conflict workspace:lab"]


def test_what_was_set_once_is_a_finding_not_a_failing_change() -> None:
    org = Org(
        "workspaces: {lab: {user_profile_id: uprof_02, tags: {a: b}}}",
        workspaces=[{"name": "lab", "user_profile_id": "uprof_01"}],
    )
    plan = org.plan()
    assert [(note.code, note.level) for note in plan.findings] == [("immutable", Level.ERROR)]
    assert [field.path for field in plan.changes[0].fields] == ["tags.a"]


def test_setting_what_can_be_set_once_has_to_be_allowed() -> None:
    org = Org("workspaces: {lab: {user_profile_id: uprof_02}}", workspaces=[{"name": "lab"}])
    assert org.plan().changes[0].risk is Risk.R2
    assert [verdict.guard for verdict in org.plan().refusals] == ["irreversible"]


def test_a_name_that_differs_only_in_case_is_pointed_out() -> None:
    org = Org("workspaces: {Lab: {}}", workspaces=[{"name": "lab"}])
    assert "similar_name workspace:Lab" in codes(org.plan().findings)


def test_more_workspaces_than_an_organization_has_are_pointed_out() -> None:
    names = "".join(f"  w{number}: {{}}\n" for number in range(101))
    assert "workspace_limit workspace:*" in codes(Org(f"workspaces:\n{names}").plan().findings)
