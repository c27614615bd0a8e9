"""Real processes: one is killed between an intent and its result, and two want the same journal."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.apply.journal.support import ROLE, SET_ROLE, journal, sent
from orgsync.core.apply.journal import Conclusion, CutOff, open_intents
from orgsync.errors import UsageError
from orgsync.files.state.journal import read
from orgsync.files.state.lock import exclusive

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parents[3]
PATIENCE = 30.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a journal is to be."""
    return tmp_path / "org.journal.jsonl"


@contextmanager
def child(what: str, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own that is ready. It is killed (SIGKILL) at the end, if it is still there."""
    command = [sys.executable, str(Path(__file__).with_name("child.py")), what, str(path)]
    path_of_modules = os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path_of_modules}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.kill()
            process.wait(PATIENCE)


class TestKills:
    def test_a_kill_between_intent_and_result_leaves_exactly_one_open_intent(self, path: Path) -> None:
        with child("intend", path):
            pass
        assert [intent.sequence for intent in open_intents(read(path))] == [2]
        with journal(path) as opened:
            assert [intent.sequence for intent in opened.unfinished] == [2]

    def test_a_kill_at_any_moment_leaves_a_journal_that_goes_on(self, path: Path) -> None:
        for round_, pause in enumerate((0.0, 0.003, 0.01, 0.02, 0.05), start=1):
            with child("busy", path):
                time.sleep(pause)
            with journal(path, f"after {round_}") as opened:
                assert len(opened.unfinished) <= round_  # nobody settles those of the rounds before
            cut = sum(isinstance(entry, CutOff) for entry in read(path))
            assert cut <= round_


def test_the_program_in_the_documentation_verifies_a_journal(path: Path) -> None:
    page = (TESTS.parent / "docs" / "journal.md").read_text(encoding="utf-8")
    [program] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    with journal(path) as opened:
        opened.conclude(opened.intend(sent(ROLE, SET_ROLE)), Conclusion.DONE)
    for text, code in ((path.read_text(), 0), (path.read_text().replace("ana@", "eve@"), 1)):
        path.write_text(text)
        ended = subprocess.run([sys.executable, "-c", program], cwd=path.parent, capture_output=True, timeout=PATIENCE)
        assert ended.returncode == code, ended.stderr


class TestExclusive:
    def test_the_second_is_refused_at_once_and_told_who_holds_it(self, path: Path) -> None:
        with child("hold", path) as holder:
            begun = time.monotonic()
            with pytest.raises(
                UsageError, match=rf"running with .*: process {holder.pid} \(child.py hold .*\), since 20"
            ) as refused:
                enter(path, wait=0)
            assert time.monotonic() - begun < 1
            assert refused.value.hint is not None

    def test_the_second_waits_and_goes_on_when_the_first_is_done(self, path: Path) -> None:
        with child("brief", path) as first:
            enter(path, wait=PATIENCE)
            assert first.wait(PATIENCE) == 0

    def test_it_waits_no_longer_than_asked(self, path: Path) -> None:
        with child("hold", path), pytest.raises(UsageError, match="another apply"):
            enter(path, wait=0.2)

    def test_a_killed_holder_blocks_nobody(self, path: Path) -> None:
        with child("hold", path):
            pass
        enter(path, wait=0)

    def test_the_lock_is_free_after_an_error_and_nobody_is_named_any_more(self, path: Path) -> None:
        with pytest.raises(ZeroDivisionError), exclusive(path, wait=0):
            raise ZeroDivisionError
        enter(path, wait=0)
        assert not path.with_name("org.journal.jsonl.holder").exists()

    def test_two_journals_do_not_wait_for_each_other(self, path: Path) -> None:
        with exclusive(path, wait=0), exclusive(path.with_name("other.journal.jsonl"), wait=0):
            pass

    @pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"pid": "\\u001b[31m", "since": "now"}', '{"pid": 1}'])
    def test_a_holder_that_cannot_be_read_is_not_named(self, path: Path, text: str) -> None:
        with exclusive(path, wait=0):
            path.with_name("org.journal.jsonl.holder").write_text(text)
            with pytest.raises(UsageError, match="an unknown process"):
                enter(path, wait=0)

    def test_a_file_system_without_locks_is_refused(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file that stands for a lock would outlive a killed process."""

        def unknown(_handle: int, _operation: int) -> None:
            raise OSError(errno.ENOSYS, "Function not implemented")

        monkeypatch.setattr(fcntl, "flock", unknown)
        with pytest.raises(UsageError, match="could not be locked: Function not implemented"):
            enter(path, wait=0)

    def test_links_in_the_place_of_its_files_are_not_followed(self, path: Path, tmp_path: Path) -> None:
        target = tmp_path / "target"
        target.write_text("precious")
        path.with_name("org.journal.jsonl.holder").symlink_to(target)
        enter(path, wait=0)
        assert target.read_text() == "precious"
        lock = path.with_name("org.journal.jsonl.lock")
        lock.unlink(missing_ok=True)
        lock.symlink_to(target)
        with pytest.raises(UsageError, match="could not be locked"):
            enter(path, wait=0)


def enter(path: Path, *, wait: float) -> None:
    """Holds the lock for a moment."""
    with exclusive(path, wait=wait):
        pass
