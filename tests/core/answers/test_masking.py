"""Masked answers name nobody, wherever an address stands, and stay whole."""

from __future__ import annotations

import json

import pytest

from orgsync.core.answers.answer import Answer, Column, Looked, Mark, Step, Table
from orgsync.core.answers.masking import masked, masked_error, masked_text
from orgsync.core.model.change import Organization
from orgsync.core.words.source import Problem, Source
from orgsync.errors import InputError, UsageError
from orgsync.render.answers import csv_text, json_text, markdown, text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("ana.ruiz@acme.example", "a…@acme.example"),
        ("a@acme.example", "a…@acme.example"),
        ("ana+keys@acme.example left", "a…@acme.example left"),
        ("member:ana@acme.example", "member:a…@acme.example"),
        ("workspace_member:lab/ana@acme.example", "workspace_member:lab/a…@acme.example"),
        ("Ana Ruiz <ana@acme.example>", "Ana Ruiz <a…@acme.example>"),
        ("mailto:ana@acme.example?subject=x", "mailto:a…@acme.example?subject=x"),
        ("(ana@acme.example, raj@acme.example)", "(a…@acme.example, r…@acme.example)"),
        ("jörg.müller@bücher.example", "j…@bücher.example"),
        ("用户@例え.example", "用…@例え.example"),
        ("o'neil@acme.example's Individual Org", "o…@acme.example's Individual Org"),
        ('"ana ruiz"@acme.example', "a…@acme.example"),
        ("ana@[192.0.2.1]", "a…@[192.0.2.1]"),
        ("ana\uff20acme.example", "a…@acme.example"),
        ("ana%2Fruiz@acme.example", "a…@acme.example"),
        ("@acme/security, no address", "@acme/security, no address"),
        ("two @ signs", "two @ signs"),
    ],
)
def test_the_first_letter_and_the_domain_stay(written: str, shown: str) -> None:
    assert masked_text(written) == shown
    assert masked_text(shown) == shown


def test_no_part_of_an_answer_is_left_out() -> None:
    who = "ana.ruiz@acme.example"
    columns = (Column("who", "who"), Column("words", "words", words=lambda row: f"of {row['who']}"), Column("inner"))
    answer = Answer(
        "keys",
        who,
        Organization("1", f"{who}'s Individual Org"),
        (Looked(who, "2026-11-22T10:00:00Z"),),
        (Step(Mark.FAILS, who, f"{who}/org.yaml:1"),),
        (who,),
        (
            Table("keys", columns, ({"who": who, "inner": [{who: [who]}]},), who, who, "who"),
            Table("none", (), (), who, who),
        ),
        (who,),
        facts={"one": who, "by_person": {who: 1, "amy@acme.example": 2}},
    )
    hidden = masked(answer)
    shown = (csv_text.render(hidden), json_text.render(hidden), markdown.render(hidden), text.render(hidden))
    for page in shown:
        assert "ruiz" not in page
        assert "amy" not in page
        assert "a…@acme.example" in page.replace("\\", "")
    assert json.loads(shown[1])["by_person"] == {"a…@acme.example": 1, "a…@acme.example (2)": 2}


def test_errors_are_masked_too() -> None:
    who = "ana.ruiz@acme.example"
    for error in (
        UsageError(f"{who} owns no key", hint=f"did you mean {who}?"),
        InputError([Problem(f"{who} twice", Source("org.yaml", 1, 1), f"member:{who}", f"delete {who}")]),
    ):
        masked_error(error)
        assert "ruiz" not in f"{error} {error.hint} {getattr(error, 'problems', '')}"
        assert "a…@acme.example" in str(error)
