"""Who is told of drift, when, in which words, and that no URL ever gets into what is printed."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING

import pytest

from cli.services import mail, mail_server, proxied, webhook
from cli.support import files, parsed
from orgsync.cli.commands.watch.drift import URLS
from orgsync.errors import EXIT_DIFFERENCE, EXIT_INPUT, EXIT_OK, EXIT_UNREADABLE

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync
    from cli.services import Service
    from cli.support import Ended

# Apprise loads all its plug-ins at once, and one of them a library that uses what later versions of Python lack.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")

FILES = "members: {ceo@acme.example: admin}\nworkspaces: {lab: {}}\n"
LAB = {"name": "lab"}
EVIL = "@everyone <!channel> <b>*x*</b> `y` [z](https://evil.example)"
SECRET = "geheim"


@pytest.fixture(autouse=True)
def _nobody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(URLS, raising=False)


def night(day: int, orgsync: Orgsync, *more: str) -> Ended:
    now = f"2026-11-{day:02}T02:00:00Z"
    files = ("--previous", "drift.json", "--out", "drift.json")
    ended = orgsync("drift", "--sandbox", "acme.db", "--now", now, *files, *more)
    assert SECRET not in ended.said
    return ended


def hook(service: Service, scheme: str = "json") -> str:
    return f"{scheme}://ana:{SECRET}@127.0.0.1:{service.port}{service.path}"


def test_people_hear_of_what_is_new_and_once_that_it_is_gone(
    tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = sandbox(workspaces=[LAB])
    files(tmp_path, FILES)
    with webhook() as service:
        monkeypatch.setenv(URLS, hook(service))
        assert night(20, orgsync).code == EXIT_OK
        assert service.received == []
        live.console("POST", "workspaces", {"name": "rogue"})
        found = night(21, orgsync)
        assert (found.code, "Notification sent." in found.err) == (EXIT_DIFFERENCE, True)
        night(22, orgsync)
        assert len(service.received) == 1
        live.console("POST", "workspaces", {"name": "rogue too"})
        night(23, orgsync)
        for name in ("rogue", "rogue too"):
            live.console("POST", f"workspaces/{live.id_of('workspaces', 'name', name)}/archive")
        assert night(24, orgsync).code == EXIT_OK
        assert night(25, orgsync).code == EXIT_OK
    first, second, third = service.received
    assert (first["type"], first["title"]) == ("warning", "orgsync: 1 difference in Acme Robotics")
    assert "- workspace:rogue: not declared" in first["message"]
    assert "- workspace:rogue too: not declared" in second["message"]
    assert "workspace:rogue:" not in second["message"]
    assert "Reported before and still open: 1." in second["message"]
    assert (third["type"], third["title"]) == ("success", "orgsync: No drift in Acme Robotics")
    assert "Gone (2):" in third["message"]
    assert live.writes() == []


def test_every_run_tells_where_asked_to(tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
    sandbox(workspaces=[LAB])
    files(tmp_path, FILES)
    with webhook() as service:
        for day in (20, 21):
            assert night(day, orgsync, "--notify", hook(service), "--notify-always").code == EXIT_OK
    assert [one["title"] for one in service.received] == ["orgsync: No drift in Acme Robotics"] * 2


def test_a_message_that_was_not_sent_is_an_error_and_is_sent_again(
    tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = sandbox(workspaces=[LAB, {"name": "rogue"}])
    files(tmp_path, FILES)
    with webhook(403) as service, webhook() as other:
        monkeypatch.setenv(URLS, f"{hook(service)}\n {hook(other, 'form')}")
        lost = night(20, orgsync)
        assert lost.code == EXIT_UNREADABLE
        assert "notification service 1 (json) rejected the message (HTTP 403)" in lost.err
        assert "the next run with --previous drift.json sends it again" in lost.err
        assert "workspace:rogue" in lost.out
        assert len(other.received) == 1
        service.status = 200
        again = night(21, orgsync, "--fail-on", "new")
        assert again.code == EXIT_DIFFERENCE
        assert "since 2026-11-20" in " ".join(again.out.split())
        assert len(service.received) == 2
        live.console("POST", f"workspaces/{live.id_of('workspaces', 'name', 'rogue')}/archive")
        service.status = 500
        assert night(22, orgsync).code == EXIT_UNREADABLE
        service.status = 200
        assert night(23, orgsync).code == EXIT_OK
        assert night(24, orgsync).code == EXIT_OK
        assert [one["type"] for one in service.received] == ["warning", "warning", "success", "success"]


def test_nobody_there_is_a_failure_too(tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
    sandbox(workspaces=[LAB, {"name": "rogue"}])
    files(tmp_path, FILES)
    with webhook() as service:
        url = hook(service)
    ended = night(20, orgsync, "--notify", url, "--format", "json")
    assert ended.code == EXIT_UNREADABLE
    assert parsed(ended.out)["told"] is False
    untold = night(21, orgsync, "--format", "json")
    assert [one["new"] for one in parsed(untold.out)["entries"]] == [True]


def test_a_redirect_is_not_followed(tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
    sandbox(workspaces=[LAB, {"name": "rogue"}])
    files(tmp_path, FILES)
    with webhook(302) as service:
        ended = night(20, orgsync, "--notify", hook(service))
    assert (ended.code, service.hosts) == (EXIT_UNREADABLE, [])
    assert "HTTP 302" in ended.err


@pytest.mark.parametrize("scheme", ["json", "form"])
def test_a_hostile_name_is_text_in_a_webhook(
    scheme: str, tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox
) -> None:
    sandbox(workspaces=[LAB, {"name": EVIL}])
    files(tmp_path, FILES)
    with webhook() as service:
        assert night(20, orgsync, "--notify", hook(service, scheme)).code == EXIT_DIFFERENCE
    [received] = service.received
    assert "\\x40everyone \\x3c!channel\\x3e" in received["message"]
    assert not any(mark in received["message"] for mark in ("@everyone", "<", ">", "`", "*x*", "://"))


@pytest.mark.parametrize(("form", "kind"), [("text", "plain"), ("html", "html")])
def test_a_hostile_name_is_text_in_a_mail(
    form: str, kind: str, tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox
) -> None:
    sandbox(workspaces=[LAB, {"name": EVIL}])
    files(tmp_path, FILES)
    with mail_server() as service:
        addresses = "from=orgsync@acme.example&to=ops@acme.example"
        url = f"mailto://127.0.0.1:{service.port}/?{addresses}&mode=insecure&format={form}"
        assert night(20, orgsync, "--notify", url).code == EXIT_DIFFERENCE
    message = mail(service)
    assert message["subject"] == "orgsync: 1 difference in Acme Robotics"
    body = message.get_body((kind,))
    assert body is not None
    content = body.get_content()
    assert "\\x40everyone" in content
    assert not any(mark in content for mark in ("@everyone", "<b>", "<!channel>", "https://evil"))


CHATS = {
    "slack": ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?verify=no", "hooks.slack.com:443"),
    "workflows": ("workflows://prod.example.com:443/W1/TIiajkdnlazkcOXrIdevi7FQ/?verify=no", "prod.example.com:443"),
}
PATHS = {
    "slack": "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "workflows": "/workflows/W1/triggers/manual/paths/invoke",
}


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("chat", CHATS)
def test_a_hostile_name_is_text_in_a_chat(
    chat: str, tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real plug-ins, to the real hosts, through a proxy that is all there is of the internet."""
    sandbox(workspaces=[LAB, {"name": EVIL}])
    files(tmp_path, FILES)
    url, host = CHATS[chat]
    with proxied(tmp_path, PATHS[chat]) as service:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{service.port}")
        ended = night(20, orgsync, "--notify", url)
    assert ended.code == EXIT_DIFFERENCE, ended.err
    assert service.hosts == [host]
    [received] = service.received
    said = str(received)
    assert "x40everyone" in said
    assert not any(mark in said for mark in ("@everyone", "<!channel>", "<b>", "https://evil"))


@pytest.mark.parametrize(
    "url",
    [
        f"slack://{SECRET}",
        f"slack://T1JJ3T3L2/A1BRTD4JD/{SECRET}!",
        f"mailto://{SECRET}",
        f"nosuch://{SECRET}",
        f"{SECRET}",
        f"json://[::1/{SECRET}",
        f"http://{SECRET}",
        "json://",
    ],
)
def test_a_url_that_cannot_be_used_is_told_without_it_and_before_anything_is_read(
    url: str,
    tmp_path: Path,
    orgsync: Orgsync,
    sandbox: MakeSandbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    live = sandbox(workspaces=[LAB, {"name": "rogue"}])
    files(tmp_path, FILES)
    monkeypatch.setenv(URLS, url)
    with caplog.at_level(logging.DEBUG):
        ended = night(20, orgsync)
    assert ended.code == EXIT_INPUT
    assert "notification URL 1 (" in ended.err
    assert SECRET not in caplog.text
    assert live.received() == []


def test_without_apprise_the_command_to_install_it_is_told(
    tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox(workspaces=[LAB, {"name": "rogue"}])
    files(tmp_path, FILES)
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert night(20, orgsync).code == EXIT_DIFFERENCE
    ended = night(20, orgsync, "--notify", f"json://{SECRET}")
    assert ended.code == EXIT_INPUT
    assert re.search(r"pip install .*'apprise", ended.err)


def test_apprise_is_imported_only_where_somebody_is_to_be_told(
    tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox(workspaces=[LAB])
    files(tmp_path, FILES)
    for name in [name for name in sys.modules if name.partition(".")[0] == "apprise"]:
        monkeypatch.delitem(sys.modules, name)
    assert night(20, orgsync).code == EXIT_OK
    assert "apprise" not in sys.modules
