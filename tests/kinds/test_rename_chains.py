"""Names that pass from one thing to another: chains, exchanges, and new things under names that become free."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from acme import NOW, Org, actions, codes, desired_from
from hypothesis import given
from hypothesis import strategies as st
from properties.organizations import examples

if TYPE_CHECKING:
    from orgsync.core.apply.outcome import Report
    from orgsync.core.model.change import Plan

from orgsync.core.apply.ceiling import ids_of
from orgsync.core.apply.undo import undo_plan
from orgsync.core.model.change import Action
from orgsync.core.plan.make import make_plan
from orgsync.engine.apply_plan import apply_plan
from orgsync.engine.read_live import read_live, read_touched
from orgsync.errors import InputError
from orgsync.kinds import KINDS
from orgsync.rehearsal.clock import simulated

A, B, C = "wrkspc_0a", "wrkspc_0b", "wrkspc_0c"
IDS = {"a": A, "b": B, "c": C}
ANA = {"email": "ana@acme.example", "role": "user"}


def org(workspaces: dict[str, Any], *, live: str = "abc", unique: bool = True, **more: Any) -> Org:
    """Workspaces a, b and c, in an organization that lets no two have one name."""
    rows = [{"id": IDS[name], "name": name} for name in live]
    settings = {"workspace_names": "unique" if unique else "duplicates"}
    files = json.dumps({"workspaces": workspaces})[1:-1]
    return Org(files, workspaces=rows, settings=settings, **more)


def names(one: Org) -> dict[str, str]:
    """The name of each live workspace, by id."""
    rows = (row for row in one.rows("workspaces") if not row["archived_at"] and row["name"] != "Default")
    return {row["id"]: row["name"] for row in rows}


CHAINS: dict[str, dict[str, Any]] = {
    "by id": {"b": {"id": A}, "c": {"id": B}, "d": {"id": C}},
    "by id, in the other order": {"d": {"id": C}, "c": {"id": B}, "b": {"id": A}},
    "by id where the name was used before, else by former name": {
        "b": {"renamed_from": "a"},
        "c": {"id": B},
        "d": {"id": C, "renamed_from": "c"},
    },
}


@pytest.mark.parametrize("unique", [True, False], ids=["unique", "duplicates"])
@pytest.mark.parametrize("files", CHAINS.values(), ids=CHAINS.keys())
def test_a_chain_of_renames_is_made_in_one_run(files: dict[str, Any], unique: bool) -> None:
    one = org(files, unique=unique)
    plan = one.plan()
    assert {change.address: change.after for change in plan.changes} == {
        "workspace:b": ("workspace:c",),
        "workspace:c": ("workspace:d",),
        "workspace:d": (),
    }
    assert one.apply(plan=plan).complete
    assert names(one) == {A: "b", B: "c", C: "d"}
    assert one.plan().changes == ()


def test_a_chain_by_former_names_alone_asks_for_an_id_and_works_with_it() -> None:
    files: dict[str, Any] = {"b": {"renamed_from": "a"}, "c": {"renamed_from": "b"}}
    one = org(files, live="ab")
    with pytest.raises(InputError) as caught:
        one.plan()
    [problem] = caught.value.problems
    assert (problem.address, problem.message) == ("workspace:c", '"b" (renamed_from) is declared as well')
    assert problem.hint == "delete one of the two; to use the name again at once, write `id:` instead of renamed_from"
    files["c"] = {"id": B}
    one = org(files, live="ab")
    assert one.apply().complete
    assert names(one) == {A: "b", B: "c"}


def test_a_chain_that_was_cut_off_is_finished() -> None:
    one = org(CHAINS["by id"])
    one.console("POST", f"workspaces/{C}", {"name": "d"})
    one.console("POST", f"workspaces/{B}", {"name": "c"})
    assert actions(one.plan()) == ["update workspace:b"]
    assert one.apply().complete
    assert names(one) == {A: "b", B: "c", C: "d"}


def test_a_chain_is_undone_in_the_opposite_order() -> None:
    one = org(CHAINS["by id"])
    plan = one.plan()
    report = one.apply(plan=plan)
    undo = asyncio.run(_undo(one, plan, report))
    assert {change.address: change.after for change in undo.changes} == {
        "workspace:a": (),
        "workspace:b": ("workspace:a",),
        "workspace:c": ("workspace:b",),
    }
    assert one.apply(plan=undo).complete
    assert names(one) == {A: "a", B: "b", C: "c"}


def test_a_name_that_something_new_has_is_not_given_back() -> None:
    """Two workspaces would have it, or the organization would refuse it."""
    one = org({"b": {}, "old": {"id": B, "tags": {"env": "old"}}}, live="b")
    plan = one.plan()
    undo = asyncio.run(_undo(one, plan, one.apply(plan=plan)))
    assert [field.path for change in undo.changes for field in change.fields] == ["tags.env"]
    told = {f"{note.code} {note.address}": note.message for note in undo.findings}
    assert told.keys() == {"undo_changed workspace:old", "undo_kept workspace:b"}
    assert '"b" is the name of ' in told["undo_changed workspace:old"]


async def _undo(one: Org, plan: Plan, report: Report) -> Plan:
    async with one.client() as client:
        seen = await read_touched(client.reader, plan, ids_of(plan, KINDS), KINDS)
    return undo_plan(report, plan, seen.live, KINDS, NOW)


EXCHANGES = {
    "two": {"a": {"id": B}, "b": {"id": A}},
    "three": {"a": {"id": B}, "b": {"id": C}, "c": {"id": A}},
}


@pytest.mark.parametrize("files", EXCHANGES.values(), ids=EXCHANGES.keys())
@pytest.mark.parametrize("unique", [True, False], ids=["unique", "duplicates"])
def test_an_exchange_of_names_begins_with_a_person(files: dict[str, Any], unique: bool) -> None:
    files = {**files, "b": {**files["b"], "tags": {"env": "prod"}}}
    one = org(files, unique=unique)
    plan = one.plan()
    assert actions(plan) == ["update workspace:b"]  # what has nothing to do with names is done
    assert [field.path for field in plan.changes[0].fields] == ["tags.env"]
    [step] = plan.manual
    assert (step.code, step.address, step.where) == (
        "names_exchanged",
        "workspace:a",
        "Console > Settings > Workspaces",
    )
    assert f"give {B} any other name in the Console, then plan again" in step.message
    assert one.apply(plan=plan).complete
    assert one.plan().changes == ()
    one.console("POST", f"workspaces/{B}", {"name": "in between"})
    assert one.plan().manual == ()
    assert one.apply().complete
    assert names(one) | {line["id"]: name for name, line in files.items()} == names(one)
    assert (one.plan().changes, one.plan().manual) == ((), ())


def test_a_new_workspace_gets_a_name_that_a_rename_frees() -> None:
    files: dict[str, Any] = {"b": {"tags": {"env": "new"}}, "old": {"id": B}}
    one = org(files, live="b")
    plan = one.plan()
    assert [(change.address, change.action, change.after) for change in plan.changes] == [
        ("workspace:b", Action.CREATE, ("workspace:old",)),
        ("workspace:old", Action.UPDATE, ()),
    ]
    assert plan.changes[0].reason == f"{B}, which has this name, is declared as workspace:old"
    assert plan.identities == {"workspace:old": B}
    assert one.apply(plan=plan).complete
    assert names(one)[B] == "old"
    assert sorted(names(one).values()) == ["b", "old"]
    assert one.plan().changes == ()


@pytest.mark.parametrize("unique", [True, False], ids=["unique", "duplicates"])
def test_what_is_in_a_new_workspace_is_not_taken_for_what_is_in_the_one_that_had_its_name(unique: bool) -> None:
    """The old one has Ana, too: in the new one she still has to be added."""
    files = {"b": {"members": {"ana@acme.example": "user"}}, "old": {"id": B, "members": {"ana@acme.example": "user"}}}
    rows = [{"workspace": "b", "email": "ana@acme.example", "workspace_role": "workspace_user"}]
    one = org(files, live="b", users=[ANA], workspace_members=rows, unique=unique)
    plan = one.plan()
    assert actions(plan) == ["create workspace:b", "update workspace:old", "create workspace_member:b/ana@acme.example"]
    assert one.apply(plan=plan).complete
    assert [len(one.rows(f"workspaces/{identity}/members")) for identity in names(one)] == [1, 1]
    assert one.plan().changes == ()
    assert one.apply(plan=plan).complete  # the same plan again finds everything as it is to be
    assert len(names(one)) == 2


def test_a_key_gets_the_name_of_another_that_is_renamed() -> None:
    keys = [{"id": f"apikey_0{name}", "name": name, "workspace": "a", "status": "active"} for name in "xy"]
    inside = {"y": {"id": "apikey_0x"}, "z": {"id": "apikey_0y"}}
    one = org({"a": {"api_keys": inside}}, live="a", api_keys=keys)
    plan = one.plan()
    assert {change.address: change.after for change in plan.changes} == {
        "api_key:a/y": ("api_key:a/z",),
        "api_key:a/z": (),
    }
    assert one.apply(plan=plan).complete
    assert one.plan().changes == ()
    exchange = {"y": {"id": "apikey_0y"}, "z": {"id": "apikey_0x"}}
    one.plan(json.dumps({"workspaces": {"a": {"api_keys": exchange}}})[1:-1])
    assert [(step.code, step.address) for step in one.plan().manual] == [("names_exchanged", "api_key:a/y")]
    assert one.plan().changes == ()


@pytest.mark.parametrize(
    "files", [{"x": {"renamed_from": "b"}, "y": {"id": B}}, {"y": {"id": B}, "x": {"renamed_from": "b"}}]
)
def test_one_workspace_cannot_get_two_names(files: dict[str, Any]) -> None:
    plan = org(files).plan()
    assert codes(plan.blocked) == ["undecided workspace:x", "undecided workspace:y"]
    assert all("refers to the same workspace" in one.message for one in plan.blocked)
    assert plan.changes == ()


@examples(40)
@given(st.permutations("abc"), st.sets(st.sampled_from("abc")), st.booleans())
def test_any_renames_are_made_or_told_and_no_write_is_refused(wanted: list[str], new: set[str], unique: bool) -> None:
    """Each of three is called as another one, or has a new name; names that are left go to new workspaces."""
    called = {
        identity: f"new-{name}" if name in new else name for name, identity in zip(wanted, IDS.values(), strict=True)
    }
    files: dict[str, Any] = {name: {"id": identity} for identity, name in called.items()}
    files |= {name: {} for name in "abc" if name not in files}
    one = org(files, unique=unique)
    plan = one.plan()
    report = one.apply(plan=plan)
    assert report.complete
    shown = names(one)
    if plan.manual:
        assert not new or len(new) < 3
        freed = next(iter(plan.manual)).message.partition("give ")[2].split()[0]
        one.console("POST", f"workspaces/{freed}", {"name": "in between"})
        assert one.apply().complete
        shown = names(one)
    assert shown | called == shown
    assert sorted(shown.values()) == sorted(files)
    assert (one.plan().changes, one.plan().manual) == ((), ())
    assert desired_from(one.files, NOW).declared["workspace"].keys() == {(name,) for name in files}


@pytest.mark.parametrize("reads", [1, 3, 6])
def test_a_lost_answer_is_not_found_in_the_workspace_that_had_the_name(reads: int) -> None:
    """Lists still show the old one under the name, after its rename and the creation: Ana is to be in the new one."""
    one = org({"b": {"members": {"ana@acme.example": "user"}}, "old": {"id": B}}, live="b", users=[ANA])
    one.app.set_faults(
        [
            {"fault": "lag", "method": "POST", "path": f"/workspaces/{B}", "reads": reads},
            {"fault": "drop_after", "method": "POST", "path": "/workspaces"},
        ]
    )

    async def run() -> Report:
        async with one.client() as client:
            seen = await read_live(client.reader, one.desired(), KINDS)
            plan = make_plan(one.desired(), seen, NOW, KINDS)
            return await apply_plan(plan, client.reader, client.writer, KINDS, seen=seen)

    report = simulated(run)
    assert report.complete, [(one.address, one.status, one.message) for one in report.outcomes]
    [made] = [identity for identity, name in names(one).items() if name == "b"]
    assert made != B
    assert [outcome.id for outcome in report.outcomes if outcome.address == "workspace:b"] == [made]
    assert (len(one.rows(f"workspaces/{made}/members")), len(one.rows(f"workspaces/{B}/members"))) == (1, 0)
