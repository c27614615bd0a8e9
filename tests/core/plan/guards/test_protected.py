"""What `guards.protect` names stays, under the name it has and under the one the files give it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from acme import ADMINS, Org
from hypothesis import event, given
from hypothesis import strategies as st
from properties.organizations import examples

from orgsync.core.plan.schema import sealed
from orgsync.core.plan.selection import allowing
from orgsync.errors import InputError, Refused, Stale
from orgsync.render.plan import markdown, text

NAMES = ["a", "b", "c", "d"]
LIVE = ["a", "b", "c"]
TAKEN = ["workspace:{}", "workspace_member:{}/ana@acme.example", "api_key:{}/ci"]
IDS = {name: f"wrkspc_01{name.upper() * 22}" for name in LIVE}


def organization(files: dict[str, Any]) -> Org:
    """Three workspaces, each with one person and one key, and this file."""
    rows = [{"id": IDS[name], "name": name} for name in LIVE]
    return Org(
        "# JSON is YAML\n" + json.dumps(files),
        users=[*ADMINS, {"email": "ana@acme.example", "role": "user"}],
        workspaces=rows,
        workspace_members=[
            {"workspace": name, "email": "ana@acme.example", "workspace_role": "workspace_developer"} for name in LIVE
        ],
        api_keys=[{"name": "ci", "workspace": name} for name in LIVE],
    )


def lost(org: Org) -> set[str]:
    """What is gone, under the names it had: archived workspaces and keys, and roles in workspaces that are not."""
    rows = org.rows("workspaces?include_archived=true")
    named = {identity: name for name, identity in IDS.items()}
    kept = {row["id"] for row in rows if row["archived_at"] is None}
    roles = {
        f"workspace_member:{named[one]}/ana@acme.example"
        for one in kept
        if not any(row["user_id"] == org.user_id("ana@acme.example") for row in org.rows(f"workspaces/{one}/members"))
    }
    keys = {
        f"api_key:{named[row['scope']['workspace_id']]}/ci"
        for row in org.rows("api_keys")
        if row["status"] == "archived" and row["scope"]["workspace_id"] in kept
    }
    return {f"workspace:{named[one]}" for one in IDS.values() if one not in kept} | roles | keys


@st.composite
def files(draw: st.DrawFn) -> dict[str, Any]:
    """Any names for any of the workspaces, in circles and chains too, and whatever can be taken away, taken away."""
    section: dict[str, Any] = {}
    less = [{"archived": True}, {"members": {}}, {"members": {}}, {"api_keys": {"ci": {"archived": True}}}]
    for name, live in zip(draw(st.permutations(NAMES)), draw(st.permutations(LIVE)), strict=False):
        meant = draw(st.sampled_from([{"id": IDS[live]}] * 5 + [{} if name == live else {"renamed_from": live}]))
        section[name] = {**meant, **draw(st.sampled_from(less))}
    protected = draw(st.builds(str.format, st.sampled_from([*TAKEN, "api_key:{}/*"]), st.sampled_from(LIVE)))
    return file([protected], section)


def file(protected: list[str], section: dict[str, Any]) -> dict[str, Any]:
    """A file that protects something, and leaves every other limit open."""
    allowed = [one.format(name) for name in section for one in TAKEN]
    return {
        "version": 1,
        "organization": {"name": "Acme Robotics"},
        "manage": {"workspace_members": "authoritative"},
        "guards": {
            "max_removals": {"percent": 100, "count": 100},
            "protect": protected,
            "allow": [{"address": one, "reason": "it was agreed"} for one in allowed],
        },
        "workspaces": section,
    }


def declared_names(section: dict[str, Any]) -> dict[str, str]:
    """The name that a file has for each live workspace, by its live name."""
    named = {identity: name for name, identity in IDS.items()}
    return {
        named[entry["id"]] if "id" in entry else entry.get("renamed_from", name): name
        for name, entry in section.items()
    }


@examples(12)
@given(files())
def test_no_file_takes_away_what_is_protected_under_either_of_its_names(made: dict[str, Any]) -> None:
    org = organization(made)
    names = declared_names(made["workspaces"])
    try:
        org.apply()
    except InputError:
        event("impossible")
    except (Refused, Stale) as error:  # the latter where two archived workspaces swap their names, which is never done
        event(type(error).__name__)
        assert org.writes() == []
    gone = lost(org)
    event("something is gone" if gone else "nothing is gone")
    for one in gone:
        kind, _colon, path = one.partition(":")
        live, slash, rest = path.partition("/")
        called = {one, f"{kind}:{names.get(live, live)}{slash}{rest}"}
        globs = {glob.removesuffix("*") for glob in made["guards"]["protect"]}
        assert not [
            name for name in called for glob in globs if name == glob or (glob[-1] == "/" and name.startswith(glob))
        ]


def chained(inside: dict[str, Any], protected: str) -> dict[str, Any]:
    """`a` takes the name of `b`, and what is called `b` now shall be called `d` and lose something."""
    return file([protected], {"b": {"id": IDS["a"]}, "d": {"id": IDS["b"], **inside}})


@pytest.mark.parametrize(
    ("inside", "protected"),
    [
        ({"archived": True}, "workspace:b"),
        ({"members": {}}, "workspace_member:b/*"),
        ({"api_keys": {"ci": {"archived": True}}}, "api_key:b/ci"),
    ],
)
def test_giving_the_name_to_another_does_not_lift_it(inside: dict[str, Any], protected: str) -> None:
    org = organization(chained(inside, protected))
    plan = org.plan()
    assert [verdict.guard for verdict in plan.refusals] == ["protect"]
    with pytest.raises((Refused, Stale)):
        org.apply(plan=sealed(allowing(plan, ["workspace:d"])))
    assert org.writes() == []


def test_nothing_is_renamed_out_of_what_protects_it() -> None:
    """`a` is called `b` from then on, and who is in it would be covered no more."""
    org = organization(chained({"members": {}}, "workspace_member:a/*"))
    assert [(one.guard, list(one.addresses)) for one in org.plan().refusals] == [("protect", ["workspace:b"])]
    kept = organization(chained({"members": {}}, "api_key:?/*"))
    assert kept.apply().complete
    assert lost(kept) == {"workspace_member:b/ana@acme.example"}


def test_what_is_protected_by_its_whole_address_is_created_only_where_that_is_allowed() -> None:
    """It may be there under another name, and the new one would be an empty twin."""
    org = Org('guards: {protect: ["workspace:new", "workspace:n*"]}\nworkspaces: {new: {}, next: {}}')
    plan = org.plan()
    assert [(one.guard, one.addresses) for one in plan.refusals] == [("protect", ("workspace:new",))]
    for shown in (text.render(plan, width=100), markdown.render(plan)):
        assert "--allow workspace:new" in shown
    with pytest.raises(Refused, match="names what does not exist, and would be created"):
        org.apply(plan=plan)
    allowed = sealed(allowing(plan, ["workspace:new"]))
    assert not allowed.refusals
    org.apply(plan=allowed)
    assert sorted(row["name"] for row in org.rows("workspaces")) == ["new", "next"]


def test_only_what_is_created_can_be_allowed() -> None:
    org = Org(
        'guards: {protect: ["workspace:new", "workspace:old"]}\nworkspaces: {new: {}, old: {archived: true}}',
        workspaces=[{"name": "old"}],
    )
    plan = org.plan(allow=["workspace:old"])
    shown = text.render(plan, width=100)
    assert "to allow it, add:" in shown
    assert "--allow workspace:new" in shown
    assert "the rest is not allowed one by one:" in shown
    left = allowing(plan, ["workspace:new"])
    assert [(one.guard, one.addresses) for one in left.refusals] == [("protect", ("workspace:old",))]
