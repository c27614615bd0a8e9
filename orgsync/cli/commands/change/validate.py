"""`orgsync validate`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orgsync.cli.shared.formats import FORMATS
from orgsync.cli.shared.options import common_options, path_argument
from orgsync.cli.shared.output import format_options

if TYPE_CHECKING:
    from pathlib import Path

    from orgsync.cli.shared.formats import Output
    from orgsync.cli.shared.options import Options
    from orgsync.core.document.validated import ValidFiles


@click.command()
@path_argument
@format_options([one for one in FORMATS if one.valid])
@common_options
def validate(path: Path, output: Output, options: Options) -> None:
    """Validate the files offline.

    PATH is a YAML file or a folder of them (default: org.yaml). Every problem is reported with its position and a
    hint. Exits with 1 if there is any. Warnings do not change the exit code.
    """
    from orgsync.core.document.validated import valid_files
    from orgsync.errors import InputError
    from orgsync.flows.files import desired_at
    from orgsync.kinds import KINDS

    try:
        files = valid_files(str(path), desired_at(path, options.now), KINDS)
    except InputError as error:
        if output.format.invalid is not None:
            options.put(output.format.invalid(str(path), error))
            error.is_printed = True
        raise
    _put(files, output, options)
    options.say(f"{path} is valid: {files.counts}.")


def _put(files: ValidFiles, output: Output, options: Options) -> None:
    """Prints what the format prints of valid files; a person reads the warnings on stderr, also with --quiet."""
    from orgsync.render import validated

    if output.format.in_step:
        from orgsync.cli.shared import github_step

        github_step.tell_warnings(files.warnings)
    else:
        click.echo(validated.warnings(files), err=True, nl=False)
    if output.format.valid is not None:
        options.put(output.format.valid(files, output))
