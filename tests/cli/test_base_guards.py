"""The guards of the base fail closed: whatever becomes of the files there, they judge, or the plan is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from acme import HEAD
from core.review.support import WHO, Repository

from cli.support import CEO, NOW

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync

ANA = "member:ana@acme.example"
ORG = """\
manage: {members: authoritative}
guards: {protect: ["member:ana@acme.example"], max_removals: {percent: 100}}
members: {ceo@acme.example: admin, ana@acme.example: user, raj@acme.example: user}
"""
LOOSE = ORG.replace('protect: ["member:ana@acme.example"]', "protect: []").replace("ana@acme.example: user, ", "")
"""What nobody may do in one step: no protection, and Ana is removed."""

MORE = ORG.replace("raj@", "kim@acme.example: user, raj@")
"""What any change of the files may do."""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: MakeSandbox) -> Repository:
    """A repository whose file protects Ana, around the folder that commands run in."""
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)
    people = [{"email": f"{name}@acme.example", "role": "user"} for name in ("ana", "raj")]
    sandbox(users=[CEO, *people])
    made = Repository(tmp_path)
    made.commit(".gitignore", "# not ours\n*.db*\n")
    return made


class Planned:
    """How `plan --base main` ended."""

    def __init__(
        self, orgsync: Orgsync, *words: str, path: str = "org.yaml", base: str = "main", now: str = NOW
    ) -> None:
        here = ["plan", path, "--sandbox", "acme.db", "--now", now, "--base", base]
        ended = orgsync(*here, *words, "--format", "json")
        self.code, self.err = ended.code, ended.err
        self.plan: dict[str, Any] = json.loads(ended.out) if ended.out else {}

    @property
    def removed(self) -> list[str]:
        """The whole plan is printed, also if it is refused."""
        return [change["address"] for change in self.plan["changes"] if change["action"] == "remove"]

    @property
    def verdict(self) -> dict[str, Any] | None:
        found = [verdict for verdict in self.plan["guards"] if verdict["guard"] == "base_guards"]
        return found[0] if found else None

    @property
    def refused_for(self) -> str:
        """Why the guards of the base refuse the plan."""
        assert self.code == 3
        verdict = self.verdict
        assert verdict is not None
        assert not verdict["passed"]
        return str(verdict["message"])

    @property
    def codes(self) -> set[str]:
        return {note["code"] for note in self.plan["findings"]}


JUDGED = "refused by the guards of the base: protect: protected by guards.protect"
UNREAD = "the guards of the base cannot be read: "
BY_HAND = "; correct that first, or lift this by hand with --without-base-guards REASON"


def is_judged(
    orgsync: Orgsync, repository: Repository, path: str = "org.yaml", now: str = NOW, others: Sequence[Path] = ()
) -> Planned:
    """Holds the loose files, which are refused by the guards of the base, and harmless ones, which are not."""
    for other in others:
        other.unlink()
    file = path if path.endswith(".yaml") else f"{path}/org.yaml"
    repository.write(file, LOOSE)
    loose = Planned(orgsync, path=path, now=now)
    assert loose.refused_for == JUDGED
    assert loose.removed == [ANA]
    repository.write(file, MORE)
    harmless = Planned(orgsync, path=path, now=now)
    assert harmless.code == 0
    assert harmless.verdict == {
        "guard": "base_guards",
        "passed": True,
        "message": "the guards of the base pass as well",
        "addresses": [],
    }
    return harmless


def is_closed(orgsync: Orgsync, path: str = "org.yaml", base: str = "main") -> str:
    """Holds the plan, which is refused with and without --first, and lifted by hand only. Returns why."""
    refused = Planned(orgsync, path=path, base=base)
    message = refused.refused_for
    assert message.startswith(UNREAD)
    assert message.endswith(BY_HAND)
    assert refused.plan["changes"]
    assert "base_unusable" in refused.codes
    assert {change["cause"] for change in refused.plan["changes"]} == {"unknown"}
    assert not refused.plan["first"]
    assert Planned(orgsync, "--first", path=path, base=base).refused_for == f"{message}; --first has no effect here"
    lifted = Planned(orgsync, "--without-base-guards", "CH-7", path=path, base=base)
    assert lifted.code == 0
    assert lifted.plan["without_base_guards"] == "CH-7"
    assert lifted.verdict is not None
    assert lifted.verdict["passed"]
    assert lifted.verdict["message"] == f"lifted by hand: {message}"
    return message.removeprefix(UNREAD).removesuffix(BY_HAND)


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


@pytest.mark.parametrize(
    "text",
    [
        ORG + "members: [\n",
        ORG + "guards: {protect: []}\n",
        "",
        "# nothing\n",
        "- a\n",
        ORG.replace("percent: 100", "percent: lots"),
        ORG.replace("percent: 100", "percent: 101"),
        ORG.replace("percent: 100", "portion: 100"),
        ORG.replace("guards: {", "guards: {no_such_guard: 1, "),
        "guards:\n",
        "guards: [1]\n",
        ORG.replace('["member:ana@acme.example"]', "[7]"),
        ORG.replace("percent: 100", "percent: 100, percent: 99"),
        ORG.replace("percent: 100", "percent: !number 100"),
        ORG + 'organization: {name: "Acme Robotics"}\n',
        ORG + "? [a]\n: b\n",
        ORG + "<<: {teams: {a: [], a: []}}\n",
        ORG.replace("{ceo", "&all {raj@acme.example: boss, ceo"),
        ORG + "console: &limits {count: 1, count: 2}\n",
    ],
    ids=[
        *("cut", "section", "empty", "comment", "list", "text", "number", "key", "guard", "null", "kind", "entry"),
        *("limit", "tag", "organization", "no key", "merged", "anchor", "anchor with a problem"),
    ],
)
def test_what_cannot_be_read_is_refused_and_lifted_by_hand_only(
    repository: Repository, orgsync: Orgsync, text: str
) -> None:
    (repository.folder / "org.yaml").write_text((HEAD if text.startswith(("manage", "guards")) else "") + text)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "broken")
    repository.write("org.yaml", LOOSE)
    assert is_closed(orgsync).startswith("main:org.yaml:")


def test_a_guard_that_this_version_does_not_accept_is_kept_as_it_was_written(
    repository: Repository, orgsync: Orgsync
) -> None:
    old = ORG.replace("protect: [", 'protect: ["seat:*", "member", ').replace(
        "{protect", "{credential_of: root, protect"
    )
    repository.commit("org.yaml", old)
    plan = is_judged(orgsync, repository).plan
    assert plan["base_rules"]["protect"] == [ANA, "member", "seat:*"]
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
    plan = is_judged(orgsync, repository)
    assert "base_unusable" in plan.codes


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


@pytest.mark.parametrize(("before", "after"), [("org.yaml", "conf/org.yaml"), ("conf/.org.yml", "org.yaml")])
def test_a_file_that_is_renamed_says_where_it_was(
    repository: Repository, orgsync: Orgsync, before: str, after: str
) -> None:
    repository.commit(before, ORG)
    (repository.folder / before).rename(repository.folder / "moved")
    repository.write(after, LOOSE)
    assert is_closed(orgsync, path=after) == f"{after} does not exist there; organization files there: {before}"


def test_other_organization_files_are_found_wherever_they_are(repository: Repository, orgsync: Orgsync) -> None:
    texts = {
        "a/flow.yaml": '# flow\n{version: 1, organization: {name: "Acme Robotics"}}\n',
        "b/escaped.yml": '# escaped\n"organiz\\x61tion": {name: "Acme Robotics"}\n',
        "c/broken.yaml": "# broken\norganization: {name: x}\nmembers: [\n",
        "d/deep/er/other.yaml": HEAD,
        "e/inside.yaml": "# not at the top level\njobs: {organization: x}\n",
        "e/text.yaml": "# not a key\nname: organization\n",
        ".hidden/org.yaml": HEAD,
        "f/org.json": "# not YAML\norganization: {}\n",
    }
    for name, text in texts.items():
        repository.commit(name, text)
    repository.write("org.yaml", MORE)
    found = "a/flow.yaml, b/escaped.yml, c/broken.yaml and 1 more"
    assert is_closed(orgsync) == f"org.yaml does not exist there; organization files there: {found}"
    repository.write(".hidden/new.yaml", MORE)
    found = ".hidden/org.yaml, a/flow.yaml, b/escaped.yml and 2 more"
    assert is_closed(orgsync, ".hidden/new.yaml") == (
        f".hidden/new.yaml does not exist there; organization files there: {found}"
    )


@pytest.mark.parametrize("target", ["real.yaml", "/etc/hostname", "nowhere"])
def test_a_link_at_the_base_is_refused(repository: Repository, orgsync: Orgsync, target: str) -> None:
    repository.write("real.yaml", ORG)
    (repository.folder / "org.yaml").symlink_to(target)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "a link")
    (repository.folder / "org.yaml").unlink()
    repository.write("org.yaml", LOOSE)
    assert is_closed(orgsync) == "main:org.yaml:1:1: this is a link, and links are not read"


def test_another_organization_at_the_base_is_refused(repository: Repository, orgsync: Orgsync) -> None:
    other = 'version: 1\norganization: {name: "Other"}\n' + ORG
    repository.commit("org.yaml", other)
    repository.write("org.yaml", LOOSE)
    assert is_closed(orgsync) == 'its files are for another organization ("Other")'
    repository.commit("org.yaml", other.replace('"Other"', '"Acme Robotics", id: 00000000-0000-0000-0000-000000000000'))
    repository.write("org.yaml", LOOSE)
    assert is_closed(orgsync).endswith("another organization (00000000-0000-0000-0000-000000000000)")
    repository.commit("org.yaml", "# no organization\n" + ORG)
    repository.write("org.yaml", LOOSE)
    assert is_closed(orgsync) == "its files name no organization"


def test_an_organization_goes_by_its_id_where_the_base_has_one(repository: Repository, orgsync: Orgsync) -> None:
    named = 'version: 1\norganization: {name: "Before", id: 3F1C7A52-9d0e-4b7a-8c55-2f6b1e0d4a91}\n'
    repository.commit("org.yaml", named + ORG)
    assert "base_unusable" in is_judged(orgsync, repository).codes


def test_the_first_file_is_refused_unless_a_person_says_so(repository: Repository, orgsync: Orgsync) -> None:
    repository.write("org.yaml", MORE)
    refused = Planned(orgsync)
    assert refused.refused_for == f"{UNREAD}there is no organization file; add --first if these are the first files"
    assert not refused.plan["first"]
    first = Planned(orgsync, "--first")
    assert first.code == 0
    assert first.verdict is None
    assert first.plan["first"]
    assert "base_missing" in first.codes
    assert {change["cause"] for change in first.plan["changes"]} == {"config"}


@pytest.mark.parametrize("base", ["path:old", "old"])
def test_a_folder_without_files_is_a_base_without_files(repository: Repository, orgsync: Orgsync, base: str) -> None:
    (repository.folder / "old").mkdir()
    repository.write("org.yaml", MORE)
    assert Planned(orgsync, base=base).refused_for.endswith("add --first if these are the first files")
    assert Planned(orgsync, "--first", base=base).code == 0


def test_a_base_in_files_is_read_by_the_same_rules(repository: Repository, orgsync: Orgsync) -> None:
    repository.write("org.yaml", LOOSE)
    repository.write("old.yaml", ORG.replace("raj@acme.example: user", "raj@acme.example: boss"))
    assert Planned(orgsync, base="path:old.yaml").refused_for == JUDGED
    (repository.folder / "link.yaml").symlink_to("old.yaml")
    assert is_closed(orgsync, base="path:link.yaml") == "link.yaml:1:1: this is a link, and links are not read"
    (repository.folder / "gone.yaml").symlink_to("nowhere")
    assert is_closed(orgsync, base="path:gone.yaml") == "gone.yaml:1:1: this is a link, and links are not read"
    repository.write("old.yaml", "# no organization\nname: x\n")
    assert is_closed(orgsync, base="path:old.yaml") == "its files name no organization"


def test_first_has_no_effect_on_a_base_that_judges(repository: Repository, orgsync: Orgsync) -> None:
    repository.commit("org.yaml", ORG)
    repository.write("org.yaml", LOOSE)
    planned = Planned(orgsync, "--first")
    assert planned.refused_for == JUDGED
    assert not planned.plan["first"]


def test_what_is_lifted_by_hand_is_printed_first_and_recorded(repository: Repository, orgsync: Orgsync) -> None:
    repository.commit("org.yaml", ORG)
    repository.write("org.yaml", LOOSE)
    here = ["org.yaml", "--sandbox", "acme.db", "--now", NOW, "--base", "main"]
    lifted = ["--without-base-guards", "Ana has left, CH-7"]
    shown = orgsync("plan", *here, *lifted, "--out", "plan.json").out
    assert shown.splitlines()[0] == "The guards of the base are lifted by hand: Ana has left, CH-7"
    next_step = "orgsync apply org.yaml --base main --without-base-guards 'Ana has left, CH-7' --sandbox acme.db"
    assert " ".join(orgsync("plan", *here, *lifted).out.split()).endswith(next_step)
    assert shown.startswith(orgsync("show", "plan.json").out)
    markdown = orgsync("plan", *here, *lifted, "--format", "markdown").out
    assert "> [!WARNING]\n> The guards of the base are **lifted by hand**: Ana has left, CH-7" in markdown
    assert orgsync("apply", *here, "--yes").code == 3
    assert orgsync("apply", "plan.json", *here[1:5], "--yes").code == 0


def test_apply_lifts_and_refuses_as_plan_does(repository: Repository, orgsync: Orgsync) -> None:
    repository.commit("org.yaml", "# broken\nmembers: [\n")
    repository.write("org.yaml", MORE)
    here = ["apply", "org.yaml", "--sandbox", "acme.db", "--now", NOW, "--base", "main", "--yes"]
    ended = orgsync(*here)
    assert ended.code == 3
    assert f"base_guards: {UNREAD}main:org.yaml" in ended.err
    assert orgsync(*here, "--without-base-guards", "CH-7").code == 0


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_what_belongs_to_a_base_needs_one(repository: Repository, orgsync: Orgsync, command: str) -> None:
    repository.write("org.yaml", MORE)
    for words in (["--first"], ["--without-base-guards", "CH-7"]):
        ended = orgsync(command, "org.yaml", "--sandbox", "acme.db", *words)
        assert ended.code == 1
        assert f"{words[0]} requires --base" in ended.err


@pytest.mark.parametrize(
    ("variable", "event", "code"),
    [
        *(("GITHUB_EVENT_NAME", event, 1) for event in ("push", "pull_request", "pull_request_target", "merge_group")),
        *(("CI_PIPELINE_SOURCE", event, 1) for event in ("push", "merge_request_event")),
        ("GITHUB_EVENT_NAME", "workflow_dispatch", 0),
        ("CI_PIPELINE_SOURCE", "web", 0),
    ],
)
def test_guards_are_lifted_where_a_person_started_the_run_only(
    repository: Repository, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch, variable: str, event: str, code: int
) -> None:
    repository.commit("org.yaml", ORG)
    repository.write("org.yaml", LOOSE)
    monkeypatch.setenv(variable, event)
    here = ["plan", "org.yaml", "--sandbox", "acme.db", "--base", "main", "--without-base-guards", "CH-7"]
    ended = orgsync(*here)
    assert ended.code == code
    assert code == 0 or f"{variable} is {event}" in ended.err


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_a_reason_is_not_blank(repository: Repository, orgsync: Orgsync, reason: str) -> None:
    repository.commit("org.yaml", ORG)
    ended = orgsync("plan", "org.yaml", "--sandbox", "acme.db", "--base", "main", "--without-base-guards", reason)
    assert ended.code == 1
    assert "--without-base-guards: the reason is blank" in ended.err


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
