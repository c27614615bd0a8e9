"""`orgsync show`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgsync.cli.shared.formats import FORMATS
from orgsync.cli.shared.options import common_options
from orgsync.cli.shared.output import format_options, put_plan
from orgsync.errors import EXIT_INPUT, EXIT_OK, InputError, UsageError

if TYPE_CHECKING:
    from orgsync.cli.shared.formats import Output
    from orgsync.cli.shared.options import Options

_WHERE = "`orgsync apply` writes plan.journal.jsonl beside plan.json, and org.journal.jsonl beside org.yaml"


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="PLAN")
@click.option("--receipts", is_flag=True, help="PLAN is a journal: show its receipts, and verify its hash chain.")
@format_options(FORMATS)
@common_options
def show(file: Path, receipts: bool, output: Output, options: Options) -> int:
    """Show a saved plan, or the receipts of an apply.

    PLAN is a file written by `orgsync plan --out`. It is checked against its schema and its digest first. Exits
    with 1 if it contains what this version of orgsync does not support, and so could not apply, and with 4 if an
    earlier version saved it in a format that is no longer read. With --receipts it is the journal that `orgsync
    apply` wrote beside a plan or an organization file; exits with 1 if the journal was edited.
    """
    if receipts:
        return _show_receipts(file, output, options)
    from orgsync.core.plan.vetting import foreign
    from orgsync.core.words.versions import is_ours
    from orgsync.files.state import plan_file
    from orgsync.files.state.journal import is_journal_name
    from orgsync.kinds import KINDS

    if is_journal_name(file):
        raise UsageError(f"{file} is a journal, not a plan", hint=f"orgsync show --receipts {file}")
    made = plan_file.read(file)
    if not is_ours(made.orgsync):
        options.say(f"{file} was made by orgsync {made.orgsync}: this version can show it, but not apply it.")
    unknown = InputError(foreign(made, KINDS))
    has_failure = output.format.failure is not None or output.format.name == "json"
    if not unknown.problems or not has_failure:  # of those, a program reads one or the other
        put_plan(made, output, options)
    if unknown.problems:
        raise unknown
    return EXIT_OK


def _show_receipts(path: Path, output: Output, options: Options) -> int:
    from orgsync.files.state import journal

    rendered = output.format.receipts
    if rendered is None:
        others = " or ".join(one.name for one in FORMATS if one.receipts is not None)
        raise UsageError(f"--receipts does not support --format {output.format.name}", hint=f"use {others}")
    examined = journal.examined(path)
    if not examined.entries and examined.flaws and not journal.is_journal_name(path):
        raise UsageError(f"{path} is not a journal", hint=_WHERE)
    options.put(rendered(examined, options))
    if examined.problems and output.format.name == "json":  # stdout is for a program, so a person is told elsewhere
        error = InputError(journal.problems(path, examined.problems))
        error.is_printed = True  # the receipts, line by line
        raise error
    return EXIT_INPUT if examined.problems else EXIT_OK
