"""Which records of the Activity Feed explain that somebody has access to a workspace, or none, or another role there.

Facts: a record of somebody who was added does not name the role; nothing is recorded of access that ends with the
membership of the organization.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.feed.rules import EMAIL, EXISTS, Explains, Handles, Hint, Says, Value, emails, gone, made, updated
from orgsync.core.model.things import LIVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.feed.records import Activity
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Pair

_WORKSPACE, _USER = "workspace", "user"
_PREFIX = "workspace_"
_ROLES = frozenset({"user", "restricted_developer", "developer", "admin", "billing"})


def handles(pair: Pair, seen: Observation) -> Handles:
    """The ids of the workspace and of the user, and the address."""
    if pair.found is not None:
        workspace, _slash, user = pair.found.id.partition("/")
        places, users = frozenset({workspace}), frozenset({user})
    else:
        places = _living(seen.pairs.get("workspace", ()), pair.key[:1])
        users = _living(seen.pairs.get("member", ()), pair.key[1:])
    return {_WORKSPACE: places, _USER: users, EMAIL: emails(pair.key[1])}


def _living(pairs: Sequence[Pair], key: tuple[str, ...]) -> frozenset[str]:
    found = (pair.found for pair in pairs if pair.key == key and pair.found is not None)
    return frozenset(one.id for one in found if one.standing == LIVE)


def _role(word: str) -> str | Hint:
    role = word.casefold().removeprefix(_PREFIX)
    return role if role in _ROLES else Hint.UNTOLD


_UPDATES = updated({"workspace_role": Value("role", _role)})


def _updated(record: Activity) -> Says:
    """Another role; that of billing members is what they inherit, and so takes back what was given on top of it."""
    says = _UPDATES(record)
    return {**says, EXISTS: False} if says.get("role") == "billing" else says


def _with_the_membership(_record: Activity) -> Says:
    """Access ends with the membership of the organization, and begins again with another one only if it is given."""
    return {EXISTS: Hint.UNTOLD}


_IDS = {"workspace_id": _WORKSPACE, "user_id": _USER}

ACTIVITIES = (
    Explains("platform_workspace_member_added", _IDS, made),
    Explains("platform_workspace_member_updated", _IDS, _updated),
    Explains("platform_workspace_member_removed", _IDS, gone),
    Explains("org_user_deleted", {"deleted_user_id": _USER}, _with_the_membership),
    Explains("org_user_deleted", {"deleted_user_email": EMAIL}, _with_the_membership),
)
