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


@click.command()
@path_argument
@format_options([one for one in FORMATS if one.valid])
@common_options
def validate(path: Path, output: Output, options: Options) -> None:
    """Validate the files offline.

    PATH is a YAML file or a folder of them (default: org.yaml). Every problem is reported with its position and a
    hint. Exits with 1 if there is any.
    """
    from orgsync.flows.files import desired_at
    from orgsync.kinds import KINDS

    desired = desired_at(path, options.now)
    counts = ", ".join(kind.counted(len(desired.declared[kind.name])) for kind in KINDS if kind.sections)
    if output.format.valid is not None:
        options.put(output.format.valid(str(path), counts, output))
    options.say(f"{path} is valid: {counts}.")
