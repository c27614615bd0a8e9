"""What holds of the undo of every apply: it takes back or lists each change, and touches nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import event, given
from properties.organizations import Organization, examples, organizations
from properties.test_apply import assert_same_writes
from properties.witness import applied, expected_writes, sent, snapshot

from core.apply.undo.support import SPACE, Applied, differences, undo_of
from orgsync.core.apply.outcome import Status
from orgsync.core.model.change import Action
from orgsync.core.words.address import Address, address

if TYPE_CHECKING:
    from properties.witness import Snapshot

    from orgsync.core.model.change import Plan

    Write = tuple[str, str, dict[str, Any] | None]


def undone(organization: Organization) -> Applied | None:
    """An apply in which everything was allowed, with its undo; None where nothing was done."""
    done = applied(organization)
    if done is None or done.report is None or not done.plan.changes:
        return None
    undo = undo_of(done.org, done.report, done.plan)
    event("with findings" if undo.findings else "without findings")
    return Applied(done.org, done.before, done.plan, done.report, undo)


@examples(20)
@given(organizations())
def test_an_undo_takes_back_or_lists_each_change_and_touches_nothing_else(organization: Organization) -> None:
    done = undone(organization)
    if done is None:
        return
    _check_every_change_is_answered(done)
    if _billing_members_are_in_the_way(done):
        return
    org, before, held = done.org, len(sent(done.org)), snapshot(done.org)
    report = org.apply(plan=done.undo)
    assert report.complete, [(one.change, one.message) for one in report.outcomes if one.message]
    after, writes = snapshot(org), sent(org)[before:]
    assert_same_writes(writes, [_lowered(write, held) for _change, write in expected_writes(done.undo, after)])
    assert unexplained(done, after) == {}
    assert org.apply(plan=done.undo).done == 0
    assert sent(org)[before:] == writes


def _lowered(write: Write, live: Snapshot) -> Write:
    """A billing member's role in a workspace is not removed but set to the inherited one: the API takes that."""
    method, path, _body = write
    person = live.users.get(path.rpartition("/members/")[2], {})
    if method == "DELETE" and person.get("role") == "billing" and "/members/" in path:
        return "POST", path, {"workspace_role": "workspace_billing"}
    return write


def _check_every_change_is_answered(done: Applied) -> None:
    listed = {note.address for note in done.undo.findings}
    ours = [one.change for one in done.report.outcomes if one.status in {Status.DONE, Status.UNCONFIRMED}]
    silent = [change for change in ours if change.address not in listed]
    assert len(silent) <= len(done.undo.changes) <= len(ours)
    assert done.undo.refusals == ()


def _billing_members_are_in_the_way(done: Applied) -> bool:
    """What no kind tells an undo (docs/undo.md): where the apply made somebody a billing member and changed what they
    had in a workspace, that is held by the new organization role, which is taken back only afterwards.
    """
    rows = [change.address.segments for change in done.plan.changes if change.address.startswith("workspace_member:")]
    new = _billing(snapshot(done.org)) - _billing(done.before)
    return any(email.casefold() in new for _workspace, email in rows)


def _billing(live: Snapshot) -> set[str]:
    return {row["email"].casefold() for row in live.users.values() if row["role"] == "billing"}


def unexplained(done: Applied, after: Snapshot) -> dict[str, tuple[Any, Any]]:
    """Differences that no finding of the undo is about."""
    names = {
        identity: Address(text).segments[0] for text, identity in _last(done.plan) if text.startswith("workspace:")
    }
    listed = {note.address.casefold() for note in done.undo.findings}
    ids = {change.id for change in done.plan.changes if change.address.casefold() in listed and change.id}
    return {
        place: values
        for place, values in differences(done.before, after, names).items()
        if not _is_listed(place, listed, ids, done) and not _comes_by_itself(place, values, after)
    }


def _comes_by_itself(place: str, values: tuple[Any, Any], after: Snapshot) -> bool:
    """Whether all that differs is that a list shows the access of a billing member, who has it shown or not."""
    thing = Address(place.partition(SPACE)[0])
    return (
        thing.kind == "workspace_member"
        and set(values) == {"workspace_billing", None}
        and thing.segments[-1] in _billing(after)
    )


def _last(plan: Plan) -> list[tuple[str, str]]:
    """The names the plan's changes use come last, so that they win."""
    own = {change.address for change in plan.changes}
    return sorted(plan.identities.items(), key=lambda item: item[0] in own)


def _is_listed(place: str, listed: set[str], ids: set[str], done: Applied) -> bool:
    """Whether a finding names the thing, the person it ended with, or the workspace it was archived with."""
    thing, _space, identity = place.partition(SPACE)
    kind, segments = Address(thing).kind, Address(thing).segments
    new = {change.address.casefold() for change in done.plan.changes if change.action is Action.CREATE}
    if thing.casefold() in listed or identity in ids:
        return True
    if kind == "workspace_member":
        # In a workspace that was made and stays, admins and billing members have access without a row of their own.
        made = {one for one in listed if one in new and one.startswith("workspace:")}
        owners = {address("member", segments[1]).casefold(), address("workspace", segments[0]).casefold()}
        return bool(owners & (made | {one for one in listed if one.startswith("member:")}))
    return kind == "api_key" and _ended(done, identity, listed)


def _ended(done: Applied, key: str, listed: set[str]) -> bool:
    row = done.before.keys[key]
    owner = done.before.users.get(str((row["principal"] or {}).get("user_id")))
    archived = {
        change.id
        for change in done.plan.changes
        if change.action is Action.ARCHIVE and change.address.casefold() in listed
    }
    return row["scope"].get("workspace_id") in archived or (
        owner is not None and address("member", owner["email"]).casefold() in listed
    )
