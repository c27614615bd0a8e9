"""A repository of an organization file, the organization as a sandbox over HTTP, and GitHub around them."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acme import ORGANIZATION, SANDBOX_KEY
from cli.support import Sandbox, sandbox_server
from core.apply.journal.support import PLAN, ROLE, SET_ROLE, Clock, sent
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from github_api import REPOSITORY

from ci import gh
from ci.actions_api import MAIN, ActionsApi
from ci.runner import Job, Machine, Refusal, World, run_workflow
from orgsync.core.apply.journal import Conclusion
from orgsync.core.model.change import Organization
from orgsync.files.state.journal import FileJournal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NUMBER = 7


@dataclass
class Pipeline:
    """What a person does is a method; what GitHub then runs is a workflow of ours, every step of it."""

    folder: Path
    github: ActionsApi
    sandbox: Sandbox
    address: str
    signing_key: str
    machines: list[Machine] = field(default_factory=list)
    attested: list[dict[str, Any]] = field(default_factory=list)

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    def git(self, *words: str) -> str:
        names = ("-c", "user.name=Ana", "-c", "user.email=ana@acme.example", "-c", "commit.gpgsign=false")
        done = subprocess.run(["git", *names, *words], cwd=self.repository, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, message: str, **files: str) -> str:
        """Writes files, where `org_yaml` is org.yaml, and commits them. The hash of the commit."""
        for name, text in files.items():
            (self.repository / name.replace("_", ".")).write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def push(self, message: str, **files: str) -> dict[str, Job]:
        """A push to the branch of the pull request, and what runs for it."""
        self.git("switch", "--quiet", "--force-create", "more", "more" if self._has("more") else MAIN)
        self.commit(message, **files)
        return self.plan()

    def plan(self, *, fork: bool = False, number: int = NUMBER, base: str = MAIN, **inputs: Any) -> dict[str, Job]:
        """The workflow of a pull request, on the result of merging it."""
        head = self.git("rev-parse", "more")
        self.git("switch", "--quiet", "--detach", base)
        self.git("merge", "--quiet", "--no-ff", "--message", "as GitHub would merge it", "more")
        owner = "stranger/console" if fork else REPOSITORY
        event = {"pull_request": {"number": number, "head": {"sha": head, "repo": {"full_name": owner}}}}
        commit = self.git("rev-parse", "HEAD")
        self.github.parents[commit] = self.git("rev-parse", "HEAD^1", "HEAD^2").split()
        self.github.open[number] = ("more", base)
        if base != MAIN:
            self.github.elsewhere.add(self.git("rev-parse", base))
        run = self.github.run("pull_request", branch="more", sha=head, fork=fork)
        inputs = {"verify-with": "snapshot.pub.pem", **inputs}
        return self._run("orgsync-plan.yml", inputs, run, "pull_request", event, commit, fork=fork)

    def merge(self, how: str = "squash") -> str:
        """Merges the pull request; the commit it ends in."""
        head = self.git("rev-parse", "more")
        self.git("switch", "--quiet", MAIN)
        if how == "squash":
            self.git("merge", "--quiet", "--squash", "more")
            self.git("commit", "--quiet", "--message", "squashed")
        elif how == "rebase":
            self.git("cherry-pick", f"{MAIN}..more")
        else:
            self.git("merge", "--quiet", "--no-ff", "--message", "merged", "more")
        commit = self.git("rev-parse", "HEAD")
        self.github.merged(NUMBER, head, commit)
        return commit

    def apply(self, *, event: str = "push", **inputs: Any) -> dict[str, Job]:
        """The workflow that runs for a commit on the main branch."""
        return self._on_main("orgsync-apply.yml", event, {"plan-workflow": ".github/workflows/plan.yml", **inputs})

    def snapshot(self) -> dict[str, Job]:
        """The workflow that looks at the organization, so that others need not."""
        return self._on_main("orgsync-snapshot.yml", "schedule", {})

    def drift(self) -> dict[str, Job]:
        """The workflow of the night."""
        return self._on_main("orgsync-drift.yml", "schedule", {})

    def _on_main(self, name: str, event: str, inputs: Mapping[str, Any]) -> dict[str, Job]:
        self.git("switch", "--quiet", MAIN)
        sha = self.git("rev-parse", "HEAD")
        data = {"before": self.git("rev-parse", "HEAD^1")} if event == "push" else {}
        return self._run(name, inputs, self.github.run(event, sha=sha, path="main.yml"), event, data, sha)

    def _run(
        self,
        name: str,
        inputs: Mapping[str, Any],
        run: int,
        event: str,
        data: Mapping[str, Any],
        sha: str,
        *,
        fork: bool = False,
    ) -> dict[str, Job]:
        of_event = {"repository": {"default_branch": MAIN}, **data}
        context = {"event_name": event, "event": of_event, "sha": sha, "repository": REPOSITORY, "actor": "ana"}

        def machine(job: str, permissions: Mapping[str, str]) -> Machine:
            may = dict.fromkeys(permissions, "read") if fork else permissions
            variables = {
                "GITHUB_API_URL": self.github.url,
                "GITHUB_REF_PROTECTED": "true" if event != "pull_request" else "false",
                "ANTHROPIC_BASE_URL": self.address,
            }
            home = self.folder / f"{len(self.machines)}-{job}"
            made = Machine(home, {**context, "run_attempt": "1", "token": self.github.token(may)}, variables)
            gh.install(home / "bin", self.attested)
            made.path[:0] = [str(Path(sys.executable).parent), str(home / "bin")]
            self.machines.append(made)
            return made

        def check_out(machine: Machine, given: Mapping[str, Any]) -> None:
            depth = given.get("fetch-depth", 1)
            some = [f"--depth={depth}"] if depth else []
            fetch = ["fetch", "--quiet", *some, self.repository.as_uri(), sha]
            for words in (["init", "--quiet"], fetch, ["checkout", "--quiet", "FETCH_HEAD"]):
                subprocess.run(["git", *words], cwd=machine.workspace, check=True, capture_output=True)

        def upload(machine: Machine, given: Mapping[str, Any]) -> None:
            named = [Path(line) for line in given["path"].splitlines()]
            files = [file for path in named for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
            there = {file.name: file.read_bytes() for file in files if file.exists()}
            if there:
                self.github.keep(run, given["name"], there)
            elif given.get("if-no-files-found") == "error":
                raise Refusal(f"no files for {given['name']}")

        def download(machine: Machine, given: Mapping[str, Any]) -> None:
            folder = Path(given["path"])
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in self.kept(given["name"], run).items():
                (folder / name).write_bytes(content)

        def attest(machine: Machine, given: Mapping[str, Any]) -> None:
            may = self.github.may(machine.github["token"])
            assert (may["id-token"], may["attestations"]) == ("write", "write")
            digest = given["subject-digest"].removeprefix("sha256:")
            number = data["pull_request"]["number"]
            self.attested.append(gh.attestation(digest, repository=REPOSITORY, number=number, commit=sha, run=run))

        secrets = {"ANTHROPIC_ADMIN_KEY": SANDBOX_KEY, "ORGSYNC_SNAPSHOT_SIGNING_KEY": self.signing_key}
        environments = {"orgsync-read": secrets, "orgsync-apply": secrets}
        return run_workflow(name, inputs, World(machine, check_out, upload, download, attest, environments))

    def kept(self, name: str, run: int | None = None) -> dict[str, bytes]:
        """The files of the newest artifact of this name, of one run or of any."""
        return self.github.files(name, run)

    def _has(self, branch: str) -> bool:
        return branch in self.git("branch", "--format=%(refname:short)").split()


@contextmanager
def pipeline(folder: Path, github: ActionsApi, org: str, **seed: Any) -> Iterator[Pipeline]:
    """The main branch holds `org` and the public key; the organization is what the seed says."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    sandbox = Sandbox(folder / "acme.db", **seed)
    with sandbox_server(folder / "acme.db") as address:
        made = Pipeline(folder, github, sandbox, address, private.decode())
        made.repository.mkdir()
        made.git("init", "--quiet", f"--initial-branch={MAIN}")
        made.git("config", "uploadpack.allowAnySHA1InWant", "true")
        commit = made.commit("the organization as it is", org_yaml=org, snapshot_pub_pem=public.decode())
        run = github.run("push", sha=commit, path="main.yml")
        github.keep(run, "orgsync-receipts", {"journal.jsonl": _applied_before(folder / "before.jsonl")})
        yield made


def _applied_before(path: Path) -> bytes:
    """The journal of an apply long ago: without one the next would wait half a minute."""
    plan = replace(PLAN, organization=Organization(ORGANIZATION["id"], ORGANIZATION["name"]))
    with FileJournal(path, plan, clock=Clock()) as journal:
        journal.conclude(journal.intend(sent(ROLE, SET_ROLE)), Conclusion.DONE)
    return path.read_bytes()
