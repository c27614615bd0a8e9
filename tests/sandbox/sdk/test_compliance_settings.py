"""The official SDK switches the Activity Feed on and off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anthropic
import pytest

from orgsync.sandbox.wire.switches import ADMIN_KEY

from .sdk_shapes import problems, response_type

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def settings(server: tuple[str, Path]) -> Iterator[Any]:
    with anthropic.Anthropic(api_key=ADMIN_KEY, base_url=server[0], max_retries=0) as client:
        yield client.organization.compliance_settings


def test_the_state_is_what_was_set(settings: Any) -> None:
    assert settings.retrieve().state.type == "disabled"
    for state in ({"type": "enabled"}, {"type": "enabled"}, {"type": "disabled"}):
        assert settings.update(state=state).state.type == state["type"]
        assert settings.retrieve().state.type == state["type"]


@pytest.mark.parametrize(("method", "fields"), [("retrieve", {}), ("update", {"state": {"type": "disabled"}})])
def test_answers_are_of_the_types_of_the_sdk(settings: Any, method: str, fields: dict[str, Any]) -> None:
    called = getattr(settings, method)
    raw = getattr(settings.with_raw_response, method)(**fields)
    assert problems(response_type(called), raw.http_response.json()) == []
