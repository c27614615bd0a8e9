"""What to do about a write that the API rejects without an error code, told by what was asked (admin-api §3.3).

Most rejections have no code: the API's message says why, and only people can read it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orgsync.errors import PLAN_AGAIN

if TYPE_CHECKING:
    from orgsync.api.answers import Call

_CORRECT = "correct the files"

_NEXT_STEPS = {
    "POST invites": (
        "if an identity provider manages members, add the person there; if no seat is free, remove a member or withdraw"
        f" an invite; otherwise {_CORRECT}"
    ),
    "DELETE invites/ID": f"only a pending invite can be withdrawn: {PLAN_AGAIN}",
    "POST users/ID": (
        "the API changes neither admins nor roles that an identity provider manages: change the role in the Console or"
        f" at the provider, or {_CORRECT}"
    ),
    "DELETE users/ID": (
        "the API removes neither admins nor members that an identity provider manages: remove the member in the Console"
        " or at the provider, or declare the member"
    ),
    "POST workspaces": (
        "if the organization has as many workspaces as it may have (100 by default), archive one or ask Anthropic;"
        f" otherwise {_CORRECT}"
    ),
    "POST workspaces/ID/archive": f"the default workspace cannot be archived: {_CORRECT}",
    "POST workspaces/ID": f"an archived workspace cannot be changed, nor most of the default one: {_CORRECT}",
    "(POST|DELETE) workspaces/ID/members(/ID)?": (
        "access that follows from an organization role can neither be lowered nor removed in a workspace, and the"
        f" default workspace has no other: change the organization role, or {_CORRECT}"
    ),
    "POST workspaces/ID/rate_limits/ID": (
        "a workspace can have those limits that the organization has, and the default workspace none of its own:"
        f" {_CORRECT}"
    ),
    "(POST|DELETE) spend_limits(/ID)?": (
        "a limit can neither exceed the one that contains it nor be below one that it contains, and the default"
        f" workspace has none of its own: {_CORRECT}"
    ),
    "POST api_keys/ID": (
        f"an archived or expired key cannot be used any more: create a new one in the Console, and {_CORRECT}"
    ),
    "POST service_accounts(/ID)*": (
        f"an archived service account cannot be changed, and no two can have one name: {_CORRECT}"
    ),
}
"""By method and path, below `/v1/organizations/`. ID stands for whatever is there."""

_ASKED = {
    re.compile(asked.replace(" ", " /v1/organizations/", 1).replace("ID", "[^/]+")): step
    for asked, step in _NEXT_STEPS.items()
}

_OTHERWISE = f"the API's message says what it rejects: {_CORRECT}, or change it in the Console"

_NOT_FOUND = (
    f"what the API's message names does not exist, or the credential may not see it: {_CORRECT}, or {PLAN_AGAIN}"
)


def next_step(call: Call, status: int | None) -> str:
    """What a person can do about a write that was rejected without a code."""
    if status == 404:
        return _NOT_FOUND
    return next((step for asked, step in _ASKED.items() if asked.fullmatch(str(call))), _OTHERWISE)
