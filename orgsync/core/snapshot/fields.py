"""What the snapshots of each released version hold, so that a later one never takes what they lack for absent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import Level, Note
from orgsync.core.model.codes import Code
from orgsync.core.plan.make import summary_of
from orgsync.core.plan.schema import sealed
from orgsync.core.words.address import Address
from orgsync.core.words.versions import minor_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orgsync.core.model.change import Plan

_ORGANIZATION = "/v1/organizations"
_WORKSPACE = f"{_ORGANIZATION}/workspaces/*"

HELD: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "0.1": {
        f"{_ORGANIZATION}/me": ("id", "name"),
        f"{_ORGANIZATION}/users": ("id", "email", "role"),
        f"{_ORGANIZATION}/invites": ("id", "email", "role", "status", "invited_at", "expires_at"),
        f"{_ORGANIZATION}/workspaces": (
            *("id", "name", "archived_at", "display_color", "tags"),
            *("data_residency", "external_key_id", "user_profile_id"),
        ),
        f"{_WORKSPACE}/members": ("user_id", "workspace_role"),
        f"{_WORKSPACE}/rate_limits": ("rate_limit_id", "workspace_id", "limits.type", "limits.value"),
        f"{_ORGANIZATION}/api_keys": (
            *("id", "name", "status", "created_at", "expires_at", "scope.type", "scope.workspace_id"),
            *("principal.type", "principal.user_id", "created_by.type", "created_by.id"),
        ),
        f"{_ORGANIZATION}/rate_limits": ("id", "group.id", "group.type", "models", "limits.type", "limits.value"),
        f"{_ORGANIZATION}/spend_limits": (*("id", "period", "amount", "currency", "scope.type", "scope.workspace_id"),),
        f"{_ORGANIZATION}/spend_limits/*": (),
        f"{_ORGANIZATION}/cost_report": (
            *("starting_at", "results.currency", "results.amount", "results.workspace_id"),
        ),
        f"{_ORGANIZATION}/usage_report/messages": (
            *("starting_at", "results.api_key_id", "results.uncached_input_tokens", "results.cache_read_input_tokens"),
            *("results.output_tokens", "results.cache_creation"),
        ),
    },
}
"""By minor version: which lists it kept, and which fields of their rows (none named: all of them). Never changed."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the snapshots of one version hold. `orgsync` is how the snapshot names that version."""

    orgsync: str
    fields: Mapping[str, tuple[str, ...]]

    def sort(self, path: str) -> str | None:
        """The sort of list that is read at this path; None: that version knew no such list."""
        return next((sort for sort in self.fields if _is_of(path, sort)), None)

    def lacking(self, path: str, asked: Sequence[str]) -> tuple[str, ...]:
        """The fields that are asked for, and that this version did not keep of this list."""
        kept = self.fields.get(self.sort(path) or "", ())
        return tuple(one for one in asked if kept and not any(_covers(name, one) for name in kept))

    def words(self, path: str, fields: Iterable[str]) -> str:
        """What to tell of fields that it lacks; without any, of the whole list."""
        named, sort = ", ".join(fields), self.sort(path) or path
        what = f"{named} of {sort}" if named else sort
        return f"was created by orgsync {self.orgsync}, which did not save {what}: the files are not compared with it"


def held_by(orgsync: str) -> Held | None:
    """What the snapshots of this version hold; None: all that is asked for."""
    minor = minor_of(orgsync)
    fields = None if minor is None else HELD.get(f"{minor[0]}.{minor[1]}")
    return None if fields is None else Held(orgsync, fields)


def told(plan: Plan, lacks: Iterable[str]) -> Plan:
    """The plan, with a finding for everything that the snapshot it was made from does not hold."""
    place = Address("setting:snapshot")
    notes = [Note(place, Code.SNAPSHOT_LACKS, words, Level.WARNING) for words in dict.fromkeys(lacks)]
    if not notes:
        return plan
    findings = sorted((*plan.findings, *notes), key=lambda note: (note.address, note.code, note.message))
    plan = replace(plan, findings=tuple(findings))
    return sealed(replace(plan, summary=summary_of(plan)))


def _is_of(path: str, sort: str) -> bool:
    steps, wanted = path.split("/"), sort.split("/")
    return len(steps) == len(wanted) and all(want in ("*", step) for step, want in zip(steps, wanted, strict=True))


def _covers(kept: str, asked: str) -> bool:
    """Whether a field that was kept is the one that is asked for, or holds it."""
    return asked == kept or asked.startswith(f"{kept}.")
