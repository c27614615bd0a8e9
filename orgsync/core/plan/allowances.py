"""What a person allowed one by one, and how to write it: on the command line or in the files."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

from orgsync.core.model.change import Allowance, Raised
from orgsync.core.words.address import Address

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Plan, Verdict
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.things import Named

_BOUND = re.compile(r"(?P<address>.+)=(?P<id>[a-z]+_[0-9A-Za-z]+(?:/[0-9A-Za-z_]+)*)")
"""`ADDRESS=ID`, as `--allow` takes it. Ids of the API begin with a word and an underscore."""

NAMED_AT_MOST = 10
"""More than this nobody allows one by one where one line can allow them together."""

OPTION = "--allow"
"""The reason of an allowance that was given on the command line."""


def named(text: str) -> Allowance:
    """What `--allow` names: an address, or an address and the id of the live object that is meant."""
    bound = _BOUND.fullmatch(text)
    if bound is None:
        return Allowance(Address(text), OPTION)
    return Allowance(Address(bound["address"]), OPTION, id=bound["id"])


def allowances(desired: Desired, today: date, allow: Iterable[str]) -> tuple[Allowance, ...]:
    """What a person named: on the command line, and in the files while it counts."""
    given = sorted({named(text) for text in allow}, key=lambda one: (one.address, one.id or ""))
    written = (
        Allowance(
            Address(entry.address), entry.reason, None if entry.until is None else entry.until.isoformat(), entry.id
        )
        for entry in desired.settings.guards.allow
        if entry.address is not None and (entry.until is None or entry.until >= today)
    )
    return (*given, *written)


def named_by(allowed: Iterable[Allowance], kinds: Kinds) -> frozenset[Named]:
    """What the allowances name by address alone. One with an id is for what the organization has, and no request."""
    return frozenset(
        kinds.named(one.address) for one in allowed if one.id is None and one.address.kind in kinds.by_name
    )


def raised(desired: Desired, today: date) -> tuple[Raised, ...]:
    """The limits that the files raise for a while."""
    return tuple(
        Raised(entry.guard, entry.count, entry.reason, entry.until.isoformat())
        for entry in desired.settings.guards.allow
        if entry.guard is not None and entry.count is not None and entry.until is not None and entry.until >= today
    )


def option_for(plan: Plan, address: Address) -> str:
    """The option that allows the change of this address and nothing else, as a shell takes it."""
    identity = _id_of(plan, address)
    text = address if identity is None else f"{address}={identity}"
    return f"--allow {shlex.quote(text)}"


def entry_for(plan: Plan, address: Address) -> str:
    """The line under `guards.allow` that allows it, to be pasted and given a day and a reason."""
    identity = _id_of(plan, address)
    bound = "" if identity is None else f", id: {identity}"
    return f"- {{address: {json.dumps(address, ensure_ascii=False)}{bound}, until: YYYY-MM-DD, reason: …}}"


def raising_entry(verdict: Verdict) -> str | None:
    """The line under `guards.allow` that raises max_grants for one plan, where it refuses more than a person names."""
    if verdict.guard != "max_grants" or len(verdict.addresses) <= NAMED_AT_MOST:
        return None
    return f"- {{guard: max_grants, count: {len(verdict.addresses)}, until: YYYY-MM-DD, reason: …}}"


def _id_of(plan: Plan, address: Address) -> str | None:
    return next((change.id for change in plan.changes if change.address == address and change.id is not None), None)
