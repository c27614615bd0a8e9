"""Who wrote a file, and each of its lines, as far as git knows it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from orgsync.files.yaml.authors import commits_of, lines_written

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2026-11-22T10:00:00Z"


def commit(folder: Path, author: str, subject: str) -> None:
    who = ["-c", f"user.name={author}", "-c", "user.email=a@acme.example", "-c", "commit.gpgsign=false"]
    env = {"GIT_AUTHOR_DATE": NOW, "GIT_COMMITTER_DATE": NOW, "PATH": "/usr/bin:/bin", "HOME": str(folder)}
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    subprocess.run(["git", *who, "commit", "-q", "-m", subject], cwd=folder, check=True, env=env)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of two commits, by two people."""
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    path = tmp_path / "org.yaml"
    path.write_text("one\ntwo\n", encoding="utf-8")
    commit(tmp_path, "Ana Ruiz", "Begin")
    path.write_text("one\nother\n", encoding="utf-8")
    commit(tmp_path, "Jörg\x1fMüller", "Change\u202e the second line")
    return path


def test_every_line_has_its_commit(file: Path) -> None:
    lines = lines_written(file)
    assert [(number, one.author, one.at) for number, one in lines.items()] == [
        (1, "Ana Ruiz", NOW),
        (2, "Jörg\x1fMüller", NOW),
    ]
    assert [one.id for one in commits_of(file)] == [lines[2].id, lines[1].id]
    assert commits_of(file)[1][1:] == ("Ana Ruiz", "a@acme.example", NOW, "Begin")


def test_of_a_file_that_is_not_as_committed_no_line_is_known(file: Path) -> None:
    file.write_text("new\none\nother\n", encoding="utf-8")
    assert lines_written(file) == {}
    assert len(commits_of(file)) == 2


def test_without_a_repository_nobody_is_known(tmp_path: Path) -> None:
    path = tmp_path / "org.yaml"
    path.write_text("one\n", encoding="utf-8")
    assert lines_written(path) == {}
    assert commits_of(path) == ()


def test_no_program_of_the_repository_is_run(file: Path) -> None:
    mark = file.parent / "ran"
    for key, value in {
        "core.fsmonitor": f"touch {mark}",
        "diff.yaml.textconv": f"touch {mark}; cat",
        "log.showSignature": "true",
        "gpg.program": f"touch {mark}",
        "blame.ignoreRevsFile": "missing",
    }.items():
        subprocess.run(["git", "config", key, value], cwd=file.parent, check=True)
    (file.parent / ".gitattributes").write_text("*.yaml diff=yaml\n", encoding="utf-8")
    assert len(lines_written(file)) == 2
    assert len(commits_of(file)) == 2
    assert len(lines_written(file, 1)) == 1
    assert not mark.exists()


def test_one_line_is_told_as_among_all(file: Path) -> None:
    assert {number: lines_written(file, number).get(number) for number in (1, 2)} == lines_written(file)
    assert lines_written(file, 7) == {}


def test_a_shallow_clone_names_nobody_for_what_came_before_it(file: Path, tmp_path: Path) -> None:
    """Git would name the author of the oldest commit that the clone has, who wrote none of it."""
    file.write_text("one\nother\nthree\n", encoding="utf-8")
    commit(file.parent, "Lea Lind", "Add a line")
    for depth, known in ((1, {}), (2, {3: "Lea Lind"}), (4, {1: "Ana Ruiz", 2: "Jörg\x1fMüller", 3: "Lea Lind"})):
        clone = tmp_path / f"clone{depth}"
        words = ["git", "clone", "-q", f"--depth={depth}", f"file://{file.parent}", str(clone)]
        subprocess.run(words, check=True, capture_output=True)
        assert {number: one.author for number, one in lines_written(clone / file.name).items()} == known
        assert len(commits_of(clone / file.name)) == len(known)
