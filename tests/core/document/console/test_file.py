"""The file of attestations: what is added is read back, and what is not an attestation is never passed over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.document.console.support import attested
from orgsync.core.document.console import Attestation
from orgsync.core.words.inert import inert
from orgsync.errors import InputError, Unwritten, UsageError
from orgsync.files.state import attestations as file
from orgsync.files.yaml.load import load

if TYPE_CHECKING:
    from collections.abc import Callable

LINE = '{"at": "2026-11-22T10:00:00Z", "by": "ana@acme.com", "format_version": 2, "key": "tax_id", "value": "DE123"}\n'
HINT = "\n    hint: each line is one attestation, as `orgsync attest` writes it"

texts = st.text(min_size=1, max_size=60).filter(lambda text: text.strip() and text != "…")
moments = st.datetimes(timezones=st.just(UTC))
attestations = st.builds(Attestation, key=texts, value=texts, by=texts, at=moments, note=texts | st.none())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "org.attestations.jsonl"


@pytest.mark.parametrize(
    ("organization", "beside"),
    [
        ("org.yaml", "org.attestations.jsonl"),
        ("acme/prod.eu.yml", "acme/prod.eu.attestations.jsonl"),
        ("acme", "acme/attestations.jsonl"),
        ("./org", "org.attestations.jsonl"),
    ],
)
def test_the_file_is_beside_a_file_and_inside_a_folder(
    organization: str, beside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("acme").mkdir()
    assert file.attestations_path(Path(organization)) == Path(beside)


def test_the_loader_of_a_folder_leaves_it_alone(tmp_path: Path) -> None:
    (tmp_path / "org.yaml").write_text("version: 1\n", encoding="utf-8")
    file.append(file.attestations_path(tmp_path), attested("DE123"))
    assert load(tmp_path).files == (str(tmp_path / "org.yaml"),)


def test_no_file_is_no_attestation(path: Path) -> None:
    assert file.read(path) == ()
    path.touch()
    assert file.read(path) == ()


def test_an_attestation_is_one_line_that_a_person_can_review(path: Path) -> None:
    file.append(path, attested("DE123"))
    file.append(path, attested("Bücher & Söhne\n::error::\x1b[2J\u202e\U000e0101"))
    first, second = path.read_text(encoding="utf-8").splitlines(keepends=True)
    assert first == LINE
    assert '"value": "Bücher & Söhne\\n:\\u003aerror:\\u003a\\u001b[2J\\u202e\\udb40\\udd01"' in second
    assert inert(second[:-1]) == second[:-1]


@given(st.lists(attestations, max_size=3))
def test_what_is_added_is_read_back_in_order(added: list[Attestation]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "org.attestations.jsonl"
        for attestation in added:
            file.append(path, attestation)
        assert file.read(path) == tuple(added)
        assert path.exists() is bool(added)


def test_what_is_there_is_never_changed(path: Path) -> None:
    path.write_text(LINE.replace(" ", ""), encoding="utf-8")
    file.append(path, attested("DE124"))
    assert path.read_text(encoding="utf-8").startswith(LINE.replace(" ", ""))


def test_two_programs_may_add_at_once(path: Path) -> None:
    program = (
        "import sys; sys.path[:0] = sys.argv[3:]\n"
        "from pathlib import Path\n"
        "from core.document.console.support import attested\n"
        "from orgsync.files.state.attestations import append\n"
        "for number in range(200): append(Path(sys.argv[1]), attested(f'{number} ' + 'x' * 900, by=sys.argv[2]))"
    )
    names = ("ana", "raj")
    arguments = [sys.executable, "-c", program, str(path)]
    running = [subprocess.Popen([*arguments, name, *sys.path]) for name in names]
    assert [one.wait(timeout=60) for one in running] == [0, 0]
    found = file.read(path)
    for name in names:
        assert [one.value.split()[0] for one in found if one.by == name] == [str(number) for number in range(200)]


def test_lines_ended_as_on_windows_are_read(path: Path) -> None:
    path.write_bytes(LINE.encode().replace(b"\n", b"\r\n"))
    assert [one.value for one in file.read(path)] == ["DE123"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "1:1: the line is empty\n    hint: delete it"),
        ("{", f"1:2: the line is not JSON: Expecting property name enclosed in double quotes{HINT}"),
        ("[]", f"1:1: the line is not a JSON object{HINT}"),
        ('"text"', f"1:1: the line is not a JSON object{HINT}"),
        (LINE[:-1] + LINE[:-1], f"1:{len(LINE)}: the line is not JSON: Extra data{HINT}"),
        ("\ufeff" + LINE[:-1], "1:1: the line is not JSON: Unexpected UTF-8 BOM"),
        (LINE[:-2] + ', "why": 1}', '1:1: unknown key "why"'),
        (LINE[:-2] + ', "notes": "a"}', '1:1: unknown key "notes"\n    hint: did you mean "note"?'),
        (LINE[:-2] + ', "key": "sso"}', '1:1: the line cannot be read: the key "key" is written twice'),
        ('{"key": "sso"}', '1:1: "value" is missing'),
        (LINE[:-1].replace('"DE123"', "5"), "1:1: value: expected text, found the number 5"),
        (LINE[:-1].replace('"DE123"', '" "'), "1:1: value: must not be blank"),
        (LINE[:-1].replace('"DE123"', '"\\ud800"'), "1:1: value: "),
        pytest.param(LINE[:-1].replace("DE123", "x" * 2001), "1:1: value: has at most 2000 characters", id="long"),
        (LINE[:-1].replace("ana@acme.com", "…"), '1:1: by: "…" is a placeholder'),
        (LINE[:-1].replace("10:00:00Z", "10:00:00+01:00"), "1:1: at: expected a timestamp in UTC, found the text"),
        (LINE[:-1].replace("T10:00:00Z", ""), "1:1: at: expected a timestamp in UTC"),
        (LINE[:-1].replace('"2026-11-22T10:00:00Z"', "1795341600"), "1:1: at: expected a timestamp in UTC"),
        (LINE[:-1].replace("11-22", "02-30"), '1:1: at: "2026-02-30T10:00:00Z" is not a valid timestamp'),
        pytest.param(f'{{"at": {"9" * 5000}}}', "1:1: the line cannot be read: Exceeds the limit", id="5000 digits"),
        pytest.param("[" * 100_000, "1:1: the line is nested too deeply", id="100000 brackets"),
        ("<<<<<<< HEAD", "1:1: the line is a git conflict marker\n    hint: keep"),
    ],
)
def test_a_line_that_is_no_attestation_is_an_error_with_its_place(path: Path, line: str, told: str) -> None:
    path.write_text(f"{line}\n{LINE}", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        file.read(path)
    assert f"{path}:{told}" in str(refused.value)


def test_every_bad_line_is_named_up_to_a_limit(path: Path) -> None:
    path.write_text(f"a\n{LINE}b\n\n" + "c\n" * 100, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        file.read(path)
    assert [problem.source.line for problem in refused.value.problems if problem.source][:3] == [1, 3, 4]
    assert len(refused.value.problems) == file.MOST_PROBLEMS


@pytest.mark.parametrize("length", [1, 40, len(LINE) - 1])
def test_a_line_cut_off_by_a_crash_is_an_error_with_a_hint(path: Path, length: int) -> None:
    path.write_text(LINE + LINE[:length], encoding="utf-8")
    with pytest.raises(InputError) as refused:
        file.read(path)
    assert str(refused.value) == (
        f"{path}:2:1: the last line is incomplete: writing was interrupted, or its line break was deleted\n"
        "    hint: complete the line, or delete it and attest again"
    )


def test_bytes_that_are_not_utf_8_are_refused(path: Path) -> None:
    path.write_bytes(LINE.encode() + b"\xff\n")
    with pytest.raises(InputError, match="2:1: the line is not UTF-8: byte 0xff"):
        file.read(path)


def test_links_pipes_and_folders_are_refused(path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text(LINE, encoding="utf-8")
    refusals: list[tuple[Callable[[], None], str]] = [
        (lambda: path.symlink_to(elsewhere), "is a link"),
        (lambda: path.symlink_to(tmp_path / "nothing"), "is a link"),
        (lambda: os.mkfifo(path), "is not a regular file"),
        (path.mkdir, "is not a regular file"),
    ]
    for make, told in refusals:
        make()
        with pytest.raises(UsageError, match=told):
            file.read(path)
        with pytest.raises(UsageError, match=told):
            file.append(path, attested("DE123"))
        path.rmdir() if path.is_dir() else path.unlink()
    assert elsewhere.read_text(encoding="utf-8") == LINE


def test_a_device_is_refused() -> None:
    with pytest.raises(UsageError, match="is not a regular file"):
        file.append(Path("/dev/null"), attested("DE123"))


def test_a_file_that_grew_too_large_is_neither_read_nor_added_to(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "LIMIT", 2 * len(LINE) - 1)
    file.append(path, attested("DE123"))
    with pytest.raises(UsageError, match="is larger than"):
        file.append(path, attested("DE123"))
    assert len(file.read(path)) == 1
    path.write_text(LINE * 2, encoding="utf-8")
    with pytest.raises(UsageError, match="is larger than"):
        file.read(path)


def test_a_disk_that_is_full_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", lambda _handle, _line: 10)
    with pytest.raises(Unwritten, match="the attestation was written only in part") as refused:
        file.append(path, attested("DE123"))
    assert refused.value.hint == "free space; complete the line, or delete it and attest again"


def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unwritten, match="could not be written: No such file or directory"):
        file.append(tmp_path / "nowhere" / "org.attestations.jsonl", attested("DE123"))


def test_dates_are_written_as_the_api_writes_them(path: Path) -> None:
    file.append(path, attested("a", datetime.fromisoformat("2026-11-22T12:00:00.5+02:00")))
    assert json.loads(path.read_bytes())["at"] == "2026-11-22T10:00:00.500000Z"
