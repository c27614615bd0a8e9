"""The journal file: on the disk before `intend` returns, continued by the next run, and nobody else's."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.apply.journal.support import MAKE_TEAM, PLAN, ROLE, SET_ROLE, TEAM, journal, sent
from orgsync.core.apply.journal import Conclusion, CutOff, Intent, Result, open_intents
from orgsync.errors import InputError, UsageError
from orgsync.files.state import journal as files
from orgsync.files.state.journal import FileJournal, journal_path, read
from orgsync.files.yaml.load import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.apply.journal import Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a journal is to be."""
    return tmp_path / "org.journal.jsonl"


def one_open(path: Path) -> None:
    """A run that ended between an intent and its result."""
    with journal(path) as opened:
        opened.conclude(opened.intend(sent(ROLE, SET_ROLE)), Conclusion.DONE)
        opened.intend(sent(TEAM, MAKE_TEAM))


class TestRecording:
    def test_it_is_what_the_engine_asks_for(self, path: Path) -> None:
        with journal(path) as opened:
            recording: Journal = opened
            assert recording.intend(sent(ROLE, SET_ROLE)) == 1

    def test_an_intent_and_its_result_are_read_as_they_happened(self, path: Path) -> None:
        with journal(path) as opened:
            number = opened.intend(sent(TEAM, MAKE_TEAM))
            opened.conclude(number, Conclusion.DONE, request_id="req_1", made="wrkspc_01New")
        begun, ended = read(path)
        assert begun == Intent(
            sequence=1,
            at="2026-11-22T10:00:01Z",
            run="r1",
            plan=PLAN.digests.changes,
            organization=PLAN.organization.id,
            address=TEAM.address,
            action=TEAM.action,
            method="POST",
            path="/v1/organizations/workspaces",
            fields=TEAM.fields,
            approved=PLAN.digests.plan,
        )
        assert ended == Result(
            1,
            "2026-11-22T10:00:02Z",
            Conclusion.DONE,
            "req_1",
            made="wrkspc_01New",
            run="r1",
            plan=PLAN.digests.changes,
        )

    def test_results_may_come_in_any_order(self, path: Path) -> None:
        with journal(path) as opened:
            first, second = opened.intend(sent(ROLE, SET_ROLE)), opened.intend(sent(TEAM, MAKE_TEAM))
            opened.conclude(second, Conclusion.DONE)
            opened.conclude(first, Conclusion.FAILED, message="404: there is no such user")
            assert opened.unfinished == ()
        assert len(read(path)) == 4

    def test_an_unknown_outcome_can_be_settled_later_and_a_known_one_cannot(self, path: Path) -> None:
        with journal(path) as opened:
            number = opened.intend(sent(ROLE, SET_ROLE))
            opened.conclude(number, Conclusion.UNKNOWN, message="the answer was lost")
            assert [one.sequence for one in opened.unfinished] == [number]
            opened.conclude(number, Conclusion.DONE)
            with pytest.raises(ValueError, match="1 is not an open intent"):
                opened.conclude(number, Conclusion.FAILED)
        assert len(read(path)) == 3

    def test_what_is_sent_is_not_recorded_only_what_was_approved(self, path: Path) -> None:
        with journal(path) as opened:
            opened.intend(sent(ROLE, replace(SET_ROLE, body={"role": "developer", "token": "sk-ant-secret"})))
        assert "sk-ant-secret" not in path.read_text()

    def test_only_the_owner_may_read_it(self, path: Path) -> None:
        journal(path).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


class TestDurability:
    def test_an_intent_is_flushed_as_a_whole_before_intend_returns(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flushed: list[bytes] = []
        flush = os.fsync

        def recorded(handle: int) -> None:
            if stat.S_ISREG(os.fstat(handle).st_mode):
                flushed.append(path.read_bytes())
            flush(handle)

        monkeypatch.setattr(os, "fsync", recorded)
        with journal(path) as opened:
            number = opened.intend(sent(ROLE, SET_ROLE))
            assert flushed == [path.read_bytes()]
            assert flushed[-1].count(b"\n") == 1
            opened.conclude(number, Conclusion.DONE)
            assert flushed[-1] == path.read_bytes()
            assert flushed[-1].count(b"\n") == 2

    def test_the_folder_is_flushed_before_anything_is_recorded(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flushed: list[bool] = []
        flush = os.fsync

        def recorded(handle: int) -> None:
            flushed.append(os.path.samestat(os.fstat(handle), path.parent.stat()))
            flush(handle)

        monkeypatch.setattr(os, "fsync", recorded)
        with journal(path) as opened:
            assert flushed == [True]
            opened.intend(sent(ROLE, SET_ROLE))

    def test_a_flush_that_fails_stops_the_run_before_the_write(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def failing(_handle: int) -> None:
            raise OSError(5, "Input/output error")

        with journal(path) as opened:
            with monkeypatch.context() as patched:
                patched.setattr(os, "fsync", failing)
                with pytest.raises(UsageError, match="could not be written: Input/output error"):
                    opened.intend(sent(ROLE, SET_ROLE))
            with pytest.raises(UsageError, match="nothing more is recorded"):
                opened.intend(sent(ROLE, SET_ROLE))

    def test_a_full_disk_stops_the_run_and_the_next_one_goes_on(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write = os.write
        with journal(path) as opened:
            with monkeypatch.context() as patched:
                patched.setattr(os, "write", lambda handle, data: write(handle, data[:100]))
                with pytest.raises(UsageError, match="a line was written only in part"):
                    opened.intend(sent(ROLE, SET_ROLE))
            with pytest.raises(UsageError, match="nothing more is recorded"):
                opened.intend(sent(ROLE, SET_ROLE))
        with journal(path) as opened:
            assert opened.unfinished == ()
            assert opened.intend(sent(ROLE, SET_ROLE)) == 1

    def test_nothing_is_recorded_after_it_was_closed(self, path: Path) -> None:
        opened = journal(path)
        opened.close()
        opened.close()
        with pytest.raises(UsageError, match="nothing more is recorded"):
            opened.intend(sent(ROLE, SET_ROLE))


class TestTheNextRun:
    def test_it_finds_what_is_unfinished_settles_it_and_continues_the_count(self, path: Path) -> None:
        one_open(path)
        with journal(path, "r2") as opened:
            assert [(one.sequence, one.run, one.address) for one in opened.unfinished] == [(2, "r1", TEAM.address)]
            assert len(opened.past) == 3
            opened.conclude(2, Conclusion.DONE, message="the organization shows it")
            assert opened.intend(sent(ROLE, SET_ROLE)) == 3
        assert [one.sequence for one in open_intents(read(path))] == [3]

    def test_a_run_has_an_id_of_its_own(self, path: Path) -> None:
        runs = set()
        for _ in range(2):
            with FileJournal(path, PLAN) as opened:
                runs.add(opened.run)
        assert len(runs) == 2

    def test_wherever_a_line_was_cut_off_it_is_set_aside(self, path: Path) -> None:
        one_open(path)
        data = path.read_bytes()
        start = data.rindex(b"\n", 0, len(data) - 1) + 1
        for end in (start + 1, start + 40, len(data) - 3, len(data) - 2):
            path.write_bytes(data[:end])
            with journal(path, "r2") as opened:
                assert opened.unfinished == ()
                tail = data[start:end].decode()
                assert opened.past[-1] == CutOff(
                    "2026-11-22T10:00:01Z", end - start, tail, run="r2", plan=PLAN.digests.changes
                )
                assert opened.intend(sent(TEAM, MAKE_TEAM)) == 2
            assert len(read(path)) == 4

    def test_a_line_that_only_lacks_its_line_break_counts(self, path: Path) -> None:
        one_open(path)
        path.write_bytes(path.read_bytes().rstrip())
        with journal(path, "r2") as opened:
            assert [one.sequence for one in opened.unfinished] == [2]
            opened.conclude(2, Conclusion.DONE)
        assert len(read(path)) == 4

    def test_a_long_tail_is_recorded_by_its_beginning(self, path: Path) -> None:
        one_open(path)
        with path.open("ab") as file:
            file.write(b"\x00" * 1_000_000)
        journal(path).close()
        [cut] = [entry for entry in read(path) if isinstance(entry, CutOff)]
        assert (cut.size, cut.text) == (1_000_000, "\x00" * 4_000)
        assert path.stat().st_size < 50_000

    def test_a_crash_before_the_tail_was_recorded_harms_nothing(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one_open(path)
        whole = read(path)
        with path.open("ab") as file:
            file.write(b'{"act')

        def killed(_handle: int, _data: bytes) -> int:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(os, "write", killed)
            with pytest.raises(KeyboardInterrupt):
                journal(path)
        assert read(path) == whole


class TestRefusing:
    def test_a_chain_that_was_edited(self, path: Path) -> None:
        one_open(path)
        path.write_text(path.read_text().replace("ana@acme.com", "eve@acme.com"))
        before = path.read_bytes()
        with pytest.raises(InputError, match=r"org\.journal\.jsonl:1:1: the line was edited") as refused:
            journal(path)
        assert "keep the file" in str(refused.value)
        with pytest.raises(InputError, match=r"org\.journal\.jsonl:1:1: the line was edited"):
            read(path)
        assert path.read_bytes() == before

    def test_the_journal_of_another_organization(self, path: Path) -> None:
        one_open(path)
        other = replace(PLAN, organization=replace(PLAN.organization, id="99999999-1234-5678-1234-567812345678"))
        with pytest.raises(UsageError, match="another organization: 12345678-"):
            FileJournal(path, other)

    def test_a_link(self, path: Path, tmp_path: Path) -> None:
        target = tmp_path / "target"
        target.write_text("")
        path.symlink_to(target)
        for action in (journal, read):
            with pytest.raises(UsageError, match="is a link"):
                action(path)
        assert target.read_text() == ""

    @pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
    def test_what_is_no_file(self, path: Path, make: Callable[[Path], None]) -> None:
        make(path)
        for action in (journal, read):
            with pytest.raises(UsageError, match=r"is not a regular file|Is a directory"):
                action(path)

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="could not be written: No such file"):
            journal(tmp_path / "nowhere" / "org.journal.jsonl")
        with pytest.raises(UsageError, match="could not be read: No such file"):
            read(tmp_path / "org.journal.jsonl")

    def test_a_file_too_large_to_be_read(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        one_open(path)
        monkeypatch.setattr(files, "LIMIT", 100)
        with pytest.raises(UsageError, match="is larger than"):
            journal(path)

    def test_no_descriptor_is_left_open(self, path: Path) -> None:
        path.write_text("hello\n")
        before = lowest_free_descriptor()
        for _ in range(3):
            with pytest.raises(InputError):
                journal(path)
        assert lowest_free_descriptor() == before


def lowest_free_descriptor() -> int:
    """The number that the next file to be opened gets."""
    handle = os.open(os.devnull, os.O_RDONLY)
    os.close(handle)
    return handle


class TestPlace:
    @pytest.mark.parametrize(
        ("given", "found"),
        [
            ("plan.json", "plan.journal.jsonl"),
            ("org.yaml", "org.journal.jsonl"),
            ("sub/org.v2.yaml", "sub/org.v2.journal.jsonl"),
            ("plan", "plan.journal.jsonl"),
        ],
    )
    def test_beside_a_file(self, given: str, found: str) -> None:
        assert journal_path(Path(given)) == Path(found)

    def test_inside_a_folder_whose_loader_ignores_it(self, tmp_path: Path) -> None:
        (tmp_path / "org.yaml").write_text('version: 1\norganization: {name: "Acme"}\n')
        path = journal_path(tmp_path)
        one_open(path)
        assert path == tmp_path / "orgsync.journal.jsonl"
        assert [Path(file).name for file in load(tmp_path).files] == ["org.yaml"]

    def test_where_the_person_says(self, tmp_path: Path) -> None:
        assert journal_path(tmp_path, Path("elsewhere.jsonl")) == Path("elsewhere.jsonl")
