"""How a run failed, as data: what a program reads on stdout where there is no result."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from orgsync.errors import InputError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from orgsync.core.words.source import Problem
    from orgsync.errors import OrgsyncError

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainProblem:
    """One thing that is wrong with a file, and where; lines and columns are counted from 1."""

    address: str | None = None
    message: str
    hint: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a run failed, what to do about it, everything that is wrong with files, and the exit code."""

    format_version: int = FORMAT_VERSION
    error: str
    hint: str | None = None
    problems: tuple[PlainProblem, ...] = ()
    exit_code: int


def plain_problem(problem: Problem) -> PlainProblem:
    """The problem without the objects of the program."""
    file, line, column = (None, None, None) if problem.source is None else problem.source
    return PlainProblem(
        address=problem.address, message=problem.message, hint=problem.hint, file=file, line=line, column=column
    )


def failure_of(error: OrgsyncError) -> Failure:
    """What an error says, and each problem of files also by itself."""
    problems = error.problems if isinstance(error, InputError) else ()
    return Failure(
        error=str(error), hint=error.hint, problems=tuple(map(plain_problem, problems)), exit_code=error.exit_code
    )


@cache
def failure_adapter() -> TypeAdapter[Failure]:
    """Writes a `Failure` as JSON-ready data."""
    from pydantic import TypeAdapter

    return TypeAdapter(Failure)


def failure_schema() -> dict[str, Any]:
    """The JSON Schema of what `--format json` prints of a run that failed."""
    from orgsync.core.words.json_schema import closed_schema

    schema = closed_schema(failure_adapter(), "failure", "failed run", FORMAT_VERSION)
    schema["properties"]["exit_code"]["minimum"] = 1
    for name in ("line", "column"):
        schema["$defs"]["PlainProblem"]["properties"][name]["anyOf"][0]["minimum"] = 1
    return schema
