"""A small runner of GitHub Actions: it executes the very steps of `action.yml` and of our workflows, as bash.

What GitHub itself would do around them is stood in for: checking out, artifacts, tokens, secrets of an environment.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from cli.support import CLOCK

from ci.expressions import as_text, condition, filled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
PATIENCE = 60.0
KEPT = {"HOME", "LANG", "TMPDIR", "PYTHONPATH", *CLOCK}
"""What a step has of the environment of the tests."""


class Step(NamedTuple):
    """How a step ended, and what it left."""

    code: int
    log: str
    outputs: dict[str, str]


@dataclass
class Machine:
    """The runner that one job gets: its folders, its event and what its token may do."""

    home: Path
    github: Mapping[str, Any]
    """The `github` context: event_name, event, sha, repository, ref, actor, token."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Variables of the environment that GitHub sets, such as GITHUB_API_URL."""
    path: list[str] = field(default_factory=lambda: [os.environ["PATH"]])
    summary: str = ""

    def __post_init__(self) -> None:
        for folder in (self.workspace, self.temp):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def workspace(self) -> Path:
        return self.home / "work"

    @property
    def temp(self) -> Path:
        return self.home / "temp"

    def run(self, script: str, env: Mapping[str, Any], folder: str = ".") -> Step:
        """One `run:` step, with the command line GitHub uses for `shell: bash`."""
        files = {name: self.temp / f"_{name}" for name in ("output", "path", "summary")}
        for file in files.values():
            file.write_text("")
        (self.temp / "_step.sh").write_text(f"echo $$ > {self.temp}/_entry\n{script}")
        ended = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", self.temp / "_step.sh"],
            cwd=self.workspace / folder,
            env={
                **{name: value for name, value in os.environ.items() if name in KEPT},
                "CI": "true",
                "GITHUB_ACTIONS": "true",
                "RUNNER_TEMP": str(self.temp),
                "XDG_STATE_HOME": str(self.home / "state"),  # a runner is a machine of its own, with locks of its own
                "GITHUB_WORKSPACE": str(self.workspace),
                "GITHUB_EVENT_NAME": self.github["event_name"],
                "GITHUB_SHA": self.github["sha"],
                "GITHUB_REPOSITORY": self.github["repository"],
                **self.variables,
                "PATH": os.pathsep.join(self.path),
                "GITHUB_OUTPUT": str(files["output"]),
                "GITHUB_PATH": str(files["path"]),
                "GITHUB_STEP_SUMMARY": str(files["summary"]),
                **{name: as_text(value) for name, value in env.items()},
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=PATIENCE,
        )
        self.path = [*files["path"].read_text().split("\n")[:-1], *self.path]
        self.summary += files["summary"].read_text(encoding="utf-8")
        return Step(ended.returncode, ended.stdout, written(files["output"].read_text(encoding="utf-8")))

    def action(self, given: Mapping[str, Any], env: Mapping[str, Any]) -> Step:
        """Our composite action, with the inputs of `with:` and the variables of `env:`."""
        assert set(given) <= set(ACTION["inputs"]), "an input that action.yml does not have"
        contexts: dict[str, Any] = {"github": self.github, "runner": {"temp": str(self.temp)}, "steps": {}}
        defaults = {name: filled(row.get("default", ""), contexts) for name, row in ACTION["inputs"].items()}
        contexts["inputs"] = {name: as_text(value) for name, value in {**defaults, **given}.items()}
        log, code = "", 0
        for step in ACTION["runs"]["steps"]:
            assert step["shell"] == "bash"
            if not condition(step.get("if"), contexts, failed=code != 0):
                continue
            own = {name: filled(value, contexts) for name, value in step.get("env", {}).items()}
            folder = filled(step.get("working-directory", "."), contexts)
            ended = self.run(step["run"], {"GITHUB_ACTION_PATH": str(ROOT), **env, **own}, folder)
            log, code = log + ended.log, code or ended.code
            contexts["steps"][step.get("id", "")] = {"outputs": ended.outputs}
        outputs = {name: as_text(filled(row["value"], contexts)) for name, row in ACTION["outputs"].items()}
        return Step(code, log, outputs)


def written(text: str) -> dict[str, str]:
    """What a step wrote to GITHUB_OUTPUT, in either of its two forms."""
    outputs: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        if heredoc := re.fullmatch(r"([^=]+?)<<(.+)", line):
            rows = []
            while (row := next(lines)) != heredoc[2]:
                rows.append(row)
            outputs[heredoc[1]] = "\n".join(rows)
        else:
            name, equals, value = line.partition("=")
            assert equals, f"not an output: {line}"
            outputs[name] = value
    return outputs


@dataclass
class Job:
    """How a job ended."""

    result: str
    log: str
    outputs: dict[str, str]
    machine: Machine | None = None


class Refusal(Exception):
    """What a `uses:` step of GitHub's own would end with."""


@dataclass
class World:
    """What is outside of a run: how a job gets its machine, what is checked out, and where artifacts are."""

    machine: Callable[[str, Mapping[str, str]], Machine]
    """From the name of the job and the permissions of its token."""
    check_out: Callable[[Machine, Mapping[str, Any]], None]
    upload: Callable[[Machine, Mapping[str, Any]], None]
    download: Callable[[Machine, Mapping[str, Any]], None]
    attest: Callable[[Machine, Mapping[str, Any]], None]
    secrets: Mapping[str, Mapping[str, str]]
    """By environment. A job without one of these environments has none."""


def run_workflow(name: str, inputs: Mapping[str, Any], world: World) -> dict[str, Job]:
    """Every job of a reusable workflow, in the order of the file, which is that of `needs:`."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))
    call = workflow[True]["workflow_call"]  # YAML 1.1 reads `on` as true
    assert set(inputs) <= set(call["inputs"])
    values = {**{key: row.get("default", "") for key, row in call["inputs"].items()}, **inputs}
    assert workflow["permissions"] == {}, "a token without permissions is where each job starts from"
    done: dict[str, Job] = {}
    for key, job in workflow["jobs"].items():
        done[key] = _run_job(key, job, values, call.get("secrets", {}), world, done)
    return done


def _run_job(
    key: str, job: Mapping[str, Any], inputs: Mapping[str, Any], declared: Any, world: World, done: Mapping[str, Job]
) -> Job:
    needed = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
    machine = world.machine(key, job["permissions"])
    contexts: dict[str, Any] = {
        "github": machine.github,
        "runner": {"temp": str(machine.temp)},
        "inputs": inputs,
        "needs": {name: {"outputs": done[name].outputs, "result": done[name].result} for name in needed},
    }
    unfinished = any(done[name].result != "success" for name in needed)
    if not condition(job.get("if"), contexts, failed=unfinished):
        return Job("skipped", "", {})
    environment = job.get("environment")
    environment = filled(environment["name"] if isinstance(environment, dict) else environment, contexts)
    contexts["secrets"] = {name: world.secrets.get(environment, {}).get(name, "") for name in declared}
    contexts["steps"] = {}
    log, failed = "", False
    for step in job["steps"]:
        if "id" in step:
            contexts["steps"][step["id"]] = {"outputs": {}}
        if not condition(step.get("if"), contexts, failed):
            continue
        ended = _run_step(step, contexts, machine, world)
        log += f"--- {step['name']}\n{ended.log}"
        failed = failed or ended.code != 0
        if "id" in step:
            contexts["steps"][step["id"]]["outputs"] = ended.outputs
    outputs = {name: as_text(filled(value, contexts)) for name, value in job.get("outputs", {}).items()}
    return Job("failure" if failed else "success", log, outputs, machine)


def _run_step(step: Mapping[str, Any], contexts: Mapping[str, Any], machine: Machine, world: World) -> Step:
    env = {name: filled(value, contexts) for name, value in step.get("env", {}).items()}
    if "run" in step:
        return machine.run(step["run"], env)
    given = {name: filled(value, contexts) for name, value in step.get("with", {}).items()}
    if step["uses"] == "$/.":
        return machine.action({"install": "false", **given}, env)
    official: dict[str, Callable[[Machine, Mapping[str, Any]], None]] = {
        "actions/checkout": world.check_out,
        "actions/upload-artifact": world.upload,
        "actions/download-artifact": world.download,
        "actions/attest": world.attest,
        "actions/setup-python": lambda _machine, _given: None,
    }
    try:
        official[step["uses"].partition("@")[0]](machine, given)
    except Refusal as refusal:
        return Step(1, f"{refusal}\n", {})
    return Step(0, "", {})
