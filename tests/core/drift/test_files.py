"""Reports on disk: what is written is read back, only the owner can, and nothing else passes for a report."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from core.drift.support import entry, report
from orgsync.core.drift.report import Acceptance
from orgsync.core.drift.schema import drift_schema, sealed
from orgsync.core.model.change import FieldChange, Level, Note, Organization, Place, Verdict
from orgsync.errors import InputError, Unwritten, UsageError, WrongOrganization
from orgsync.files.state import drift_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.drift.report import DriftReport


def full() -> DriftReport:
    place, field = Place("org.yaml", 3), FieldChange("tags", {"a": "b"}, None)
    return sealed(
        report(
            entry("a", "a" * 16, fields=(field,), source=place),
            entry("\u2028 ::error::\n生", "b" * 16),
            accepted=(entry("c", "c" * 16, accepted=Acceptance("why", "2026-12-01")),),
            gone=(entry("d", "d" * 16, new=False),),
            notes=(Note(entry().address, "accept_unused", "delete it", Level.INFO, place),),
            refusals=(Verdict("protect", passed=False, message="no", addresses=(entry().address,)),),
        )
    )


def test_what_is_written_is_read_back_and_fits_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "drift.json"
    path.write_text("something older")
    drift_file.write(path, full())
    assert drift_file.read(path) == full()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    jsonschema.validate(json.loads(path.read_text()), drift_schema())
    assert [one.name for one in tmp_path.iterdir()] == ["drift.json"]


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "drift.json"
    drift_file.write(path, sealed(report(entry("\ud800"))))
    with pytest.raises(InputError, match="it contains an unpaired surrogate, in "):
        drift_file.read(path)


def test_no_file_is_no_report(tmp_path: Path) -> None:
    assert drift_file.read(tmp_path / "none.json") is None


def _emptied(data: dict[str, Any]) -> None:
    data["entries"] = []


def _reworded(data: dict[str, Any]) -> None:
    data["entries"][0]["message"] = "fine"


def _heard(data: dict[str, Any]) -> None:
    data["told"] = not data["told"]


def _more(data: dict[str, Any]) -> None:
    data["more"] = 1


def _undated(data: dict[str, Any]) -> None:
    data["entries"][0]["since"] = "| a | b |"


def _impossible(data: dict[str, Any]) -> None:
    data["checked_at"] = "2026-13-45T00:00:00Z"


def _never(data: dict[str, Any]) -> None:
    data["previous"] = "2026-02-30T00:00:00Z"


def _newer(data: dict[str, Any]) -> None:
    data["format_version"] = 3


def _a_plan(data: dict[str, Any]) -> None:
    del data["checked_at"]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (_emptied, "was edited: its digest does not match"),
        (_reworded, "was edited: its digest does not match"),
        (_heard, "was edited: its digest does not match"),
        (_more, "has unknown keys: more"),
        (_undated, '$.entries[0].since: is "| a | b |", which does not have the form'),
        (_impossible, '$.checked_at: is "2026-13-45T00:00:00Z", which is not a valid timestamp'),
        (_never, '$.previous: is "2026-02-30T00:00:00Z", which is not a valid timestamp'),
        (_newer, "has format_version 3 (made by orgsync 0.2.0); known: 1"),
        (_a_plan, "is not a drift report: it has no checked_at"),
    ],
)
def test_an_edited_report_is_refused(edit: Callable[[dict[str, Any]], None], message: str, tmp_path: Path) -> None:
    path = tmp_path / "drift.json"
    drift_file.write(path, full())
    data = json.loads(path.read_text())
    edit(data)
    path.write_text(json.dumps(data))
    with pytest.raises(InputError, match=r"drift\.json: ") as caught:
        drift_file.read(path)
    assert message in str(caught.value)
    assert "--out" in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "\xff", "[" * 100_000])
def test_what_is_no_report_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "drift.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError):
        drift_file.read(path)


def test_a_report_of_another_organization_is_refused() -> None:
    with pytest.raises(WrongOrganization, match='the report is of "Acme Robotics"'):
        drift_file.check_organization(full(), Organization("other", "Other"), path=Path("drift.json"))


def test_where_no_report_can_be(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    for path in (tmp_path, tmp_path / "link", tmp_path / "no" / "folder.json"):
        with pytest.raises(Unwritten):
            drift_file.write(path, full())
    with pytest.raises(UsageError, match="could not be read"):
        drift_file.read(tmp_path)
