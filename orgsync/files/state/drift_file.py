"""Drift reports on disk: written whole or not at all, and compared with only if they are what orgsync wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.drift.report import READERS
from orgsync.core.drift.schema import drift_schema, is_intact, report_of
from orgsync.errors import WrongOrganization
from orgsync.files.state.json_file import JsonFile
from orgsync.render.drift.json_text import render

if TYPE_CHECKING:
    from pathlib import Path

    from orgsync.core.drift.report import DriftReport
    from orgsync.core.model.change import Organization

LIMIT = 64 * 1024 * 1024
"""Bytes of the largest report that is read."""

_START_AGAIN = "use the file that the previous run wrote with --out, or delete this one to start over"

FILE = JsonFile(
    noun="drift report",
    mark="checked_at",
    readers=READERS,
    again=_START_AGAIN,
    other_format=_START_AGAIN,
    schema=drift_schema,
)


def write(path: Path, report: DriftReport) -> None:
    """Puts the report at `path` in one step. Only the owner may read it: it says who has which access."""
    FILE.write(path, render(report).encode())


def read(path: Path) -> DriftReport | None:
    """The report in the file; None where there is no such file. Raises InputError if orgsync did not write it."""

    def made(data: Any) -> DriftReport:
        if not is_intact(data):
            raise FILE.edited(path)
        return report_of(data)

    return FILE.read(path, made, limit=LIMIT) if path.exists() else None


def check_organization(previous: DriftReport, organization: Organization, path: Path) -> None:
    """Raises WrongOrganization where the previous report is of another organization."""
    if previous.organization.id != organization.id:
        theirs, ours = previous.organization, organization
        message = f'the report is of "{theirs.name}" ({theirs.id}), the credential belongs to "{ours.name}" ({ours.id})'
        raise WrongOrganization(f"{path}: {message}", hint=_START_AGAIN)
