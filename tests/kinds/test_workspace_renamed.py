"""What somebody renamed in the Console is found, and not made again: nothing in it either, and the rest goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, Org, actions, codes
from core.review.support import compare

from orgsync.core.model.change import Cause, Level

if TYPE_CHECKING:
    from orgsync.core.model.change import Blocked, Plan

FILES = "workspaces: {prod: {}, dev: {}}"
PROD = {"id": "wrkspc_prod", "name": "prod"}
HELD = "renamed_in_console workspace:prod"


def renamed(files: str = FILES, *, to: str = "production", **seed: Any) -> Org:
    """An organization in whose Console somebody renamed `prod`."""
    seed.setdefault("workspaces", [PROD, {"name": "dev"}])
    org = Org(files, users=[*ADMINS, {"email": "ana@acme.example", "role": "user"}], **seed)
    org.console("POST", "workspaces/wrkspc_prod", {"name": to})
    return org


def found(plan: Plan) -> Blocked:
    """The one of this code."""
    (one,) = [one for one in plan.blocked if one.code == "renamed_in_console"]
    return one


def test_a_line_that_is_not_new_is_not_made_again() -> None:
    plan = compare(renamed(), FILES, FILES)
    assert actions(plan) == []
    note = found(plan)
    assert (note.address, note.level, note.cause) == ("workspace:prod", Level.ERROR, Cause.DRIFT)
    assert note.source is not None
    assert note.message == (
        'is missing, and the undeclared workspace "production" may be it, renamed in the Console: the earlier files '
        "declare it as well"
    )
    assert note.hint == (
        'to keep it, add `id: wrkspc_prod` or `renamed_from: "production"`, or give this line its name; to create '
        "another one, add `--allow workspace:prod`, or list it under `guards.allow`"
    )


@pytest.mark.parametrize("line", ["id: wrkspc_prod", 'renamed_from: "production"'])
def test_what_the_message_offers_keeps_it(line: str) -> None:
    plan = compare(renamed(), FILES, f"workspaces: {{prod: {{{line}}}, dev: {{}}}}")
    assert actions(plan) == ["update workspace:prod"]
    assert HELD not in codes(plan.blocked)


def test_its_new_name_keeps_it_as_well() -> None:
    plan = compare(renamed(), FILES, "workspaces: {production: {}, dev: {}}")
    assert actions(plan) == []
    assert HELD not in codes(plan.blocked)


@pytest.mark.parametrize("by", ["option", "file"])
def test_what_is_allowed_by_its_address_is_made(by: str) -> None:
    allow = "guards: {allow: [{address: 'workspace:prod', until: 2026-12-31, reason: new}]}\n" if by == "file" else ""
    plan = compare(renamed(), FILES, allow + FILES, allow=["workspace:prod"] if by == "option" else ())
    assert actions(plan) == ["create workspace:prod"]
    assert HELD not in codes(plan.blocked)


def test_an_allowance_for_an_id_allows_nothing_new() -> None:
    plan = compare(renamed(), FILES, FILES, allow=["workspace:prod=wrkspc_prod"])
    assert (actions(plan), codes(plan.blocked).count(HELD)) == ([], 1)


def test_a_new_line_is_made() -> None:
    plan = compare(renamed(), "workspaces: {dev: {}}", FILES)
    assert actions(plan) == ["create workspace:prod"]


def test_without_a_base_a_line_that_nothing_tells_of_is_made() -> None:
    assert actions(renamed(to="something else").plan()) == ["create workspace:prod"]


@pytest.mark.parametrize(
    "before",
    [
        "workspaces: {prod: {archived: true}, dev: {}}",
        "workspaces: {prod: {}, production: {}, dev: {}}",
        "workspaces: {prod: {}, other: {id: wrkspc_prod}, dev: {}}",
    ],
    ids=["it was to be archived", "the other was declared by its name", "the other was declared by its id"],
)
def test_lines_that_spoke_of_something_else_tell_nothing(before: str) -> None:
    assert actions(compare(renamed(), before, FILES)) == ["create workspace:prod"]


@pytest.mark.parametrize("name", ["Claude Code", "Default"])
def test_what_makes_itself_is_nothing_that_was_renamed(name: str) -> None:
    org = Org(FILES, workspaces=[{"name": "dev"}, *([{"name": name}] if name != "Default" else [])])
    assert actions(compare(org, FILES, FILES)) == ["create workspace:prod"]


def test_files_for_another_organization_tell_nothing() -> None:
    before = f'version: 1\norganization: {{name: "Other Robotics"}}\n{FILES}\n'
    assert actions(compare(renamed(), before, FILES)) == ["create workspace:prod"]


def test_several_that_may_be_it_are_named() -> None:
    org = renamed(workspaces=[PROD, {"name": "dev"}, *({"id": f"wrkspc_{n}", "name": f"w{n}"} for n in range(6))])
    one = found(compare(org, FILES, FILES))
    assert "may be one of 7 undeclared workspaces, renamed in the Console" in one.message
    assert '"production" (`id: wrkspc_prod`), "w0" (`id: wrkspc_0`)' in (one.hint or "")
    assert '"w3" (`id: wrkspc_3`) and 2 more' in (one.hint or "")


INSIDE = """
members: {ceo@acme.example: admin, cto@acme.example: admin, ana@acme.example: user, new@acme.example: user}
workspaces:
  prod:
    members: {ana@acme.example: developer, new@acme.example: user}
    spend_limit: {monthly: 50}
    rate_limits: {claude-sonnet-5: {requests_per_minute: 10}}
    api_keys: {ci: active}
  dev: {color: "#123456", members: {ana@acme.example: developer}}
"""


def test_nothing_is_planned_in_it_and_the_rest_goes_on() -> None:
    plan = compare(renamed(), INSIDE, INSIDE)
    assert actions(plan) == [
        "invite member:new@acme.example",
        "update workspace:dev",
        "create workspace_member:dev/ana@acme.example",
    ]
    assert codes((*plan.manual, *plan.waiting)) == []
    assert [one for one in codes(plan.findings) if "prod" in one] == ["undeclared workspace:production"]
    assert codes(plan.blocked) == [HELD]
    assert found(plan).dependents == (
        "api_key:prod/ci",
        "rate_limit:prod/claude-sonnet-5/requests_per_minute",
        "spend_limit:workspace/prod",
        "workspace_member:prod/ana@acme.example",
        "workspace_member:prod/new@acme.example",
    )


def test_it_is_in_the_journal_by_its_id() -> None:
    """Certain: no other evidence counts then, nor another workspace."""
    org = renamed(workspaces=[PROD, {"name": "dev"}, {"name": "legacy"}])
    plan = compare(org, None, FILES, made={("workspace", ("prod",)): "wrkspc_prod"})
    assert actions(plan) == []
    assert 'workspace "production" may be it, renamed in the Console: it is in the journal' in found(plan).message


def test_the_earlier_files_meant_it_by_its_id() -> None:
    """A line that lost its id would make it again."""
    org = renamed(workspaces=[PROD, {"name": "dev"}, {"name": "legacy"}])
    plan = compare(org, "workspaces: {prod: {id: wrkspc_prod}, dev: {}}", FILES)
    assert actions(plan) == []
    assert '"production" may be it, renamed in the Console: the earlier files mean it by this line' in (
        found(plan).message
    )


def test_what_the_earlier_files_meant_and_another_line_means_now_is_not_missing() -> None:
    org = renamed(workspaces=[PROD, {"name": "dev"}, {"name": "legacy"}])
    after = "workspaces: {prod: {}, other: {id: wrkspc_prod}, dev: {}}"
    plan = compare(org, "workspaces: {prod: {id: wrkspc_prod}, dev: {}}", after)
    assert sorted(actions(plan)) == ["create workspace:prod", "update workspace:other"]


def test_what_the_journal_knows_to_be_gone_is_none_of_the_others() -> None:
    org = Org(FILES, workspaces=[{"name": "dev"}, {"name": "legacy"}])
    plan = compare(org, FILES, FILES, made={("workspace", ("prod",)): "wrkspc_gone"})
    assert actions(plan) == ["create workspace:prod"]


KEYS = "workspaces: {prod: {api_keys: {chatbot: active}}, dev: {api_keys: {ci: active}}}"


def with_keys(*keys: tuple[str, str], files: str = KEYS) -> Org:
    return renamed(files, api_keys=[{"name": name, "workspace": workspace} for workspace, name in keys])


def test_a_key_that_it_alone_has_tells_it() -> None:
    plan = with_keys(("prod", "chatbot"), ("dev", "ci")).plan()
    assert (actions(plan), codes(plan.manual)) == ([], [])
    assert 'it alone has the api key "chatbot" that only this line declares' in found(plan).message


@pytest.mark.parametrize(
    "keys",
    [[("dev", "ci")], [("prod", "chatbot"), ("dev", "chatbot"), ("dev", "ci")], [("dev", "chatbot"), ("dev", "ci")]],
    ids=["nobody has it", "another has it as well", "only another has it"],
)
def test_a_key_that_others_have_tells_nothing(keys: list[tuple[str, str]]) -> None:
    assert actions(with_keys(*keys).plan()) == ["create workspace:prod"]


def test_a_key_that_others_declare_tells_nothing() -> None:
    files = KEYS.replace("ci: active", "ci: active, chatbot: active")
    assert actions(with_keys(("prod", "chatbot"), ("dev", "ci"), files=files).plan()) == ["create workspace:prod"]


def test_an_archived_key_tells_nothing() -> None:
    org = renamed(KEYS, api_keys=[{"name": "chatbot", "workspace": "prod", "status": "archived"}])
    assert actions(org.plan()) == ["create workspace:prod"]


TAGS = "workspaces: {prod: {tags: {env: prod, team: a}}, dev: {tags: {team: b}}}"


def tagged(tags: dict[str, str], *, dev: dict[str, str], files: str = TAGS) -> Org:
    return renamed(files, workspaces=[{**PROD, "tags": tags}, {"name": "dev", "tags": dev}])


def test_tags_that_it_alone_has_tell_it() -> None:
    plan = tagged({"env": "prod", "team": "a"}, dev={"team": "b"}).plan()
    assert actions(plan) == []
    assert "it alone has the tags that only this line declares" in found(plan).message


@pytest.mark.parametrize(
    ("tags", "dev", "files"),
    [
        ({"env": "prod"}, {"team": "b"}, TAGS),
        ({"env": "prod", "team": "a"}, {"env": "prod", "team": "a"}, TAGS),
        ({}, {}, "workspaces: {prod: {tags: {}}, dev: {}}"),
        ({"team": "a"}, {"team": "b"}, "workspaces: {prod: {tags: {team: a}}, dev: {tags: {team: a}}}"),
    ],
    ids=["others", "another has them as well", "none", "another declares them as well"],
)
def test_tags_that_tell_nothing(tags: dict[str, str], dev: dict[str, str], files: str) -> None:
    assert "create workspace:prod" in actions(tagged(tags, dev=dev, files=files).plan())


def test_a_similar_name_is_pointed_out_and_no_more() -> None:
    plan = renamed(to="prod1").plan()
    assert actions(plan) == ["create workspace:prod"]
    (note,) = [note for note in plan.findings if note.code == "similar_name"]
    assert (note.address, note.level) == ("workspace:prod", Level.WARNING)
    assert note.message == ('an undeclared workspace "prod1" exists; if it is this one, add `renamed_from: "prod1"`')


def test_an_apply_makes_nothing_of_it() -> None:
    org = with_keys(("prod", "chatbot"), ("dev", "ci"))
    org.apply()
    assert org.writes() == []


def test_hostile_names_are_quoted_as_they_can_be_pasted() -> None:
    plan = compare(renamed(to='a "b": {c}'), FILES, FILES)
    assert r'`renamed_from: "a \"b\": {c}"`' in (found(plan).hint or "")
