"""What a report asks the Activity Feed, how far back, and what becomes of the answer from one report to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from acme import ADMINS, NOW, Org
from properties.named import named_drift

from core.drift.support import TODAY, YESTERDAY, drift, entry, report
from orgsync.core.document.console import Attestation, Attested
from orgsync.core.drift.explained import FIRST, OVERLAP, question, with_feed
from orgsync.core.drift.report import DriftEntry, DriftReport, FeedReading
from orgsync.core.drift.stale import OUTDATING, stale_attestations
from orgsync.core.feed.join import Certainty, Explanation
from orgsync.core.feed.records import SETTINGS_UPDATED, Activity, Actor
from orgsync.core.feed.window import Feed, FeedState
from orgsync.core.model.change import Place
from orgsync.core.words.address import Address
from orgsync.kinds import KINDS

LEE = "lee@acme.example"
MEMBERS = "members: {ceo@acme.example: admin, cto@acme.example: admin, lee@acme.example: developer}"
DAY = timedelta(days=1)


def acme(files: str = MEMBERS) -> Org:
    return Org(files, users=[*ADMINS, {"email": LEE, "role": "developer"}], settings={"compliance": "on"})


def promote(org: Org, role: str = "admin", by: str = "cto@acme.example") -> None:
    org.console("POST", f"users/{org.user_id(LEE)}", {"role": role}, by=by)


def named(of: DriftReport) -> list[tuple[str, str, str | None]]:
    """Each entry, how sure it is who made it, and who."""
    return [
        (one.address, one.by.certainty, None if one.by.actor is None else one.by.actor.email)
        for one in of.entries
        if one.by is not None
    ]


def test_a_difference_has_a_name() -> None:
    org = acme()
    promote(org)
    org.wait(timedelta(minutes=5))
    assert named(named_drift(org)) == [(f"member:{LEE}", "certain", "cto@acme.example")]


def test_nothing_is_asked_where_nothing_differs() -> None:
    org = acme()
    assert named_drift(org).feed is None
    assert "/v1/compliance/activities" not in org.reads()


def test_a_record_that_comes_late_is_found_by_the_next_report() -> None:
    org = acme()
    promote(org)
    org.wait(timedelta(seconds=10))
    first = named_drift(org, seen_through=lambda _rows: [])
    assert named(first) == [(f"member:{LEE}", "pending", None)]
    org.wait(DAY)
    second = named_drift(org, first)
    assert named(second) == [(f"member:{LEE}", "certain", "cto@acme.example")]


def test_a_name_stays_until_somebody_else_does_it_again() -> None:
    org = acme()
    promote(org)
    org.wait(DAY)
    first = named_drift(org)
    org.wait(2 * DAY)
    second = named_drift(org, first)
    assert named(second) == [(f"member:{LEE}", "certain", "cto@acme.example")]
    promote(org, "billing", by="ceo@acme.example")
    promote(org, by="ceo@acme.example")
    org.wait(2 * DAY)
    assert named(named_drift(org, second)) == [(f"member:{LEE}", "certain", "ceo@acme.example")]


def asked(org: Org, previous: DriftReport | None = None, *attested: Attested) -> Any:
    """What a report of this moment asks."""
    return question(drift(org, previous=previous), org.seen(), KINDS, previous, attested)


def reading(state: FeedState, since: datetime, **attested: str) -> FeedReading:
    return FeedReading(state, "", None, since.isoformat().replace("+00:00", "Z"), 1, attested)


def test_how_far_back_is_asked() -> None:
    org = acme()
    promote(org)
    assert asked(org).since == NOW - FIRST
    known = drift(org).entries[0]
    before = NOW - 9 * DAY

    def since(state: FeedState | None, *entries: DriftEntry) -> datetime:
        feed = None if state is None else reading(state, before)
        found = asked(org, report(*entries, checked_at=YESTERDAY, feed=feed))
        return datetime.fromisoformat(found.since.isoformat())

    yesterday = datetime.fromisoformat(YESTERDAY)
    sure = replace(known, by=Explanation(Certainty.CERTAIN, Actor(), TODAY), since=YESTERDAY)
    assert since(FeedState.READ) == yesterday - OVERLAP  # it is new
    assert since(FeedState.READ, sure) == yesterday - OVERLAP
    assert since(FeedState.OFF, sure) == before
    assert since(FeedState.READ, replace(sure, by=Explanation(Certainty.PENDING))) == before
    assert since(FeedState.READ, replace(sure, by=Explanation(Certainty.UNKNOWN))) == yesterday - OVERLAP
    assert since(None, sure) == NOW - FIRST


def test_only_types_are_asked_that_can_explain_something() -> None:
    org = acme()
    promote(org)
    types = asked(org).types
    assert "claude_user_role_updated" in types
    assert SETTINGS_UPDATED in types
    assert not set(types) & {*OUTDATING, "platform_workspace_updated", "org_users_listed"}


@pytest.mark.parametrize("state", [state for state in FeedState if state not in {"read", "incomplete"}])
def test_a_feed_that_tells_nothing_changes_nothing_else(state: FeedState) -> None:
    org = acme()
    promote(org)
    plain = drift(org)
    found = asked(org)
    told = with_feed(plain, found, Feed(state, found.since, NOW), None)
    assert replace(told, feed=None) == plain
    assert told.feed is not None
    assert told.feed.state == state


CARD = Attestation(key="payment_method", value="card", by="fin", at=datetime(2026, 11, 1, tzinfo=UTC))
ATTESTED = Attested(CARD, "orgsync attest payment_method", Place("org.yaml", 3))


def changed(day: int, kind: str = "payment_method_updated", **fields: Any) -> Activity:
    who = Actor("user_actor", "user_sam", "sam@acme.example")
    return Activity(f"activity_{day}", datetime(2026, 11, day, 12, tzinfo=UTC), kind, who, fields)


def stale(*records: Activity, previous: DriftReport | None = None, attested: Attested = ATTESTED) -> list[DriftEntry]:
    return list(stale_attestations([attested], records, previous, TODAY))


def test_an_attestation_is_stale_once_somebody_changed_the_setting() -> None:
    [one] = stale(changed(9), changed(5))
    assert (one.address, one.code, one.source) == ("console:payment_method", "attestation_stale", ATTESTED.place)
    assert one.message == "payment method: changed after it was attested at 2026-11-01T00:00:00Z by fin"
    assert one.by is not None
    assert (one.by.certainty, one.by.at, one.by.record) == ("certain", "2026-11-09T12:00:00Z", "activity_9")


def test_what_happened_before_the_attestation_or_to_other_settings_makes_nothing_stale() -> None:
    later = replace(ATTESTED, last=CARD.model_copy(update={"at": datetime(2026, 11, 10, tzinfo=UTC)}))
    assert stale(changed(9), attested=later) == []
    assert stale(changed(9, "billing_emails_updated")) == []


def test_a_setting_that_was_set_to_what_was_attested_is_not_stale() -> None:
    name = replace(ATTESTED, last=CARD.model_copy(update={"key": "organization_name", "value": "Acme"}))

    def renamed(kind: str, value: str) -> list[DriftEntry]:
        updates = [{"type": kind, "current_value": value}]
        return stale(changed(9, "claude_organization_settings_updated", updates=updates), attested=name)

    assert renamed("name", "Acme") == renamed("members_limit", "5") == []
    assert [one.code for one in renamed("name", "Evil Corp")] == ["attestation_stale"]


def test_a_stale_attestation_stays_so_until_somebody_attests_again() -> None:
    before = report(*stale(changed(9)), checked_at=YESTERDAY)
    assert [one.by and one.by.record for one in stale(previous=before)] == ["activity_9"]
    again = replace(ATTESTED, last=CARD.model_copy(update={"at": datetime(2026, 11, 10, tzinfo=UTC)}))
    assert stale(previous=before, attested=again) == []


def test_attestations_are_asked_about_from_their_moment_on() -> None:
    org = acme()
    at = "2026-11-01T00:00:00Z"
    found = asked(org, None, ATTESTED)
    assert (found.since, set(OUTDATING) <= set(found.types)) == (CARD.at, True)
    read = report(checked_at=YESTERDAY, feed=reading(FeedState.READ, NOW - 9 * DAY, payment_method=at))
    assert asked(org, read, ATTESTED).since == datetime.fromisoformat(YESTERDAY) - OVERLAP
    off = replace(read, feed=reading(FeedState.OFF, NOW - 9 * DAY, payment_method=at))
    assert asked(org, off, ATTESTED).since == CARD.at
    assert asked(org, report(checked_at=YESTERDAY), ATTESTED).since == CARD.at
    currency = replace(ATTESTED, last=CARD.model_copy(update={"key": "currency"}))
    assert asked(org, None, currency) is None


def test_what_is_accepted_has_a_name_too() -> None:
    org = acme(f"{MEMBERS}\naccept: [{{address: 'member:*', reason: x, until: 2026-12-01}}]")
    promote(org)
    org.wait(timedelta(minutes=5))
    found = named_drift(org)
    assert found.entries == ()
    assert [one.by and one.by.certainty for one in found.accepted] == ["certain"]


def test_entries_about_nothing_in_particular_are_not_asked_about() -> None:
    org = acme("members: {ceo@acme.example: admin, cto@acme.example: admin, lee@acme.example: developer}")
    one = entry("x", address=Address("console:tax_id"), code="attestation_missing")
    assert question(report(one), org.seen(), KINDS, None, ()) is None
