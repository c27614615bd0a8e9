"""`orgsync export`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgsync.cli.shared.options import connection_options
from orgsync.errors import UsageError

if TYPE_CHECKING:
    from orgsync.cli.shared.options import Options
    from orgsync.core.model.observation import Observation


@click.command()
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to this file instead of stdout.",
)
@connection_options
def export(out: Path | None, options: Options) -> None:
    """Write the live organization as YAML.

    Planning what was exported changes nothing. It is how an existing organization is adopted: export, read, commit,
    and then make collections authoritative one by one under `manage:`.
    """
    from orgsync.cli.shared.session import result_of
    from orgsync.core.document.export import exported_files, not_exported, not_understood
    from orgsync.files.yaml.dump import dumped
    from orgsync.kinds import KINDS

    if out is not None:
        _check_free(out)
    seen = result_of(_seen(options))
    text = dumped(exported_files(seen, KINDS))
    for note in not_exported(seen, KINDS):
        options.say(f"left out, because no file can say it: {note}")
    for told in not_understood(seen, KINDS):
        options.say(f"left out, because this orgsync does not understand it: {told}")
    if out is None:
        options.put(text)
    else:
        try:
            with out.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError as error:
            raise _exists(out) from error
        except OSError as error:
            raise UsageError(f"{out}: the export could not be written: {error.strerror}") from error
        options.say(f"wrote {out}; next: {options.command('plan', out)}")


def _check_free(out: Path) -> None:
    """Before the organization is read: that may take minutes."""
    from orgsync.files.state.json_file import check_folder

    check_folder(out, "export")
    if out.exists():
        raise _exists(out)


def _exists(out: Path) -> UsageError:
    return UsageError(f"{out} exists, and is not overwritten", hint="name another file, or delete this one first")


async def _seen(options: Options) -> Observation:
    from orgsync.cli.shared.progress import Progress
    from orgsync.cli.shared.session import connected
    from orgsync.engine.read_live import read_everything
    from orgsync.kinds import KINDS

    with Progress(options, "Reading the organization") as progress:
        async with connected(options, progress) as client:
            return await read_everything(client.reader, KINDS)
