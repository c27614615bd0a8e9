"""Once a write was sent, nothing that comes back ends an apply without its report, and nothing is made twice."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from acme import NOW, ORGANIZATION, SANDBOX_KEY, Org
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orgsync.api.client import AdminClient
from orgsync.api.credentials import Credential
from orgsync.core.apply.outcome import Status
from orgsync.core.plan.make import make_plan
from orgsync.engine.apply_plan import apply_plan
from orgsync.engine.read_live import read_live
from orgsync.kinds import KINDS
from orgsync.rehearsal.clock import simulated, timing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from orgsync.core.apply.outcome import Report

FILES = """
members: {new@x.example: user, ana@x.example: developer}
workspaces:
  fresh: {tags: {a: b}, members: {ana@x.example: developer}, spend_limit: {monthly: 50}}
  lab: {tags: {a: c}, api_keys: {k: inactive}, rate_limits: {claude-sonnet-5: {requests_per_minute: 10}}}
"""
SEED: dict[str, Any] = {
    "users": [{"email": "ceo@x.example", "role": "admin"}, {"email": "ana@x.example", "role": "user"}],
    "workspaces": [{"name": "lab", "tags": {"a": "b"}}],
    "api_keys": [{"name": "k", "workspace": "lab"}],
}
CHANGES = 8
PATIENCE = 1.0
ME = "/v1/organizations/me"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "type", "data"]), inner, max_size=3)
    ),
    max_leaves=5,
)
ODD = JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20)
NO_LISTS: dict[str, bytes] = {
    "an HTML page": b"<!doctype html><title>Please wait</title>",
    "a list": b"[]",
    "half": b'{"data": [{"id": "us',
    "no rows": b"{}",
    "rows that are none": b'{"data": [1], "has_more": false, "next_page": null}',
    "nothing": b"",
}


class Odd:
    """An organization behind something that lets every write through and answers `instead` of it.

    `reads` is what it answers to reads once something was written, by path; "*" is every other one.
    """

    def __init__(self, org: Org, instead: bytes | None, reads: Mapping[str, bytes] | None = None) -> None:
        self._org = org
        self._instead = instead
        self._reads = reads or {}
        self._has_written = False

    async def __call__(self, scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        if scope["method"] != "GET":
            self._has_written = True
            body = self._instead
        else:
            body = self._reads.get(scope["path"], self._reads.get("*")) if self._has_written else None

        async def altered(message: Any) -> None:
            if body is not None and message["type"] == "http.response.body":
                message = {**message, "body": body}
            if body is not None and message["type"] == "http.response.start":
                message = {**message, "headers": [], "status": 200}
            await send(message)

        await self._org.app(scope, receive, altered)


def applied(org: Org, app: Odd) -> Report:
    """The whole plan, in simulated time."""

    async def main() -> Report:
        async with AdminClient(
            "http://127.0.0.1", Credential(SANDBOX_KEY), requests_per_minute=None, app=app, timing=timing()
        ) as client:
            seen = await read_live(client.reader, org.desired(), KINDS)
            plan = make_plan(org.desired(), seen, NOW, KINDS)
            assert len(plan.changes) == CHANGES
            return await apply_plan(
                plan, client.reader, client.writer, KINDS, seen=seen, patience=PATIENCE, first_apply=True
            )

    return simulated(main)


def nothing_was_made_twice(org: Org) -> None:
    names = Counter(row["name"] for row in org.rows("workspaces"))
    emails = Counter(row["email"] for row in org.rows("invites"))
    assert set((names + emails).values()) <= {1}


@settings(max_examples=12)
@given(ODD)
@example(b"{}")
@example(b'{"id": ""}')
@example(b'{"id": "a b"}')
@example(b'{"id": ["x"]}')
@example(b'{"id": {"x": 1}}')
@example(b'{"id": 5}')
@example(b"[]")
@example(b"<html>")
def test_any_answer_to_a_write_ends_in_a_report(body: bytes) -> None:
    org = Org(FILES, **SEED)
    report = applied(org, Odd(org, body))
    assert len(report.outcomes) == CHANGES
    nothing_was_made_twice(org)
    if not _has_an_id(body):
        assert report.complete, [one for one in report.outcomes if one.status is not Status.DONE]
        assert not org.plan().changes


def _has_an_id(body: bytes) -> bool:
    """Whether somebody could take this for the answer to a creation: of something else, then."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and isinstance(data.get("id"), str) and bool(data["id"])


@pytest.mark.parametrize("odd", NO_LISTS)
@pytest.mark.parametrize("write", [None, b"<html>"], ids=["answered", "answer lost"])
def test_reads_that_cannot_be_read_afterwards_leave_it_unconfirmed(odd: str, write: bytes | None) -> None:
    org = Org(FILES, **SEED)
    report = applied(org, Odd(org, write, {"*": NO_LISTS[odd], ME: json.dumps(ORGANIZATION).encode()}))
    sent = {Status.UNCONFIRMED} if write is None else {Status.UNCONFIRMED, Status.SKIPPED}
    assert {outcome.status for outcome in report.outcomes} == sent
    assert not report.complete
    nothing_was_made_twice(org)


@pytest.mark.parametrize("write", [None, b"<html>"], ids=["answered", "answer lost"])
def test_another_organization_afterwards_leaves_it_unconfirmed(write: bytes | None) -> None:
    """A proxy that hands out somebody else's answers: what was sent was sent."""
    org = Org(FILES, **SEED)
    other = {**ORGANIZATION, "id": "00000000-0000-4000-8000-000000000000"}
    report = applied(org, Odd(org, write, {ME: json.dumps(other).encode()}))
    assert report.unconfirmed
    assert "the credential belongs to" in report.having(Status.UNCONFIRMED)[0].message
