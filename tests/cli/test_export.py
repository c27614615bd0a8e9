"""`orgsync export`: everything that is watched is in the file, what cannot be seen is told, and what a plan costs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, ORGANIZATION, ByToken, actions, codes
from yaml import safe_load

from orgsync.cli import exit_code

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2026-11-22T10:00:00Z"


def made(folder: Path, **seed: Any) -> list[str]:
    """The options for a sandbox of this seed."""
    path, seeded = folder / "org.db", folder / "seed.json"
    seeded.write_text(json.dumps({"organization": ORGANIZATION, "users": ADMINS, **seed}), encoding="utf-8")
    assert exit_code(["sandbox", "init", str(path), "--seed", str(seeded), "--now", NOW]) == 0
    return ["--sandbox", str(path), "--now", NOW]


def test_every_collection_is_written_also_without_anything_in_it() -> None:
    org = ByToken(workspaces=[{"name": "empty"}])
    data = safe_load(org.export())
    assert data["manage"] == {"coverage": "strict"}
    assert (data["spend_limit"], data["api_keys"], data["service_accounts"]) == (None, {}, {})
    assert data["workspaces"]["Default"] == {"api_keys": {}}
    empty = data["workspaces"]["empty"]
    collections = {name: empty[name] for name in ("members", "spend_limit", "rate_limits", "api_keys", "tags")}
    assert collections == {"members": {}, "spend_limit": None, "rate_limits": {}, "api_keys": {}, "tags": {}}


def test_whatever_is_added_to_an_empty_workspace_is_told() -> None:
    org = ByToken(workspaces=[{"name": "empty"}], users=[*ADMINS, {"email": "ana@acme.example", "role": "developer"}])
    org.plan(org.export())
    assert codes(org.plan().findings) == ["usage_tier spend_limit:organization"]
    place, ana = org.workspace_id("empty"), org.user_id("ana@acme.example")
    org.console("POST", f"workspaces/{place}/members", {"user_id": ana, "workspace_role": "workspace_admin"})
    org.console("POST", "api_keys", {"name": "rogue", "scope": {"type": "workspace", "workspace_id": place}})
    group = org.rows("rate_limits")[0]["id"]
    limits = {"limits": [{"type": "requests_per_minute", "value": 1}]}
    org.console("POST", f"workspaces/{place}/rate_limits/{group}", limits)
    org.console(
        "POST",
        "spend_limits",
        {"amount": "100", "scope": {"type": "workspace", "workspace_id": place}, "period": "monthly"},
    )
    plan = org.plan()
    assert actions(plan) == ["remove spend_limit:workspace/empty"]
    assert codes(plan.findings) == [
        "undeclared api_key:empty/rogue",
        "undeclared rate_limit:empty/claude-opus-5/requests_per_minute",
        "usage_tier spend_limit:organization",
        "undeclared workspace_member:empty/ana@acme.example",
    ]


def test_keys_of_the_default_workspace_and_of_the_whole_organization_are_written() -> None:
    everywhere = {"name": "everywhere", "principal_email": "ceo@acme.example", "scope": {"type": "organization"}}
    org = ByToken(api_keys=[{"name": "in-default"}, everywhere])
    data = safe_load(org.export())
    assert data["workspaces"]["Default"] == {"api_keys": {"in-default": {"status": "active"}}}
    assert data["api_keys"] == {"everywhere": {"status": "active"}}
    assert actions(org.plan(org.export())) == []


def test_a_rogue_key_of_the_whole_organization_is_told() -> None:
    org = ByToken("manage: {api_keys: authoritative}\napi_keys: {}")
    person = {"type": "user_actor", "user_id": org.user_id("ceo@acme.example")}
    org.console("POST", "api_keys", {"name": "rogue", "scope": {"type": "organization"}, "principal": person})
    assert actions(org.plan()) == ["update api_key:*/rogue"]


def test_what_could_not_be_read_is_a_comment_and_never_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = made(tmp_path, settings={"spend_limits_early_access": False})
    capsys.readouterr()
    assert exit_code(["export", *options]) == 0
    captured = capsys.readouterr()
    told = [line for line in captured.out.splitlines() if line.startswith("# not exported")]
    assert [line.split(":")[1] for line in told] == [" service accounts", " spend limits"]
    assert "\nservice_accounts" not in captured.out
    assert "\nspend_limit" not in captured.out
    assert "not exported: spend limits" in captured.err


@pytest.mark.parametrize("people", [1, 1200])
def test_the_cost_that_is_told_is_what_the_plan_makes(
    people: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    users = [*ADMINS, *({"email": f"p{number}@acme.example", "role": "user"} for number in range(people))]
    options = made(tmp_path, users=users, workspaces=[{"name": "a"}, {"name": "b"}])
    file = tmp_path / "org.yaml"
    capsys.readouterr()
    assert exit_code(["export", *options, "--out", str(file)]) == 0
    told = capsys.readouterr().err
    assert exit_code(["plan", str(file), *options, "--format", "json"]) == 0
    requests = json.loads(capsys.readouterr().out)["requests"]
    assert f"a plan of these files makes {requests} requests (1 minute at 90 a minute)" in told
    assert exit_code(["export", *options, "--requests-per-minute", "80"]) == 0
    assert "(1 minute at 80 a minute)" in capsys.readouterr().err
