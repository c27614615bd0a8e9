"""Where the guards of the base cannot be read, the plan is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from acme import HEAD
from stories import every_third

from cli.base_guards.support import JUDGED, LOOSE, MORE, ORG, UNREAD, Planned, is_closed

if TYPE_CHECKING:
    from core.review.support import Repository

    from cli.conftest import Orgsync


UNREADABLE = {
    "cut": ORG + "members: [\n",
    "section": ORG + "guards: {protect: []}\n",
    "empty": "",
    "comment": "# nothing\n",
    "list": "- a\n",
    "text": ORG.replace("percent: 100", "percent: lots"),
    "number": ORG.replace("percent: 100", "percent: 101"),
    "key": ORG.replace("percent: 100", "portion: 100"),
    "guard": ORG.replace("guards: {", "guards: {no_such_guard: 1, "),
    "null": "guards:\n",
    "kind": "guards: [1]\n",
    "entry": ORG.replace('["member:ana@acme.example"]', "[7]"),
    "limit": ORG.replace("percent: 100", "percent: 100, percent: 99"),
    "tag": ORG.replace("percent: 100", "percent: !number 100"),
    "organization": ORG + 'organization: {name: "Acme Robotics"}\n',
    "no key": ORG + "? [a]\n: b\n",
    "merged": ORG + "<<: {teams: {a: [], a: []}}\n",
    "anchor": ORG.replace("{ceo", "&all {raj@acme.example: boss, ceo"),
    "anchor with a problem": ORG + "console: &limits {count: 1, count: 2}\n",
}


@pytest.mark.parametrize("name", every_third(UNREADABLE))
def test_what_cannot_be_read_is_refused_and_lifted_by_hand_only(
    repository: Repository, orgsync: Orgsync, name: str
) -> None:
    text = UNREADABLE[name]
    (repository.folder / "org.yaml").write_text((HEAD if text.startswith(("manage", "guards")) else "") + text)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "broken")
    repository.write("org.yaml", LOOSE)
    assert is_closed(orgsync).startswith("main:org.yaml:")


@pytest.mark.parametrize(("before", "after"), [("org.yaml", "conf/org.yaml"), ("conf/.org.yml", "org.yaml")])
def test_a_file_that_is_renamed_says_where_it_was(
    repository: Repository, orgsync: Orgsync, before: str, after: str
) -> None:
    repository.commit(before, ORG)
    (repository.folder / before).rename(repository.folder / "moved")
    repository.write(after, LOOSE)
    assert is_closed(orgsync, path=after) == f"{after} does not exist at the base, whose organization file is {before}"


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
    assert is_closed(orgsync) == f"org.yaml does not exist at the base, whose organization files are {found}"
    repository.write(".hidden/new.yaml", MORE)
    found = ".hidden/org.yaml, a/flow.yaml, b/escaped.yml and 2 more"
    assert is_closed(orgsync, ".hidden/new.yaml") == (
        f".hidden/new.yaml does not exist at the base, whose organization files are {found}"
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
