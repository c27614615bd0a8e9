"""Which codes are drift, and who is behind them: one row for every code there is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from orgsync.core.model.change import Cause
from orgsync.core.model.codes import Code

if TYPE_CHECKING:
    from collections.abc import Mapping


class Apart(StrEnum):
    """What tells two notes of one code at one address apart, from one day to the next.

    Never the whole message where it counts days or quotes what moves: the same thing would be new every night.
    """

    ADDRESS = "address"
    SUBJECT = "subject"
    """What the message begins with, before its first colon: the name of a policy."""
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Telling:
    """How a code is told: by whose doing, and what tells two of them apart."""

    cause: Cause
    apart: Apart = Apart.ADDRESS


_DRIFT = Telling(Cause.DRIFT)
_DRIFT_WORDED = Telling(Cause.DRIFT, Apart.MESSAGE)
_POLICY = Telling(Cause.POLICY, Apart.SUBJECT)
_EXPIRY = Telling(Cause.EXPIRY)
_EXPIRY_WORDED = Telling(Cause.EXPIRY, Apart.MESSAGE)

TELLINGS: Mapping[Code, Telling | None] = {
    Code.ACCEPT_EXPIRED: None,  # beside the drift; what it silenced counts by itself
    Code.ACCEPT_LASTING: None,
    Code.ACCEPT_UNUSED: None,
    Code.ACCESS_EXPIRES: _EXPIRY,
    Code.ADMIN_DEMOTION: _DRIFT,
    Code.ADMIN_GRANT: _DRIFT,
    Code.ADMIN_REMOVAL: _DRIFT,
    Code.ALLOWANCE_EXPIRED: _EXPIRY_WORDED,
    Code.ALLOWANCE_EXPIRES: _EXPIRY_WORDED,
    Code.ATTESTATION_CONTRADICTS: _DRIFT,
    Code.ATTESTATION_MISSING: _EXPIRY,  # nobody could see it: that is not "no drift"
    Code.ATTESTATION_OVERDUE: _EXPIRY,
    Code.BASE_MISSING: None,  # only a plan with --base compares files with older ones
    Code.BASE_UNUSABLE: None,
    Code.CREDENTIAL_UNKNOWN: _DRIFT_WORDED,
    Code.DIFFERS: _DRIFT,
    Code.EXPIRED: _EXPIRY,
    Code.FEW_ADMINS: _DRIFT,
    Code.IMMUTABLE: _DRIFT_WORDED,
    Code.INHERITED_ACCESS: None,  # a line without effect; live is as it has to be
    Code.INVITE_EXPIRED: _EXPIRY,
    Code.INVITE_EXPIRES: _EXPIRY,
    Code.INVITE_PENDING: None,  # waits for a person; told once its end is near
    Code.KEY_MISSING: _DRIFT,
    Code.LAST_DEVELOPER: None,  # what the plan would leave, not what anybody did
    Code.MISSING: _DRIFT,
    Code.NOT_A_MEMBER: None,  # follows from a person who is missing, which is told
    Code.NOT_OFFERED: _DRIFT,  # nobody could see it: that is not "no drift"
    Code.OBSERVED: _DRIFT_WORDED,
    Code.OVERSPENT: None,  # about use, not about how the organization is set up
    Code.POLICY_BREACH: _POLICY,
    Code.POLICY_WARNING: _POLICY,
    Code.PRIVACY_BY_HAND: _DRIFT,
    Code.PRIVILEGED_CHANGE: None,  # of the files, and only with --base
    Code.RATE_LIMIT_ABOVE: None,  # about the files alone
    Code.RATE_LIMIT_BY_HAND: _DRIFT,  # nobody could see it: that is not "no drift"
    Code.REMOVED_IN_CONSOLE: _DRIFT,
    Code.RESIDENCY_CONFLICT: _DRIFT_WORDED,
    Code.SIMILAR_NAME: None,  # goes with a workspace that is missing, which is told
    Code.SNAPSHOT_LACKS: None,  # drift looks at the organization itself
    Code.SPEND_LIMIT_ABOVE: _DRIFT,
    Code.SPEND_LIMIT_BELOW: _DRIFT,
    Code.SPEND_LIMIT_BY_HAND: _DRIFT,  # nobody could see it: that is not "no drift"
    Code.SPEND_LIMIT_SUM: None,  # about the files alone
    Code.UNDECLARED: _DRIFT,
    Code.UNDO_CHANGED: None,  # plans that take an apply back are never looked at here
    Code.UNDO_IMPOSSIBLE: None,
    Code.UNDO_KEPT: None,
    Code.UNDO_LOST: None,
    Code.UNKNOWN_VALUE: _DRIFT_WORDED,
    Code.UNREADABLE_ROW: Telling(Cause.DRIFT, Apart.SUBJECT),  # the numbers of rows change from day to day
    Code.USAGE_TIER: None,
    Code.WAIVED: None,  # a person has decided it; told again when the waiver ends
    Code.WAIVER_EXPIRED: _EXPIRY_WORDED,
    Code.WAIVER_EXPIRES: _EXPIRY_WORDED,
    Code.WAIVER_UNKNOWN_POLICY: None,  # about the files alone
    Code.WAIVER_UNUSED: None,
    Code.WORKSPACE_LIMIT: None,
}
"""None: not drift. A test holds the table against every code."""

TOLD = tuple(code.value for code, telling in TELLINGS.items() if telling is not None)
"""The codes that `orgsync drift` tells of, and so those that can be accepted."""
