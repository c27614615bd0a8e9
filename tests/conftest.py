"""What every test can rely on: golden files, and no way out of this machine."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


settings.register_profile("orgsync", deadline=None)  # how long a test takes says nothing on a busy machine
settings.load_profile("orgsync")

FIGURES = ("torture: ", "properties: ")
"""How the name of a recorded property begins that is a figure for the end of the tests; `(max)` is not added up."""


class Golden(Protocol):
    """Compares a text with the file that holds what a user is meant to see."""

    def __call__(self, path: Path, text: str) -> None: ...


def pytest_configure() -> None:
    """Programs under test hear signals as in a terminal, also where the tests run in the background."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="rewrite golden files; then read what changed in them")
    parser.addoption("--share", default="1/1", help="run every m-th test only, beginning with the n-th (n/m)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of a share every test is in exactly one, wherever it stands. Long stories are run by `make stories` alone."""
    if os.environ.get("ORGSYNC_STORIES") != "full":
        stories = [item for item in items if item.get_closest_marker("story")]
        config.hook.pytest_deselected(items=stories)
        items[:] = [item for item in items if item not in stories]
    number, of = map(int, config.getoption("--share").split("/"))
    config.hook.pytest_deselected(items=[item for place, item in enumerate(items) if place % of != number - 1])
    items[:] = items[number - 1 :: of]
    for item in items:
        item.user_properties.extend(("properties: examples", mark.args[0]) for mark in item.iter_markers("examples"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What the tests counted with `record_property("torture: real kills", 20)`, over all of them."""
    figures: dict[str, int] = {}
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name.startswith(FIGURES):
                known = figures.get(name, 0)
                figures[name] = max(known, value) if name.endswith("(max)") else known + value
    for name, value in figures.items():
        terminalreporter.write_line(f"{name}: {value:,}")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """`golden(path, text)` fails if the file holds another text; with --bless it rewrites the file instead."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--bless"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.exists(), f"{path} does not exist: run pytest --bless and read the new file"
        assert text == path.read_text(encoding="utf-8"), f"{path.name} differs: if that is meant, run pytest --bless"

    return compare


@pytest.fixture(autouse=True)
def _state_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks of organizations are kept in the user's state folder: not in that of whoever runs the tests."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / ".state"))


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the network fails there, whichever library it uses and even if it catches OSError."""

    def guarded(name: str, address: Callable[..., Any]) -> None:
        original = getattr(socket.socket, name)

        def method(self: socket.socket, *arguments: Any) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                _require_loopback(address(*arguments)[0])
            return original(self, *arguments)

        monkeypatch.setattr(socket.socket, name, method)

    guarded("connect", lambda *arguments: arguments[0])
    guarded("connect_ex", lambda *arguments: arguments[0])
    guarded("sendto", lambda *arguments: arguments[-1])
    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        _require_loopback(host)
        return resolve(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def _require_loopback(host: Any) -> None:
    text = host.decode() if isinstance(host, bytes) else host
    if text is None or text in {"", "localhost"}:
        return
    try:
        if ipaddress.ip_address(text).is_loopback:
            return
    except ValueError:
        pass  # a name: finding out where it leads would be network access already
    pytest.fail(f"a test tried to reach {text!r}; tests talk to this machine only", pytrace=True)
