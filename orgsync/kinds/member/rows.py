"""What the API shows of people: users and invites, and what of it is not watched."""

from __future__ import annotations

from orgsync.core.model.rows import ID, TEXT, TEXTS, TIMESTAMP, IgnoredRows, RowField, Rows, ignored, one_of

USERS = "/v1/organizations/users"
INVITES = "/v1/organizations/invites"

# A Console owner counts as admin. The API can give none of these roles, nor change or remove who holds one.
ADMIN_ROLES = frozenset({"admin", "owner", "primary_owner", "membership_admin"})
_ROLE = one_of("user", "claude_code_user", "developer", "billing", *ADMIN_ROLES)
_IDENTITY = (RowField("id", ID, identity=True), RowField("email", TEXT, identity=True))
USER = (*_IDENTITY, RowField("role", _ROLE))
INVITE = (
    *_IDENTITY,
    RowField("role", _ROLE),
    RowField("status", one_of("pending", "accepted", "expired", "deleted")),
    RowField("invited_at", TIMESTAMP),
    RowField("expires_at", TIMESTAMP),
    RowField("rbac_group_ids", TEXTS, null=True, optional=True),
)
"""What rows look like (SDK: OrganizationUser, OrganizationInvite, OrganizationRole). The role `managed` of Claude
Enterprise is none that a file could give to anybody: who has it is left alone."""

ROWS = (
    Rows(USERS, (*USER, *ignored("is the person's own", "name"), *ignored("does not change", "added_at"))),
    Rows(
        INVITES,
        (*INVITE, *ignored("accepting an invite is what its line asks for", "accepted_at")),
        (
            IgnoredRows(
                "invites that are not pending",
                "the person is looked up among the members; the line of who is not there is told",
                lambda row: row["status"] != "pending",
            ),
        ),
    ),
)
