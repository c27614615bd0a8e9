"""Reading the feed of a connection: one request of its own, none where nobody can be asked."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from orgsync.core.feed.window import FeedState
from orgsync.core.model.change import Organization
from orgsync.core.snapshot.snapshot import FORMAT_VERSION, Emails, Snapshot
from orgsync.flows.connection import AdminApi, Sandbox
from orgsync.flows.feed import feed_read
from orgsync.flows.watch import Watch
from orgsync.sandbox.server.app import open_app

if TYPE_CHECKING:
    from pathlib import Path

    from orgsync.core.feed.window import Feed
    from orgsync.sandbox.server.app import App

NOW = datetime(2026, 11, 1, 10, tzinfo=UTC)
SINCE = NOW - timedelta(days=1)
UNTIL = NOW + timedelta(minutes=1)
TYPES = ("platform_workspace_updated",)
SEED: dict[str, Any] = {
    "users": [{"email": "ceo@acme.example", "role": "admin"}, {"email": "dev@acme.example"}],
    "workspaces": [{"id": "wrkspc_1", "name": "production"}],
    "settings": {"compliance": "on"},
}


def console(path: Path) -> closing[App]:
    """The same sandbox, as a colleague has it."""
    return closing(open_app(path, now=NOW))


def read(source: Any, watch: Watch | None = None) -> Feed:
    return asyncio.run(feed_read(source, TYPES, SINCE, UNTIL, *([] if watch is None else [watch])))


def test_what_colleagues_did_is_read_in_one_request(tmp_path: Path) -> None:
    sent: list[tuple[str, str]] = []
    with Sandbox.make(tmp_path / "acme.db", SEED, now=NOW) as sandbox, console(tmp_path / "acme.db") as colleagues:
        colleagues.console("POST", "/workspaces/wrkspc_1", {"name": "prod"}, by="dev@acme.example")
        feed = read(sandbox, Watch(on_request=lambda method, path: sent.append((method, path))))
    [record] = feed.records
    assert (feed.state, feed.requests, record.actor.email) == (FeedState.READ, 1, "dev@acme.example")
    [update] = record.updates
    assert (update.type, update.previous, update.current) == ("name", "production", "prod")
    assert sent == [("GET", "/v1/compliance/activities")]


def test_a_feed_that_is_off_is_not_an_error(tmp_path: Path) -> None:
    with Sandbox.make(tmp_path / "acme.db", SEED | {"settings": {}}, now=NOW) as sandbox:
        feed = read(sandbox)
    assert (feed.state, feed.records) == (FeedState.OFF, ())
    assert feed.hint is not None


def test_a_snapshot_does_not_contain_it() -> None:
    snapshot = Snapshot(FORMAT_VERSION, Organization("1", "Acme"), "2026-11-01T10:00:00Z", "0", Emails.PLAIN, None, ())
    feed = read(snapshot)
    assert (feed.state, feed.requests) == (FeedState.NOT_READ, 0)


def test_a_token_is_not_sent_to_it() -> None:
    feed = read(AdminApi("sk-ant-oat01-a-token-of-somebody", base_url="http://127.0.0.1:9"))
    assert (feed.state, feed.requests) == (FeedState.NEEDS_ADMIN_KEY, 0)


def test_a_network_that_is_down_is_a_state() -> None:
    feed = read(AdminApi("sk-ant-admin01-a-key-of-somebody", base_url="http://127.0.0.1:9"))
    assert feed.state is FeedState.BROKEN


def test_a_broken_feed_is_a_state(tmp_path: Path) -> None:
    with Sandbox.make(tmp_path / "acme.db", SEED, now=NOW) as sandbox, console(tmp_path / "acme.db") as colleagues:
        colleagues.set_faults([{"fault": "truncate", "times": 9}])
        assert read(sandbox).state is FeedState.BROKEN
