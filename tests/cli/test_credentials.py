"""Which credential is used, and that none is printed, guessed, or sent where it must not go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cli.server import Server
from cli.support import NOW, files, run
from orgsync.errors import EXIT_INPUT, EXIT_OK, EXIT_UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync

ADMIN = "sk-ant-admin01-" + "A" * 40
ORDINARY = "sk-ant-api03-" + "B" * 40
TOKEN = "oauth-" + "C" * 40
COMMANDS = pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["export"]], ids=lambda it: it[0])


@pytest.fixture(autouse=True)
def _file(tmp_path: Path) -> None:
    files(tmp_path, "members: {ceo@acme.example: admin}\n")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The organization that the environment names."""
    with Server() as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        yield server


@COMMANDS
def test_none(command: list[str], orgsync: Orgsync, server: Server) -> None:
    ended = orgsync(*command)
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert "no credential: set ANTHROPIC_ADMIN_KEY to an Admin key" in ended.err
    assert "ANTHROPIC_AUTH_TOKEN" in ended.err
    assert "hint: to try orgsync without an organization, add `--sandbox PATH`\n" in ended.err
    assert not server.requests


@COMMANDS
def test_only_an_ordinary_key(
    command: list[str], orgsync: Orgsync, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", ORDINARY)
    ended = orgsync(*command)
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert "ANTHROPIC_ADMIN_KEY is not set. ANTHROPIC_API_KEY is set, but is not used" in ended.err
    assert "--sandbox" in ended.err
    assert ORDINARY not in ended.said
    assert not server.requests


@pytest.mark.parametrize(
    ("variables", "sent"),
    [
        ({"ANTHROPIC_ADMIN_KEY": ADMIN}, ADMIN),
        ({"ANTHROPIC_ADMIN_KEY": ADMIN, "ANTHROPIC_API_KEY": ORDINARY}, ADMIN),
        ({"ANTHROPIC_ADMIN_KEY": ADMIN, "ANTHROPIC_AUTH_TOKEN": TOKEN}, ADMIN),
        ({"ANTHROPIC_ADMIN_KEY": "", "ANTHROPIC_AUTH_TOKEN": TOKEN, "ANTHROPIC_API_KEY": ORDINARY}, TOKEN),
    ],
    ids=["admin key", "beside an ordinary key", "beside a token", "token"],
)
def test_which_one_is_sent(
    variables: dict[str, str], sent: str, orgsync: Orgsync, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    ended = orgsync("plan", "--now", NOW)
    assert ended.code == EXIT_OK, ended.err
    assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {sent}"}
    assert not any(ORDINARY in str(request.headers) for request in server.requests)
    assert not any(secret in ended.said for secret in (ADMIN, ORDINARY, TOKEN))


@pytest.mark.parametrize("value", ["", " ", "sk-ant-admin01-x\n", "sk-ant-admin01 x", "sk-ant-admin01-\u00e9"])
def test_a_value_that_cannot_be_sent(
    value: str, orgsync: Orgsync, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", value)
    ended = orgsync("plan")
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert "ANTHROPIC_ADMIN_KEY" in ended.err
    assert not (value.strip() and value.strip() in ended.said)
    assert not server.requests


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "http://10.0.0.1:8080",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "ftp://127.0.0.1",
        "api.anthropic.com",
        f"https://user:{ORDINARY}@api.example.com",
        "https://api.example.com/?key=1",
        "https://api.example.com:port",
    ],
)
def test_a_base_url_to_which_no_key_may_be_sent(url: str, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", ADMIN)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    ended = orgsync("plan")
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert "ANTHROPIC_BASE_URL" in ended.err
    assert ADMIN not in ended.said
    assert ORDINARY not in ended.said


class TestSandbox:
    """`--sandbox` means the sandbox, or nothing: never the organization of the environment."""

    @COMMANDS
    def test_a_missing_file_is_an_error_and_stays_missing(
        self, command: list[str], orgsync: Orgsync, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", ADMIN)
        before = sorted(tmp_path.iterdir())
        ended = orgsync(*command, "--sandbox", "acme.db")
        assert (ended.code, ended.out) == (EXIT_INPUT, "")
        assert "acme.db" in ended.err
        assert "hint: create one with `orgsync sandbox init PATH --seed FILE`\n" in ended.err
        assert sorted(tmp_path.iterdir()) == before
        assert not server.requests

    def test_a_folder_is_an_error(
        self, orgsync: Orgsync, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", ADMIN)
        (tmp_path / "acme").mkdir()
        assert orgsync("plan", "--sandbox", "acme").code == EXIT_INPUT
        assert not server.requests

    def test_an_empty_path_is_an_error(self, orgsync: Orgsync, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        """What an unset variable in a script gives: `--sandbox "$SANDBOX"`."""
        monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", ADMIN)
        assert orgsync("plan", "--sandbox", "").code == EXIT_INPUT
        assert not server.requests


def test_validating_needs_no_credential(orgsync: Orgsync, server: Server) -> None:
    assert orgsync("validate").code == EXIT_OK
    assert not server.requests


def test_wrong_files_are_told_before_a_credential_is_missed(orgsync: Orgsync, tmp_path: Path) -> None:
    files(tmp_path, "members: {ceo@acme.example: king}\n")
    assert '"king" is not one of' in orgsync("plan").err


def test_the_installed_program_in_an_empty_environment(tmp_path: Path) -> None:
    ended = run("plan", cwd=tmp_path)
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert "no credential: set ANTHROPIC_ADMIN_KEY" in ended.err


def test_nobody_listens(orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as server:
        url = server.url
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", ADMIN)
    ended = orgsync("plan")
    assert (ended.code, ended.out) == (EXIT_UNREADABLE, "")
    assert "hint: check the network, HTTPS_PROXY and ANTHROPIC_BASE_URL\n" in ended.err
    assert ADMIN not in ended.said


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    "command", [["plan"], ["drift"], ["apply", "--yes"], ["export"], ["snapshot", "--out", "s.json"]]
)
def test_a_credential_that_is_not_accepted(
    command: list[str], status: int, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    sandbox().faults(
        {"method": "GET", "path": "*/me", "nth": 1, "times": 99, "fault": "status_before", "status": status}
    )
    files(tmp_path, "workspaces: {lab: {}}\n")
    ended = orgsync(*command, "--sandbox", "acme.db")
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert "Error: the API does not accept the credential: " in ended.err
    assert "use an Admin key that is neither expired nor revoked (ANTHROPIC_ADMIN_KEY)" in ended.err
