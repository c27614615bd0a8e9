"""Every rule that a policy can hold, in the order in which a key's breaches are told."""

from orgsync.policies.contract.rule import Rule
from orgsync.policies.rules import (
    created_by,
    expires_within,
    max_active,
    max_age,
    must_expire,
    name,
    owner,
    principal,
    scope,
    unused_for,
)

RULES: tuple[Rule, ...] = (
    max_age.RULE,
    expires_within.RULE,
    must_expire.RULE,
    unused_for.RULE,
    max_active.RULE,
    name.RULE,
    owner.RULE,
    created_by.RULE,
    principal.RULE,
    scope.RULE,
)
