"""Turns a plan into what was asked for with `--format`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orgsync.cli.options import Options
    from orgsync.core.change import Plan


def rendered(made: Plan, output: str, options: Options, *, next_step: str | None = None) -> str:
    """The plan as a person or a program reads it."""
    if output == "json":
        from orgsync.render import json_text

        return json_text.render(made)
    from orgsync.render import text

    return text.render(made, width=options.width, color=options.color, next_step=next_step)
