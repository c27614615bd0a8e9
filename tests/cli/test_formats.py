"""The output formats: each is one row, and `--format` offers what the row can print."""

from __future__ import annotations

import click
import pytest

from orgsync.cli.commands.change.plan import plan
from orgsync.cli.commands.change.rehearse import rehearse
from orgsync.cli.commands.change.show import show
from orgsync.cli.commands.change.validate import validate
from orgsync.cli.commands.watch.drift import drift
from orgsync.cli.shared.formats import FORMATS


def offered(command: click.Command) -> list[str]:
    """The choices of `--format`."""
    [option] = [one for one in command.params if "--format" in one.opts]
    assert isinstance(option.type, click.Choice)
    return list(option.type.choices)


def test_every_format_has_a_name_of_its_own() -> None:
    assert len({one.name for one in FORMATS}) == len(FORMATS)


def test_a_plan_can_be_printed_in_every_format() -> None:
    assert offered(plan) == offered(show) == [one.name for one in FORMATS]


@pytest.mark.parametrize(
    ("command", "names"),
    [
        (validate, ["text", "json", "github", "sarif", "junit", "code-quality"]),
        (drift, ["text", "json", "markdown", "sarif", "junit", "code-quality"]),
        (rehearse, ["text", "json"]),
    ],
    ids=["validate", "drift", "rehearse"],
)
def test_a_command_offers_what_can_print_what_it_is_about(command: click.Command, names: list[str]) -> None:
    assert offered(command) == names


def test_who_reads_a_format_that_tells_of_failures_reads_of_files_that_are_valid_too() -> None:
    assert all(one.valid is not None for one in FORMATS if one.failure is not None or one.in_step)
