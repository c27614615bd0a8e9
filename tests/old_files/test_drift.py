"""A drift report of the version before says what was open: nothing of it is called new by this one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from old_files.support import AT, OLD, RELEASES, repository, rewritten
from orgsync import __version__
from orgsync.core.drift.report import FORMAT_VERSION
from orgsync.errors import EXIT_DIFFERENCE, EXIT_INPUT, EXIT_OK
from orgsync.files.state import drift_file

if TYPE_CHECKING:
    from cli.conftest import Orgsync
    from cli.support import Sandbox

DRIFT = ("drift", "org", *AT, "--previous", "drift.json", "--out", "now.json")


def entries(data: dict[str, Any], group: str) -> list[tuple[str, str, str]]:
    """What is told in one group of a report."""
    return [(entry["id"], entry["code"], entry["address"]) for entry in data[group]]


def report(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


@pytest.mark.parametrize("release", RELEASES)
def test_what_an_old_report_knows_is_not_new(release: str, tmp_path: Path, orgsync: Orgsync) -> None:
    repository(release, tmp_path)
    assert orgsync(*DRIFT, "--fail-on", "new").code == EXIT_OK
    assert orgsync(*DRIFT).code == EXIT_DIFFERENCE
    before, now = report(Path("drift.json")), report(Path("now.json"))
    for group in ("entries", "accepted"):
        assert entries(now, group) == entries(before, group) != []
        assert [one["since"] for one in now[group]] == [one["since"] for one in before[group]]
    assert [one for one in now["entries"] if one["new"]] == now["gone"] == []
    assert now["previous"] == before["checked_at"]


@pytest.mark.parametrize("release", RELEASES)
def test_what_was_put_right_since_an_old_report_is_gone(release: str, tmp_path: Path, orgsync: Orgsync) -> None:
    acme = repository(release, tmp_path)
    acme.console("POST", f"users/{acme.id_of('users', 'email', 'ana@acme.example')}", {"role": "developer"})
    acme.console("POST", "users", {"email": "eve@acme.example", "role": "user", "name": "Eve"})
    assert orgsync(*DRIFT, "--fail-on", "new").code == EXIT_DIFFERENCE
    now = report(Path("now.json"))
    assert [(one["code"], one["address"]) for one in now["gone"]] == [("differs", "member:ana@acme.example")]
    assert [one["address"] for one in now["entries"] if one["new"]] == ["member:eve@acme.example"]


@pytest.fixture
def acme(tmp_path: Path) -> Sandbox:
    return repository("0.1", tmp_path)


@pytest.mark.usefixtures("acme")
def test_a_report_names_the_version_that_made_it_and_is_the_next_one_s_previous(orgsync: Orgsync) -> None:
    orgsync(*DRIFT)
    assert (report(Path("now.json"))["orgsync"], report(Path("now.json"))["format_version"]) == (__version__, 2)
    shutil.copy("now.json", "drift.json")
    assert orgsync(*DRIFT, "--fail-on", "new").code == EXIT_OK


@pytest.mark.usefixtures("acme")
def test_an_old_report_that_was_edited_is_refused(orgsync: Orgsync) -> None:
    entries = report(Path("drift.json"))["entries"]
    rewritten(Path("drift.json"), entries=entries[1:])
    ended = orgsync(*DRIFT)
    assert ended.code == EXIT_INPUT
    assert "was edited: its digest does not match" in ended.err


@pytest.mark.usefixtures("acme")
def test_an_old_report_with_a_key_of_the_new_format_is_none_that_orgsync_wrote(orgsync: Orgsync) -> None:
    rewritten(Path("drift.json"), orgsync="0.2.0")
    ended = orgsync(*DRIFT)
    assert ended.code == EXIT_INPUT
    assert "has unknown keys: orgsync" in ended.err


@pytest.mark.usefixtures("acme")
def test_a_report_of_a_newer_format_is_refused_before_anything_is_asked(acme: Sandbox, orgsync: Orgsync) -> None:
    rewritten(Path("drift.json"), format_version=FORMAT_VERSION + 1, orgsync="9.0.0", wholly="new")
    ended = orgsync(*DRIFT)
    assert ended.code == EXIT_INPUT
    assert f"has format_version {FORMAT_VERSION + 1} (made by orgsync 9.0.0); known: 1 " in ended.err
    assert acme.received() == []


@pytest.mark.parametrize("release", RELEASES)
def test_every_old_report_is_read(release: str) -> None:
    path = OLD / release / "drift.json"
    read = drift_file.read(path)
    assert read is not None
    assert read.orgsync.startswith(release)
    assert len(read.entries) == read.summary.open == 10
    assert len(read.accepted) == read.summary.accepted == 2
