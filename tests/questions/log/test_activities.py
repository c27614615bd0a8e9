"""A record of the Activity Feed tells who did what to which address; what orgsync itself did is told once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orgsync.core.feed.records import activities
from orgsync.core.model.change import Action, FieldChange
from orgsync.core.words.address import Address
from orgsync.questions.log import reports
from orgsync.questions.log.activities import events_of, told_by_both, types_asked
from orgsync.questions.log.answer import sentence
from orgsync.questions.log.event import Event, Origin
from orgsync.questions.log.names import Names
from orgsync.questions.log.receipts import events_of as receipt_events
from orgsync.questions.log.receipts import receipts_of
from orgsync.questions.log.timeline import in_order, without_repetition
from questions.log.support import ANA, done, intent, journal
from questions.log.test_reports import entry, report

SAM = {"type": "user_actor", "user_id": "user_sam", "email_address": "sam@acme.example", "user_agent": "Mozilla/5.0"}
OURS = {"type": "admin_api_key_actor", "admin_api_key_id": "admin_api_key_1", "user_agent": "orgsync/0.2.0"}


def row(kind: str, at: str = "10:00:00", actor: Any = SAM, **fields: Any) -> dict[str, Any]:
    return {"id": f"{kind} {at}", "type": kind, "created_at": f"2026-11-22T{at}Z", "actor": actor, **fields}


def updates(**changes: tuple[str, str]) -> list[dict[str, str]]:
    return [{"type": one, "previous_value": old, "current_value": new} for one, (old, new) in changes.items()]


def names() -> Names:
    found = Names()
    found.add("member", "user_ana", ("ana@acme.example",))
    found.add("workspace", "wrkspc_1", ("production",))
    found.add("api_key", "apikey_1", ("production", "ci"))
    return found


def events(*rows: dict[str, Any], known: Names | None = None) -> tuple[Event, ...]:
    return events_of(activities(rows)[0], known or names())


ROLES = {"user_id": "user_ana", "previous_role": "user", "current_role": "admin"}
CASES = {
    "member:ana@acme.example role user -> admin": row("claude_user_role_updated", **ROLES),
    "member:kim@acme.example added (role developer)": row(
        "org_user_invite_sent", invited_email="kim@acme.example", invited_role="developer"
    ),
    "member:lee@acme.example removed": row(
        "org_user_deleted", deleted_user_id="user_lee", deleted_user_email="lee@acme.example"
    ),
    "workspace:production name old -> production, color #aaaaaa -> #bbbbbb": row(
        "platform_workspace_updated",
        workspace_id="wrkspc_1",
        updates=updates(name=("old", "production"), display_color=("#AAAAAA", "#BBBBBB")),
    ),
    "workspace:production archived": row("platform_workspace_archived", workspace_id="wrkspc_1"),
    "workspace:wrkspc_2 added": row("platform_workspace_created", workspace_id="wrkspc_2"),
    "workspace:production changed, but not recorded how": row("platform_workspace_updated", workspace_id="wrkspc_1"),
    "workspace_member:production/ana@acme.example role user -> admin": row(
        "platform_workspace_member_updated",
        workspace_id="wrkspc_1",
        user_id="user_ana",
        updates=updates(workspace_role=("workspace_user", "workspace_admin")),
    ),
    "workspace_member:production/user_new added": row(
        "platform_workspace_member_added", workspace_id="wrkspc_1", user_id="user_new"
    ),
    "api_key:production/ci status active -> inactive": row(
        "platform_api_key_updated", api_key_id="apikey_1", updates=updates(status=("active", "inactive"))
    ),
    "spend_limit:organization set (monthly 500)": row("platform_spend_limit_created", limit_usd=50000),
    "spend_limit:workspace/production removed": row("workspace_spend_limit_deleted", workspace_id="wrkspc_1"),
    "rate_limit:production/claude-sonnet-5/requests_per_minute set (value 1000)": row(
        "platform_workspace_rate_limit_updated",
        workspace_id="wrkspc_1",
        model_group="claude-sonnet-5",
        limiter_type="requests_per_minute",
        value=1000,
    ),
}


@pytest.mark.parametrize("expected", CASES)
def test_each_sort_of_record_is_told_with_its_values(expected: str) -> None:
    [event] = events(CASES[expected])
    assert sentence(event).replace("500.00 USD", "500") == f"{expected}; by sam@acme.example (Activity Feed: certain)"


def test_settings_of_the_console_are_told_under_their_addresses() -> None:
    assert [one.address for one in events(row("payment_method_updated"))] == ["console:payment_method"]
    renamed = row("claude_organization_settings_updated", updates=updates(name=("Acme", "Acme Robotics")))
    assert [sentence(one) for one in events(renamed)] == [
        "console:organization_name name Acme -> Acme Robotics; by sam@acme.example (Activity Feed: certain)"
    ]
    assert events(row("claude_organization_settings_updated", updates=updates(theme=("a", "b")))) == ()


def test_who_is_unknown_is_named_as_far_as_the_record_does() -> None:
    for actor, expected in (
        ({"type": "scim_directory_sync_actor", "directory_id": "d1"}, "the identity provider, directory d1"),
        ({"type": "admin_api_key_actor", "admin_api_key_id": "k1", "user_agent": "curl"}, "Admin key k1"),
        ({"type": "anthropic_actor", "email_address": None}, "Anthropic"),
        ({"type": "brand_new_actor", "id": "x"}, "brand new actor x"),
    ):
        [event] = events(row("claude_user_role_updated", actor=actor, **ROLES))
        assert (event.who, event.origin) == (expected, Origin.HAND)
    [nobody] = events(row("claude_user_role_updated", actor=None, **ROLES))
    assert nobody.who is None


def test_records_that_one_edit_makes_are_one_event() -> None:
    limits = {"workspace_id": "wrkspc_1"}
    edit = [
        row("workspace_spend_limit_deleted", "10:00:00", **limits),
        row("workspace_spend_limit_created", "10:00:01", limit_usd=900000, **limits),
    ]
    assert [one.verb for one in events(*edit)] == ["set"]
    left = [
        row("org_user_deleted", "10:00:00", deleted_user_id="user_ana", deleted_user_email="ana@acme.example"),
        row("claude_user_role_updated", "10:00:01", user_id="user_ana", previous_role="user", current_role=None),
    ]
    assert len(events(*left)) == 1
    assert len(events(edit[0], row("workspace_spend_limit_created", "10:00:06", limit_usd=1, **limits))) == 2
    assert len(events(edit[0], {**edit[1], "actor": OURS})) == 2


def test_names_of_people_who_left_stay_known() -> None:
    """From receipts, and from other records."""
    known = Names()
    known.learn(receipt_events(receipts_of([journal([intent(1, id="user_ana", action=Action.REMOVE), done(1)])])))
    known.learn_people(
        activities([row("org_user_left"), row("x", user_id="user_kim", user_email="kim@acme.example")])[0]
    )
    told = events(
        row("claude_user_role_updated", "08:00:00", **ROLES),
        row("claude_user_role_updated", "08:00:01", **{**ROLES, "user_id": "user_kim"}),
        row("claude_user_role_updated", "08:00:02", **{**ROLES, "user_id": "user_sam"}),
        row("claude_user_role_updated", "08:00:03", **{**ROLES, "user_id": "user_lee"}),
        known=known,
    )
    people = [one.address and one.address.path for one in told]
    assert people == ["ana@acme.example", "kim@acme.example", "sam@acme.example", "user_lee"]
    assert known.unknown == {("member", "user_lee")}


def applied(**more: Any) -> Event:
    fields = (FieldChange("role", "user", "admin"),)
    return receipt_events(receipts_of([journal([intent(1, id="user_ana", fields=fields, **more), done(1)])]))[0]


def ours(at: str, **more: Any) -> Event:
    return events(row("claude_user_role_updated", at, OURS, **{**ROLES, **more}))[0]


@pytest.mark.parametrize("at", ["09:59:30", "10:00:00", "10:01:30"])
def test_a_write_that_two_sources_tell_of_is_one_event(at: str) -> None:
    [event] = told_by_both(in_order([applied(), ours(at)]))
    assert (event.who, event.sources, event.at) == ("ana", ("receipt", "Activity Feed"), "2026-11-22T10:00:00Z")


@pytest.mark.parametrize(
    "record",
    [
        ours("10:03:00"),
        ours("09:58:00"),
        ours("10:00:00", current_role="billing"),
        ours("10:00:00", user_id="user_raj"),
        events(row("claude_user_role_updated", **ROLES))[0],
        events(row("claude_user_role_updated", actor={**OURS, "user_agent": "curl"}, **ROLES))[0],
    ],
    ids=["late", "early", "value", "object", "person", "agent"],
)
def test_what_may_be_something_else_stays_apart(record: Event) -> None:
    assert len(told_by_both(in_order([applied(), record]))) == 2


def test_a_write_without_a_receipt_is_told_by_its_record() -> None:
    [event] = told_by_both([ours("10:00:00")])
    assert sentence(event) == (
        "member:ana@acme.example role user -> admin; by Admin key admin_api_key_1 (Activity Feed: likely)"
    )


def test_a_difference_that_a_record_explains_is_one_event() -> None:
    one = entry("admin", "user", since=11)
    found = reports.events_of([report(9), report(11, one, previous="2026-11-22T09:00:00Z"), report(12, gone=(one,))])
    edit = events(row("claude_user_role_updated", "10:30:00", **ROLES))
    undone = events(
        row("claude_user_role_updated", "11:30:00", **{**ROLES, "previous_role": "admin", "current_role": "user"})
    )
    told = without_repetition(in_order([*found, *edit, *undone]))
    assert [(event.at[11:16], event.sources) for event in told] == [
        ("10:30", ("Activity Feed", "drift report")),
        ("11:30", ("Activity Feed", "drift report")),
    ]
    elsewhere = [replace(edit[0], address=Address(ANA.replace("ana", "raj")))]
    assert len(without_repetition(in_order([*found[:1], *elsewhere]))) == 2


def test_every_kind_that_has_records_is_asked_about() -> None:
    assert "claude_user_role_updated" in types_asked()
    assert "org_compliance_api_settings_updated" in types_asked()
    switched = row("org_compliance_api_settings_updated", compliance_api_enabled=False)
    assert [one.verb for one in events(switched)] == ["the Activity Feed was switched off"]
