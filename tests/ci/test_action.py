"""The steps of action.yml are executed as a runner would; an `orgsync` of the test writes down how it was called."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from github_api import REPOSITORY

from ci.actions_api import MAIN, ActionsApi
from ci.runner import ACTION, Machine, Step

RECORDER = f"""#!{sys.executable}
import json, os, sys
from pathlib import Path

here = Path(__file__).parent
called = {{"words": sys.argv[1:], "variables": dict(os.environ), "folder": os.getcwd()}}
with (here / "calls").open("a") as file:
    file.write(json.dumps(called) + "\\n")
print("::warning::said by orgsync")
sys.exit(int((here / "code").read_text()))
"""
STOPPED = f"""#!{sys.executable}
import os, signal, sys, time
from pathlib import Path

def stop(*_):
    print("stopping in good order")
    sys.exit(130)

signal.signal(signal.SIGTERM, stop)
entry = Path(os.environ["RUNNER_TEMP"], "_entry").read_text()
os.kill(int(entry), signal.Signals[Path(__file__).with_name("signal").read_text()])
time.sleep(20)
"""
SECRET = "sk-ant-admin01-of-a-test"
SECRETS = re.findall(
    r"[A-Z_]+_(?:KEY|URLS|TOKEN)\b", (Path(__file__).parents[2] / "action.yml").read_text().split("inputs:")[0]
)


class Bench:
    """A machine whose `orgsync` only writes down how it was called."""

    def __init__(self, folder: Path, github: ActionsApi, event: str = "push", **more: str) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        (self.bin / "orgsync").write_text(RECORDER)
        (self.bin / "orgsync").chmod(0o755)
        (self.bin / "code").write_text("0")
        event_data = {"repository": {"default_branch": MAIN}, "pull_request": {"number": 7}}
        self.token = github.token({"contents": "read", "actions": "read", "pull-requests": "read"})
        context = {"event_name": event, "event": event_data, "sha": "c" * 40, "repository": REPOSITORY}
        self.machine = Machine(
            folder,
            {**context, "token": self.token, "actor": "ana"},
            {"GITHUB_API_URL": github.url, "GITHUB_REF_PROTECTED": "true", **more},
        )
        self.machine.path.insert(0, str(self.bin))
        self.out = self.machine.temp / "orgsync"

    def run(self, mode: str, **given: str) -> Step:
        """Names in capitals are the environment, the others are inputs."""
        env = {name: value for name, value in given.items() if name.isupper()}
        inputs = {name.replace("_", "-"): value for name, value in given.items() if not name.isupper()}
        return self.machine.action({"install": "false", "mode": mode, **inputs}, env)

    def calls(self) -> list[Any]:
        file = self.bin / "calls"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def words(self) -> list[str]:
        (call,) = self.calls()
        return [str(word).replace(str(self.out), "OUT") for word in call["words"]]


@pytest.fixture
def bench(tmp_path: Path, github: ActionsApi) -> Bench:
    return Bench(tmp_path, github)


CALLS: dict[str, tuple[dict[str, str], str]] = {
    "validate": ({}, "validate --format github -- org.yaml"),
    "plan": (
        {"snapshot": "live.json", "base": "HEAD^1", "path": "org"},
        "plan --format github --snapshot=live.json --max-snapshot-age=1d --out=OUT/plan.json --base=ref:HEAD^1 -- org",
    ),
    "comment": ({}, "github comment --pull-request=7 --comment-name=plan -- OUT/comment.md"),
    "apply": (
        {"ceiling": "plan.json", "ceiling_digest": "0f0f", "base": "main"},
        (
            "apply --ceiling=plan.json --valid-for=7d --yes --actor=ana --undo=OUT/undo.json"
            " --journal=OUT/journal.jsonl --base=ref:main --ceiling-digest=0f0f -- org.yaml"
        ),
    ),
    "drift": (
        {"fail_on": "new"},
        "drift --format markdown --out=OUT/report.json --fail-on=new -- org.yaml",
    ),
    "issue": (
        {"close": "true", "title": "Changed", "label": "x"},
        "github issue --marker=drift --title=Changed --body=OUT/drift.md --label=x --close",
    ),
    "snapshot": ({"hash_emails": "true"}, "snapshot --out=OUT/live.json --hash-emails -- org.yaml"),
}


@pytest.mark.parametrize("mode", CALLS)
def test_each_mode_is_one_command(mode: str, bench: Bench) -> None:
    given, words = CALLS[mode]
    ended = bench.run(mode, **given)
    assert (ended.code, bench.words()) == (0, words.split(" ")), ended.log
    assert (ended.outputs["exitcode"], ended.outputs["out"]) == ("0", str(bench.out))


@pytest.mark.parametrize("mode", ["plan", "apply"])
@pytest.mark.parametrize(
    ("base", "first", "given"), [("main", "true", True), ("main", "false", False), ("", "true", False)]
)
def test_first_is_said_of_a_base_only(mode: str, base: str, first: str, bench: Bench, *, given: bool) -> None:
    ended = bench.run(mode, **{**CALLS[mode][0], "base": base, "first": first})
    assert ended.code == 0, ended.log
    assert ("--first" in bench.words()) is given


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_cancelled_job_stops_an_apply_in_good_order(name: str, bench: Bench) -> None:
    """GitHub signals the first process of a step and no other, and kills all of them ten seconds later."""
    (bench.bin / "orgsync").write_text(STOPPED)
    (bench.bin / "signal").write_text(name)
    ended = bench.run("apply", ceiling="plan.json")
    assert (ended.code, ended.outputs["exitcode"]) == (130, "130"), ended.log
    assert "stopping in good order\n" in ended.log


@pytest.mark.parametrize("mode", CALLS)
def test_the_exit_code_is_passed_on(mode: str, bench: Bench) -> None:
    (bench.bin / "code").write_text("4")
    ended = bench.run(mode, **CALLS[mode][0])
    assert (ended.code, ended.outputs["exitcode"]) == (4, "4")


def test_a_difference_found_by_drift_is_an_answer_and_not_a_failure(bench: Bench) -> None:
    (bench.bin / "code").write_text("2")
    ended = bench.run("drift")
    assert (ended.code, ended.outputs["exitcode"]) == (0, "2")
    assert bench.machine.summary == "::warning::said by orgsync\n"


@pytest.mark.parametrize("mode", CALLS)
def test_only_what_writes_to_github_gets_its_token(mode: str, bench: Bench) -> None:
    bench.run(mode, **CALLS[mode][0])
    (call,) = bench.calls()
    holders = {name for name, value in call["variables"].items() if bench.token in value}
    assert holders == ({"GITHUB_TOKEN"} if mode in {"comment", "issue"} else set())


HOSTILE = ["$(touch pwned)", "`touch pwned`", '"; touch pwned; "', "a b\tc", "-x", "*", "${{ github.token }}", "a\nb"]


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        *(pytest.param("apply", text, marks=pytest.mark.story) for text in HOSTILE[1:]),
        *((mode, HOSTILE[0]) for mode in ("validate", "plan", "apply", "snapshot", "drift")),
    ],
)
def test_a_path_is_one_word_whatever_is_in_it(mode: str, text: str, bench: Bench) -> None:
    ended = bench.run(mode, **{**CALLS[mode][0], "path": text})
    assert ended.code == 0, ended.log
    assert bench.words()[-2:] == ["--", text]
    assert list(bench.machine.workspace.iterdir()) == []


def test_other_values_are_one_word_each_too(bench: Bench) -> None:
    assert bench.run("apply", **{**CALLS["apply"][0], "actor": "--yes $(id)"}).code == 0
    assert "--actor=--yes $(id)" in bench.words()


def test_a_base_that_looks_like_an_option_is_refused(bench: Bench) -> None:
    ended = bench.run("plan", base="--output=/etc/passwd", snapshot="live.json")
    assert (ended.code, bench.calls()) == (1, [])


def test_an_unknown_mode_is_refused(bench: Bench) -> None:
    ended = bench.run("../../evil")
    assert (ended.code, bench.calls()) == (1, [])
    assert "mode is not one of" in ended.log


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
@pytest.mark.parametrize("mode", ["apply", "drift", "snapshot"])
def test_what_needs_the_credential_does_not_run_for_a_pull_request(
    mode: str, event: str, tmp_path: Path, github: ActionsApi
) -> None:
    bench = Bench(tmp_path, github, event)
    ended = bench.run(mode, ANTHROPIC_ADMIN_KEY=SECRET, **CALLS[mode][0])
    assert (ended.code, bench.calls()) == (1, [])
    assert f"mode {mode} must not run on {event}" in ended.log


@pytest.mark.parametrize("name", ["ANTHROPIC_ADMIN_KEY", "ANTHROPIC_AUTH_TOKEN", "ORGSYNC_SNAPSHOT_SIGNING_KEY"])
def test_a_credential_in_a_pull_request_job_stops_it(name: str, tmp_path: Path, github: ActionsApi) -> None:
    bench = Bench(tmp_path, github, "pull_request")
    ended = bench.run("plan", **{name: SECRET}, **CALLS["plan"][0])
    assert (ended.code, bench.calls()) == (1, [])
    assert SECRET not in ended.log


def test_apply_wants_a_protected_branch(tmp_path: Path, github: ActionsApi) -> None:
    bench = Bench(tmp_path, github, GITHUB_REF_PROTECTED="false")
    assert (bench.run("apply", **CALLS["apply"][0]).code, bench.calls()) == (1, [])
    assert bench.run("apply", **CALLS["apply"][0], require_protected_branch="false").code == 0


def test_apply_without_a_reviewed_plan_is_refused_and_nothing_is_called(bench: Bench) -> None:
    ended = bench.run("apply", ANTHROPIC_ADMIN_KEY=SECRET)
    assert (ended.code, ended.outputs["exitcode"], bench.calls()) == (3, "3", [])
    assert "no plan of it was reviewed" in ended.log


@pytest.mark.parametrize("mode", ["apply", "snapshot", "drift"])
def test_what_names_of_the_organization_say_is_no_command_to_the_runner(mode: str, bench: Bench) -> None:
    lines = bench.run(mode, **CALLS[mode][0]).log.splitlines()
    mark = lines[0].removeprefix("::stop-commands::")
    assert len(mark) == 32
    assert lines[1:] == [*([] if mode == "drift" else ["::warning::said by orgsync"]), f"::{mark}::"]


def test_the_newest_snapshot_is_planned_from(bench: Bench, github: ActionsApi) -> None:
    github.keep(github.run("schedule"), "orgsync-snapshot", {"live.json": b"{}"})
    assert bench.run("plan").code == 0
    assert "--snapshot=OUT/live.json" in bench.words()
    assert (bench.out / "live.json").read_bytes() == b"{}"


def test_the_public_key_is_that_of_the_base(bench: Bench) -> None:
    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=ana", "-c", "user.email=ana@acme.example", *words], check=True, cwd=work
        )

    work = bench.machine.workspace
    git("init", "--quiet", "--initial-branch=main")
    for text in ("ours", "theirs"):
        (work / "key.pem").write_text(text)
        git("add", ".")
        git("commit", "--quiet", "--message", text)
    ended = bench.run("plan", snapshot="live.json", base="HEAD^1", verify_with="key.pem")
    assert ended.code == 0, ended.log
    assert "--verify-with=OUT/verify-with.pem" in bench.words()
    assert (bench.out / "verify-with.pem").read_text() == "ours"
    missing = bench.run("plan", snapshot="live.json", base="HEAD^1", verify_with="other.pem")
    assert (missing.code, "the base has no public key" in missing.log) == (1, True)


def test_the_journal_and_the_report_of_the_run_before_are_continued(bench: Bench, github: ActionsApi) -> None:
    run = github.run("push")
    github.keep(run, "orgsync-receipts", {"journal.jsonl": b"before\n"})
    github.keep(run, "orgsync-drift", {"report.json": b"{}"})
    assert bench.run("apply", **CALLS["apply"][0]).code == 0
    assert (bench.out / "journal.jsonl").read_bytes() == b"before\n"
    assert bench.run("drift").code == 0
    assert f"--previous={bench.out}/previous.json" in bench.calls()[-1]["words"]


@pytest.mark.parametrize("mode", ["plan", "apply", "snapshot", "drift"])
def test_a_file_of_the_repository_that_is_called_like_a_module_is_not_run(
    mode: str, bench: Bench, github: ActionsApi
) -> None:
    """Python looks where it is started first: such a file would run beside the Admin key, and is none of `.github/`."""
    github.keep(github.run("push"), "orgsync-snapshot", {"live.json": b"{}"})
    work = bench.machine.workspace
    for name in ("secrets", "argparse", "json", "os", "venv", "sitecustomize"):
        (work / f"{name}.py").write_text(f"open({str(work / 'pwned')!r}, 'w')\n")
    given = {key: value for key, value in CALLS[mode][0].items() if key != "snapshot"}
    assert bench.run(mode, ANTHROPIC_ADMIN_KEY=SECRET, **given).code == 0
    assert not (work / "pwned").exists()


PYTHON = """#!/bin/sh
# Stands in for python3, which must not look into the repository: makes an environment whose python says its words.
[ "$1" = -I ] || exit 1
case "$3" in
  venv) mkdir -p "$4/bin"; printf '#!/bin/sh\\necho "python $*"; env\\n' > "$4/bin/python"; chmod +x "$4/bin/python" ;;
esac
"""


@pytest.mark.parametrize("mode", CALLS)
def test_orgsync_is_installed_from_the_checkout_of_the_action(mode: str, bench: Bench) -> None:
    (bench.bin / "python3").write_text(PYTHON)
    (bench.bin / "python3").chmod(0o755)
    step = next(step for step in ACTION["runs"]["steps"] if step["name"] == "Install orgsync")
    root = Path(__file__).parents[2]
    given = {"GITHUB_ACTION_PATH": str(root), "INPUT_MODE": mode, **dict.fromkeys(SECRETS, SECRET)}
    ended = bench.machine.run(step["run"], given)
    assert ended.code == 0, ended.log
    installed = [line for line in ended.log.splitlines() if line.startswith("python ")]
    pip, lock = "python -I -m pip install --quiet --disable-pip-version-check", root / "requirements"
    assert installed == [
        f"{pip} --require-hashes --only-binary :all: --requirement {lock}/build.txt --requirement {lock}/action.txt",
        f"{pip} --no-index --no-deps --no-build-isolation {root}",
    ]
    assert SECRET not in ended.log  # installing runs what other packages bring
    assert bench.machine.path[0] == f"{bench.machine.temp}/orgsync-environment/bin"
    assert step["if"] == "inputs.install == 'true'"
