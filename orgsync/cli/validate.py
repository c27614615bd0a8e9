"""`orgsync validate`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orgsync.cli.options import common_options, path_argument

if TYPE_CHECKING:
    from pathlib import Path

    from orgsync.cli.options import Options


@click.command()
@path_argument
@common_options
def validate(path: Path, options: Options) -> None:
    """Check the files without asking anybody.

    PATH is a YAML file or a folder of them (default: org.yaml). Every problem is reported, each with its place and a
    hint; exit code 1 if there is any.
    """
    from orgsync.cli.session import desired_from
    from orgsync.kinds import KINDS

    desired = desired_from(path, options)
    counts = [kind.counted(len(desired.declared[kind.name])) for kind in KINDS if kind.sections]
    options.say(f"{path} is valid: {', '.join(counts)}.")
