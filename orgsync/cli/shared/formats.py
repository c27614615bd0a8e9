"""The output formats: what each one prints, and of what. `--format` offers those that can print what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from orgsync.cli.shared.options import Options
    from orgsync.core.apply.journal import Examined
    from orgsync.core.apply.rehearsal import RehearsalReport
    from orgsync.core.document.validated import ValidFiles
    from orgsync.core.drift.report import DriftReport
    from orgsync.core.model.change import Plan
    from orgsync.errors import OrgsyncError
    from orgsync.render.reports.results import Result, Run


SARIF, JUNIT, CODE_QUALITY = "sarif", "junit", "code-quality"
"""Formats of programs that collect the results of many tools."""


@dataclass(frozen=True, slots=True)
class Output:
    """What was asked for: a format, and for GitHub the name of the comment and where the whole plan can be read.

    `command` is the one that prints it, `path` what it was given. `default_file` is named where something has no line
    of its own, if it is known. `documentation` is where orgsync's documentation can be read, if a person said so.
    """

    format: Format
    comment_name: str = "plan"
    link: str | None = None
    command: str = "plan"
    path: str = "org.yaml"
    default_file: str | None = None
    documentation: str | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """One format. Besides a plan it prints what it has a function for."""

    name: str
    plan: Callable[[Plan, Output, Options, str | None], str]
    """A plan, and the command that does what it shows."""
    valid: Callable[[ValidFiles, Output], str] | None = None
    """That files are valid, what is in them, and what to be warned of."""
    invalid: Callable[[str, InputError], str] | None = None
    """What is wrong with the files at a path, where `failure` does not say it."""
    failure: Callable[[OrgsyncError, Output], str] | None = None
    """Why there is no plan. Without it, a person is told on stderr; of JSON, the program prints that of any command."""
    drift: Callable[[DriftReport, Output, Options], str] | None = None
    receipts: Callable[[Examined, Options], str] | None = None
    rehearsal: Callable[[RehearsalReport, Options], str] | None = None
    in_step: bool = False
    """Whether the step of a GitHub workflow is told, too: annotations, the summary of its job, and outputs."""


def _text_plan(plan: Plan, _output: Output, options: Options, next_step: str | None) -> str:
    from orgsync.render.plan import text

    return text.render(plan, width=options.width, color=options.color, next_step=next_step)


def _text_drift(report: DriftReport, _output: Output, options: Options) -> str:
    from orgsync.render.drift import text

    return text.render(report, width=options.width, color=options.color)


def _text_receipts(examined: Examined, options: Options) -> str:
    from orgsync.render import receipts

    return receipts.render(examined, width=options.width, color=options.color)


def _text_rehearsal(verdict: RehearsalReport, options: Options) -> str:
    from orgsync.render import rehearsal

    return rehearsal.render(verdict, width=options.width, color=options.color)


def _json_plan(plan: Plan, _output: Output, _options: Options, _next_step: str | None) -> str:
    from orgsync.render.plan import json_text

    return json_text.render(plan)


def _json_drift(report: DriftReport, _output: Output, _options: Options) -> str:
    from orgsync.render.drift import json_text

    return json_text.render(report)


def _json_receipts(examined: Examined, _options: Options) -> str:
    from orgsync.render import receipts

    return receipts.json_lines(examined)


def _json_rehearsal(verdict: RehearsalReport, _options: Options) -> str:
    from orgsync.render import rehearsal

    return rehearsal.json_text(verdict)


def _markdown_plan(plan: Plan, _output: Output, _options: Options, _next_step: str | None) -> str:
    from orgsync.render.plan import markdown

    return markdown.render(plan)


def _markdown_drift(report: DriftReport, _output: Output, _options: Options) -> str:
    from orgsync.render.drift import markdown

    return markdown.render(report)


def _github_plan(plan: Plan, output: Output, _options: Options, _next_step: str | None) -> str:
    from orgsync.render.plan import github

    return github.comment(plan, name=output.comment_name, link=output.link)


def _json_valid(files: ValidFiles, _output: Output) -> str:
    from orgsync.render import validated

    return validated.json_text(files)


def _json_invalid(path: str, error: InputError) -> str:
    from orgsync.core.apply.failure import failure_of
    from orgsync.render import validated

    return validated.invalid_json_text(path, failure_of(error))


def _github_valid(files: ValidFiles, output: Output) -> str:
    from orgsync.render.plan import github

    return github.valid(files.path, files.counts, files.warnings, name=output.comment_name)


def _github_failure(error: OrgsyncError, output: Output) -> str:
    from orgsync.cli.shared.github_step import problems_of
    from orgsync.render.plan import github

    return github.failure(*problems_of(error), name=output.comment_name, link=output.link)


def _collected_plan(plan: Plan, output: Output, _options: Options, _next_step: str | None) -> str:
    from orgsync.render.reports.results import of_plan

    return _collected(of_plan(plan), output)


def _collected_drift(report: DriftReport, output: Output, _options: Options) -> str:
    from orgsync.render.reports.results import of_drift

    return _collected(of_drift(report), output)


def _collected_valid(files: ValidFiles, output: Output) -> str:
    from orgsync.render.reports.results import of_notes

    return _collected(of_notes(files.warnings), output)


def _collected_failure(error: OrgsyncError, output: Output) -> str:
    """What is wrong with the files. Of anything else only tests can tell: no results would say that all is well."""
    from orgsync.render.reports.results import of_problems

    if isinstance(error, InputError):
        return _collected(of_problems(error.problems), output)
    if output.format.name != JUNIT:
        return ""
    from orgsync.render.reports import junit

    return junit.failure(str(error), error.hint, _run(output))


def _collected(results: Iterable[Result], output: Output) -> str:
    from orgsync.render.reports import code_quality, junit, sarif

    render = {SARIF: sarif.render, JUNIT: junit.render, CODE_QUALITY: code_quality.render}[output.format.name]
    return render(results, _run(output))


def _run(output: Output) -> Run:
    from orgsync.cli.shared.github_step import from_the_top
    from orgsync.render.reports.results import Run

    return Run(output.command, output.path, output.default_file, from_the_top, output.documentation)


FORMATS = (
    Format(
        "text",
        _text_plan,
        valid=lambda _files, _output: "",
        drift=_text_drift,
        receipts=_text_receipts,
        rehearsal=_text_rehearsal,
    ),
    Format(
        "json",
        _json_plan,
        valid=_json_valid,
        invalid=_json_invalid,
        drift=_json_drift,
        receipts=_json_receipts,
        rehearsal=_json_rehearsal,
    ),
    Format("markdown", _markdown_plan, drift=_markdown_drift),
    Format("github", _github_plan, valid=_github_valid, failure=_github_failure, in_step=True),
    *(
        Format(name, _collected_plan, valid=_collected_valid, failure=_collected_failure, drift=_collected_drift)
        for name in (SARIF, JUNIT, CODE_QUALITY)
    ),
)
"""The first is what a command prints where nothing is asked for."""

OF_A_REHEARSAL = {one.name: one.rehearsal for one in FORMATS if one.rehearsal is not None}
