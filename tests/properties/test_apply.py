"""What holds for every organization and every file, whatever is applied: judged by what a colleague sees afterwards."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given

from orgsync.core.apply.outcome import Status
from orgsync.kinds import KINDS
from properties.organizations import Organization, examples, organizations
from properties.samples import SAMPLES
from properties.witness import Applied, applied, expected_writes, sent

INHERITING = {"admin", "billing"}


def test_every_kind_has_a_sample() -> None:
    assert [kind.name for kind in KINDS if kind.name not in SAMPLES] == []


@examples(30)
@given(organizations())
def test_after_apply_there_is_nothing_to_do(organization: Organization) -> None:
    done = applied(organization)
    if done is None or done.report is None:
        return
    assert [outcome for outcome in done.report.outcomes if outcome.status is not Status.DONE] == []
    assert done.report.complete
    assert done.org.plan().changes == ()
    assert done.org.apply().outcomes == ()
    assert sent(done.org) == done.writes


@examples(20)
@given(organizations())
def test_each_change_is_the_one_write_it_stands_for(organization: Organization) -> None:
    done = applied(organization)
    if done is None:
        return
    expected = [] if done.report is None else [write for _change, write in expected_writes(done.plan, done.after)]
    assert [line for line in done.writes if line["status"] != 200] == []
    assert_same_writes(done.writes, expected)
    invited = Counter(str(body["email"]).casefold() for body in _bodies(done, "/v1/organizations/invites"))
    assert [email for email, times in invited.items() if times > 1] == []


@examples(30)
@given(organizations())
def test_nothing_goes_that_the_file_does_not_send_away(organization: Organization) -> None:
    done = applied(organization)
    if done is None:
        return
    _check_modes(done, organization.files)
    _check_inherited_access(done)
    _check_workspaces(done, organization.files.get("workspaces") or {})


def _check_modes(done: Applied, files: dict[str, Any]) -> None:
    """additive adds and changes, observe does not even that, and what the file leaves out stays as it is."""
    before, after = done.before, done.after
    modes = {kind.collection: files["manage"].get(kind.collection, "additive") for kind in KINDS}
    if "members" not in files or modes["members"] == "observe":
        assert (before.users, before.invites) == (after.users, after.invites)
    elif modes["members"] == "additive":
        assert done.removed_users() == set()
        replaced = [
            row for one, row in before.invites.items() if row["status"] == "pending" and one not in after.invites
        ]
        assert [row["email"] for row in replaced if not after.pending(row["email"])] == []
    if "workspaces" not in files or modes["workspaces"] == "observe":
        assert before.workspaces == after.workspaces
    if modes["workspace_members"] == "observe":
        assert {key: role for key, role in before.roles.items() if key in after.roles} == _ignoring_new_access(done)
    if modes["workspace_members"] != "authoritative":
        assert [key for key in done.vanished_roles() if not _was_lent(done, key)] == []


def _ignoring_new_access(done: Applied) -> dict[tuple[str, str], str]:
    """The roles afterwards of those who had one, but for what a new organization role changes by itself."""
    changed = {one for one, row in done.after.users.items() if row != done.before.users.get(one)}
    return {
        key: done.before.roles[key] if key[1] in changed else role
        for key, role in done.after.roles.items()
        if key in done.before.roles
    }


def _was_lent(done: Applied, key: tuple[str, str]) -> bool:
    """Whether a role was nobody's gift but came with an organization role that has changed."""
    return done.before.users[key[1]]["role"] in INHERITING and done.after.users[key[1]]["role"] not in INHERITING


def _check_inherited_access(done: Applied) -> None:
    """Admins keep their role; the access of admins and billing members is never lowered, at most raised to admin."""
    for one, row in done.before.users.items():
        if row["role"] == "admin":
            assert done.after.users[one] == row
    for key, role in done.before.roles.items():
        person = done.after.users.get(key[1])
        if person is not None and person["role"] in INHERITING and person == done.before.users[key[1]]:
            assert done.after.roles[key] in {role, "workspace_admin"}
    for line in done.writes:
        if line["method"] == "DELETE" and "/members/" in line["path"]:
            person = done.after.users[line["path"].rpartition("/")[2]]
            assert person["role"] not in INHERITING


def _check_workspaces(done: Applied, declared: dict[str, Any]) -> None:
    """Only what says `archived: true` is archived; what no line means, and what makes itself, is left alone."""
    meant = set(declared) | {
        text for thing in declared.values() for text in (thing.get("id"), thing.get("renamed_from"))
    }
    for one, row in done.before.workspaces.items():
        new = done.after.workspaces[one]
        if new["archived_at"] != row["archived_at"]:
            assert any(
                thing.get("archived") and {one, row["name"]} & {name, thing.get("id"), thing.get("renamed_from")}
                for name, thing in declared.items()
            )
        if row["name"] not in meant and one not in meant:
            assert new == row
            roles = {key for key in done.vanished_roles() if key[0] == one and not _was_lent(done, key)}
            assert roles == set()
    default = next(row for row in done.before.workspaces.values() if row["name"] == "Default")
    assert done.after.workspaces[default["id"]] == default


def _bodies(done: Applied, path: str) -> list[dict[str, Any]]:
    return [line["body"] for line in done.writes if line["path"] == path]


def assert_same_writes(lines: list[dict[str, Any]], expected: list[tuple[str, str, dict[str, Any] | None]]) -> None:
    """Each line of the log is one of these writes, and each of these writes is one line."""
    missing = list(expected)
    for line in lines:
        write = (line["method"], line["path"].removeprefix("/v1/organizations/"), line["body"])
        found = next((one for one in missing if one == write), None)
        assert found is not None, f"nobody approved {write}; approved: {missing}"
        missing.remove(found)
    assert missing == []
