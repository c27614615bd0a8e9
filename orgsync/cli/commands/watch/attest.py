"""`orgsync attest`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orgsync.cli.shared.options import Options, common_options, given_path
from orgsync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.core.document.console import Attestation, ConsoleSpec


def _list(context: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    """Prints the catalogue and ends, like `--help`: nothing else on the line matters then."""
    if asked and not context.resilient_parsing:
        Options.put(catalogue_table())
        context.exit()


@click.command()
@click.argument("key")
@click.option("--value", required=True, metavar="TEXT", help="What the Console shows.")
@click.option("--by", required=True, metavar="TEXT", help="Who checked: a name or an e-mail address.")
@click.option("--note", metavar="TEXT", help="A comment for later readers.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path),
    callback=given_path,
    metavar="PATH",
    help="The organization file or folder. Default: org.yaml.",
)
@click.option(
    "--list", is_flag=True, is_eager=True, expose_value=False, callback=_list, help="Print all settings, and exit."
)
@common_options
def attest(key: str, value: str, by: str, note: str | None, path: Path, options: Options) -> None:
    """Record what the Console shows for a setting that the API lacks.

    KEY is a setting that the file declares under `console`. The attestation is added, with the date, to a file
    beside the organization file; commit both.
    """
    from orgsync.files.state.attestations import append, attestations_path, read
    from orgsync.flows.files import desired_at

    declared = desired_at(path, options.now).settings.console.declared
    spec = _declared(key, declared, path)
    attestation = _attestation(key, value, by, note, options)
    beside = attestations_path(path)
    _check_last([*read(beside), attestation], attestation)
    append(beside, attestation)
    _report(attestation, spec, beside, options)


def catalogue_table() -> str:
    """Every setting, where the Console shows it and how often to look, in at most 80 columns."""
    from orgsync.core.document.console_catalogue import SETTINGS

    rows = [("KEY", "EVERY", "WHERE"), *((one.key, one.interval, one.where) for one in SETTINGS)]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "".join(f"{key:{widths[0]}}  {every:>{widths[1]}}  {where}\n" for key, every, where in rows)


def _declared(key: str, declared: Mapping[str, ConsoleSpec], path: Path) -> ConsoleSpec:
    """What the file says of the setting. Nobody would be asked again about one that is not declared."""
    from orgsync.core.document.console_catalogue import CATALOGUE
    from orgsync.core.words.problems import quoted, suggestion

    if key in declared:
        return declared[key]
    if key in CATALOGUE:
        example = f'add it under console: {key}: "{CATALOGUE[key].example}"'
        raise UsageError(f"{key} is not declared under `console` in {path}", hint=example)
    near = suggestion(key, declared or CATALOGUE, "declared" if declared else "known settings")
    raise UsageError(f"{quoted(key)} is not a console setting", hint=near)


def _attestation(key: str, value: str, by: str, note: str | None, options: Options) -> Attestation:
    from pydantic import ValidationError

    from orgsync.core.document.console import Attestation
    from orgsync.core.words.problems import translate
    from orgsync.core.words.source import Source

    at = options.now.replace(microsecond=0)
    data: dict[str, Any] = {"key": key, "value": value, "by": by, "at": at, "note": note}
    try:
        return Attestation.model_validate(data)
    except ValidationError as error:
        problems = translate(error, data, Source("", 1, 1), Attestation)
        told = "\n".join(f"--{problem.address}: {problem.message}" for problem in problems)
        raise UsageError(told, hint=problems[0].hint) from error


def _check_last(attestations: list[Attestation], new: Attestation) -> None:
    """One that an existing, later one hides would be recorded and never count."""
    from orgsync.core.words.timestamp import written_exactly

    last = max(one.at for one in attestations if one.key == new.key)
    if last > new.at:
        message = f"{new.key} already has a later attestation: {written_exactly(last)}"
        raise UsageError(message, hint="correct the clock, --now, or the date of that line")


def _report(attestation: Attestation, spec: ConsoleSpec, beside: Path, options: Options) -> None:
    from orgsync.core.document.console import counts_until, interval
    from orgsync.core.document.console_catalogue import CATALOGUE
    from orgsync.core.words.inert import inert
    from orgsync.core.words.timestamp import written_exactly

    def told(text: str) -> str:
        return f'"{inert(text)}"'

    at, until = attestation.at, counts_until(attestation, interval(attestation.key, spec))
    seen = f"{attestation.key} is {told(attestation.value)}, seen by {inert(attestation.by)} on {written_exactly(at)}"
    options.say(f"Recorded in {inert(str(beside))}: {seen}.")
    if attestation.value == spec.expect:
        options.say(f"Valid until {written_exactly(until)}.")
        return
    where = CATALOGUE[attestation.key].where
    click.echo(f"WARNING: this contradicts the file, which expects {told(spec.expect)}.", err=True)  # even if --quiet
    click.echo(f"Correct it in the Console ({where}) and attest again, or correct the file.", err=True)
