"""What a colleague does in the Console at the worst moment: to just what the plan is about to touch, or elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from orgsync.core.apply.rehearsal import Fault
from orgsync.sandbox.model.resource import Edit
from orgsync.sandbox.wire.context import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.sandbox.model.resource import Resource, Tables, Write


def edit(fault: Fault, write: Write, resources: Iterable[Resource], tables: Tables) -> Edit | None:
    """What is done where this write comes next; None where there is nothing of that sort to do.

    Of several resources that the write touches, the first one is edited.
    """
    method, path, text = write
    if fault is Fault.CONSOLE_SAME:
        return Edit(method, path, json.loads(text) if text else None)
    for resource in resources:
        edited = (resource.edits or {}).get(fault.effect.edit)
        wanted = edited(write, tables[resource.table]) if edited else None
        if wanted is not None:
            return wanted._replace(path=f"{PREFIX}{wanted.path}")
    return None
