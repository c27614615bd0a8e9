"""What somebody in a hurry would write with the official SDK: the lists that a plan needs, so many at a time.

python -m benchmarks.sdk_concurrent URL CONCURRENCY
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from anthropic import AsyncAnthropic

from benchmarks.floor import KEY
from benchmarks.organizations import LIMITED

if TYPE_CHECKING:
    from collections.abc import AsyncIterable


async def read(url: str, concurrency: int) -> int:
    """How many rows all lists have."""
    slots = asyncio.Semaphore(concurrency)

    async def rows(pages: AsyncIterable[Any]) -> list[Any]:
        async with slots:
            return [row async for row in pages]

    async with AsyncAnthropic(auth_token=KEY, base_url=url) as client:
        organization = client.beta.organization
        await organization.retrieve()
        workspaces, *lists = await asyncio.gather(
            rows(organization.workspaces.list(limit=1000, include_archived=True, include_default=True)),
            rows(organization.api_keys.list(limit=1000)),
            rows(organization.users.list(limit=1000)),
            rows(organization.invites.list(limit=1000)),
            rows(organization.rate_limits.list(limit=1000)),
            rows(organization.spend_limits.list(limit=1000)),
        )
        ours = [workspace for workspace in workspaces if workspace.name != "Default"]
        lists += await asyncio.gather(
            *(rows(organization.workspaces.members.list(one.id, limit=1000)) for one in ours),
            *(
                rows(organization.workspaces.rate_limits.list(one.id, limit=1000))
                for one in ours
                if one.name.endswith(LIMITED)
            ),
        )
    return len(workspaces) + sum(map(len, lists))


if __name__ == "__main__":
    print(f"{asyncio.run(read(sys.argv[1], int(sys.argv[2]))):,} rows")
