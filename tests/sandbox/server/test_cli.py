"""`orgsync sandbox`, as typed."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from orgsync.cli.program import main
from orgsync.errors import UsageError
from orgsync.sandbox.server.app import open_app
from sandbox.conftest import RUN, served
from sandbox.feed.support import records
from sandbox.org import SEED, Org

if TYPE_CHECKING:
    from pathlib import Path

NOW = ["--now", "2026-11-01T10:00:00Z"]


def run(*arguments: object) -> Result:
    # As a part of `orgsync`: a command keeps the names of the help options it was first called with.
    return CliRunner().invoke(main, ["sandbox", *(str(each) for each in arguments)], catch_exceptions=True)


def done(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exception is None, result.exception
    return result.stdout


def refused(*arguments: object) -> UsageError:
    result = run(*arguments)
    assert isinstance(result.exception, UsageError), result.output
    return result.exception


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "seed.json").write_text(json.dumps(SEED), encoding="utf-8")
    done("init", tmp_path / "state", "--seed", tmp_path / "seed.json", *NOW, "--quiet")
    return tmp_path / "state"


def log(state: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done("log", state).splitlines()]


def test_init_says_what_it_made_and_overwrites_only_when_told(state: Path) -> None:
    again = ("init", state, "--seed", state.with_name("seed.json"))
    assert "the file already exists" in str(refused(*again))
    result = run(*again, "--replace")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "created the sandbox" in result.stderr
    assert run(*again, "--replace", "--quiet", "--no-color").output == ""


def test_a_wrong_seed_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "seed.json"
    for text, problem in [("{", "not JSON"), ("[]", "a JSON object"), ('{"users": [{}]}', "users.0.email: Field")]:
        file.write_text(text, encoding="utf-8")
        assert problem in str(refused("init", tmp_path / "state", "--seed", file))
    assert "No such file" in str(refused("init", tmp_path / "state", "--seed", tmp_path / "nowhere.json"))


def test_a_colleague_edits_and_the_log_says_so(state: Path) -> None:
    user = json.loads(done("edit", state, "post", "/users/user_kim", '{"role": "admin"}', *NOW))
    assert user["role"] == "admin"
    assert json.loads(done("edit", state, "GET", "/v1/organizations/users/user_kim")) == user
    assert [line["console"] for line in log(state)] == [True, True]
    assert log(state)[0]["time"] == "2026-11-01T10:00:00Z"


def test_who_edits_can_be_named(state: Path) -> None:
    done("edit", state, "POST", "/settings", '{"compliance": "on"}', *NOW)
    done("edit", state, "POST", "/workspaces/wrkspc_prod", '{"name": "p"}', "--as", "dev@acme.com", *NOW)
    org = Org(open_app(state))
    assert [row["actor"]["email_address"] for row in records(org)] == ["dev@acme.com", "ceo@acme.com"]
    org.close()
    problem = refused("edit", state, "POST", "/workspaces/wrkspc_prod", '{"name": "q"}', "--as", "who@acme.com")
    assert str(problem) == "who@acme.com is not a member of the organization"


def test_a_refused_edit_shows_the_message(state: Path) -> None:
    assert str(refused("edit", state, "POST", "/workspaces/wrkspc_prod/unarchive")).startswith("404: Not found")
    assert "role: Field required" in str(refused("edit", state, "POST", "/users/user_kim", "{}"))
    assert "not JSON" in str(refused("edit", state, "POST", "/users/user_kim", "{role}"))


def test_an_invite_is_accepted(state: Path) -> None:
    done("edit", state, "POST", "/invites", '{"email": "new@acme.com", "role": "user"}', *NOW)
    assert "no pending invite" in str(refused("accept", state, "new@acme.com", "--now", "2026-11-22T10:00:00Z"))
    assert json.loads(done("accept", state, "New@acme.com", *NOW))["email"] == "new@acme.com"


def test_faults_are_set_and_turned_off(state: Path) -> None:
    rules = state.with_name("faults.json")
    rules.write_text('[{"fault": "html"}, {"fault": "truncate"}]', encoding="utf-8")
    assert run("faults", state, rules).stderr == "2 fault rules\n"
    assert run("faults", state, "off").stderr == "faults are off\n"
    rules.write_text('[{"fault": "fire"}]', encoding="utf-8")
    assert "0.fault" in str(refused("faults", state, rules))


@pytest.mark.parametrize("now", ["yesterday", "2026-11-01T10:00:00"])
def test_now_is_a_moment(state: Path, now: str) -> None:
    assert now in str(refused("log", state, "--now", now))


def test_missing_sandboxes_are_named(tmp_path: Path) -> None:
    for command in (["log"], ["serve"], ["accept", "x@acme.com"], ["faults", "off"], ["edit", "GET", "/me"]):
        name, *rest = command
        assert "there is no sandbox at this path" in str(refused(name, tmp_path / "nowhere", *rest))


def test_serve_stops_when_interrupted(state: Path) -> None:
    with subprocess.Popen([*RUN, "serve", str(state)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("listening on http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_a_port_that_is_taken_is_an_error(state: Path) -> None:
    with served(state) as url:
        port = url.rpartition(":")[2]
        assert f"port {port}" in str(refused("serve", state, "--port", port))


def test_help_lists_every_command_and_what_the_console_may() -> None:
    assert all(name in done("--help") for name in ("init", "serve", "accept", "edit", "faults", "log"))
    for route in ("POST /invites/ID/accept", "POST /api_keys", "POST /usage", "POST /settings"):
        assert route in done("edit", "--help")
    for section in ("api_keys", "workspace_rate_limits", "spend_limits", "usage"):
        assert section in done("init", "--help")
