"""An API that misbehaves over real connections: exit code 7 and no plan, or the right plan after another try.

Half a read is never a plan. Where a wait is asked for, the server asks for a millisecond.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from acme import ORGANIZATION

from cli.server import PREFIX, USERS, Answer, Server, page, refusal
from cli.support import NOW, environment, files, parsed, run
from orgsync.errors import EXIT_INPUT, EXIT_OK, EXIT_UNREADABLE
from orgsync.files.state import plan_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Orgsync
    from cli.server import Sent
    from cli.support import Ended

    Script = Callable[[Sent, int], Answer | None]

KEY = "sk-ant-admin01-" + "K" * 40
SOON = {"retry_after_ms": "1"}
ATTEMPTS = 4
AUTHORITATIVE = "manage: {members: authoritative}\nmembers:\n  ceo@acme.example: admin\n"


@pytest.fixture(autouse=True)
def _file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = "".join(f"  {row['email']}: developer\n" for row in USERS[1:])
    files(tmp_path, AUTHORITATIVE + people)
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)


def _at(path: str, answer: Answer, *, times: int = 999) -> Script:
    """The answer to the first requests for a path."""
    return lambda sent, count: answer if sent.path == PREFIX + path and count <= times else None


def _planned(script: Script, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch) -> tuple[Ended, Server]:
    with Server(script) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        ended = orgsync("plan", "--now", NOW, "--out", "plan.json", "--requests-per-minute", "100000")
    assert KEY not in ended.said
    assert not [sent for sent in server.requests if sent.method != "GET"]
    return ended, server


def _refused(ended: Ended, *words: str, code: int = EXIT_UNREADABLE) -> None:
    """Nothing was concluded from what could be read."""
    assert (ended.code, ended.out) == (code, "")
    assert "Traceback" not in ended.err
    told = " ".join(ended.err.split())
    for text in words:
        assert text in told


PATHS = pytest.mark.parametrize("path", ["/me", "/users", "/invites"])


def test_an_api_that_behaves(orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ended, server = _planned(lambda _sent, _count: None, orgsync, monkeypatch)
    assert ended.code == EXIT_OK
    assert parsed((tmp_path / "plan.json").read_text())["changes"] == []
    assert len(server.requests) == 3


REFUSALS = {
    401: "use an Admin key that is neither expired nor revoked",
    403: "a key that belongs to one workspace cannot manage the organization",
    404: "",
}


@pytest.mark.parametrize(
    ("path", "status", "hint"),
    [
        *((path, status, hint) for path in ("/me", "/users") for status, hint in REFUSALS.items()),
        ("/invites", 401, REFUSALS[401]),
    ],
)
def test_a_refusal_is_final(
    path: str, status: int, hint: str, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ended, server = _planned(_at(path, refusal(status)), orgsync, monkeypatch)
    code = EXIT_INPUT if path == "/me" and status != 404 else EXIT_UNREADABLE  # that is the credential's fault
    _refused(ended, f"GET {PREFIX}{path}: {status}", "made up by a test", "request id req_test", hint, code=code)
    assert server.asked(path) == 1
    assert not (tmp_path / "plan.json").exists()


@pytest.mark.parametrize("status", [403, 404])
def test_a_refused_list_that_is_not_needed_for_everything_is_a_finding(
    status: int, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ended, server = _planned(_at("/invites", refusal(status)), orgsync, monkeypatch)
    assert ended.code == EXIT_OK
    assert server.asked("/invites") == 1
    findings = parsed((tmp_path / "plan.json").read_text())["findings"]
    assert [(one["address"], one["code"], one["level"]) for one in findings] == [("member:*", "not_offered", "error")]


@PATHS
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
def test_trouble_that_passes_is_waited_out(
    path: str, status: int, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, server = _planned(_at(path, refusal(status, **SOON), times=2), orgsync, monkeypatch)
    assert ended.code == EXIT_OK, ended.err
    assert "No changes." in ended.out
    assert server.asked(path) == 3


@PATHS
@pytest.mark.parametrize("status", [500, 529])
def test_trouble_that_stays_ends_the_run(
    path: str, status: int, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A 429 that stays takes three minutes to end it: tests/api/test_retry.py has the time for that."""
    ended, server = _planned(_at(path, refusal(status, **SOON)), orgsync, monkeypatch)
    _refused(ended, str(status), f"after {ATTEMPTS} attempts", "hint: ")
    assert server.asked(path) == ATTEMPTS
    assert not (tmp_path / "plan.json").exists()


def test_a_wait_beyond_reason_is_not_waited(orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, server = _planned(_at("/users", refusal(429, retry_after="86400")), orgsync, monkeypatch)
    _refused(ended, "the server asks to wait 86400 seconds")
    assert server.asked("/users") == 1


UNUSABLE = {
    "html": Answer(b"<!doctype html><title>Sign in</title>", headers={"retry-after-ms": "1"}),
    "half of the JSON": Answer(b'{"data": [{"id": "user_0", "ema', headers={"retry-after-ms": "1"}),
    "nothing": Answer(b"", headers={"retry-after-ms": "1"}),
    "a list": Answer([], headers={"retry-after-ms": "1"}),
    "not UTF-8": Answer(b"\xff\xfe{}", headers={"retry-after-ms": "1"}),
    "nested too deep": Answer(b"[" * 100_000, headers={"retry-after-ms": "1"}),
}


@PATHS
@pytest.mark.parametrize("case", UNUSABLE)
def test_a_success_that_is_none(
    path: str, case: str, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ended, server = _planned(_at(path, UNUSABLE[case]), orgsync, monkeypatch)
    _refused(ended, f"GET {PREFIX}{path}: 200", "hint: check ANTHROPIC_BASE_URL, and whether a proxy answers")
    assert server.asked(path) == ATTEMPTS
    assert not (tmp_path / "plan.json").exists()


def _looping(sent: Sent, _count: int) -> Answer | None:
    """Every page is new, and says that the first one comes next."""
    if sent.path != f"{PREFIX}/users":
        return None
    number = len(sent.query.get("after_id", ""))
    return page([{**USERS[1], "id": f"user_{number}_{_count}"}], more=True, last="user_0")


def _repeating(sent: Sent, _count: int) -> Answer | None:
    """The first page again, whatever was asked for."""
    return page(USERS[:2], more=True) if sent.path == f"{PREFIX}/users" else None


LISTS: dict[str, tuple[Script, str]] = {
    "a cursor that leads back": (_looping, "the cursor after page 2 is repeated"),
    "the same page for ever": (_repeating, "rows 1 and 3 have the same `id`"),
    "one row twice": (_at("/users", page([USERS[0], USERS[1], USERS[0]])), "rows 1 and 3 have the same `id`"),
    "more without a cursor": (
        _at("/users", Answer({"data": USERS, "has_more": True, "last_id": None})),
        "page 1 has `has_more: true` but no `last_id`",
    ),
    "no word about more": (_at("/users", Answer({"data": USERS})), "page 1 does not say in `has_more`"),
    "no rows at all": (_at("/users", Answer({"has_more": False})), "page 1 has no list of objects in `data`"),
    "rows that are null": (_at("/users", Answer({"data": None, "has_more": False})), "no list of objects in `data`"),
}


@pytest.mark.parametrize("case", LISTS)
def test_a_list_that_cannot_be_proven_complete(
    case: str, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script, told = LISTS[case]
    ended, _server = _planned(script, orgsync, monkeypatch)
    words = f"the list {PREFIX}/users could not be read in full, twice: "
    _refused(ended, words, told, "the incomplete list was not used")
    assert not (tmp_path / "plan.json").exists()


def test_a_list_that_changed_while_it_was_read_is_read_again(orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch) -> None:
    script = _at("/users", page([USERS[0], USERS[0]]), times=1)
    ended, server = _planned(script, orgsync, monkeypatch)
    assert ended.code == EXIT_OK
    assert "No changes." in ended.out
    assert server.asked("/users") == 2


def test_an_error_on_a_later_page_is_no_end_of_the_list(orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one page of three read, four of five members would look as if they had left."""

    def script(sent: Sent, _count: int) -> Answer | None:
        if sent.path != f"{PREFIX}/users":
            return None
        return refusal(403) if "after_id" in sent.query else page(USERS[:1], more=True)

    ended, _server = _planned(script, orgsync, monkeypatch)
    _refused(ended, "403")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as elsewhere:
        answer = Answer(b"", status, {"location": f"{elsewhere.url}{PREFIX}/me"})
        ended, server = _planned(_at("/me", answer), orgsync, monkeypatch)
    _refused(ended, "a redirect to", "redirects are not followed, to protect the credential")
    assert not elsewhere.requests
    assert server.asked("/me") == 1


@pytest.mark.parametrize("case", ["dropped", "cut"])
def test_a_connection_that_breaks_once(case: str, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Answer(page(USERS).body, **{case: True})  # type: ignore[arg-type]  # both are flags
    ended, server = _planned(_at("/users", broken, times=1), orgsync, monkeypatch)
    assert ended.code == EXIT_OK, ended.err
    assert server.asked("/users") == 2


def test_a_connection_that_always_breaks(orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ended, server = _planned(_at("/users", Answer(dropped=True)), orgsync, monkeypatch)
    _refused(ended, f"after {ATTEMPTS} attempts", "check the network")
    assert server.asked("/users") == ATTEMPTS
    assert not (tmp_path / "plan.json").exists()


@pytest.mark.parametrize("case", ["in a message", "in a header", "in HTML", "in a redirect"])
def test_a_key_that_the_server_sends_back_is_masked(
    case: str, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = {"type": "authentication_error", "message": f"invalid key {KEY}"}
    answer = {
        "in a message": Answer({"type": "error", "error": error}, 401),
        "in a header": refusal(401, request_id=KEY),
        "in HTML": Answer(f"<html>{KEY}".encode(), headers={"retry-after-ms": "1"}),
        "in a redirect": Answer(b"", 302, {"location": f"https://elsewhere.example/?key={KEY}"}),
    }[case]
    ended, _server = _planned(_at("/me", answer), orgsync, monkeypatch)
    _refused(ended, code=EXIT_INPUT if case in {"in a message", "in a header"} else EXIT_UNREADABLE)


def test_what_the_server_says_cannot_command_a_terminal(orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch) -> None:
    error = {"type": "api_error", "message": "\x1b[2Jgone\n::error::all is well\r\u202eevil"}
    ended, _server = _planned(_at("/me", Answer({"error": error}, 403)), orgsync, monkeypatch)
    _refused(ended, code=EXIT_INPUT)
    assert not set(ended.err) & {"\x1b", "\r", "\u202e"}
    assert "::error::" not in ended.err


@pytest.mark.parametrize(
    ("answer", "code"),
    [pytest.param(refusal(401), EXIT_UNREADABLE, marks=pytest.mark.story), (None, EXIT_OK)],
    ids=["a refusal", "an answer"],
)
def test_the_installed_program_against_a_server(answer: Answer | None, code: int, tmp_path: Path) -> None:
    script: Script = _at("/users", answer) if answer else lambda _sent, _count: None
    with Server(script) as server:
        env = {"ANTHROPIC_ADMIN_KEY": KEY, "ANTHROPIC_BASE_URL": server.url}
        ended = run("plan", cwd=tmp_path, env=env)
    assert ended.code == code
    assert (ended.out == "") == (code == EXIT_UNREADABLE)
    assert KEY not in ended.said
    assert "ANTHROPIC_ADMIN_KEY" not in environment()


def test_a_name_that_is_no_text_is_told_and_planned(
    orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """JSON can hold half of a surrogate pair; a plan file, a digest and a terminal cannot."""
    named = Answer({**ORGANIZATION, "name": "Acme \ud800"})
    ended, _server = _planned(_at("/me", named), orgsync, monkeypatch)
    assert ended.code == EXIT_INPUT
    assert f'the credential belongs to "Acme \ufffdd800" ({ORGANIZATION["id"]})' in " ".join(ended.err.split())
    files(tmp_path, f"version: 1\norganization: {{id: {ORGANIZATION['id']}}}\nmembers: {{}}\n")
    ended, _server = _planned(_at("/me", named), orgsync, monkeypatch)
    assert 'Organization "Acme \ufffdd800"' in ended.out
    assert plan_file.read(tmp_path / "plan.json").organization.name == "Acme \ufffdd800"
