"""A plan or an undo of another version is never applied: what it means, only that version knows."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from old_files.support import AT, OLD, RELEASES, repository, rewritten
from orgsync import __version__
from orgsync.core.plan.schema import sealed
from orgsync.errors import EXIT_INPUT, EXIT_OK, EXIT_STALE
from orgsync.files.state import plan_file

if TYPE_CHECKING:
    from cli.conftest import Orgsync
    from cli.support import Ended, Sandbox

APPLY = ("apply", "org", *AT, "--yes")
MAKE = ("plan", "org", *AT, "--out", "plan.json")


@pytest.fixture
def acme(tmp_path: Path) -> Sandbox:
    return repository("0.1", tmp_path)


def refused(ended: Ended, name: str, version: str) -> None:
    """It ended as stale, with the one sentence."""
    sentence = f"{name}: made by orgsync {version}, whose plans this version does not apply: plan again\n"
    assert (ended.code, ended.err.splitlines()[0]) == (EXIT_STALE, f"Error: {sentence}".strip())


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", ["plan.json", "undo.json"])
def test_an_old_plan_is_refused_with_one_sentence(name: str, release: str, tmp_path: Path, orgsync: Orgsync) -> None:
    acme = repository(release, tmp_path)
    shutil.copy(OLD / release / name, tmp_path / name)
    for command in (("apply", name, *AT, "--yes"), ("rehearse", name, *AT), ("show", name)):
        refused(orgsync(*command), name, release)
    refused(orgsync(*APPLY, "--ceiling", name), name, release)
    assert acme.received() == []


@pytest.mark.parametrize("output", ["json", "markdown", "github", "sarif", "junit"])
def test_an_old_plan_is_refused_in_every_format(output: str, tmp_path: Path, orgsync: Orgsync) -> None:
    shutil.copy(OLD / "0.1" / "plan.json", tmp_path)
    ended = orgsync("show", "plan.json", "--format", output)
    assert ended.code == EXIT_STALE
    assert "plan.json: made by orgsync 0.1, whose plans this version does not apply: plan again" in ended.err


def made_by(version: str) -> None:
    """The plan is one that this version of orgsync made."""
    path = Path("plan.json")
    plan_file.write(path, sealed(replace(plan_file.read(path), orgsync=version)))


@pytest.mark.parametrize("version", ["0.1.9", "0.3.0", "0.20.0", "1.2.0"])
def test_a_plan_of_another_minor_version_is_neither_applied_nor_a_ceiling(
    version: str, acme: Sandbox, orgsync: Orgsync
) -> None:
    assert orgsync(*MAKE).code == EXIT_OK
    made_by(version)
    read = acme.received()
    refused(orgsync("apply", "plan.json", *AT, "--yes"), "plan.json", version)
    refused(orgsync(*APPLY, "--ceiling", "plan.json"), "plan.json", version)
    refused(orgsync("rehearse", "plan.json", *AT), "plan.json", version)
    assert acme.received() == read


def test_a_plan_of_another_patch_is_applied(acme: Sandbox, orgsync: Orgsync) -> None:
    assert orgsync(*MAKE).code == EXIT_OK
    major, minor, *_patch = __version__.split(".")
    made_by(f"{major}.{minor}.99")
    assert orgsync("apply", "plan.json", *AT, "--yes").code == EXIT_OK
    assert len(acme.writes()) == 9


@pytest.mark.usefixtures("acme")
def test_a_plan_of_another_minor_version_is_shown_and_says_so(orgsync: Orgsync) -> None:
    orgsync(*MAKE)
    made_by("0.3.0")
    ended = orgsync("show", "plan.json")
    assert ended.code == EXIT_OK
    assert "made by orgsync 0.3.0" in ended.err
    assert "member:new@acme.example will be invited" in ended.out


@pytest.mark.usefixtures("acme")
def test_a_plan_and_its_undo_name_the_version_that_made_them(orgsync: Orgsync) -> None:
    orgsync(*MAKE)
    assert orgsync("apply", "plan.json", *AT, "--yes", "--undo", "undo.json").code == EXIT_OK
    for name in ("plan.json", "undo.json"):
        assert json.loads(Path(name).read_text(encoding="utf-8"))["orgsync"] == __version__


@pytest.mark.usefixtures("acme")
def test_a_plan_in_a_newer_format_is_refused_and_says_who_made_it(orgsync: Orgsync) -> None:
    orgsync(*MAKE)
    rewritten(Path("plan.json"), format_version=99, orgsync="9.1.0", wholly="new")
    for command in (("apply", "plan.json", *AT, "--yes"), ("show", "plan.json"), (*APPLY, "--ceiling", "plan.json")):
        ended = orgsync(*command)
        assert ended.code == EXIT_INPUT
        assert "plan.json: has format_version 99 (made by orgsync 9.1.0); known: 2" in ended.err
