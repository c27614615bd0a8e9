"""`orgsync why` as a person at a terminal meets it."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from cli.support import CEO, NOW, environment, files
from orgsync.errors import EXIT_INPUT, EXIT_OK

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Ended, Sandbox

HERE = ("--sandbox", "acme.db", "--now", NOW, "--quiet")
SECRET = "sk-ant-api03-" + "R2Dq_8x-" * 11 + "igAA"  # made up for the tests
FILES = """\
manage: {members: authoritative}
teams: {platform: [ana@acme.example]}
members: {ceo@acme.example: admin, team:platform: developer, kim@acme.example: user}
workspaces:
  lab:
    members: {team:platform: developer}
    api_keys: {ci: inactive}
"""


@pytest.fixture
def acme(sandbox: MakeSandbox, tmp_path: Path) -> Sandbox:
    files(tmp_path, FILES)
    people = [CEO, *({"email": f"{name}@acme.example", "role": "developer"} for name in ("ana", "raj"))]
    return sandbox(
        users=people,
        invites=[{"email": "kim@acme.example", "role": "user", "status": "pending", "invited_at": NOW}],
        workspaces=[{"name": "lab"}, {"name": "twin", "id": "wrkspc_01A"}, {"name": "twin", "id": "wrkspc_01B"}],
        workspace_members=[{"workspace": "lab", "email": "ana@acme.example", "workspace_role": "workspace_developer"}],
        api_keys=[
            {"name": "ci", "workspace": "lab", "id": "apikey_01Ci", "partial_key_hint": "sk-ant-api03-R2D...igAA"},
            {"name": "etl", "workspace": "lab", "id": "apikey_01Etl", "partial_key_hint": "sk-ant-api03-Abc...g2iY"},
            {"name": "bot", "workspace": "lab", "id": "apikey_01Bot", "partial_key_hint": "sk-ant-api03-Xyz...g2iY"},
        ],
    )


def why(orgsync: Orgsync, *words: str) -> Ended:
    return orgsync("why", *words, *HERE)


FEED = "/v1/compliance/activities"
LISTS = {
    "ana@acme.example": ["me", "users", "invites"],
    "raj@acme.example lab": ["me", "users", "invites", "workspaces", "workspaces/*/members", FEED],
    "raj@acme.example lab --no-feed": ["me", "users", "invites", "workspaces", "workspaces/*/members"],
    "apikey_01Ci": ["me", "users", "invites", "workspaces", "api_keys"],
    "igAA": ["me", "users", "invites", "workspaces", "api_keys"],
    "limit lab": [
        *("me", "workspaces", "rate_limits", "spend_limits", "spend_limits/spl_orgsync", "cost_report"),
        "workspaces/*/rate_limits",
    ],
}


@pytest.mark.parametrize("words", LISTS)
def test_it_reads_what_the_question_needs_and_nothing_else(words: str, acme: Sandbox, orgsync: Orgsync) -> None:
    before = len(acme.received())
    ended = why(orgsync, *words.split())
    assert (ended.code, ended.err) == (EXIT_OK, "")
    lab = acme.id_of("workspaces", "name", "lab")
    sent = acme.received()[before:]
    paths = (path if path == FEED else f"/v1/organizations/{path.replace('*', lab)}" for path in LISTS[words])
    assert sorted(sent) == sorted(f"GET {path}" for path in paths)


@pytest.mark.parametrize("extra", [(), ("--files",), ("lab",), ("a", "b"), ("--format", "json")], ids=str)
@pytest.mark.parametrize("text", [SECRET, f"Bearer {SECRET}", SECRET[:40], SECRET.removeprefix("sk-ant-api03-")])
def test_a_secret_is_refused_and_never_repeated(
    text: str, extra: tuple[str, ...], acme: Sandbox, orgsync: Orgsync
) -> None:
    before = acme.received()
    ended = why(orgsync, text, *extra)
    assert ended.code == EXIT_INPUT
    assert "secret" in ended.err
    assert not any(part in ended.said for part in ("R2Dq", "igAA", text))
    assert acme.received() == before


def test_a_secret_in_place_of_the_command_is_not_repeated_either(orgsync: Orgsync) -> None:
    ended = orgsync(SECRET, "--sandbox", "acme.db")
    assert ended.code == EXIT_INPUT
    assert "looks like a secret" in ended.err
    assert not any(part in ended.said for part in ("R2Dq", "igAA"))


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("g2iY", "2 keys go by the hint ...g2iY: api_key:lab/bot (apikey_01Bot); api_key:lab/etl (apikey_01Etl)", "id"),
        ("limit twin", '2 workspaces are named "twin": wrkspc_01A, wrkspc_01B', "id"),
        ("limit lav", 'there is no workspace "lav"', "workspaces: Default, lab, twin"),
        ("zzzz", "no API key of the organization goes by the hint ...zzzz", "`orgsync keys`"),
        ("api_key:lab/etll", "no API key of the organization goes by api_key:lab/etll", '"api_key:lab/etl"?'),
        ("membr:ana@acme.example", '"membr" is not a kind', 'did you mean "member"?'),
        ("limit", "the workspace is missing", "`limit WORKSPACE`"),
        ("lab production", "a workspace goes with an e-mail address or with `limit`", "write an e-mail address"),
        ("", "expected one or two words, found 0", "write an e-mail address"),
    ],
    ids=str,
)
def test_what_nobody_can_tell_is_an_error(words: str, message: str, hint: str, acme: Sandbox, orgsync: Orgsync) -> None:
    ended = why(orgsync, *words.split())
    assert (ended.code, ended.out) == (EXIT_INPUT, "")
    assert message in ended.err
    assert hint in ended.err.partition("hint: ")[2]
    assert acme.writes() == []


def test_a_workspace_of_two_of_one_name_is_named_by_its_id(acme: Sandbox, orgsync: Orgsync) -> None:
    assert acme.writes() == []
    assert "twin exists and is not archived" in why(orgsync, "limit", "wrkspc_01B").out
    assert "cannot work in twin" in why(orgsync, "raj@acme.example", "wrkspc_01A").out


def test_the_journal_knows_when_and_by_whom(acme: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    orgsync("apply", "org.yaml", "--yes", "--actor", "ana", "--first-apply", *HERE)
    assert ("POST", True) in {(line.split()[0], "api_keys" in line) for line in acme.writes()}
    out = " ".join(why(orgsync, "api_key:lab/ci").out.split())
    assert out.startswith("api_key:lab/ci (…igAA) does not work: is inactive: set on 2")
    assert "by ana (plan " in out
    assert "(org.yaml:9)" in out
    assert "fix: write `active` in org.yaml:9, then run `orgsync apply`" in out
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "org.journal.jsonl").rename(tmp_path / "elsewhere" / "run-1.journal.jsonl")
    assert "by ana" not in why(orgsync, "igAA").out
    assert "by ana" in why(orgsync, "igAA", "--receipts", "elsewhere").out


def test_a_journal_that_was_edited_proves_nothing(acme: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    orgsync("apply", "org.yaml", "--yes", "--actor", "ana", "--first-apply", *HERE)
    assert acme.writes()
    path = tmp_path / "org.journal.jsonl"
    path.write_text(path.read_text().replace('"actor":"ana"', '"actor":"bob"'))
    out = why(orgsync, "igAA").out
    assert "! org.journal.jsonl was edited: what it records is not proven" in out


def test_the_commit_of_the_line_is_named(acme: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    def git(*words: str) -> None:
        who = {"GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "a@acme.example", "GIT_COMMITTER_DATE": NOW}
        who |= {"GIT_COMMITTER_NAME": "Ana", "GIT_COMMITTER_EMAIL": "a@acme.example", "GIT_AUTHOR_DATE": NOW}
        subprocess.run(["git", *words], cwd=tmp_path, env=environment(**who), check=True, capture_output=True)

    assert "of commit" not in why(orgsync, "api_key:lab/ci.status").out
    git("init", "--quiet")
    git("add", "org.yaml")
    assert "of commit" not in why(orgsync, "api_key:lab/ci.status").out
    git("commit", "--quiet", "--message", "Switch ci off\n\nIt is not used.")
    out = " ".join(why(orgsync, "api_key:lab/ci.status").out.split())
    assert re.search(r"! the line is of commit [0-9a-f]{7}, 2026-11-22, by Ana: Switch ci off \(org.yaml:9\)", out)
    assert acme.writes() == []


def test_who_did_it_in_the_console_is_named(sandbox: MakeSandbox, orgsync: Orgsync) -> None:
    acme = sandbox(
        users=[CEO],
        workspaces=[{"name": "lab"}],
        api_keys=[{"name": "ci", "workspace": "lab", "id": "apikey_01Ci"}],
        settings={"compliance": "on"},
    )
    acme.console("POST", "api_keys/apikey_01Ci", {"status": "inactive"})
    told = json.loads(why(orgsync, "apikey_01Ci", "--format", "json", "--mask-emails").out)
    assert told["answer"].endswith(" does not work: is inactive")
    assert (told["by"]["who"], told["by"]["certainty"], told["requests"]) == ("c…@acme.example", "certain", 6)
    said = f"x is inactive; status set by ceo@acme.example, {NOW[:10]} {NOW[11:16]} UTC (Activity Feed: certain)"
    assert said in " ".join(why(orgsync, "apikey_01Ci").out.split())
    assert "ceo@acme.example" not in why(orgsync, "apikey_01Ci", "--no-feed").said


def test_a_role_that_a_team_gives(acme: Sandbox, orgsync: Orgsync) -> None:
    out = " ".join(why(orgsync, "workspace_member:lab/ana@acme.example").out.split())
    assert "declare it (role: developer), for team:platform (org.yaml:8), of which they are part (org.yaml:4)" in out
    out = " ".join(why(orgsync, "raj@acme.example", "lab").out.split())
    assert "x has no role in it: neither in the organization nor in the files" in out
    assert "fix: add them to `teams.platform` (org.yaml:4), then run `orgsync apply`" in out
    assert acme.writes() == []


def test_it_answers_from_a_snapshot(acme: Sandbox, orgsync: Orgsync) -> None:
    orgsync("snapshot", "--out", "live.json", "--sandbox", "acme.db", "--now", NOW)
    before = acme.received()
    read = ("--snapshot", "live.json", "--now", NOW, "--quiet", "--no-feed")
    for words in ("kim@acme.example", "raj@acme.example lab", "apikey_01Ci", "limit lab", "member:ana@acme.example"):
        ended = orgsync("why", *words.split(), *read)
        assert ended.code == EXIT_OK, ended.err
        assert f"the snapshot as of {NOW}" in ended.out
        asked = orgsync("why", *words.split(), *HERE, "--no-feed").out.partition("the organization as of")[0]
        assert ended.out.partition("the snapshot as of")[0].replace("igAA", "") == asked.replace(" (…igAA)", "")
    ended = orgsync("why", "igAA", *read)
    assert (ended.code, "does not keep the hints of keys" in ended.err) == (EXIT_INPUT, True)
    assert acme.writes() == before[:0]


def test_people_who_are_named_are_found_in_a_snapshot_of_hashes(
    acme: Sandbox, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORGSYNC_EMAIL_KEY", "k" * 32)
    orgsync("snapshot", "--out", "live.json", "--sandbox", "acme.db", "--now", NOW, "--hash-emails")
    read = ("--snapshot", "live.json", "--now", NOW, "--quiet", "--live")
    assert "is a member of the organization (developer)" in orgsync("why", "raj@acme.example", *read).out
    assert "cannot work in lab" in orgsync("why", "raj@acme.example", "lab", *read).out
    assert "can work in lab" in orgsync("why", "workspace_member:lab/ana@acme.example", *read).out
    assert acme.writes() == []


def test_the_files_alone_answer_for_an_address(orgsync: Orgsync, tmp_path: Path) -> None:
    files(tmp_path, f"{FILES}key_policies: {{old: {{max_age: 90d, then: deactivate}}}}\n")
    ended = orgsync("why", "api_key:lab/ci.status", "--files")
    assert ended.code == EXIT_OK
    assert "= the files declare status: inactive (org.yaml:9)" in ended.out
    assert "! the key policy old covers it (max_age; then: deactivate) (org.yaml:10)" in ended.out
    assert "? what the organization has was not read" in ended.out
    for words in ("ana@acme.example", "ana@acme.example lab"):
        assert "for team:platform (org.yaml:" in orgsync("why", *words.split(), "--files").out
    for words in ("limit lab", "igAA"):
        ended = orgsync("why", *words.split(), "--files")
        assert (ended.code, "the files alone cannot answer that" in ended.err) == (EXIT_INPUT, True)


def test_without_files_an_address_is_what_it_names(acme: Sandbox, orgsync: Orgsync) -> None:
    assert acme.writes() == []
    assert "can work in lab" in why(orgsync, "workspace_member:lab/ana@acme.example", "--live").out
    assert "is a member of the organization" in why(orgsync, "member:ana@acme.example", "--live").out
    ended = why(orgsync, "workspace:lab", "--live")
    assert (ended.code, "there are none" in ended.err) == (EXIT_INPUT, True)


def test_programs_and_spreadsheets_get_the_same_chain(acme: Sandbox, orgsync: Orgsync) -> None:
    told = json.loads(why(orgsync, "kim@acme.example", "--format", "json").out)
    assert told["question"] == "why"
    assert (told["about"], told["holds"], told["first_failing"]) == ("member:kim@acme.example", False, "accepted")
    assert [step["check"] for step in told["steps"]] == ["holds", "holds", "holds", "fails"]
    lines = why(orgsync, "kim@acme.example", "--format", "csv").out.splitlines()
    assert lines[0] == "check,text,where"
    assert lines[4].startswith('fails,"the invite (role user) was not accepted yet')
    assert {line.partition(",")[0] for line in lines[5:]} == {"fix"}
    assert acme.writes() == []


def test_emails_are_masked(acme: Sandbox, orgsync: Orgsync) -> None:
    for words in ("kim@acme.example", "raj@acme.example lab", "workspace_member:lab/ana@acme.example", "igAA"):
        for form in ("text", "json", "csv", "markdown"):
            said = why(orgsync, *words.split(), "--mask-emails", "--format", form).said
            assert not any(f"{name}@" in said for name in ("kim", "raj", "ana", "ceo"))
    assert acme.writes() == []


@pytest.mark.parametrize("form", ["text", "csv", "json", "markdown"])
def test_hostile_names_are_inert(form: str, sandbox: MakeSandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    name = "=cmd|'x'!A1 \x1b[2J `@all` <b>"
    acme = sandbox(
        workspaces=[{"name": name}],
        users=[CEO, {"email": "=ana@acme.example", "role": "user"}],
        api_keys=[{"name": name, "workspace": name, "id": "apikey_01Bad"}],
    )
    files(tmp_path, "workspaces: {}\n")
    place = acme.id_of("workspaces", "name", name)
    for words in (("=ana@acme.example", place), ("limit", place), ("apikey_01Bad",), ("=ana@acme.example",)):
        ended = why(orgsync, *words, "--format", form)
        assert ended.code == EXIT_OK, ended.err
        assert "\x1b" not in ended.said
        if form == "markdown":
            assert "<b>" not in re.sub(r"`[^`]*`|``.*?``(?!`)", "", ended.out)
        if form == "csv":
            assert not re.search(r"""(^|,|")[=+@]""", ended.out, re.MULTILINE)
