"""Loading from a string, and walking what was loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.words.source import Map, Seq
from orgsync.files.yaml.builder import Budget, build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.core.words.source import Problem, Source


def data_of(text: str) -> Map:
    """What a text says; it must have no problem."""
    data, problems, *_ = build(text, "org.yaml", Budget())
    assert not problems, "\n".join(map(str, problems))
    return data


def problems_of(text: str, budget: Budget | None = None) -> list[Problem]:
    return build(text, "org.yaml", budget or Budget()).problems


def keys_of(value: Any) -> Iterator[tuple[str, Source]]:
    """Every key at every depth, with its place."""
    if isinstance(value, Map):
        yield from value.sources.items()
    for item in value.values() if isinstance(value, Map) else value if isinstance(value, Seq) else ():
        yield from keys_of(item)
