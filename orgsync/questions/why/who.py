"""Who brought about that a check fails, in words and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.feed.join import Certainty
from orgsync.core.words.plural import counted
from orgsync.questions.log.activities import who

if TYPE_CHECKING:
    from orgsync.core.feed.join import Explanation
    from orgsync.core.feed.records import Activity

_REMOVED = "removed from the organization"
_DID = {
    "account_deleted": "deleted the account",
    "claude_user_role_updated": "role of the organization changed",
    "org_user_deleted": _REMOVED,
    "org_user_invite_deleted": "invite withdrawn",
    "org_user_invite_rejected": "invite declined",
    "org_user_left": "left the organization",
    "platform_api_key_updated": "status set",
    "platform_spend_limit_created": "limit set",
    "platform_workspace_archived": "archived",
    "platform_workspace_member_removed": "role in the workspace removed",
    "platform_workspace_rate_limit_updated": "limit set",
    "scim_user_deleted": _REMOVED,
    "workspace_spend_limit_created": "limit set",
}
"""What records of a type tell, where a person needs to know more than that it is so."""


def in_words(by: Explanation, record: Activity) -> str:
    """`archived by sam@acme.example, 2026-11-22 10:00 UTC (Activity Feed: certain)`."""
    did = _REMOVED if record.fields.get("current_role", "") is None else _DID.get(record.type, "changed")
    actor = who(record.actor) or "somebody unknown"
    agent = record.actor.agent or ""
    through = f", with {agent}" if record.actor.type != "user_actor" and agent else ""
    return f"{did} by {actor}{through}, {record.at:%Y-%m-%d %H:%M} UTC ({_how_sure(by)})"


def _how_sure(by: Explanation) -> str:
    parts = [f"Activity Feed: {by.certainty}"]
    if by.changed_since:
        parts.append("changed again since")
    if by.gap:
        parts.append("the feed was off for some of the time")
    if by.certainty is not Certainty.CERTAIN and by.others:
        parts.append(f"{counted(by.others, 'other actor')} did something with it")
    return "; ".join(parts)


def as_data(by: Explanation, record: Activity) -> dict[str, Any]:
    """For programs: who, when, how sure, and by which record."""
    return {
        "who": who(record.actor),
        "at": by.at,
        "certainty": by.certainty.value,
        "record": by.record,
        "activity": by.activity,
    }
