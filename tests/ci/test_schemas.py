"""Everything a pipeline reads is judged by those who know its format: published schemas, zizmor, bash itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from ci.expressions import filled
from ci.runner import ACTION, ROOT
from orgsync.cli import exit_code

BIN = Path(sys.executable).parent
EXAMPLES = ROOT / "examples" / "ci"
WORKFLOWS = sorted([*(ROOT / ".github" / "workflows").glob("*.yml"), *EXAMPLES.rglob("workflows/*.yml")])
REUSABLE = [path for path in WORKFLOWS if path.name.startswith("orgsync-")]
CALLERS = [path for path in WORKFLOWS if EXAMPLES in path.parents]
SCRIPTS = sorted((ROOT / ".github" / "action").glob("*.sh"))
CRONJOB = EXAMPLES / "kubernetes" / "cronjob.yaml"
ON_DEMAND = EXAMPLES / "kubernetes" / "apply.yaml"


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def judged(*command: str | Path) -> None:
    ended = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-actions", [ROOT / "action.yml"]),
        ("github-workflows", WORKFLOWS),
        ("gitlab-ci", [EXAMPLES / "gitlab" / ".gitlab-ci.yml"]),
        ("renovate", [ROOT / ".github" / "renovate.json"]),
    ],
)
def test_pipelines_fit_the_published_schemas(schema: str, files: list[Path]) -> None:
    transform = ["--data-transform", "gitlab-ci"] if schema == "gitlab-ci" else []
    judged(BIN / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *transform, *files)


@pytest.mark.story
def test_the_metaschema_accepts_the_schemas() -> None:
    """Its patterns too, which check-jsonschema reads as ECMA-262 does under the `u` flag."""
    judged(BIN / "check-jsonschema", "--check-metaschema", *sorted((ROOT / "schemas").glob("*.json")))


def test_zizmor_finds_nothing_as_its_strictest_persona() -> None:
    inputs = ("action.yml", ".pre-commit-hooks.yaml", ".github", "examples/ci")
    options = ("--offline", "--quiet", "--no-progress", "--persona=auditor", "--strict-collection", "--collect=all")
    judged(BIN / "zizmor", *options, *inputs)


def test_what_zizmor_is_told_to_ignore_is_what_is_known() -> None:
    ignored = [line for path in WORKFLOWS for line in path.read_text().splitlines() if "zizmor" in line]
    assert {re.sub(r"^.*# zizmor: (\S+).*$", r"\1", line) for line in ignored} == {"ignore[secrets-inherit]"}
    assert not list(ROOT.rglob("zizmor.yml"))


@pytest.mark.parametrize("version", ["1.31", kubernetes_validate.latest_version()])
@pytest.mark.parametrize("path", [CRONJOB, ON_DEMAND], ids=lambda path: path.stem)
def test_the_objects_fit_the_schema_of_kubernetes(path: Path, version: str) -> None:
    for one in objects(path).values():
        kubernetes_validate.validate(one, version, strict=True)


def objects(path: Path) -> dict[str, Any]:
    """What a file for kubectl has, by kind."""
    return {one["kind"]: one for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("path", [CRONJOB, ON_DEMAND], ids=lambda path: path.stem)
def test_the_cronjobs_have_as_little_power_as_they_need(path: Path) -> None:
    job = objects(path)["CronJob"]["spec"]
    pod = job["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert job["concurrencyPolicy"] == "Forbid"
    assert (pod["automountServiceAccountToken"], pod["securityContext"]["runAsNonRoot"]) == (False, True)
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    # the secret comes from a Secret, and its value is missing
    assert {variable["name"] for variable in container.get("env", ())} <= {"XDG_STATE_HOME"}


def test_the_journal_outlives_the_pod_that_applies() -> None:
    """What one that was killed may have sent is known to the next, and no two of them are at it."""
    claim, job = objects(ON_DEMAND)["PersistentVolumeClaim"], objects(ON_DEMAND)["CronJob"]["spec"]
    pod = job["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    kept = [volume["name"] for volume in pod["volumes"] if volume.get("persistentVolumeClaim") is not None]
    assert [volume["persistentVolumeClaim"]["claimName"] for volume in pod["volumes"] if volume["name"] in kept] == [
        claim["metadata"]["name"]
    ]
    (place,) = (mount["mountPath"] for mount in container["volumeMounts"] if mount["name"] in kept)
    assert f"--journal={place}/journal.jsonl" in container["args"]
    assert {variable["name"]: variable["value"] for variable in container["env"]} == {"XDG_STATE_HOME": place}
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]
    assert job["suspend"]
    assert pod["terminationGracePeriodSeconds"] > 60  # the limiter may hold the last reads for a minute


def test_each_apply_hands_its_journal_to_the_next_in_the_gitlab_pipeline() -> None:
    apply = loaded(EXAMPLES / "gitlab" / ".gitlab-ci.yml")["apply"]
    (journal,) = re.findall(r"--journal (\S+)", " ".join(apply["script"]))
    cache = apply["cache"]
    assert cache["paths"] == [journal]
    assert (cache["policy"], cache["when"]) == ("pull-push", "always")
    assert "$" not in cache["key"] + apply["resource_group"]  # the same in every pipeline, and one at a time
    assert journal in apply["artifacts"]["paths"]
    assert apply["artifacts"]["when"] == "always"


def test_each_apply_hands_its_journal_to_the_next_on_github() -> None:
    """Also one that failed, was cancelled or ran into its time limit: `always()` steps run then."""
    steps = loaded(ROOT / ".github" / "workflows" / "orgsync-apply.yml")["jobs"]["apply"]["steps"]
    kept = [step for step in steps if step.get("with", {}).get("name") == "orgsync-receipts"]
    assert [(step["if"], step["with"]["path"]) for step in kept] == [
        ("always()", "${{ runner.temp }}/orgsync/journal.jsonl")
    ]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_are_bash(script: Path) -> None:
    judged("bash", "-n", script)


def test_the_scripts_of_the_gitlab_pipeline_are_shell() -> None:
    jobs = [job for job in loaded(EXAMPLES / "gitlab" / ".gitlab-ci.yml").values() if isinstance(job, dict)]
    lines = [line for job in jobs for key in ("before_script", "script", "after_script") for line in job.get(key, [])]
    assert len(lines) > 10
    for line in lines:
        judged("bash", "-n", "-c", line)


def test_every_report_of_the_gitlab_pipeline_is_written_by_its_job() -> None:
    jobs = loaded(EXAMPLES / "gitlab" / ".gitlab-ci.yml")
    published = {name: job["artifacts"].get("reports", {}) for name, job in jobs.items() if "artifacts" in job}
    assert {name for name, reports in published.items() if reports} == {"validate", "plan merge request"}
    for name, reports in published.items():
        for kind, path in reports.items():
            form = {"junit": "junit", "codequality": "code-quality"}[kind]
            assert any(f"--format {form} > {path}" in line for line in jobs[name]["script"]), path
            assert jobs[name]["artifacts"]["when"] == "always"


def test_only_what_asks_the_organization_has_its_secrets_in_the_gitlab_pipeline() -> None:
    jobs = loaded(EXAMPLES / "gitlab" / ".gitlab-ci.yml")
    asking = {
        name: job.get("environment", {}).get("name")
        for name, job in jobs.items()
        if isinstance(job, dict)
        and re.search(r"orgsync (snapshot|apply|drift)|\$SNAPSHOT_SIGN", str(job.get("script")))
    }
    assert asking == {
        "snapshot": "organization/read",
        "apply": "organization",
        "drift": "organization/read",
    }
    assert {name for name, job in jobs.items() if isinstance(job, dict) and "environment" in job} == set(asking)
    assert jobs["refresh"]["extends"] == "snapshot"


def test_new_versions_wait_a_week_and_come_together() -> None:
    settings = json.loads((ROOT / ".github" / "renovate.json").read_text(encoding="utf-8"))
    assert (settings["minimumReleaseAge"], settings["internalChecksFilter"]) == ("7 days", "strict")
    assert settings["schedule"] == ["before 6am on monday"]
    grouped = {manager for rule in settings["packageRules"] for manager in rule.get("matchManagers", ())}
    assert grouped == set(settings["enabledManagers"])
    sooner = [rule for rule in settings["packageRules"] if "minimumReleaseAge" in rule]
    assert [rule["matchPackageNames"] for rule in sooner] == [["anthropic"]]
    (pattern,) = settings["pip_requirements"]["managerFilePatterns"]
    assert all(
        re.search(pattern.strip("/"), f"requirements/{path.name}") for path in (ROOT / "requirements").glob("*.txt")
    )


def test_what_depends_on_the_day_never_breaks_a_pull_request() -> None:
    jobs = loaded(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]
    assert set(jobs["world"]["strategy"]["matrix"]["word"]) == {"test-lowest", "test-newest", "canary", "clock"}
    for name in ("world", "world-issue"):
        assert "github.event_name == 'schedule'" in jobs[name]["if"]
        assert not any(
            name in str(job.get("needs", "")) for other, job in jobs.items() if not other.startswith("world")
        )
    assert jobs["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    writing = [name for name, job in jobs.items() if "write" in str(job.get("permissions", ""))]
    assert writing == ["world-issue"]


def test_a_release_is_tried_before_it_is_published_and_needs_no_token() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    jobs = loaded(ROOT / ".github" / "workflows" / "release.yml")["jobs"]
    assert (jobs["smoke"]["needs"], jobs["publish"]["needs"]) == ("build", "smoke")
    assert jobs["smoke"]["strategy"]["matrix"]["artifact"] == ["whl", "tar.gz"]
    assert [name for name, job in jobs.items() if "write" in str(job["permissions"])] == ["publish"]
    assert jobs["publish"]["environment"] == "release"
    assert "secrets" not in text
    assert "--trusted-publishing always" in text


def test_there_is_one_script_for_each_mode() -> None:
    (modes,) = re.findall(r"^  ([a-z |]+)\) ;;$", (ROOT / ".github" / "action" / "run.sh").read_text(), re.MULTILINE)
    assert {path.stem for path in SCRIPTS} == {"install", "run", *modes.split(" | ")}


def steps() -> list[tuple[str, dict[str, Any]]]:
    """Every step of the action and of all workflows."""
    jobs = [(path, job) for path in WORKFLOWS for job in loaded(path)["jobs"].values()]
    found = [("action.yml", step) for step in ACTION["runs"]["steps"]]
    return [*found, *((path.name, step) for path, job in jobs for step in job.get("steps", []))]


def test_no_python_looks_for_its_modules_in_the_repository() -> None:
    files = [*SCRIPTS, *WORKFLOWS, EXAMPLES / "gitlab" / ".gitlab-ci.yml"]
    started = re.findall(r"\bpython3? (?=-|\")(\S+)", "\n".join(file.read_text(encoding="utf-8") for file in files))
    assert len(started) >= 7
    assert set(started) == {"-I"}


def test_no_expression_is_pasted_into_a_shell() -> None:
    for name, step in steps():
        assert "${{" not in step.get("run", ""), f"{name}: {step}"


def test_actions_are_pinned_to_a_commit_and_leave_no_credential_behind() -> None:
    for name, step in steps():
        if "uses" not in step:
            continue
        assert re.fullmatch(r"\$/\.|actions/[a-z-]+@[0-9a-f]{40}", step["uses"]), f"{name}: {step}"
        if step["uses"].startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_one_version_of_each_action_is_used_everywhere() -> None:
    uses = {step["uses"] for _name, step in steps() if "@" in step.get("uses", "")}
    assert len({one.partition("@")[0] for one in uses}) == len(uses)


@pytest.mark.parametrize("path", REUSABLE, ids=lambda path: path.name)
def test_each_job_starts_from_no_permission_and_ends_in_time(path: Path) -> None:
    workflow = loaded(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert "timeout-minutes" in job
        assert "permissions" in job


@pytest.mark.parametrize("path", REUSABLE, ids=lambda path: path.name)
def test_no_job_can_both_write_to_github_and_use_the_credential(path: Path) -> None:
    for name, job in loaded(path)["jobs"].items():
        writes = "write" in job["permissions"].values()
        assert not (writes and "secrets." in yaml.safe_dump(job)), name
        assert not writes or all("checkout" not in step["uses"] for step in job["steps"]), name


def test_of_several_runs_for_one_organization_none_is_dropped() -> None:
    groups = set()
    for path in REUSABLE:
        workflow = loaded(path)
        if path.name == "orgsync-plan.yml":  # there, the newest push is the one to plan
            continue
        (queue,) = [one["concurrency"] for one in (workflow, *workflow["jobs"].values()) if "concurrency" in one]
        assert (queue["cancel-in-progress"], queue["queue"]) == (False, "max")
        defaults = {name: row.get("default") for name, row in workflow[True]["workflow_call"]["inputs"].items()}
        groups |= {
            filled(queue["group"], {"inputs": {**defaults, "path": "org", **given}})
            for given in ({}, {"organization": "acme"})
        }
    assert groups == {f"orgsync-{mode}-{name}" for mode in ("apply", "drift", "snapshot") for name in ("org", "acme")}
    apply = loaded(EXAMPLES / "github" / ".github" / "workflows" / "apply.yml")
    assert apply["concurrency"]["queue"] == "max"


def test_plans_of_pull_requests_know_no_secret() -> None:
    for path in (ROOT / ".github/workflows/orgsync-plan.yml", EXAMPLES / "github/.github/workflows/plan.yml"):
        text = path.read_text(encoding="utf-8")
        assert "secrets" not in text.replace("# No job here has a credential", "")
        assert "environment:" not in text


@pytest.mark.parametrize("path", CALLERS, ids=lambda path: path.name)
def test_the_repository_to_copy_calls_what_there_is(path: Path) -> None:
    for job in loaded(path)["jobs"].values():
        called = loaded(ROOT / ".github" / "workflows" / re.split("[/@]", job["uses"])[-2])
        call = called[True]["workflow_call"]
        assert set(job["with"]) <= set(call["inputs"])
        needed: dict[str, str] = {}
        for inner in called["jobs"].values():
            needed |= inner["permissions"]
        assert job["permissions"] == needed


def test_the_organization_file_to_copy_is_valid() -> None:
    assert exit_code(["validate", str(EXAMPLES / "github" / "org.yaml"), "--quiet"]) == 0


def test_the_hook_checks_the_file_it_is_for() -> None:
    (hook,) = loaded(ROOT / ".pre-commit-hooks.yaml")
    (repository,) = loaded(EXAMPLES / "pre-commit" / ".pre-commit-config.yaml")["repos"]
    assert isinstance(repository["rev"], str)  # a hash of digits alone would be a number without its quotes
    (used,) = repository["hooks"]
    assert used["id"] == hook["id"]
    assert [bool(re.search(hook["files"], name)) for name in ("org.yaml", "org/a.yml", "other.yaml")] == [
        True,
        True,
        False,
    ]
    command = [*hook["entry"].split()[1:], *hook["args"]]
    assert exit_code([*command[:-1], str(EXAMPLES / "github" / command[-1])]) == 0


def test_the_threat_model_names_tests_that_exist() -> None:
    page = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)
    assert len(named) >= 15
    for file, name in named:
        assert f"\ndef {name}(" in (ROOT / file).read_text(encoding="utf-8"), name


def test_the_picture_is_readable_by_a_machine_and_needs_nothing_from_elsewhere() -> None:
    picture = ElementTree.parse(ROOT / "docs" / "images" / "gitops.svg").getroot()  # noqa: S314 - our own file
    names = [element.tag.rpartition("}")[2] for element in picture.iter()]
    assert {"title", "desc"} <= set(names)
    assert not {"script", "image", "foreignObject", "a", "use"} & set(names)
