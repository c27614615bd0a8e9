"""What all commands that answer a question have in common: they only read, and every format holds what it promises."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from typing import TYPE_CHECKING

import jsonschema
import pytest
from questions.keys_of_acme import FILES, SEED
from render.hostile import NAMES
from render.markdown_judge import tokens
from render.test_hostile import commands_nothing

from cli.questions import ONE_OF_EACH, QUESTIONS, Question
from cli.support import CEO, NOW, Sandbox, files
from orgsync.cli.program import GROUPS
from orgsync.core.answers.schema import answer_schema
from orgsync.core.apply.failure import failure_schema
from orgsync.errors import EXIT_INPUT, EXIT_OK

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync

HERE = ["--sandbox", "acme.db", "--now", NOW]
FORMATS = ("text", "markdown", "csv", "json")
PEOPLE = ("ana.ruiz@acme.example", "o'neil+keys@acme.example", "jörg.müller@bücher.example")
ASKED = pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.typed)


def prepared(question: Question, orgsync: Orgsync, acme: Sandbox) -> int:
    """Does what has to be done before the question is asked; how many requests that took: it changes nothing either."""
    if question.first:
        ended = orgsync(*question.first.split(), *HERE)
        assert ended.code == EXIT_OK, ended.err
    assert acme.writes() == []
    return len(acme.received())


def test_every_question_has_its_row() -> None:
    _title, commands = GROUPS["ask"]
    assert list(dict.fromkeys(one.command for one in QUESTIONS)) == list(commands)


@ASKED
def test_it_only_reads_and_no_more_than_it_says(
    question: Question, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    acme = sandbox(**SEED)
    files(tmp_path, FILES)
    before = prepared(question, orgsync, acme)
    ended = orgsync(*question.typed.split(), *HERE, "--format", "json")
    assert ended.code == EXIT_OK, ended.err
    sent = [re.sub(r"wrkspc_\w+", "*", request) for request in acme.received()[before:]]
    assert sorted(sent) == question.requests
    answer = json.loads(ended.out)
    jsonschema.validate(answer, answer_schema(), jsonschema.Draft202012Validator)
    assert question.typed.startswith(answer["question"])
    assert answer["requests"] == len(question.reads) - question.refused
    assert all(one["at"] is None or one["at"].endswith("Z") for one in answer["data"])


@ASKED
def test_a_failed_run_says_so_to_programs_and_masks_that_too(
    question: Question, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    acme = sandbox(**SEED)
    before = prepared(question, orgsync, acme)
    files(tmp_path, f"members: {{{PEOPLE[0]}: emperor}}\n")
    words = f"{question.typed} {question.wrong} --format json --mask-emails".split()
    ended = orgsync(*words, *HERE)
    assert ended.code == EXIT_INPUT
    jsonschema.validate(json.loads(ended.out), failure_schema(), jsonschema.Draft202012Validator)
    assert ("a…@acme.example" in ended.out) is (question.wrong == "--path org.yaml")
    assert PEOPLE[0] not in ended.said
    assert len(acme.received()) == before


@pytest.mark.parametrize(
    ("question", "every"),
    [
        *((one, 8) for one in ONE_OF_EACH),
        *(pytest.param(one, 1, marks=pytest.mark.story) for one in QUESTIONS),
    ],
    ids=lambda one: one.typed if isinstance(one, Question) else str(one),
)
def test_names_command_nothing_and_people_stay_masked(
    question: Question, every: int, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    names = [name for name in NAMES.values() if len(name) < 256][::every]
    acme = sandbox(
        users=[CEO, *({"email": email, "role": "developer"} for email in PEOPLE)],
        workspaces=[{"name": name} for name in ("production", *names)],
        workspace_members=[
            {"email": email, "workspace": "production", "workspace_role": "workspace_user"} for email in PEOPLE
        ],
        api_keys=[
            {"id": "apikey_01Chatbot", "name": "chatbot", "workspace": "production", "created_by_email": PEOPLE[0]},
            *(
                {"name": name, "workspace": place, "created_by_email": PEOPLE[number % len(PEOPLE)]}
                for number, name in enumerate(names)
                for place in ("production", name)
            ),
        ],
    )
    prepared(question, orgsync, acme)
    files(tmp_path, "key_policies: {naming: {name: '[a-z]+'}, owned: {owner: declared}}\n")
    for form in FORMATS:
        ended = orgsync(*question.typed.split(), *HERE, "--format", form, "--mask-emails")
        assert ended.code == EXIT_OK, ended.err
        commands_nothing(form, ended.out.replace("\r\n", "\n"))
        commands_nothing(form, ended.err)
        for email in PEOPLE:
            assert email not in ended.said
            assert email.partition("@")[0] not in ended.said
        if form == "csv":
            widths = {len(row) for row in csv.reader(StringIO(ended.out), strict=True)}
            assert len(widths) == 1
        elif form == "markdown":
            assert not {"html_block", "fence", "code_block"} & {token.type for token in tokens(ended.out)}
        elif form == "json":
            jsonschema.validate(json.loads(ended.out), answer_schema(), jsonschema.Draft202012Validator)
