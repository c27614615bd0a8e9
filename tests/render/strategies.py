"""Plans that hypothesis makes: every part filled, with text that no one would choose."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import strategies as st

from orgsync.core.model.change import (
    Action,
    Allowance,
    Cause,
    Change,
    FieldChange,
    Level,
    ManualStep,
    Note,
    Organization,
    Place,
    Plan,
    Protection,
    Raised,
    Risk,
    Rules,
    Verdict,
)
from orgsync.core.model.meaning import Meaning
from orgsync.core.plan.guards import LIFTED_BY_NAME
from orgsync.core.plan.judgement import in_order
from orgsync.core.words.address import address
from render.plans import plan

# Characters that renderers get wrong come often, next to any other; "Cs" are lone surrogates.
NASTY = st.sampled_from("\x1b\x07\n\r\t\x00\x7f\x9b\u202e\u2066\u200b\u2028\ufe0f\u00a0\\\"'`[]{}:# 生🙂é")
TEXT = st.text(NASTY | st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    ["::error::no", "##[error]no", "[bold]no[/bold]", ":smile:", "x" * 3_000, "word " * 60]
)
ADDRESS = st.builds(
    address,
    st.sampled_from(["member", "workspace", "workspace_member", "api_key"]),
    TEXT.filter(bool),
)
SCALAR = st.none() | st.booleans() | st.integers() | TEXT
VALUE = st.recursive(SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
PLACE = st.none() | st.builds(Place, file=TEXT, line=st.integers(1, 10_000))


T = TypeVar("T")


def few(items: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    """A short tuple of them."""
    return st.lists(items, max_size=3).map(tuple)


FIELDS = few(st.builds(FieldChange, path=TEXT, before=VALUE, after=VALUE))
CHANGES = few(
    st.builds(
        Change,
        address=ADDRESS,
        action=st.sampled_from(Action),
        fields=FIELDS,
        id=st.none() | TEXT,
        cause=st.sampled_from(Cause),
        risk=st.sampled_from(Risk),
        reason=TEXT,
        source=PLACE,
        after=few(ADDRESS),
        effects=few(TEXT),
        meaning=st.frozensets(st.sampled_from(Meaning)).map(in_order),
        absent=st.booleans(),
    )
)
NOTES = few(
    st.builds(Note, address=ADDRESS, code=TEXT, message=TEXT, level=st.sampled_from(Level), source=PLACE),
)
STEPS = few(
    st.builds(
        ManualStep,
        address=ADDRESS,
        code=TEXT,
        message=TEXT,
        where=TEXT,
        expected=TEXT,
        level=st.sampled_from(Level),
        source=PLACE,
    )
)
PLANS: st.SearchStrategy[Plan] = st.builds(
    plan,
    CHANGES,
    identities=st.dictionaries(ADDRESS, TEXT, max_size=3),
    organization=st.builds(Organization, id=TEXT, name=TEXT),
    manual=STEPS,
    waiting=NOTES,
    findings=NOTES,
    guards=few(
        st.builds(
            Verdict,
            guard=TEXT | st.sampled_from(sorted(LIFTED_BY_NAME)),
            passed=st.booleans(),
            message=TEXT,
            addresses=few(ADDRESS),
        )
    ),
    allowed=few(st.builds(Allowance, address=ADDRESS, reason=TEXT, until=st.none() | TEXT, id=st.none() | TEXT)),
    raised=few(st.builds(Raised, guard=TEXT, count=st.integers(0, 9_999), reason=TEXT, until=TEXT)),
    rules=st.builds(Rules, protect=few(st.builds(Protection, address=TEXT, any=st.booleans()))),
    present=st.dictionaries(TEXT, st.integers(0, 99), max_size=3),
    requests=st.integers(0, 10_000),
)
