"""What each code of the catalogue means and asks for, in the words of `docs/codes.md`."""

from __future__ import annotations

from orgsync.core.model.codes import Code

MEANINGS: dict[str, str] = {
    Code.ACCEPT_EXPIRED: (
        "The last day of an `accept` entry is over, and what it accepted counts again. Delete it, or give it another "
        "day."
    ),
    Code.ACCEPT_LASTING: "An `accept` entry lasts for more than a year from now. Give it an earlier day.",
    Code.ACCEPT_UNUSED: "An `accept` entry accepts nothing that differs. Delete it.",
    Code.ACCESS_EXPIRES: "The `until` day of a member or a workspace role is near. Prolong it, or let it end.",
    Code.ADMIN_DEMOTION: (
        "The file gives an admin another role. The API cannot take the admin role away: do it in the Console, under "
        "Settings > Members."
    ),
    Code.ADMIN_GRANT: (
        "The file declares an admin who is not one. The API cannot grant the role, nor invite with it: do it in the "
        "Console."
    ),
    Code.ADMIN_REMOVAL: (
        "An admin is not declared, and members are authoritative. Declare the person, or remove them in the Console."
    ),
    Code.ALLOWANCE_EXPIRED: (
        "The last day of an allowance in `guards.allow` is over. Delete it, or give it another day."
    ),
    Code.ALLOWANCE_EXPIRES: "The last day of an allowance in `guards.allow` is near.",
    Code.ATTESTATION_CONTRADICTS: (
        "Somebody saw another value in the Console than the file expects. Correct one of the two, and attest again."
    ),
    Code.ATTESTATION_MISSING: "Nobody has attested this setting yet. Look, and run the command that the step shows.",
    Code.ATTESTATION_OVERDUE: "The last look was longer ago than `every`.",
    Code.BASE_MISSING: "`--base`: there were no such files. Everything counts as this change of the files.",
    Code.BASE_UNUSABLE: (
        "`--base`: the older files are wrong, or no plan of them is possible, so no cause is known. The message says "
        "why; the plan itself is complete."
    ),
    Code.CREDENTIAL_UNKNOWN: (
        "`guards.credential_of` names somebody who is not a member of the organization, so it guards nothing. Correct "
        "the e-mail."
    ),
    Code.DIFFERS: "Live has another value than the files. The plan would change it.",
    Code.EXPIRED: (
        "The line's `until` day is over, and the thing is still there, because its collection is additive. Delete the "
        "line, or give it another day."
    ),
    Code.FEW_ADMINS: (
        "The organization has fewer admins than `guards.min_admins`. One lost password may lock everybody out."
    ),
    Code.IMMUTABLE: (
        "The file asks for another value of something that can be set only once. Write what is there, or make a new "
        "workspace."
    ),
    Code.INHERITED_ACCESS: (
        "The person's organization role already gives access here, and it cannot be lowered. Delete the line."
    ),
    Code.INVITE_EXPIRED: "A declared person let the invite expire. The plan would send another.",
    Code.INVITE_EXPIRES: "A declared person has not accepted an invite whose end is near. Remind them.",
    Code.INVITE_PENDING: "Somebody has not accepted their invite yet.",
    Code.KEY_MISSING: (
        "A declared key does not exist, or has expired. The API cannot make keys: make it in the Console."
    ),
    Code.LAST_DEVELOPER: (
        "The plan leaves a workspace, which had some, without anybody who was given `developer` or `admin` there. "
        "Admins of the organization can still act in it."
    ),
    Code.MISSING: "It is declared and not in the organization. The plan would make it.",
    Code.NOT_A_MEMBER: "Somebody has to become a member of the organization first; a manual step says how.",
    Code.NOT_OFFERED: (
        "The API does not offer this list to the organization, or to the credential. Nothing in it is planned, nor"
        " what refers to it; the rest is."
    ),
    Code.OBSERVED: "Live differs from the file, and the collection is on `observe`.",
    Code.OVERSPENT: (
        "More than a spend limit allows is spent this month already; calls are refused until the month ends."
    ),
    Code.POLICY_BREACH: (
        "A key breaches a policy, and nothing is done about it: the policy only reports, or a stronger one acts."
    ),
    Code.POLICY_WARNING: "A key will breach a policy soon, or nobody can tell whether it does.",
    Code.PRIVACY_BY_HAND: (
        "`inference_data_privacy` differs, and the credential is an Admin API key, which cannot set it. Apply with an "
        "OAuth token, or set it in the Console."
    ),
    Code.PRIVILEGED_CHANGE: (
        "`--base`: this change of the files changes a setting that decides what orgsync may do. Have it read by "
        "somebody who may decide that. See [base.md](base.md)."
    ),
    Code.RATE_LIMIT_ABOVE: "The value is above the organization's, and the lower one is enforced.",
    Code.RATE_LIMIT_BY_HAND: "The API does not offer rate limits to this organization. Set the limit in the Console.",
    Code.REMOVED_IN_CONSOLE: (
        "Somebody accepted an invite and was removed since. Delete the line; or make members authoritative to have "
        "them invited again."
    ),
    Code.RESIDENCY_CONFLICT: "The default geography would not be among the allowed ones. Declare both.",
    Code.SIMILAR_NAME: "A workspace will be created although a live one has the same name in other case.",
    Code.SNAPSHOT_LACKS: (
        "The snapshot was made by an older orgsync, which did not keep a list or a field that this one looks at. What "
        "the files say of it is not compared: take a new snapshot."
    ),
    Code.SPEND_LIMIT_ABOVE: "The limit is above the one that contains it and would never be reached; it is not set.",
    Code.SPEND_LIMIT_BELOW: (
        "The organization's limit would be below that of a workspace which keeps its own; the API refuses that, so it "
        "is not set. Declare a lower limit there, or none (`null`)."
    ),
    Code.SPEND_LIMIT_BY_HAND: (
        "The API does not offer spend limits to this organization yet. Set the limit in the Console."
    ),
    Code.SPEND_LIMIT_SUM: "The workspaces together may spend more than twice what the organization may.",
    Code.UNDECLARED: "It is in the organization and not in the files. Declare it, or remove it.",
    Code.UNDO_CHANGED: (
        "What an apply did is not taken back, because the organization has changed since: the line says how. A person "
        "decides."
    ),
    Code.UNDO_IMPOSSIBLE: (
        "What an apply did cannot be taken back: it was archived, set once, or had a value that the API cannot give."
    ),
    Code.UNDO_KEPT: "What an apply made stays. To give it up, say `archived: true` in the file.",
    Code.UNDO_LOST: (
        "A removed person is invited again. Their workspace roles can be given again once they accept; their personal "
        "keys never."
    ),
    Code.UNKNOWN_VALUE: (
        "The API shows a value that this version of orgsync does not know: a role, a status, a type, or a field "
        "that is missing. Nothing is planned about this thing, nor about what refers to it, and no guard counts on"
        " it. Update orgsync."
    ),
    Code.UNREADABLE_ROW: (
        "A row of a list cannot be told from others: its id, e-mail, name or parent is missing or of another type."
        " It may be anything, so in that list nothing is created, invited or removed. Of a report: nothing is "
        "judged by it. Update orgsync."
    ),
    Code.USAGE_TIER: "What the organization's usage tier allows a month. It can be changed with Anthropic only.",
    Code.WAIVED: "A key breaches a policy and has a waiver.",
    Code.WAIVER_EXPIRED: "A waiver's last day is over. Delete it, or give it another day.",
    Code.WAIVER_EXPIRES: "The last day of a waiver is near: the policy acts afterwards.",
    Code.WAIVER_UNKNOWN_POLICY: "A waiver names a policy that does not exist.",
    Code.WAIVER_UNUSED: "A waiver is for a key that its policy is not about. Delete it.",
    Code.WORKSPACE_LIMIT: "More live workspaces than organizations have by default.",
}


def meaning(code: str) -> str:
    """The words for a code; one that this version does not know has none of its own."""
    return MEANINGS.get(code, "See the message.")
