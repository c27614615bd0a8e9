"""The one catalogue of what a plan can tell a person beside its changes. `docs/codes.md` explains each."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """A word that documentation, waivers and scripts go by; it never changes its meaning."""

    ADMIN_DEMOTION = "admin_demotion"
    ADMIN_GRANT = "admin_grant"
    ADMIN_REMOVAL = "admin_removal"
    EXPIRED = "expired"
    FEW_ADMINS = "few_admins"
    IMMUTABLE = "immutable"
    INHERITED_ACCESS = "inherited_access"
    INVITE_PENDING = "invite_pending"
    NOT_A_MEMBER = "not_a_member"
    OBSERVED = "observed"
    REMOVED_IN_CONSOLE = "removed_in_console"
    RESIDENCY_CONFLICT = "residency_conflict"
    SIMILAR_NAME = "similar_name"
    UNDECLARED = "undeclared"
    WORKSPACE_LIMIT = "workspace_limit"
