"""With hashed e-mails: nobody's address is in the snapshot, and declared people are told by theirs."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from acme import HEAD, NOW, actions, desired_from
from hypothesis import given
from hypothesis import strategies as st

from core.snapshot.support import KEY, planned_from, planned_live, rich, taken, told
from orgsync.core.model.change import Organization
from orgsync.core.model.recording import Read, Refusal
from orgsync.core.snapshot.hashed_emails import SHORTEST_KEY, EmailKey, hashing, matching, texts_in
from orgsync.core.snapshot.snapshot import FORMAT_VERSION, Emails, Snapshot, snapshot_data

EMAIL = re.compile(r"[\w.'%&=+-]+@[\w.-]+\.\w+")
SECRET = EmailKey(KEY)

FILES = """
manage: {members: authoritative, workspace_members: authoritative, api_keys: authoritative}
guards: {max_removals: {percent: 100, count: 99}, min_admins: 0, protect: ["member:cto@acme.example"]}
teams: {platform: [ana@acme.example]}
members: {ceo@acme.example: admin, team:platform: user, mia@acme.example: developer, raj@acme.example: user}
workspaces:
  production:
    tags: {owner: raj@acme.example}
    members: {team:platform: user}
    api_keys: {chatbot: active, laptop of raj@acme.example: inactive}
"""


def of(*rows: object, name: str = "Acme") -> Snapshot:
    reads = (Read("/v1/organizations/users", {}, tuple({"email": "x@y.example", "row": row} for row in rows)),)
    return Snapshot(
        FORMAT_VERSION, Organization("1", name), "2026-11-22T10:00:00Z", "0", Emails.PLAIN, None, reads, "", None
    )


def test_no_address_and_no_name_of_a_person_is_left_anywhere() -> None:
    org = rich(organization={"id": "3f1c7a52-9d0e-4b7a-8c55-2f6b1e0d4a91", "name": "ceo@acme.example's Organization"})
    text = json.dumps(snapshot_data(hashing(taken(org), SECRET)))
    assert {email.split("@")[1] for email in EMAIL.findall(text)} == {"hashed.invalid"}
    assert "acme.example" not in text
    assert not [name for name in ("Ana", "Ruiz", "Patel", "Holm", "raj", "mia") if re.search(rf"\b{name}\b", text)]
    assert KEY not in text
    assert len(set(EMAIL.findall(text))) == 7  # five members and two invites


def test_what_was_seen_has_the_same_digest_in_the_same_words_only() -> None:
    """The changes have it in any case, where all whom they concern are declared."""
    org = rich()
    desired = desired_from('members: {ana@acme.example: user}\nworkspaces: {production: {color: "#123456"}}', org.now)
    live, plain = planned_live(org, desired), taken(org)
    hidden = matching(hashing(plain, SECRET), SECRET, texts_in(desired.document.data))
    seen, hashed = planned_from(plain, desired, org.now), planned_from(hidden, desired, org.now)
    assert live.digests.changes == seen.digests.changes == hashed.digests.changes
    assert live.digests.live == seen.digests.live != hashed.digests.live
    assert len(live.changes) == 2


def test_declared_people_are_told_by_their_own_address() -> None:
    org = rich()
    desired = desired_from(FILES)
    hidden = hashing(taken(org), SECRET)
    plan = planned_from(matching(hidden, SECRET, texts_in(desired.document.data)), desired, org.now)
    assert "member:cto@acme.example" in told(plan)  # protected, and so mentioned
    live = planned_live(org, desired)
    ida = SECRET.hashed("ida@acme.example")
    expected = [action.replace("ida@acme.example", ida) for action in actions(live)]
    spelled = [action.replace("Ana@Acme.example", "ana@acme.example") for action in expected]
    assert sorted(actions(plan)) == sorted(spelled)
    assert f"remove member:{ida}" in actions(plan)
    assert "update api_key:production/laptop of raj@acme.example" in actions(plan)
    assert "update workspace:production" not in actions(plan)  # whose tag names a person


def test_the_same_person_has_the_same_hash_whatever_the_case_and_another_under_another_key() -> None:
    other = EmailKey("x" * SHORTEST_KEY)
    assert SECRET.hashed("Ana@Acme.example") == SECRET.hashed("ana@acme.example")
    assert SECRET.hashed("ana@acme.example") != other.hashed("ana@acme.example")
    assert re.fullmatch(r"h-[0-9a-f]{20}@hashed\.invalid", SECRET.hashed("ana@acme.example"))


def test_hashes_of_older_snapshots_are_still_recognized() -> None:
    """They were made when `\u00df` counted as `ss`; a hash that is somebody's by today's rule is nobody else's."""
    sharp, double = "Stra\u00dfe@acme.example", "strasse@acme.example"
    older = SECRET.formerly_hashed(sharp)
    assert older == SECRET.hashed(double) != SECRET.hashed(sharp)
    assert matching(of(older), SECRET, [sharp]).reads[0].rows[0]["row"] == sharp
    assert matching(of(older), SECRET, [sharp, double]).reads[0].rows[0]["row"] == double
    assert matching(of(SECRET.hashed(sharp)), SECRET, [double, sharp]).reads[0].rows[0]["row"] == sharp


def test_a_key_is_checked_without_being_stored_or_shown() -> None:
    other = EmailKey("x" * SHORTEST_KEY)
    assert hashing(of(), SECRET).email_key_check == SECRET.check != other.check
    assert KEY not in repr(SECRET)
    with pytest.raises(ValueError, match="has 31 characters, and at least 32 are needed"):
        EmailKey("x" * 31)


def test_addresses_inside_names_keys_of_maps_and_refusals_are_hidden_too() -> None:
    row = {"name": "laptop of ana@acme.example!", "tags": {"ana@acme.example": ["by <raj@acme.example>", 7, None]}}
    snapshot = of(row, name="ana@acme.example")
    refused = replace(snapshot.reads[0], rows=(), refusal=Refusal(403, "not for ana@acme.example"))
    hidden = hashing(replace(snapshot, reads=(*snapshot.reads, refused)), SECRET)
    text = json.dumps(snapshot_data(hidden))
    assert "acme.example" not in text
    assert matching(hidden, SECRET, []).reads == hidden.reads
    shown = matching(hidden, SECRET, ["ana@acme.example", "member:raj@acme.example", "x@y.example"])
    texts = json.dumps(snapshot_data(shown))
    assert "hashed.invalid" not in texts
    assert shown.reads[0].rows[0]["row"]["tags"] == row["tags"]


@pytest.mark.parametrize(
    "mention",
    [
        "member:100%25@acme.example",
        "workspace_member:a/100%25@acme.example",
        "100%@acme.example",
        "api_key:prod/key of 100%25@acme.example",
    ],
)
def test_a_mention_in_an_address_is_a_mention(mention: str) -> None:
    email = "100%@acme.example"
    hidden = hashing(of(f"key of {email}"), SECRET)
    assert matching(hidden, SECRET, [mention]).reads[0].rows[0]["row"] == f"key of {email}"


@given(st.text(max_size=30), st.emails(), st.text(max_size=30))
def test_what_is_not_an_address_is_left_as_it_is(before: str, email: str, after: str) -> None:
    """And whatever is an address goes, so that hashing once more finds nothing new but hashes."""
    plain = before.replace("@", "") + after.replace("@", "")
    assert hashing(of(plain), SECRET).reads[0].rows[0]["row"] == plain
    hidden = hashing(of(f"{before} {email} {after}"), SECRET).reads[0].rows[0]["row"]
    assert email not in hidden or email in before + after


def test_a_name_of_a_hundred_thousand_letters_is_looked_through_at_once() -> None:
    name = "x" * 100_000 + " @"
    assert hashing(of(name), SECRET).reads[0].rows[0]["row"] == name
    hidden = hashing(of("x" * 1000 + "ana@acme.example"), SECRET).reads[0].rows[0]["row"]
    assert "acme.example" not in hidden


def test_an_odd_address_in_a_field_for_addresses_is_hidden_whole() -> None:
    snapshot = of("nothing")
    row = {"email": 'a "b" c', "contact_email": "no at sign", "email_address": "@"}
    hidden = hashing(replace(snapshot, reads=(replace(snapshot.reads[0], rows=(row,)),)), SECRET)
    assert all(value.endswith("@hashed.invalid") for value in hidden.reads[0].rows[0].values())


def test_planning_twice_from_hashes_gives_the_same_plan() -> None:
    org = rich()
    hidden, desired = hashing(taken(org), SECRET), desired_from(HEAD + FILES.lstrip())
    first, again = (planned_from(matching(hidden, SECRET, []), desired, NOW) for _ in range(2))
    assert told(first) == told(again)
