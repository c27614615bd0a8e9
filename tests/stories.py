"""Long tables of cases, of which `make test` tries a fair part and `make stories` the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _pytest.mark import ParameterSet


def every_third(cases: Iterable[Any], ids: Callable[[Any], str] | None = None) -> list[ParameterSet]:
    """The cases as parameters: every third is tried by `make test`, the others are stories."""
    return [
        pytest.param(case, id=None if ids is None else ids(case), marks=() if number % 3 == 0 else pytest.mark.story)
        for number, case in enumerate(cases)
    ]
