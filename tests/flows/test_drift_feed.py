"""A drift that asks the Activity Feed: one request more, and the rest of the report is what it is without."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from orgsync.core.drift.schema import drift_adapter, report_of
from orgsync.flows.connection import Sandbox
from orgsync.flows.drift import drift_found
from orgsync.flows.files import files_at
from orgsync.flows.watch import Watch
from orgsync.render.drift import json_text
from orgsync.sandbox.server.app import open_app

if TYPE_CHECKING:
    from pathlib import Path

    from orgsync.core.drift.report import DriftReport

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
SAM, LEE = "sam@acme.example", "lee@acme.example"
SEED: dict[str, Any] = {
    "users": [{"email": SAM, "role": "admin"}, {"email": LEE, "role": "developer"}],
    "settings": {"compliance": "on"},
}
FILE = """\
version: 1
organization: {name: "Acme Robotics"}
members: {sam@acme.example: admin, lee@acme.example: developer}
console: {payment_method: card}
"""
ATTESTED = (
    '{"format_version": 2, "key": "payment_method", "value": "card", "by": "fin", "at": "2026-11-20T10:00:00Z"}\n'
)
FEED = "/v1/compliance/activities"


class Acme:
    """An organization in a sandbox, and its files; Sam made Lee an admin an hour ago."""

    def __init__(self, path: Path, seed: dict[str, Any] = SEED) -> None:
        self._db, self._file = path / "acme.db", path / "org.yaml"
        self._file.write_text(FILE, encoding="utf-8")
        (path / "org.attestations.jsonl").write_text(ATTESTED, encoding="utf-8")
        rows = {"organization": {"id": "3f1c7a52-9d0e-4b7a-8c55-2f6b1e0d4a91", "name": "Acme Robotics"}, **seed}
        with Sandbox.make(self._db, rows, now=NOW), closing(open_app(self._db, now=NOW)) as console:
            users = console.console("GET", "users").body["data"]
            lee = next(user["id"] for user in users if user["email"] == LEE)
            assert console.console("POST", f"users/{lee}", {"role": "admin"}, by=SAM).status == 200

    def drift(self, previous: DriftReport | None = None, *, feed: bool = True, **fault: Any) -> DriftReport:
        """A report of one hour later, with the feed at fault."""
        self.sent: list[str] = []
        watch = Watch(on_request=lambda _method, path: self.sent.append(path))
        files = files_at(self._file, LATER)
        with Sandbox(self._db, now=LATER) as sandbox, closing(open_app(self._db, now=LATER)) as console:
            console.set_faults([{"path": FEED, "times": 99, **fault}] if fault else [])
            found = drift_found(files, sandbox, expiring=timedelta(), previous=previous, feed=feed, watch=watch)
            return asyncio.run(found)


def named(report: DriftReport) -> list[tuple[str, str | None]]:
    """Each entry with who made it."""
    return [(one.code, one.by.actor.email if one.by and one.by.actor else None) for one in report.entries]


def test_a_drift_says_who_it_was_with_one_request_more(tmp_path: Path) -> None:
    acme = Acme(tmp_path)
    report = acme.drift()
    assert named(report) == [("admin_demotion", SAM)]
    assert acme.sent.count(FEED) == 1
    assert report.feed is not None
    assert (report.feed.state, report.feed.requests) == ("read", 1)
    plain = acme.drift(feed=False)
    assert (acme.sent.count(FEED), plain.feed, plain.requests) == (0, None, report.requests)


def test_a_report_with_names_is_read_back_as_it_was(tmp_path: Path) -> None:
    report = Acme(tmp_path).drift()
    assert report_of(drift_adapter().dump_python(report, mode="json", by_alias=True)) == report


def test_a_setting_that_somebody_changed_makes_its_attestation_stale(tmp_path: Path) -> None:
    changed = {"type": "payment_method_updated", "by": SAM, "created_at": "2026-11-21T10:00:00Z"}
    acme = Acme(tmp_path, {**SEED, "activities": [changed]})
    report = acme.drift()
    assert named(report) == [("attestation_stale", SAM), ("admin_demotion", SAM)]
    assert named(acme.drift(report, fault="status_before", status=500)) == named(report)  # until it is attested again
    assert named(acme.drift(report, feed=False)) == [("attestation_stale", SAM), ("admin_demotion", None)]
    assert named(acme.drift(feed=False)) == [("admin_demotion", None)]


TROUBLE: dict[str, dict[str, Any]] = {
    "refused": {"fault": "status_before", "status": 403},
    "broken": {"fault": "status_before", "status": 500},
    "cut off": {"fault": "truncate"},
    "no connection": {"fault": "drop_before"},
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_a_feed_in_trouble_changes_nothing_but_its_own_fields(trouble: str, tmp_path: Path) -> None:
    _same_but_for_the_feed(Acme(tmp_path), **TROUBLE[trouble])


@pytest.mark.parametrize("settings", [{"compliance": "off"}, {"compliance": "on", "feed_scope": False}])
def test_a_feed_that_is_off_changes_nothing_but_its_own_fields(settings: dict[str, Any], tmp_path: Path) -> None:
    _same_but_for_the_feed(Acme(tmp_path, {**SEED, "settings": settings}))


def _same_but_for_the_feed(acme: Acme, **fault: Any) -> None:
    told, plain = acme.drift(**fault), acme.drift(feed=False)
    assert told.feed is not None
    assert not told.feed.usable
    assert told.feed.message
    assert json_text.render(replace(told, feed=None)) == json_text.render(plain)
