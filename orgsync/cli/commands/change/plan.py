"""`orgsync plan`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgsync.cli.shared.base_argument import base_options
from orgsync.cli.shared.formats import FORMATS
from orgsync.cli.shared.options import (
    connection_options,
    path_argument,
    selection_options,
    selection_words,
    snapshot_options,
    strict_coverage_option,
)
from orgsync.cli.shared.output import format_options, put_plan
from orgsync.cli.streams import code_unless_lost
from orgsync.errors import EXIT_DIFFERENCE, EXIT_OK, EXIT_REFUSED, Unwritten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.cli.shared.base_argument import BaseArgument
    from orgsync.cli.shared.formats import Output
    from orgsync.cli.shared.options import Options
    from orgsync.core.model.change import Plan, Selection

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@path_argument
@click.option("--out", type=FILE, metavar="FILE", help="Save the plan for `orgsync apply FILE`.")
@format_options(FORMATS)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are changes, or anything is blocked.")
@selection_options
@click.option(
    "--allow", multiple=True, metavar="ADDRESS", help="Allow this change although a guard refuses it. Repeatable."
)
@strict_coverage_option
@base_options("Compare with earlier files, to separate changes of the files from drift.")
@snapshot_options
@connection_options
def plan(
    path: Path,
    out: Path | None,
    output: Output,
    detailed_exitcode: bool,
    selection: Selection,
    allow: tuple[str, ...],
    strict_coverage: bool,
    base: BaseArgument | None,
    options: Options,
) -> int:
    """Show what `apply` would change.

    PATH is a YAML file or a folder of them (default: org.yaml). Reads the organization, or a snapshot of it, and
    prints the differences; nothing is written. A plan that a guard refuses is printed in full; exit code 3. With
    --base (a branch, tag or commit, or a file or folder) it separates what this change of the files requests from
    earlier differences.
    """
    from orgsync.cli.shared.base_argument import base_named
    from orgsync.cli.shared.progress import Progress
    from orgsync.cli.shared.session import checked_addresses, snapshot_from, source
    from orgsync.engine.concurrency import result_of
    from orgsync.files.state import plan_file
    from orgsync.files.state.journal import journal_path
    from orgsync.flows.files import files_at
    from orgsync.flows.plan import planned

    if out is not None:
        plan_file.FILE.check_free(out)
    allowed = checked_addresses(allow)
    files = files_at(path, options.now)
    before = None if base is None else base_named(base, path, options)
    documents = [files.desired.document, *([] if before is None or before.document is None else [before.document])]
    own = [entry.address for entry in files.desired.settings.guards.protect]
    protect = [*own, *([] if before is None else before.protect)]
    snapshot = snapshot_from(
        options, *documents, protect=protect, texts=(*allowed, *selection.only, *selection.exclude)
    )
    title = f"Reading the {'organization' if snapshot is None else 'snapshot'}"
    with Progress(options, title) as progress, source(options, snapshot) as read:
        reading = planned(
            files,
            read,
            selection=selection,
            allow=allowed,
            base=before,
            journal=journal_path(path),
            strict_coverage=strict_coverage,
            watch=progress.watch,
        )
        made, _seen = result_of(reading)
    unwritten = None if out is None else _unwritten(out, made, options)
    saved = out if unwritten is None else None
    put_plan(made, output, options, next_step=_next_step(made, path, saved, allowed, base, options))
    return code_unless_lost(_code(made, detailed=detailed_exitcode), unwritten=unwritten)


def _unwritten(out: Path, made: Plan, options: Options) -> Unwritten | None:
    """Saves the plan. What kept it from being saved, after which it is still shown."""
    from orgsync.files.state import plan_file

    try:
        plan_file.write(out, made)
    except Unwritten as error:
        return error
    options.say(f"wrote {out}; digest of its changes: {made.digests.changes}")
    return None


def _code(made: Plan, *, detailed: bool) -> int:
    """The exit code of this plan. Raises Refused where all that was selected is blocked."""
    from orgsync.core.plan.selection import refusal_of

    if made.refusals:
        return EXIT_REFUSED
    refusal = refusal_of(made)
    if refusal is not None:
        refusal.is_printed = True
        raise refusal
    return EXIT_DIFFERENCE if detailed and (made.changes or made.blocked) else EXIT_OK


def _next_step(
    made: Plan,
    path: Path,
    out: Path | None,
    allow: Sequence[str],
    base: BaseArgument | None,
    options: Options,
) -> str | None:
    """The command that does what was shown, and no more."""
    from orgsync.core.snapshot.hashed_emails import named_by_hash

    if made.refusals or not made.changes or (out is not None and named_by_hash(made)):
        return None
    words = ["apply", str(out or path)]
    if out is None:  # a saved plan holds all of them
        words += selection_words(made.selection)
        words += [word for address in allow for word in ("--allow", address)]
        words += [] if base is None else base.words
    return options.command(*words)
