"""`orgsync snapshot` and `plan --snapshot` as a person, or a pull-request job, meets them."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from acme import HEAD

from cli.support import EXAMPLE, LIVE, NOW, ROOT, environment, files
from orgsync.errors import EXIT_INPUT, EXIT_OK, EXIT_REFUSED, EXIT_STALE

if TYPE_CHECKING:
    from conftest import Golden

    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Ended, Sandbox

KEY = "k" * 32
LATER = "2026-11-22T13:00:00Z"
PEOPLE = "members: {ceo@acme.example: admin, ana@acme.example: developer}\n"
USERS = [
    {"email": "ceo@acme.example", "role": "admin"},
    {"email": "ana@acme.example", "role": "user"},
    {"email": "raj@acme.example", "role": "user"},
]


@pytest.fixture
def acme(sandbox: MakeSandbox, tmp_path: Path) -> Sandbox:
    files(tmp_path, PEOPLE)
    return sandbox(users=USERS)


def take(orgsync: Orgsync, *more: str) -> Ended:
    return orgsync("snapshot", "--out", "live.json", "--sandbox", "acme.db", "--now", NOW, *more)


def plan(orgsync: Orgsync, *more: str) -> Ended:
    return orgsync("plan", "--snapshot", "live.json", "--now", LATER, *more)


def test_a_snapshot_is_written_and_planned_from(acme: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    ended = take(orgsync)
    assert (ended.code, ended.out) == (EXIT_OK, "")
    assert ended.err.endswith(f"rows of 12 lists, from {len(acme.received()) - 2} requests\n")  # two were refusals
    assert stat.S_IMODE((tmp_path / "live.json").stat().st_mode) == 0o600
    before = acme.received()
    planned = plan(orgsync)
    assert planned.code == EXIT_OK
    assert planned.out.splitlines()[1] == f"Planned at {LATER} from a snapshot taken 3 hours ago."
    assert 'role: "user" -> "developer"' in planned.out
    assert acme.received() == before


@pytest.mark.parametrize(
    ("taken_at", "told"),
    [
        (LATER, "less than a minute"),
        ("2026-11-22T12:58:01Z", "1 minute"),
        ("2026-11-22T12:00:00Z", "1 hour"),
        ("2026-11-21T13:00:00Z", "24 hours"),
    ],
)
def test_the_plan_says_how_old_the_snapshot_is(
    taken_at: str,
    told: str,
    acme: Sandbox,
    orgsync: Orgsync,
) -> None:
    assert acme.received() == []
    orgsync("snapshot", "--out", "live.json", "--sandbox", "acme.db", "--now", taken_at)
    assert f"from a snapshot taken {told} ago." in plan(orgsync).out


WATCH = """
import sys

def hook(event, arguments):
    if event == "socket.__new__" and arguments[1] not in (1, -1):  # AF_UNIX: what asyncio wakes itself up with
        raise SystemExit(f"opened a socket: {arguments}")
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind"):
        raise SystemExit(f"reached for the network: {event}")

sys.addaudithook(hook)
from orgsync.cli import exit_code
code = exit_code(sys.argv[1:])
print(sorted({"httpx", "starlette"} & set(sys.modules)), file=sys.stderr)
sys.exit(code)
"""


def watched(*arguments: str, cwd: Path) -> Ended:
    """A program of its own, without any credential, that ends where it opens a socket."""
    from cli.support import Ended

    env = environment(PYTHONPATH=str(ROOT), COLUMNS="80")
    assert not [name for name in env if name.startswith("ANTHROPIC_")]
    ended = subprocess.run(
        [sys.executable, "-c", WATCH, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=60
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def test_planning_from_a_snapshot_opens_no_socket_and_needs_no_credential(
    acme: Sandbox,
    orgsync: Orgsync,
    tmp_path: Path,
) -> None:
    take(orgsync)
    assert acme.received()
    ended = watched("plan", "--snapshot", "live.json", "--now", LATER, "--out", "plan.json", cwd=tmp_path)
    assert ended.code == EXIT_OK, ended.said
    assert "Plan: 1 to update." in ended.out
    assert ended.err.splitlines()[-1] == "[]"


def test_the_watch_on_sockets_would_notice_one(tmp_path: Path) -> None:
    files(tmp_path, PEOPLE)
    code = WATCH.replace("exit_code(sys.argv[1:])", "__import__('socket').socket() and 0")
    ended = subprocess.run([sys.executable, "-c", code], env=environment(PYTHONPATH=str(ROOT)), capture_output=True)
    assert b"opened a socket" in ended.stderr


def test_a_saved_plan_is_as_old_as_its_snapshot(acme: Sandbox, orgsync: Orgsync) -> None:
    take(orgsync)
    assert plan(orgsync, "--out", "plan.json").code == EXIT_OK
    saved = ("apply", "plan.json", "--yes", "--sandbox", "acme.db", "--now", LATER, "--valid-for")
    late = orgsync(*saved, "2h")
    assert late.code == EXIT_STALE
    assert "more than 2h ago" in late.err
    assert acme.writes() == []
    assert orgsync(*saved, "4h").code == EXIT_OK
    assert len(acme.writes()) == 1


@pytest.mark.parametrize(
    ("now", "more", "message"),
    [
        ("2026-11-23T10:00:01Z", (), "was taken at 2026-11-22T10:00:00Z, more than 1d ago; nothing was planned"),
        ("2026-11-22T12:00:01Z", ("--max-snapshot-age", "2h"), "more than 2h ago; nothing was planned"),
        ("2026-11-22T09:58:59Z", (), "which is in the future (now: 2026-11-22T09:58:59Z); nothing was planned"),
    ],
)
def test_a_snapshot_that_is_too_old_or_of_the_future_is_refused(
    now: str,
    more: tuple[str, ...],
    message: str,
    acme: Sandbox,
    orgsync: Orgsync,
) -> None:
    take(orgsync)
    assert acme.received()
    ended = orgsync("plan", "--snapshot", "live.json", "--now", now, *more)
    assert (ended.code, ended.out) == (EXIT_STALE, "")
    assert message in ended.err
    assert "orgsync snapshot --out FILE" in ended.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--snapshot", "live.json", "--sandbox", "acme.db"), "--snapshot and --sandbox exclude each other"),
        (("--verify-with", "public.pem"), "hint: add --snapshot FILE"),
        (
            ("--snapshot", "live.json", "--max-snapshot-age", "soon"),
            '--max-snapshot-age: "soon" is not a valid duration',
        ),
        (("--snapshot", "gone.json"), "gone.json: the snapshot could not be read: No such file"),
        (("--snapshot", "org.yaml"), "is not JSON"),
        (("--snapshot", "live.json", "--verify-with", "public.pem"), "public.pem: the key could not be read"),
    ],
)
def test_what_cannot_be_is_said(
    arguments: tuple[str, ...],
    message: str,
    acme: Sandbox,
    orgsync: Orgsync,
) -> None:
    take(orgsync)
    assert acme.received()
    ended = orgsync("plan", "--now", LATER, *arguments)
    assert ended.code == EXIT_INPUT
    assert message in ended.err


def test_a_snapshot_of_another_organization_is_refused(
    acme: Sandbox,
    orgsync: Orgsync,
    tmp_path: Path,
) -> None:
    take(orgsync)
    assert acme.received()
    (tmp_path / "org.yaml").write_text(HEAD.replace("Acme Robotics", "Other") + PEOPLE)
    assert 'the files are for the organization "Other"' in plan(orgsync).err
    assert 'the files are for the organization "Other"' in take(orgsync).err


def test_files_are_optional_unless_they_are_named(acme: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    path = tmp_path / "org.yaml"
    path.unlink()
    assert take(orgsync).code == EXIT_OK
    assert acme.received()
    assert take(orgsync, "elsewhere.yaml").code == EXIT_INPUT
    path.write_text("version: 1\nnonsense: true\n")
    assert 'unknown key "nonsense"' in take(orgsync).err


def test_reports_are_read_for_the_files_that_need_them(acme: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    files(tmp_path, PEOPLE + "key_policies: {idle: {unused_for: 30d}}\n")
    take(orgsync)
    assert "GET /v1/organizations/usage_report/messages" in acme.received()
    (tmp_path / "org.yaml").write_text(HEAD + PEOPLE + "key_policies: {idle: {unused_for: 60d}}\n")
    ended = plan(orgsync)
    assert ended.code == EXIT_OK
    assert "does not cover /v1/organizations/usage_report/messages for as long as the files require" in ended.err


# E-mails


def test_with_hashed_emails_only_those_who_are_declared_are_named(
    acme: Sandbox,
    orgsync: Orgsync,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files(tmp_path, "manage: {members: authoritative}\nguards: {max_removals: {percent: 99}}\n" + PEOPLE)
    monkeypatch.setenv("ORGSYNC_EMAIL_KEY", KEY)
    assert take(orgsync, "--hash-emails").code == EXIT_OK
    assert acme.received()
    assert "@acme.example" not in (tmp_path / "live.json").read_text()
    ended = plan(orgsync)
    assert ended.code == EXIT_OK
    assert "member:ana@acme.example will be updated" in ended.out
    assert "@hashed.invalid will be removed" in ended.out
    assert "raj@" not in ended.out


def test_a_plan_that_names_people_by_hashes_is_for_reading_only(
    acme: Sandbox, orgsync: Orgsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protected person would lose access: no guard knows who is behind the hash."""
    head = "manage: {members: authoritative}\n"
    files(tmp_path, head + 'guards: {protect: ["member:r*@acme.example"], max_removals: {percent: 99}}\n' + PEOPLE)
    monkeypatch.setenv("ORGSYNC_EMAIL_KEY", KEY)
    take(orgsync, "--hash-emails")
    shown = plan(orgsync, "--out", "plan.json")
    assert "@hashed.invalid will be removed" in shown.out
    assert "Next:" not in shown.out
    for command in (("apply", "--yes"), ("rehearse",)):
        ended = orgsync(*command, "plan.json", "--sandbox", "acme.db", "--now", LATER)
        assert (ended.code, ended.out) == (EXIT_INPUT, "")
        assert "the plan contains hashed e-mail addresses: member:h-" in ended.err
    assert acme.writes() == []


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "hashed e-mail addresses require ORGSYNC_EMAIL_KEY, which is not set"),
        ("K" * 32, "ORGSYNC_EMAIL_KEY is not the key of the hashed e-mail addresses in live.json; nothing was"),
        ("k" * 31, "ORGSYNC_EMAIL_KEY has 31 characters, and at least 32 are needed"),
    ],
)
def test_without_the_right_key_nothing_is_planned(
    key: str,
    message: str,
    acme: Sandbox,
    orgsync: Orgsync,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ORGSYNC_EMAIL_KEY", KEY)
    take(orgsync, "--hash-emails")
    before = acme.received()
    monkeypatch.setenv("ORGSYNC_EMAIL_KEY", key)
    ended = plan(orgsync)
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert message in ended.err
    if key != "K" * 32:  # before anything is read
        assert message in take(orgsync, "--hash-emails").err
        assert acme.received() == before


def test_globs_that_may_mean_hashed_people_are_pointed_out(
    acme: Sandbox,
    orgsync: Orgsync,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files(tmp_path, PEOPLE + 'guards: {protect: ["member:*@acme.example", "workspace:*", "member:ceo@acme.example"]}\n')
    monkeypatch.setenv("ORGSYNC_EMAIL_KEY", KEY)
    take(orgsync, "--hash-emails")
    assert acme.received()
    said = plan(orgsync).err
    assert "Hashed e-mail addresses cannot be matched with guards.protect: member:*@acme.example." in said


# Signatures


@pytest.fixture
def keys(tmp_path: Path) -> tuple[str, str]:
    """Two pairs of files, `a.pem` and `b.pem` with their `.pub`; made as the documentation says."""
    for name in ("a", "b"):
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", f"{name}.pem"], cwd=tmp_path, check=True)
        subprocess.run(["openssl", "pkey", "-in", f"{name}.pem", "-pubout", "-out", f"{name}.pub"], cwd=tmp_path)
    return "a", "b"


def test_a_signed_snapshot_is_taken_and_anything_else_refused(
    acme: Sandbox,
    orgsync: Orgsync,
    keys: tuple[str, str],
    tmp_path: Path,
) -> None:
    right, wrong = keys
    assert "signed by SHA256:" in take(orgsync, "--sign-with", f"{right}.pem").err
    assert plan(orgsync, "--verify-with", f"{right}.pub").code == EXIT_OK
    assert plan(orgsync).code == EXIT_OK
    ended = plan(orgsync, "--verify-with", f"{wrong}.pub")
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert "is signed by another key (SHA256:" in ended.err
    path = tmp_path / "live.json"
    path.write_text(path.read_text().replace("raj@acme.example", "eve@acme.example"))
    assert "was edited: its digest does not match" in plan(orgsync, "--verify-with", f"{right}.pub").err
    take(orgsync)
    assert "is not signed" in plan(orgsync, "--verify-with", f"{right}.pub").err
    assert acme.writes() == []


def test_the_signing_key_may_come_from_the_environment(
    acme: Sandbox,
    orgsync: Orgsync,
    keys: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ORGSYNC_SNAPSHOT_SIGNING_KEY", (tmp_path / f"{keys[0]}.pem").read_text())
    ended = take(orgsync)
    assert "signed by SHA256:" in ended.err
    assert "PRIVATE" not in ended.said + (tmp_path / "live.json").read_text()
    assert plan(orgsync, "--verify-with", f"{keys[0]}.pub").code == EXIT_OK
    before = acme.received()
    monkeypatch.setenv("ORGSYNC_SNAPSHOT_SIGNING_KEY", "nonsense")
    assert "ORGSYNC_SNAPSHOT_SIGNING_KEY does not contain a private key in PEM format" in take(orgsync).err
    assert acme.received() == before


def test_the_example_is_planned_from_a_snapshot_as_from_live(
    orgsync: Orgsync,
    golden: Golden,
    tmp_path: Path,
) -> None:
    orgsync("sandbox", "init", "acme.db", "--seed", LIVE, "--now", NOW)
    shown = tmp_path / "org.yaml"
    shown.write_bytes(EXAMPLE.read_bytes())
    said = take(orgsync).err
    ended = plan(orgsync)
    assert ended.code == EXIT_REFUSED
    live = orgsync("plan", "--sandbox", "acme.db", "--now", LATER).out
    since = [re.sub(r"as of [-0-9]+ [:0-9]+ UTC", "as of then", text).splitlines() for text in (ended.out, live)]
    assert since[0][2:-1] == since[1][2:-1]
    golden(Path(__file__).parent / "golden" / "snapshot.txt", said + "\n".join(ended.out.splitlines()[:8]) + "\n")


def test_a_plan_of_a_snapshot_is_the_same_json_apart_from_where_it_comes_from(
    acme: Sandbox,
    orgsync: Orgsync,
) -> None:
    take(orgsync)
    assert acme.received()
    first = json.loads(orgsync("plan", "--snapshot", "live.json", "--now", NOW, "--format", "json").out)
    live = json.loads(orgsync("plan", "--sandbox", "acme.db", "--now", NOW, "--format", "json").out)
    assert first["digests"]["changes"] == live["digests"]["changes"]
    different = {key for key in live if first[key] != live[key]}
    assert different == {"seen_at", "requests", "digests"}
