"""The generated files declare exactly what the generated seeds hold, but for the differences that are meant."""

from __future__ import annotations

from collections import Counter

import pytest
from acme import Org, actions

from benchmarks import organizations
from benchmarks.organizations import SIZES, changes, org_yaml, seed


@pytest.mark.parametrize("name", ["S", "M"])
def test_the_file_declares_what_the_seed_has(name: str) -> None:
    size = SIZES[name]
    org = Org(org_yaml(size, different=False), **seed(size))
    same = org.plan()
    assert actions(same) == []
    assert same.requests == size.requests - 1  # what the API refuses is asked for, and no answer
    differing = actions(org.plan(org_yaml(size, different=True)))
    assert len(differing) == changes(size)
    assert {action.partition(":")[0] for action in differing} == {"update workspace_member"}


def test_an_export_would_write_everything_that_is_in_the_file() -> None:
    """And more: what is empty, and settings that the benchmarks leave as they are, so that figures can be compared."""
    size = SIZES["S"]
    exported = Org(**seed(size)).export().splitlines()
    assert Counter(org_yaml(size, different=False).splitlines()) <= Counter(exported)


def test_the_figures_of_each_size_are_written_down() -> None:
    for name, size in SIZES.items():
        lines = org_yaml(size, different=True).count("\n")
        many = f"{size.workspaces} x {size.members} | {size.users:,} | {size.keys:,} | {lines:,} | {size.requests}"
        assert f"| {name} | {many} |" in str(organizations.__doc__)
