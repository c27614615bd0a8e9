"""Attestations and declared settings, short to write."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from files.yaml.support import data_of
from pydantic import ValidationError

from orgsync.core.document.console import Attestation, ConsoleSettings, ConsoleSpec, console_model, console_steps
from orgsync.core.model.change import Place
from orgsync.core.words.problems import translate
from orgsync.core.words.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.core.model.change import ManualStep

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def attested(value: str, at: datetime | str = NOW, *, key: str = "tax_id", by: str = "ana@acme.com") -> Attestation:
    return Attestation.model_validate({"key": key, "value": value, "by": by, "at": at})


def section(text: str) -> ConsoleSettings:
    """What the `console:` section of this text says; it must have no problem."""
    return console_model().model_validate(data_of(text)["console"])


def problems(text: str) -> list[str]:
    """What is wrong with the `console:` section of this text, each with its place and hint."""
    data = data_of(text)["console"]
    try:
        console_model().model_validate(data)
    except ValidationError as error:
        found = translate(error, data, Source("org.yaml", 1, 1), console_model(), "console")
        return [str(problem) for problem in sorted(found, key=lambda problem: problem.sort_key)]
    return []


def spec(expect: str, every: str | None = None) -> ConsoleSpec:
    return ConsoleSpec.model_validate({"expect": expect, "every": every} if every else {"expect": expect})


def steps(
    declared: Mapping[str, ConsoleSpec], *attestations: Attestation, now: datetime = NOW, **options: Any
) -> tuple[ManualStep, ...]:
    """The steps; every setting stands on the line that its name is long."""
    return console_steps(declared, attestations, now, lambda key: Place("org.yaml", len(key)), **options)
