"""`plan --base` as a person meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from core.review.support import WHO, Repository

from cli.support import CEO, NOW, files, parsed
from orgsync.errors import EXIT_OK

if TYPE_CHECKING:
    from conftest import Golden

    from cli.conftest import MakeSandbox, Orgsync

GOLDEN = Path(__file__).parent / "golden" / "base"
HERE = ["org.yaml", "--sandbox", "acme.db", "--now", NOW]

BEFORE = """\
manage: {members: authoritative}
guards:
  max_removals: {percent: 20}
  protect: ["member:ana@acme.example"]
members:
  ceo@acme.example: admin
  ana@acme.example: user
  raj@acme.example: developer
  kim@acme.example: {role: user, until: 2026-11-01}
workspaces:
  production: {color: "#6C5BB9"}
key_policies:
  naming: {match: {workspaces: [production]}, name: "^[a-z-]+$", then: deactivate}
"""
AFTER = (
    BEFORE.replace("percent: 20", "percent: 100")
    .replace('protect: ["member:ana@acme.example"]', "min_admins: 1")
    .replace("ana@acme.example: user", "ana@acme.example: developer\n  boss@acme.example: admin")
    .replace('color: "#6C5BB9"', 'color: "#6C5BB9", tags: {env: prod}')
)
PEOPLE = [
    CEO,
    *({"email": f"{name}@acme.example", "role": "user"} for name in ("ana", "raj", "kim", "rogue", "lee", "mia")),
]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: MakeSandbox) -> Repository:
    """A repository around the folder that commands run in, and a sandbox that differs from its file."""
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)
    sandbox(
        users=PEOPLE,
        workspaces=[{"name": "production", "display_color": "#111111"}, {"name": "hackathon"}],
        api_keys=[{"name": "Old Key", "workspace": "production"}],
    )
    made = Repository(tmp_path)
    made.write(".gitignore", "# not ours\n*.db*\n")
    made.commit("org.yaml", BEFORE)
    return made


def test_a_pull_request_is_told_from_drift(repository: Repository, orgsync: Orgsync, golden: Golden) -> None:
    repository.write("org.yaml", AFTER)
    ended = orgsync("plan", *HERE, "--base", "main")
    golden(GOLDEN / "pull-request.txt", ended.out)
    assert ended.code == 3
    assert max(len(line) for line in ended.out.splitlines()) <= 80


def test_a_file_that_did_not_change_asks_for_nothing(repository: Repository, orgsync: Orgsync) -> None:
    repository.commit("org.yaml", BEFORE.replace("percent: 20", "percent: 100"))
    ended = orgsync("plan", *HERE, "--base", "main")
    assert "Cause: 0 config, 5 drift, 1 policy, 1 expiry." in ended.out
    assert "Privileged" not in ended.out
    assert ended.out.endswith("Next: orgsync apply org.yaml --base main --sandbox acme.db\n")


def test_a_base_is_a_commit_or_a_file_or_a_folder(repository: Repository, orgsync: Orgsync) -> None:
    """All of them tell the same."""
    repository.write("old.yaml", BEFORE)
    repository.write("old/org.yaml", BEFORE)
    repository.write("org.yaml", AFTER)
    plans = {}
    for base in ("main", "HEAD", "ref:main", "old.yaml", "path:old.yaml", "old", "path:old"):
        made = json.loads(orgsync("plan", *HERE, "--format", "json", "--base", base).out)
        assert made["base"] == base
        plans[base] = [(change["address"], change["cause"]) for change in made["changes"]]
        assert {code["code"] for code in made["findings"]} >= {"privileged_change"}
    assert len({tuple(plan) for plan in plans.values()}) == 1


def test_a_name_that_could_be_both_is_not_guessed(repository: Repository, orgsync: Orgsync) -> None:
    repository.write("main", BEFORE)
    ended = orgsync("plan", *HERE, "--base", "main")
    assert ended.code == 1
    assert '"main" is ambiguous: both a file or folder and a commit have this name' in ended.err
    assert "hint: use one of: path:main or ref:main" in ended.err
    assert orgsync("plan", *HERE, "--base", "ref:main").code == 3
    assert orgsync("plan", *HERE, "--base", "path:main").code == 3


def test_wrong_files_at_the_base_leave_the_plan_whole(repository: Repository, orgsync: Orgsync) -> None:
    repository.commit("org.yaml", "members: {ana@acme.example: boss}\n")
    repository.write("org.yaml", BEFORE)
    plan = json.loads(orgsync("plan", *HERE, "--base", "main", "--format", "json").out)
    assert {change["cause"] for change in plan["changes"]} == {"unknown", "expiry", "policy"}
    [note] = [note for note in plan["findings"] if note["code"] == "base_unusable"]
    assert "main:org.yaml:3:11: member:ana@acme.example" in note["message"]
    assert "orgsync will make" in (text := orgsync("plan", *HERE, "--base", "main").out) or "Planned" in text
    assert "This change of the files" not in text


def test_a_file_that_is_new_is_all_of_this_change(repository: Repository, orgsync: Orgsync) -> None:
    repository.git("rm", "--quiet", "--cached", "org.yaml")
    repository.git("commit", "--quiet", "--message", "nothing")
    ended = orgsync("plan", *HERE, "--base", "main", "--first", "--format", "json")
    plan = json.loads(ended.out)
    assert {change["cause"] for change in plan["changes"]} == {"config", "expiry", "policy"}
    assert "base_missing" in {note["code"] for note in plan["findings"]}


@pytest.mark.parametrize(
    ("base", "message", "hint"),
    [
        ("nope", 'has no commit "nope"', "fetch it, or use"),
        ("path:nope.yaml", "there is no file or folder nope.yaml", "use the path of the earlier files"),
        ("ref:--output=x", "is not the name of a commit", "name a branch"),
    ],
)
def test_a_base_that_is_not_there_is_an_error(
    repository: Repository, orgsync: Orgsync, base: str, message: str, hint: str
) -> None:
    del repository
    ended = orgsync("plan", *HERE, "--base", base)
    assert (ended.code, ended.out) == (1, "")
    assert message in ended.err
    assert hint in ended.err


def test_apply_holds_the_files_against_the_guards_of_the_base(repository: Repository, orgsync: Orgsync) -> None:
    repository.commit("org.yaml", AFTER)
    here = ["apply", *HERE, "--yes"]
    ended = orgsync(*here, "--base", "HEAD^1")
    assert ended.code == 3
    assert "base_guards: refused by the guards of the base: max_removals" in ended.err
    assert orgsync("plan", *HERE, "--out", "plan.json").code == 0
    ended = orgsync("apply", "plan.json", *HERE[1:], "--yes", "--base", "HEAD^1")
    assert (ended.code, ended.err.splitlines()[0][:30]) == (1, "Error: --base cannot be combin")
    assert orgsync(*here, "--base", "HEAD").code == 0


def test_a_saved_comparison_shows_the_same_and_is_checked(repository: Repository, orgsync: Orgsync) -> None:
    """`base_guards` is judged again by whoever applies the plan."""
    repository.write("org.yaml", AFTER)
    shown = orgsync("plan", *HERE, "--base", "main", "--out", "plan.json").out
    assert orgsync("show", "plan.json").out == shown
    ended = orgsync("apply", "plan.json", *HERE[1:], "--yes")
    assert ended.code == 3
    assert "base_guards" in ended.err


def test_what_the_guards_of_the_base_refuse_to_end_holds_up_nothing_else(
    tmp_path: Path, orgsync: Orgsync, sandbox: MakeSandbox
) -> None:
    """A change that raises the limit does not end more in the same go than the base allows."""
    people = [f"p{number}@acme.example" for number in range(3)]
    lines = "".join(f"  {email}: {{role: user, until: 2026-11-21}}\n" for email in people)
    text = (
        f"manage: {{members: authoritative}}\nmembers:\n  ceo@acme.example: admin\n{lines}workspaces: {{new: {{}}}}\n"
    )
    live = sandbox(users=[CEO, *({"email": email, "role": "user"} for email in people)])
    files(tmp_path, f"guards: {{max_removals: {{count: 2}}}}\n{text}").rename(tmp_path / "earlier.yaml")
    files(tmp_path, f"guards: {{max_removals: {{count: 3}}}}\n{text}")
    arguments = ("--sandbox", live.path, "--now", "2026-11-22T10:00:00Z", "--base", "earlier.yaml", "--format", "json")
    ended = orgsync("plan", *arguments)
    assert ended.code == EXIT_OK
    plan = parsed(ended.out)
    assert [change["address"] for change in plan["changes"]] == ["workspace:new"]
    kept = [note for note in plan["findings"] if note["code"] == "expiry_kept"]
    assert [note["address"] for note in kept] == [f"member:{email}" for email in people]
    assert "(base_guards: refused by the guards of the base: max_removals: " in kept[0]["message"]
