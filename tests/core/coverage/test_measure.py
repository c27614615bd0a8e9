"""What a plan says of what the files do not manage: where it could be written, what looking costs, when it is drift."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, ORGANIZATION, ByToken, Org, codes

from orgsync.cli import exit_code
from orgsync.core.model.context import Reading
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from orgsync.core.model.change import Uncovered

NOW = "2026-11-22T10:00:00Z"
WORKSPACES = [{"name": "prod"}, {"name": "dev"}]
PARTLY = "members: {ceo@acme.example: admin}\nworkspaces:\n  prod: {members: {}}\n  dev: {}\n"
STRICTLY = "manage: {workspace_members: authoritative}\n" + PARTLY


def told(one: Uncovered) -> tuple[str, str, int, int]:
    return one.section, one.inside or "organization", one.source.line, one.requests


def test_each_collection_that_is_left_out_is_named_with_its_line() -> None:
    coverage = Org(PARTLY, workspaces=WORKSPACES).plan().coverage
    assert coverage.covered == 3
    assert [told(one) for one in coverage.uncovered if one.kind != "api_key"] == [
        ("members", "workspace:dev", 6, 1),
        ("spend_limit", "organization", 2, 0),
        ("spend_limit", "workspace:dev", 6, 0),
        ("spend_limit", "workspace:prod", 5, 0),
        ("rate_limits", "workspace:dev", 6, 1),
        ("rate_limits", "workspace:prod", 5, 1),
        ("service_accounts", "organization", 2, 0),
    ]


def test_what_is_inside_a_workspace_that_nobody_declares_is_named_too() -> None:
    coverage = Org("workspaces: {}", workspaces=[{"name": "rogue"}]).plan().coverage
    inside = [(one.section, one.declared) for one in coverage.uncovered if one.inside == "workspace:rogue"]
    assert inside == [("members", False), ("spend_limit", False), ("rate_limits", False), ("api_keys", False)]


def test_the_cost_of_looking_is_what_looking_then_costs() -> None:
    org = ByToken("workspaces: {prod: {}, Default: {}}", workspaces=[{"name": "prod"}])
    org.files = "members: {}\n" + org.files
    coverage, before = org.plan().coverage, len(org.reads())
    inside = "prod: {members: {}, spend_limit: null, rate_limits: {}, api_keys: {}}, Default: {api_keys: {}}"
    everything = f"members: {{}}\nspend_limit: null\nservice_accounts: {{}}\napi_keys: {{}}\nworkspaces: {{{inside}}}"
    assert org.plan(everything).coverage.uncovered == ()
    assert len(org.reads()) - before == before + coverage.requests


def test_what_the_api_does_not_offer_is_not_covered_although_it_is_declared() -> None:
    org = Org("spend_limit: null", settings={"spend_limits_early_access": False})
    (one,) = (one for one in org.plan().coverage.uncovered if one.section == "spend_limit" and one.inside is None)
    assert not one.offered


def test_a_hole_under_authoritative_mode_is_a_warning_at_the_line_of_the_workspace() -> None:
    (note,) = (note for note in Org(STRICTLY, workspaces=WORKSPACES).plan().findings if note.code == "not_managed")
    assert (note.address, note.level, note.source.line if note.source else 0) == (
        "workspace_member:dev/*",
        "warning",
        7,
    )
    assert "members: {}" in note.message


@pytest.mark.parametrize(
    "files",
    [
        PARTLY,
        STRICTLY.replace("dev: {}", "dev: {members: {}}"),
        STRICTLY.replace("dev: {}", "dev: {archived: true}"),
        STRICTLY.replace("authoritative", "observe"),
    ],
)
def test_anything_else_is_no_warning(files: str) -> None:
    assert not [
        one for one in codes(Org(files, workspaces=WORKSPACES).plan().findings) if one.startswith("not_managed")
    ]


@pytest.mark.parametrize(
    ("manage", "options", "code"),
    [("", [], 0), ("", ["--strict-coverage"], 2), (", coverage: strict", [], 2), (", coverage: report", [], 0)],
)
def test_only_strict_coverage_makes_it_drift(
    manage: str, options: list[str], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed, file, sandbox = tmp_path / "seed.json", tmp_path / "org.yaml", ["--sandbox", str(tmp_path / "org.db")]
    rows: dict[str, Any] = {"organization": ORGANIZATION, "users": ADMINS[:1], "workspaces": WORKSPACES}
    seed.write_text(json.dumps(rows), encoding="utf-8")
    assert exit_code(["sandbox", "init", sandbox[1], "--seed", str(seed), "--now", NOW]) == 0
    head = 'version: 1\norganization: {name: "Acme Robotics"}\n'
    file.write_text(head + STRICTLY.replace("authoritative", f"authoritative{manage}"), encoding="utf-8")
    capsys.readouterr()
    assert exit_code(["drift", str(file), *sandbox, "--now", NOW, *options, "--format", "json"]) == code
    report = json.loads(capsys.readouterr().out)
    entries = [(entry["code"], entry["address"]) for entry in report["entries"]]
    assert entries == ([("not_managed", "workspace_member:dev/*")] if code else [])
    assert report["coverage"]["strict"] == (code == 2)


def test_a_plan_names_what_is_ignored_in_what_it_read() -> None:
    ignored = Org("members: {ceo@acme.example: admin}").plan().coverage.ignored
    assert {one.list for one in ignored} == {"/v1/organizations/users", "/v1/organizations/invites"}
    assert all(one.reason for one in ignored)


def test_the_declared_rows_are_those_of_the_lists_that_are_read() -> None:
    """A kind says once what its rows look like: each field that is read is among them, and is not ignored."""
    org = ByToken(workspaces=WORKSPACES)
    org.plan(org.export())
    seen = org.seen()
    for kind in KINDS:
        assert kind.rows
        parents: dict[tuple[str, ...], str] = {("prod",): "wrkspc_1"}
        for listing in kind.listings(Reading(parents, seen.live, {}, org.desired())):
            path = listing.path.replace("wrkspc_1", "*")
            (rows,) = (rows for rows in kind.rows if rows.path == path)
            assert {field.path for field in listing.fields} <= {
                field.path for field in rows.fields if not field.ignored
            }
