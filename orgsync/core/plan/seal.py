"""A plan's own digests: what a reviewer approves, and what shows that a plan file was edited."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.plan.schema import plan_adapter
from orgsync.core.words.digest import sha256_hex

if TYPE_CHECKING:
    from orgsync.core.model.change import Plan


def sealed(plan: Plan) -> Plan:
    """The plan with its own two digests filled in."""
    changes, plan_itself = _digests(plan)
    return replace(plan, digests=replace(plan.digests, changes=changes, plan=plan_itself))


def is_intact(plan: Plan) -> bool:
    """Whether nothing in the plan was edited since it was sealed. This finds accidents and editors, not forgers."""
    return _digests(plan) == (plan.digests.changes, plan.digests.plan)


def _digests(plan: Plan) -> tuple[str, str]:
    """Of the changes with the live objects they are bound to, and of everything in the plan but the latter digest."""
    data = plan_adapter().dump_python(plan, mode="json", by_alias=True)
    changes = sha256_hex({"changes": data["changes"], "identities": data["identities"]})
    data["digests"] = {"files": plan.digests.files, "live": plan.digests.live, "changes": changes}
    return changes, sha256_hex(data)
