"""Whatever a file asks for: what was really done is within the guards, and where nothing limits it, all of it is done.

What was given and taken is told from the rows of the organization before and after, by tables of our own, and never
from orgsync's word. That guards refuse nothing else is tried where they are, on plans of every sort.
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
from orgsync.errors import InputError, Refused, Stale
from orgsync.files.yaml.load import load
from orgsync.kinds import KINDS
from properties.organizations import OPEN_GUARDS, Filed, Organization, examples, guarded_organizations
from properties.witness import Snapshot, applied, planned, same, sent, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orgsync.core.document.read import Desired

TODAY = "2026-11-22"

ORGANIZATION = {
    "user": {"play"},
    "claude_code_user": {"play", "code"},
    "developer": {"play", "code", "keys", "costs"},
    "billing": {"play", "costs", "pay"},
    "admin": {"play", "code", "keys", "costs", "pay", "rule"},
}
WORKSPACE = {
    "workspace_user": {"play"},
    "workspace_restricted_developer": {"play", "keys"},
    "workspace_developer": {"play", "keys", "traces"},
    "workspace_admin": {"play", "keys", "traces", "costs", "rule"},
    "workspace_billing": {"costs"},
}
"""What roles let people do (Admin API: roles)."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What happened to one thing, under the name the file gives it and the one it had. `along`: with another thing."""

    kind: str
    name: str
    former: str
    taken: bool
    given: bool
    final: bool = False
    along: bool = False


@examples(30)
@given(guarded_organizations())
def test_what_passes_is_within_the_guards(organization: Organization) -> None:
    org = organization.org()
    before = snapshot(org)
    try:
        org.apply()
    except (InputError, Refused, Stale) as error:
        event(type(error).__name__)
        assert sent(org) == []
        return
    effects = list(_effects(before, snapshot(org), organization.files))
    event("does something" if effects else "does nothing")
    guards = organization.files["guards"]
    allowed = [entry for entry in guards.get("allow", []) if entry.get("until", TODAY) >= TODAY]
    named = [entry["address"] for entry in allowed if "address" in entry]
    unnamed = [one for one in effects if not any(_names(address, one) for address in named)]
    for entry in guards.get("protect", []):
        glob, anything = (entry["address"], True) if isinstance(entry, dict) else (entry, False)
        assert not [one for one in effects if (one.taken or (anything and not one.along)) and _covers(glob, one)]
    counted = [one for one in unnamed if not one.along]
    raised = max([entry["count"] for entry in allowed if "guard" in entry], default=0)
    assert sum(one.taken for one in counted) <= guards.get("max_removals", {}).get("count", 10)
    assert sum(one.given for one in counted) <= max(guards.get("max_grants", {}).get("count", 100), raised)
    assert not [one for one in counted if one.final]
    for email in _own(guards):
        assert not [one for one in effects if one.kind == "member" and one.former and same(one.former, email)]


@examples(12)
@given(guarded_organizations())
def test_nothing_is_held_up_where_every_limit_is_open_and_everything_is_allowed(organization: Organization) -> None:
    twin = applied(organization.saying(guards=OPEN_GUARDS))
    assert twin is None or not twin.refusal, twin
    event("cannot be planned" if twin is None else "done")


def _own(guards: dict[str, Any]) -> list[str]:
    named = guards.get("credential_of", [])
    return [named] if isinstance(named, str) else named


def _effects(before: Snapshot, after: Snapshot, files: dict[str, Any]) -> Iterator[Effect]:
    """What was given and taken, whatever asked for it."""
    names = _declared_names(files, before)
    yield from _people(before, after)
    yield from _workspaces(before, after, names)
    yield from _roles(before, after, names)
    yield from _keys(before, after, names)
    yield from _limits(before, after, names)
    yield from _accounts(before, after)


def _changed(kind: str, name: str, former: str, had: set[str], has: set[str], **more: bool) -> Iterator[Effect]:
    if had != has:
        yield Effect(kind, name, former, taken=bool(had - has), given=bool(has - had), **more)


def _standing(live: Snapshot) -> dict[str, tuple[str, set[str]]]:
    """By folded e-mail, how it is spelled and what the person may do, or may once the invite is accepted."""
    invited = (row for row in live.invites.values() if row["status"] == "pending")
    return {
        row["email"].casefold(): (row["email"], ORGANIZATION[row["role"]]) for row in (*invited, *live.users.values())
    }


def _people(before: Snapshot, after: Snapshot) -> Iterator[Effect]:
    """Members and those who are invited."""
    was, became = _standing(before), _standing(after)
    for email in was.keys() | became.keys():
        spelled, had = was.get(email, ("", set()))
        new, has = became.get(email, ("", set()))
        yield from _changed("member", spelled or new, spelled, had, has)


def _workspaces(before: Snapshot, after: Snapshot, names: Mapping[str, str]) -> Iterator[Effect]:
    for one, row in before.workspaces.items():
        new, name = after.workspaces[one], names.get(one, row["name"])
        archived = new["archived_at"] != row["archived_at"]
        once = any(new.get(field) != row.get(field) for field in ("external_key_id", "user_profile_id"))
        if archived or once:
            yield Effect("workspace", name, row["name"], taken=True, given=not archived, final=True)
        elif new["data_residency"] != row["data_residency"]:
            yield Effect("workspace", name, row["name"], taken=True, given=True)


def _roles(before: Snapshot, after: Snapshot, names: Mapping[str, str]) -> Iterator[Effect]:
    """Roles of people whose organization role stays and gives them none; and those that end with something else."""
    for workspace, person in before.roles.keys() | after.roles.keys():
        row = after.workspaces[workspace]
        former = before.workspaces[workspace]["name"] if workspace in before.workspaces else row["name"]
        new = names.get(workspace, former)
        email = (after.users.get(person) or before.users[person])["email"]
        had = WORKSPACE.get(before.roles.get((workspace, person), ""), set())
        has = WORKSPACE.get(after.roles.get((workspace, person), ""), set())
        here = ("workspace_member", f"{new}/{email}", f"{former}/{email}")
        was = before.users.get(person)
        inherits = was is None or was["role"] in {"admin", "billing"}
        if person not in after.users or (workspace in before.workspaces and _is_archived(workspace, before, after)):
            if not inherits:
                yield Effect(*here, taken=bool(had), given=False, along=True)
        elif was is not None and was["role"] == after.users[person]["role"] and not inherits:
            yield from _changed(*here, had, has)


def _is_archived(workspace: str, before: Snapshot, after: Snapshot) -> bool:
    return bool(before.workspaces[workspace]["archived_at"] != after.workspaces[workspace]["archived_at"])


def _keys(before: Snapshot, after: Snapshot, names: Mapping[str, str]) -> Iterator[Effect]:
    """Keys that were switched or archived; those that end with their workspace go along with it."""
    for one, row in before.keys.items():
        workspace, new = row["scope"]["workspace_id"], after.keys[one]
        former = before.workspaces[workspace]["name"]
        here = ("api_key", f"{names.get(workspace, former)}/{new['name']}", f"{former}/{row['name']}")
        along = _is_archived(workspace, before, after) or (row["principal"] or {}).get("user_id") not in {
            None,
            *after.users,
        }
        if along and row["status"] == "active":
            yield Effect(*here, taken=True, given=False, along=True)
        elif new["status"] != row["status"] and not along:
            given, final = new["status"] == "active", new["status"] == "archived"
            yield Effect(*here, taken=not given and row["status"] != "expired", given=given, final=final)


def _limits(before: Snapshot, after: Snapshot, names: Mapping[str, str]) -> Iterator[Effect]:
    """Limits that rose or fell; one that was not there before is a fall."""
    was, became = _spend_limits(before), _spend_limits(after)
    for where in was.keys() | became.keys():
        if where is None:
            yield from _limit("spend_limit", "organization", "organization", was.get(where), became.get(where))
            continue
        if where not in before.workspaces:
            continue  # nothing is taken from anybody in a workspace that is new
        former = before.workspaces[where]["name"]
        named = names.get(where, former)
        here = (f"workspace/{named}", f"workspace/{former}")
        yield from _limit("spend_limit", *here, was.get(where), became.get(where))
    for key in before.rate_limits.keys() | after.rate_limits.keys():
        if key[0] in before.workspaces:
            yield from _limit("rate_limit", "?", "?", before.rate_limits.get(key), after.rate_limits.get(key))


def _spend_limits(live: Snapshot) -> dict[str | None, int]:
    kinds = {"organization", "workspace"}
    rows = [row for row in live.spend_limits.values() if row["scope"]["type"] in kinds and row["period"] == "monthly"]
    return {row["scope"].get("workspace_id"): int(row["amount"]) for row in rows}


def _limit(kind: str, name: str, former: str, had: int | None, has: int | None) -> Iterator[Effect]:
    if had != has:
        higher = has is None or (had is not None and has > had)
        yield Effect(kind, name, former, taken=not higher, given=higher)


def _accounts(before: Snapshot, after: Snapshot) -> Iterator[Effect]:
    powers = {"developer": {"request"}, "admin": {"request", "rule"}}
    for one, new in after.accounts.items():
        row = before.accounts.get(one)
        had = set() if row is None or row["archived_at"] else powers[row["organization_role"]]
        has = set() if new["archived_at"] else powers[new["organization_role"]]
        archived = bool(row is not None and new["archived_at"] and not row["archived_at"])
        yield from _changed("service_account", new["name"], new["name"], had, has, final=archived)


def _declared_names(files: dict[str, Any], live: Snapshot) -> dict[str, str]:
    """The name under which the file speaks of a workspace, by id."""
    names = {}
    for name, thing in (files.get("workspaces") or {}).items():
        ids = [thing["id"]] if "id" in thing else live.named(name) or live.named(thing.get("renamed_from", ""))
        names.update(dict.fromkeys(ids, name))
    return names


def _names(address: str, effect: Effect) -> bool:
    """Whether an allowance is for exactly this. Only the case of e-mails makes no difference."""
    kind, _, name = address.replace("%2F", "/").replace("%25", "%").partition(":")
    return effect.kind == kind and (same(name, effect.name) if kind == "member" else name == effect.name)


def _covers(glob: str, effect: Effect) -> bool:
    globs = glob.casefold().replace("%2f", "/").replace("%25", "%")
    addresses = [f"{effect.kind}:{name}".casefold() for name in (effect.name, effect.former)]
    return any(globs == address or fnmatchcase(address, globs) for address in addresses)


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
