"""A family of small organizations and plans: everything orgsync can do to one thing, alone and together.

A step takes one thing from one state to another: a person who is absent, invited, a user or a developer; a workspace
that is absent, live, renamed or archived; a role in it, a key, a limit. A plan is up to four changes made of steps.
Every pair of changes is there, and of three and four changes every combination of actions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

from acme import ADMINS, Org

from orgsync.core.words.address import address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orgsync.core.model.change import Plan

MOST_CHANGES = 4


@dataclass(slots=True)
class Draft:
    """Files and seed of one organization under construction. Besides admins it has one bystander of each sort."""

    members: dict[str, Any] = field(default_factory=dict)
    workspaces: dict[str, Any] = field(default_factory=dict)
    users: list[dict[str, Any]] = field(default_factory=list)
    invites: list[dict[str, Any]] = field(default_factory=list)
    spaces: list[dict[str, Any]] = field(default_factory=list)
    roles: list[dict[str, Any]] = field(default_factory=list)
    keys: list[dict[str, Any]] = field(default_factory=list)
    limits: list[dict[str, Any]] = field(default_factory=list)
    rates: list[dict[str, Any]] = field(default_factory=list)
    allow: list[str] = field(default_factory=list)

    def person(self, name: str, live: str | None, desired: str | None) -> str:
        """Somebody with this role, who shall have that one."""
        email = f"{name}@x.example"
        if live is not None:
            self.users.append({"email": email, "role": live})
        if desired is not None:
            self.members[email] = desired
        return email

    def space(self, name: str, **desired: Any) -> str:
        """A live workspace that is declared."""
        self.spaces.append({"name": name})
        self.workspaces[name] = desired
        return name


def invite(draft: Draft, number: str) -> None:
    draft.person(f"new{number}", None, "user")


def invite_again(draft: Draft, number: str) -> None:
    draft.invites.append({"email": draft.person(f"again{number}", None, "user"), "role": "developer"})


def uninvite(draft: Draft, number: str) -> None:
    draft.invites.append({"email": draft.person(f"gone{number}", None, None), "role": "user"})


def promote(draft: Draft, number: str) -> None:
    draft.person(f"up{number}", "user", "developer")


def leave(draft: Draft, number: str) -> None:
    draft.person(f"leaver{number}", "user", None)


def make_space(draft: Draft, number: str) -> None:
    draft.workspaces[f"made{number}"] = {"tags": {"a": "b"}}


def rename(draft: Draft, number: str) -> None:
    draft.spaces.append({"name": f"old{number}"})
    draft.workspaces[f"new{number}"] = {"renamed_from": f"old{number}"}


def retag(draft: Draft, number: str) -> None:
    draft.spaces.append({"name": f"tagged{number}", "tags": {"a": "b", "c": "d"}})
    draft.workspaces[f"tagged{number}"] = {"tags": {"a": "e"}}


def archive(draft: Draft, number: str) -> None:
    draft.space(f"poc{number}", archived=True)
    draft.allow.append(str(address("workspace", f"poc{number}")))


def join(draft: Draft, number: str) -> None:
    draft.space(f"open{number}", members={draft.person(f"joiner{number}", "user", "user"): "developer"})


def change_role(draft: Draft, number: str) -> None:
    email = draft.person(f"riser{number}", "user", "user")
    space = draft.space(f"shared{number}", members={email: "admin"})
    draft.roles.append({"email": email, "workspace": space, "workspace_role": "workspace_user"})


def part(draft: Draft, number: str) -> None:
    email, other = (draft.person(f"{name}{number}", "user", "user") for name in ("parting", "staying"))
    space = draft.space(f"left{number}", members={other: "user"})
    draft.roles += [{"email": one, "workspace": space, "workspace_role": "workspace_user"} for one in (email, other)]


def make_space_and_join(draft: Draft, number: str) -> None:
    draft.workspaces[f"team{number}"] = {"members": {draft.person(f"first{number}", "user", "user"): "user"}}


def promote_and_join(draft: Draft, number: str) -> None:
    email = draft.person(f"both{number}", "user", "developer")
    draft.space(f"after{number}", members={email: "developer"})


def make_space_with_limit(draft: Draft, number: str) -> None:
    draft.workspaces[f"capped{number}"] = {"spend_limit": 70}


def switch_key_off(draft: Draft, number: str) -> None:
    space = draft.space(f"keys{number}", api_keys={"k": "inactive"})
    draft.keys.append({"name": "k", "workspace": space})


def archive_key(draft: Draft, number: str) -> None:
    space = draft.space(f"vault{number}", api_keys={"k": {"archived": True}})
    draft.keys.append({"name": "k", "workspace": space})
    draft.allow.append(str(address("api_key", space, "k")))


def set_limit(draft: Draft, number: str) -> None:
    draft.space(f"free{number}", spend_limit=50)


def raise_limit(draft: Draft, number: str) -> None:
    draft.limits.append({"workspace": draft.space(f"raised{number}", spend_limit=80), "amount": "6000"})


def lift_limit(draft: Draft, number: str) -> None:
    draft.limits.append({"workspace": draft.space(f"lifted{number}", spend_limit=None), "amount": "6000"})


def set_rate(draft: Draft, number: str) -> None:
    draft.space(f"slow{number}", rate_limits={"claude-sonnet-5": {"requests_per_minute": 10}})


def clear_rate(draft: Draft, number: str) -> None:
    space = draft.space(f"fast{number}", rate_limits={"claude-sonnet-5": {"requests_per_minute": None}})
    limits = [{"type": "requests_per_minute", "value": 10}]
    draft.rates.append({"workspace": space, "model": "claude-sonnet-5", "limits": limits})


STEPS = (
    *(invite, invite_again, uninvite, promote, leave),
    *(make_space, rename, retag, archive, join, change_role, part),
    *(make_space_and_join, promote_and_join, make_space_with_limit),
    *(switch_key_off, archive_key, set_limit, raise_limit, lift_limit, set_rate, clear_rate),
)


@dataclass(frozen=True, slots=True)
class Small:
    """One organization and its plan."""

    name: str
    files: str
    org: Org
    plan: Plan


def small(names: Iterable[str]) -> Small:
    """The organization in which these steps are to be made."""
    steps = {step.__name__: step for step in STEPS}
    draft = Draft()
    chosen = list(names)
    for number, name in enumerate(chosen):
        steps[name](draft, str(number))
    draft.person("bystander", "user", "user")
    space = draft.space("quiet", members={"bystander@x.example": "user"})
    draft.roles.append({"email": "bystander@x.example", "workspace": space})
    draft.keys.append({"name": "other", "workspace": space})
    draft.limits.append({"workspace": space, "amount": "100"})
    files = json.dumps(
        {
            "version": 1,
            "organization": {"name": "Acme Robotics"},
            "manage": {"members": "authoritative", "workspace_members": "authoritative"},
            "guards": {"max_removals": {"percent": 100, "count": 50}},
            "members": {**{row["email"]: "admin" for row in ADMINS}, **draft.members},
            "workspaces": draft.workspaces,
        },
        indent=1,
    )
    text = f"# {' '.join(chosen)}\n{files}"
    org = Org(
        text,
        users=[*ADMINS, *draft.users],
        invites=draft.invites,
        workspaces=draft.spaces,
        workspace_members=draft.roles,
        api_keys=draft.keys,
        spend_limits=draft.limits,
        workspace_rate_limits=draft.rates,
    )
    return Small(" + ".join(chosen), text, org, org.plan(allow=draft.allow))


CHANGES: dict[str, tuple[str, ...]] = {
    "invite": ("member invite",),
    "invite_again": ("member withdraw", "member invite"),
    "uninvite": ("member withdraw",),
    "promote": ("member update",),
    "leave": ("member remove",),
    "make_space": ("workspace create",),
    "rename": ("workspace update",),
    "retag": ("workspace update tags",),
    "archive": ("workspace archive",),
    "join": ("workspace_member create",),
    "change_role": ("workspace_member update",),
    "part": ("workspace_member remove",),
    "make_space_and_join": ("workspace create", "workspace_member create inside"),
    "promote_and_join": ("member update", "workspace_member create after"),
    "make_space_with_limit": ("workspace create", "spend_limit create inside"),
    "switch_key_off": ("api_key update",),
    "archive_key": ("api_key archive",),
    "set_limit": ("spend_limit create",),
    "raise_limit": ("spend_limit update",),
    "lift_limit": ("spend_limit remove",),
    "set_rate": ("rate_limit create",),
    "clear_rate": ("rate_limit update",),
}
"""What each step changes. A test holds it against the plans."""


def family() -> list[tuple[str, ...]]:
    """The steps of every plan, the same on every day.

    Of up to two changes: every multiset of kind and action. Of three and four: every multiset of actions, each made of
    other kinds than the last.
    """
    seen: set[tuple[str, ...]] = set()
    found = []
    for combination in _combinations():
        changes = [change for name in combination for change in CHANGES[name]]
        key = tuple(sorted(changes if len(changes) <= 2 else (change.split()[1] for change in changes)))
        if key not in seen:
            seen.add(key)
            found.append(combination)
    return found


def _combinations() -> Iterator[tuple[str, ...]]:
    """Every multiset of steps that makes up to four changes, smaller plans first."""
    by_size: dict[int, list[tuple[str, ...]]] = {size: [] for size in range(1, MOST_CHANGES + 1)}
    for number in range(1, MOST_CHANGES + 1):
        for combination in combinations_with_replacement(CHANGES, number):
            size = sum(len(CHANGES[name]) for name in combination)
            if size <= MOST_CHANGES:
                by_size[size].append(combination)
    for size, combinations in by_size.items():
        # A prime stride visits each once, and the first of each sort is not always one of the first kind's.
        step = 1 if size < 3 else 7919
        yield from (combinations[number * step % len(combinations)] for number in range(len(combinations)))
