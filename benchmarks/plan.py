"""How long a plan takes, against the same requests made by bare httpx and by the official SDK, over loopback.

    python benchmarks/plan.py [WORKSPACES MEMBERS_EACH USERS]

All of them talk to one `orgsync sandbox serve`, without latency and with 100 ms on every answer. Whole processes are
timed for orgsync; the others are given their imports and their client for nothing. Prints ratios: machines are noisy.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anthropic
import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "sk-ant-admin01-sandbox"
BIN = Path(sys.executable).parent
LISTS = ("users", "invites", "workspaces?include_archived=true&include_default=true")
CONCURRENCY = 8


def seed(workspaces: int, members: int, users: int) -> dict[str, Any]:
    people = [f"p{number}@acme.example" for number in range(users)]
    return {
        "organization": {"name": "Acme"},
        "users": [{"email": email, "role": "developer"} for email in people],
        "workspaces": [{"name": f"w{number}"} for number in range(workspaces)],
        "workspace_members": [
            {"email": people[(number * 7 + one) % users], "workspace": f"w{number}", "workspace_role": "workspace_user"}
            for number in range(workspaces)
            for one in range(members)
        ],
        "settings": {"workspace_limit": None},
    }


def files(seeded: dict[str, Any]) -> str:
    inside: dict[str, list[str]] = {row["name"]: [] for row in seeded["workspaces"]}
    for row in seeded["workspace_members"]:
        inside[row["workspace"]].append(row["email"])
    lines = ["version: 1", "organization: {name: Acme}", "members:"]
    lines += [f"  {row['email']}: developer" for row in seeded["users"]]
    lines.append("workspaces:")
    for name, people in inside.items():
        lines += [f"  {name}:", "    members:", *(f"      {email}: user" for email in people)]
    return "\n".join(lines) + "\n"


@contextmanager
def served(folder: Path, seeded: dict[str, Any]) -> Iterator[str]:
    state = folder / "acme.db"
    (folder / "seed.json").write_text(json.dumps(seeded), encoding="utf-8")
    subprocess.run([BIN / "orgsync", "sandbox", "init", state, "--seed", folder / "seed.json", "--quiet"], check=True)
    server = subprocess.Popen([BIN / "orgsync", "sandbox", "serve", state], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().split()[-1]
    finally:
        server.terminate()
        server.wait(timeout=10)


def delay(folder: Path, seconds: float) -> None:
    rule = {"method": "GET", "path": "*", "nth": 1, "times": 10**6, "fault": "delay", "seconds": seconds}
    (folder / "faults.json").write_text(json.dumps([rule]), encoding="utf-8")
    what = folder / "faults.json" if seconds else "off"
    subprocess.run([BIN / "orgsync", "sandbox", "faults", folder / "acme.db", what, "--quiet"], check=True)


def by_orgsync(folder: Path, url: str) -> None:
    environment = {**os.environ, "ANTHROPIC_ADMIN_KEY": KEY, "ANTHROPIC_BASE_URL": url}
    command = [BIN / "orgsync", "plan", folder / "org.yaml", "--quiet", "--requests-per-minute", "1000000"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def by_httpx(url: str) -> None:
    asyncio.run(_by_httpx(f"{url}/v1/organizations"))


async def _by_httpx(base: str) -> None:
    slots = asyncio.Semaphore(CONCURRENCY)
    headers = {"Authorization": f"Bearer {KEY}", "anthropic-version": "2026-10-21"}
    async with httpx.AsyncClient(headers=headers, timeout=60) as client:

        async def rows(path: str) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = []
            query = f"{path}{'&' if '?' in path else '?'}limit=1000"
            async with slots:
                page = (await client.get(f"{base}/{query}")).json()
                found += page["data"]
                while page["has_more"]:
                    page = (await client.get(f"{base}/{query}&after_id={page['last_id']}")).json()
                    found += page["data"]
            return found

        await client.get(f"{base}/me")
        _users, _invites, workspaces = await asyncio.gather(*(rows(path) for path in LISTS))
        named = [row["id"] for row in workspaces if row["name"] != "Default"]
        await asyncio.gather(*(rows(f"workspaces/{one}/members") for one in named))


def by_sdk(url: str) -> None:
    organization = anthropic.Anthropic(auth_token=KEY, base_url=url).beta.organization
    organization.retrieve()
    list(organization.users.list(limit=1000))
    list(organization.invites.list(limit=1000))
    for workspace in organization.workspaces.list(limit=1000):
        list(organization.workspaces.members.list(workspace.id, limit=1000))


def best(job: Callable[[], None], times: int) -> float:
    """The shortest of several runs, in seconds: noise only ever adds."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        job()
        took.append(time.perf_counter() - started)
    return min(took)


def main() -> None:
    workspaces, members, users = (int(number) for number in sys.argv[1:4] or (100, 100, 2_000))
    seeded = seed(workspaces, members, users)
    print(f"{workspaces} workspaces x {members} members, {users} users; concurrency {CONCURRENCY}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "org.yaml").write_text(files(seeded), encoding="utf-8")
        with served(folder, seeded) as url:
            for latency, times in ((0.0, 3), (0.1, 1)):
                delay(folder, latency)
                bare = best(lambda: by_httpx(url), times)
                whole = best(lambda: by_orgsync(folder, url), times)
                sdk = best(lambda: by_sdk(url), 1)
                print(
                    f"  {latency * 1000:3.0f} ms: orgsync plan {whole:.2f} s, {whole / bare:.2f} x bare httpx; "
                    f"a sequential SDK script takes {sdk / whole:.1f} x as long"
                )


if __name__ == "__main__":
    main()
