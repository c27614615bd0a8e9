"""The chain of facts about one person in one workspace: its first link that fails is why."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from acme import Org

from orgsync.core.model.codes import Code
from orgsync.core.model.observation import Unseen
from orgsync.core.model.rows import Odd
from orgsync.engine.read_live import read_chosen
from orgsync.kinds import KINDS
from orgsync.questions.access.population import Population, declared_population, population
from orgsync.questions.access.powers import Answer, Verb
from orgsync.questions.access.standing import Standing, standing

if TYPE_CHECKING:
    from orgsync.core.model.observation import Observation

SEED: dict[str, Any] = {
    "users": [
        {"email": "ceo@acme.example", "role": "admin"},
        {"email": "fin@acme.example", "role": "billing"},
        {"email": "ana@acme.example", "role": "developer"},
        {"email": "bo@acme.example", "role": "user"},
    ],
    "invites": [{"email": "new@acme.example", "role": "developer", "status": "pending"}],
    "workspaces": [
        {"name": "production"},
        {"name": "Claude Code"},
        {"name": "old", "archived_at": "2026-10-01T00:00:00Z"},
    ],
    "workspace_members": [
        {"email": "ana@acme.example", "workspace": "production", "workspace_role": "workspace_restricted_developer"},
        {"email": "fin@acme.example", "workspace": "production", "workspace_role": "workspace_admin"},
    ],
}
FILES = """
teams: {web: [bo@acme.example]}
members: {ceo@acme.example: admin, ana@acme.example: user, new@acme.example: developer, bo@acme.example: user}
workspaces:
  production:
    members: {team:web: developer, ana@acme.example: developer, new@acme.example: user}
  planned:
    members: {ana@acme.example: user}
"""


async def read(org: Org, *, files: bool) -> Observation:
    async with org.client() as client:
        desired = org.desired() if files else None
        return await read_chosen(client.reader, KINDS, ("workspace_member",), desired)


def people(org: Org, *, files: bool = True) -> Population:
    return population(asyncio.run(read(org, files=files)), org.desired() if files else None)


@pytest.fixture(scope="module")
def everybody() -> Population:
    return people(Org(FILES, **SEED))


def of(everybody: Population, email: str, workspace: str) -> Standing:
    site = everybody.site(workspace)
    assert site is not None
    return standing(email, site, everybody)


def chain(one: Standing) -> list[str]:
    places = (f" ({Path(step.where).name})" if step.where else "" for step in one.checks)
    return [f"{step.mark.value} {step.text}{place}" for step, place in zip(one.checks, places, strict=True)]


@pytest.mark.parametrize(
    ("email", "workspace", "role", "end"),
    [
        ("ceo@acme.example", "production", "admin", "= organization admins are admins of every workspace"),
        ("fin@acme.example", "production", "admin", "= has the role admin here"),
        ("fin@acme.example", "Claude Code", "billing", "= billing members see the billing of every workspace"),
        (
            "ana@acme.example",
            "production",
            "restricted_developer",
            "= has the role restricted_developer here (org.yaml:8)",
        ),
        (
            "ana@acme.example",
            "Default",
            "developer",
            "= the default workspace follows the organization role: developer",
        ),
        (
            "ana@acme.example",
            "planned",
            None,
            "x planned is declared, but does not exist yet: apply the files (org.yaml:9)",
        ),
        ("ana@acme.example", "old", None, "x old is archived: nothing in it works any more"),
        (
            "bo@acme.example",
            "production",
            None,
            "x has no role here yet; the files say developer, through team:web (org.yaml:8)",
        ),
        ("fin@acme.example", "old", None, "x old is archived: nothing in it works any more"),
    ],
)
def test_the_chain_ends_where_access_does(
    everybody: Population, email: str, workspace: str, role: str | None, end: str
) -> None:
    one = of(everybody, email, workspace)
    assert one.role == role
    assert one.known
    assert chain(one)[-1] == end


def test_somebody_who_was_invited_has_nothing_yet(everybody: Population) -> None:
    one = of(everybody, "new@acme.example", "production")
    assert one.role is None
    assert "has not accepted yet; the invite expires on 2026-12-13" in one.checks[0].text
    assert one.powers.of(Verb.PLAYGROUND) is Answer.NO


def test_a_stranger_has_nothing(everybody: Population) -> None:
    one = of(everybody, "who@acme.example", "production")
    assert chain(one)[0] == "x is not in the organization"


def test_without_files_nothing_is_said_of_them() -> None:
    one = of(people(Org(**SEED), files=False), "bo@acme.example", "production")
    assert chain(one)[-1] == "x has no role here"


@pytest.mark.parametrize("odd", ["member", "workspace_member", "workspace"])
def test_what_is_not_understood_is_not_known(odd: str) -> None:
    seen = asyncio.run(read(Org(**SEED), files=False))
    unknown = [replace(pair, found=replace(pair.found, odd=(Odd("a new word"),))) for pair in seen.pairs[odd]]  # type: ignore[type-var]
    seen.pairs[odd] = unknown
    everybody = population(seen)
    one = of(everybody, "ana@acme.example", "production")
    assert (one.role, one.known) == (None, False)
    assert one.powers.may == frozenset()
    assert one.powers.of(Verb.PLAYGROUND) is Answer.UNKNOWN


@pytest.mark.parametrize("kind", ["member", "workspace_member"])
def test_where_a_list_was_not_read_whole_nobody_is_left_out(kind: str) -> None:
    seen = asyncio.run(read(Org(**SEED), files=False))
    seen.unseen.append(Unseen(kind, (), Code.UNREADABLE_ROW, "row 3 cannot be identified"))
    stranger = "who@acme.example" if kind == "member" else "bo@acme.example"
    one = of(population(seen), stranger, "production")
    assert not one.known
    assert one.powers.of(Verb.PLAYGROUND) is Answer.UNKNOWN


def test_the_files_alone_say_what_they_ask_for() -> None:
    everybody = declared_population(Org(FILES, **SEED).desired())
    one = of(everybody, "bo@acme.example", "production")
    assert one.role == "developer"
    assert chain(one)[-1].startswith("= has the role developer here, through team:web")
    assert of(everybody, "ceo@acme.example", "planned").role == "admin"


def test_in_the_files_the_default_workspace_follows_the_organization_role_as_well() -> None:
    files = "members: {ana@acme.example: developer}\nworkspaces: {Default: {api_keys: {ci: active}}}\n"
    everybody = declared_population(Org(files).desired())
    assert of(everybody, "ana@acme.example", "Default").role == "developer"
