"""Options of the commands that answer a question, and how the answer is printed."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orgsync.cli.shared.output import format_option
from orgsync.errors import OrgsyncError

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.cli.shared.options import Options
    from orgsync.core.answers.answer import Answer

FORMATS = ("text", "json", "csv", "markdown")

receipts_option = click.option(
    "--receipts",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    metavar="PATH",
    help="A journal, or a folder with those of pipelines, beside the journals next to the files. Repeatable.",
)


@dataclass(frozen=True, slots=True)
class Form:
    """How an answer is shown: in which format, and whether the e-mail addresses in it are masked."""

    format: str
    mask_emails: bool


def answer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--format` and `--mask-emails`; the command gets them as `form`."""

    @format_option(FORMATS)
    @click.option("--mask-emails", is_flag=True, help="Show only the first letter and the domain of e-mail addresses.")
    @functools.wraps(command)
    def with_form(*args: Any, output_format: str, mask_emails: bool, **kwargs: Any) -> Any:
        try:
            return command(*args, form=Form(output_format, mask_emails), **kwargs)
        except OrgsyncError as error:
            if mask_emails:
                from orgsync.core.answers.masking import masked_error

                masked_error(error)
            raise

    return with_form


def show(answer: Answer, form: Form, options: Options) -> None:
    """Prints the answer. Of CSV, what is said of the table goes to stderr, also with `--quiet`: it has no place for
    that, and nobody shall take what is not known for what is not there."""
    if form.mask_emails:
        from orgsync.core.answers.masking import masked

        answer = masked(answer)
    options.put(_text(answer, form, options))
    if form.format == "csv":
        from orgsync.core.words.inert import inert

        for note in (*answer.notes, answer.basis):
            click.echo(inert(note), err=True)


def _text(answer: Answer, form: Form, options: Options) -> str:
    if form.format == "json":
        from orgsync.render.answers import json_text

        return json_text.render(answer)
    if form.format == "csv":
        from orgsync.render.answers import csv_text

        return csv_text.render(answer)
    if form.format == "markdown":
        from orgsync.render.answers import markdown

        return markdown.render(answer)
    from orgsync.render.answers import text

    return text.render(answer, width=options.width, color=options.color)
