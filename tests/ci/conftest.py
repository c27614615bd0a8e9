"""The fakes that the action talks to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ci.actions_api import ActionsApi, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`make test` runs the stories that every pipeline has; those of single cases are for `make stories`."""
    if os.environ.get("ORGSYNC_STORIES") == "full":
        return
    left = [item for item in items if item.get_closest_marker("story")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.fixture
def github() -> Iterator[ActionsApi]:
    """GitHub, as far as the action asks it."""
    with serving(ActionsApi()) as api:
        yield api
