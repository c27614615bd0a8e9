"""What a step of a GitHub workflow can hear: annotations on stderr, the summary of its job, and its outputs."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgsync.core.model.change import Cause
from orgsync.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orgsync.core.model.change import Note, Plan
    from orgsync.core.words.source import Problem
    from orgsync.errors import OrgsyncError

SUMMARY = "GITHUB_STEP_SUMMARY"
OUTPUT = "GITHUB_OUTPUT"

_ROOM_FOR_SENSE = 4_096
"""Less room than this in a summary is not worth a cut plan."""

_ONE_LINE = re.compile(r"[\x20-\x7e]*")


def check_files() -> None:
    """Raises UsageError where GitHub's files cannot be written: better before the work than after it."""
    for variable in (SUMMARY, OUTPUT):
        _append(variable, "")


def from_the_top(file: str) -> str:
    """What a file is called from the top of the repository that a pipeline checked out; elsewhere as it was named."""
    top = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR")
    try:
        return Path(file).resolve().relative_to(Path(top).resolve()).as_posix() if top else Path(file).as_posix()
    except (OSError, ValueError):
        return file


def problems_of(error: OrgsyncError) -> tuple[str, Sequence[Problem]]:
    """Why there is no plan: in a few words, and each problem."""
    from orgsync.core.words.source import Problem

    if isinstance(error, InputError):
        return "The files are invalid", error.problems
    return "Planning failed", (Problem(str(error), hint=error.hint),)


def tell_plan(made: Plan, *, comment_name: str, link: str | None) -> None:
    """Annotations, the summary, and outputs about the plan."""
    from orgsync.core.model.codes import Code
    from orgsync.core.plan.weight import things_by_meaning
    from orgsync.render.plan import annotations, github

    click.echo(annotations.render(annotations.of_plan(made), where=from_the_top), err=True, nl=False)
    room = _room()
    if room >= _ROOM_FOR_SENSE:
        _append(SUMMARY, github.summary(made, room=room, link=link))
    _put(
        {
            "changes": str(len(made.changes)),
            "risk": max((change.risk.value for change in made.changes), default="none"),
            **{meaning: str(number) for meaning, number in things_by_meaning(made).items()},
            "digest": made.digests.changes,
            "refused": _truth(made.refusals),
            "privileged": _truth(any(note.code == Code.PRIVILEGED_CHANGE for note in made.findings)),
            "drift": str(sum(change.cause is Cause.DRIFT for change in made.changes)),
            "comment": comment_name,
        }
    )


def tell_warnings(warnings: Sequence[Note]) -> None:
    """Annotations for what to be warned of in valid files."""
    from orgsync.render.plan import annotations

    click.echo(annotations.render(annotations.of_notes(warnings), where=from_the_top), err=True, nl=False)


def tell_failure(error: OrgsyncError, text: str) -> None:
    """Annotations for everything that is wrong, and the text in the summary instead of an old plan."""
    from orgsync.render.plan import annotations

    title, problems = problems_of(error)
    told = annotations.of_problems(problems, title=title)
    click.echo(annotations.render(told, where=from_the_top), err=True, nl=False)
    if _room() >= len(text.encode()):
        _append(SUMMARY, text)


def tell_exit_code(code: int) -> None:
    """The output that a later step goes by where this one was let fail."""
    _put({"exitcode": str(code)})


def _put(values: Mapping[str, str]) -> None:
    """Outputs, one line each: a value with a line break could write outputs of its own, so there is none."""
    for name, value in values.items():
        if not _ONE_LINE.fullmatch(value):
            raise UsageError(f"the output {name} cannot be written: it is not one line of plain text")
    _append(OUTPUT, "".join(f"{name}={value}\n" for name, value in values.items()))


def _room() -> int:
    """How much more the summary of this step may hold."""
    from orgsync.render.plan.github import SUMMARY_LIMIT

    path = os.environ.get(SUMMARY)
    return SUMMARY_LIMIT - Path(path).stat().st_size if path else 0


def _append(variable: str, text: str) -> None:
    path = os.environ.get(variable)
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(
            f"{variable}: {path}: {error.strerror}", hint="GitHub sets it; do not set it yourself"
        ) from error


def _truth(value: object) -> str:
    return "true" if value else "false"
