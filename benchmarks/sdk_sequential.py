"""What somebody would write with the official SDK: the lists that a plan needs, one after the other.

python -m benchmarks.sdk_sequential URL
"""

from __future__ import annotations

import sys
from typing import Any

from anthropic import Anthropic

from benchmarks.floor import KEY
from benchmarks.organizations import LIMITED


def read(url: str) -> int:
    """How many rows all lists have."""
    organization = Anthropic(auth_token=KEY, base_url=url).beta.organization
    organization.retrieve()
    workspaces = list(organization.workspaces.list(limit=1000, include_archived=True, include_default=True))
    lists: list[list[Any]] = [
        list(organization.users.list(limit=1000)),
        list(organization.invites.list(limit=1000)),
        list(organization.api_keys.list(limit=1000)),
        list(organization.rate_limits.list(limit=1000)),
        list(organization.spend_limits.list(limit=1000)),
    ]
    for workspace in workspaces:
        if workspace.name != "Default":
            lists.append(list(organization.workspaces.members.list(workspace.id, limit=1000)))
        if workspace.name.endswith(LIMITED):
            lists.append(list(organization.workspaces.rate_limits.list(workspace.id, limit=1000)))
    return len(workspaces) + sum(map(len, lists))


if __name__ == "__main__":
    print(f"{read(sys.argv[1]):,} rows")
