"""What the properties found, each as the smallest case and the rule it broke."""

from __future__ import annotations

from typing import Any

import pytest
from acme import ADMINS, Org, actions

from orgsync.core.apply.outcome import Status
from orgsync.core.model.change import Selection
from orgsync.core.model.diff import field_changes
from orgsync.errors import Refused, Stale

RAJ = {"email": "raj@acme.example", "role": "user"}
OPEN = "guards: {max_removals: {percent: 100, count: 100}}\n"


def test_access_that_expired_and_is_gone_needs_nothing() -> None:
    """The plan crashed: there is neither a declaration that counts nor anything live."""
    org = Org(users=[*ADMINS, RAJ], workspaces=[{"name": "production"}])
    plan = org.plan("workspaces: {production: {members: {raj@acme.example: {role: user, until: 2026-11-21}}}}")
    assert plan.changes == ()


@pytest.mark.parametrize("tags", ["{}", "null", "{team: x}"])
def test_tags_that_have_nothing_in_common_with_the_live_ones_are_still_compared_one_by_one(tags: str) -> None:
    """DeepDiff calls maps that share few keys one difference; then no tag was taken away."""
    org = Org(users=ADMINS, workspaces=[{"name": "production", "tags": {"env": "prod", "cost.center": "5"}}])
    report = org.apply(f"workspaces: {{production: {{tags: {tags}}}}}")
    assert [outcome.status for outcome in report.outcomes] == [Status.DONE]
    assert org.plan().changes == ()
    paths = [change.path for change in field_changes({"tags": {"a": "1", "b.c": "2"}}, {"tags": {}})]
    assert paths == ["tags.a", "tags.b%2Ec"]


@pytest.mark.parametrize("role", ["developer", "admin"])
def test_access_that_ends_with_the_billing_role_is_given_anew(role: str) -> None:
    """Where the API lists inherited access, the row of a billing member is not one that could be changed."""
    org = Org(
        users=[*ADMINS, {"email": "raj@acme.example", "role": "billing"}],
        workspaces=[{"name": "production"}],
        settings={"inherited_members": "listed"},
    )
    files = (
        f"members: {{raj@acme.example: user}}\nworkspaces: {{production: {{members: {{raj@acme.example: {role}}}}}}}"
    )
    report = org.apply(files)
    assert report.complete
    assert actions(org.plan()) == []
    assert org.writes()[1:] == [("POST", f"/v1/organizations/workspaces/{org.workspace_id('production')}/members")]


def test_access_that_ends_with_the_billing_role_needs_no_removal() -> None:
    """There is nothing left to remove, and the API answers 404."""
    org = Org(
        users=[*ADMINS, {"email": "raj@acme.example", "role": "billing"}],
        workspaces=[{"name": "production"}],
        settings={"inherited_members": "listed"},
    )
    files = "manage: {workspace_members: authoritative}\nmembers: {raj@acme.example: user}\n"
    assert actions(org.plan(f"{files}workspaces: {{production: {{members: {{}}}}}}")) == [
        "update member:raj@acme.example"
    ]


@pytest.mark.parametrize("role", ["user", "admin"])
def test_a_role_beside_the_billing_role_is_removed_with_it(role: str) -> None:
    """Shown as inherited, the lower one counted as gone already; of the higher one the billing role was to be left."""
    person = {"email": "raj@acme.example"}
    org = Org(
        users=[*ADMINS, person | {"role": "billing"}],
        workspaces=[{"id": "wrkspc_01P", "name": "production"}],
        workspace_members=[person | {"workspace_id": "wrkspc_01P", "workspace_role": f"workspace_{role}"}],
    )
    files = "manage: {workspace_members: authoritative}\nmembers: {raj@acme.example: user}\n"
    allowed = ["workspace_member:production/raj@acme.example"]
    plan = org.plan(f"{files}workspaces: {{production: {{members: {{}}}}}}", allow=allowed)
    assert [outcome.status for outcome in org.apply(plan=plan).outcomes] == [Status.DONE, Status.DONE]
    assert actions(org.plan()) == []


@pytest.mark.parametrize("more", [{}, {"selection": Selection(("workspace_member:*",))}])
def test_what_stands_inside_a_workspace_of_another_name_can_be_applied(more: dict[str, Selection]) -> None:
    """The plan named the workspace as the file does, and apply took it for renamed since: stale, for ever."""
    org = Org(users=[*ADMINS, RAJ], workspaces=[{"name": "production"}])
    mode = "additive" if more else "observe"
    inside = "{renamed_from: production, members: {raj@acme.example: user}}"
    plan = org.plan(f"manage: {{workspaces: {mode}}}\nworkspaces: {{prod: {inside}}}", **more)
    assert actions(plan) == ["create workspace_member:prod/raj@acme.example"]
    assert org.apply(plan=plan).complete


@pytest.mark.parametrize("name", [" spaced ", "two\nlines", "one\u200dtwo", "x" * 256])
def test_a_name_that_no_file_can_hold_is_not_exported(name: str) -> None:
    """The exported file could not be loaded."""
    org = Org(users=[*ADMINS, RAJ], workspaces=[{"name": name}], settings={"workspace_name_length": 300})
    assert org.plan(org.export()).changes == ()


@pytest.mark.parametrize("email", ["dev/ops@acme.example", "team:ops@acme.example"])
def test_an_address_that_no_file_can_hold_is_not_exported(email: str) -> None:
    """As above: RFC 5322 allows a slash, and a line that begins like a team is one."""
    org = Org(users=[*ADMINS, {"email": email, "role": "user"}])
    assert org.plan(org.export()).changes == ()


def test_a_saved_plan_that_touches_no_member_still_counts_the_admins() -> None:
    """Members were not read again, so there seemed to be no admin left, and every apply was refused."""
    org = Org(users=ADMINS, workspaces=[{"name": "production"}])
    plan = org.plan("members: {cto@acme.example: user}\nworkspaces: {production: {}, new: {}}")
    assert [step.code for step in plan.manual] == ["admin_demotion"]
    assert org.apply(plan=plan).complete


def _refused(files: str, workspaces: list[dict[str, Any]]) -> None:
    org = Org(users=ADMINS, workspaces=[*workspaces, *({"name": name} for name in "abcdef")])
    with pytest.raises(Refused):
        org.apply(OPEN.replace("guards: {", f"guards: {{{files.partition('|')[0]}, ") + files.partition("|")[2])
    assert org.writes() == []


def test_an_allowance_is_for_exactly_that_name() -> None:
    """Names are told apart by case; `production` was taken for `Production`."""
    _refused(
        'allow: [{address: "workspace:production", reason: agreed}]|workspaces: {Production: {archived: true}}',
        [{"name": "production"}, {"name": "Production"}],
    )


def test_an_address_is_protected_even_where_it_looks_like_a_glob() -> None:
    """`[x]` matches the letter x, and so protected nothing."""
    _refused(
        'protect: ["workspace:[x] y"], allow: [{address: "workspace:[x] y", reason: agreed}]|'
        'workspaces: {"[x] y": {archived: true}}',
        [{"name": "[x] y"}],
    )


@pytest.mark.parametrize("line", ["id: wrkspc_01prod", "renamed_from: production"])
def test_what_is_protected_stays_so_under_another_name(line: str) -> None:
    """A file could archive a protected workspace by calling it something else."""
    _refused(
        'protect: ["workspace:production"], allow: [{address: "workspace:other", reason: agreed}]|'
        f"workspaces: {{other: {{archived: true, {line}}}}}",
        [{"name": "production", "id": "wrkspc_01prod"}],
    )


def test_access_inside_something_protected_stays_so_under_another_name() -> None:
    """As above, for what stands inside."""
    org = Org(
        users=[*ADMINS, RAJ],
        workspaces=[{"name": "production"}],
        workspace_members=[
            {"email": "raj@acme.example", "workspace": "production"},
            {"email": "cto@acme.example", "workspace": "production"},
        ],
    )
    files = 'guards: {protect: ["workspace_member:production/*"], max_removals: {percent: 100}}\n'
    files += "manage: {workspace_members: authoritative}\n"
    with pytest.raises(Refused, match="protect"):
        org.apply(f"{files}workspaces: {{prod: {{renamed_from: production, members: {{}}}}}}")
    assert org.writes() == []


@pytest.mark.parametrize("value", ["1e6", "1E5"])
def test_a_tag_that_looks_like_a_number_survives_an_export(value: str) -> None:
    """What is text to PyYAML is a number to our loader."""
    org = Org(users=ADMINS, workspaces=[{"name": "production", "tags": {"size": value}}])
    assert org.plan(org.export()).changes == ()


@pytest.mark.parametrize(
    ("manage", "files"),
    [
        ("api_keys: authoritative", "workspaces: {lab: {archived: true, api_keys: {}}}"),
        (
            "api_keys: authoritative, members: authoritative",
            "members: {cto@acme.example: admin}\nworkspaces: {lab: {api_keys: {}}}",
        ),
    ],
    ids=["with its workspace", "with its owner"],
)
def test_a_key_that_ends_anyway_is_not_switched_off_first(manage: str, files: str) -> None:
    """Afterwards it was archived, not inactive, and apply said that its own change was not to be seen."""
    keys = [{"name": "ci", "workspace": "lab", "principal_email": "raj@acme.example"}]
    org = Org(users=[*ADMINS, RAJ], workspaces=[{"name": "lab"}], api_keys=keys)
    report = org.apply(f"{OPEN}manage: {{{manage}}}\n{files}", allow=["workspace:lab", "member:raj@acme.example"])
    assert report.complete
    assert len(report.outcomes) == 1
    assert [row["status"] for row in org.rows("api_keys")] == ["archived"]


def test_what_stands_inside_an_archived_workspace_is_not_exported() -> None:
    """The export made the workspace appear in the file again, by a spend limit of its own."""
    archived = {"name": "old", "id": "wrkspc_01old", "archived_at": "2026-01-01T00:00:00Z"}
    limit = {"scope": {"type": "workspace", "workspace_id": "wrkspc_01old"}, "amount": "100"}
    org = Org(users=ADMINS, workspaces=[archived], spend_limits=[limit])
    assert org.plan(org.export()).changes == ()


def test_the_limit_of_an_archived_namesake_is_nobodys() -> None:
    """The plan stopped: there seemed to be two limits of one workspace."""
    rows = [
        {"name": "lab", "id": "wrkspc_01old", "archived_at": "2026-01-01T00:00:00Z"},
        {"name": "lab", "id": "wrkspc_01new"},
    ]
    limits = [{"scope": {"type": "workspace", "workspace_id": row["id"]}, "amount": "10000"} for row in rows]
    org = Org(users=ADMINS, workspaces=rows, spend_limits=limits)
    assert org.plan("workspaces: {lab: {spend_limit: {monthly: 100}}}").changes == ()


def test_what_a_limit_waits_for_is_listed_in_one_order() -> None:
    """It was that of the lines in the file."""
    limits = [{"scope": {"type": "organization"}, "amount": "2000000"}]
    org = Org(users=ADMINS, workspaces=[{"name": "a"}, {"name": "b"}], spend_limits=limits)
    for first, second in ("ab", "ba"):
        lines = f"{first}: {{spend_limit: 10}}, {second}: {{spend_limit: 10}}"
        plan = org.plan(f"spend_limit: 1000\nworkspaces: {{{lines}}}")
        waits = {str(change.address): change.after for change in plan.changes}
        assert waits["spend_limit:organization"] == ("spend_limit:workspace/a", "spend_limit:workspace/b")


def test_what_was_renamed_since_the_approval_is_not_archived() -> None:
    """The plan was bound to the id, and whoever gave the thing another name may want to keep it."""
    org = Org(OPEN + "workspaces: {old: {archived: true}}", users=ADMINS, workspaces=[{"name": "old"}, {"name": "x"}])
    plan = org.plan(allow=["workspace:old"])
    org.console("POST", f"workspaces/{org.workspace_id('old')}", {"name": "keep-me"})
    with pytest.raises(Stale, match="which the plan refers to, is now workspace:keep-me"):
        org.apply(plan=plan)
    assert not org.writes()


def test_nor_is_it_changed_in_another_way() -> None:
    org = Org("workspaces: {old: {tags: {a: b}}}", users=ADMINS, workspaces=[{"name": "old"}])
    plan = org.plan()
    org.console("POST", f"workspaces/{org.workspace_id('old')}", {"name": "mine"})
    with pytest.raises(Stale, match="which the plan refers to, is now workspace:mine"):
        org.apply(plan=plan)


def test_what_is_archived_under_a_name_it_never_got_can_be_applied_again() -> None:
    """The plan knows it by two names; under the one that it still had, it seemed to be archived by somebody else."""
    files = OPEN + "workspaces: {new: {renamed_from: old, archived: true}}"
    org = Org(files, users=ADMINS, workspaces=[{"name": "old"}, {"name": "x"}])
    plan = org.plan(allow=["workspace:new"])
    assert org.apply(plan=plan).complete
    assert [outcome.status for outcome in org.apply(plan=plan).outcomes] == [Status.ALREADY]
