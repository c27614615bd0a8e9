"""A few files kept together: the same bytes every time, and nothing but files when read."""

from __future__ import annotations

import stat
import zipfile
from typing import TYPE_CHECKING

import pytest

from orgsync.errors import InputError, UsageError
from orgsync.files.state import bundle

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"b.yaml": b"b: 1\n", "a.json": b"{}\n"}


@pytest.mark.parametrize("name", ["kept.zip", "kept"])
def test_what_is_written_is_read(name: str, tmp_path: Path) -> None:
    bundle.write(tmp_path / name, FILES, "evidence")
    assert bundle.read(tmp_path / name) == FILES
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) in {0o600, 0o700}


def test_an_archive_does_not_depend_on_the_hour_or_the_order(tmp_path: Path) -> None:
    bundle.write(tmp_path / "one.zip", FILES, "evidence")
    bundle.write(tmp_path / "two.zip", dict(reversed(FILES.items())), "evidence")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


@pytest.mark.parametrize("name", ["../a", "a/b", "a\\b", "a/"])
def test_nothing_of_an_archive_stands_in_a_folder(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "kept.zip", "w") as archive:
        archive.writestr(name, b"")
    with pytest.raises(InputError, match="has a folder in it"):
        bundle.read(tmp_path / "kept.zip")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "kept.zip", "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("a", b"2")
    with pytest.raises(InputError, match="two files named a"):
        bundle.read(tmp_path / "kept.zip")


def test_an_archive_that_grows_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "LIMIT", 10_000)
    with zipfile.ZipFile(tmp_path / "kept.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * 1_000_000)
    with pytest.raises(InputError, match="is larger than"):
        bundle.read(tmp_path / "kept.zip")


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "a").symlink_to("/etc/hostname")
    with pytest.raises(UsageError, match="is a link"):
        bundle.read(tmp_path / "kept")
