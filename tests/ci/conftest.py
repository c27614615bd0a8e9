"""The fakes that the action talks to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci.actions_api import ActionsApi, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def github() -> Iterator[ActionsApi]:
    """GitHub, as far as the action asks it."""
    with serving(ActionsApi()) as api:
        yield api
