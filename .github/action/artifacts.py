"""What the action asks GitHub: for the newest file of an artifact, for the reviewed plan, for who has to approve.

Only the standard library, so that it runs before anything is installed. What GitHub answers decides what apply is
allowed to do, so everything that cannot be shown to be right is refused.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

if TYPE_CHECKING:
    from collections.abc import Iterator

BOT = "github-actions[bot]"
TRUSTED_EVENTS = {"push", "schedule", "workflow_dispatch"}
"""What runs the workflow as the branch has it, and not as somebody else asks for it."""
LARGEST_FILE = 256 * 1024 * 1024
COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
DIGEST = re.compile(r"^Digest of the changes: `([0-9a-f]{64})`$", re.MULTILINE)
"""A line of its own: a name that looks like a digest stands in a table."""
PLACE = re.compile(r"<!-- orgsync:page:([1-9])/([1-9]):([0-9a-f]{16}) -->")
"""The second line of a page: which of how many, and of what text."""
PAGE = 100
GH_READS = {"PATH", "HOME", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"}
"""What `gh` gets of the environment, in which the Admin key may be."""
PATIENCE = 300


class Refused(Exception):
    """What was asked for cannot be had, or cannot be shown to be what it should be."""


class _Redirects(HTTPRedirectHandler):
    """Follows to where artifacts are stored, and leaves the token behind."""

    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        _require_safe(newurl)
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None:
            following.remove_header("Authorization")
        return following


class GitHub:
    """The few questions that are asked of the API of GitHub. It has no method that writes."""

    def __init__(self, url: str, repository: str, token: str) -> None:
        _require_safe(url)
        self._url = f"{url.rstrip('/')}/repos/{repository}"
        self._headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "orgsync",
        }
        self._opener = build_opener(_Redirects)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at a path of the repository."""
        return json.loads(self._read(path, query))

    def pages(self, path: str, key: str | None = None, **query: Any) -> Iterator[dict[str, Any]]:
        """Every row of a list, across its pages."""
        page = 1
        while True:
            answer = self.get(path, **query, per_page=PAGE, page=page)
            rows = answer if key is None else answer[key]
            yield from rows
            if len(rows) < PAGE:
                return
            page += 1

    def files(self, artifact: int, *names: str) -> list[bytes]:
        """Some files of an artifact, in the order of their names here."""
        archive = zipfile.ZipFile(io.BytesIO(self._read(f"actions/artifacts/{artifact}/zip", {})))
        return [self._unpacked(archive, artifact, name) for name in names]

    def _unpacked(self, archive: zipfile.ZipFile, artifact: int, name: str) -> bytes:
        try:
            entry = archive.getinfo(name)
        except KeyError as error:
            raise Refused(f"artifact {artifact} has no file {name}") from error
        if entry.file_size > LARGEST_FILE:
            raise Refused(f"{name} of artifact {artifact} is too large")
        return archive.read(entry)

    def _read(self, path: str, query: dict[str, Any]) -> bytes:
        url = f"{self._url}/{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            with self._opener.open(Request(url, headers=self._headers), timeout=60) as answer:  # noqa: S310 - see _require_safe
                content: bytes = answer.read()
        except HTTPError as error:
            raise Refused(f"GitHub answered {error.code} to GET {path}") from error
        except URLError as error:
            raise Refused(f"GitHub could not be reached for GET {path}") from error
        return content


def _require_safe(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}):
        raise Refused("a token is sent over https only")


def newest(github: GitHub, repository: str, name: str, file: str, branch: str) -> bytes | None:
    """A file of the newest artifact that a run of the branch made. A run for a pull request is never taken."""
    rows = github.pages("actions/artifacts", "artifacts", name=name)
    for row in sorted(rows, key=lambda row: str(row["created_at"]), reverse=True):
        made_by = row["workflow_run"]
        if row["expired"] or row["name"] != name or made_by is None:
            continue
        if made_by["head_branch"] != branch or made_by["head_repository_id"] != made_by["repository_id"]:
            continue
        run = github.get(f"actions/runs/{made_by['id']}")
        if run["event"] not in TRUSTED_EVENTS or run["head_repository"]["full_name"] != repository:
            continue
        if _is_on_branch(github, run["head_sha"], branch):
            return github.files(row["id"], file)[0]
    return None


def _is_on_branch(github: GitHub, commit: str, branch: str) -> bool:
    """Whether a commit is in the history of a branch: what runs for a tag of the same name claims to be of it."""
    tip = github.get(f"branches/{quote(branch, safe='')}")["commit"]["sha"]
    return github.get(f"compare/{tip}...{quote(commit, safe='')}")["status"] in {"identical", "behind"}


def reviewed(
    github: GitHub, repository: str, commit: str, *, branch: str, workflow: str, name: str, signer: str
) -> tuple[bytes, str]:
    """The plan that people saw on the pull request this commit merged, and its digest."""
    pull = _merged_by(github, repository, commit, branch)
    number, head = pull["number"], pull["head"]["sha"]
    shown = _shown_digest(github, number, name)
    misfits: list[str] = []
    for row in github.pages("actions/artifacts", "artifacts", name=f"orgsync-plan-{number}-{head}"):
        if row["workflow_run"] is None:  # was deleted, so nothing tells what it was for
            continue
        misfit = _misfit_of_run(github, repository, row, pull, workflow)
        if misfit is None:
            if row["expired"]:
                continue
            plan, planned = github.files(row["id"], "plan.json", "merge-commit")
            if _digest(plan) != shown:
                continue
            made_of = _commit(planned, row["id"])
            if signer:
                made_of = _attested_commit(plan, repository, signer, number, row["workflow_run"]["id"])
            misfit = _misfit_of_commit(github, made_of, pull)
            if misfit is None:
                return plan, shown
        misfits.append(f"run {row['workflow_run']['id']} {misfit}")
    if misfits:
        raise Refused(f"no plan of pull request {number} can be used: {'; '.join(misfits)}")
    raise Refused(
        f"no run for pull request {number} kept a plan of its last commit {head} with the digest in its comment"
    )


def require_reviewers(github: GitHub, environment: str) -> None:
    """Raises Refused where nobody would be asked before a job enters this environment."""
    rules = github.get(f"environments/{quote(environment, safe='')}").get("protection_rules", [])
    if not any(rule["type"] == "required_reviewers" and rule.get("reviewers") for rule in rules):
        raise Refused("the environment has no required reviewers, so this plan would not be reviewed")


def _merged_by(github: GitHub, repository: str, commit: str, branch: str) -> dict[str, Any]:
    """The one pull request that ended in this commit, by merging, squashing, rebasing or through a queue."""
    pulls = [
        pull
        for pull in github.pages(f"commits/{quote(commit, safe='')}/pulls")
        if pull["merged_at"]
        and pull["merge_commit_sha"] == commit
        and pull["base"]["ref"] == branch
        and pull["base"]["repo"]["full_name"] == repository
    ]
    if not pulls:
        raise Refused(f"no pull request was merged as {commit}, so no plan of it was reviewed")
    if len(pulls) > 1:
        raise Refused(f"{len(pulls)} pull requests were merged as {commit}")
    return pulls[0]


def _shown_digest(github: GitHub, number: int, name: str) -> str:
    """The digest in the one comment that only a workflow of this repository can have written."""
    bodies = [
        comment["body"].replace("\r\n", "\n")
        for comment in github.pages(f"issues/{number}/comments")
        if comment["user"] and comment["user"]["login"] == BOT and comment["user"]["type"] == "Bot"
    ]
    try:
        return digest_of(bodies, name)
    except Refused as refused:
        raise Refused(f"pull request {number}: {refused}") from refused


def digest_of(bodies: list[str], name: str) -> str:
    """The digest that the pages of a comment show, among all comments of the bot. Raises Refused if one is missing."""
    marker = f"<!-- orgsync:plan:{name}"
    own = [body for body in bodies if body.startswith((f"{marker} -->", f"{marker}:"))]
    if not own:
        raise Refused(f"no comment of {BOT} shows a plan")
    places = [_place(body, marker) for body in own]
    pages, (_first, of, text) = sorted(page for page, _of, _text in places), places[0]
    if pages != list(range(1, of + 1)) or any(place[1:] != (of, text) for place in places):
        told = ", ".join(f"page {page} of {of}" for page, of, _text in sorted(places))
        raise Refused(f"its comments are not one whole plan ({told}); run the plan workflow again")
    digests: set[str] = {digest for body in own for digest in DIGEST.findall(body)}
    if not digests:
        raise Refused(
            "the comment shows no digest: planning failed, or the plan is too large for comments. A large plan is"
            " reviewed in its environment (`review: environment`), where the summary of the run lists everything"
        )
    if len(digests) > 1:
        raise Refused(f"the comment shows {len(digests)} digests of a plan")
    return digests.pop()


def _place(body: str, marker: str) -> tuple[int, int, str]:
    """Which page of how many a comment is, and of what text. A comment of one page does not say so."""
    first, _, rest = body.partition("\n")
    stated = PLACE.fullmatch(rest.partition("\n")[0])
    if stated is None:
        return (1, 1, "") if first == f"{marker} -->" else (0, 0, first)
    page, of, text = stated.groups()
    expected = f"{marker} -->" if page == "1" else f"{marker}:{page} -->"
    return (int(page), int(of), text) if first == expected else (0, 0, first)


def _misfit_of_run(
    github: GitHub, repository: str, artifact: dict[str, Any], pull: dict[str, Any], workflow: str
) -> str | None:
    """Why the run that made an artifact did not run for this pull request, as far as GitHub says; None where it may."""
    made_by = artifact["workflow_run"]
    number, head, base = pull["number"], pull["head"]["sha"], pull["base"]["ref"]
    run = github.get(f"actions/runs/{made_by['id']}")
    if made_by["head_sha"] != head or artifact["name"] != f"orgsync-plan-{number}-{head}":
        return f"is not for commit {head}"
    if (run["head_repository"] or {}).get("full_name") != repository:
        return "is of another repository"
    if run["event"] != "pull_request":
        return "was not started by a pull request"
    if workflow and str(run["path"]).partition("@")[0] != workflow:
        return f"is of another workflow than {workflow}"
    # The open pull requests of the branch, whichever of them the run is for; none once this one counts as merged.
    named = [(one["number"], one["base"]["ref"]) for one in run["pull_requests"] or ()]
    if named and (number, base) not in named:
        return "is for " + ", ".join(f"pull request {other} into {into}" for other, into in named)
    return None


def _attested_commit(plan: bytes, repository: str, signer: str, number: int, run: int) -> str:
    """The commit that a plan was made of, from the signature of the workflow that made it; empty where there is none.

    Only what is in the certificate counts: GitHub wrote it, and no workflow can choose it.
    """
    server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
    try:
        for one in json.loads(_attestations(plan, repository, signer, server)):
            certificate = one["verificationResult"]["signature"]["certificate"]
            if (
                certificate["buildTrigger"] == "pull_request"
                and certificate["sourceRepositoryRef"] == f"refs/pull/{number}/merge"
                and certificate["runInvocationURI"].startswith(f"{server}/{repository}/actions/runs/{run}/")
            ):
                return str(certificate["sourceRepositoryDigest"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused("`gh attestation verify` does not answer as it should") from error
    return ""


def _attestations(plan: bytes, repository: str, signer: str, server: str) -> bytes:
    """What `gh` could verify of a plan, as JSON. Some versions ended with 0 where there was nothing to verify."""
    program = shutil.which("gh")
    if program is None:
        raise Refused("`gh` is not installed, so the attestation of the plan cannot be verified")
    env = {name: value for name, value in os.environ.items() if name in GH_READS}
    env |= {"GH_TOKEN": os.environ["GITHUB_TOKEN"], "GH_HOST": urlsplit(server).hostname or ""}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plan.json"
        file.write_bytes(plan)
        command = [program, "attestation", "verify", str(file), f"--repo={repository}", f"--signer-workflow={signer}"]
        try:
            ended = subprocess.run(  # noqa: S603 - whole words, and no shell
                [*command, "--format=json"], env=env, cwd=folder, capture_output=True, timeout=PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Refused(f"`gh attestation verify` did not end: {type(error).__name__}") from error
    for line in ended.stderr.decode("utf-8", "replace").splitlines():
        sys.stderr.write(f"gh: {line}\n")  # so that no line of it is a command to the runner
    return ended.stdout or b"[]" if ended.returncode == 0 else b"[]"


def _misfit_of_commit(github: GitHub, commit: str, pull: dict[str, Any]) -> str | None:
    """Why a plan of this commit is not of the pull request merged into its base; None where it is.

    Nothing that GitHub says of a run names its base. But GitHub made the commit, and knows what it merges.
    """
    if not commit:
        return f"has no attestation for pull request {pull['number']}"
    parents = [parent["sha"] for parent in github.get(f"git/commits/{commit}")["parents"]]
    if len(parents) != 2 or parents[1] != pull["head"]["sha"]:
        return f"planned a commit that does not merge pull request {pull['number']}"
    if not _is_on_branch(github, parents[0], pull["base"]["ref"]):
        return f"planned a merge into another branch than {pull['base']['ref']}"
    return None


def _commit(text: bytes, artifact: int) -> str:
    commit = text.decode("ascii", "replace").strip()
    if not COMMIT.fullmatch(commit):
        raise Refused(f"merge-commit of artifact {artifact} is not a commit")
    return commit


def _digest(plan: bytes) -> str:
    try:
        return str(json.loads(plan)["digests"]["changes"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("plan.json of the artifact is not a plan") from error


def main(arguments: list[str]) -> None:
    """Reads the command line, writes the file. Raises Refused."""
    asked = _parser().parse_args(arguments)
    repository = os.environ["GITHUB_REPOSITORY"]
    github = GitHub(os.environ["GITHUB_API_URL"], repository, os.environ["GITHUB_TOKEN"])
    if asked.command == "asks":
        require_reviewers(github, asked.environment)
    elif asked.command == "reviewed":
        content, digest = reviewed(
            github,
            repository,
            asked.commit,
            branch=asked.branch,
            workflow=asked.workflow,
            name=asked.comment_name,
            signer=asked.attested_by,
        )
        asked.destination.write_bytes(content)
        sys.stdout.write(f"{digest}\n")
    else:
        taken = newest(github, repository, asked.name, asked.file, asked.branch)
        if taken is not None:
            asked.destination.write_bytes(taken)
        elif not asked.optional:
            raise Refused(f"no run of {asked.branch} has left an artifact {asked.name}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    asks = commands.add_parser("asks")
    asks.add_argument("environment")
    one = commands.add_parser("newest")
    one.add_argument("name")
    one.add_argument("file")
    one.add_argument("--optional", action="store_true")
    plan = commands.add_parser("reviewed")
    plan.add_argument("commit")
    plan.add_argument("--workflow", default="")
    plan.add_argument("--comment-name", default="plan")
    plan.add_argument("--attested-by", default="")
    for command in (one, plan):
        command.add_argument("destination", type=Path)
        command.add_argument("--branch", required=True)
    return parser


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Refused as refused:
        sys.stderr.write(f"::error title=orgsync::{refused}\n")
        sys.exit(3)
