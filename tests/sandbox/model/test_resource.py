"""A resource is one value: whatever it states, the store, the routes, the seed, the lag, the help and facts have."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from render.plans import plan

import orgsync.sandbox.resources
from orgsync.core.apply.rehearsal import Fault
from orgsync.core.model.recording import Read, Recording, Refusal
from orgsync.rehearsal.colleague import edit
from orgsync.rehearsal.facts import facts
from orgsync.rehearsal.seed import seed_of
from orgsync.sandbox.model import help as words
from orgsync.sandbox.model.resource import Edit, Resource, to_mentioned
from orgsync.sandbox.model.route import Route, not_in_enterprise
from orgsync.sandbox.model.seeding import Name, SeedPart
from orgsync.sandbox.resources import RESOURCES
from orgsync.sandbox.seed import build
from orgsync.sandbox.seed.shape import settings_of_resources
from orgsync.sandbox.server.app import App, open_app
from orgsync.sandbox.wire import cursors, validate
from orgsync.sandbox.wire.errors import Refusal as Refused
from orgsync.sandbox.wire.errors import SandboxError, invalid, not_found
from orgsync.sandbox.wire.switches import Part, Timestamp, row
from sandbox.org import CEO_TOKEN, NOW, SEED, Org, seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orgsync.sandbox.model.resource import Answered
    from orgsync.sandbox.model.seeding import Seeding
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

CEO = {"authorization": "Bearer token-of-ceo"}
CODES = "/v1/organizations/door_codes"


class DoorSwitches(Part):
    """What is not known of doors."""

    doors: Literal["offered", "absent"] = row("offered", "whether there are any: 404 otherwise", "made up")


class DoorCodeRow(SeedPart):
    """A code that opens a door."""

    type: Literal["door_code"] = "door_code"
    id: Name | None = None
    door: Name
    created_at: Timestamp | None = None


class DoorCodeCreate(validate.Body):
    """POST /door_codes."""

    door: str


def list_codes(ctx: Context) -> Row:
    """Newest first."""
    if ctx.switches(DoorSwitches).doors == "absent":
        raise Refused(404, "Not found")
    rows = ctx.store.rows("SELECT seq, id, door, created_at FROM door_codes")
    placed = sorted((-each.pop("seq"), {"type": "door_code", **each}) for each in rows)
    data, next_page = cursors.page(ctx, placed)
    return {"data": data, "next_page": next_page}


def retrieve_code(ctx: Context, door_code_id: str) -> Row:
    """One code."""
    found = ctx.store.row("SELECT id, door, created_at FROM door_codes WHERE id = :id", id=door_code_id)
    if found is None:
        raise not_found("Door code", door_code_id)
    return {"type": "door_code", **found}


def create_code(ctx: Context) -> Row:
    """A new code."""
    body = validate.body_of(ctx, DoorCodeCreate)
    if ctx.store.row("SELECT 1 FROM door_codes WHERE door = :door", door=body.door):
        raise invalid("door: it has a code already")
    code_id = ctx.new_id("door", body.door)
    ctx.store.insert("door_codes", id=code_id, door=body.door, created_at=ctx.written_now)
    return retrieve_code(ctx, code_id)


def remove_code(ctx: Context, door_code_id: str) -> Row:
    """It opens nothing any more."""
    retrieve_code(ctx, door_code_id)
    ctx.store.run("DELETE FROM door_codes WHERE id = :id", id=door_code_id)
    return {"id": door_code_id, "type": "door_code_deleted"}


def filled(seed: Seeding) -> Iterator[dict[str, Any]]:
    """The codes of a seed."""
    for entry in seed.entries(DoorCodeRow):
        yield {"id": entry.id, "door": entry.row.door, "created_at": entry.made(entry.row.created_at)}


def problems(seed: Seeding) -> Iterator[str]:
    """Walls have no codes."""
    for entry in seed.entries(DoorCodeRow):
        if entry.row.door == "wall":
            yield f"{entry.at}.door: that is a wall"


def assumed(answered: Answered) -> dict[str, Any]:
    """Where the list is refused, there are no doors."""
    return {"doors": "absent"} if answered.refused else {}


DOOR_CODES = Resource(
    table="door_codes",
    schema="CREATE TABLE IF NOT EXISTS door_codes (seq INTEGER PRIMARY KEY, id TEXT, door TEXT, created_at TEXT);",
    section="door_codes",
    shape=DoorCodeRow,
    fill=filled,
    made_at="created_at",
    routes=not_in_enterprise(
        Route("GET", "/door_codes", list_codes, org_admin=True),
        Route("POST", "/door_codes", create_code, org_admin=True),
        Route("GET", "/door_codes/{door_code_id}", retrieve_code, org_admin=True, item=True),
        Route("DELETE", "/door_codes/{door_code_id}", remove_code, org_admin=True),
    ),
    about=lambda code, _seed: code.door,
    prefix="door",
    parameter="door_code_id",
    problems=problems,
    switches=DoorSwitches,
    by_hand='{"door"}',
    remark="Doors are made up.",
    console=(("POST /door_codes", "make a code"),),
    path="/door_codes",
    assumed=assumed,
    facts=lambda tables, label: (
        (("door code", label(each["id"])), str(each["door"])) for each in tables["door_codes"]
    ),
    edits={"remove": to_mentioned(lambda each: Edit("DELETE", f"/door_codes/{each['id']}"))},
)
WITH_DOORS = (*RESOURCES, DOOR_CODES)
WITH_CODES: dict[str, Any] = {**SEED, "door_codes": [{"door": "lab"}, {"id": "door_hall", "door": "hall"}]}


@pytest.fixture
def doors() -> Iterator[Callable[..., Org]]:
    """Makes organizations that have doors, too."""
    made: list[Org] = []

    def make(**settings: Any) -> Org:
        seed = seeded(WITH_CODES, credentials=[CEO_TOKEN], **settings)
        made.append(Org(open_app(":memory:", now=NOW, seed_with=seed, resources=WITH_DOORS)))
        return made[-1]

    yield make
    for org in made:
        org.close()


def test_its_routes_and_its_rows_are_there(doors: Callable[..., Org]) -> None:
    org = doors()
    rows = org.call("GET", "/door_codes", headers=CEO).body["data"]
    assert [each["door"] for each in rows] == ["hall", "lab"]
    assert rows[1]["id"].startswith("door_01")
    made = org.call("POST", "/door_codes", {"door": "roof"}, headers=CEO)
    assert org.call("GET", f"/door_codes/{made.body['id']}", headers=CEO).body == made.body
    assert org.call("GET", "/door_codes/hall", headers=CEO).message == "door_code_id: hall is not found"
    assert org.call("DELETE", "/door_codes/door_hall", headers=CEO).status == 200
    assert [each["door"] for each in org.app.tables()["door_codes"]] == ["lab", "roof"]
    assert [each["door"] for each in org.app.copy().tables()["door_codes"]] == ["lab", "roof"]


def test_keys_are_refused_where_only_tokens_may(doors: Callable[..., Org]) -> None:
    org = doors()
    assert org.get("/door_codes").status == 403
    assert "org:admin" in org.post("/door_codes", {"door": "roof"}).message
    assert org.app.console("GET", "/door_codes").status == 200


def test_enterprise_organizations_do_not_have_it() -> None:
    seed = {"settings": {"organization_type": "enterprise"}, "door_codes": [{"door": "lab"}]}
    with pytest.raises(SandboxError, match="door_codes: Claude Enterprise organizations have none"):
        open_app(":memory:", now=NOW, seed_with=seed, resources=WITH_DOORS)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ({"door": "wall"}, "door_codes.0.door: that is a wall"),
        ({"door": "lab", "id": "x"}, "door_codes.0.id: x must begin with door_"),
        ({"door": "lab", "key": 1}, "door_codes.0.key: Extra inputs are not permitted"),
    ],
)
def test_its_seed_is_checked(code: dict[str, Any], problem: str) -> None:
    with pytest.raises(SandboxError) as caught:
        open_app(":memory:", now=NOW, seed_with={"door_codes": [code]}, resources=WITH_DOORS)
    assert problem in str(caught.value)
    with pytest.raises(SandboxError, match="door_codes: Extra inputs"):
        open_app(":memory:", now=NOW, seed_with={"door_codes": [code]})


def test_it_brings_its_switches(doors: Callable[..., Org]) -> None:
    org = doors()
    assert settings_of_resources(WITH_DOORS).model_fields["doors"].description
    assert org.app.console("POST", "/settings", {"doors": "absent"}).status == 200
    assert org.call("GET", "/door_codes", headers=CEO).status == 404
    assert doors(doors="absent").call("GET", "/door_codes", headers=CEO).status == 404
    assert settings_of_resources(RESOURCES).model_fields.keys() == settings_of_resources(
        WITH_DOORS
    ).model_fields.keys() - {"doors"}


def test_its_reads_lag(doors: Callable[..., Org]) -> None:
    org = doors(read_lag_reads=1)
    org.call("DELETE", "/door_codes/door_hall", headers=CEO)
    assert [org.call("GET", "/door_codes/door_hall", headers=CEO).status for _ in range(2)] == [200, 404]


def test_the_help_tells_it() -> None:
    assert words.sections(WITH_DOORS).endswith("usage, activities, door_codes")
    assert '\n  door_codes              {"door"}' in words.rows(WITH_DOORS)
    assert words.remarks(WITH_DOORS).endswith(" Doors are made up.")
    assert "make a code" in words.console(WITH_DOORS)


def test_a_rehearsal_knows_it(doors: Callable[..., Org]) -> None:
    org = doors()
    rows = tuple(org.call("GET", "/door_codes", headers=CEO).body["data"])
    read = Read(CODES, {}, tuple({**each, "new": 1} for each in rows))
    seed = seed_of(Recording((read,)), plan(()), NOW, WITH_DOORS)
    app = App(build.filled(":memory:", seed, now=NOW, believed=True, resources=WITH_DOORS), resources=WITH_DOORS)
    assert app.console("GET", "/door_codes").body["data"] == list(rows)
    known = facts(WITH_DOORS, app.tables(), lambda identity: identity)
    assert known["door code", "door_hall"] == ("hall",)
    write = ("DELETE", f"{CODES}/door_hall", "")
    assert edit(Fault.CONSOLE_REMOVE, write, WITH_DOORS, app.tables()) == Edit("DELETE", f"{CODES}/door_hall")
    app.close()
    refused = Recording((Read(CODES, {}, refusal=Refusal(404, "Not found")),))
    assert seed_of(refused, plan(()), NOW, WITH_DOORS)["settings"]["doors"] == "absent"


def test_an_older_state_gets_its_table(tmp_path: Path) -> None:
    build.create(tmp_path / "state", seeded(credentials=[CEO_TOKEN], read_lag_reads=9), now=NOW)
    older = Org(open_app(tmp_path / "state", now=NOW))
    older.post("/workspaces", {"name": "lab"})
    org = Org(open_app(tmp_path / "state", now=NOW, resources=WITH_DOORS))
    assert org.call("GET", "/door_codes", headers=CEO).body["data"] == []
    assert org.call("POST", "/door_codes", {"door": "roof"}, headers=CEO).status == 200
    assert older.post("/workspaces", {"name": "attic"}).status == 200
    for each in (older, org):
        each.close()
    with sqlite3.connect(tmp_path / "state") as connection:
        assert connection.execute("SELECT door FROM door_codes").fetchall() == [("roof",)]
    connection.close()


def test_every_module_of_the_folder_is_in_the_list() -> None:
    folder = Path(orgsync.sandbox.resources.__path__[0])
    modules = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    listed = {getattr(orgsync.sandbox.resources, name).RESOURCE for name in modules - {"__init__"}}
    assert listed == set(RESOURCES)
    assert len(RESOURCES) == len(listed)


@pytest.mark.parametrize("attribute", ["table", "section", "parameter", "path"])
def test_no_two_resources_have_the_same_of(attribute: str) -> None:
    named = [getattr(resource, attribute) for resource in RESOURCES if getattr(resource, attribute)]
    assert len(set(named)) == len(named)


def test_what_the_api_can_change_can_be_rehearsed() -> None:
    assert [resource.section for resource in RESOURCES if resource.changes and resource.facts is None] == []
