"""Guards refuse what they are there for, and only that.

What a file would do is found out in a twin of the organization whose guards are open and where everything is allowed.
From what the twin lost, and from the file, follows whether the organization itself may be touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from hypothesis import event, given

from orgsync.errors import Refused
from properties.organizations import OPEN_GUARDS, Organization, escaped, examples, guarded_organizations
from properties.samples import declared_today
from properties.witness import applied, same, sent, snapshot

if TYPE_CHECKING:
    from properties.witness import Applied, Snapshot

TODAY = "2026-11-22"
LIMITS = {"percent": 25, "count": 10}


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that was taken away, under the name the file gives it and the one it had."""

    kind: str
    name: str
    former: str
    final: bool = False


@examples(300)
@given(guarded_organizations())
def test_a_plan_is_refused_where_a_guard_says_so_and_nowhere_else(organization: Organization) -> None:
    twin = applied(organization.saying(guards=OPEN_GUARDS))
    if twin is None:
        return
    expected = twin.report is None or bool(_reasons(twin, organization.files))
    org = organization.org()
    try:
        org.apply()
    except Refused:
        event("refused")
        assert sent(org) == []
        assert expected, "refused without a reason"
    else:
        event("removes, and passed" if _losses(twin, organization.files) else "passed")
        assert not expected, twin.refusal or _reasons(twin, organization.files)
        after = snapshot(org)
        assert (after.users, after.workspaces, after.roles) == (twin.after.users, twin.after.workspaces, twin.after.roles)


def _reasons(twin: Applied, files: dict[str, Any]) -> list[str]:
    """Why this may not be done, as far as the file's guards say."""
    guards = files["guards"]
    limits = LIMITS | guards.get("max_removals", {})
    losses = _losses(twin, files)
    counted = [loss for loss in losses if not loss.final or loss.kind == "workspace"]
    allowed = [entry["address"] for entry in guards.get("allow", []) if entry.get("until", TODAY) >= TODAY]
    unnamed = [loss for loss in counted if not any(_names(address, loss) for address in allowed)]
    final = [loss for loss in losses if loss.final and not any(_names(address, loss) for address in allowed)]
    protected = [loss for loss in losses if any(_covers(glob, loss) for glob in guards.get("protect", []))]
    present = _present(twin, files)
    shares = {kind: [loss.kind for loss in unnamed].count(kind) for kind in present}
    lost_admins = _lost_admins(twin.before, files)
    admins = [row for row in twin.before.users.values() if row["role"] == "admin"]
    reasons = {
        "not allowed by its address": final,
        "protected": protected,
        "too many": len(unnamed) > limits["count"],
        "too large a share": [kind for kind in present if shares[kind] * 100 > limits["percent"] * present[kind]],
        "too few admins": lost_admins and len(admins) - len(lost_admins) < guards.get("min_admins", 1),
    }
    return [reason for reason, holds in reasons.items() if holds]


def _losses(twin: Applied, files: dict[str, Any]) -> list[Loss]:
    """What was taken away. A set-once field that was set is lost as well: its being open is."""
    before, after = twin.before, twin.after
    names = _declared_names(files, before)
    losses = [Loss("member", row["email"], row["email"]) for one, row in before.users.items() if one not in after.users]
    for row in before.invites.values():
        gone = row["status"] == "pending" and not after.pending(row["email"]) and after.user(row["email"]) is None
        losses += [Loss("member", row["email"], row["email"])] * gone
    for one, row in before.workspaces.items():
        new, name = after.workspaces[one], names.get(one, row["name"])
        if new["archived_at"] != row["archived_at"]:
            losses.append(Loss("workspace", name, row["name"], final=True))
        elif new["external_key_id"] != row["external_key_id"]:
            losses.append(Loss("key", name, row["name"], final=True))
    for workspace, person in twin.vanished_roles():
        if before.users[person]["role"] != "billing" or before.roles[workspace, person] != "workspace_billing":
            email, former = before.users[person]["email"], before.workspaces[workspace]["name"]
            losses.append(Loss("workspace_member", f"{names[workspace]}/{email}", f"{former}/{email}"))
    return losses


def _declared_names(files: dict[str, Any], live: Snapshot) -> dict[str, str]:
    """The name under which the file speaks of a workspace, by id."""
    names = {}
    for name, thing in (files.get("workspaces") or {}).items():
        ids = [thing["id"]] if "id" in thing else live.named(name) or live.named(thing.get("renamed_from", ""))
        names.update(dict.fromkeys(ids, name))
    return names


def _names(address: str, loss: Loss) -> bool:
    """Whether an allowance is for exactly this. Only the case of e-mails makes no difference."""
    kind, _, name = address.replace("%2F", "/").replace("%25", "%").partition(":")
    kinds = {"workspace", "key"} if kind == "workspace" else {kind}
    return loss.kind in kinds and (same(name, loss.name) if kind == "member" else name == loss.name)


def _covers(glob: str, loss: Loss) -> bool:
    parts = [name.split("/", 1) if loss.kind == "workspace_member" else [name] for name in (loss.name, loss.former)]
    addresses = [f"{loss.kind}:{'/'.join(map(escaped, each))}".casefold() for each in parts]
    return any(glob.casefold() == address or fnmatchcase(address, glob.casefold()) for address in addresses)


def _present(twin: Applied, files: dict[str, Any]) -> dict[str, int]:
    """How many things of each kind live shows where the file looks."""
    live = twin.before
    inside = {name for name, thing in (files.get("workspaces") or {}).items() if "members" in thing}
    read = {one for one, name in _declared_names(files, live).items() if name in inside}
    return {
        "member": len(live.users) + sum(row["status"] == "pending" for row in live.invites.values()),
        "workspace": sum(not row["archived_at"] for row in live.workspaces.values()),
        "workspace_member": sum(workspace in read for workspace, _person in live.roles),
    }


def _lost_admins(live: Snapshot, files: dict[str, Any]) -> list[str]:
    """Admins whom the file wants demoted or gone: that is for people to do, and still counts."""
    mode = files["manage"].get("members", "additive")
    if "members" not in files or mode == "observe":
        return []
    declared = declared_today(files)
    lost = []
    for row in live.users.values():
        wanted = next((role for email, role in declared.items() if same(email, row["email"])), None)
        if row["role"] == "admin" and (wanted not in {None, "admin"} or (wanted is None and mode == "authoritative")):
            lost.append(row["email"])
    return lost
