"""Which records of the Activity Feed explain that somebody is a member, or none any more, or has another role.

Facts: records of role changes name the user, those of invites the address alone. Who came by an invite was let in by
whoever sent it, likely: nothing says which invite it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.feed.rules import (
    ACTOR_EMAIL,
    ACTOR_ID,
    ANY,
    EMAIL,
    EXISTS,
    FORMER_EMAIL,
    Explains,
    Handles,
    Hint,
    Says,
    emails,
    gone,
    made,
)
from orgsync.core.model.things import LIVE
from orgsync.core.words.spelling import same_mailbox
from orgsync.kinds.member.rows import ADMIN_ROLES

if TYPE_CHECKING:
    from orgsync.core.feed.records import Activity
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Pair

_USER, _INVITE = "user", "invite"
_ROLES = {
    **{role: role for role in ("user", "claude_code_user", "developer", "billing")},
    **dict.fromkeys(ADMIN_ROLES, "admin"),
}


def handles(pair: Pair, _seen: Observation) -> Handles:
    """The id of the user or the invite, and the address; that of somebody who is no user names who it was, too."""
    spelled = [one.segments[-1] for one in (pair.declared, pair.found) if one is not None]
    addresses: Handles = {EMAIL: emails(*spelled)}
    person = pair.found
    if person is not None and person.standing == LIVE:
        return {**addresses, _USER: frozenset({person.id})}
    invite = frozenset() if person is None else frozenset({person.id})
    return {**addresses, FORMER_EMAIL: addresses[EMAIL], _INVITE: invite}


def _role(word: Any) -> Any:
    return _ROLES.get(word.casefold(), Hint.UNTOLD) if isinstance(word, str) else Hint.UNTOLD


def _given(record: Activity) -> Says:
    """A role: of somebody who had none before, the first; of somebody who has none now, nothing any more."""
    if "current_role" not in record.fields:
        return {EXISTS: Hint.PERHAPS, ANY: Hint.PERHAPS}
    if record.fields["current_role"] is None:
        return {EXISTS: False}
    says: Says = {"role": _role(record.fields["current_role"])}
    if record.fields.get("previous_role", "") is not None:
        return says
    return dict.fromkeys((EXISTS, "role"), Hint.PERHAPS) if _is_themself(record) else {EXISTS: True, **says}


def _is_themself(record: Activity) -> bool:
    """Whether who got the role is who did it: by accepting an invite, or by the first sign-in."""
    actor, user_id, email = record.actor, record.text("user_id"), record.text("user_email")
    same_address = actor.email is not None and email is not None and same_mailbox(actor.email) == same_mailbox(email)
    return same_address or (actor.id is not None and actor.id == user_id)


def _invited(record: Activity) -> Says:
    return {EXISTS: True, "role": _role(record.fields.get("invited_role"))}


ACTIVITIES = (
    Explains("claude_user_role_updated", {"user_id": _USER}, _given),
    Explains("claude_user_role_updated", {"user_email": FORMER_EMAIL}, _given),
    Explains("org_user_invite_sent", {"invited_email": EMAIL}, _invited),
    Explains("org_user_invite_re_sent", {"invited_email": EMAIL}, _invited),
    Explains("org_user_invite_accepted", {"invite_id": _INVITE}),
    Explains("org_user_invite_accepted", {ACTOR_ID: _USER}),
    Explains("org_user_invite_deleted", {"invite_id": _INVITE}, gone),
    Explains("org_user_invite_rejected", {"invite_id": _INVITE}, gone),
    Explains("org_user_deleted", {"deleted_user_id": _USER}, gone),
    Explains("org_user_deleted", {"deleted_user_email": FORMER_EMAIL}, gone),
    Explains("org_user_left", {ACTOR_ID: _USER}, gone),
    Explains("org_user_left", {ACTOR_EMAIL: FORMER_EMAIL}, gone),
    Explains("account_deleted", {ACTOR_ID: _USER}, gone),
    Explains("account_deleted", {ACTOR_EMAIL: FORMER_EMAIL}, gone),
    Explains("scim_user_created", {"user_id": _USER}, made),
    Explains("scim_user_updated", {"user_id": _USER}),
    Explains("scim_user_deleted", {"user_id": _USER}, gone),
)
