"""Options that every command takes, and what they mean."""

from __future__ import annotations

import functools
import os
import re
import shlex
import shutil
import sys
import time
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orgsync.api.budget import Bound, Budget
from orgsync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta

    from orgsync.core.model.change import Selection

_USUAL = Budget()
_BUDGET = {
    "read_seconds": (Bound.READING, "SECONDS", "Maximum time that reading may wait for the API in all."),
    "request_seconds": (Bound.REQUEST, "SECONDS", "Maximum time of one request."),
    "pages": (Bound.PAGES, "NUMBER", "Maximum number of pages of one list."),
    "read_mib": (Bound.READ, "MIB", "Maximum size of all answers, decompressed."),
    "answer_mib": (Bound.ANSWER, "MIB", "Maximum size of one answer, decompressed."),
}
"""Which option sets which part of the budget."""

_COMMA = re.compile(r",(?=[\w*?\[\]]+:)")
_MOMENT = "use RFC 3339, such as 2026-11-22T10:00:00Z"


@dataclass(frozen=True, slots=True)
class SnapshotChoice:
    """The snapshot to read in place of the organization: where it is, who must have signed it, how old it may be."""

    path: Path
    verify_with: Path | None
    max_age: str


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line, and the terminal it was asked from.

    `now` is the clock of the whole run. `requests_per_minute` None means the default; so does `snapshot` None: the
    organization itself is read. `starts` is when requests were sent: a command that connects twice must not send a
    minute's worth twice.
    """

    sandbox: Path | None
    now: datetime
    quiet: bool
    color: bool
    width: int
    fixed_now: datetime | None = None
    requests_per_minute: float | None = None
    snapshot: SnapshotChoice | None = None
    budget: Budget = _USUAL
    starts: deque[float] = field(default_factory=deque, compare=False, repr=False)

    @property
    def request_limit(self) -> float | None:
        """How many requests may be sent in a minute; None where nobody counts them."""
        from orgsync.flows.connection import REQUESTS_PER_MINUTE

        usual = REQUESTS_PER_MINUTE if self.sandbox is None else None
        return self.requests_per_minute or usual

    def seconds_for(self, requests: int) -> float:
        """How long the limit makes so many further requests take."""
        from orgsync.api.limiter import seconds_for

        return seconds_for(requests, self.request_limit, self.starts, time.monotonic())

    def say(self, text: str) -> None:
        """Tells the person something; never part of what a pipe would carry."""
        if not self.quiet:
            click.echo(text, err=True)

    def command(self, *words: object) -> str:
        """A command line of orgsync for the same organization, as it is typed."""
        sandbox = () if self.sandbox is None else ("--sandbox", self.sandbox)
        return shlex.join(map(str, ("orgsync", *words, *sandbox)))

    @staticmethod
    def put(text: str) -> None:
        """Prints what a pipe carries. What is lost of it, the end of the command says."""
        click.echo(text, nl=False)


def common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--sandbox`, `--now`, `--quiet` and `--no-color`; the command gets them as `options`."""

    @click.option(
        "--sandbox",
        type=click.Path(path_type=Path),
        help="Use the sandbox at PATH instead of an organization.",
        metavar="PATH",
    )
    @click.option("--now", metavar="RFC3339", help="Current time, for reproducible plans. Default: the clock.")
    @click.option("--quiet", is_flag=True, help="Print no progress messages.")
    @click.option("--no-color", is_flag=True, help="No color, as with NO_COLOR in the environment.")
    @functools.wraps(command)
    def with_options(
        *args: Any, sandbox: Path | None, now: str | None, quiet: bool, no_color: bool, **kwargs: Any
    ) -> Any:
        rate = kwargs.pop("requests_per_minute", None)
        snapshot, budget = _snapshot_choice(kwargs), _budget(kwargs)
        fixed = None if now is None else moment(now)
        is_terminal = sys.stdout.isatty()
        options = Options(
            sandbox=sandbox,
            now=fixed or datetime.now(UTC),
            quiet=quiet,
            color=is_terminal and not no_color and _colour_is_welcome(),
            width=shutil.get_terminal_size().columns if is_terminal else 80,
            fixed_now=fixed,
            requests_per_minute=rate,
            snapshot=snapshot,
            budget=budget,
        )
        return command(*args, options=options, **kwargs)

    return with_options


def connection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds what only commands that talk to the API take, on top of the common options."""
    rate = click.option(
        "--requests-per-minute",
        type=click.FloatRange(min=1),
        metavar="NUMBER",
        help="Maximum number of requests per minute. Default: 90; unlimited with --sandbox.",
    )
    command = common_options(command)
    for name, (bound, unit, text) in _BUDGET.items():
        told = f"{text} Default: {getattr(_USUAL, name):,}."
        command = click.option(bound.value, name, type=click.IntRange(min=1), metavar=unit, help=told)(command)
    return rate(command)


def _budget(arguments: dict[str, Any]) -> Budget:
    """What was said about the budget, taken out of a command's arguments."""
    said = {name: arguments.pop(name, None) for name in _BUDGET}
    return replace(_USUAL, **{name: value for name, value in said.items() if value is not None})


strict_coverage_option = click.option(
    "--strict-coverage",
    is_flag=True,
    help="What a declared workspace leaves out under authoritative mode is drift, as with manage.coverage: strict.",
)


def snapshot_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds what commands take that can plan from a snapshot; put it above `connection_options`.

    `session.snapshot_from` and `session.source` do the rest.
    """
    file = click.Path(dir_okay=False, path_type=Path)
    for option in (
        click.option(
            "--max-snapshot-age", metavar="TIME", default="1d", show_default=True, help="Maximum age of the snapshot."
        ),
        click.option(
            "--verify-with", type=file, metavar="FILE", help="Public key that the snapshot's signature must match."
        ),
        click.option("--snapshot", type=file, metavar="FILE", help="Read this snapshot instead of the organization."),
    ):
        command = option(command)
    return command


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--only` and `--exclude`; the command gets them as `selection`."""

    @click.option(
        "--only",
        multiple=True,
        metavar="GLOB",
        help="Only changes whose address matches GLOB, and the changes they depend on. Repeatable.",
    )
    @click.option(
        "--exclude",
        multiple=True,
        metavar="GLOB",
        help="No changes whose address matches GLOB, nor those that depend on them. Repeatable.",
    )
    @functools.wraps(command)
    def with_selection(*args: Any, only: tuple[str, ...], exclude: tuple[str, ...], **kwargs: Any) -> Any:
        from orgsync.core.model.change import Selection

        return command(*args, selection=Selection(_apart(only), _apart(exclude)), **kwargs)

    return with_selection


def _apart(given: Sequence[str]) -> tuple[str, ...]:
    """The globs, of which one word may hold several. A comma belongs to a name unless a kind follows it."""
    return tuple(glob for word in given for glob in _COMMA.split(word))


def selection_words(selection: Selection) -> list[str]:
    """The options again, as they are typed."""
    given = [*(("--only", glob) for glob in selection.only), *(("--exclude", glob) for glob in selection.exclude)]
    return [word for pair in given for word in pair]


def _snapshot_choice(arguments: dict[str, Any]) -> SnapshotChoice | None:
    """What was said about snapshots, taken out of a command's arguments. Raises UsageError."""
    path, key = arguments.pop("snapshot", None), arguments.pop("verify_with", None)
    longest = arguments.pop("max_snapshot_age", "")
    if path is not None:
        return SnapshotChoice(path, key, longest)
    if key is not None:
        raise UsageError("--verify-with requires --snapshot", hint="add --snapshot FILE")
    return None


def _colour_is_welcome() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def moment(text: str) -> datetime:
    """The RFC 3339 moment that `--now` names, in UTC. Raises UsageError."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f'--now: "{text}" is not a valid timestamp', hint=_MOMENT) from error
    if parsed.tzinfo is None:
        raise UsageError(f'--now: "{text}" has no time zone', hint=_MOMENT)
    return parsed.astimezone(UTC)


def duration(option: str, text: str) -> timedelta:
    """The length of time that an option names, such as `7d`. Raises UsageError."""
    from orgsync.core.words.duration import parse_duration
    from orgsync.core.words.problems import Unsuitable

    try:
        return parse_duration(text)
    except Unsuitable as error:
        raise UsageError(f"{option}: {error}", hint=error.hint) from error


def default_path() -> Path:
    """The files where no path is given. Raises UsageError where a folder could be meant as well."""
    file, folder = Path("org.yaml"), Path("org")
    if folder.is_dir() and file.exists() and _has_files(folder):
        message = f"{file} and the folder {folder} both exist, and no path is given"
        raise UsageError(message, hint=f"name one of the two, such as `{folder}`, or delete the other")
    return file


def _has_files(folder: Path) -> bool:
    from orgsync.errors import InputError
    from orgsync.files.yaml.folder import looked_through

    try:
        return bool(looked_through(folder).files)
    except InputError:
        return True  # whoever reads them says what is wrong


def given_path(_context: click.Context, _argument: click.Parameter, path: Path | None) -> Path:
    """The path, or the one that counts where none is given."""
    return default_path() if path is None else path


path_argument = click.argument(
    "path", type=click.Path(path_type=Path), required=False, callback=given_path, metavar="[PATH]"
)
"""The organization file or folder; `default_path()` where there is none."""
