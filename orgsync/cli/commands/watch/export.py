"""`orgsync export`"""

from __future__ import annotations

import os
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgsync.cli.shared.options import connection_options
from orgsync.cli.streams import print_utf8
from orgsync.errors import UsageError

if TYPE_CHECKING:
    from orgsync.cli.shared.options import Options


@click.command()
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to this file instead of stdout.",
)
@click.option("--ids", is_flag=True, help="Write the `id` of every resource that can have one.")
@connection_options
def export(out: Path | None, ids: bool, options: Options) -> None:
    """Export the organization as YAML.

    A plan of the exported file has no changes. Every collection is written, also one without anything in it, so that
    whatever is added later is drift. This is how an existing organization is adopted: export, review, commit, and then
    make collections authoritative one by one under `manage:`. With --ids a workspace or key that is renamed in the
    Console is still found, and the name becomes a difference.
    """
    from orgsync.cli.shared.progress import Progress
    from orgsync.cli.shared.session import connected
    from orgsync.engine.concurrency import result_of
    from orgsync.files.state.json_file import write_new
    from orgsync.flows.export import exported

    if out is not None:
        _check_free(out)
    with Progress(options, "Reading the organization") as progress, connected(options) as connection:
        made = result_of(exported(connection, options.now, progress.watch, ids=ids))
    for address, line in made.left_out:
        if line:
            options.say(f"left out, because its name is not unique: {address}; to declare it, write `{line}`")
        else:
            options.say(f"left out, because files cannot declare it: {address}")
    for told in made.not_understood:
        options.say(f"left out, because this version of orgsync does not support it: {told}")
    for told in made.not_offered:
        options.say(f"not exported: {told}")
    if out is None:
        print_utf8()  # it will be a file of the organization
        options.put(made.text)
    else:
        try:
            write_new(out, made.text.encode(), "export")
        except FileExistsError as error:
            raise _exists(out) from error
        options.say(f"wrote {out}; next: {options.command('plan', out)}")
    if made.requests is not None:
        options.say(_cost(made.requests, options.request_limit))


def _cost(requests: int, limit: float | None) -> str:
    """What a plan of the exported file costs, for whoever decides how often it runs."""
    from orgsync.core.words.plural import counted
    from orgsync.flows.connection import REQUESTS_PER_MINUTE

    a_minute = limit or REQUESTS_PER_MINUTE
    minutes = counted(max(1, ceil(requests / a_minute)), "minute")
    return f"a plan of these files makes {counted(requests, 'request')} ({minutes} at {a_minute:g} a minute)"


def _check_free(out: Path) -> None:
    """Before the organization is read: that may take minutes."""
    from orgsync.files.state.json_file import check_folder, check_writable

    check_folder(out, "export")
    if os.path.lexists(out):
        raise _exists(out)
    check_writable(out, "export")


def _exists(out: Path) -> UsageError:
    return UsageError(f"{out} already exists and is not overwritten", hint="use another file, or delete this one first")
