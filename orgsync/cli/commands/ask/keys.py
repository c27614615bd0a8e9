"""`orgsync keys`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgsync.cli.asking.options import answer_options, show
from orgsync.cli.asking.sources import source_options
from orgsync.cli.shared.options import duration
from orgsync.errors import EXIT_DIFFERENCE, EXIT_OK, UsageError
from orgsync.questions.keys import GROUPS, STATUSES

if TYPE_CHECKING:
    from orgsync.cli.asking.options import Form
    from orgsync.cli.asking.sources import Sources
    from orgsync.cli.shared.options import Options
    from orgsync.core.drift.report import DriftReport


@click.command()
@click.option("--older", metavar="TIME", help="Only keys older than this, such as 90d.")
@click.option("--owner", metavar="EMAIL", help="Only keys of this person: an e-mail, or the id of one who left.")
@click.option("--left", is_flag=True, help="Only keys whose owner is not a member any more.")
@click.option("--unused", metavar="TIME", help="Only keys that were not used for this long: whole days, at most 90d.")
@click.option("--policy", metavar="NAME", help="Only keys that break this key policy of the files.")
@click.option(
    "--status",
    "statuses",
    type=click.Choice(STATUSES),
    multiple=True,
    help="Only keys of this status. Default: active and inactive. Repeatable.",
)
@click.option("--group", type=click.Choice(GROUPS), help="Group the keys.")
@click.option(
    "--fail-on",
    type=click.Choice(["any"]),
    help="Exit with 2 if any key is shown: with --older 90d, if one is older than that.",
)
@click.option(
    "--previous",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The report of the last drift run: it knows the e-mails of owners who left.",
)
@answer_options
@source_options(files_alone=False)
def keys(
    older: str | None,
    owner: str | None,
    left: bool,
    unused: str | None,
    policy: str | None,
    statuses: tuple[str, ...],
    group: str | None,
    fail_on: str | None,
    previous: Path | None,
    form: Form,
    sources: Sources,
    options: Options,
) -> int:
    """List API keys: age, owner, last use, and policies they break.

    Shows the keys for which all of the options hold, oldest first. Policies are those of the files, if there are any.
    When a key was last used is known by days (UTC), and for 30 days unless --unused or a policy asks for more:
    "never (30d)" was not used in these. Nothing is ever written to the organization.
    """
    from orgsync.flows.asking.keys import keys_answered
    from orgsync.flows.former import known_owners
    from orgsync.questions.keys.query import USUAL, WITH_FILES, KeyQuery, whole_days

    query = KeyQuery(
        None if older is None else duration("--older", older),
        owner,
        left,
        None if unused is None else whole_days("--unused", duration("--unused", unused)),
        policy,
        frozenset(statuses) or USUAL,
    )
    if group == "policy" and sources.files is None:
        raise UsageError("--group policy requires files: policies are in `key_policies`", hint=WITH_FILES)
    known = known_owners(None if previous is None else _report(previous))
    desired = None if sources.files is None else sources.files.desired
    answer = sources.asked(
        lambda source, watch: keys_answered(
            query, source, desired, options.now, group=group, journal=sources.journal, known=known, watch=watch
        ),
        texts=() if owner is None else (owner,),
    )
    show(answer, form, options)
    return EXIT_DIFFERENCE if fail_on is not None and answer.open else EXIT_OK


def _report(path: Path) -> DriftReport:
    """Raises UsageError where there is no such file, and InputError where it is no report."""
    from orgsync.files.state import drift_file

    report = drift_file.read(path)
    if report is None:
        raise UsageError(f"--previous: {path} does not exist", hint="`orgsync drift --out FILE` writes one")
    return report
