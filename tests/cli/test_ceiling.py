"""`apply --ceiling`: from review to merge by digest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.support import CEO, NOW, Sandbox, files

if TYPE_CHECKING:
    from conftest import Golden

    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Ended

GOLDEN = Path(__file__).parent / "golden" / "ceiling"
AT = ["--sandbox", "acme.db", "--now", NOW]
APPLY = ["apply", "org.yaml", *AT, "--yes", "--ceiling", "reviewed.json"]
TEAM = """\
manage: {members: authoritative}
guards: {max_removals: {percent: 100}}
members:
  ceo@acme.example: admin
  ana@acme.example: developer
  raj@acme.example: user
"""


@pytest.fixture
def acme(sandbox: MakeSandbox, tmp_path: Path) -> Sandbox:
    files(tmp_path, TEAM)
    users = [{"email": f"{name}@acme.example", "role": "user"} for name in ("ana", "raj", "kim")]
    return sandbox(users=[CEO, *users], workspaces=[{"name": "old-poc"}])


def review(orgsync: Orgsync, *more: str) -> str:
    """Has the plan reviewed, and says by which digest."""
    assert orgsync("plan", "org.yaml", *AT, "--out", "reviewed.json", *more).code in {0, 3}
    digest: str = json.loads(Path("reviewed.json").read_text(encoding="utf-8"))["digests"]["changes"]
    return digest


def refused(ended: Ended, acme: Sandbox, code: int, message: str) -> None:
    """It ended like this, said so, and sent nothing."""
    assert ended.code == code, ended.said
    assert message in ended.err
    assert acme.writes() == []


def test_what_was_reviewed_is_applied_and_again_does_nothing(acme: Sandbox, orgsync: Orgsync) -> None:
    digest = review(orgsync)
    for ending in (digest, digest[:12], digest.upper()):
        assert orgsync(*APPLY, "--ceiling-digest", ending).code == 0
    assert len(acme.writes()) == 2


def test_what_was_merged_meanwhile_is_named_and_nothing_is_done(
    acme: Sandbox, orgsync: Orgsync, tmp_path: Path, golden: Golden
) -> None:
    review(orgsync)
    files(tmp_path, TEAM.replace("raj@acme.example: user", "raj@acme.example: billing\n  new@acme.example: user"))
    acme.console("POST", f"users/{acme.id_of('users', 'email', 'ana@acme.example')}", {"role": "billing"})
    ended = orgsync(*APPLY)
    refused(ended, acme, 4, "the files request more than was reviewed; nothing was changed")
    golden(GOLDEN / "beyond.txt", ended.err.partition("Error: ")[2])


def test_less_than_was_reviewed_is_fine(acme: Sandbox, orgsync: Orgsync) -> None:
    review(orgsync)
    kim = acme.id_of("users", "email", "kim@acme.example")
    acme.console("DELETE", f"users/{kim}")
    assert orgsync(*APPLY).code == 0
    assert len(acme.writes()) == 1


def test_a_forged_plan_allows_no_more_than_the_files_ask_for(acme: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    """Whoever makes the artifact writes into it what they like; the files that were merged do not ask for it."""
    files(tmp_path, TEAM.replace("  raj@acme.example: user\n", "") + "workspaces: {old-poc: {archived: true}}\n")
    review(orgsync, "--allow", "workspace:old-poc")
    files(tmp_path, TEAM)
    assert orgsync(*APPLY).code == 0
    assert sorted(request.split(" ")[0] for request in acme.writes()) == ["DELETE", "POST"]
    assert acme.id_of("users", "email", "raj@acme.example")
    assert acme.console("GET", "workspaces")["data"][0]["archived_at"] is None


def test_another_plan_than_the_reviewed_one_is_refused_before_anything_is_read(acme: Sandbox, orgsync: Orgsync) -> None:
    digest = review(orgsync)
    before = acme.received()
    other = f"{'0' if digest[0] != '0' else '1'}{digest[1:12]}"
    refused(orgsync(*APPLY, "--ceiling-digest", other), acme, 4, f"its digest is {digest}, not {other}")
    assert acme.received() == before


def test_allowances_are_those_of_the_review(acme: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    """An artifact lifts no guard by itself: whoever runs apply says again what the review allowed."""
    files(tmp_path, TEAM + "workspaces: {old-poc: {archived: true}}\n")
    review(orgsync)
    refused(orgsync(*APPLY), acme, 3, "irreversible")
    refused(orgsync(*APPLY, "--allow", "workspace:old-poc"), acme, 3, "irreversible")
    review(orgsync, "--allow", "workspace:old-poc")
    refused(orgsync(*APPLY), acme, 3, "irreversible")
    refused(orgsync(*APPLY, "--allow", "member:kim@acme.example"), acme, 1, "not allowed by the reviewed plan")
    assert orgsync(*APPLY, "--allow", "workspace:old-poc").code == 0


def test_a_review_ends_with_its_time(acme: Sandbox, orgsync: Orgsync) -> None:
    review(orgsync)
    late = [part if part != NOW else "2026-11-30T10:00:00Z" for part in APPLY]
    refused(orgsync(*late), acme, 4, "more than 7d ago")
    assert orgsync(*late, "--valid-for", "9d").code == 0


def test_a_review_of_another_organization_is_none(acme: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    elsewhere = {"id": "12345678-1234-5678-1234-567812345678", "name": "Acme Robotics"}
    Sandbox(tmp_path / "other.db", organization=elsewhere, users=[CEO, {"email": "ana@acme.example", "role": "user"}])
    assert orgsync("plan", "org.yaml", "--sandbox", "other.db", "--now", NOW, "--out", "reviewed.json").code == 0
    refused(orgsync(*APPLY), acme, 1, f'the reviewed plan is for "Acme Robotics" ({elsewhere["id"]})')


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["org.yaml", "--ceiling-digest", "0" * 12], "--ceiling-digest requires --ceiling"),
        (["reviewed.json", "--ceiling", "reviewed.json"], "a saved plan, which is a ceiling itself"),
        (["org.yaml", "--ceiling", "reviewed.json", "--ceiling-digest", "abc"], '"abc" is not a digest'),
        (["org.yaml", "--ceiling", "nowhere.json"], "nowhere.json: the plan could not be read"),
        (["org.yaml", "--ceiling", "org.yaml"], "is not JSON"),
        (
            ["org.yaml", "--ceiling", "reviewed.json", "--skip", "member:raj@acme.example"],
            "--skip is for saved plans only",
        ),
    ],
)
def test_options_that_do_not_go_together(acme: Sandbox, orgsync: Orgsync, more: list[str], message: str) -> None:
    review(orgsync)
    refused(orgsync("apply", *more, *AT, "--yes"), acme, 1, message)


def test_an_edited_review_is_refused(acme: Sandbox, orgsync: Orgsync) -> None:
    review(orgsync)
    path = Path("reviewed.json")
    path.write_text(path.read_text(encoding="utf-8").replace("developer", "billing"), encoding="utf-8")
    refused(orgsync(*APPLY), acme, 1, "was edited: its digest does not match")
