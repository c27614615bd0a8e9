"""A review of 300 people: started, answered by their leads, followed through the files, closed and verified."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.review.support import FILE, close, decide_all, start, status, verify
from cli.support import CEO, files
from orgsync.errors import EXIT_OK, EXIT_REFUSED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cli.conftest import MakeSandbox, Orgsync

PEOPLE = [f"p{number:03}@acme.example" for number in range(1, 300)]
WORKSPACES = [f"team {number:02}" for number in range(20)]
PLACED = [(person, WORKSPACES[(index + step) % 20]) for index, person in enumerate(PEOPLE) for step in (0, 7)]
KEYS = [(f"key {number}", WORKSPACES[number % 20], PEOPLE[number]) for number in range(60)]

SEED: Mapping[str, Any] = {
    "users": [CEO, *({"email": email, "role": "developer"} for email in PEOPLE)],
    "workspaces": [{"name": name} for name in WORKSPACES],
    "workspace_members": [
        {"email": email, "workspace": name, "workspace_role": "workspace_developer"} for email, name in PLACED
    ],
    "api_keys": [{"name": name, "workspace": where, "created_by_email": who} for name, where, who in KEYS],
}
GRANTS = 300 + len(PLACED) + len(KEYS)
LEAVERS = PEOPLE[:12]


def text(people: list[str]) -> str:
    """The files without those who are not among these people."""
    here = set(people)
    lines = ["members:", f"  {CEO['email']}: admin", *(f"  {email}: developer" for email in people), "workspaces:"]
    for name in WORKSPACES:
        lines += [f"  {name}:", "    members:"]
        lines += [f"      {email}: developer" for email, where in PLACED if where == name and email in here]
    return "\n".join(lines) + "\n"


@pytest.mark.story
def test_a_review_of_300_people(sandbox: MakeSandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    files(tmp_path, text(PEOPLE))
    acme = sandbox(**SEED)
    assert f"{GRANTS:,} grants to review" in start(orgsync).err
    ended = close(orgsync, out="evidence.zip")
    assert ended.code == EXIT_REFUSED
    assert f"and {GRANTS - 20:,} more" in ended.err
    rows = FILE.read_text(encoding="utf-8").split("  - id:")
    gone = "decision: remove\n    reason: left\n    reviewed_by: lea@acme.example\n"
    empty = "decision:\n    reason:\n    reviewed_by:\n"
    decided = [row.replace(empty, gone) if any(f"who: {who}\n" in row for who in LEAVERS) else row for row in rows]
    FILE.write_text("  - id:".join(decided), encoding="utf-8")
    decide_all()
    left = status(orgsync)
    assert left.code == EXIT_OK
    assert f"{GRANTS} of {GRANTS} grants answered" in left.out.replace(",", "")
    assert "36 removals still declared: delete the line" in left.out  # of each leaver the membership and two roles
    files(tmp_path, text(PEOPLE[12:]))
    assert close(orgsync, out="evidence.zip").code == EXIT_REFUSED
    users = {one["email"]: one["id"] for one in acme.console("GET", "/v1/organizations/users?limit=1000")["data"]}
    for email in LEAVERS:
        acme.console("DELETE", f"/v1/organizations/users/{users[email]}")
    refused = close(orgsync, out="evidence.zip")
    assert refused.code == EXIT_REFUSED
    assert refused.err.count("api_key:") == 12  # a key of a workspace outlives the person who created it
    for key in acme.console("GET", "/v1/organizations/api_keys?limit=1000")["data"]:
        if key["created_by"]["id"] in {users[email] for email in LEAVERS}:
            acme.console("POST", f"/v1/organizations/api_keys/{key['id']}", {"status": "archived"})
    closed = close(orgsync, out="evidence.zip")
    assert closed.code == EXIT_OK, closed.said
    assert verify(orgsync, where="evidence.zip").code == EXIT_OK
    with Path("evidence.zip").open("r+b") as archive:
        data = archive.read()
        at = data.index(b"decision: remove")
        archive.seek(at)
        archive.write(b"decision: keep  ")
    assert "evidence.zip: " in (said := verify(orgsync, where="evidence.zip").said)
    assert "2026Q4.yaml" in said
