"""A plan from a snapshot is the plan from live, for every organization and every file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from core.snapshot.support import KEY, planned_from, planned_live, taken, told
from hypothesis import event, given

from orgsync.core.snapshot.hashed_emails import EmailKey, hashing, matching, texts_in
from orgsync.errors import InputError
from orgsync.files.state import snapshot_file
from properties.organizations import Organization, examples, guarded_organizations, organizations

if TYPE_CHECKING:
    from acme import Org

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Plan


@examples(8)
@given(guarded_organizations())
def test_a_plan_from_a_snapshot_is_the_plan_from_live(organization: Organization) -> None:
    """The snapshot is made without any file, so that it serves for this one as for any other."""
    org = organization.org()
    snapshot, desired = taken(org), _desired(org)
    assert org.writes() == []
    if desired is None:
        return
    try:
        live = planned_live(org, desired)
    except InputError as error:
        event("only a person can say what the file means")
        with pytest.raises(InputError, match=re.escape(str(error))):
            planned_from(snapshot, desired, org.now)
        return
    event("with changes" if live.changes else "without changes")
    from_snapshot = planned_from(snapshot, desired, org.now)
    assert told(from_snapshot) == told(live)
    assert from_snapshot.digests.changes == live.digests.changes


@examples(4)
@given(organizations())
def test_the_same_organization_gives_the_same_snapshot(organization: Organization) -> None:
    first, again = (snapshot_file.rendered(taken(organization.org())) for _ in range(2))
    assert first == again


@examples(8)
@given(organizations())
def test_with_hashed_emails_the_same_things_are_done_to_the_same_objects(organization: Organization) -> None:
    """Everybody the file names is found; those it does not name are still bound to their ids."""
    org = organization.org()
    desired = _desired(org)
    if desired is None:
        return
    key = EmailKey(KEY)
    hidden = hashing(taken(org), key)
    assert "@acme.example" not in snapshot_file.rendered(hidden).casefold()
    try:
        live = planned_live(org, desired)
    except InputError:
        return
    shown = planned_from(matching(hidden, key, texts_in(desired.document.data)), desired, org.now)
    assert _done(shown) == _done(live)
    assert len(shown.manual) == len(live.manual)
    assert len(shown.waiting) == len(live.waiting)


def _desired(org: Org) -> Desired | None:
    try:
        return org.desired()
    except InputError:
        event("the file is wrong")
        return None


def _done(plan: Plan) -> list[tuple[str, str, str]]:
    """Every change, by what it does to which live object."""
    return sorted((change.action, str(change.id), str(change.fields)) for change in plan.changes)
