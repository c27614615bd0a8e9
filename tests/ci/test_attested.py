"""Where attested plans are asked for, only what GitHub signed for the plan workflow and this pull request counts."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from github_api import REPOSITORY
from stories import every_third

from ci import gh
from ci.reviewed import MERGE, OTHER, OTHER_MERGE, merged, plan, reviewed

if TYPE_CHECKING:
    from pathlib import Path

    from ci.actions_api import ActionsApi

MADE = sha256(plan()["plan.json"]).hexdigest()


def attested(digest: str = MADE, **odd: Any) -> list[dict[str, Any]]:
    """What the plan workflow signs for the run, but for what is odd."""
    return [gh.attestation(digest, **{"repository": REPOSITORY, "number": 7, "commit": MERGE, "run": 1, **odd})]


ATTESTED: dict[str, tuple[list[dict[str, Any]] | None, str]] = {
    "by the workflow, for this pull request": (attested(), ""),
    "twice": ([*attested(run=9), *attested()], ""),
    "not at all": ([], "run 1 has no attestation for pull request 7"),
    "another file": (attested(OTHER), "run 1 has no attestation"),
    "by another workflow": (attested(signer="acme/console/.github/workflows/x.yml"), "run 1 has no attestation"),
    "for another repository": (attested(repository="stranger/console"), "run 1 has no attestation"),
    "for another pull request": (attested(number=8), "run 1 has no attestation for pull request 7"),
    "of another run": (attested(run=11), "run 1 has no attestation"),
    "of a push": (attested(buildTrigger="push"), "run 1 has no attestation"),
    "of another base": (attested(commit=OTHER_MERGE), "run 1 planned a merge into another branch"),
    "without a program to verify it": (None, "`gh` is not installed"),
}


@pytest.mark.parametrize("how", every_third(ATTESTED))
def test_where_it_is_asked_for_only_an_attested_plan_counts(how: str, github: ActionsApi, tmp_path: Path) -> None:
    """What the artifact says of itself is right in every case, and so is what GitHub says of the run."""
    attestations, told = ATTESTED[how]
    merged(github)
    if attestations is not None:
        gh.install(tmp_path / "bin", attestations)
    env = {"PATH": str(tmp_path / "bin"), "ANTHROPIC_ADMIN_KEY": "sk-ant-admin01-of-a-test"}
    ended = reviewed(github, tmp_path, f"--attested-by={gh.SIGNER}", **env)
    assert (ended.returncode, told in ended.stderr) == (3 if told else 0, True), ended.stderr
    assert (tmp_path / "ceiling.json").exists() is not bool(told)


GARBLED = {
    "nothing": "",
    "no JSON": "echo '{'",
    "no certificate": "echo '[{}]'",
    "an empty list": "echo '[]'",
    "a refusal": "echo '::error::HTTP 403: Resource not accessible' >&2; exit 1",
}


@pytest.mark.parametrize("how", GARBLED)
def test_what_gh_does_not_clearly_say_is_no_attestation(how: str, github: ActionsApi, tmp_path: Path) -> None:
    merged(github)
    (tmp_path / "gh").write_text(f"#!/bin/sh\n{GARBLED[how]}\n")
    (tmp_path / "gh").chmod(0o755)
    ended = reviewed(github, tmp_path, f"--attested-by={gh.SIGNER}", PATH=str(tmp_path))
    assert (ended.returncode, (tmp_path / "ceiling.json").exists()) == (3, False)
    said_by_gh = [line for line in ended.stderr.splitlines() if "403" in line]
    assert said_by_gh == (["gh: ::error::HTTP 403: Resource not accessible"] if how == "a refusal" else [])
