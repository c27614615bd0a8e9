"""What a command connects with: however often it does so, its requests are counted together."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from cli.support import NOW
from orgsync.cli.shared.options import Options
from orgsync.cli.shared.session import connected
from orgsync.core.model.recording import ME
from orgsync.flows.watch import UNWATCHED

if TYPE_CHECKING:
    from cli.conftest import MakeSandbox
    from orgsync.flows.connection import Connection


def test_a_command_that_connects_twice_has_one_limit(sandbox: MakeSandbox) -> None:
    moment = datetime.fromisoformat(NOW)
    options = Options(sandbox().path, moment, quiet=True, color=False, width=80, requests_per_minute=60)

    async def once(connection: Connection) -> None:
        async with connection.opened(UNWATCHED) as client:
            await client.reader.get(ME)

    for _ in range(2):
        with connected(options) as connection:
            asyncio.run(once(connection))
    assert len(options.starts) == 2
