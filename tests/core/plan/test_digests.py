"""Digests: the same for the same data, another for any other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from render import plans

from orgsync.core.model.change import Allowance, Cause, Organization, Rules
from orgsync.core.plan.schema import is_intact, sealed
from orgsync.core.words.address import Address
from orgsync.core.words.digest import canonical, sha256_hex

if TYPE_CHECKING:
    from orgsync.core.model.change import Plan


def test_canonical_is_sorted_tight_utf8() -> None:
    assert canonical({"b": [1, None, True], "a": "é"}) == '{"a":"é","b":[1,null,true]}'.encode()


def test_order_of_keys_does_not_matter_and_order_of_items_does() -> None:
    assert sha256_hex({"a": 1, "b": 2}) == sha256_hex({"b": 2, "a": 1})
    assert sha256_hex([1, 2]) != sha256_hex([2, 1])


def test_digest_is_the_one_that_other_tools_compute() -> None:
    assert sha256_hex({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_lone_surrogates_have_a_digest_and_infinity_has_none() -> None:
    assert sha256_hex("\ud800") != sha256_hex("\ud801")
    with pytest.raises(ValueError, match="not JSON compliant"):
        sha256_hex(float("inf"))


def changes_digest(plan: Plan, **edits: Any) -> str:
    return sealed(replace(plan, **edits)).digests.changes


def test_digest_of_changes_covers_every_change_and_every_identity() -> None:
    plan = plans.rich()
    first, *rest = plan.changes
    digest = plan.digests.changes
    assert digest != changes_digest(plan, changes=tuple(rest))
    assert digest != changes_digest(plan, changes=(*rest, first))
    assert digest != changes_digest(plan, changes=(replace(first, cause=Cause.DRIFT), *rest))
    assert digest != changes_digest(plan, identities={**plan.identities, "workspace:production": "wrkspc_01Other"})


def test_digest_of_changes_stays_when_only_other_things_move() -> None:
    plan = plans.rich()
    assert plan.digests.changes == changes_digest(plan, planned_at="2026-11-23T09:30:00Z", present={"member": 41})


@pytest.mark.parametrize(
    "edit",
    [
        {"rules": Rules(max_removals_count=1_000)},
        {"allowed": (Allowance(Address("workspace:production")),)},
        {"present": {"member": 4_000}},
        {"manual": ()},
        {"planned_at": "2027-11-22T09:30:00Z"},
        {"organization": Organization("12345678-1234-5678-1234-567812345678", "Other")},
    ],
)
def test_a_plan_in_which_anything_was_edited_is_not_intact(edit: dict[str, Any]) -> None:
    plan = plans.rich()
    assert is_intact(plan)
    assert not is_intact(replace(plan, **edit))


def test_digest_of_changes_is_stable_between_releases() -> None:
    """Plan files outlive the version that wrote them: another digest needs another format_version."""
    assert plans.rich().digests.changes == "eae98a9986c2a0cb83a3f60dd480c17136192d15e47f6a7e38951ff111409414"
