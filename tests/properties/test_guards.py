"""Guards refuse what they are there for, and only that.

What a file would do is found out in a twin of the organization whose guards are open and where everything is allowed.
From what the twin lost, and from the file, follows whether the organization itself may be touched.
"""

from __future__ import annotations

import copy
import json
import tempfile
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import event, given

from orgsync.core.document.read import desired_state
from orgsync.errors import Refused
from orgsync.files.yaml.load import load
from orgsync.kinds import KINDS
from properties.organizations import OPEN_GUARDS, Filed, Organization, examples, guarded_organizations
from properties.samples import declared_today
from properties.witness import applied, planned, same, sent, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.core.document.read import Desired
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


@examples(30)
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
        assert (after.users, after.workspaces, after.roles) == (
            twin.after.users,
            twin.after.workspaces,
            twin.after.roles,
        )
        assert (after.keys, after.rate_limits) == (twin.after.keys, twin.after.rate_limits)


def _reasons(twin: Applied, files: dict[str, Any]) -> list[str]:
    """Why this may not be done, as far as the file's guards say."""
    guards = files["guards"]
    limits = LIMITS | guards.get("max_removals", {})
    losses = _losses(twin, files)
    counted = [loss for loss in losses if loss.kind != "key"]
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
        "own account": [email for email in _own(guards) if _is_touched(email, twin) or _is_in(email, lost_admins)],
        "too few admins": lost_admins and len(admins) - len(lost_admins) < guards.get("min_admins", 1),
    }
    return [reason for reason, holds in reasons.items() if holds]


def _own(guards: dict[str, Any]) -> list[str]:
    named = guards.get("credential_of", [])
    return [named] if isinstance(named, str) else named


def _is_in(email: str, others: list[str]) -> bool:
    return any(same(email, other) for other in others)


def _is_touched(email: str, twin: Applied) -> bool:
    """Whether somebody's account, or the invite to have one, is not what it was."""
    before, after = twin.before, twin.after
    account = before.user(email)
    if account is not None:
        return account not in after.users or before.users[account]["role"] != after.users[account]["role"]
    return not set(before.pending(email)) <= set(after.pending(email))


def _losses(twin: Applied, files: dict[str, Any]) -> list[Loss]:
    """What was taken away, whatever asked for it."""
    names = _declared_names(files, twin.before)
    return [
        *_lost_people(twin, files),
        *_lost_workspaces(twin, names),
        *_lost_roles(twin, names),
        *_lost_limits(twin, names),
        *_lost_keys(twin, names),
        *_lost_accounts(twin),
    ]


def _lost_people(twin: Applied, files: dict[str, Any]) -> Iterator[Loss]:
    """Members, for good where they have personal keys; and invites that were not sent again."""
    before, after = twin.before, twin.after
    for one in twin.removed_users():
        email = before.users[one]["email"]
        yield Loss("member", email, email, final=_reads_keys(files) and _owns_keys(one, before))
    for row in before.invites.values():
        email = row["email"]
        if row["status"] == "pending" and not after.pending(email) and after.user(email) is None:
            yield Loss("member", email, email)


def _lost_workspaces(twin: Applied, names: dict[str, str]) -> Iterator[Loss]:
    """Workspaces; and, of those that stay, the freedom to choose their encryption key."""
    for one, row in twin.before.workspaces.items():
        new, name = twin.after.workspaces[one], names.get(one, row["name"])
        if new["archived_at"] != row["archived_at"]:
            yield Loss("workspace", name, row["name"], final=True)
        elif new["external_key_id"] != row["external_key_id"]:
            yield Loss("key", name, row["name"], final=True)


def _lost_roles(twin: Applied, names: dict[str, str]) -> Iterator[Loss]:
    """Roles in workspaces, but for those that came with the billing role and went with it."""
    before = twin.before
    for workspace, person in twin.vanished_roles():
        if before.users[person]["role"] != "billing" or before.roles[workspace, person] != "workspace_billing":
            yield _in_workspace("workspace_member", workspace, before.users[person]["email"], names, before)


def _lost_limits(twin: Applied, names: dict[str, str]) -> Iterator[Loss]:
    for one, row in twin.before.spend_limits.items():
        if one not in twin.after.spend_limits:
            yield _in_workspace("spend_limit", row["scope"].get("workspace_id"), "", names, twin.before)


def _lost_keys(twin: Applied, names: dict[str, str]) -> Iterator[Loss]:
    """Keys that were archived, but for those that end with their workspace or their owner."""
    gone = twin.removed_users()
    for one, row in twin.before.keys.items():
        workspace = row["scope"]["workspace_id"]
        ended = twin.after.workspaces[workspace]["archived_at"] or (row["principal"] or {}).get("user_id") in gone
        if "archived" == twin.after.keys[one]["status"] != row["status"] and not ended:
            yield _in_workspace("api_key", workspace, row["name"], names, twin.before)


def _lost_accounts(twin: Applied) -> Iterator[Loss]:
    for one, row in twin.before.accounts.items():
        if twin.after.accounts[one]["archived_at"] != row["archived_at"]:
            yield Loss("service_account", row["name"], row["name"], final=True)


def _in_workspace(kind: str, workspace: str | None, name: str, names: dict[str, str], live: Snapshot) -> Loss:
    """Something inside a workspace, or the organization's own."""
    if workspace is None:
        return Loss(kind, "organization", "organization")
    former = live.workspaces[workspace]["name"]
    if kind == "spend_limit":
        return Loss(kind, f"workspace/{names[workspace]}", f"workspace/{former}")
    return Loss(kind, f"{names[workspace]}/{name}", f"{former}/{name}", final=kind == "api_key")


def _reads_keys(files: dict[str, Any]) -> bool:
    return any("api_keys" in thing for thing in (files.get("workspaces") or {}).values())


def _owns_keys(person: str, live: Snapshot) -> bool:
    """Whether somebody has personal keys, which end with their membership for good."""
    keys = [row for row in live.keys.values() if row["status"] != "archived"]
    return any((row["principal"] or {}).get("user_id") == person for row in keys)


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
    globs = glob.casefold().replace("%2f", "/").replace("%25", "%")
    addresses = [f"{loss.kind}:{name}".casefold() for name in (loss.name, loss.former)]
    return any(globs == address or fnmatchcase(address, globs) for address in addresses)


def _present(twin: Applied, files: dict[str, Any]) -> dict[str, int]:
    """How many things of each kind live shows where the file looks."""
    live = twin.before
    inside = {name for name, thing in (files.get("workspaces") or {}).items() if "members" in thing}
    read = {one for one, name in _declared_names(files, live).items() if name in inside}
    return {
        "member": len(live.users) + sum(row["status"] == "pending" for row in live.invites.values()),
        "workspace": sum(not row["archived_at"] for row in live.workspaces.values()),
        "workspace_member": sum(workspace in read for workspace, _person in live.roles),
        "spend_limit": sum(
            _is_spoken_of(row["scope"], _declared_names(files, live), live) for row in live.spend_limits.values()
        ),
        "api_key": sum(row["status"] != "archived" for row in live.keys.values()),
        "service_account": sum(row["archived_at"] is None for row in live.accounts.values()),
    }


def _is_spoken_of(scope: dict[str, Any], names: dict[str, str], live: Snapshot) -> bool:
    """Whether a limit is one a file could mean: the organization's, or that of a live workspace of its own name."""
    if scope["type"] != "workspace":
        return bool(scope["type"] == "organization")
    row = live.workspaces[scope["workspace_id"]]
    return scope["workspace_id"] in names or (row["archived_at"] is None and row["name"] not in names.values())


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


class InFolder(Filed):
    """An `Org` whose file is several: every section by itself, and maps torn in two."""

    def desired(self) -> Desired:
        """What the folder asks for. Raises InputError."""
        with tempfile.TemporaryDirectory() as folder:
            for number, part in enumerate(_torn(yaml.safe_load(self.files))):
                Path(folder, f"{number}.yaml").write_text(json.dumps(part), encoding="utf-8")
            return desired_state(load(Path(folder)), KINDS, self.now.date())


def _torn(files: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, value in files.items():
        if isinstance(value, dict) and len(value) > 1:
            first, *rest = value.items()
            yield {name: dict([first])}
            yield {name: dict(rest)}
        else:
            yield {name: value}


@examples(3)
@given(guarded_organizations())
def test_a_folder_of_files_is_judged_as_one_file(organization: Organization) -> None:
    both = planned(organization)
    if both is None:
        return
    _org, plan = both
    torn = InFolder(organization.text, **copy.deepcopy(organization.seed)).plan()
    assert torn.guards == plan.guards
    event("refused" if plan.refusals else "passed")
