"""Every format of every release has a file here, and every file here is one that some test reads."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from old_files.support import OLD, RELEASES
from orgsync import __version__
from orgsync.core.snapshot.fields import HELD
from orgsync.core.words.versions import minor_of

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "orgsync"

SAMPLES = {
    "core/plan/schema.py": ("plan.json", "undo.json"),
    "core/drift/report.py": ("drift.json",),
    "core/snapshot/snapshot.py": ("snapshot.json", "hashed.snapshot.json", "signed.snapshot.json"),
    "core/apply/events_schema.py": (),  # printed, and never read
    "core/apply/failure.py": (),  # printed, and never read
    "core/answers/schema.py": (),  # likewise
    "core/apply/journal.py": ("finished.journal.jsonl", "open.journal.jsonl"),
    "files/state/attestations.py": ("attestations.jsonl",),
    "questions/review/closing.py": (),  # no release has written one yet
    "questions/review/file.py": (),  # no release has written one yet
}
"""The files of each format, under the module that says which number it has now."""

OTHER = ("seed.json", "public.pem")
"""What the files of a release belong to."""


def formats() -> dict[str, int]:
    """The number of every format, by the module that states it."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == "FORMAT_VERSION" for target in node.targets
            ):
                found[path.relative_to(PACKAGE).as_posix()] = ast.literal_eval(node.value)
    return found


def released() -> list[str]:
    """The minor versions that the changelog says were released."""
    headings = re.findall(r"^## (\d+\.\d+)\.\d+$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    return sorted(set(headings))


def written(path: Path) -> list[dict[str, Any]]:
    """The JSON of a file, or of each of its lines."""
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else [json.loads(text)]


def test_every_format_that_the_code_knows_is_in_the_table() -> None:
    assert set(formats()) == set(SAMPLES)


def test_every_released_minor_version_has_its_folder() -> None:
    assert released() == RELEASES
    assert RELEASES[0] == "0.1"
    assert minor_of(__version__) is not None


def test_every_released_minor_version_has_said_what_its_snapshots_hold() -> None:
    assert sorted(HELD) == RELEASES


@pytest.mark.parametrize("release", RELEASES)
def test_every_release_has_a_file_of_every_format_and_no_other(release: str) -> None:
    names = {name for files in SAMPLES.values() for name in files}
    here = {path.name for path in (OLD / release).iterdir() if path.is_file()}
    assert here == names | set(OTHER)
    repository = {path.name for path in (OLD / release / "repository").rglob("*") if path.is_file()}
    assert repository >= {"drift.json", "plan.json", "attestations.jsonl", "orgsync.journal.jsonl"}


@pytest.mark.parametrize("release", RELEASES)
def test_no_format_is_newer_than_the_code_that_wrote_it_and_this_one_reads_it(release: str) -> None:
    for module, number in formats().items():
        for name in SAMPLES[module]:
            stated = {line.get("format_version", 1) for line in written(OLD / release / name)}
            assert len(stated) == 1, name
            assert 1 <= max(stated) <= number, name


@pytest.mark.parametrize("release", RELEASES)
def test_the_samples_hold_no_secret(release: str) -> None:
    for path in (OLD / release).rglob("*"):
        if path.is_file():
            assert not re.search(rb"sk-ant-|PRIVATE KEY", path.read_bytes()), path
