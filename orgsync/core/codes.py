"""The one catalogue of what a plan can tell a person beside its changes. `docs/codes.md` explains each."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """A word that documentation, waivers and scripts go by; it never changes its meaning."""

    ADMIN_DEMOTION = "admin_demotion"
    ADMIN_GRANT = "admin_grant"
    ADMIN_REMOVAL = "admin_removal"
    ATTESTATION_CONTRADICTS = "attestation_contradicts"
    ATTESTATION_MISSING = "attestation_missing"
    ATTESTATION_OVERDUE = "attestation_overdue"
    EXPIRED = "expired"
    FEW_ADMINS = "few_admins"
    IMMUTABLE = "immutable"
    INHERITED_ACCESS = "inherited_access"
    INVITE_PENDING = "invite_pending"
    KEY_MISSING = "key_missing"
    NOT_A_MEMBER = "not_a_member"
    OBSERVED = "observed"
    OVERSPENT = "overspent"
    POLICY_BREACH = "policy_breach"
    POLICY_WARNING = "policy_warning"
    RATE_LIMIT_ABOVE = "rate_limit_above"
    REMOVED_IN_CONSOLE = "removed_in_console"
    RESIDENCY_CONFLICT = "residency_conflict"
    SIMILAR_NAME = "similar_name"
    SPEND_LIMIT_ABOVE = "spend_limit_above"
    SPEND_LIMIT_BY_HAND = "spend_limit_by_hand"
    SPEND_LIMIT_SUM = "spend_limit_sum"
    UNDECLARED = "undeclared"
    USAGE_TIER = "usage_tier"
    WAIVED = "waived"
    WAIVER_EXPIRED = "waiver_expired"
    WAIVER_UNKNOWN_POLICY = "waiver_unknown_policy"
    WAIVER_UNUSED = "waiver_unused"
    WORKSPACE_LIMIT = "workspace_limit"
