"""Where a workspace's retained data goes, and whether people at Anthropic may review it.

API facts: the field comes and is accepted only with a beta header; each member is shown only to organizations that are
enabled for it; an Admin API key cannot set it, only an OAuth token or a key that belongs to somebody; a member that is
not sent stays as it is (SDK 2.13: beta.organization.workspaces, `inference_data_privacy`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from orgsync.core.model.change import ManualStep
from orgsync.core.model.codes import Code
from orgsync.core.model.diff import steps, value_at
from orgsync.core.model.rows import OBJECT, TEXT, RowField, local, one_of
from orgsync.core.model.things import Spec
from orgsync.core.words.patterns import Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orgsync.core.model.change import FieldChange
    from orgsync.core.model.rows import Row
    from orgsync.core.model.things import Found, Pair

PRIVACY = "inference_data_privacy"
BETA = "efs-2026-10-01"

_REVIEW, _STORAGES = "human_review", ("safeguards_storage", "transcripts_storage")
_USUAL = {_REVIEW: "enabled", **dict.fromkeys(_STORAGES, "internal")}

Storage = Annotated[
    str, Form("internal|estrg_[0-9A-Za-z]+|arn:[^\\s]+", "`internal` or the id of external storage", "estrg_01AbC")
]


class Privacy(Spec, title="Privacy of inference data"):
    """Where retained data of a workspace goes, and who may review it. What is not written stays as it is."""

    human_review: Literal["enabled", "disabled"] = "enabled"
    """Whether people at Anthropic may review what was flagged."""
    safeguards_storage: Storage = "internal"
    """Where sealed safety data goes: `internal`, or the id of an external storage."""
    transcripts_storage: Storage = "internal"
    """Where copies of transcripts go: `internal`, or the id of an external storage."""


def _storage(name: str) -> tuple[RowField, ...]:
    path = f"{PRIVACY}.{name}"
    return (
        RowField(path, OBJECT, optional=True),
        RowField(f"{path}.type", one_of("internal", "external")),
        RowField(f"{path}.external_storage_id", TEXT, only_with=("type", "external")),
    )


FIELDS = local(
    RowField(PRIVACY, OBJECT, optional=True),
    RowField(f"{PRIVACY}.{_REVIEW}", OBJECT, optional=True),
    RowField(f"{PRIVACY}.{_REVIEW}.type", one_of("enabled", "disabled")),
    *(field for name in _STORAGES for field in _storage(name)),
)
"""What rows show of it (SDK: BetaWorkspace)."""


def shown(row: Row) -> dict[str, str]:
    """What a row shows, as it is written in files."""
    return {
        name: member["external_storage_id"] if member["type"] == "external" else member["type"]
        for name, member in row.get(PRIVACY, {}).items()
        if name in _USUAL
    }


def sent(written: Mapping[str, str]) -> dict[str, Any]:
    """What is written, as it is sent."""
    return {name: _sent(value) if name in _STORAGES else {"type": value} for name, value in written.items()}


def _sent(storage: str) -> dict[str, str]:
    return {"type": storage} if storage == "internal" else {"type": "external", "external_storage_id": storage}


def is_of(field: FieldChange) -> bool:
    """Whether a field is one of these."""
    return steps(field.path)[0] == PRIVACY


def is_shown(field: FieldChange, live: Found) -> bool:
    """Whether the API shows at all what the field is: only organizations that are enabled for it see it."""
    return value_at(live.attributes, field.path) is not None


def by_hand(pair: Pair, fields: Sequence[FieldChange]) -> Iterable[ManualStep]:
    """The same change for a person, where the credential is an Admin key."""
    if fields:
        wanted = ", ".join(f"{steps(field.path)[-1]}: {field.after}" for field in fields)
        message = (
            "an Admin API key cannot set inference_data_privacy: use an OAuth token with the scope org:admin, or set it"
            " in the Console"
        )
        where = f"Console > Settings > Workspaces > {pair.address.partition(':')[2]} > Data retention"
        yield ManualStep(pair.address, Code.PRIVACY_BY_HAND, message, where, wanted, source=pair.place)
