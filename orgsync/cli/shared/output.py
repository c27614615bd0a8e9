"""Turns a plan, or why there is none, into what was asked for with `--format`."""

from __future__ import annotations

import functools
import os
import re
from typing import TYPE_CHECKING, Any

import click

from orgsync.cli.shared.target import Output, from_the_top
from orgsync.errors import EXIT_OK, InputError, OrgsyncError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orgsync.cli.shared.options import Options
    from orgsync.core.model.change import Plan

PLAN_FORMATS = ("text", "json", "markdown", "github", "sarif")

_LINK = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9._~:/?#@!$&'*+,;=%-]*")


def format_options(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds `--format` and what belongs to it; the command gets them as `output`, and GitHub hears how it ended."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @click.option(
            "--format",
            "output_format",
            type=click.Choice(formats),
            default=formats[0],
            show_default=True,
            metavar="FORMAT",
            help=f"{', '.join(formats[:-1])} or {formats[-1]}.",
        )
        @click.option(
            "--comment-name",
            metavar="NAME",
            default="plan",
            show_default=True,
            help="With --format github: tells the comments of one pull request apart.",
        )
        @click.option("--link", metavar="URL", help="With --format github: where all is, if cut. Default: the run.")
        @functools.wraps(command)
        def with_format(*args: Any, output_format: str, comment_name: str, link: str | None, **kwargs: Any) -> Any:
            if output_format not in {"github", "sarif"}:
                return command(*args, output=Output(output_format), **kwargs)
            output = _checked(output_format, comment_name, link, kwargs.get("path"))
            return _reported(output, functools.partial(command, *args, output=output, **kwargs))

        return with_format

    return decorate


def put_plan(made: Plan, output: Output, options: Options, *, next_step: str | None = None) -> None:
    """Prints the plan; for GitHub also annotations, the summary of the job and outputs of the step."""
    if output.format == "github":
        from orgsync.cli.shared import github_step

        github_step.tell_plan(made, output)
    options.put(rendered(made, output, options, next_step=next_step))


def rendered(made: Plan, output: Output, options: Options, *, next_step: str | None = None) -> str:
    """The plan as a person or a program reads it."""
    if output.format == "json":
        from orgsync.render.plan import json_text

        return json_text.render(made)
    if output.format == "markdown":
        from orgsync.render.plan import markdown

        return markdown.render(made)
    if output.format == "github":
        from orgsync.render.plan import github

        return github.comment(made, name=output.comment_name, link=output.link)
    if output.format == "sarif":
        from orgsync.render.plan import sarif

        return sarif.render(sarif.of_plan(made), default_file=output.default_file, where=from_the_top)
    from orgsync.render.plan import text

    return text.render(made, width=options.width, color=options.color, next_step=next_step)


def _checked(output_format: str, comment_name: str, link: str | None, path: Path | None) -> Output:
    from orgsync.render.plan.github import is_name

    if not is_name(comment_name):
        raise UsageError(
            "--comment-name must be letters and digits, with single dots, dashes or underscores between them"
        )
    if link is not None and not _LINK.fullmatch(link):
        raise UsageError("--link must be a plain http or https URL, without spaces, brackets or quotes")
    if path is not None and path.is_dir():
        path = min(path.glob("*.yaml"), default=path / "org.yaml")
    return Output(output_format, comment_name, link or _run(), None if path is None else str(path))


def _run() -> str | None:
    """The page of the workflow run, if there is one."""
    server, repository, run = (os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    link = f"{server}/{repository}/actions/runs/{run}"
    return link if server and repository and run.isdecimal() and _LINK.fullmatch(link) else None


def _reported(output: Output, command: Callable[[], Any]) -> Any:
    """Runs a command, and tells whoever reads the format how it ended."""
    from orgsync.cli.shared import github_step

    if output.format == "github":
        github_step.check_files()
    try:
        code = command()
    except OrgsyncError as error:
        if output.format == "github":
            github_step.tell_failure(error, output)
        elif isinstance(error, InputError):
            from orgsync.render.plan import sarif

            told = sarif.of_problems(error.problems)
            click.echo(sarif.render(told, default_file=output.default_file, where=from_the_top), nl=False)
        raise
    if output.format == "github":
        github_step.tell_exit_code(code if isinstance(code, int) else EXIT_OK)
    return code
