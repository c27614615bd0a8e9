"""`orgsync validate`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orgsync.cli.shared.options import common_options, path_argument
from orgsync.cli.shared.output import format_options

if TYPE_CHECKING:
    from pathlib import Path

    from orgsync.cli.shared.options import Options
    from orgsync.cli.shared.target import Output


@click.command()
@path_argument
@format_options("text", "github", "sarif")
@common_options
def validate(path: Path, output: Output, options: Options) -> None:
    """Check the files without asking anybody.

    PATH is a YAML file or a folder of them (default: org.yaml). Every problem is reported, each with its place and a
    hint; exit code 1 if there is any.
    """
    from orgsync.cli.shared.session import desired_from
    from orgsync.kinds import KINDS

    desired = desired_from(path, options)
    counts = ", ".join(kind.counted(len(desired.declared[kind.name])) for kind in KINDS if kind.sections)
    if output.format == "github":
        from orgsync.render.plan import github

        options.put(github.valid(str(path), counts, name=output.comment_name))
    elif output.format == "sarif":
        from orgsync.render.plan import sarif

        options.put(sarif.render(()))
    options.say(f"{path} is valid: {counts}.")
