"""What no source settles about the Activity Feed, or what differs between organizations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, PositiveInt

from orgsync.sandbox.wire.switches import Part, row

if TYPE_CHECKING:
    from orgsync.sandbox.wire.switches import Settings

Seconds = Annotated[float, Field(ge=0)]


class FeedSwitches(Part):
    """The rows of the table of switches that are about the Activity Feed."""

    # fmt: off
    compliance: Literal["off", "on"] = row(
        "off", "whether the Compliance API is enabled: only then activities are recorded and shown",
        "Compliance API: access")
    feed_scope: bool = row(
        True, "whether Admin keys have the scope of the Activity Feed; one made before it was enabled does not: 403",
        "Compliance API: access")
    feed_bearer: Literal["not_found", "accepted"] = row(
        "not_found", "an Admin key that comes as bearer to the Activity Feed", "Compliance API: access")
    feed_requests_per_minute: PositiveInt = row(
        600, "requests a minute to the Compliance API, then 429", "Compliance API: rate limits")
    feed_lag_seconds: Seconds = row(
        0.0, "how long after it happened an activity appears, by the organization's clock", "Activity Feed: latency")
    feed_lag_jitter: Seconds = row(
        0.0, "seconds more at most, another number for each activity: they appear out of order",
        "Activity Feed: latency")
    feed_precision: Literal["microseconds", "seconds"] = row(
        "microseconds", "precision of the times of activities", "not stated")
    feed_types: Literal["all"] | list[str] = row(
        "all", "types of activities that a filter may name; others are refused, as by an older server",
        "Activity Feed: types")
    feed_duplicates: Annotated[int, Field(ge=0)] = row(
        0, "how many activities of a page come once more on the next one", "Activity Feed: at least once")
    removal_records: Literal["both", "deleted", "role"] = row(
        "both", "what removing a member records: `org_user_deleted`, a role of null, or both", "not stated")
    spend_limit_records: Literal["console_only", "all"] = row(
        "console_only", "whether spend limits that are set by API are recorded", "not stated")
    tag_records: Literal["recorded", "silent"] = row(
        "recorded", "whether an update of a workspace that changes nothing the feed has a name for is recorded",
        "not stated")
    record_reads: bool = row(
        True, "whether reads of members, invites and workspace members are recorded", "Activity Feed: types")
    # fmt: on


_NONE = FeedSwitches()


def switches_of(settings: Settings) -> FeedSwitches:
    """The switches of an organization; an organization without an Activity Feed has it switched off."""
    table: Part = settings
    return table if isinstance(table, FeedSwitches) else _NONE
