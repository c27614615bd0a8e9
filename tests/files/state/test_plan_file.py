"""A plan file is read only if it is what orgsync wrote: `apply` does what it says."""

from __future__ import annotations

import json
import re
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from properties.organizations import settings_of
from render import plans
from render.strategies import PLANS

from orgsync.core.model.change import Organization
from orgsync.core.plan.schema import plan_adapter, sealed
from orgsync.errors import InputError, Unwritten, UsageError
from orgsync.files.state import plan_file
from orgsync.render.plan import json_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orgsync.core.model.change import Plan

ONE_FOLDER = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.json"


@pytest.mark.parametrize("sample", [plans.rich, plans.refused, plans.settled])
def test_what_is_written_is_what_is_read(sample: Callable[[], Plan], path: Path) -> None:
    plan_file.write(path, sample())
    assert plan_file.read(path) == sample()
    assert path.read_text() == json_text.render(sample())


@settings(settings_of(10), suppress_health_check=ONE_FOLDER)
@given(plan=PLANS)
def test_any_plan_can_be_written_and_read(plan: Plan, path: Path) -> None:
    plan_file.write(path, plan)
    assert plan_file.read(path) == plan


SMALL_PLAN = plans.plan(plans.rich().changes[1:3], identities={"workspace:production": "wrkspc_01AbCd"})
SMALL = json_text.render(SMALL_PLAN).encode()


@settings(settings_of(80), suppress_health_check=ONE_FOLDER)
@given(position=st.integers(0, len(SMALL) - 1), byte=st.integers(0, 255))
@example(position=SMALL.index(b'"action"') + 12, byte=ord("x"))
@example(position=SMALL.index(b"wrkspc_01AbCd"), byte=ord("W"))
def test_no_changed_byte_changes_what_apply_would_do(position: int, byte: int, path: Path) -> None:
    path.write_bytes(SMALL[:position] + bytes([byte]) + SMALL[position + 1 :])
    try:
        plan = plan_file.read(path)
    except InputError:
        return
    assert plan == SMALL_PLAN


def test_a_plan_is_for_its_owner_only(path: Path) -> None:
    path.write_text("something older")
    path.chmod(0o644)
    plan_file.write(path, plans.rich())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failed_write_leaves_the_old_file_and_nothing_else(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    path.write_text("something older")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Unwritten, match=r"could not be written: No space left on device"):
        plan_file.write(path, plans.rich())
    assert path.read_text() == "something older"
    assert list(path.parent.iterdir()) == [path]


def test_only_regular_files_are_replaced(path: Path) -> None:
    for refused in (path.parent, path):
        if refused is path:
            path.symlink_to(path.parent / "elsewhere.json")
        with pytest.raises(Unwritten, match="not a regular file"):
            plan_file.write(refused, plans.settled())


def test_missing_folder_and_missing_file_are_said_plainly(path: Path) -> None:
    with pytest.raises(Unwritten, match="could not be written: there is no folder"):
        plan_file.write(path / "plan.json", plans.settled())
    with pytest.raises(UsageError, match="could not be read: No such file or directory"):
        plan_file.read(path)


def refusal(path: Path, content: str | bytes) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        plan_file.read(path)
    return str(caught.value).replace(str(path), "plan.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"plan\.json:1:1: is not JSON: Expecting value"),
        ('{"format_version": 1,\n oops', r"plan\.json:2:2: is not JSON: "),
        (b"\xff\xfe", "cannot be read: .*codec can't decode"),
        ("[]", "is not a plan: it has no format_version"),
        ("{}", "is not a plan: it has no format_version"),
        ('{"format_version": 3}', r"has format_version 3; known: 2 \(orgsync 0\.2 and later\)"),
        ('{"format_version": 1}', "is not a plan: it has no planned_at"),
        ('{"format_version": true}', "has format_version true; known: 2"),
        ('{"format_version": 1, "format_version": 1}', 'the key "format_version" is written twice'),
        ('{"format_version": NaN}', "NaN is not a number JSON can hold"),
        ('{"format_version": 1e999}', "1e999 is not a number JSON can hold"),
        ('{"format_version": ' + "9" * 5_000 + "}", "cannot be read: Exceeds the limit"),
        ('{"format_version": ' + "[" * 100_000, "is nested too deeply"),
        (
            r'{"format_version": 1, "base": "a\uD800b"}',
            r'cannot be read: it contains an unpaired surrogate, in .*"a\\ud800b"',
        ),
    ],
)
def test_what_is_not_a_plan_is_refused(content: str | bytes, message: str, path: Path) -> None:
    assert re.search(message, refusal(path, content))


def edited(edit: Callable[[dict[str, Any]], object]) -> str:
    data = json.loads(json_text.render(plans.rich()))
    edit(data)
    return json.dumps(data)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            lambda data: data["changes"][0].update(action="destroy"),
            'plan.json: $.changes[0].action: is "destroy", expected one of: create, update, remove, ',
        ),
        (lambda data: data["changes"][0].update(force=True), "$.changes[0]: has unknown keys: force"),
        (lambda data: data["changes"][0].pop("risk"), "$.changes[0]: lacks risk"),
        (lambda data: data["changes"][0]["fields"][0].pop("from"), "$.changes[0].fields[0]: lacks from"),
        (
            lambda data: data["changes"][0].update(address="ana@acme.com"),
            '$.changes[0].address: is "ana@acme.com", which does not have the form ^[a-z_]+:.+',
        ),
        (lambda data: data["digests"].update(changes="A" * 64), "$.digests.changes: is "),
        (lambda data: data.update(requests="many"), '$.requests: is "many", which is not allowed there'),
        (lambda data: data.update(requests=-1), "$.requests: is -1, which is not allowed there"),
        (lambda data: data.update({"\x1b[2J": 1}), "has unknown keys: \\x1b[2J"),
        (lambda data: data["identities"].update(nobody="user_1"), '$.identities: is "nobody", which does not '),
    ],
)
def test_what_the_schema_does_not_allow_is_refused(
    edit: Callable[[dict[str, Any]], object], message: str, path: Path
) -> None:
    assert message in refusal(path, edited(edit))


def test_every_problem_is_named_with_a_hint(path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["changes"][0]["action"] = "destroy"
        data["changes"][1]["risk"] = "R9"

    text = refusal(path, edited(edit))
    assert "$.changes[0].action" in text
    assert "$.changes[1].risk" in text
    assert "hint: run `orgsync plan` again" in text


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: data["changes"].pop(),
        lambda data: data["changes"].reverse(),
        lambda data: data["changes"][0]["fields"][0].update(to="other"),
        lambda data: data["changes"][1].update(id="wrkspc_01Other"),
        lambda data: data["identities"].update({"workspace:production": "wrkspc_01Other"}),
        lambda data: data["digests"].update(changes="0" * 64),
    ],
)
def test_an_edited_plan_is_refused(edit: Callable[[dict[str, Any]], object], path: Path) -> None:
    assert "was edited: its digest does not match" in refusal(path, edited(edit))


@pytest.mark.parametrize("field", ["planned_at", "seen_at"])
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("yesterday", "does not have the form"),
        ("2026-11-22", "does not have the form"),
        ("2026-11-22T10:00:00", "does not have the form"),
        ("2026-11-22T10:00:00Z or so", "does not have the form"),
        ("2026-13-45T00:00:00Z", "is not a valid timestamp"),
        ("2026-11-22T25:00:00Z", "is not a valid timestamp"),
        ("0000-01-01T00:00:00Z", "is not a valid timestamp"),
        ("2026-11-22T10:00:00Z\n", "is not a valid timestamp"),
    ],
)
def test_what_is_no_moment_is_refused_though_the_digest_is_right(
    field: str, text: str, problem: str, path: Path
) -> None:
    changed: dict[str, Any] = {field: text}
    message = refusal(path, json_text.render(sealed(replace(plans.settled(), **changed))))
    assert f"$.{field}: is {json.dumps(text)}, which {problem}" in message
    assert message.count("$.") == 1


def test_what_is_no_text_is_refused_though_its_digest_is_right(path: Path) -> None:
    plan = sealed(replace(plans.settled(), organization=Organization("1", "Acme \ud800")))
    message = refusal(path, json.dumps(plan_adapter().dump_python(plan, mode="json", by_alias=True)))
    assert "it contains an unpaired surrogate, in " in message
    assert "it contains an unpaired surrogate, in " in refusal(path, json_text.render(plans.hostile()))


def test_a_file_too_large_for_a_plan_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_file, "LIMIT", 1024 * 1024)
    path.write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        plan_file.read(path)
