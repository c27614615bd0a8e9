"""What one row of the Activity Feed says. The feed is an open set: what is unknown is kept, and nothing is required but
an id, a type and a time. Names, addresses and agents come from outsiders, as everything in a row does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SETTINGS_UPDATED = "org_compliance_api_settings_updated"
"""The feed was switched on or off."""

_COMMON = frozenset({"id", "created_at", "type", "organization_id", "organization_uuid", "actor"})
_IDS = {
    "user_actor": "user_id",
    "admin_api_key_actor": "admin_api_key_id",
    "api_actor": "api_key_id",
    "service_account_actor": "service_account_id",
    "federated_actor": "subject",
    "federated_identity_actor": "subject",
    "scim_directory_sync_actor": "directory_id",
    "system_actor": "service",
    "attested_device_actor": "external_client_id",
}
_EMAILS = ("email_address", "unauthenticated_email_address")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, as far as the row says: by type of actor, its id, e-mail address, user agent and IP address.

    The type is "" where there is none. Agent and address are what the client said of itself.
    """

    type: str = ""
    id: str | None = None
    email: str | None = None
    agent: str | None = None
    ip: str | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """One field that a record says was changed; null where there was, or is, no value."""

    type: str
    previous: str | None
    current: str | None


@dataclass(frozen=True, slots=True)
class Activity:
    """One record: when it happened, what, by whom; `fields` are those that only this type has."""

    id: str
    at: datetime
    type: str
    actor: Actor
    fields: Mapping[str, Any] = field(default_factory=dict)
    organizations: frozenset[str] = frozenset()
    """The ids of the organization that it happened in: none where it is of no organization."""

    def text(self, name: str) -> str | None:
        """A field of its own that is a text; None where it is missing or something else."""
        return _text(self.fields.get(name))

    @property
    def updates(self) -> tuple[Update, ...]:
        """What it says was changed, without what cannot be understood."""
        given = self.fields.get("updates")
        rows = given if isinstance(given, list) else []
        return tuple(
            Update(row["type"], _text(row.get("previous_value")), _text(row.get("current_value")))
            for row in rows
            if isinstance(row, dict) and _text(row.get("type")) is not None
        )


def activities(rows: Iterable[Any]) -> tuple[list[Activity], int]:
    """The records, each id once, newest first, as the feed orders them; and how many rows are none."""
    found: dict[str, Activity] = {}
    dropped = 0
    for row in rows:
        record = activity(row)
        if record is None:
            dropped += 1
        else:
            found.setdefault(record.id, record)
    return sorted(found.values(), key=lambda record: (record.at, record.id), reverse=True), dropped


def activity(row: Any) -> Activity | None:
    """The record that a row is; None where it lacks an id, a type or a time."""
    if not isinstance(row, dict):
        return None
    identity, kind, at = _text(row.get("id")), _text(row.get("type")), _moment(row.get("created_at"))
    if identity is None or kind is None or at is None:
        return None
    own = {name: value for name, value in row.items() if name not in _COMMON}
    ids = (_text(row.get(name)) for name in ("organization_id", "organization_uuid"))
    where = frozenset(one for one in ids if one is not None)
    return Activity(identity, at, kind, _actor(row.get("actor")), own, where)


def _actor(value: Any) -> Actor:
    if not isinstance(value, dict):
        return Actor()
    kind = _text(value.get("type")) or ""
    email = next((text for name in _EMAILS if (text := _text(value.get(name))) is not None), None)
    identity = _text(value.get(_IDS.get(kind, "id")))
    return Actor(kind, identity, email, _text(value.get("user_agent")), _text(value.get("ip_address")))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _moment(value: Any) -> datetime | None:
    """The time that a text names; one without an offset is UTC."""
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
