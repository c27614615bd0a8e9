"""`--format json` of `apply`: each event is a line on stdout, `ended` the last one, however it ends."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import click

from orgsync.cli.shared.options import Options
from orgsync.cli.shared.output import format_option
from orgsync.errors import EXIT_INTERRUPTED, OrgsyncError

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.apply.events import Event


class EventLines:
    """A sink that prints, and counts for the last line."""

    def __init__(self) -> None:
        from orgsync.core.apply.events import Tally

        self._tally = Tally()

    def __call__(self, event: Event) -> None:
        from orgsync.render.events import json_line

        self._tally(event)
        Options.put(json_line(event))

    def ended(self, exit_code: int, error: OrgsyncError | None = None) -> None:
        """Prints the last line."""
        from orgsync.engine.clock import timestamp_now

        self(self._tally.ended(timestamp_now(), exit_code, error))


def event_format(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--format`; the command gets the lines that are asked for as `lines`, and None where text is."""

    @format_option(("text", "json"), "text, or json: one line for each event; the text goes to stderr.")
    @functools.wraps(command)
    def with_lines(*args: Any, output_format: str, **kwargs: Any) -> Any:
        if output_format == "text":
            return command(*args, lines=None, **kwargs)
        lines = EventLines()
        try:
            code = command(*args, lines=lines, **kwargs)
        except OrgsyncError as error:
            lines.ended(error.exit_code, error)
            error.is_printed = True
            raise
        except (KeyboardInterrupt, click.Abort):
            lines.ended(EXIT_INTERRUPTED)
            raise
        lines.ended(code)
        return code

    return with_lines
