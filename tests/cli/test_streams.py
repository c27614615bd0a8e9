"""Streams that are closed, full, or cannot hold a letter: no traceback, and an exit code that says what it means.

stdout carries what was asked for: losing it is exit code 8 where there would be nothing else to tell (0 and 2). stderr
carries messages: losing it changes nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from acme import HEAD

from cli.support import CEO, NOW, PATIENCE, PROGRAM, Ended, Sandbox, environment, files
from orgsync.cli import exit_code, streams
from orgsync.errors import EXIT_DIFFERENCE, EXIT_INPUT, EXIT_OK, EXIT_PARTLY, EXIT_REFUSED, EXIT_UNWRITTEN, EXIT_WAITING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.conftest import MakeSandbox, Orgsync

HERE = ("--sandbox", "acme.db", "--now", NOW)
ROCKET = "\N{ROCKET}"
FILE = f"members: {{ceo@acme.example: admin, new@acme.example: user}}\nworkspaces: {{{ROCKET}: {{tags: {{a: b}}}}}}\n"
APPLY = ("apply", "org.yaml", *HERE, "--yes", "--journal", "new.jsonl")

FOR_PERSONS = {
    "plan": (("plan", *HERE), EXIT_OK),
    "plan, with its exit code": (("plan", *HERE, "--detailed-exitcode"), EXIT_DIFFERENCE),
    "show": (("show", "plan.json"), EXIT_OK),
    "show, of receipts": (("show", "--receipts", "old.jsonl"), EXIT_OK),
    "drift": (("drift", *HERE), EXIT_DIFFERENCE),
    "attest": (("attest", "--list"), EXIT_OK),
    "help": (("--help",), EXIT_OK),
    "version": (("--version",), EXIT_OK),
}
FOR_PROGRAMS = {
    "plan, as JSON": (("plan", *HERE, "--format", "json"), EXIT_OK),
    "plan, for GitHub": (("plan", *HERE, "--format", "github"), EXIT_OK),
    "export": (("export", *HERE), EXIT_OK),
    "schema": (("schema",), EXIT_OK),
    "validate, for GitHub": (("validate", "--format", "github"), EXIT_OK),
    "sandbox log": (("sandbox", "log", "acme.db"), EXIT_OK),
    "sandbox edit": (("sandbox", "edit", "acme.db", "GET", "workspaces"), EXIT_OK),
}
SILENT = {
    "validate": (("validate", *HERE), EXIT_OK),
    "snapshot": (("snapshot", "org.yaml", *HERE, "--out", "snapshot.json"), EXIT_OK),
    "sandbox faults": (("sandbox", "faults", "acme.db", "off"), EXIT_OK),
    "wrong usage": (("plna",), EXIT_INPUT),
    "a wrong file": (("plan", "none.yaml", *HERE), EXIT_INPUT),
}
PRINTING = FOR_PERSONS | FOR_PROGRAMS
ALL = PRINTING | SILENT | {"apply, with nobody to ask": (("apply", *HERE, "--journal", "new.jsonl"), EXIT_INPUT)}

FULL, CLOSED = "No space left on device", "it is closed"
LOST = {FULL: Path("/dev/full"), CLOSED: Path(os.devnull)}


class Loss(NamedTuple):
    """From when `text` was written to one stream, `lost` is full."""

    stream: str
    text: bytes
    lost: str


class Streamed:
    """A command line in this process, with the streams of the program. `stdout` and `stderr` say how one is lost."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, encoding: str = "utf-8", loss: Loss | None = None, **lost: str) -> Ended:
        numbers: dict[str, int] = {}
        with ExitStack() as written:
            for name, errors in (("stdout", "replace"), ("stderr", "backslashreplace")):
                stream = self._written(name, lost.get(name), errors, encoding if name == "stdout" else "utf-8")
                numbers[name] = written.enter_context(stream)
            if loss is not None:
                written.enter_context(self._watched(loss, numbers[loss.lost]))
            code = exit_code(arguments)
            encoding = sys.stdout.encoding
        out, err = self._folder / "stdout", self._folder / "stderr"
        return Ended(code, out.read_text(encoding), err.read_text("utf-8"))

    @contextmanager
    def _written(self, name: str, lost: str | None, errors: str, encoding: str) -> Iterator[int]:
        kept = self._folder / name
        kept.write_bytes(b"")
        path = LOST[lost] if lost else kept
        with path.open("w", encoding=encoding) as file, self._monkeypatch.context() as patch:
            stream = streams.writer(file.fileno(), file, errors, is_closed=lost == CLOSED)
            patch.setattr(sys, name, stream)
            yield file.fileno()
            stream.flush()

    @contextmanager
    def _watched(self, loss: Loss, number: int) -> Iterator[None]:
        with LOST[FULL].open("wb") as full, self._monkeypatch.context() as patch:
            raw = getattr(sys, loss.stream).buffer.raw
            write = raw.write

            def watched(data: memoryview) -> int:
                size: int = write(data)
                if loss.text in bytes(data):
                    os.dup2(full.fileno(), number)
                return size

            patch.setattr(raw, "write", watched)
            yield


@pytest.fixture
def streamed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Streamed:
    """Runs command lines with streams as the program has them."""
    return Streamed(tmp_path_factory.mktemp("streamed"), monkeypatch)


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an organization, a name in which cp1252 lacks, and files, a saved plan and a journal beside it."""
    folder = tmp_path_factory.mktemp("streams")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        patch.chdir(folder)
        Sandbox(folder / "acme.db", users=[CEO], workspaces=[{"name": ROCKET}])
        files(folder, "members: {ceo@acme.example: admin, old@acme.example: user}\n")
        assert exit_code(["apply", *HERE, "--yes", "--quiet", "--journal", "old.jsonl"]) == EXIT_OK
        files(folder, FILE)
        assert exit_code(["plan", *HERE, "--quiet", "--out", "plan.json"]) == EXIT_OK
        refused = "manage: {members: authoritative}\nmembers: {ceo@acme.example: admin}\n"
        (folder / "refused.yaml").write_text(HEAD + refused, encoding="utf-8")
    return folder


@pytest.fixture
def _in_acme(acme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(acme)


@pytest.mark.usefixtures("_in_acme")
class TestEveryCommand:
    """What becomes of it without its streams."""

    @pytest.mark.parametrize("command", PRINTING)
    def test_a_lost_stdout_is_told_and_ends_with_8(self, command: str, streamed: Streamed) -> None:
        arguments, _ = PRINTING[command]
        ended = streamed(*arguments, stdout=FULL)
        last = ended.err.splitlines()[-1]
        assert (ended.code, last) == (EXIT_UNWRITTEN, f"Error: stdout could not be written: {FULL}")
        assert streamed(*arguments, stdout=CLOSED, stderr=CLOSED).code == EXIT_UNWRITTEN

    @pytest.mark.parametrize("extra", [(), ("--format", "json"), ("--format", "github")], ids=lambda one: one[-1:])
    def test_a_refusal_stays_one_when_stdout_is_lost(self, extra: tuple[str, ...], streamed: Streamed) -> None:
        ended = streamed("plan", "refused.yaml", *HERE, *extra, stdout=FULL)
        last = ended.err.splitlines()[-1]
        assert (ended.code, last) == (EXIT_REFUSED, f"Warning: stdout could not be written: {FULL}")

    def test_invalid_files_stay_invalid_when_stdout_is_lost(self, streamed: Streamed) -> None:
        assert streamed("validate", "none.yaml", "--format", "json", stdout=FULL).code == EXIT_INPUT

    @pytest.mark.parametrize("command", SILENT)
    def test_a_lost_stdout_is_nothing_to_a_command_that_prints_nothing(self, command: str, streamed: Streamed) -> None:
        arguments, code = SILENT[command]
        assert streamed(*arguments, stdout=CLOSED).code == code

    @pytest.mark.parametrize("command", ALL)
    def test_a_lost_stderr_and_an_unread_stdin_change_nothing(
        self, command: str, streamed: Streamed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        arguments, code = ALL[command]
        usual = streamed(*arguments)
        monkeypatch.setattr(sys, "stdin", streams.closed_reader())
        ended = streamed(*arguments, stderr=FULL)
        assert (ended.code, ended.out) == (code, usual.out)

    @pytest.mark.parametrize("command", PRINTING)
    def test_a_letter_that_stdout_cannot_hold_is_replaced_for_persons_only(
        self, command: str, streamed: Streamed
    ) -> None:
        """What a program reads is UTF-8, whatever the locale says: another letter would be another name."""
        arguments, code = PRINTING[command]
        usual, ended = streamed(*arguments), streamed(*arguments, encoding="cp1252")
        replaced = usual.out.encode("cp1252", "replace").decode("cp1252")
        assert ended.code == code
        assert ended.out == (usual.out if command in FOR_PROGRAMS else replaced)


def test_a_pipe_that_does_not_block_is_waited_for() -> None:
    """Some programs start others with such a stdout; that it is full at the moment is no loss."""
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    text = "x" * 200_000
    with os.fdopen(source, encoding="utf-8") as reader, ThreadPoolExecutor() as other:
        read = other.submit(reader.read)
        with os.fdopen(sink, "w") as file:
            stream = streams.writer(file.fileno(), file, "replace")
            stream.write(text)
            stream.flush()
        assert read.result() == text


def test_a_body_that_cannot_be_read_is_told(streamed: Streamed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", streams.closed_reader())
    ended = streamed("github", "comment", "-", "--pull-request", "1")
    assert (ended.code, ended.err) == (EXIT_INPUT, "Error: stdin could not be read: it is closed\n")


def test_a_body_without_end_is_refused(orgsync: Orgsync) -> None:
    ended = orgsync("github", "comment", "/dev/full", "--pull-request", "1")
    assert (ended.code, ended.err) == (EXIT_INPUT, "Error: /dev/full has more than 1,000,000 characters\n")


class TestApply:
    """It finishes without stdout: the journal has what was done, which decides the exit code."""

    @pytest.fixture
    def fresh(self, sandbox: MakeSandbox, tmp_path: Path) -> Sandbox:
        """An organization that lacks somebody."""
        files(tmp_path, "members: {ceo@acme.example: admin, new@acme.example: user}\n")
        return sandbox()

    @pytest.mark.parametrize(
        ("extra", "loss"),
        [
            ((), Loss("stderr", b"Applying", "stdout")),
            (("--format", "json"), Loss("stdout", b'"admitted"', "stdout")),
            ((), None),
            (("--format", "json"), None),
        ],
        ids=["text, later", "json, later", "text, from the start", "json, from the start"],
    )
    def test_it_finishes_and_says_where_its_receipts_are(
        self, extra: tuple[str, ...], loss: Loss | None, streamed: Streamed, fresh: Sandbox
    ) -> None:
        lost = {"stdout": FULL} if loss is None else {}
        ended = streamed(*APPLY, *extra, loss=loss, **lost)
        receipts = "the changes are not affected, and `orgsync show --receipts new.jsonl` lists them"
        last = ended.err.splitlines()[-1]
        assert (ended.code, last) == (EXIT_UNWRITTEN, f"Error: stdout could not be written: {FULL}; {receipts}")
        assert len(fresh.writes()) == 1
        assert "new@acme.example" in streamed("show", "--receipts", "new.jsonl").out

    @pytest.mark.parametrize(
        ("extra", "code"), [(("--wait-exitcode",), EXIT_WAITING), ((), EXIT_PARTLY)], ids=["waiting", "failed"]
    )
    def test_what_was_done_decides(self, extra: tuple[str, ...], code: int, streamed: Streamed, fresh: Sandbox) -> None:
        if code == EXIT_PARTLY:
            fresh.faults({"fault": "status_before", "method": "POST", "path": "/invites", "status": 400, "times": 9})
        ended = streamed(*APPLY, *extra, stdout=FULL)
        assert (ended.code, ended.err.count("Warning: stdout could not be written")) == (code, 1)

    def test_no_one_is_asked_about_a_plan_that_was_not_shown(self, streamed: Streamed, fresh: Sandbox) -> None:
        ended = streamed(*(word for word in APPLY if word != "--yes"), stdout=FULL)
        told = f"Error: stdout could not be written: {FULL}, so the plan was not shown; nothing was changed\n"
        assert (ended.code, ended.err.endswith(told)) == (EXIT_UNWRITTEN, True)
        assert not fresh.writes()

    @pytest.mark.parametrize("text", [b"", b"Applying"], ids=["all the time", "while it writes"])
    def test_a_lost_stderr_stops_nothing(self, text: bytes, streamed: Streamed, fresh: Sandbox) -> None:
        ended = streamed(*APPLY, loss=Loss("stderr", text, "stderr"))
        assert ended.code == EXIT_OK
        assert ended.out.endswith("\nApply complete: 1 invited.\n")
        assert len(fresh.writes()) == 1


def shell(command: str, **env: str) -> Ended:
    """The installed program, its streams as a shell redirects them."""
    ended = subprocess.run(
        ["bash", "-c", f'"$0" {command}', PROGRAM],
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.usefixtures("_in_acme")
class TestProgram:
    """The installed program, started without some of its streams."""

    @pytest.mark.parametrize(
        ("command", "code", "err"),
        [
            ("plan {} >/dev/full", EXIT_UNWRITTEN, f"Error: stdout could not be written: {FULL}\n"),
            pytest.param(
                "apply refused.yaml {} --yes --journal new.jsonl <&- >&- 2>&-",
                EXIT_REFUSED,
                "",
                marks=pytest.mark.story,
            ),
        ],
    )
    def test_what_is_opened_in_place_of_a_stream_is_not_written_to(self, command: str, code: int, err: str) -> None:
        assert shell(command.format(f"{' '.join(HERE)} --quiet")) == Ended(code, "", err)
        assert exit_code(["plan", *HERE]) == EXIT_OK  # the database is whole

    def test_a_server_without_stdout_ends(self) -> None:
        ended = shell("sandbox serve acme.db >&-")
        assert ended == Ended(EXIT_UNWRITTEN, "", f"Error: stdout could not be written: {CLOSED}\n")

    def test_a_letter_that_the_locale_lacks(self) -> None:
        ended = shell(f"plan {' '.join(HERE)} --quiet", PYTHONIOENCODING="cp1252")
        assert (ended.code, ended.err) == (EXIT_OK, "")
        assert "workspace:? will be updated" in ended.out
