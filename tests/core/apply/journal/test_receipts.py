"""`orgsync show --receipts`: what a person and a program are shown, and that no name can disturb either."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from core.apply.journal.support import MAKE_TEAM, PLAN, ROLE, SET_ROLE, TEAM, chain, intent, journal, result, sent
from core.apply.journal.test_chain import CUT_OFF, INTENT, LINES, RESULT, edited
from orgsync.cli import exit_code
from orgsync.core.apply.journal import Conclusion, CutOff, Intent, Result, examine
from orgsync.core.model.change import Action, Change
from orgsync.core.words.address import Address, address
from orgsync.errors import EXIT_INPUT, EXIT_OK
from orgsync.render.receipts import json_lines, render

if TYPE_CHECKING:
    from conftest import Golden

GOLDEN = Path(__file__).with_name("golden")


def story() -> list[bytes]:
    """Two runs with every outcome: the first was killed, the second settled what it left."""
    later = "2026-11-23T08:15:00Z"
    archive = Change(address("workspace", "old poc"), Action.ARCHIVE, (), "wrkspc_01Old")
    invite = Change(address("member", "somebody.with.a.long.name@engineering.acme.example"), Action.INVITE, ())
    lost = "the connection broke before the whole answer was here"
    gone = "POST /v1/organizations/users/user_01Ana: 404 not_found_error: there is no such user"
    return chain(
        [
            intent(1),
            replace(result(1), request_id="req_011CSHoEeqs5C35K2UUqR7Fy"),
            intent(2, TEAM, MAKE_TEAM),
            intent(3, invite),
            replace(result(3, Conclusion.UNKNOWN), request_id=None, message=lost),
            CutOff(later, 120, '{"action'),
            replace(result(2), message="the organization shows it", request_id=None, made="wrkspc_01New"),
            replace(intent(4), run="r2", at=later, actor="ci@acme.example"),
            replace(result(4, Conclusion.FAILED), message=gone),
            replace(intent(5, archive), run="r2", at=later, actor="ci@acme.example"),
        ]
    )


def test_the_page_at_80_columns(golden: Golden) -> None:
    text = render(examine(story()))
    assert all(len(line) <= 80 for line in text.splitlines())
    golden(GOLDEN / "receipts.txt", text)


def test_the_id_of_a_request_is_told_once() -> None:
    failed = replace(result(1, Conclusion.FAILED), message="400 refused [request id req_9]", request_id="req_9")
    assert render(examine(chain([intent(1), failed]))).count("req_9") == 1


def test_a_broken_chain_says_where(golden: Golden) -> None:
    lines = story()
    golden(GOLDEN / "broken.txt", render(examine([*lines[:3], edited(lines[3], address="x:y"), *lines[5:-1], b"{"])))


def test_an_end_that_was_cut_off_is_no_broken_chain() -> None:
    text = render(examine([*LINES, b'{"act']))
    assert "the chain is intact except for its end:\n  x line 7 is incomplete" in text


def test_nothing_is_told_by_colour_alone() -> None:
    assert "\x1b[" in render(examine(story()), color=True)
    assert "unfinished:" in render(examine(story()))


def test_many_problems_do_not_fill_the_page() -> None:
    text = render(examine([b"hello\n"] * 1_000))
    assert text.count("is not a line of a journal") == 20
    assert "and 980 lines more" in text


def test_an_empty_journal() -> None:
    assert render(examine([])).startswith("0 operations, 0 unfinished; the chain is intact\n")


@given(INTENT, RESULT, CUT_OFF)
def test_hostile_text_is_inert_in_both_forms(begun: Intent, ended: Result, cut: CutOff) -> None:
    lines = chain([begun, ended, cut])
    for text in (render(examine(lines)), json_lines(examine(lines))):
        assert all(line.isprintable() for line in text.split("\n"))
        assert not any(line.lstrip().startswith("::") or "##[" in line for line in text.split("\n"))
    assert [json.loads(line) for line in json_lines(examine(lines)).splitlines()] == [json.loads(one) for one in lines]


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\n::error::no", "a\u202eb", "##[error]no"])
def test_a_hostile_name_is_spelled_out(text: str) -> None:
    shown = render(examine(chain([intent(1, replace(ROLE, address=Address(f"workspace:{text}")))])))
    assert text not in shown
    assert "workspace:" in shown


class TestCommand:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        """The journal of a run that left one operation unfinished."""
        path = tmp_path / "org.journal.jsonl"
        with journal(path) as opened:
            opened.conclude(opened.intend(sent(ROLE, SET_ROLE)), Conclusion.DONE, request_id="req_1")
            opened.intend(sent(TEAM, MAKE_TEAM))
        return path

    def test_an_intact_chain_ends_with_0(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert exit_code(["show", "--receipts", str(path)]) == EXIT_OK
        printed = capsys.readouterr()
        assert printed.out == render(examine(path.read_bytes().splitlines(keepends=True)))
        assert "2 operations, 1 unfinished; the chain is intact\n" in printed.out
        assert printed.err == ""

    def test_json_is_the_lines_of_the_file(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert exit_code(["show", "--receipts", str(path), "--format", "json"]) == EXIT_OK
        assert capsys.readouterr().out == path.read_text()

    @pytest.mark.parametrize("form", ["text", "json"])
    def test_an_edited_journal_ends_with_1(self, path: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
        path.write_text(path.read_text().replace("req_1", "req_2"))
        assert exit_code(["show", "--receipts", str(path), "--format", form]) == EXIT_INPUT
        printed = capsys.readouterr()
        if form == "text":
            assert "the chain is broken:\n  x line 2 was edited" in printed.out
        else:
            assert len(printed.out.splitlines()) == 3
            assert "org.journal.jsonl:2:1: the line was edited" in printed.err

    def test_a_journal_that_is_not_there_ends_with_1(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert exit_code(["show", "--receipts", str(tmp_path / "none.jsonl")]) == EXIT_INPUT
        assert "could not be read" in capsys.readouterr().err

    def test_a_plan_is_no_journal(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        from orgsync.files.state import plan_file

        plan_file.write(tmp_path / "plan.json", PLAN)
        assert exit_code(["show", "--receipts", str(tmp_path / "plan.json")]) == EXIT_INPUT
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "plan.json is not a journal" in printed.err

    def test_a_journal_is_no_plan(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert exit_code(["show", str(path)]) == EXIT_INPUT
        assert f"hint: orgsync show --receipts {path}" in capsys.readouterr().err
