"""The least that a plan could cost: its requests over bare connections, their JSON decoded, the file's events scanned.

    python -m benchmarks.floor URL FILE CONCURRENCY

It asks what `orgsync plan FILE` asks for an organization of benchmarks.organizations, in as few rounds as possible:
`/me`, then every list that needs no other, and the members of each workspace once the workspaces are known. So many
chains of pages are under way at a time, each on a connection of its own, the longest first.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from benchmarks.organizations import LIMITED

KEY = "sk-ant-admin01-sandbox"
PREFIX = "/v1/organizations/"
HEADERS = (
    f"Host: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n"
    "anthropic-version: 2026-10-21\r\nanthropic-beta: spend-limit-reads-2026-09-26\r\n\r\n"
)
WORKSPACES = "workspaces?limit=1000&include_archived=true&include_default=true"
ROOM = 2**24
"""Bytes that may wait in a connection: a page of 1,000 rows is less."""


def lists() -> list[str]:
    """What can be asked for at once: what others wait for first, then the longest."""
    month = datetime.now(UTC).strftime("%Y-%m-01T00:00:00Z").replace(":", "%3A")
    return [
        *(WORKSPACES, "api_keys?limit=1000", "users?limit=1000", "invites?limit=1000", "rate_limits?limit=1000"),
        *("spend_limits?limit=1000", "spend_limits/spl_orgsync"),
        f"cost_report?limit=31&starting_at={month}&group_by%5B%5D=workspace_id",
    ]


def inside(workspaces: list[dict[str, Any]]) -> list[str]:
    """What is asked about these workspaces."""
    ours = [row for row in workspaces if row["name"] != "Default"]
    limited = [row for row in ours if row["name"].endswith(LIMITED)]
    return [f"workspaces/{row['id']}/members?limit=1000" for row in ours] + [
        f"workspaces/{row['id']}/rate_limits?limit=1000" for row in limited
    ]


class Line:
    """One connection, which is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def get(self, target: str) -> dict[str, Any]:
        """The decoded body, whatever the status."""
        self._writer.write(f"GET {PREFIX}{target} HTTP/1.1\r\n{HEADERS}".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body: dict[str, Any] = json.loads(await self._reader.readexactly(length))
        return body

    async def rows(self, target: str) -> list[dict[str, Any]]:
        """All pages of a list; of one object or of an error, nothing."""
        page = await self.get(target)
        rows: list[dict[str, Any]] = page.get("data", [])
        while page.get("has_more") or (page.get("next_page") and "has_more" not in page):
            cursor = f"page={page['next_page']}" if page.get("next_page") else f"after_id={page['last_id']}"
            page = await self.get(f"{target}&{cursor}")
            rows += page["data"]
        return rows

    def close(self) -> None:
        self._writer.close()


async def read(url: str, concurrency: int) -> int:
    """How many rows all lists have."""
    address = urlsplit(url)
    waiting: asyncio.PriorityQueue[tuple[int, str]] = asyncio.PriorityQueue()
    answered: dict[str, list[dict[str, Any]]] = {}

    def ask(targets: list[str]) -> None:
        for place, target in enumerate(targets, len(answered)):
            waiting.put_nowait((place, target))

    async def work(line: Line) -> None:
        while True:
            _place, target = await waiting.get()
            answered[target] = await line.rows(target)
            if target == WORKSPACES:
                ask(inside(answered[target]))
            waiting.task_done()

    lines = [
        Line(*await asyncio.open_connection(address.hostname, address.port, limit=ROOM)) for _ in range(concurrency)
    ]
    await lines[0].get("me")
    ask(lists())
    workers = [asyncio.create_task(work(line)) for line in lines]
    await waiting.join()
    for worker in workers:
        worker.cancel()
    for line in lines:
        line.close()
    return sum(map(len, answered.values()))


def main() -> None:
    gc.disable()
    url, path, concurrency = sys.argv[1:4]
    with Path(path).open("rb") as file:
        events = sum(1 for _ in yaml.parse(file, Loader=yaml.CSafeLoader))
    rows = asyncio.run(read(url, int(concurrency)))
    print(f"{events:,} events, {rows:,} rows")


if __name__ == "__main__":
    main()
