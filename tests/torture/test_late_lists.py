"""Lists that show late what was made: apply looks again before it says that something is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from acme import ADMINS

from torture.world import World

if TYPE_CHECKING:
    from pathlib import Path

FILES = "members: {new@x.example: user}\nworkspaces: {lab: {}}\n"


@pytest.mark.parametrize("reads", [1, 3, 5, 8, 12])
def test_what_was_made_is_done_once_lists_show_it(reads: int, tmp_path: Path) -> None:
    world = World(FILES, {"users": ADMINS}, tmp_path / "org.journal.jsonl")
    world.app.set_faults([{"fault": "lag", "method": "POST", "reads": reads}])
    assert world.run()
    assert [line["method"] for line in world.requests() if line["method"] != "GET"] == ["POST", "POST"]
    assert len(world.state()["workspaces"]) == 1


def test_what_never_shows_is_not_done(tmp_path: Path) -> None:
    world = World(FILES, {"users": ADMINS}, tmp_path / "org.journal.jsonl")
    world.app.set_faults([{"fault": "lag", "method": "POST", "reads": 1_000}])
    assert not world.run()
