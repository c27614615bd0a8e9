"""`orgsync apply`"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from orgsync.cli.options import connection_options, path_argument
from orgsync.errors import EXIT_OK, EXIT_PARTLY, EXIT_WAITING, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from orgsync.cli.options import Options
    from orgsync.core.change import Plan, Verdict
    from orgsync.core.observation import Observation
    from orgsync.core.outcome import Report


@click.command()
@path_argument
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal to ask on.")
@click.option("--only", metavar="GLOB", help="Only changes whose address matches, and what they depend on.")
@click.option("--allow", multiple=True, metavar="ADDRESS", help="Let the guards pass this one change. Repeatable.")
@click.option("--wait-exitcode", is_flag=True, help="Exit with 6 where something waits for a person.")
@connection_options
def apply(
    path: Path, yes: bool, only: str | None, allow: tuple[str, ...], wait_exitcode: bool, options: Options
) -> int:
    """Make the organization what the files, or a saved plan, say.

    PATH is a YAML file or a folder of them (default: org.yaml), or a plan saved by `orgsync plan --out`. A saved plan
    is a ceiling: exactly its changes are made, or fewer, and none if live has left it (exit code 4). Running it again
    does nothing.
    """
    from orgsync.cli.plan import planned, rendered
    from orgsync.cli.session import checked_addresses, desired_from
    from orgsync.core.change import Action
    from orgsync.core.outcome import Status
    from orgsync.engine.apply_plan import refuse
    from orgsync.render import outcome

    allowed = checked_addresses(allow)
    seen: Observation | None = None
    if _is_saved(path):
        made = _saved(path, only, allowed)
    else:
        made, seen = asyncio.run(planned(desired_from(path, options), path, options, only=only, allow=allowed))
    options.put(rendered(made, "text", options))
    refuse(made.refusals)
    waits = bool(made.waiting or made.manual)
    if made.changes:
        if not yes:
            _confirm(made)
            seen = None  # a person took their time: look again
        report = asyncio.run(_applied(made, seen, options))
        options.put("\n" + outcome.render(report, width=options.width, color=options.color))
        if not report.complete:
            return EXIT_PARTLY
        waits |= any(one.change.action is Action.INVITE for one in report.having(Status.DONE))
    return EXIT_WAITING if wait_exitcode and waits else EXIT_OK


def _is_saved(path: Path) -> bool:
    """Whether this is a plan file, by its name or, since any name will do for `plan --out`, by how it begins."""
    if path.suffix == ".json":
        return True
    try:
        with path.open("rb") as file:
            return b'"format_version"' in file.read(100)
    except OSError:
        return False  # whoever reads it next says why it cannot be read


def _saved(path: Path, only: str | None, allowed: tuple[str, ...]) -> Plan:
    from dataclasses import replace

    from orgsync.core.address import Address
    from orgsync.core.change import Allowance
    from orgsync.files import plan_file

    if only is not None:
        raise UsageError(
            "--only makes a plan smaller, and a saved plan is applied as it is", hint="plan again with --only"
        )
    made = plan_file.read(path)
    if not allowed:
        return made
    made = replace(made, allowed=(*made.allowed, *(Allowance(Address(address), "--allow") for address in allowed)))
    return replace(made, guards=tuple(_lifted(verdict, made) for verdict in made.guards))


def _lifted(verdict: Verdict, made: Plan) -> Verdict:
    """The verdict of a guard that listens to allowances, in the light of those made since. Live is judged later."""
    from orgsync.core.guards import Judged, folded, judge
    from orgsync.render.sections import LIFTED_BY_NAME

    if verdict.passed or verdict.guard not in LIFTED_BY_NAME:
        return verdict
    allowed = frozenset(folded(allowance.address) for allowance in made.allowed)
    judged = Judged(made.changes, made.rules, made.present, 0, made.manual, allowed)
    return next(again for again in judge(judged) if again.guard == verdict.guard)


def _confirm(made: Plan) -> None:
    """Raises UsageError where nobody can be asked, or the answer is no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("there is no terminal to ask on; nothing was changed", hint="review the plan, then add --yes")
    click.echo("", err=True)
    count = len(made.changes)
    noun = "this change" if count == 1 else f"these {count} changes"
    answer = click.prompt(f'Make {noun} to "{made.organization.name}"? Only "yes" is accepted', err=True, default="no")
    if answer.strip() != "yes":
        raise UsageError("not confirmed; nothing was changed")


async def _applied(made: Plan, seen: Observation | None, options: Options) -> Report:
    from orgsync.cli.progress import Progress
    from orgsync.cli.session import connected
    from orgsync.engine.apply_plan import apply_plan
    from orgsync.kinds import KINDS

    with Progress(options, "Applying", changes=len(made.changes)) as progress:
        async with connected(options, progress) as client:
            return await apply_plan(made, client.reader, client.writer, KINDS, seen=seen, on_outcome=progress.settled)
