"""What each code of the catalogue means: one row for every code there is.

`docs/codes.md`, the rules of code scanning, what counts as drift and what can be accepted are made of these rows.
"""

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
class CountsAsDrift:
    """How `orgsync drift` reports a code: by whose doing, and what tells two of them apart."""

    cause: Cause
    apart: Apart = Apart.ADDRESS


@dataclass(frozen=True, slots=True)
class CodeRow:
    """`level` is what it is reported as, `drift` how it counts as drift (None: it does not), `meaning` what to do."""

    level: str
    drift: CountsAsDrift | None
    meaning: str


_DRIFT = CountsAsDrift(Cause.DRIFT)
_DRIFT_WORDED = CountsAsDrift(Cause.DRIFT, Apart.MESSAGE)
_DRIFT_SUBJECT = CountsAsDrift(Cause.DRIFT, Apart.SUBJECT)
_POLICY = CountsAsDrift(Cause.POLICY, Apart.SUBJECT)
_EXPIRY = CountsAsDrift(Cause.EXPIRY)
_EXPIRY_WORDED = CountsAsDrift(Cause.EXPIRY, Apart.MESSAGE)

ROWS: Mapping[Code, CodeRow] = {
    # beside the drift; what it silenced counts by itself
    Code.ACCEPT_EXPIRED: CodeRow(
        "note of `drift`",
        None,
        "The last day of an `accept` entry is over, and what it accepted counts again. Delete it, or give it "
        "another day.",
    ),
    Code.ACCEPT_LASTING: CodeRow(
        "note of `drift`", None, "An `accept` entry lasts for more than a year from now. Give it an earlier day."
    ),
    Code.ACCEPT_UNUSED: CodeRow("note of `drift`", None, "An `accept` entry accepts nothing that differs. Delete it."),
    Code.ACCESS_EXPIRES: CodeRow(
        "`drift`", _EXPIRY, "The `until` day of a member or a workspace role is near. Prolong it, or let it end."
    ),
    Code.ADMIN_DEMOTION: CodeRow(
        "manual step",
        _DRIFT,
        "The file gives an admin another role. The API cannot take the admin role away: do it in the Console, "
        "under Settings > Members.",
    ),
    Code.ADMIN_GRANT: CodeRow(
        "manual step",
        _DRIFT,
        "The file declares an admin who is not one. The API cannot grant the role, nor invite with it: do it in "
        "the Console.",
    ),
    Code.ADMIN_REMOVAL: CodeRow(
        "manual step",
        _DRIFT,
        "An admin is not declared, and members are authoritative. Declare the person, or remove them in the Console.",
    ),
    Code.ALLOWANCE_EXPIRED: CodeRow(
        "`drift`",
        _EXPIRY_WORDED,
        "The last day of an allowance in `guards.allow` is over. Delete it, or give it another day.",
    ),
    Code.ALLOWANCE_EXPIRES: CodeRow(
        "`drift`", _EXPIRY_WORDED, "The last day of an allowance in `guards.allow` is near."
    ),
    Code.ATTESTATION_CONTRADICTS: CodeRow(
        "manual step",
        _DRIFT,
        "Somebody saw another value in the Console than the file expects. Correct one of the two, and attest again.",
    ),
    # nobody could see it: that is not "no drift"
    Code.ATTESTATION_MISSING: CodeRow(
        "manual step", _EXPIRY, "Nobody has attested this setting yet. Look, and run the command that the step shows."
    ),
    Code.ATTESTATION_OVERDUE: CodeRow("manual step", _EXPIRY, "The last look was longer ago than `every`."),
    # only a plan with --base compares files with older ones
    Code.BASE_MISSING: CodeRow(
        "note", None, "`--base`: there were no such files. Everything counts as this change of the files."
    ),
    Code.BASE_UNUSABLE: CodeRow(
        "warning",
        None,
        "`--base`: the older files are wrong, or no plan of them is possible, so no cause is known. The message "
        "says why; the plan itself is complete.",
    ),
    Code.CREDENTIAL_UNKNOWN: CodeRow(
        "warning",
        _DRIFT_WORDED,
        "`guards.credential_of` names somebody who is not a member of the organization, so it guards nothing. "
        "Correct the e-mail.",
    ),
    Code.DIFFERS: CodeRow("`drift`", _DRIFT, "Live has another value than the files. The plan would change it."),
    Code.EXPIRED: CodeRow(
        "warning",
        _EXPIRY,
        "The line's `until` day is over, and the thing is still there, because its collection is additive. Delete "
        "the line, or give it another day.",
    ),
    Code.FEW_ADMINS: CodeRow(
        "warning",
        _DRIFT,
        "The organization has fewer admins than `guards.min_admins`. One lost password may lock everybody out.",
    ),
    Code.IMMUTABLE: CodeRow(
        "error",
        _DRIFT_WORDED,
        "The file asks for another value of something that can be set only once. Write what is there, or make a "
        "new workspace.",
    ),
    # a line without effect; live is as it has to be
    Code.INHERITED_ACCESS: CodeRow(
        "note",
        None,
        "The person's organization role already gives access here, and it cannot be lowered. Delete the line.",
    ),
    Code.INVITE_EXPIRED: CodeRow(
        "`drift`", _EXPIRY, "A declared person let the invite expire. The plan would send another."
    ),
    Code.INVITE_EXPIRES: CodeRow(
        "`drift`", _EXPIRY, "A declared person has not accepted an invite whose end is near. Remind them."
    ),
    # waits for a person; told once its end is near
    Code.INVITE_PENDING: CodeRow("waiting", None, "Somebody has not accepted their invite yet."),
    Code.KEY_MISSING: CodeRow(
        "manual step",
        _DRIFT,
        "A declared key does not exist, or has expired. The API cannot make keys: make it in the Console.",
    ),
    # what the plan would leave, not what anybody did
    Code.LAST_DEVELOPER: CodeRow(
        "warning",
        None,
        "The plan leaves a workspace, which had some, without anybody who was given `developer` or `admin` there. "
        "Admins of the organization can still act in it.",
    ),
    Code.MISSING: CodeRow("`drift`", _DRIFT, "It is declared and not in the organization. The plan would make it."),
    # follows from a person who is missing, which is told
    Code.NOT_A_MEMBER: CodeRow(
        "waiting", None, "Somebody has to become a member of the organization first; a manual step says how."
    ),
    # nobody could see it: that is not "no drift"
    Code.NOT_OFFERED: CodeRow(
        "error",
        _DRIFT,
        "The API does not offer this list to the organization, or to the credential. Nothing in it is planned, nor"
        " what refers to it; the rest is.",
    ),
    Code.OBSERVED: CodeRow("warning", _DRIFT_WORDED, "Live differs from the file, and the collection is on `observe`."),
    # about use, not about how the organization is set up
    Code.OVERSPENT: CodeRow(
        "warning",
        None,
        "More than a spend limit allows is spent this month already; calls are refused until the month ends.",
    ),
    Code.POLICY_BREACH: CodeRow(
        "warning",
        _POLICY,
        "A key breaches a policy, and nothing is done about it: the policy only reports, or a stronger one acts.",
    ),
    Code.POLICY_WARNING: CodeRow(
        "warning", _POLICY, "A key will breach a policy soon, or nobody can tell whether it does."
    ),
    Code.PRIVACY_BY_HAND: CodeRow(
        "manual step",
        _DRIFT,
        "`inference_data_privacy` differs, and the credential is an Admin API key, which cannot set it. Apply with"
        " an OAuth token, or set it in the Console.",
    ),
    # of the files, and only with --base
    Code.PRIVILEGED_CHANGE: CodeRow(
        "warning",
        None,
        "`--base`: this change of the files changes a setting that decides what orgsync may do. Have it read by "
        "somebody who may decide that. See [base.md](base.md).",
    ),
    # about the files alone
    Code.RATE_LIMIT_ABOVE: CodeRow(
        "warning", None, "The value is above the organization's, and the lower one is enforced."
    ),
    # nobody could see it: that is not "no drift"
    Code.RATE_LIMIT_BY_HAND: CodeRow(
        "manual step", _DRIFT, "The API does not offer rate limits to this organization. Set the limit in the Console."
    ),
    Code.REMOVED_IN_CONSOLE: CodeRow(
        "warning",
        _DRIFT,
        "Somebody accepted an invite and was removed since. Delete the line; or make members authoritative to have"
        " them invited again.",
    ),
    Code.RESIDENCY_CONFLICT: CodeRow(
        "error", _DRIFT_WORDED, "The default geography would not be among the allowed ones. Declare both."
    ),
    # goes with a workspace that is missing, which is told
    Code.SIMILAR_NAME: CodeRow(
        "warning", None, "A workspace will be created although a live one has the same name in other case."
    ),
    # drift looks at the organization itself
    Code.SNAPSHOT_LACKS: CodeRow(
        "warning",
        None,
        "The snapshot was made by an older orgsync, which did not keep a list or a field that this one looks at. "
        "What the files say of it is not compared: take a new snapshot.",
    ),
    Code.SPEND_LIMIT_ABOVE: CodeRow(
        "error", _DRIFT, "The limit is above the one that contains it and would never be reached; it is not set."
    ),
    Code.SPEND_LIMIT_BELOW: CodeRow(
        "error",
        _DRIFT,
        "The organization's limit would be below that of a workspace which keeps its own; the API refuses that, so"
        " it is not set. Declare a lower limit there, or none (`null`).",
    ),
    # nobody could see it: that is not "no drift"
    Code.SPEND_LIMIT_BY_HAND: CodeRow(
        "manual step",
        _DRIFT,
        "The API does not offer spend limits to this organization yet. Set the limit in the Console.",
    ),
    # about the files alone
    Code.SPEND_LIMIT_SUM: CodeRow(
        "warning", None, "The workspaces together may spend more than twice what the organization may."
    ),
    Code.UNDECLARED: CodeRow(
        "note, error for workspaces under `authoritative`",
        _DRIFT,
        "It is in the organization and not in the files. Declare it, or remove it.",
    ),
    # plans that take an apply back are never looked at here
    Code.UNDO_CHANGED: CodeRow(
        "warning",
        None,
        "What an apply did is not taken back, because the organization has changed since: the line says how. A "
        "person decides.",
    ),
    Code.UNDO_IMPOSSIBLE: CodeRow(
        "warning",
        None,
        "What an apply did cannot be taken back: it was archived, set once, or had a value that the API cannot give.",
    ),
    Code.UNDO_KEPT: CodeRow(
        "warning", None, "What an apply made stays. To give it up, say `archived: true` in the file."
    ),
    Code.UNDO_LOST: CodeRow(
        "warning",
        None,
        "A removed person is invited again. Their workspace roles can be given again once they accept; their "
        "personal keys never.",
    ),
    Code.UNKNOWN_VALUE: CodeRow(
        "error",
        _DRIFT_WORDED,
        "The API shows a value that this version of orgsync does not know: a role, a status, a type, or a field "
        "that is missing. Nothing is planned about this thing, nor about what refers to it, and no guard counts on"
        " it. Update orgsync.",
    ),
    # the numbers of rows change from day to day
    Code.UNREADABLE_ROW: CodeRow(
        "error",
        _DRIFT_SUBJECT,
        "A row of a list cannot be told from others: its id, e-mail, name or parent is missing or of another type."
        " It may be anything, so in that list nothing is created, invited or removed. Of a report: nothing is "
        "judged by it. Update orgsync.",
    ),
    Code.USAGE_TIER: CodeRow(
        "note", None, "What the organization's usage tier allows a month. It can be changed with Anthropic only."
    ),
    # a person has decided it; told again when the waiver ends
    Code.WAIVED: CodeRow("note", None, "A key breaches a policy and has a waiver."),
    Code.WAIVER_EXPIRED: CodeRow(
        "warning", _EXPIRY_WORDED, "A waiver's last day is over. Delete it, or give it another day."
    ),
    Code.WAIVER_EXPIRES: CodeRow(
        "`drift`", _EXPIRY_WORDED, "The last day of a waiver is near: the policy acts afterwards."
    ),
    # about the files alone
    Code.WAIVER_UNKNOWN_POLICY: CodeRow("warning", None, "A waiver names a policy that does not exist."),
    Code.WAIVER_UNUSED: CodeRow("warning", None, "A waiver is for a key that its policy is not about. Delete it."),
    Code.WORKSPACE_LIMIT: CodeRow("warning", None, "More live workspaces than organizations have by default."),
}

DRIFT_CODES = tuple(code.value for code, row in ROWS.items() if row.drift is not None)
"""The codes that `orgsync drift` reports, and so those that can be accepted."""


def meaning(code: str) -> str:
    """The words for a code; one that this version does not know has none of its own."""
    row = ROWS.get(Code(code)) if code in list(Code) else None
    return "See the message." if row is None else row.meaning
