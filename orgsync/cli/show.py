"""`orgsync show`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgsync.cli.options import common_options

if TYPE_CHECKING:
    from orgsync.cli.options import Options


@click.command()
@click.argument("plan", type=click.Path(path_type=Path), metavar="PLAN")
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@common_options
def show(plan: Path, output: str, options: Options) -> None:
    """Print a saved plan.

    PLAN is a file written by `orgsync plan --out`. It is checked against its schema and its digest first.
    """
    from orgsync.cli.plan import rendered
    from orgsync.files import plan_file

    options.put(rendered(plan_file.read(plan), output, options))
