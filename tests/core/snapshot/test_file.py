"""Snapshot files: what is written can be read, nothing else can, and no secret is in them."""

from __future__ import annotations

import json
import re
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from core.snapshot.support import HINTED, rich, taken
from orgsync.core.model.change import Organization
from orgsync.core.model.recording import Read, Refusal
from orgsync.core.snapshot.snapshot import FORMAT_VERSION, Emails, Snapshot, sealed, snapshot_data
from orgsync.errors import InputError, UsageError
from orgsync.files.state import snapshot_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SMALL = sealed(
    Snapshot(
        FORMAT_VERSION,
        Organization("3f1c", "Acme \x1b[2J 生产"),
        "2026-11-22T10:00:00Z",
        "0.1.0",
        Emails.PLAIN,
        None,
        (
            Read("/v1/organizations/me", {}, ({"id": "3f1c", "nested": {"list": [1, None, True, "ü"]}},)),
            Read("/v1/organizations/spend_limits", {"a": "b"}, (), Refusal(403, "no\nsuch thing")),
            Read("/v1/organizations/users", {}, ()),
        ),
    )
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "live.json"


@pytest.mark.parametrize("emails", [None, "0" * 20])
def test_what_is_written_can_be_read(emails: str | None, path: Path) -> None:
    snapshot = sealed(replace(SMALL, email_key_check=emails))
    snapshot_file.write(path, snapshot)
    assert snapshot_file.read(path) == snapshot
    assert json.loads(path.read_text(encoding="ascii")) == snapshot_data(snapshot)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_organization_gives_the_same_bytes_one_row_a_line() -> None:
    first, again = (snapshot_file.rendered(taken(rich(), "spend_limit: 5")) for _ in range(2))
    assert first == again
    assert "\n   {" in first
    assert max(first.count(f'"{email}"') for email in ("raj@acme.example", "mia@acme.example")) <= 2


def test_no_secret_and_nothing_that_no_kind_needs_is_kept() -> None:
    org = rich()
    answered = json.dumps(org.rows("api_keys"))
    assert HINTED["partial_key_hint"] in answered  # so that it could have come along
    text = snapshot_file.rendered(taken(org, "key_policies: {idle: {unused_for: 30d}}\nspend_limit: 5"))
    for secret in ("sk-ant", "api03", "partial_key_hint", "igAA", "sandbox", "x-api-key", "Bearer", "PRIVATE"):
        assert secret not in text
    assert not re.search(r"[A-Za-z0-9+_-]{41,}", re.sub(r'"digest": "[0-9a-f]{64}"', "", text))
    for name in ("Ana Ruiz", '"name": "Raj', "added_at", "created_by_email"):
        assert name not in text


def test_what_is_no_text_is_refused(path: Path) -> None:
    snapshot_file.write(path, sealed(replace(SMALL, organization=Organization("3f1c", "Acme \ud800"))))
    with pytest.raises(InputError, match="it contains an unpaired surrogate, in "):
        snapshot_file.read(path)


def refusal(path: Path, content: str | bytes) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        snapshot_file.read(path)
    return str(caught.value).replace(str(path), "live.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"live\.json:1:1: is not JSON: Expecting value"),
        (b"\xff\xfe", "cannot be read: .*codec can't decode"),
        ("{}", "is not a snapshot: it has no format_version"),
        ('{"format_version": 2}', r"has format_version 2; known: 1 \(orgsync 0\.1 and later\)"),
        ('{"format_version": 1, "format_version": 1}', 'the key "format_version" is written twice'),
        ('{"format_version": NaN}', "NaN is not a number JSON can hold"),
        ('{"format_version": ' + "[" * 100_000, "is nested too deeply"),
        ('{"format_version": 1}', "is not a snapshot: it has no taken_at"),
    ],
)
def test_what_is_not_a_snapshot_is_refused(content: str | bytes, message: str, path: Path) -> None:
    text = refusal(path, content)
    assert re.search(message, text)
    assert "orgsync" in text.split("hint:")[1]


def _resealed(data: dict[str, Any], **edits: Any) -> None:
    """As somebody would edit who knows how the digest is made."""
    from orgsync.core.snapshot.snapshot import digest_of

    data.update(edits)
    data["digest"] = digest_of(data)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda data: data["reads"][0].update(note="x"), "$.reads[0]: has unknown keys: note"),
        (lambda data: data["reads"][0].pop("rows"), "$.reads[0]: lacks rows"),
        (lambda data: data.update(emails="shown"), '$.emails: is "shown", expected one of: plain, hashed'),
        (lambda data: data["reads"][1]["refusal"].update(status=500), '"status": 500}, which is not allowed'),
        (lambda data: data["reads"][0].update(path="/v1/messages"), "does not have the form ^/v1/organizations/"),
        (lambda data: data.update(taken_at="yesterday"), '$.taken_at: is "yesterday", which does not have the form'),
        (
            lambda data: _resealed(data, taken_at="2026-02-30T10:00:00Z"),
            '$.taken_at: is "2026-02-30T10:00:00Z", which is not a valid timestamp',
        ),
        (lambda data: _resealed(data, taken_at="2026-11-22T10:00:00Z\n"), "which is not a valid timestamp"),
        (lambda data: data["reads"].pop(), "was edited: its digest does not match"),
        (lambda data: data["reads"].reverse(), "was edited: its digest does not match"),
        (lambda data: data["reads"][0]["rows"].append({}), "was edited: its digest does not match"),
        (lambda data: data.update(taken_at="2026-11-22T11:00:00Z"), "was edited: its digest does not match"),
        (lambda data: data["organization"].update(id="other"), "was edited: its digest does not match"),
    ],
)
def test_an_edited_snapshot_is_refused(edit: Callable[[dict[str, Any]], object], message: str, path: Path) -> None:
    data = json.loads(snapshot_file.rendered(SMALL))
    edit(data)
    assert message in refusal(path, json.dumps(data))


def test_a_file_too_large_for_a_snapshot_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_file, "LIMIT", 1024 * 1024)
    path.write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(UsageError, match="larger than 1 MiB, too large for a snapshot"):
        snapshot_file.read(path)
