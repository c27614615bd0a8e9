"""SHA-256 over data: equal data gives equal digests, whatever order its keys were written in."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orgsync.core.plan_schema import plan_adapter

if TYPE_CHECKING:
    from orgsync.core.change import Plan


def canonical(value: Any) -> bytes:
    """The one spelling of JSON-ready data: sorted keys, no spaces, UTF-8. NaN and infinities are a ValueError."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    # A file by hand can hold a lone surrogate; it has no UTF-8, and a digest must not be what fails over it.
    return text.encode("utf-8", "surrogatepass")


def sha256_hex(value: Any) -> str:
    """The SHA-256 of JSON-ready data, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


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
