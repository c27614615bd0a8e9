"""A day ends something and invalidates nothing: whatever is valid is valid and can be planned for ten years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from acme import ADMINS, NOW
from hypothesis import example, given
from hypothesis import strategies as st

from orgsync.core.document.validated import valid_files
from orgsync.errors import InputError
from orgsync.kinds import KINDS
from properties.organizations import HEAD, Organization, examples, organizations

if TYPE_CHECKING:
    from collections.abc import Iterator

TEN_YEARS = 3653
DAY = timedelta(days=1)
PLANNED = 3
"""Days on which the files are planned as well, of those on which they are read."""

days = st.integers(0, TEN_YEARS).map(lambda number: (NOW.date() + number * DAY).isoformat())
WHY = {"reason": "it was agreed"}
DATED = st.fixed_dictionaries(
    {
        "accept": st.lists(days.map(lambda day: {"address": "member:*", "until": day, **WHY}), max_size=2),
        "waivers": st.lists(
            days.map(lambda day: {"policy": "old", "key": "api_key:*", "until": day, **WHY}), max_size=2
        ),
        "key_policies": st.just(
            {
                "old": {"max_age": "90d", "warn_before": "14d", "then": "deactivate"},
                "ends": {"expires_within": "3650d"},
                "unused": {"unused_for": "30d"},
            }
        ),
        "console": st.just({"auto_reload": {"expect": "off", "every": "90d"}, "tax_id": "DE1"}),
        "guards": st.lists(days, max_size=2).map(
            lambda some: {
                "min_admins": 0,
                "max_removals": {"percent": 0, "count": 0},
                "allow": [
                    *({"address": "workspace:production", "until": day, **WHY} for day in some),
                    *({"guard": "max_grants", "count": 3, "until": day, **WHY} for day in some),
                ],
            }
        ),
    }
)


@st.composite
def dated(draw: st.DrawFn) -> Organization:
    """An organization of whose lines most end some day."""
    organization = draw(organizations())
    more = draw(DATED)
    random = draw(st.randoms(use_true_random=False))
    for lines in _member_lines(organization.files):
        for key, value in lines.items():
            if random.random() < 0.7:
                thing = dict(value) if isinstance(value, dict) else {"role": value}
                lines[key] = {**thing, "until": (NOW.date() + random.randrange(TEN_YEARS) * DAY).isoformat()}
    return organization.saying(**more)


def _member_lines(files: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for inside in (files, *(files.get("workspaces") or {}).values()):
        lines = (inside or {}).get("members")
        if isinstance(lines, dict):
            yield lines


def _ends(value: Any) -> Iterator[date]:
    """Every `until` there is."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "until":
                yield date.fromisoformat(inner)
            yield from _ends(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _ends(inner)


LEAVER = Organization(
    {"users": [*ADMINS[:1], {"email": "ana@acme.example", "role": "user"}], "workspaces": [{"name": "lab"}]},
    {
        **HEAD,
        "manage": {"members": "authoritative"},
        "members": {"ceo@acme.example": "admin", "ana@acme.example": {"role": "user", "until": "2026-12-31"}},
        "workspaces": {"lab": {"members": {"ana@acme.example": "user"}}},
    },
)


@examples(15)
@example(LEAVER, 0)
@given(dated(), st.integers(0, 99))
def test_no_day_makes_a_valid_file_invalid(organization: Organization, offset: int) -> None:
    org = organization.org()
    try:
        org.desired()
    except InputError:
        return
    try:
        org.plan()
        can_be_planned = True
    except InputError:  # what only a person can decide
        can_be_planned = False
    ends = sorted(set(_ends(organization.files)))
    boundaries = {end + offset * DAY for end in ends for offset in (-1, 0, 1)} | {NOW.date() + TEN_YEARS * DAY}
    sampled = sorted(day for day in boundaries if day >= NOW.date())
    planned = set(sampled[offset % len(sampled) :: len(sampled) // PLANNED + 1]) if can_be_planned else set()
    for day in sampled:
        org.now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        valid_files("org.yaml", org.desired(), KINDS)
        if day in planned:
            org.plan()
