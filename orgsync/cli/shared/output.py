"""`--format` as an option of a command, and who is told of what a command prints, or of why it does not."""

from __future__ import annotations

import functools
import os
import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from orgsync.cli.shared.formats import Output
from orgsync.cli.streams import code_unless_lost, print_utf8
from orgsync.errors import EXIT_OK, OrgsyncError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from orgsync.cli.shared.formats import Format
    from orgsync.cli.shared.options import Options
    from orgsync.core.model.change import Plan


_LINK = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9._~:/?#@!$&'*+,;=%-]*")
DOCUMENTATION = "ORGSYNC_DOCS_URL"


def format_option(names: Sequence[str], told: str | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds `--format`, with the words of its help; the command gets the name of the chosen one as `output_format`."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(names),
        default=names[0],
        show_default=True,
        metavar="FORMAT",
        callback=_in_its_encoding,
        help=told or f"{', '.join(names[:-1])} or {names[-1]}.",
    )


def _in_its_encoding(_context: click.Context, _option: click.Parameter, name: str) -> str:
    """Text is for whoever reads the terminal; every other format is read by a program."""
    if name != "text":
        print_utf8()
    return name


def format_options(formats: Sequence[Format]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds `--format` and what belongs to it; the command gets them as `output`, and GitHub hears how it ended."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @format_option([one.name for one in formats])
        @(_comment_options if any(one.in_step for one in formats) else _no_options)
        @functools.wraps(command)
        def with_format(
            *args: Any, output_format: str, comment_name: str = "plan", link: str | None = None, **kwargs: Any
        ) -> Any:
            chosen = next(one for one in formats if one.name == output_format)
            output = _asked_for(chosen, kwargs.get("path"), kwargs.get("file"))
            if chosen.failure is None:
                return command(*args, output=output, **kwargs)
            output = _checked(output, comment_name, link)
            return _reported(output, chosen.failure, functools.partial(command, *args, output=output, **kwargs))

        return with_format

    return decorate


def _no_options(command: Callable[..., Any]) -> Callable[..., Any]:
    return command


def _comment_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds what only comments on GitHub have."""
    named = click.option(
        "--comment-name",
        metavar="NAME",
        default="plan",
        show_default=True,
        help="With --format github: name of the comment, if the pull request has several.",
    )
    linked = click.option(
        "--link",
        metavar="URL",
        help="With --format github: URL of the full plan, if the comment is cut. Default: the run.",
    )
    return named(linked(command))


def put_plan(made: Plan, output: Output, options: Options, *, next_step: str | None = None) -> None:
    """Prints the plan; for GitHub also annotations, the summary of the job and outputs of the step."""
    if output.format.in_step:
        from orgsync.cli.shared import github_step

        github_step.tell_plan(made, comment_name=output.comment_name, link=output.link)
    options.put(output.format.plan(made, output, options, next_step))


def _asked_for(chosen: Format, path: Path | None, saved: Path | None) -> Output:
    """The output of the command that runs now, about the files that it was given, or about what it saved earlier."""
    command = click.get_current_context().info_name or "plan"
    if path is None:
        return Output(chosen, command=command, path=str(saved))
    file = _first_file(path) if path.is_dir() else path
    return Output(chosen, command=command, path=str(path), default_file=str(file))


def _first_file(folder: Path) -> Path:
    """The file in which what has no place of its own is shown."""
    from orgsync.files.yaml.folder import looked_through

    with suppress(OrgsyncError):  # the command says it
        return next((one.path for one in looked_through(folder).files), folder / "org.yaml")
    return folder / "org.yaml"


def _checked(output: Output, comment_name: str, link: str | None) -> Output:
    from orgsync.render.plan.github import is_name

    if not is_name(comment_name):
        raise UsageError(
            "--comment-name must be letters and digits, with single dots, dashes or underscores between them"
        )
    if link is not None and not _LINK.fullmatch(link):
        raise UsageError("--link must be a plain http or https URL, without spaces, brackets or quotes")
    documentation = os.environ.get(DOCUMENTATION, "").rstrip("/") or None
    if documentation is not None and not _LINK.fullmatch(documentation):
        raise UsageError(f"{DOCUMENTATION} must be a plain http or https URL, without spaces, brackets or quotes")
    return replace(output, comment_name=comment_name, link=link or _run(), documentation=documentation)


def _run() -> str | None:
    """The page of the workflow run, if there is one."""
    server, repository, run = (os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    link = f"{server}/{repository}/actions/runs/{run}"
    return link if server and repository and run.isdecimal() and _LINK.fullmatch(link) else None


def _reported(output: Output, failure: Callable[[OrgsyncError, Output], str], command: Callable[[], Any]) -> Any:
    """Runs a command, and tells whoever reads the format how it ended."""
    from orgsync.cli.shared import github_step

    in_step = output.format.in_step
    if in_step:
        github_step.check_files()
    try:
        code = code_unless_lost(command() or EXIT_OK)
    except OrgsyncError as error:
        text = failure(error, output)
        if in_step:
            github_step.tell_failure(error, text)
        click.echo(text, nl=False)
        if in_step:
            github_step.tell_exit_code(error.exit_code)
        raise
    if in_step:
        github_step.tell_exit_code(code)
    return code
