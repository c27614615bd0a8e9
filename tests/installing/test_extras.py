"""Where an extra is missing, the command that installs it into this very environment is said, and nothing was done."""

from __future__ import annotations

import shlex
import sys
from importlib.machinery import ModuleSpec
from importlib.metadata import PackageNotFoundError, metadata
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from cli.support import EXAMPLE, LIVE, NOW

from orgsync.errors import EXIT_INPUT, UsageError
from orgsync.extras import LIBRARIES, require

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cli.conftest import Orgsync

PIP = shlex.quote(sys.executable) + " -m pip install "


def hint_of(extra: str) -> str:
    with pytest.raises(UsageError) as refused:
        require(extra, "this needs")
    return refused.value.hint or ""


def hide(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes Python say that there are no such modules, and that there is a pip, whatever made this environment."""
    for module in LIBRARIES[extra]:
        monkeypatch.setitem(sys.modules, module, None)
    pip = ModuleType("pip")
    pip.__spec__ = ModuleSpec("pip", None)
    monkeypatch.setitem(sys.modules, "pip", pip)


@pytest.mark.parametrize("extra", LIBRARIES)
def test_what_is_there_is_not_missed(extra: str) -> None:
    require(extra, "this needs")


def test_every_extra_for_users_is_known() -> None:
    for_developers = {"dev", "mutation"}
    assert set(LIBRARIES) == set(metadata("orgsync").get_all("Provides-Extra") or ()) - for_developers


@pytest.mark.parametrize("extra", LIBRARIES)
def test_pip_of_this_environment_installs_what_the_extra_needs(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(extra, monkeypatch)
    hint = hint_of(extra)
    assert hint.startswith(PIP)
    names = [word.partition(">")[0].partition("<")[0] for word in shlex.split(hint.removeprefix(PIP))]
    assert names == [name.lower() for name in LIBRARIES[extra].values()]


def test_pipx_keeps_its_environments_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide("sandbox", monkeypatch)
    home = tmp_path / "orgsync-2"
    home.mkdir()
    (home / "pipx_metadata.json").write_text("{}")
    monkeypatch.setattr(sys, "prefix", str(home))
    assert shlex.split(hint_of("sandbox"))[:3] == ["pipx", "inject", "orgsync-2"]


def test_an_environment_without_pip_is_filled_by_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    hide("sandbox", monkeypatch)
    monkeypatch.setitem(sys.modules, "pip", None)
    assert shlex.split(hint_of("sandbox"))[:5] == ["uv", "pip", "install", "--python", sys.executable]


def test_a_checkout_that_nobody_installed_has_no_metadata_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(name: str) -> list[str]:
        raise PackageNotFoundError(name)

    hide("sandbox", monkeypatch)
    monkeypatch.setattr("orgsync.extras.requires", nobody)
    assert hint_of("sandbox") == "install orgsync with its extra: pip install '.[sandbox]' in a checkout of it"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sandbox", "init", "new.db", "--seed", str(LIVE)], "`orgsync sandbox` requires"),
        (["sandbox", "serve", "new.db"], "`orgsync sandbox` requires"),
        (["sandbox", "accept", "new.db", "lee@acme.example"], "`orgsync sandbox` requires"),
        (["sandbox", "edit", "new.db", "GET", "/users"], "`orgsync sandbox` requires"),
        (["sandbox", "faults", "new.db", "off"], "`orgsync sandbox` requires"),
        (["sandbox", "log", "new.db"], "`orgsync sandbox` requires"),
        (["rehearse", "plan.json"], "`orgsync rehearse` requires"),
        (["plan", str(EXAMPLE), "--sandbox", "new.db", "--now", NOW], "--sandbox requires"),
        (["apply", str(EXAMPLE), "--sandbox", "new.db", "--now", NOW, "--yes"], "--sandbox requires"),
        (["export", "--sandbox", "new.db"], "--sandbox requires"),
        (["drift", str(EXAMPLE), "--sandbox", "new.db", "--now", NOW], "--sandbox requires"),
        (["snapshot", str(EXAMPLE), "--sandbox", "new.db", "--now", NOW, "--out", "live.json"], "--sandbox requires"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)
def test_without_the_sandbox_its_commands_say_how_to_get_it(
    words: Sequence[str], message: str, orgsync: Orgsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide("sandbox", monkeypatch)
    monkeypatch.chdir(tmp_path)
    ended = orgsync(*words)
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert f"Error: {message} Starlette and Uvicorn, which are not installed\nhint: {PIP}" in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["sandbox", "--help"], ["sandbox", "init", "--help"], ["rehearse", "--help"]])
def test_help_needs_no_extra(words: Sequence[str], orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch) -> None:
    hide("sandbox", monkeypatch)
    assert orgsync(*words).code == 0
