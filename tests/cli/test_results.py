"""What a command has read and planned is handed on as it is: nothing writes it out as text behind its back."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from stories import every_third

from cli.support import EXAMPLE, LIVE, NOW, ROOT
from orgsync.errors import EXIT_DIFFERENCE, EXIT_OK, EXIT_REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from cli.conftest import MakeSandbox, Orgsync

COMMANDS = {
    "plan": ("plan", "org.yaml"),
    "apply": ("apply", "plan.json", "--yes"),
    "apply, from files": ("apply", "org.yaml", "--yes", "--allow", "workspace:old-poc"),
    "drift": ("drift", "org.yaml"),
    "export": ("export",),
    "snapshot": ("snapshot", "org.yaml", "--out", "snapshot.json"),
    "rehearse": ("rehearse", "plan.json", "--runs", "1"),
}


@contextmanager
def formatted() -> Iterator[Counter[str]]:
    """Counts the values of orgsync whose `__repr__` is called meanwhile, by their type."""
    counted: Counter[str] = Counter()

    def look(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code.co_name == "__repr__":
            kind = type(frame.f_locals.get("self"))
            if kind.__module__.startswith("orgsync."):
                counted[kind.__qualname__] += 1

    sys.setprofile(look)
    try:
        yield counted
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("name", every_third(COMMANDS))
def test_no_value_is_formatted_as_a_side_effect(name: str, sandbox: MakeSandbox, orgsync: Orgsync) -> None:
    shutil.copy(EXAMPLE, "org.yaml")
    sandbox(**json.loads(LIVE.read_text(encoding="utf-8")))
    where = ("--sandbox", "acme.db", "--now", NOW)
    assert orgsync("plan", "org.yaml", "--allow", "workspace:old-poc", "--out", "plan.json", *where).code == EXIT_OK
    with formatted() as counted:
        ended = orgsync(*COMMANDS[name], *where)
    assert "Traceback" not in ended.said
    assert ended.code in {EXIT_OK, EXIT_DIFFERENCE, EXIT_REFUSED}, ended.said
    assert counted == {}


def test_commands_wait_for_their_work_in_one_place() -> None:
    modules = (ROOT / "orgsync").rglob("*.py")
    assert [path.name for path in modules if "asyncio.run(" in path.read_text(encoding="utf-8")] == ["concurrency.py"]
