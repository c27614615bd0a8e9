"""The verdict of a rehearsal as a person reads it, where something broke."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orgsync.core.apply.rehearsal import Fault, Point, RehearsalReport, Tried, tallied
from orgsync.core.model.change import Organization
from orgsync.render.rehearsal import json_text, render

if TYPE_CHECKING:
    from conftest import Golden

GOLDEN = Path(__file__).parent / "golden" / "rehearsal"
ACME = Organization("3f1c7a52-9d0e-4b7a-8c55-2f6b1e0d4a91", "Acme Robotics")
CREATE = "POST /v1/organizations/workspaces"


def verdict(*tried: Tried, undisturbed: tuple[str, ...] = (), organization: Organization = ACME) -> RehearsalReport:
    broken = tuple(one for one in tried if one.broken)
    return RehearsalReport(organization, "c5e0f5cdf1d5" * 5, 3, 1_050, 3, 7_212, 0, tallied(tried), broken, undisturbed)


BROKEN = verdict(
    *(Tried(Point(at, "GET /v1/organizations/me", Fault.OUTAGE), 1, stale=False) for at in range(1, 1_201)),
    Tried(Point(7, CREATE, Fault.CONSOLE_RENAME), 1, stale=True),
    Tried(
        Point(7, CREATE, Fault.DROPPED_AFTER),
        0,
        False,
        (
            "led to workspace lab / name: lab and lab",
            "sent a write that is not in the plan: POST /v1/organizations/workspaces",
        ),
    ),
    *(
        Tried(Point(at, CREATE, Fault.READ_LAG), 9, False, ("not done after 9 more runs: x failed: no",))
        for at in range(1, 9)
    ),
)
UNDISTURBED = verdict(undisturbed=("it did not complete: the API said no", "it sent 4 writes for 3 changes"))


@pytest.mark.parametrize(("name", "one"), [("broken", BROKEN), ("undisturbed", UNDISTURBED)])
def test_the_page_at_80_columns(name: str, one: RehearsalReport, golden: Golden) -> None:
    page = render(one)
    assert all(len(line) <= 80 for line in page.splitlines())
    golden(GOLDEN / f"{name}.txt", page)
    assert "\x1b[" in render(one, color=True)


def test_what_comes_from_the_organization_is_inert() -> None:
    bad = "\x1b[31m::error::x\u202e"
    hostile = verdict(
        Tried(Point(1, f"GET /{bad}", Fault.LIMITED), 0, False, (bad,)),
        undisturbed=(),
        organization=Organization(bad, bad),
    )
    for text in (render(hostile), json_text(hostile)):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "::error" not in text
    assert json.loads(json_text(hostile))["organization"]["name"] == bad


def test_json_lists_everything_that_broke() -> None:
    data = json.loads(json_text(BROKEN))
    assert data["held"] is False
    assert len(data["broken"]) == 9
    assert data["broken"][0]["fault"] == "dropped_after"
    assert (data["runs"], data["converged"], data["stale"]) == (1_210, 1_200, 1)
