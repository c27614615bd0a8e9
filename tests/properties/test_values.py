"""Addresses, differences and plans as values: what is taken apart and put together again is what it was."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from orgsync.core.model.diff import field_changes, with_fields
from orgsync.core.plan.schema import is_intact, plan_adapter, plan_schema
from orgsync.core.words.address import address
from orgsync.render.plan import json_text
from properties.organizations import Organization, examples, guarded_organizations
from properties.witness import planned

FRAGMENTS = st.sampled_from(
    ["%", "2F", "%2F", "%25", "/", ":", " ", "\n", "\x00", "\x9f", "@", "é", "生", "🙂", "a"]
) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3)
SEGMENTS = st.lists(
    st.lists(FRAGMENTS, min_size=1, max_size=4).map("".join),
    min_size=1,
    max_size=3,
)
KEYS = st.text(st.sampled_from(".%2E50 aé/"), min_size=1, max_size=4)
TEXTS = st.sampled_from(["a", "b", ""])
FLAT = st.dictionaries(KEYS, TEXTS, max_size=6)
ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXTS,
        "archived": st.booleans(),
        "tags": FLAT,
        "residency": st.fixed_dictionaries(
            {}, optional={"default": TEXTS, "allowed": st.just("all") | st.lists(TEXTS, max_size=2)}
        ),
        "policy": st.dictionaries(KEYS, FLAT, max_size=2),
    },
)
PLAN_SCHEMA = Draft202012Validator(plan_schema())


@examples(80)
@given(SEGMENTS)
def test_an_address_splits_into_the_segments_it_was_joined_from(segments: list[str]) -> None:
    text = address("workspace", *segments)
    assert (text.kind, text.segments) == ("workspace", tuple(segments))
    assert text.count("/") == len(segments) - 1
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in text)


@examples(80)
@given(SEGMENTS, SEGMENTS)
def test_two_things_never_share_an_address(one: list[str], other: list[str]) -> None:
    assert (address("member", *one) == address("member", *other)) == (one == other)


@examples(80)
@given(ATTRIBUTES, ATTRIBUTES)
def test_live_with_its_differences_is_what_is_desired(live: dict[str, Any], desired: dict[str, Any]) -> None:
    changes = field_changes(live, desired)
    after = with_fields(live, changes)
    for name, wanted in desired.items():
        assert after.get(name, {}) == wanted
    assert {name: after[name] for name in live if name not in desired} == {
        name: value for name, value in live.items() if name not in desired
    }
    assert field_changes(after, desired) == ()
    paths = [change.path for change in changes]
    assert paths == list(dict.fromkeys(paths))
    assert all(change.before != change.after for change in changes)
    maps = {name for name, wanted in desired.items() if isinstance(wanted, dict) and isinstance(live.get(name), dict)}
    assert maps.isdisjoint(paths)  # which are compared key by key: a key that goes has to be named


@examples(5)
@given(guarded_organizations())
def test_a_plan_survives_its_json(organization: Organization) -> None:
    """Plans made up of anything survive it in `render/test_json_text.py`; these are what orgsync makes of files."""
    both = planned(organization)
    if both is None:
        return
    text = json_text.render(both[1])
    data = json.loads(text)
    assert list(PLAN_SCHEMA.iter_errors(data)) == []
    read = plan_adapter().validate_python(data)
    assert read == both[1]
    assert is_intact(read)
    assert json_text.render(read) == text
