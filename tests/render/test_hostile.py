"""Every name of the table through every renderer: it is shown, it commands nothing, and every table stays whole."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from core.apply.journal.support import chain, intent, result
from core.drift.support import named

import orgsync.render
from orgsync.core.apply.events import Settled
from orgsync.core.apply.failure import failure_of
from orgsync.core.apply.journal import Conclusion, CutOff, Examined, Intent, Result, examine
from orgsync.core.apply.outcome import Outcome, Report, Status
from orgsync.core.apply.rehearsal import Fault, Point, RehearsalReport, Tried, tallied
from orgsync.core.document.validated import ValidFiles
from orgsync.core.model.change import Action, Change, Level, Note, Organization, Place
from orgsync.core.model.codes import Code
from orgsync.core.words.address import Address
from orgsync.core.words.inert import inert
from orgsync.errors import InputError
from orgsync.render import events, failure, outcome, receipts, rehearsal, validated
from orgsync.render.answers import csv_text
from orgsync.render.answers import json_text as answer_json
from orgsync.render.answers import markdown as answer_markdown
from orgsync.render.answers import text as answer_text
from orgsync.render.drift import json_text as drift_json
from orgsync.render.drift import markdown as drift_markdown
from orgsync.render.drift import notice as drift_notice
from orgsync.render.drift import text as drift_text
from orgsync.render.page.markdown import Limit
from orgsync.render.plan import annotations as notes
from orgsync.render.plan import github, json_text, markdown, text
from orgsync.render.plan.pages import paged
from orgsync.render.reports import code_quality, junit, results, sarif
from render import hostile
from render.markdown_judge import check, inline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NOW = "2026-11-22T10:00:00Z"
LINK = "https://github.example/acme/console/actions/runs/42"


plan = cache(hostile.plan)
drift = cache(named)


def report(name: str) -> Report:
    """An apply in which everything that can be told about a change is told."""
    made = plan(name)
    return Report(
        tuple(Outcome(change, status, name, name) for status in Status for change in made.changes),
        made.organization,
        waiting=made.waiting,
        manual=made.manual,
    )


def examined(name: str) -> Examined:
    """A journal with the name in every part of it."""
    change = Change(Address(f"workspace:{name}"), Action.ARCHIVE, (), name)
    entries: list[Intent | Result | CutOff] = [
        replace(intent(1, change), run=name, actor=name, plan=name),
        replace(result(1, Conclusion.FAILED), message=name, request_id=name),
        replace(intent(2, change), run=name, at=f"2026-11-22T{name}"),
        CutOff(name, 3, name),
    ]
    return examine([*chain(entries), name.encode("utf-8", "replace")])


def verdict(name: str) -> RehearsalReport:
    """A rehearsal in which a promise was broken for something of this name."""
    tried = (Tried(Point(1, f"GET /v1/organizations/{name}", Fault.KILLED_BEFORE), 1, stale=False, broken=(name,)),)
    return RehearsalReport(Organization(name, name), "0" * 64, 1, 2, 1, 44, 0, tallied(tried), tried)


def warned(name: str) -> ValidFiles:
    """Valid files of this name, and a warning about it."""
    note = Note(Address(f"member:{name}"), Code.SIMILAR_NAME, name, Level.WARNING, Place(name, 1))
    return ValidFiles(name, {"member": 1}, "1 member", (note,))


def in_brief(name: str) -> str:
    """A plan of the name that no page takes."""
    [only] = paged(plan(name), Limit(3_000, len, LINK), most=1, marker=lambda _number, _total: "")
    assert "too large" in only
    return only


REPORTED: dict[str, Callable[[str], Iterable[results.Result]]] = {
    "a plan": lambda name: results.of_plan(plan(name)),
    "drift": lambda name: results.of_drift(drift(name)),
    "problems": lambda name: results.of_problems(hostile.problems(name)),
}


def reported(what: str, module: Any, name: str) -> str:
    """The results of a plan, of drift or of problems, as a report of one format."""
    written: str = module.render(REPORTED[what](name), results.Run(name, name, name, documentation="https://a.example"))
    return written


RENDERERS: dict[str, Callable[[str], str]] = {
    "answers/csv_text": lambda name: csv_text.render(hostile.answer(name)).replace("\r\n", "\n"),
    "answers/json_text": lambda name: answer_json.render(hostile.answer(name)),
    "answers/markdown": lambda name: answer_markdown.render(hostile.answer(name)),
    "answers/text": lambda name: answer_text.render(hostile.answer(name)),
    "answers/text in colour": lambda name: answer_text.render(hostile.answer(name), width=140, color=True),
    "plan/annotations of a plan": lambda name: notes.render(notes.of_plan(plan(name))),
    "plan/annotations of problems": lambda name: notes.render(notes.of_problems(hostile.problems(name))),
    "drift/json_text": lambda name: drift_json.render(drift(name)),
    "drift/markdown": lambda name: drift_markdown.render(drift(name)),
    "drift/notice": lambda name: "\n".join(drift_notice.render(drift(name))),
    "drift/text": lambda name: drift_text.render(drift(name)),
    "drift/text in colour": lambda name: drift_text.render(drift(name), color=True),
    "plan/github comment": lambda name: github.comment(plan(name), link=LINK),
    "plan/github summary": lambda name: github.summary(plan(name), room=20_000, link=LINK),
    "plan/github in brief": in_brief,
    "plan/github failure": lambda name: github.failure("The files are invalid", hostile.problems(name)),
    "plan/github valid": lambda name: github.valid(name, name, warned(name).warnings),
    "plan/json_text": lambda name: json_text.render(plan(name)),
    "plan/markdown": lambda name: markdown.render(plan(name)),
    "events": lambda name: events.json_line(
        Settled(at=name, number=1, address=Address(name), action=Action.CREATE, status=Status.FAILED, message=name)
    ),
    "outcome": lambda name: outcome.render(report(name)),
    "outcome, a line": lambda name: "".join(outcome.line(one) for one in report(name).outcomes),
    "failure": lambda name: failure.json_text(failure_of(InputError(hostile.problems(name)))),
    "receipts": lambda name: receipts.render(examined(name)),
    "receipts, JSON": lambda name: receipts.json_lines(examined(name)),
    "rehearsal": lambda name: rehearsal.render(verdict(name)),
    "rehearsal, JSON": lambda name: rehearsal.json_text(verdict(name)),
    **{
        f"reports/{title} of {what}": partial(reported, what, module)
        for title, module in (("sarif", sarif), ("code_quality", code_quality), ("junit", junit))
        for what in REPORTED
    },
    "reports/junit of a failure": lambda name: junit.failure(name, name, results.Run("plan", name)),
    "validated": lambda name: validated.warnings(warned(name)),
    "validated, JSON": lambda name: validated.json_text(warned(name)),
    "validated, JSON of problems": lambda name: validated.invalid_json_text(
        name, failure_of(InputError(hostile.problems(name)))
    ),
    "plan/text": lambda name: text.render(plan(name), next_step=name),
    "plan/text in colour": lambda name: text.render(plan(name), color=True, next_step=name),
}
"""Every way in which something of somebody else reaches a person or a program."""

PARTS = {
    "answers/table_text",
    *("drift/weight", "drift/who", "reports/results"),
    *("plan/changes", "plan/changes_markdown", "plan/counts", "plan/groups", "plan/guards_markdown", "plan/pages"),
    "plan/sections",
}
"""What renderers of plans are made of, as all are of `page`: judged through them."""

MARKDOWN = [
    name
    for name in RENDERERS
    if name.startswith(("answers/markdown", "drift/markdown", "plan/github", "plan/markdown"))
]
_JSON = (
    "answers/json",
    "drift/json",
    "events",
    "plan/json",
    "rehearsal, JSON",
    "reports/sarif",
    "reports/code",
    "validated, JSON",
)
JSON = [name for name in RENDERERS if name.startswith(_JSON)]
ITEMS = {"answers/markdown": 6, "drift/markdown": 5}
ANNOTATIONS = [name for name in RENDERERS if name.startswith("plan/annotations")]

COMMAND = re.compile(r"::(error|warning|notice) (file|line|col|title)=[^:,]+(,(file|line|col|title)=[^:,]+)*::[^:].*")
SGR = re.compile(r"\x1b\[[0-9;]*m")


def test_every_module_is_judged() -> None:
    """A new renderer gets its row here, or says whose part it is."""
    folder = Path(orgsync.render.__path__[0])
    paths = [path.relative_to(folder) for path in folder.rglob("*.py")]
    modules = {path.with_suffix("").as_posix() for path in paths if path.stem != "__init__" and path.parts[0] != "page"}
    assert modules == {re.split(r"[^\w/]", name)[0] for name in RENDERERS} | PARTS


def test_there_are_many_names() -> None:
    assert len(set(hostile.NAMES.values())) >= 60


@pytest.mark.parametrize("name", hostile.TABLE)
def test_every_renderer_shows_the_name_and_obeys_nothing_in_it(name: str) -> None:
    """Its first plain word is there, whatever stands around it."""
    word = next(iter(re.findall(r"[A-Za-z]{3,}", name)), "")[:60]
    for renderer, rendered in RENDERERS.items():
        page = SGR.sub("", rendered(name)) if renderer.endswith("colour") else rendered(name)  # colours are our own
        commands_nothing(renderer, page)
        assert word in re.sub(r"\n *", "", page), renderer
        if renderer in MARKDOWN:
            parsed = check(page, items=ITEMS.get(renderer, 0))
            assert any(token.type == "code_inline" for token in inline(parsed)), renderer
        if renderer in JSON:
            assert json.loads(page), renderer


def commands_nothing(renderer: str, page: str) -> None:
    """No terminal, and no log of a pipeline."""
    for line in page.split("\n"):
        assert line.isprintable(), (renderer, line[:200])
        assert not re.search(r"##(\[|vso\[)", line), (renderer, line[:200])
        if renderer in ANNOTATIONS and line:
            assert COMMAND.fullmatch(line), (renderer, line[:500])
        begun = line.split("::", 2)[-1] if renderer in ANNOTATIONS else line
        assert "::" not in begun, (renderer, line[:200])
    assert not set(page) & set("\u200b\u200d\u200f\u202e\u2066\u2028\u3164\ufe0f\U000e0041"), renderer


@pytest.mark.parametrize("name", hostile.TABLE)
def test_json_gives_the_name_back_as_it_was(name: str) -> None:
    read = json.loads(json_text.render(plan(name)))
    assert read["organization"] == {"id": name, "name": name}
    assert read["changes"][0]["fields"][-1]["to"] == {name: name}


@pytest.mark.parametrize("name", hostile.TABLE)
def test_annotations_say_where_in_properties_that_end_where_they_should(name: str) -> None:
    """Undoing GitHub's escapes gives what was meant: no property is added, none is cut."""
    written = notes.render([notes.Annotation(Level.ERROR, "title", "message", name, 3, 4)])
    properties = dict(part.split("=", 1) for part in written.split("::")[1].removeprefix("error ").split(","))
    assert list(properties) == ["file", "line", "col", "title"]
    undone = properties["file"]
    for escaped, char in (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        undone = undone.replace(escaped, char)
    assert undone == inert(name)
