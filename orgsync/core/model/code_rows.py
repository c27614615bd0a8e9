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
    """`level` is what it is reported as, `drift` how it counts as drift (None: it does not), `meaning` what to do.

    `unmet`: the organization is not as the files declare, although orgsync would change nothing.
    """

    level: str
    drift: CountsAsDrift | None
    meaning: str
    unmet: bool = False


_DRIFT = CountsAsDrift(Cause.DRIFT)
_DRIFT_WORDED = CountsAsDrift(Cause.DRIFT, Apart.MESSAGE)
_DRIFT_SUBJECT = CountsAsDrift(Cause.DRIFT, Apart.SUBJECT)
_CONFIG = CountsAsDrift(Cause.CONFIG)
_POLICY = CountsAsDrift(Cause.POLICY, Apart.SUBJECT)
_EXPIRY = CountsAsDrift(Cause.EXPIRY)
_EXPIRY_WORDED = CountsAsDrift(Cause.EXPIRY, Apart.MESSAGE)

_OF_A_POLICY = ("policy", "rules", "then", "id", "created_on")
_UNTIL = ("until",)

SHOWN: Mapping[Code, tuple[str, ...]] = {
    Code.ACCEPT_EXPIRED: _UNTIL,
    Code.ACCEPT_EXPIRES: _UNTIL,
    Code.ACCEPT_LASTING: _UNTIL,
    Code.ACCEPT_UNUSED: _UNTIL,
    Code.ACCESS_EXPIRES: _UNTIL,
    Code.ALLOWANCE_EXPIRED: _UNTIL,
    Code.ALLOWANCE_EXPIRES: _UNTIL,
    Code.ARCHIVED_NAMESAKE: ("id", "archived_id"),
    Code.ATTESTATION_STALE: ("attested_at", "attested_by"),
    Code.EXPIRED: _UNTIL,
    Code.EXPIRY_KEPT: ("guard",),
    Code.EXPIRY_REFUSED: ("until", "guard"),
    Code.FEW_ADMINS: ("admins", "min_admins"),
    Code.IMMUTABLE: ("field",),
    Code.INHERITED_ACCESS: ("role", "declared"),
    Code.INVITE_EXPIRES: ("expires_on",),
    Code.KEY_EXPIRES: ("id", "expires_on"),
    Code.LINES_EXPIRED: _UNTIL,
    Code.NOT_MANAGED: ("section",),
    Code.OVERSPENT: ("spent", "limit", "currency"),
    Code.POLICY_BREACH: _OF_A_POLICY,
    Code.POLICY_UNUSED: ("policy",),
    Code.POLICY_WARNING: ("policy", "id"),
    Code.RATE_LIMIT_ABOVE: ("limit", "highest"),
    Code.RENAME_DONE: ("former_name",),
    Code.REVIEW_OVERDUE: ("due", "open", "grants"),
    Code.SIMILAR_NAME: ("other",),
    Code.SPEND_LIMIT_ABOVE: ("limit", "highest"),
    Code.SPEND_LIMIT_BELOW: ("limit", "lowest"),
    Code.SPEND_LIMIT_SUM: ("total", "limit"),
    Code.USAGE_TIER: ("limit",),
    Code.WAIVED: (*_OF_A_POLICY, "waived_until"),
    Code.WAIVER_CONTRADICTORY: ("policy", "until"),
    Code.WAIVER_EXPIRED: ("policy", "until"),
    Code.WAIVER_EXPIRES: ("policy", "until"),
    Code.WAIVER_LOST: ("policy", "until"),
    Code.WAIVER_UNKNOWN_POLICY: ("policy", "until"),
    Code.WAIVER_UNUSED: ("policy", "until"),
    Code.WORKSPACE_LIMIT: ("existing", "new", "limit"),
}
"""What `shown` of a finding has in any case, by its code; where more is known, it has more. A code that is not here
says nothing that a program does not know from the address.
"""

ROWS: Mapping[Code, CodeRow] = {
    # beside the drift; what it silenced counts by itself
    Code.ACCEPT_EXPIRED: CodeRow(
        "note of `drift`",
        None,
        "An `accept` entry has expired, and what it accepted counts again. Delete it, or extend its `until`.",
    ),
    # beside the drift; what it silences is listed as accepted
    Code.ACCEPT_EXPIRES: CodeRow(
        "note of `drift`",
        None,
        "An `accept` entry expires soon, and what it accepts counts again. Put it right until then, or extend `until`.",
    ),
    Code.ACCEPT_LASTING: CodeRow(
        "note of `drift`", None, "An `accept` entry is valid for more than a year. Set an earlier `until`."
    ),
    Code.ACCEPT_UNUSED: CodeRow("note of `drift`", None, "An `accept` entry matches no difference. Delete it."),
    Code.ACCESS_EXPIRES: CodeRow(
        "`drift`", _EXPIRY, "A member or a workspace role expires soon. Extend its `until`, or let it expire."
    ),
    Code.ADMIN_DEMOTION: CodeRow(
        "manual step",
        _DRIFT,
        "The file gives an admin another role. The API cannot revoke the admin role: do it in the Console, under "
        "Settings > Members.",
    ),
    Code.ADMIN_GRANT: CodeRow(
        "manual step",
        _DRIFT,
        "The file declares an admin who is not one. The API can neither grant the role nor invite with it: do it in "
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
        "An allowance in `guards.allow` has expired. Delete it, or extend its `until`.",
    ),
    Code.ALLOWANCE_EXPIRES: CodeRow("`drift`", _EXPIRY_WORDED, "An allowance in `guards.allow` expires soon."),
    Code.ARCHIVED_IN_CONSOLE: CodeRow(
        "blocked",
        _DRIFT,
        "Something that the files declare was archived outside of them, and archiving cannot be undone. Add "
        "`archived: true` to the line, or delete it; a workspace can be made again with `recreate: ID`.",
    ),
    Code.ARCHIVED_NAMESAKE: CodeRow(
        "error",
        _DRIFT,
        "A line with `archived: true` has what it declares, and the organization has another resource of that name, "
        "created later. It is never archived by that line: the message says how to archive or keep it.",
    ),
    Code.ATTESTATION_CONTRADICTS: CodeRow(
        "manual step",
        _DRIFT,
        "The last attestation has another value than the file expects. Correct one of the two, and attest again.",
    ),
    # nobody could see it: that is not "no drift"
    Code.ATTESTATION_MISSING: CodeRow(
        "manual step",
        _EXPIRY,
        "This setting has no attestation yet. Check it in the Console, and run the command that the step shows.",
    ),
    Code.ATTESTATION_OVERDUE: CodeRow(
        "manual step",
        _EXPIRY,
        "The last attestation is older than `every`. Check the setting again, and attest what you see.",
    ),
    Code.ATTESTATION_STALE: CodeRow(
        "`drift`",
        _DRIFT,
        "The Activity Feed says that somebody changed the setting after its last attestation. Check it in the Console, "
        "and attest what you see.",
    ),
    # only a plan with --base compares files with older ones
    Code.BASE_MISSING: CodeRow(
        "note", None, "`--base`: there was no organization file. Everything counts as this change of the files."
    ),
    Code.BASE_UNUSABLE: CodeRow(
        "warning",
        None,
        "`--base`: the earlier files are invalid today or for another organization, so causes are unknown. The message "
        "says why; "
        "the plan itself is complete, and the guards of the earlier files judge it.",
    ),
    Code.CREDENTIAL_UNKNOWN: CodeRow(
        "warning",
        _DRIFT_WORDED,
        "`guards.credential_of` names an account that is not a member, so it has no effect. Correct the e-mail "
        "address.",
    ),
    Code.CURRENCY_CONFLICT: CodeRow(
        "blocked",
        _DRIFT,
        "A spend limit is declared in another currency than the organization pays in, or with more decimals than it "
        "has; or neither tells the currency. Correct the line as the message says.",
    ),
    Code.DIFFERS: CodeRow(
        "`drift`", _DRIFT, "The organization has another value than the files declare. The plan would change it."
    ),
    Code.DOUBTFUL_EMAIL: CodeRow(
        "warning of `validate`, blocked once an invite would be sent",
        _DRIFT,
        "An address in the files to which no invite could be sent. It counts only once a person is to be invited. "
        "Correct the address.",
    ),
    Code.EXPIRED: CodeRow(
        "warning",
        _EXPIRY,
        "A line has expired, but what it declared still exists, because its collection is additive. Delete the line, "
        "or extend its `until`.",
    ),
    Code.EXPIRY_KEPT: CodeRow(
        "error",
        _EXPIRY,
        "A line has expired, and a guard refuses what that would end. It is left as it is, and the rest of the plan "
        "goes on. Allow it by its address, or extend `until`.",
    ),
    Code.EXPIRY_REFUSED: CodeRow(
        "`drift`",
        _EXPIRY,
        "A line expires soon, and a guard will refuse what that ends. Allow it under `guards.allow` until then, or "
        "extend `until`.",
    ),
    Code.FEW_ADMINS: CodeRow(
        "warning",
        _DRIFT,
        "The organization has fewer admins than `guards.min_admins`. If they lose access, no one else can manage the "
        "organization.",
    ),
    Code.IMMUTABLE: CodeRow(
        "error",
        _DRIFT_WORDED,
        "The file declares another value for a setting that cannot be changed. Declare the current value, or create "
        "a new workspace.",
    ),
    # a line without effect; live is as it has to be
    Code.INHERITED_ACCESS: CodeRow(
        "note",
        None,
        "The person's organization role already gives access here, and it cannot be lowered. Delete the line.",
    ),
    Code.INVITE_EXPIRED: CodeRow(
        "`drift`",
        _EXPIRY,
        "The invite of a declared person expired before it was accepted. The plan would send another one.",
    ),
    Code.INVITE_EXPIRES: CodeRow(
        "`drift`", _EXPIRY, "A declared person has not accepted an invite that expires soon. Remind them."
    ),
    # waits for a person; told once its end is near
    Code.INVITE_PENDING: CodeRow("waiting", None, "A person has not accepted the invite yet."),
    Code.KEY_EXPIRES: CodeRow(
        "`drift`",
        _EXPIRY,
        "An API key expires soon, and what uses it stops working. The API can neither extend nor create keys: create "
        "another one in the Console.",
    ),
    Code.KEY_MISSING: CodeRow(
        "manual step",
        _DRIFT,
        "A declared key does not exist, or has expired. The API cannot create keys: create it in the Console.",
    ),
    # what the plan would leave, not what anybody did
    Code.LAST_DEVELOPER: CodeRow(
        "warning",
        None,
        "The plan would revoke the last `developer` or `admin` role of a workspace. Admins of the organization keep "
        "access to it.",
    ),
    Code.LEFT_OUT_FILE: CodeRow(
        "note, or warning",
        None,
        "Something below the folder is not read: a YAML file whose top level has no key of the file format (a warning "
        "if its keys look misspelled), or another repository. Correct it, or move it elsewhere if the note disturbs.",
    ),
    # what becomes of the access is told by itself
    Code.LINES_EXPIRED: CodeRow(
        "warning",
        None,
        "A person's line has expired, and with it the lines that need it. Delete those that the message names.",
    ),
    Code.MISSING: CodeRow(
        "`drift`", _DRIFT, "It is declared, but does not exist in the organization. The plan would create it."
    ),
    # follows from a person who is missing, which is told
    Code.NAMES_EXCHANGED: CodeRow(
        "manual step",
        _DRIFT,
        "The files exchange the names of two or more things, and none of the names is free. Give one of them another "
        "name in the Console, then plan again.",
    ),
    Code.NOT_A_MEMBER: CodeRow(
        "waiting", None, "A person must become a member of the organization first; a manual step says how."
    ),
    # drift under `coverage: strict` alone
    Code.NOT_MANAGED: CodeRow(
        "warning",
        _CONFIG,
        "A declared workspace leaves out a collection that is authoritative under `manage`, so nothing of that kind is "
        "managed there. Declare what is there, or that there shall be none. It counts as drift if coverage is strict.",
    ),
    # nobody could see it: that is not "no drift"
    Code.NOT_OFFERED: CodeRow(
        "error",
        _DRIFT,
        "This list is not available to the organization or the credential. Nothing is planned for it or for what "
        "refers to it; the rest is planned.",
    ),
    Code.OBSERVED: CodeRow(
        "warning",
        _DRIFT_WORDED,
        "The organization differs from the files, and the mode of the collection is `observe`.",
        unmet=True,
    ),
    Code.ORGANIZATION_RENAMED: CodeRow(
        "warning",
        _DRIFT,
        "The organization has the `id` that the files name, and another name. The id decides. Correct "
        "`organization.name` in the files, or delete it.",
    ),
    # about use, not about how the organization is set up
    Code.OVERSPENT: CodeRow(
        "warning",
        None,
        "A spend limit is already exceeded this month; API calls are rejected until the month ends.",
    ),
    Code.POLICY_BREACH: CodeRow(
        "warning",
        _POLICY,
        "A key is in breach of a policy, and is not changed: the policy only reports, or a stronger one acts.",
    ),
    # whatever it is for, it looks at no key: that is not "no breach"
    Code.POLICY_UNUSED: CodeRow(
        "warning",
        _POLICY,
        "The `match` of a policy covers no workspace and no key, declared or in the organization. Correct it, or "
        "delete the policy.",
    ),
    Code.POLICY_WARNING: CodeRow(
        "warning", _POLICY, "A key will be in breach of a policy soon, or it is unknown whether it is."
    ),
    # beside the drift
    Code.PREVIOUS_UNREADABLE: CodeRow(
        "note of `drift`",
        None,
        "`--previous`: the previous report cannot be read, so every difference counts as new. The message says why.",
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
        "`--base`: this change of the files changes a setting that decides what orgsync may do. It needs a review by "
        "a person who may decide that. See [base.md](base.md).",
    ),
    Code.PROTECTED_KEPT: CodeRow(
        "error",
        _DRIFT,
        "A key policy or an `until` day would withdraw or stop something that `guards.protect` names. It is kept, and "
        "everything else is planned. Take it out of `guards.protect`, or out of the policy.",
    ),
    Code.PROTECTS_NOTHING: CodeRow(
        "warning",
        _DRIFT,
        "An entry of `guards.protect` covers no resource, neither declared nor in the organization, so it has no "
        "effect. Correct it, or delete it.",
    ),
    # about the files alone
    Code.RATE_LIMIT_ABOVE: CodeRow(
        "warning", None, "The value is above the organization's, and the lower one is enforced."
    ),
    # nobody could see it: that is not "no drift"
    Code.RATE_LIMIT_BY_HAND: CodeRow(
        "manual step",
        _DRIFT,
        "Rate limits by API are not available to this organization. Set the limit in the Console.",
    ),
    Code.REMOVED_IN_CONSOLE: CodeRow(
        "warning",
        _DRIFT,
        "A person accepted an invite and was removed since, and members are additive. The person is invited again if "
        "this change of the files declares them (`--base`) or they are allowed by name: `--allow member:EMAIL`, or "
        "`guards.allow`. Otherwise delete the line.",
        unmet=True,
    ),
    Code.RENAMED_IN_CONSOLE: CodeRow(
        "blocked",
        _DRIFT,
        "A declared workspace is missing, and an undeclared one may be it: the journal or the files of `--base` have "
        "its id, it alone has the tags or an API key that only this line declares, or the files of `--base` declare "
        "the workspace as well. Nothing is created there or in it. Add the `id` or `renamed_from` that the message "
        "names, or allow the creation with `--allow workspace:NAME`.",
    ),
    # says nothing of the organization
    Code.RENAME_DONE: CodeRow(
        "note",
        None,
        "`renamed_from` names the former name of something that has its new name. Delete `renamed_from`.",
    ),
    # goes with invites, which are told
    Code.RESERVED_DOMAIN: CodeRow(
        "warning",
        None,
        "People are to be invited in a domain that is reserved, and that mail never reaches. Correct the addresses.",
    ),
    Code.RESIDENCY_CONFLICT: CodeRow(
        "error", _DRIFT_WORDED, "The default geography would not be among the allowed ones. Declare both."
    ),
    # about the files alone
    Code.REVIEW_OVERDUE: CodeRow(
        "`drift`",
        _EXPIRY,
        "The last day of an access review has passed, and grants in it have no decision. `orgsync review status` says "
        "which: answer them.",
    ),
    Code.REVIEW_UNREADABLE: CodeRow(
        "`drift`",
        _EXPIRY,
        "A review file is filled in wrongly, or was edited where only orgsync writes: nobody can tell how far it is. "
        "Correct it as `orgsync review status` says.",
    ),
    Code.SETTING_ELSEWHERE: CodeRow(
        "warning",
        None,
        "A setting is in another file of the folder than the root file, which has `organization:`. Whoever may change "
        "that file decides what orgsync may do: move the setting to the root file.",
    ),
    # goes with what is missing or called differently, which is told
    Code.SIMILAR_NAME: CodeRow(
        "warning",
        None,
        "Something is about to be created or renamed beside something whose name looks the same: they differ in case, "
        "in spaces, in how letters are composed, or in what cannot be seen. Or a workspace is about to be created "
        "beside an undeclared one whose name is similar.",
    ),
    # drift looks at the organization itself
    Code.SNAPSHOT_LACKS: CodeRow(
        "warning",
        None,
        "The snapshot was created by an older version, which did not save a list or a field. The files are not "
        "compared with it: take a new snapshot.",
    ),
    Code.SPEND_LIMIT_ABOVE: CodeRow(
        "error", _DRIFT, "The limit exceeds the one that contains it and would have no effect; it is not set."
    ),
    Code.SPEND_LIMIT_BELOW: CodeRow(
        "error",
        _DRIFT,
        "The organization's limit would be below that of a workspace; the API rejects that, so it is not set. "
        "Declare a lower limit for the workspace, or none (`null`).",
    ),
    # nobody could see it: that is not "no drift"
    Code.SPEND_LIMIT_BY_HAND: CodeRow(
        "manual step",
        _DRIFT,
        "Spend limits by API are not available to this organization. Set the limit in the Console.",
    ),
    # about the files alone
    Code.SPEND_LIMIT_SUM: CodeRow(
        "warning", None, "The limits of the workspaces add up to more than twice the limit of the organization."
    ),
    Code.UNDECLARED: CodeRow(
        "note, error for workspaces under `authoritative`",
        _DRIFT,
        "It is in the organization and not in the files. Declare it, or remove it.",
    ),
    Code.UNDECIDED: CodeRow(
        "blocked",
        _DRIFT,
        "A line may mean more than one resource of the organization, or two lines mean the same one. The message names "
        "them: add the `id` of the one that is meant, or delete a line.",
    ),
    # plans that take an apply back are never looked at here
    Code.UNDO_CHANGED: CodeRow(
        "warning",
        None,
        "A change of an apply is not reverted, because the organization has changed since: the message says how. A "
        "person decides.",
    ),
    Code.UNDO_IMPOSSIBLE: CodeRow(
        "warning",
        None,
        "A change of an apply cannot be reverted: it was an archiving, can be set only once, or had a value that the "
        "API cannot set.",
    ),
    Code.UNDO_KEPT: CodeRow(
        "warning", None, "What an apply created is kept. To archive it, set `archived: true` in the file."
    ),
    Code.UNDO_LOST: CodeRow(
        "warning",
        None,
        "A removed person is invited again. Workspace roles can be given again once the invite is accepted, personal "
        "API keys cannot.",
    ),
    Code.UNKNOWN_MODEL: CodeRow(
        "blocked",
        _DRIFT,
        "`rate_limits` names a model, alias, group or limiter that the organization does not have: it is misspelled, "
        "or was retired. Correct the line, or delete it.",
    ),
    Code.UNKNOWN_PERSON: CodeRow(
        "blocked",
        _DRIFT,
        "A workspace role is declared for a person who is neither declared under `members` nor a member of the "
        "organization. Declare the person there, correct the address, or delete the line.",
    ),
    Code.UNKNOWN_VALUE: CodeRow(
        "error",
        _DRIFT_WORDED,
        "The API shows a value that this version of orgsync does not support (a role, a status, a type), or a field "
        "is missing. No changes are planned for this resource or for what refers to it, and no guard counts on it. "
        "Update orgsync.",
    ),
    # the numbers of rows change from day to day
    Code.UNREADABLE_ROW: CodeRow(
        "error",
        _DRIFT_SUBJECT,
        "A row of a list cannot be identified: its id, e-mail, name or parent is missing or of another type. Nothing "
        "in that list is created, invited or removed. In a report, the row is ignored. Update orgsync.",
    ),
    Code.USAGE_TIER: CodeRow(
        "note", None, "The monthly limit of the organization's usage tier. Only Anthropic can change it."
    ),
    # a person has decided it; told again when the waiver ends
    Code.WAIVED: CodeRow("note", None, "A key is in breach of a policy and has a waiver."),
    Code.WAIVER_CONTRADICTORY: CodeRow(
        "error",
        _POLICY,
        "The `id` and the `key` of a waiver name different keys. Its policy acts on no key until one of them is "
        "corrected, or the waiver is deleted.",
    ),
    Code.WAIVER_EXPIRED: CodeRow("warning", _EXPIRY_WORDED, "A waiver has expired. Delete it, or extend its `until`."),
    Code.WAIVER_EXPIRES: CodeRow("`drift`", _EXPIRY_WORDED, "A waiver expires soon: the policy acts after that."),
    Code.WAIVER_LOST: CodeRow(
        "error",
        _POLICY,
        "A waiver names no key, and its policy would act on one that may be the key that is meant. The policy acts on "
        "no key until the waiver has the key's `id` or new name, or is deleted.",
    ),
    # about the files alone
    Code.WAIVER_UNKNOWN_POLICY: CodeRow("warning", None, "A waiver names a policy that is not declared."),
    Code.WAIVER_UNUSED: CodeRow("warning", None, "A waiver is for a key that its policy does not cover. Delete it."),
    Code.WORKSPACE_LIMIT: CodeRow("warning", None, "The organization has more workspaces than the default limit."),
    Code.WRONG_FORMER_NAME: CodeRow(
        "blocked",
        _DRIFT,
        "`renamed_from` names nothing that could be renamed: it is misspelled, or was archived. Nothing is created "
        "there or in it. Correct it, or delete it to ask for something new.",
    ),
    Code.WRONG_ID: CodeRow(
        "blocked",
        _DRIFT,
        "The `id` of a line is that of nothing in the organization, or of something that the line cannot mean. Correct "
        "it, or delete it to match by name.",
    ),
}

DRIFT_CODES = tuple(code.value for code, row in ROWS.items() if row.drift is not None)
"""The codes that `orgsync drift` reports, and so those that can be accepted."""


def meaning(code: str) -> str:
    """The words for a code; one that this version does not know has none of its own."""
    return next((row.meaning for known, row in ROWS.items() if known == code), "See the message.")
