"""Which files of a folder are read: no file twice, none in silence, and bounds in all directions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orgsync.errors import InputError, UsageError
from orgsync.files.yaml import folder
from orgsync.files.yaml.load import load

KEYS = frozenset({"version", "members", "workspaces"})


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str = "members: {}\n") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        load(Path(path), keys=KEYS)
    return [one.told for one in caught.value.problems]


def test_a_file_with_two_names_is_refused() -> None:
    write("org/a.yaml")
    Path("org/teams").mkdir()
    os.link("org/a.yaml", "org/teams/b.yaml")
    assert problems("org") == ['org/teams/b.yaml:1:1: this is the same file as "a.yaml", by another name']


def test_names_that_are_one_on_other_computers_are_refused() -> None:
    write("org/Teams/a.yaml", "members: {}\n")
    write("org/teams/A.yml", "workspaces: {}\n")
    write("org/teams/a.yaml", "workspaces: {}\n")
    message = 'the path differs from "Teams/a.yaml" only in case, and is the same file on some computers'
    assert problems("org") == [f"org/teams/a.yaml:1:1: {message}"]


def test_a_link_to_a_folder_is_refused_wherever_it_leads() -> None:
    write("org/a.yaml")
    write("elsewhere/b.yaml", "workspaces: {}\n")
    for target in ("../elsewhere", "teams", "."):
        Path("org/teams").mkdir(exist_ok=True)
        Path("org/more").symlink_to(target)
        assert problems("org") == ["org/more:1:1: this is a link, and links are not read"]
        Path("org/more").unlink()


def test_folders_and_files_have_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    write(f"org/{'d/' * 16}a.yaml")
    assert load(Path("org"), keys=KEYS).files
    deep = write(f"org/{'d/' * 17}b.yaml", "workspaces: {}\n")
    assert problems("org") == [f"{deep}:1:1: the file is more than 16 folders deep"]
    deep.unlink()
    monkeypatch.setattr(folder, "MAX_FILES", 1)
    write("org/b.yaml", "workspaces: {}\n")
    assert problems("org") == ["more than 1 YAML files"]


@pytest.mark.parametrize(
    "text",
    ["kind: Role\n", "- a\n", "text\n", "a: !Ref b\na: c\n", "a: 1\n---\nmembers: {}\n", "{}\n"],
    ids=["other keys", "a list", "a text", "tags and two keys", "two documents", "no keys"],
)
def test_a_file_without_any_key_of_the_format_is_left_out(text: str) -> None:
    write("org/a.yaml")
    alone = load(Path("org"), keys=KEYS)
    write("org/k8s/b.yaml", text)
    document = load(Path("org"), keys=KEYS)
    assert (document.data, document.digest, document.files) == (alone.data, alone.digest, alone.files)
    assert [one.name for one in document.left_out] == ["k8s/b.yaml"]


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "members\n  a: b\n", "a: [\n", "version: 1\n---\na: 1\n", "a: 1\n\x00"],
    ids=["empty", "a comment", "a colon forgotten", "cut off", "two documents", "no text"],
)
def test_what_could_be_an_organization_file_is_never_left_out(text: str) -> None:
    """What cannot be read must not become what is not there."""
    write("org/a.yaml")
    write("org/b.yaml", text)
    assert problems("org")


def test_one_file_is_an_organization_file_because_it_was_named() -> None:
    assert load(write("org.yaml", "kind: Role\n"), keys=KEYS).files == ("org.yaml",)


def test_a_folder_without_organization_files_is_nothing_to_read() -> None:
    write("org/k8s/b.yaml", "kind: Role\n")
    with pytest.raises(UsageError, match="there is no organization file in the folder org: no file there has a key"):
        load(Path("org"), keys=KEYS)


def test_a_repository_in_the_folder_is_told_and_not_read() -> None:
    write("org/a.yaml")
    write("org/other/b.yaml", "workspaces: {}\n")
    write("org/other/.git", "gitdir: elsewhere\n")
    document = load(Path("org"), keys=KEYS)
    assert document.files == ("org/a.yaml",)
    assert [(one.name, one.keys) for one in document.left_out] == [("other", None)]
