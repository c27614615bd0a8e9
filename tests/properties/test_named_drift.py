"""Drift with a name: what the Activity Feed says of a difference is right, or it is not said for certain."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from hypothesis import event, given, note
from hypothesis import strategies as st

from properties.edits import Live, edits, watched
from properties.named import named_drift, recorded
from properties.organizations import SCALE, examples
from properties.test_drift import OF_EVERYTHING, drift

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orgsync.core.drift.report import DriftEntry, DriftReport
    from properties.edits import Edit
    from properties.named import Row
    from properties.organizations import Organization

CEO, SAM, EVE = "ceo@acme.example", "sam@acme.example", "eve@acme.example"
HOUR = timedelta(hours=1)
STRIDE = 1 if SCALE >= 1 else 29
"""Each so many-th edit is tried."""


def _watched_by_the_feed() -> Organization:
    """One thing of every sort, in an organization that has the feed switched on, and three admins."""
    seed = deepcopy(OF_EVERYTHING.seed)
    seed["settings"]["compliance"] = "on"
    seed["users"] += [{"email": SAM, "role": "admin"}, {"email": EVE, "role": "admin"}]
    return replace(OF_EVERYTHING, seed=seed)


WATCHED = _watched_by_the_feed()
EXPORTED = WATCHED.org().export()

WITHOUT_A_RECORD = {
    ("POST users/*", "differs workspace_member:*"): "what billing members have in a workspace comes with the role",
    ("POST users/*", "few_admins member:*"): "is about all admins together",
    ("DELETE users/*", "few_admins member:*"): "is about all admins together",
    ("DELETE users/*", "key_missing api_key:*"): "a key that goes with its owner has no record",
    ("DELETE invites/*", "missing member:*"): "the record names the invite alone, and deleted invites are not kept",
    ("POST invites/*", "invite_expired member:*"): "an invite expires by itself",
    ("POST workspaces/*", "* api_key:*"): "what stands in a renamed workspace has no record of it",
    ("POST workspaces/*", "* rate_limit:*"): "what stands in a renamed workspace has no record of it",
    ("POST workspaces/*", "* spend_limit:*"): "what stands in a renamed workspace has no record of it",
    ("POST workspaces/*", "* workspace_member:*"): "what stands in a renamed workspace has no record of it",
}
"""By the edit and the entry: why nobody can be named, although the feed is on and complete."""

RELATED = {"tags", "user_profile_id", "inference_data_privacy"}
"""Fields of workspaces for which updates have no name: the record says that something was changed."""


def test_every_single_edit_has_a_name_or_a_reason_why_not() -> None:
    live = Live(WATCHED.org())
    before, checked = watched(live), 0
    for edit in list(edits(live))[::STRIDE]:
        org = WATCHED.org()
        org.files = EXPORTED
        org.wait(HOUR)
        answer = org.app.console(edit.method, edit.path, edit.body, by=SAM)
        if answer.status != 200 or watched(Live(org)) == before:
            continue
        org.wait(HOUR)
        for entry in named_drift(org).entries:
            if not _excused(edit, entry):
                checked += 1
                _check_named(edit, entry)
    assert checked >= 100 / STRIDE


def _excused(edit: Edit, entry: DriftEntry) -> bool:
    made, told = f"{edit.method} {edit.path}", f"{entry.code} {entry.address}"
    return any(fnmatchcase(made, one) and fnmatchcase(told, other) for one, other in WITHOUT_A_RECORD)


def _check_named(edit: Edit, entry: DriftEntry) -> None:
    by = entry.by
    assert by is not None, (edit, entry)
    assert by.actor is not None, (edit, entry)
    accepted = edit.path.endswith("/accept")
    assert by.actor.email == SAM or accepted, (edit, entry)
    unnamed = edit.method == "POST" and edit.path.startswith("workspaces/") and RELATED & set(edit.body or ())
    assert by.certainty in ({"related"} if unnamed else {"certain", "likely"}), (edit, entry)


@dataclass(frozen=True)
class Step:
    """One edit of a history: who makes it, and how long after the one before."""

    edit: Edit
    by: str
    after: timedelta


WAITS = [timedelta(), timedelta(seconds=20), timedelta(minutes=3), HOUR, 26 * HOUR]
_LIVE = Live(WATCHED.org())
_EDITS = list(edits(_LIVE))
SUBJECTS = sorted(
    {one for edit in _EDITS for one in edit.about if not {SAM, EVE, CEO} & set(one.replace("/", ":").split(":"))}
)


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Edits of one or two things, so that they undo and redo each other."""
    about = set(draw(st.lists(st.sampled_from(SUBJECTS), min_size=1, max_size=2)))
    possible = [edit for edit in _EDITS if about & set(edit.about)]
    step = st.builds(Step, st.sampled_from(possible), st.sampled_from([CEO, SAM, EVE]), st.sampled_from(WAITS))
    return draw(st.lists(step, min_size=1, max_size=8))


@dataclass
class Seen:
    """What becomes of records on their way: some never arrive, some say less, some come twice or from elsewhere."""

    lost: frozenset[int]
    silent: frozenset[int]
    noise: bool
    shown: dict[str, int]

    def through(self, rows: list[Row]) -> list[Row]:
        """What arrives of the rows."""
        for row in rows:
            self.shown.setdefault(row["id"], len(self.shown))
        kept = [row for row in rows if self.shown[row["id"]] not in self.lost]
        arrived = [_silenced(row) if self.shown[row["id"]] in self.silent else row for row in kept]
        if not self.noise:
            return arrived
        return [*arrived, *map(_foreign, arrived), *map(_unknown, arrived), *arrived]


def _silenced(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in {"updates", "current_role"}}


def _foreign(row: Row) -> Row:
    """The same by somebody else in another organization, and a little later."""
    mallory = {"type": "user_actor", "user_id": "user_mallory", "email_address": "mallory@evil.example"}
    later = {"id": f"{row['id']}x", "created_at": row["created_at"].replace("Z", "+00:00"), "actor": mallory}
    return {**row, **later, "organization_id": "org_other", "organization_uuid": "org_other"}


def _unknown(row: Row) -> Row:
    return {**row, "id": f"{row['id']}y", "type": "platform_thing_shaken", "actor": {"type": "ghost_actor"}}


@examples(15)
@given(
    histories(),
    st.frozensets(st.integers(0, 12), max_size=4),
    st.frozensets(st.integers(0, 12), max_size=2),
    st.booleans(),
    st.sampled_from(["microseconds", "seconds"]),
    st.integers(0, 8),
)
def test_nobody_is_named_for_certain_who_did_not_do_it(
    history: list[Step], lost: frozenset[int], silent: frozenset[int], noise: bool, precision: str, looked: int
) -> None:
    seed = {**WATCHED.seed, "settings": {**WATCHED.seed["settings"], "feed_precision": precision}}
    org = replace(WATCHED, seed=seed).org()
    org.files = EXPORTED
    seen, previous = Seen(lost, silent, noise, {}), None
    there: list[set[str]] = [set()]
    made: list[tuple[str, list[str]]] = []
    for number, step in enumerate(history):
        org.wait(step.after)
        known = set(recorded(org))
        org.app.console(step.edit.method, step.edit.path, step.edit.body, by=step.by)
        made.append((step.by, [one for one in recorded(org) if one not in known]))
        there.append({entry.id for entry in drift(org).entries})
        if number == looked:
            previous = named_drift(org, None, seen.through)
    org.wait(timedelta(seconds=5))
    report = named_drift(org, previous, seen.through)
    note(f"{history}\n{there}\n{made}")
    for entry in report.entries:
        _check_certain(entry, there, made, lambda identity: seen.shown.get(identity) in lost)
    assert _without_names(report) == _without_names(drift(org))


def _check_certain(
    entry: DriftEntry,
    there: Sequence[set[str]],
    made: Sequence[tuple[str, list[str]]],
    lost: Callable[[str], bool],
) -> None:
    """Who is named for certain made the entry come; of what made it come or go later, no record arrived."""
    by = entry.by
    if by is None or by.actor is None:
        event("nobody is named")
        return
    event(f"{by.certainty}")
    assert by.actor.email != "mallory@evil.example"
    if by.certainty != "certain":
        return
    came_or_went = [
        number for number in range(len(made)) if (entry.id in there[number]) != (entry.id in there[number + 1])
    ]
    arrived = [number for number in came_or_went if not all(map(lost, made[number][1]))]
    # Whoever made it come last; or whoever made it so anew since, when it was so already.
    last = arrived[-1] if arrived else 0
    right = [number for number, (_who, ids) in enumerate(made) if by.record in ids and number >= last]
    right += arrived[-1:]
    assert by.actor.email in {made[number][0] for number in right if entry.id in there[number + 1]}, (entry, arrived)


def _without_names(report: DriftReport) -> list[DriftEntry]:
    """What the report would be without a feed, and without an earlier report."""
    return [replace(entry, by=None, since="", new=True) for entry in report.entries]
