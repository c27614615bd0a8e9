"""The chain of a journal: what it remembers, and which edits it shows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from render.strategies import TEXT, VALUE

from core.apply.journal.support import MAKE_TEAM, ROLE, TEAM, chain, intent, result
from orgsync.core.apply.journal import (
    GENESIS,
    Conclusion,
    CutOff,
    Examined,
    Intent,
    Link,
    Result,
    examine,
    linked,
    open_intents,
)
from orgsync.core.model.change import Action, FieldChange
from orgsync.core.words.address import Address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.apply.journal import Entry

ENTRIES = (
    intent(1),
    intent(2, TEAM, MAKE_TEAM),
    result(2, Conclusion.UNKNOWN),
    result(1),
    replace(result(2), made="wrkspc_01New"),
    intent(3),
)
LINES = chain(ENTRIES)

NAMED = TEXT | st.none()
INTENT = st.builds(
    Intent,
    sequence=st.just(1),
    at=TEXT,
    run=TEXT,
    plan=TEXT,
    organization=TEXT,
    address=TEXT.map(Address),
    action=st.sampled_from(Action),
    method=TEXT,
    path=TEXT,
    fields=st.lists(st.builds(FieldChange, TEXT, VALUE, VALUE), max_size=3).map(tuple),
    id=NAMED,
    actor=NAMED,
)
STATED = {"run": NAMED, "plan": NAMED, "actor": NAMED}
RESULT = st.builds(
    Result, st.just(1), TEXT, st.sampled_from(Conclusion), request_id=NAMED, message=TEXT, made=NAMED, **STATED
)
CUT_OFF = st.builds(CutOff, TEXT, st.integers(min_value=0), TEXT, **STATED)


def split(data: bytes) -> list[bytes]:
    """The lines of these bytes, each with its line break."""
    *whole, last = data.split(b"\n")
    return [*(line + b"\n" for line in whole), *([last] if last else [])]


def told(lines: Sequence[bytes]) -> list[tuple[int, str]]:
    return [(flaw.line, flaw.message) for flaw in examine(lines).problems]


def edited(line: bytes, **values: Any) -> bytes:
    """The line with other values, and the hash it had."""
    data = {**json.loads(line), **values}
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def sealed(line: bytes, **values: Any) -> bytes:
    """What somebody writes who computes the hash as well."""
    data = {**json.loads(line), **values}
    del data["hash"]
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return edited(line, **values, hash=hashlib.sha256(text.encode()).hexdigest())


class TestReading:
    def test_what_was_written_is_read_and_has_no_flaw(self) -> None:
        examined = examine(LINES)
        assert examined.entries == ENTRIES
        assert examine(LINES).problems == ()
        assert examined.head == json.loads(LINES[-1])["hash"]

    def test_no_lines_are_an_intact_journal(self) -> None:
        assert examine([]) == Examined((), (), tail=None, ends_whole=True)
        assert examine([]).head == GENESIS

    def test_each_line_names_the_one_before_it(self) -> None:
        data = [json.loads(line) for line in LINES]
        assert [one["previous"] for one in data] == [GENESIS, *(one["hash"] for one in data[:-1])]

    @given(INTENT, RESULT, CUT_OFF)
    def test_every_text_survives(self, begun: Intent, ended: Result, cut: CutOff) -> None:
        entries: tuple[Entry, ...] = (begun, ended, cut)
        lines = chain(entries)
        assert examine(lines).problems == ()
        assert examine(lines).entries == entries
        assert all(line.isascii() and line.count(b"\n") == 1 for line in lines)

    @pytest.mark.parametrize("text", ["\ud800", "a\udc00b", "\ud83d\ude42"])
    def test_halves_of_surrogate_pairs_break_nothing(self, text: str) -> None:
        """The API can send them in a name, and nothing says that it sends only pairs."""
        lines = chain([intent(1, replace(ROLE, address=Address(f"workspace:{text}"))), result(1)])
        assert examine(lines).problems == ()


class TestOpenIntents:
    def test_an_intent_is_open_until_it_has_a_conclusive_result(self) -> None:
        assert open_intents(ENTRIES) == (ENTRIES[5],)
        assert [one.sequence for one in open_intents(ENTRIES[:3])] == [1, 2]

    def test_an_unknown_outcome_leaves_it_open(self) -> None:
        assert open_intents([intent(1), result(1, Conclusion.UNKNOWN)]) == (intent(1),)

    def test_a_failure_is_an_outcome(self) -> None:
        assert open_intents([intent(1), result(1, Conclusion.FAILED)]) == ()


class TestEdits:
    def test_an_edited_line_is_named(self) -> None:
        lines = [*LINES[:1], edited(LINES[1], address="workspace:other"), *LINES[2:]]
        assert told(lines) == [(2, "was edited: its hash does not match")]

    def test_an_edited_line_with_a_hash_of_its_own_is_not_what_the_next_one_follows(self) -> None:
        lines = [*LINES[:1], sealed(LINES[1], address="workspace:other"), *LINES[2:]]
        assert told(lines) == [(3, "does not continue the previous line: lines were removed, added or moved")]

    @pytest.mark.parametrize("index", range(len(LINES) - 1))
    def test_a_removed_line_is_missed(self, index: int) -> None:
        lines = [*LINES[:index], *LINES[index + 1 :]]
        assert (index + 1, "does not continue the previous line: lines were removed, added or moved") in told(lines)

    @pytest.mark.parametrize("index", range(len(LINES) - 1))
    def test_swapped_lines_are_noticed(self, index: int) -> None:
        lines = [*LINES[:index], LINES[index + 1], LINES[index], *LINES[index + 2 :]]
        assert {index + 1, index + 2} <= {line for line, _ in told(lines)}

    def test_an_appended_line_that_does_not_follow_is_noticed(self) -> None:
        forged = f"{linked(result(3), 'f' * 64).text}\n".encode()
        assert told([*LINES, forged]) == [
            (7, "does not continue the previous line: lines were removed, added or moved")
        ]

    def test_a_repeated_line_is_noticed(self) -> None:
        assert told([*LINES, LINES[-1]]) == [
            (7, "does not continue the previous line: lines were removed, added or moved"),
            (7, "has intent 3, expected 4"),
        ]

    def test_other_text_is_noticed_and_the_lines_after_it_are_not_blamed(self) -> None:
        assert told([*LINES[:2], b"<<<<<<< HEAD\n", *LINES[2:]]) == [
            (3, "is not a line of a journal: it is not JSON (Expecting value)")
        ]

    @given(st.integers(0, len(b"".join(LINES)) - 2), st.integers(1, 255))
    def test_no_byte_can_be_changed_unnoticed(self, position: int, distance: int) -> None:
        data = bytearray(b"".join(LINES))
        data[position] = (data[position] + distance) % 256
        assert examine(split(bytes(data))).problems

    def test_the_chain_cannot_show_that_its_last_lines_are_gone(self) -> None:
        """That is why `show --receipts` prints the last hash: one that a CI log has kept shows it."""
        assert examine(LINES[:-1]).problems == ()
        assert examine(LINES[:-1]).head != examine(LINES).head


class TestForgeries:
    """Somebody who computes every hash anew is not stopped by them, but has to tell a story that can be true."""

    @pytest.mark.parametrize(
        ("entries", "flaw"),
        [
            ([intent(2)], (1, "has intent 2, expected 1")),
            ([intent(1), intent(3)], (2, "has intent 3, expected 2")),
            ([result(1)], (1, "is a result of intent 1, which does not exist")),
            ([intent(1), result(2)], (2, "is a result of intent 2, which does not exist")),
            ([intent(1), result(1), result(1)], (3, "is a second result of intent 1")),
        ],
    )
    def test_a_story_that_cannot_be_true(self, entries: list[Entry], flaw: tuple[int, str]) -> None:
        assert told(chain(entries)) == [flaw]

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"kind": "outcome"}, "it is neither an intent nor a result"),
            ({"kind": ["intent"]}, "it is neither an intent nor a result"),
            ({"previous": 0}, "it has no hash"),
            ({"action": "obliterate"}, "its fields are not those of a line of kind intent"),
            ({"comment": "hello"}, "its fields are not those of a line of kind intent"),
            ({"sequence": "one"}, "its fields are not those of a line of kind intent"),
        ],
    )
    def test_a_line_that_orgsync_would_not_write(self, values: dict[str, Any], reason: str) -> None:
        assert told([sealed(LINES[0], **values)]) == [(1, f"is not a line of a journal: {reason}")]

    @pytest.mark.parametrize(
        "line",
        [
            LINES[0].replace(b'{"action"', b'{"action":"archive","action"'),
            LINES[0].replace(b'","', b'", "', 1),
            LINES[0].replace(b"\n", b" \n"),
        ],
    )
    def test_another_spelling_of_the_same_data(self, line: bytes) -> None:
        assert (1, "is not in the form that orgsync writes: it was edited") in told([line])

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            (b"\n", "it is not JSON (Expecting value)"),
            (b"[]\n", "it is neither an intent nor a result"),
            (b'{"kind":"\xc3\xa9"}\n', "it holds the byte 0xc3"),
            (b"[" * 100_000 + b"\n", "it is nested too deeply"),
        ],
    )
    def test_a_line_of_something_else(self, line: bytes, reason: str) -> None:
        assert told([line]) == [(1, f"is not a line of a journal: {reason}")]

    @pytest.mark.parametrize("number", [b"NaN", b"1e999", b"9" * 5_000])
    def test_numbers_that_are_none_raise_nothing(self, number: bytes) -> None:
        assert told([LINES[0].replace(b'"from":"user"', b'"from":' + number)])


class TestCutOff:
    def test_wherever_a_crash_cuts_the_last_line_off_it_is_told_from_an_edit(self) -> None:
        for end in range(1, len(LINES[-1]) - 1):
            examined = examine([*LINES[:-1], LINES[-1][:end]])
            assert examined.flaws == ()
            assert examined.tail is not None
            assert examined.entries == ENTRIES[:-1]
            assert examined.problems == (examined.tail,)

    def test_a_last_line_that_only_lacks_its_line_break_counts(self) -> None:
        examined = examine([*LINES[:-1], LINES[-1].rstrip()])
        assert (examined.entries, examined.problems, examined.ends_whole) == (ENTRIES, (), False)

    def test_an_edited_last_line_is_no_tail_for_want_of_a_line_break(self) -> None:
        """Or deleting one character would be a way to have an intent dropped."""
        examined = examine([*LINES[:-1], edited(LINES[-1], address="member:other@acme.com").rstrip()])
        assert examined.tail is None
        assert [flaw.line for flaw in examined.flaws] == [6]

    def test_a_tail_is_verified_as_a_problem_of_its_line(self) -> None:
        assert told([*LINES[:-1], LINES[-1][:40]]) == [
            (6, "is incomplete, as after a crash; the next apply moves it aside")
        ]

    def test_what_a_file_system_leaves_in_a_tail_is_a_tail(self) -> None:
        assert examine([*LINES, b"\x00" * 512]).tail is not None


def test_a_link_is_its_line() -> None:
    link = linked(ENTRIES[0], GENESIS, orgsync="0.2.0")
    assert link == Link(ENTRIES[0], GENESIS, json.loads(LINES[0])["hash"], LINES[0].decode().rstrip(), "0.2.0")


def test_lines_that_say_less_of_their_run_are_read_as_well() -> None:
    """Results once said nothing of who found out, in which run and for which plan."""
    lines, head = [], GENESIS
    for line in chain([intent(1), result(1)]):
        data = json.loads(line)
        kept = {name: data[name] for name in data if data["kind"] == "intent" or name not in {"run", "plan", "actor"}}
        lines.append(sealed(json.dumps(kept).encode(), previous=head))
        head = json.loads(lines[-1])["hash"]
    assert b'"run"' not in lines[1]
    assert examine(lines).problems == ()
