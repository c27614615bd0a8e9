"""Rows of the Activity Feed as records: whatever a row says, it becomes a record or is counted, and nothing raises."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgsync.core.feed.records import Actor, Update, activities, activity

ROW: dict[str, Any] = {
    "id": "activity_1",
    "created_at": "2026-11-24T21:14:09Z",
    "organization_id": "org_1",
    "organization_uuid": "5e0c7a52-3d1f-4b7e-9a60-2f1d8c44b9e1",
    "actor": {
        "type": "user_actor",
        "user_id": "user_1",
        "email_address": "sam@acme.example",
        "ip_address": "203.0.113.7",
        "user_agent": "Mozilla/5.0",
    },
    "type": "claude_user_role_updated",
    "user_id": "user_2",
    "previous_role": "developer",
    "current_role": "admin",
}
NO_LISTS: tuple[Any, ...] = (None, {}, "updates")
AT = datetime(2026, 11, 24, 21, 14, 9, tzinfo=UTC)


def test_a_row_says_who_did_what_and_when() -> None:
    record = activity(ROW)
    assert record is not None
    assert (record.id, record.at, record.type) == ("activity_1", AT, "claude_user_role_updated")
    assert record.actor == Actor("user_actor", "user_1", "sam@acme.example", "Mozilla/5.0", "203.0.113.7")
    assert record.fields == {"user_id": "user_2", "previous_role": "developer", "current_role": "admin"}
    assert record.text("current_role") == "admin"
    assert record.text("no_such_field") is None


@pytest.mark.parametrize("missing", ["id", "created_at", "type"])
@pytest.mark.parametrize("instead", [None, 7, "", [], {}])
def test_a_row_without_identity_type_or_time_is_counted(missing: str, instead: Any) -> None:
    assert activities([ROW, ROW | {missing: instead}, "no row", None]) == ([activity(ROW)], 3)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24T21:14:09.250000Z", AT.replace(microsecond=250_000)),
        ("2026-11-24T22:14:09+01:00", AT),
        ("2026-11-24T21:14:09", AT),
    ],
)
def test_times_have_any_precision_and_offset(text: str, moment: datetime) -> None:
    record = activity(ROW | {"created_at": text})
    assert record is not None
    assert record.at == moment


@pytest.mark.parametrize(
    ("actor", "understood"),
    [
        ({"type": "admin_api_key_actor", "admin_api_key_id": "k"}, Actor("admin_api_key_actor", "k")),
        ({"type": "api_actor", "api_key_id": "apikey_1"}, Actor("api_actor", "apikey_1")),
        ({"type": "service_account_actor", "service_account_id": "svac_1"}, Actor("service_account_actor", "svac_1")),
        ({"type": "scim_directory_sync_actor", "directory_id": "d"}, Actor("scim_directory_sync_actor", "d")),
        (
            {"type": "unauthenticated_user_actor", "unauthenticated_email_address": "who@acme.example"},
            Actor("unauthenticated_user_actor", None, "who@acme.example"),
        ),
        ({"type": "anthropic_actor", "email_address": None}, Actor("anthropic_actor")),
        ({"type": "robot_actor", "id": "robot_1"}, Actor("robot_actor", "robot_1")),
        (None, Actor()),
        ("somebody", Actor()),
        ({"type": 7, "user_id": ["user_1"]}, Actor()),
    ],
)
def test_every_sort_of_actor_is_understood_as_far_as_it_goes(actor: Any, understood: Actor) -> None:
    record = activity(ROW | {"actor": actor})
    assert record is not None
    assert record.actor == understood


def test_updates_that_cannot_be_understood_are_left_out() -> None:
    change = {"type": "name", "previous_value": "production", "current_value": "prod"}
    given = [change, None, {"previous_value": "x"}, {"type": "status", "current_value": 7}]
    record = activity(ROW | {"updates": given})
    assert record is not None
    assert record.updates == (Update("name", "production", "prod"), Update("status", None, None))
    for none in NO_LISTS:
        record = activity(ROW | {"updates": none})
        assert record is not None
        assert record.updates == ()


def test_each_record_is_there_once_and_the_newest_first() -> None:
    earlier = ROW | {"id": "activity_0", "created_at": "2026-11-24T21:14:08Z"}
    twin = ROW | {"id": "activity_2"}
    records, dropped = activities([earlier, ROW, twin, ROW, earlier])
    assert [record.id for record in records] == ["activity_2", "activity_1", "activity_0"]
    assert dropped == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*ROW, "updates", "user_email"]), JSON))
def test_no_row_is_too_odd(odd: dict[str, Any]) -> None:
    records, dropped = activities([ROW | odd])
    assert len(records) + dropped == 1
    assert all(isinstance(record.updates, tuple) for record in records)
