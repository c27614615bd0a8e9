"""The guards of the base judge, whatever else is wrong with its files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from acme import HEAD

from cli.base_guards.support import ANA, JUDGED, LOOSE, ORG, Planned, is_closed, is_judged
from cli.support import NOW

if TYPE_CHECKING:
    from core.review.support import Repository

    from cli.conftest import Orgsync


@pytest.mark.parametrize(
    "mistake",
    [
        ORG.replace("raj@acme.example: user", "raj@acme.example: boss"),
        ORG + "no_such_section: {}\n",
        ORG + "workspaces: {twin: {color: 7}}\n",
        ORG.replace("manage: {members: authoritative}", "manage: {members: whatever}"),
        'version: 9\norganization: {name: "Acme Robotics"}\n' + ORG,
        'version: 1\nrequires: "<0.1"\norganization: {name: "Acme Robotics"}\n' + ORG,
        'version: 1\norganization: {name: "Acme Robotics", since: 2024}\n' + ORG,
        ORG.replace("{protect:", '{allow: [{address: "nothing:x"}], protect:'),
        ORG.replace("raj@acme.example: user", "raj@acme.example: user, raj@acme.example: developer"),
        ORG + "workspaces:\n  lab: {color: !hex '111111'}\n  lab: {}\n",
        ORG + "spend_limit: .inf\n",
        ORG + "teams: {core: *nobody}\n",
    ],
    ids=[
        *("role", "section", "value", "mode", "version", "requires", "organization", "allowance"),
        *("twice", "tag", "number", "alias"),
    ],
)
def test_a_mistake_elsewhere_leaves_the_guards_of_the_base(
    repository: Repository, orgsync: Orgsync, mistake: str
) -> None:
    repository.commit("org.yaml", mistake)
    plan = is_judged(orgsync, repository)
    assert "base_unusable" in plan.codes
    assert {change["cause"] for change in plan.plan["changes"]} == {"unknown"}


def test_settings_are_compared_with_those_of_a_base_that_has_a_mistake(
    repository: Repository, orgsync: Orgsync
) -> None:
    repository.commit("org.yaml", ORG.replace("authoritative", "whatever").replace("user", "boss"))
    repository.write("org.yaml", LOOSE)
    notes = [note for note in Planned(orgsync).plan["findings"] if note["code"] == "privileged_change"]
    assert {note["address"]: note["message"] for note in notes} == {
        "setting:guards/protect/member:ana@acme.example": "listed -> (none): protects less than before",
        "setting:manage/members": "whatever -> authoritative: decides what orgsync does",
    }


def test_a_guard_that_this_version_does_not_accept_is_kept_as_it_was_written(
    repository: Repository, orgsync: Orgsync
) -> None:
    old = ORG.replace("protect: [", 'protect: ["seat:*", "member", ').replace(
        "{protect", "{credential_of: root, protect"
    )
    repository.commit("org.yaml", old)
    plan = is_judged(orgsync, repository).plan
    assert [entry["address"] for entry in plan["base_rules"]["protect"]] == [ANA, "member", "seat:*"]
    assert plan["base_rules"]["credential_of"] == ["root"]


@pytest.mark.parametrize("dated", ["accept", "waivers", "allow", "until"])
def test_a_base_that_has_aged_still_judges(repository: Repository, orgsync: Orgsync, dated: str) -> None:
    day = "2026-12-01"
    aged = {
        "accept": f"accept: [{{address: '*', reason: CH-1, until: {day}}}]\n",
        "waivers": f"waivers: [{{policy: naming, key: 'api_key:a/b', until: {day}, reason: CH-1}}]\n"
        "key_policies: {naming: {name: '^a$', then: report}}\n",
        "allow": "",
        "until": "workspaces: {lab: {members: {raj@acme.example: workspace_user}}}\n",
    }[dated]
    text = ORG + aged
    if dated == "allow":
        text = ORG.replace("{protect", f"{{allow: [{{address: '{ANA}', reason: CH-1, until: {day}}}], protect")
    if dated == "until":
        text = text.replace("raj@acme.example: user,", "").replace(
            "raj@acme.example: user}", f"raj@acme.example: {{role: user, until: {day}}}}}"
        )
    repository.commit("org.yaml", text)
    is_judged(orgsync, repository, now="2027-05-01T10:00:00Z")


def test_one_key_in_two_files_matters_where_it_is_one_of_the_guards(repository: Repository, orgsync: Orgsync) -> None:
    """As two pull requests leave it that were merged one after the other."""
    repository.commit("org/org.yaml", ORG)
    twice = repository.commit("org/team.yaml", "# a team\nmembers: {raj@acme.example: developer}\n")
    assert "base_unusable" in is_judged(orgsync, repository, path="org", others=[twice]).codes
    for text in ("guards: {max_removals: {percent: 99}}\n", HEAD.splitlines()[1] + "\n", "no_map: 1\nguards: [\n"):
        repository.write("org/org.yaml", ORG)
        twice = repository.commit("org/team.yaml", f"# a team\n{text}")
        twice.unlink()
        repository.write("org/org.yaml", LOOSE)
        assert is_closed(orgsync, path="org").startswith("main:org/team.yaml:")


def test_settings_in_two_files_judge_as_they_did(repository: Repository, orgsync: Orgsync) -> None:
    repository.write("org/guards.yaml", "# guards\n" + ORG.splitlines()[1] + "\n")
    repository.commit("org/org.yaml", ORG.replace(ORG.splitlines()[1] + "\n", ""))
    (repository.folder / "org" / "guards.yaml").unlink()
    is_judged(orgsync, repository, path="org")


def test_a_base_that_the_organization_makes_impossible_judges(repository: Repository, orgsync: Orgsync) -> None:
    repository.commit("org.yaml", ORG + "workspaces: {new: {id: wrkspc_01Nothing}}\n")
    """What only a person could decide is blocked there as well, and the rest is compared."""
    plan = is_judged(orgsync, repository)
    assert "base_unusable" not in plan.codes


@pytest.mark.parametrize("earlier", [False, True])
def test_a_file_may_become_a_folder_and_back(repository: Repository, orgsync: Orgsync, *, earlier: bool) -> None:
    """In one change, or by an earlier change that did nothing else."""
    repository.commit("org", ORG)
    (repository.folder / "org").unlink()
    if earlier:
        repository.commit("org/org.yaml", ORG)
    is_judged(orgsync, repository, path="org")
    if not earlier:
        repository.commit("org/org.yaml", ORG)
    (repository.folder / "org" / "org.yaml").unlink()
    (repository.folder / "org").rmdir()
    repository.write("org", LOOSE)
    assert Planned(orgsync, path="org").refused_for == JUDGED
    if earlier:
        repository.commit("org", ORG)
        repository.write("org", LOOSE)
        assert Planned(orgsync, path="org").refused_for == JUDGED


def test_an_organization_goes_by_its_id_where_the_base_has_one(repository: Repository, orgsync: Orgsync) -> None:
    named = 'version: 1\norganization: {name: "Before", id: 3F1C7A52-9d0e-4b7a-8c55-2f6b1e0d4a91}\n'
    repository.commit("org.yaml", named + ORG)
    assert "base_unusable" not in is_judged(orgsync, repository).codes


def test_a_person_whom_only_the_base_names_is_known_in_a_snapshot_of_hashed_emails(
    repository: Repository, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the guards there would protect an address that nobody has."""
    monkeypatch.setenv("ORGSYNC_EMAIL_KEY", "0123456789abcdef" * 4)
    here = ["org.yaml", "--now", NOW]
    repository.commit("org.yaml", ORG.replace("protect: [", 'protect: ["member:r*@acme.example", '))
    taken = orgsync("snapshot", *here, "--sandbox", "acme.db", "--hash-emails", "--out", "live.json")
    assert taken.code == 0, taken.err
    repository.commit("org.yaml", ORG.replace("raj@acme.example: user", "raj@acme.example: boss"))
    repository.write("org.yaml", LOOSE)
    for base in ("main~1", "main"):
        ended = orgsync("plan", *here, "--snapshot", "live.json", "--base", base, "--format", "json")
        plan = json.loads(ended.out)
        assert [one["message"] for one in plan["guards"] if not one["passed"]] == [JUDGED]
        assert ANA in {change["address"] for change in plan["changes"]}
        assert ("cannot be matched with guards.protect: member:r*@acme.example" in ended.err) is (base == "main~1")
