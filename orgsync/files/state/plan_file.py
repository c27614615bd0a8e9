"""Plan files: written whole or not at all, and read only if they are exactly what orgsync wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.plan.schema import READERS, RETIRED, is_intact, plan_adapter, plan_schema
from orgsync.files.state.json_file import MOST_PROBLEMS, JsonFile
from orgsync.render.plan import json_text

if TYPE_CHECKING:
    from pathlib import Path

    from orgsync.core.model.change import Plan

LIMIT = 64 * 1024 * 1024
"""Bytes of the largest plan file that is read: several times the plan of the largest organization known."""

FILE = JsonFile(
    noun="plan",
    mark="planned_at",
    readers=READERS,
    retired=RETIRED,
    again="run `orgsync plan` again; plan files must not be edited",
    other_format="apply it with the version of orgsync that created it, or run `orgsync plan` again",
    schema=lambda _format_version: plan_schema(),
)


def write(path: Path, plan: Plan) -> None:
    """Puts the plan at `path` in one step, for the owner alone (mode 0600).

    It names people by their e-mail and says who gets which access, and whoever can write it decides what `apply` does.
    """
    FILE.write(path, json_text.render(plan).encode())


def read(path: Path) -> Plan:
    """The plan in the file. Raises InputError, with every problem, if it is not one that orgsync wrote.

    Raises Stale where a former version wrote it, in a format that is no longer read.
    """

    def made(data: Any) -> Plan:
        plan = plan_adapter().validate_python(data)
        if not is_intact(plan):
            raise FILE.edited(path)
        return plan

    return FILE.read(path, made, limit=LIMIT)


__all__ = ["LIMIT", "MOST_PROBLEMS", "read", "write"]
