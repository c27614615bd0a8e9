"""A snapshot of the version before is planned from; what it does not hold is told, and never taken for absent."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from render import plans

from old_files.support import AT, EMAIL_KEY, OLD, RELEASES, repository, rewritten
from orgsync.core.model.recording import Read, Recording
from orgsync.core.model.request import Listing, Need, Paging
from orgsync.core.model.rows import OBJECTS, TEXT, TIMESTAMP, RowField
from orgsync.core.plan.schema import is_intact
from orgsync.core.snapshot.fields import HELD, Held, held_by, told
from orgsync.core.snapshot.snapshot import FORMAT_VERSION
from orgsync.engine.recording import Replay
from orgsync.errors import EXIT_INPUT, EXIT_OK, EXIT_UNREADABLE, ApiError
from orgsync.files.state import snapshot_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.conftest import Orgsync

LACKS = "was created by orgsync 0.1.0, which did not save"
USERS = "/v1/organizations/users"
WORKSPACES = "/v1/organizations/workspaces"
USAGE = "/v1/organizations/usage_report/messages"
NOW = AT[-2:]


def plan_of(orgsync: Orgsync, *arguments: str) -> dict[str, Any]:
    ended = orgsync("plan", "org", *arguments, "--format", "json")
    assert ended.code == EXIT_OK, ended.err
    data: dict[str, Any] = json.loads(ended.out)
    return data


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", ["snapshot.json", "hashed.snapshot.json", "signed.snapshot.json"])
def test_an_old_snapshot_gives_the_plan_that_the_organization_gives(
    name: str, release: str, tmp_path: Path, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(release, tmp_path)
    for file in (name, "public.pem"):
        shutil.copy(OLD / release / file, tmp_path / file)
    monkeypatch.setenv("ORGSYNC_EMAIL_KEY", EMAIL_KEY)
    signed = ("--verify-with", "public.pem") if name.startswith("signed") else ()
    live, old = plan_of(orgsync, *AT), plan_of(orgsync, "--snapshot", name, *signed, *NOW)
    assert old["digests"]["changes"] == live["digests"]["changes"]
    assert old["changes"] == live["changes"] != []
    lacks = [one for one in old["findings"] if one["code"] == "snapshot_lacks"]
    assert [one for one in old["findings"] if one not in lacks] == live["findings"]


@pytest.mark.parametrize("release", RELEASES)
def test_the_table_of_a_release_says_what_its_snapshots_hold(release: str) -> None:
    snapshot = snapshot_file.read(OLD / release / "snapshot.json")
    held = held_by(snapshot.orgsync)
    assert held is not None
    for read in snapshot.reads:
        sort = held.sort(read.path)
        assert sort is not None, read.path
        kept = {field.split(".")[0] for field in HELD[release][sort]}
        assert all(set(row) <= kept for row in read.rows)


def rows(replay: Replay, listing: Listing) -> Sequence[dict[str, Any]]:
    return asyncio.run(replay.rows(listing))


def old_replay() -> Replay:
    snapshot = snapshot_file.read(OLD / "0.1" / "snapshot.json")
    return Replay(snapshot.recording, snapshot.moment, held_by(snapshot.orgsync))


def of(*names: str) -> tuple[RowField, ...]:
    """Fields of these names, and what they are inside of."""
    outer = dict.fromkeys(name.rpartition(".")[0] for name in names if "." in name)
    return tuple(RowField(name, TEXT) for name in (*outer, *names))


def test_a_field_that_the_version_did_not_keep_is_missing_and_told_once_for_each_sort_of_list() -> None:
    replay = old_replay()
    for workspace in ("wrkspc_01Production", "wrkspc_01Research"):
        listing = Listing(f"{WORKSPACES}/{workspace}/members", fields=of("user_id", "workspace_role", "since"))
        assert not any("since" in row for row in rows(replay, listing))
    users = rows(replay, Listing(USERS, fields=of("id", "email", "role", "groups.id", "groups.name")))
    assert {row["role"] for row in users} == {"admin", "user", "developer"}
    findings = told(plans.settled(), replay.unheld).findings
    assert [(note.address, note.code, note.message) for note in findings] == [
        ("setting:snapshot", "snapshot_lacks", f"{LACKS} {what}: the files are not compared with it")
        for what in ("groups.id, groups.name of /v1/organizations/users", f"since of {WORKSPACES}/*/members")
    ]


def test_a_plan_from_a_snapshot_that_holds_everything_says_nothing_of_it() -> None:
    assert told(plans.settled(), []) == plans.settled()


def test_the_findings_are_part_of_the_plan_s_digest_and_of_its_summary() -> None:
    plan = told(plans.rich(), ["lacks something"])
    assert is_intact(plan)
    assert plan.summary.findings == plans.rich().summary.findings + 1


def test_a_field_that_is_kept_within_another_is_not_lacking() -> None:
    listing = Listing(
        WORKSPACES,
        {"include_archived": "true", "include_default": "true"},
        fields=of("id", "data_residency.workspace_geo", "tags"),
    )
    replay = old_replay()
    assert all(row["data_residency"]["workspace_geo"] == "us" for row in rows(replay, listing))
    assert replay.unheld == []


def test_a_report_that_was_not_kept_whole_is_done_without() -> None:
    """What a version did not know of, such as a new sort of tokens, must not look as if there were none of it."""
    query = {"starting_at": "2026-11-01T00:00:00Z"}
    replay = Replay(Recording((Read(USAGE, query),)), datetime(2026, 11, 22, tzinfo=UTC), held_by("0.1.0"))
    used = (RowField("starting_at", TIMESTAMP), RowField("results", OBJECTS, whole=True))
    listing = Listing(USAGE, query, Paging.REPORT, "starting_at", Need.EXTRA, used)
    with pytest.raises(ApiError, match="did not save results of /v1/organizations/usage_report/messages") as refused:
        rows(replay, listing)
    assert refused.value.by_the_api


def test_a_list_that_the_version_did_not_know_is_refused_as_the_api_refuses_one_and_told() -> None:
    replay = old_replay()
    for ask in (replay.rows(Listing("/v1/organizations/robots", need=Need.FEATURE)), replay.get("/v1/robots/me")):
        with pytest.raises(
            ApiError, match=r"the snapshot was created by orgsync 0\.1\.0, which did not save"
        ) as refused:
            asyncio.run(ask)
        assert refused.value.status == 403
    assert len(replay.unheld) == 2


def test_a_list_that_the_version_knew_and_the_snapshot_lacks_still_stops_the_plan() -> None:
    replay = old_replay()
    with pytest.raises(ApiError, match="the snapshot does not contain") as missing:
        rows(replay, Listing(f"{WORKSPACES}/wrkspc_01New/members", need=Need.FEATURE))
    assert missing.value.status is None
    assert missing.value.exit_code == EXIT_UNREADABLE


@pytest.mark.parametrize("version", ["0.2.0", "0.99.0", "9.0", "0"])
def test_this_version_and_those_that_are_not_known_kept_what_is_asked_for(version: str) -> None:
    assert held_by(version) is None


def test_versions_are_not_compared_as_text() -> None:
    assert held_by("0.1.17") == Held("0.1.17", HELD["0.1"])
    assert held_by("0.10.0") is None


def test_a_snapshot_of_a_newer_format_is_refused_and_says_who_made_it(tmp_path: Path, orgsync: Orgsync) -> None:
    repository("0.1", tmp_path)
    shutil.copy(OLD / "0.1" / "snapshot.json", "live.json")
    rewritten(Path("live.json"), format_version=FORMAT_VERSION + 1, orgsync="9.0.0", wholly="new")
    ended = orgsync("plan", "org", "--snapshot", "live.json", *NOW)
    assert ended.code == EXIT_INPUT
    assert f"has format_version {FORMAT_VERSION + 1} (made by orgsync 9.0.0); known: " in ended.err
