"""Policies and waivers hold for a key whatever files and organization call it and its workspace."""

from __future__ import annotations

from typing import Any

import pytest
from acme import ADMINS, Org, actions, codes
from stories import every_third

LAB, OTHER = "wrkspc_01AAAAAAAAAAAAAAAAAAAAAA", "wrkspc_01BBBBBBBBBBBBBBBBBBBBBB"
FIRST, SECOND = "apikey_01AAAAAAAAAAAAAAAAAAAAAA", "apikey_01BBBBBBBBBBBBBBBBBBBBBB"
OLD = "2026-01-01T00:00:00Z"
RENAMES = {
    "nothing": "lab: {api_keys: {etl: {}}}",
    "the workspace": "prod: {renamed_from: lab, api_keys: {etl: {}}}",
    "the workspace, by id": f"prod: {{id: {LAB}, api_keys: {{etl: {{}}}}}}",
    "the key": "lab: {api_keys: {loader: {renamed_from: etl}}}",
    "the key, by id": f"lab: {{api_keys: {{loader: {{id: {FIRST}}}}}}}",
    "both": "prod: {renamed_from: lab, api_keys: {loader: {renamed_from: etl}}}",
    "both, by id": f"prod: {{id: {LAB}, api_keys: {{loader: {{id: {FIRST}}}}}}}",
    "the workspace of an undeclared key": "prod: {renamed_from: lab}",
}
"""How the files call the workspace lab and its key etl; in the Console it is the same as by id."""


def key(name: str, **facts: Any) -> dict[str, Any]:
    return {"name": name, "workspace": "lab", "created_at": OLD, "id": FIRST, **facts}


def org(files: str, *keys: dict[str, Any], **seed: Any) -> Org:
    seed.setdefault("workspaces", [{"name": "lab", "id": LAB, "tags": {"env": "old"}}])
    return Org(files, api_keys=list(keys or [key("etl")]), **seed)


def rotate(then: str = "deactivate", match: str = "{}") -> str:
    return f"key_policies: {{rotate: {{match: {match}, max_age: 90d, then: {then}}}}}\n"


def waiver(key: str, identity: str | None = None) -> str:
    by_id = "" if identity is None else f"id: {identity}, "
    return f'waivers: [{{policy: rotate, key: "api_key:{key}", {by_id}until: 2026-12-31, reason: r}}]\n'


def stopped(of: Org) -> list[str]:
    """The ids of the keys that the plan switches off."""
    return [str(one.id) for one in of.plan().changes if any(part.after == "inactive" for part in one.fields)]


@pytest.mark.parametrize("waived", every_third(["lab/etl", "lab/e*", "*/etl", "l*"]))
@pytest.mark.parametrize("how", RENAMES)
def test_a_waiver_by_the_name_in_the_organization_outlasts_the_plan_that_renames(how: str, waived: str) -> None:
    files = f"{rotate()}workspaces: {{{RENAMES[how]}}}\n"
    assert stopped(org(files)) == [FIRST]
    plan = org(files + waiver(waived)).plan()
    assert "waived" in {note.code for note in plan.findings}
    assert [part.path for change in plan.changes for part in change.fields if part.path != "name"] == []


@pytest.mark.parametrize(
    ("how", "waived"),
    [
        ("the workspace", "prod/etl"),
        ("the workspace, by id", "prod/*"),
        ("the key", "lab/loader"),
        ("the key, by id", "*/loader"),
        ("both", "prod/loader"),
        ("both, by id", "prod/etl"),
        ("both, by id", "lab/loader"),
        ("the workspace of an undeclared key", "prod/etl"),
    ],
)
def test_a_waiver_by_the_name_in_the_files_holds_already(how: str, waived: str) -> None:
    of = org(f"{rotate()}workspaces: {{{RENAMES[how]}}}\n{waiver(waived)}")
    assert stopped(of) == []
    assert "waived" in {note.code for note in of.plan().findings}


@pytest.mark.parametrize(
    "match", every_third(["{workspaces: [lab]}", "{workspaces: ['l*']}", "{names: [etl]}", "{names: ['e*']}"])
)
@pytest.mark.parametrize("how", RENAMES)
def test_a_policy_matches_by_the_name_in_the_organization(how: str, match: str) -> None:
    assert stopped(org(f"{rotate(match=match)}workspaces: {{{RENAMES[how]}}}\n")) == [FIRST]


@pytest.mark.parametrize(
    ("how", "match"),
    [
        ("the workspace", "{workspaces: [prod]}"),
        ("the workspace, by id", "{workspaces: ['pr*']}"),
        ("the key", "{names: [loader]}"),
        ("the key, by id", "{names: ['load*']}"),
        ("both", "{workspaces: [prod], names: [etl]}"),
        ("both, by id", "{workspaces: [lab], names: [loader]}"),
        ("the workspace of an undeclared key", "{workspaces: [prod]}"),
    ],
)
def test_a_policy_matches_by_the_name_in_the_files(how: str, match: str) -> None:
    assert stopped(org(f"{rotate(match=match)}workspaces: {{{RENAMES[how]}}}\n")) == [FIRST]


@pytest.mark.parametrize("tag", ["old", "new"])
def test_a_policy_matches_by_the_tags_as_they_are_and_as_they_will_be(tag: str) -> None:
    files = f"{rotate(match=f'{{tags: {{env: {tag}}}}}')}workspaces: {{lab: {{tags: {{env: new}}}}}}\n"
    assert stopped(org(files)) == [FIRST]


def test_tags_of_a_workspace_whose_name_the_files_gave_to_another_are_its_own() -> None:
    """The file calls the workspace staging lab, and so the undeclared workspace lab goes by its id."""
    files = f"workspaces: {{lab: {{id: {OTHER}}}}}\n"
    two = [{"name": "lab", "id": LAB, "tags": {"env": "old"}}, {"name": "staging", "id": OTHER, "tags": {"env": "no"}}]
    for match in ("{tags: {env: old}}", "{workspaces: [lab]}", f"{{workspaces: [{LAB}]}}"):
        assert stopped(org(rotate(match=match) + files, workspaces=two)) == [FIRST]
    assert stopped(org(rotate() + files + waiver("lab/etl"), workspaces=two)) == []


def test_a_key_is_judged_where_it_is_wherever_the_files_declare_it() -> None:
    """By its id a key can be declared in another workspace, where a policy does not look."""
    files = f"workspaces: {{lab: {{}}, sandbox: {{api_keys: {{etl: {{id: {FIRST}}}}}}}}}\n"
    two = [{"name": "lab", "id": LAB, "tags": {"env": "old"}}, {"name": "sandbox", "id": OTHER}]
    for match in ("{workspaces: [lab]}", "{tags: {env: old}}", "{workspaces: [sandbox]}"):
        assert stopped(org(rotate(match=match) + files, workspaces=two)) == [FIRST]
    archived = files.replace("sandbox: {", "sandbox: {archived: true, ")
    assert stopped(org(rotate() + archived, workspaces=two)) == [FIRST]
    everywhere = {**key("etl"), "workspace": None, "scope": {"type": "organization"}}
    everywhere |= {"principal_email": ADMINS[0]["email"]}
    scope = "key_policies: {scoped: {scope: workspace, then: deactivate}}\n"
    assert stopped(org(scope + files, everywhere, workspaces=two, users=ADMINS)) == [FIRST]


def test_a_waiver_with_an_id_follows_the_key_through_every_rename() -> None:
    waived = waiver("lab/etl", FIRST)
    of = org(f"{rotate()}workspaces: {{{RENAMES['both']}}}\n{waived}")
    assert of.apply().complete
    findings = codes(of.plan().findings)
    assert findings == ["rename_done api_key:prod/loader", "waived api_key:prod/loader", "rename_done workspace:prod"]
    of.console("POST", f"api_keys/{FIRST}", {"name": "again"})
    undeclared = f"{rotate()}workspaces: {{prod: {{}}}}\n{waived}"
    plan = of.plan(undeclared)
    assert (plan.changes, codes(plan.findings)) == ((), ["waived api_key:prod/again"])


@pytest.mark.parametrize("then", ["deactivate", "archive"])
def test_a_waiver_that_lost_its_key_is_an_error_and_its_policy_stops_none(then: str) -> None:
    files = f"{rotate(then)}workspaces: {{lab: {{}}}}\n" + waiver("lab/etl")
    of = org(files, key("etl-2"), key("bot", id=SECOND))
    plan = of.plan()
    assert plan.changes == ()
    assert codes(plan.findings) == [
        "policy_breach api_key:lab/bot",
        "waiver_lost api_key:lab/etl",
        "policy_breach api_key:lab/etl-2",
    ]
    lost = plan.findings[1]
    assert (lost.level, lost.source and lost.source.line) == ("error", 5)
    assert lost.message == (
        "rotate: its waiver names no API key, so the policy acts on no key in this plan: "
        f"give it the key's `id` or new name, or delete it; did you mean api_key:lab/etl-2 ({FIRST})?"
    )
    mended = of.plan(files.replace('lab/etl"', f'lab/etl", id: {FIRST}'))
    assert [change.id for change in mended.changes] == [SECOND]


def test_a_waiver_under_the_old_name_is_lost_once_the_rename_is_applied() -> None:
    of = org(f"{rotate()}workspaces: {{{RENAMES['the workspace']}}}\n" + waiver("lab/etl"))
    assert of.apply().complete
    plan = of.plan()
    assert (plan.changes, codes(plan.findings)) == (
        (),
        ["waiver_lost api_key:lab/etl", "policy_breach api_key:prod/etl", "rename_done workspace:prod"],
    )


def test_a_waiver_without_a_key_whose_policy_stops_none_is_unused() -> None:
    young = key("bot", created_at="2026-11-01T00:00:00Z")
    plan = org(f"{rotate()}workspaces: {{lab: {{}}}}\n" + waiver("lab/etl"), young).plan()
    assert (plan.changes, codes(plan.findings)) == ((), ["waiver_unused api_key:lab/etl"])


@pytest.mark.parametrize("then", ["deactivate", "archive"])
def test_what_a_policy_without_its_waiver_leaves_alone_is_not_switched_on_either(then: str) -> None:
    files = f"{rotate(then)}workspaces: {{lab: {{api_keys: {{bot: active}}}}}}\n" + waiver("lab/etl")
    plan = org(files, key("bot", status="inactive")).plan()
    assert plan.changes == ()
    assert codes(plan.findings) == ["policy_breach api_key:lab/bot", "waiver_lost api_key:lab/etl"]
    assert plan.findings[0].message.startswith("stays inactive, whatever its line declares: policy rotate")


def test_other_policies_go_on_where_one_has_lost_a_waiver() -> None:
    naming = rotate().replace("}}\n", "}, naming: {name: '[a-z]+', then: deactivate}}\n")
    files = f"{naming}workspaces: {{lab: {{}}}}\n" + waiver("lab/gone")
    of = org(files, key("etl"), key("Bot", id=SECOND))
    assert stopped(of) == [SECOND]
    assert actions(of.plan()) == ["update api_key:lab/Bot"]


def test_an_id_and_an_address_of_two_keys_are_an_error() -> None:
    files = f"{rotate()}workspaces: {{lab: {{}}}}\n" + waiver("lab/bot", FIRST)
    plan = org(files, key("etl"), key("bot", id=SECOND)).plan()
    assert plan.changes == ()
    assert [(note.code, note.level) for note in plan.findings if note.address == "api_key:lab/bot"] == [
        ("policy_breach", "warning"),
        ("waiver_contradictory", "error"),
    ]
