"""Guards and somebody whose role nobody knows, or who is there twice: one more turns no refusal into a pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, ByToken, actions, codes
from stories import every_third

from orgsync.core.plan.guards import GUARDS

from .world import World

if TYPE_CHECKING:
    from orgsync.core.model.rows import Row

    from .world import Change

PEOPLE = [*ADMINS, {"email": "ana@acme.example", "role": "user"}, {"email": "raj@acme.example", "role": "user"}]
OWN = (
    "manage: {members: authoritative}\n"
    "members: {ceo@acme.example: admin, cto@acme.example: admin, raj@acme.example: user}\n"
)
OF_ANA = {"created_at": "2026-10-02T09:00:00Z", "created_by_email": "ana@acme.example"}
OPEN = "percent: 100, count: 100"


@dataclass(frozen=True)
class Refused:
    """Files that one guard alone refuses, and the people they are about."""

    files: str
    people: list[dict[str, Any]]


REFUSED: dict[str, Refused] = {
    "protect": Refused(f'{OWN}guards: {{max_removals: {{{OPEN}}}, protect: ["member:ana@*"]}}', PEOPLE),
    "irreversible": Refused(
        "workspaces: {lab: {archived: true}, other: {}}\nguards: {max_removals: {percent: 100}}", PEOPLE
    ),
    "max_removals": Refused(f"{OWN}guards: {{max_removals: {{percent: 24}}}}", PEOPLE),
    "max_grants": Refused("members: {new@acme.example: user}\nguards: {max_grants: {count: 0}}", PEOPLE),
    "emptied_collection": Refused(
        f"manage: {{members: authoritative}}\nmembers: {{}}\nguards: {{min_admins: 0, max_removals: {{{OPEN}}}}}",
        PEOPLE[2:3],
    ),
    "min_admins": Refused(
        "members: {ceo@acme.example: admin, cto@acme.example: developer}\nguards: {min_admins: 2}", PEOPLE
    ),
    "own_identity": Refused(
        "members: {ana@acme.example: developer}\nguards: {credential_of: [ana@acme.example]}", PEOPLE
    ),
}


class Company(World):
    """An organization with these people, behind an API whose lists can be changed on their way."""

    def __init__(self, refused: Refused, **seed: Any) -> None:
        workspaces = [{"name": "lab"}, {"name": "other"}]
        ByToken.__init__(self, refused.files, users=refused.people, workspaces=workspaces, **seed)
        self.change = None
        self.loses_answers = self.after_a_write = False
        self._written = False


def test_every_guard_is_tried() -> None:
    assert [guard.name for guard in GUARDS] == list(REFUSED)


@pytest.mark.parametrize("role", ["super_admin", None, 7, ...], ids=str)
@pytest.mark.parametrize("guard", every_third(REFUSED))
def test_one_more_of_them_turns_no_refusal_into_a_pass(guard: str, role: Any) -> None:
    company = Company(REFUSED[guard])
    assert [verdict.guard for verdict in company.plan().refusals] == [guard]
    unknown = {"id": "user_unknown", "type": "user", "email": "sup@acme.example", "name": "S"}
    row = unknown if role is ... else {**unknown, "role": role}
    company.change = lambda path, rows: [row, *rows] if path.endswith("/users") else rows
    plan = company.plan()
    assert [verdict.guard for verdict in plan.refusals] == [guard]
    assert not any("sup@acme.example" in one for one in actions(plan))


@pytest.mark.parametrize("guard", every_third(REFUSED))
def test_one_who_becomes_unknown_is_no_way_past_a_guard(guard: str) -> None:
    """Whoever it is: the plan is refused as before, or does nothing to anybody."""
    for email in [person["email"] for person in REFUSED[guard].people]:
        company = Company(REFUSED[guard])
        before = set(actions(company.plan()))
        company.change = lambda path, rows, email=email: [
            {**row, "role": "auditor"} if row.get("email") == email else row for row in rows
        ]
        plan = company.plan()
        assert set(actions(plan)) <= before
        assert not any(email in one for one in actions(plan))
        lost = {step.address for step in plan.manual}
        assert plan.refusals or not (plan.changes or lost), email


def test_a_person_of_an_unknown_role_is_no_admin_that_remains() -> None:
    company = Company(Refused("members: {ceo@acme.example: admin, cto@acme.example: developer}", ADMINS))
    assert company.plan().refusals == ()
    row = {"id": "user_u", "email": "sup@acme.example", "role": "super_admin"}
    company.change = lambda path, rows: [row, *rows] if path.endswith("/users") else rows
    assert company.plan().refusals == ()
    company.files += "\nguards: {min_admins: 2}"
    assert [verdict.guard for verdict in company.plan().refusals] == ["min_admins"]


def doubled(email: str) -> Change:
    """The people, one of whom is there twice: which one is meant only a person can decide."""

    def change(path: str, rows: list[Row]) -> list[Row]:
        twins = [{**row, "id": "user_twin"} for row in rows if row.get("email") == email]
        return [*rows, *twins] if path.endswith("/users") else rows

    return change


@pytest.mark.parametrize("guard", every_third(REFUSED))
def test_one_more_who_is_there_twice_turns_no_refusal_into_a_pass(guard: str) -> None:
    company = Company(REFUSED[guard])
    row = {"id": "user_new", "type": "user", "email": "sup@acme.example", "name": "S", "role": "user"}
    company.change = lambda path, rows: [row, {**row, "id": "user_twin"}, *rows] if path.endswith("/users") else rows
    plan = company.plan()
    assert [verdict.guard for verdict in plan.refusals] == [guard]
    assert codes(plan.blocked) == (["undecided member:sup@acme.example"] if "member" in plan.present else [])
    assert not any("sup@acme.example" in one for one in actions(plan))


@pytest.mark.parametrize("guard", every_third(REFUSED))
def test_who_is_there_twice_is_no_way_past_a_guard(guard: str) -> None:
    for email in [person["email"] for person in REFUSED[guard].people]:
        company = Company(REFUSED[guard])
        before = set(actions(company.plan()))
        company.change = doubled(email)
        plan = company.plan()
        assert codes(plan.blocked) == ([f"undecided member:{email}"] if "member" in plan.present else [])
        assert set(actions(plan)) <= before
        assert not any(email in one for one in (*actions(plan), *codes(plan.manual)))
        assert plan.refusals or not (plan.changes or plan.manual), email


def test_an_admin_who_is_there_twice_is_none_that_remains() -> None:
    company = Company(Refused("members: {ceo@acme.example: admin, cto@acme.example: developer}", ADMINS))
    assert company.plan().refusals == ()
    company.change = doubled("ceo@acme.example")
    assert [verdict.guard for verdict in company.plan().refusals] == ["min_admins"]


@pytest.mark.parametrize(("line", "status"), [("", "unknown"), (", ana@acme.example: user", "declared")])
def test_no_policy_stops_a_key_because_its_owner_is_there_twice(line: str, status: str) -> None:
    """Undeclared, a single one would be gone under authoritative members, and the key with them."""
    files = (
        f"manage: {{members: authoritative}}\nguards: {{max_removals: {{{OPEN}}}}}\n"
        f"members: {{ceo@acme.example: admin, cto@acme.example: admin, raj@acme.example: user{line}}}\n"
        'key_policies: {owned: {match: {workspaces: ["*"]}, owner: declared, then: deactivate}}'
    )
    company = Company(Refused(files, PEOPLE), api_keys=[{"name": "k", "workspace": "lab", **OF_ANA}])
    assert (actions(company.plan()) == []) == (status == "declared")
    company.change = doubled("ana@acme.example")
    plan = company.plan()
    assert codes(plan.blocked) == ["undecided member:ana@acme.example"]
    assert actions(plan) == []
    told = [note.code for note in plan.findings if note.address == "api_key:lab/k"]
    assert ("policy_warning" in told) == (status == "unknown")
