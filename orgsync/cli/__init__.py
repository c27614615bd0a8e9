"""The command line: the only place that builds clients, prints and exits.

The groups and their commands are in `program`: what takes time to import is imported where an interrupt is handled.
"""

from __future__ import annotations

import gc
import signal
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NoReturn

from orgsync.errors import (
    EXIT_INPUT,
    EXIT_INTERRUPTED,
    EXIT_OK,
    InputError,
    Interrupted,
    OrgsyncError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def run() -> NoReturn:
    """What the `orgsync` script calls."""
    from orgsync.cli import streams

    # A large organization is built once and kept: at its usual pace the collector would walk through it over and over.
    gc.set_threshold(200_000, 20, 20)
    try:
        streams.prepare()
        code = exit_code(sys.argv[1:])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done: a traceback from the way out would say otherwise
    except KeyboardInterrupt:  # one more, while it says that there was one
        code = EXIT_INTERRUPTED
    sys.exit(code)


def exit_code(arguments: Sequence[str]) -> int:
    """Runs one command line and says how it ended. What a person has to know is printed; a bug shows its traceback."""
    try:
        return _ended(arguments)
    except OrgsyncError as error:
        _complain(error)
        if not error.is_printed:
            _tell_program(arguments, error)
        return error.exit_code
    except KeyboardInterrupt:
        import click

        click.echo("Interrupted.", err=True)
        if "apply" not in arguments[:1]:  # whose last line says so
            _tell_program(arguments, Interrupted("interrupted"))
        return EXIT_INTERRUPTED


def _ended(arguments: Sequence[str]) -> int:
    import click

    from orgsync.cli.program import main
    from orgsync.cli.streams import code_unless_lost

    try:
        result: Any = main.main(list(arguments), prog_name="orgsync", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        _tell_program(arguments, UsageError(error.format_message()))
        return EXIT_INPUT
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return code_unless_lost(result if isinstance(result, int) else EXIT_OK)


def _tell_program(arguments: Sequence[str], error: OrgsyncError) -> None:
    """Prints how a run failed that was to print JSON: whoever reads that gets it in any case."""
    words = list(arguments)
    if "--format=json" not in words and ("--format", "json") not in pairwise(words):
        return
    import click

    if words[0] == "apply":
        from orgsync.core.apply.events import Tally
        from orgsync.engine.clock import timestamp_now
        from orgsync.render.events import json_line

        click.echo(json_line(Tally().ended(timestamp_now(), error.exit_code, error)), nl=False)
        return
    from orgsync.core.apply.failure import failure_of
    from orgsync.render import failure

    click.echo(failure.json_text(failure_of(error)), nl=False)


def _complain(error: OrgsyncError) -> None:
    import click

    from orgsync.core.words.inert import inert

    if isinstance(error, InputError):
        _complain_of(error)
        return
    click.echo("\n".join(inert(line) for line in f"Error: {error}".splitlines()), err=True)
    if error.hint is not None:
        click.echo(f"hint: {inert(error.hint)}", err=True)


def _complain_of(error: InputError) -> None:
    """Every problem, but of one mistake that was made many times only the first ones."""
    import click

    from orgsync.core.words.inert import inert
    from orgsync.core.words.plural import counted
    from orgsync.core.words.problems import few_of_each

    click.echo(f"Error: {counted(len(error.problems), 'problem')}", err=True)
    for problem, more in few_of_each(error.problems, lambda one: one.message):
        # One by one: a line break in what was written must not begin a line of ours.
        click.echo(inert(problem.told), err=True)
        if problem.hint is not None:
            click.echo(f"    hint: {inert(problem.hint)}", err=True)
        if more:
            click.echo(f"… and {more:,} more like it", err=True)
