"""The reader that remembers, and the one that answers from memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from acme import HEAD, NOW, Org, codes, desired_from

from core.snapshot.support import planned_from, planned_live, rich, taken, told
from orgsync.core.model.recording import ME, Read, Recording, Refusal, cut_to
from orgsync.core.model.request import Listing, Need, Paging
from orgsync.core.model.rows import OBJECTS, TEXT, RowField, kept
from orgsync.engine.recording import Recorder, Replay
from orgsync.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from orgsync.core.model.change import Plan

USERS = Listing("/v1/organizations/users")
LIMITS = Listing("/v1/organizations/spend_limits", paging=Paging.CURSOR, need=Need.FEATURE)
REPORT = "/v1/organizations/cost_report"


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def test_two_who_ask_at_once_share_one_read() -> None:
    org = rich()

    async def ask() -> list[Any]:
        async with org.client() as client:
            recorder = Recorder(client.reader)
            answers = await asyncio.gather(*(recorder.rows(USERS) for _ in range(5)), recorder.get(ME))
            assert recorder.requests == 2
            return answers

    answers = run(ask())
    assert all(answer == answers[0] for answer in answers[:5])
    assert sorted(org.reads()) == [ME, USERS.path]


def test_a_refusal_is_remembered_and_said_again() -> None:
    org = Org(users=[{"email": "ceo@acme.example", "role": "admin"}], settings={"spend_limits_early_access": False})

    async def ask() -> Recording:
        async with org.client() as client:
            recorder = Recorder(client.reader)
            for _ in range(2):
                with pytest.raises(ApiError, match="403") as refused:
                    await recorder.rows(LIMITS)
                assert refused.value.status == 403
            return recorder.essence

    recording = run(ask())
    assert org.reads() == [LIMITS.path]
    with pytest.raises(ApiError) as again:
        run(Replay(recording, NOW).rows(LIMITS))
    assert again.value.status == 403
    assert "request id" not in str(again.value)


def test_a_failure_that_says_nothing_about_the_organization_is_forgotten() -> None:
    org = rich()
    org.app.set_faults([{"method": "GET", "path": USERS.path, "times": 1, "fault": "status_before", "status": 401}])

    async def ask() -> int:
        async with org.client() as client:
            recorder = Recorder(client.reader)
            with pytest.raises(ApiError, match="401"):
                await recorder.rows(USERS)
            assert recorder.recording == Recording()
            return len(await recorder.rows(USERS))

    assert run(ask()) == 5


def test_fields_that_nobody_looks_at_are_cut_off_however_deep() -> None:
    row = {"id": 1, "name": "x", "scope": {"type": "w", "more": 1}, "limits": [{"type": "a", "value": 2, "z": 3}]}
    paths = ("id", "scope", "scope.type", "limits", "limits.type", "limits.value", "gone")
    fields = tuple(RowField(path, TEXT) for path in paths)
    assert cut_to(row, kept(fields)) == {"id": 1, "scope": {"type": "w"}, "limits": [{"type": "a", "value": 2}]}
    assert cut_to({"scope": None}, kept(fields)) == {"scope": None}
    assert cut_to(row, kept(())) == row
    whole = (RowField("limits", OBJECTS, whole=True), RowField("limits.type", TEXT))
    assert cut_to(row, kept(whole)) == {"limits": row["limits"]}


def test_what_was_not_asked_is_an_error_and_never_an_empty_list() -> None:
    replay = Replay(Recording(), NOW)
    for need in (Need.REQUIRED, Need.FEATURE):
        with pytest.raises(ApiError, match="the snapshot does not contain /v1/organizations/users") as error:
            run(replay.rows(replace(USERS, need=need)))
        assert error.value.status is None  # a status would be taken for the API's word that there is no such thing
        assert "orgsync snapshot" in (error.value.hint or "")
    with pytest.raises(ApiError, match="does not contain"):
        run(replay.get(ME))
    assert replay.lacking == []


def report(start: str, days: int, **query: str) -> Read:
    first = datetime.fromisoformat(start)
    starts = [(first + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ") for day in range(days)]
    rows = tuple({"starting_at": one, "results": [{"amount": str(at)}]} for at, one in enumerate(starts))
    return Read(REPORT, {"starting_at": start, "group_by[]": "workspace_id", **query}, rows)


def asking(start: str, need: Need = Need.EXTRA, **query: str) -> Listing:
    whole = {"starting_at": start, "group_by[]": "workspace_id", **query}
    return Listing(REPORT, whole, Paging.REPORT, "starting_at", need)


def test_a_window_that_moved_on_is_cut_out_of_the_recorded_one() -> None:
    replay = Replay(Recording((report("2026-10-01T00:00:00Z", 53), report("2026-11-01T00:00:00Z", 22))), NOW)
    rows = run(replay.rows(asking("2026-11-20T00:00:00Z")))
    assert [row["starting_at"][:10] for row in rows] == ["2026-11-20", "2026-11-21", "2026-11-22"]
    assert rows[0]["results"] == [{"amount": "19"}]  # of the window that fits best
    assert run(replay.rows(asking("2026-10-31T00:00:00Z")))[0]["results"] == [{"amount": "30"}]


@pytest.mark.parametrize(
    "listing",
    [
        asking("2026-10-31T00:00:00Z"),  # begins before what was recorded
        asking("2026-12-01T00:00:00Z"),  # begins after it was taken: nothing of it was seen
        asking("2026-11-20T00:00:00Z", Need.EXTRA, **{"group_by[]": "api_key_id"}),  # another question
        asking("2026-11-20T00:00:00Z", bucket_width="1h"),
    ],
)
def test_a_window_that_was_not_recorded_is_done_without_or_an_error(listing: Listing) -> None:
    replay = Replay(Recording((report("2026-11-01T00:00:00Z", 22),)), NOW)
    with pytest.raises(ApiError) as refused:
        run(replay.rows(listing))
    assert refused.value.status == 403
    assert replay.lacking == [REPORT]
    with pytest.raises(ApiError) as error:
        run(replay.rows(replace(listing, need=Need.REQUIRED)))
    assert error.value.status is None


def test_a_report_that_was_refused_is_refused_for_every_window() -> None:
    refused = Read(REPORT, {"starting_at": "2026-11-01T00:00:00Z"}, refusal=Refusal(400, "not for you"))
    listing = Listing(REPORT, {"starting_at": "2026-11-05T00:00:00Z"}, Paging.REPORT, need=Need.EXTRA)
    with pytest.raises(ApiError, match="not for you"):
        run(Replay(Recording((refused,)), NOW).rows(listing))


IDLE = "key_policies: {idle: {match: {workspaces: [production]}, unused_for: 10d, then: deactivate}}\n"
LIMIT = "workspaces: {production: {spend_limit: 40}}\n"


def the_day_after(org: Org, files: str, *, snapshot_of: str | None) -> tuple[Plan, Plan]:
    """A plan from yesterday's snapshot, and one from live. Nothing was used in between."""
    snapshot = taken(org, snapshot_of)
    org.wait(timedelta(days=1))
    desired = desired_from(files, org.now)
    return planned_from(snapshot, desired, org.now), planned_live(org, desired)


@pytest.mark.parametrize("files", [IDLE, LIMIT])
def test_yesterdays_snapshot_shows_what_was_used_until_then(files: str) -> None:
    """The first key was used yesterday, the second never; 100 of 40 USD are spent this month."""
    from_snapshot, live = the_day_after(rich(), files, snapshot_of=files)
    assert told(from_snapshot) == told(live)
    assert "of 40 USD are already spent" in told(live) or "unused" in told(live)


def test_use_that_a_snapshot_does_not_hold_is_unknown_and_no_reason_to_act() -> None:
    org = rich(api_keys=[{"name": "old", "workspace": "production", "created_at": "2026-01-02T00:00:00Z"}], usage=[])
    from_snapshot, live = the_day_after(org, IDLE, snapshot_of=None)
    assert [change.action for change in live.changes] == ["update"]
    assert from_snapshot.changes == ()
    assert codes(from_snapshot.findings) == ["policy_warning api_key:production/old"]


def test_on_the_first_of_a_month_yesterdays_cost_says_nothing() -> None:
    org = rich(usage=[])
    org.wait(datetime(2026, 11, 30, 12, tzinfo=UTC) - org.now)
    from_snapshot, live = the_day_after(org, LIMIT, snapshot_of=LIMIT)
    assert [change.meaning for change in live.changes] == [("withdraws",)]
    assert [change.meaning for change in from_snapshot.changes] == [("stops", "withdraws")]
    assert from_snapshot.changes[0].effects[-1].endswith("the cost of this month is not known")


def test_a_snapshot_without_a_whole_list_plans_nothing() -> None:
    """As one that an older orgsync made would be, of a kind that it did not know."""
    org = rich()
    snapshot = taken(org)
    desired = desired_from(HEAD + "spend_limit: 5\n")
    less = replace(snapshot, reads=tuple(read for read in snapshot.reads if read.path != LIMITS.path))
    with pytest.raises(ApiError, match="does not contain /v1/organizations/spend_limits"):
        planned_from(less, desired, org.now)
