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
from orgsync.errors import EXIT_DIFFERENCE, EXIT_OK
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


UNREADABLE: dict[str, tuple[dict[str, Any], str]] = {
    "edited": ({"entries": []}, "was edited: its digest does not match"),
    "a key of the new format": ({"orgsync": "0.2.0"}, "has unknown keys: orgsync"),
    "a newer format": (
        {"format_version": FORMAT_VERSION + 1, "orgsync": "9.0.0", "wholly": "new"},
        f"has format_version {FORMAT_VERSION + 1} (made by orgsync 9.0.0); known: 1 ",
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
@pytest.mark.usefixtures("acme")
def test_what_orgsync_did_not_write_so_is_not_compared_with(case: str, orgsync: Orgsync) -> None:
    edit, why = UNREADABLE[case]
    rewritten(Path("drift.json"), **edit)
    ended = orgsync(*DRIFT)
    assert ended.code == EXIT_DIFFERENCE
    assert "Warning: the previous report cannot be read, so every difference is new: drift.json: " in ended.err
    assert why in ended.err
    now = report(Path("now.json"))
    assert now["previous"] is None
    assert now["summary"]["new"] == now["summary"]["open"]


@pytest.mark.parametrize("release", RELEASES)
def test_every_old_report_is_read(release: str) -> None:
    path = OLD / release / "drift.json"
    read = drift_file.read(path)
    assert read is not None
    assert read.orgsync.startswith(release)
    assert len(read.entries) == read.summary.open == 10
    assert len(read.accepted) == read.summary.accepted == 2
