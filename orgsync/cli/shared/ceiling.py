"""The plan that `--ceiling` names, and how old a saved or reviewed plan may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.cli.shared.options import duration
from orgsync.errors import Stale, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from orgsync.cli.shared.options import Options
    from orgsync.core.model.change import Plan


def reviewed_plan(path: Path, digest: str | None, allow: Sequence[str]) -> Plan:
    """The plan in the file, which was approved by its digest. Nothing is read but the file.

    Raises Stale where it is another plan or one of another version, Refused where a guard refused it, and UsageError
    for an allowance that was not reviewed.
    """
    from orgsync.core.review.reviewed import has_digest, is_digest, unreviewed_allowances
    from orgsync.engine.apply_plan import refuse
    from orgsync.files.state import plan_file
    from orgsync.flows.files import check_version
    from orgsync.kinds import KINDS

    if digest is not None and not is_digest(digest):
        message = f'--ceiling-digest: "{digest}" is not a digest'
        raise UsageError(message, hint="use 12 to 64 hexadecimal digits, as shown in the review")
    reviewed = plan_file.read(path)
    check_version(reviewed, path)
    if digest is not None and not has_digest(reviewed, digest):
        message = f"{path} is not the reviewed plan: its digest is {reviewed.digests.changes}, not {digest}"
        raise Stale(f"{message}; nothing was changed")
    refuse(reviewed.refusals)
    if unreviewed := unreviewed_allowances(reviewed, allow, KINDS):
        message = f"--allow {unreviewed[0]}: not allowed by the reviewed plan"
        raise UsageError(message, hint="run `orgsync plan` with this --allow, and have the plan reviewed")
    return reviewed


def check_age(plan: Plan, valid_for: str, options: Options) -> None:
    """Raises Stale where the plan is older than it may be."""
    from orgsync.core.plan.selection import age

    if age(plan, options.now) > duration("--valid-for", valid_for):
        raise Stale(f"the plan was created at {plan.planned_at}, more than {valid_for} ago; nothing was changed")
