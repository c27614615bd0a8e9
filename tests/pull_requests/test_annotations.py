"""Annotations: on the right line, most serious first, and never more than GitHub shows."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from render import plans

from orgsync.core.model.change import Action, Cause, Change, Level, Note, Place, Risk, Verdict
from orgsync.core.model.meaning import Meaning
from orgsync.core.review.cause import NEW
from orgsync.core.words.address import Address
from orgsync.core.words.source import Problem, Source
from orgsync.render.plan.annotations import MOST, Annotation, of_plan, of_problems, render

FINDING = Note(Address("workspace:shadow-it"), "undeclared", "is not in the files", Level.WARNING, Place("org.yaml", 9))


def lines(count: int, level: Level) -> list[str]:
    annotations = [Annotation(level, "title", f"number {number}", "org.yaml", number) for number in range(1, count + 1)]
    return render(annotations).splitlines()


def test_a_finding_is_a_warning_on_its_line() -> None:
    expected = "::warning file=org.yaml,line=9,title=undeclared::workspace:shadow-it: is not in the files\n"
    assert render(of_plan(plans.plan(findings=(FINDING,)))) == expected


@pytest.mark.parametrize(("level", "command"), [("error", "error"), ("warning", "warning"), ("info", "notice")])
def test_levels_are_githubs(level: str, command: str) -> None:
    finding = replace(FINDING, level=Level(level), source=None)
    assert render(of_plan(plans.plan(findings=(finding,)))).startswith(f"::{command} title=undeclared::")


def test_a_problem_has_its_column_and_its_hint() -> None:
    problem = Problem("unknown role, 100%", Source("a,b:c.yaml", 3, 14), "member:ana@acme.com", "say\nuser")
    assert render(of_problems([problem])) == (
        "::error file=a%2Cb%3Ac.yaml,line=3,col=14,title=member%3Aana@acme.com"
        "::unknown role, 100%25%0Ahint: say\\nuser\n"
    )


def test_a_problem_without_place_is_told_all_the_same() -> None:
    assert render(of_problems([Problem("no files")])) == "::error title=The files are invalid::no files\n"


def test_what_matters_most_comes_first() -> None:
    archive = Change(
        Address("workspace:old"),
        Action.ARCHIVE,
        (),
        risk=Risk.R2,
        source=Place("org.yaml", 4),
        effects=("no way back",),
    )
    quiet = Change(Address("workspace:new"), Action.CREATE, (), source=Place("org.yaml", 5))
    plan = plans.plan(
        (archive, quiet),
        findings=(FINDING, replace(FINDING, code="privileged_change", level=Level.INFO)),
        guards=(Verdict("irreversible", False, "cannot be undone", (archive.address,)),),
    )
    told = "workspace:old will be archived; R2: cannot be undone; no way back"
    assert render(of_plan(plan)).splitlines() == [
        "::error file=org.yaml,line=4,title=refused by irreversible::cannot be undone: workspace:old",
        f"::error file=org.yaml,line=4,title=workspace%3Aold::{told}",
        "::warning file=org.yaml,line=9,title=privileged_change::workspace:shadow-it: is not in the files",
        "::warning file=org.yaml,line=9,title=undeclared::workspace:shadow-it: is not in the files",
    ]


@pytest.mark.parametrize("level", list(Level))
def test_the_last_of_ten_counts_the_rest(level: Level) -> None:
    assert len(lines(MOST, level)) == 10
    assert lines(MOST, level)[-1].endswith("::number 10")
    many = lines(5_000, level)
    assert len(many) == 10
    assert many[-2].endswith("::number 9")
    assert many[-1].endswith("title=orgsync::and 4,991 more, listed in the plan: title")


def test_each_level_has_its_own_ten() -> None:
    plan = plans.plan(
        findings=tuple(replace(FINDING, level=level) for level in Level for _ in range(30)),
        manual=plans.rich().manual * 30,
    )
    commands = re.findall(r"^::(\w+) ", render(of_plan(plan)), re.MULTILINE)
    assert commands == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 10


def test_files_are_named_as_the_repository_does() -> None:
    assert "file=access/org.yaml," in render(
        of_plan(plans.plan(findings=(FINDING,))), where=lambda file: f"access/{file}"
    )


@pytest.mark.parametrize("unusable", [False, True], ids=["compared", "base unusable"])
def test_only_what_this_change_of_the_files_brought_about_is_annotated(*, unusable: bool) -> None:
    """What differed before has annotations only where nobody can tell it apart."""
    old, new = Cause.UNKNOWN if unusable else Cause.DRIFT, Cause.UNKNOWN if unusable else Cause.CONFIG
    notes = [
        Note(Address(f"member:{number}@acme.com"), "undeclared", "text", Level.WARNING, Place("org.yaml", 9), cause)
        for number, cause in enumerate([*[old] * 12, new])
    ]
    stops = Change(Address("api_key:w/old"), Action.UPDATE, (), risk=Risk.R1, meaning=(Meaning.STOPS,))
    changes = (
        replace(stops, cause=Cause.POLICY, reason="too old"),
        replace(stops, address=Address("api_key:w/new"), cause=Cause.POLICY, reason=f"too old; {NEW}"),
        replace(stops, address=Address("api_key:w/drift"), cause=old),
        replace(stops, address=Address("api_key:w/config"), cause=new),
    )
    privileged = Note(Address("setting:guards"), "privileged_change", "text", Level.WARNING, cause=Cause.CONFIG)
    lost = [Note(Address("setting:base"), "base_unusable", "text", Level.WARNING)] if unusable else []
    plan = replace(plans.plan(changes, findings=(*notes, privileged, *lost)), base="main")
    said = [one.message.partition(" ")[0].rstrip(":") for one in of_plan(plan)]
    if not unusable:
        assert said == ["setting:guards", "api_key:w/config", "api_key:w/new", "member:12@acme.com"]
    assert len(said) == (4 if not unusable else 19)


def test_an_annotation_has_the_column() -> None:
    note = Note(Address("api_key:w/k"), "policy_breach", "text", Level.WARNING, Place("org.yaml", 7, 5))
    assert render(of_plan(plans.plan(findings=(note,)))).startswith("::warning file=org.yaml,line=7,col=5,")
