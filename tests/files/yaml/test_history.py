"""Which commits changed the files, on real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest
from core.review.support import WHO, Repository

from orgsync.errors import UsageError
from orgsync.files.yaml.history import history_of


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)
    return Repository(tmp_path / "repository")


def subjects(path: Path, most: int = 100) -> list[str]:
    return [one.message.strip() for one in history_of(path, most).revisions]


@pytest.mark.parametrize("name", ["org.yaml", "conf/org.yaml", "a folder/üñï ☃.yaml", ":(top)x.yaml", "a*/[b].yaml"])
def test_only_commits_of_the_path_count_newest_first(repository: Repository, name: str) -> None:
    path = repository.commit(name, "# one\n")
    repository.commit("other.yaml", "# other\n")
    repository.commit(name, "# two\n")
    found = history_of(path, 100)
    assert [one.message for one in found.revisions] == [f"change {name}\n"] * 2
    assert (found.more, found.shallow) == (False, False)
    newest, oldest = found.revisions
    assert (newest.author, newest.id) == ("Ana", repository.git("rev-parse", "HEAD"))
    assert newest.parent == repository.git("rev-parse", "HEAD~1")
    assert oldest.parent is None


def test_a_folder_and_the_whole_repository_can_be_the_files(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit("conf/a.yaml", "# a\n")
    repository.commit("b.yaml", "# b\n")
    assert subjects(repository.folder / "conf") == ["change conf/a.yaml"]
    assert subjects(repository.folder) == ["change b.yaml", "change conf/a.yaml"]
    monkeypatch.chdir(repository.folder)
    assert subjects(Path("conf")) == ["change conf/a.yaml"]
    assert subjects(Path()) == ["change b.yaml", "change conf/a.yaml"]


def test_there_may_be_more_than_are_asked_for(repository: Repository) -> None:
    for number in range(3):
        path = repository.commit("org.yaml", f"# {number}\n")
    assert history_of(path, 2).more
    assert len(history_of(path, 2).revisions) == 2
    assert not history_of(path, 3).more


def test_a_message_of_any_form_is_one_commit(repository: Repository) -> None:
    path = repository.write("org.yaml", "# one\n")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "one\n\n\ntwo\n%H%x00\n", "--author", "A <B> <c@acme.example>")
    [one] = history_of(path, 10).revisions
    assert one.message.startswith("one\n\n")
    assert "%H%x00" in one.message
    path.write_text("# two\n", encoding="utf-8")
    repository.git("commit", "--quiet", "--all", "--allow-empty-message", "--message", "")
    assert [one.message for one in history_of(path, 1).revisions] == [""]


def test_no_program_of_the_repository_runs(repository: Repository) -> None:
    path = repository.commit("org.yaml", "# one\n")
    touched = repository.folder / "touched"
    hook = repository.write("hook", f"#!/bin/sh\ntouch '{touched}'\n")
    hook.chmod(0o755)
    for key in ("gpg.program", "diff.external", "diff.evil.textconv", "core.fsmonitor", "core.pager"):
        repository.git("config", key, str(hook))
    repository.git("config", "log.showSignature", "true")
    repository.write(".gitattributes", "# all\n*.yaml diff=evil\n")
    signed = repository.git("cat-file", "commit", "HEAD").replace(
        "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----\n\n", 1
    )
    (repository.folder / "signed").write_text(f"{signed}\n", encoding="utf-8")
    repository.git("update-ref", "HEAD", repository.git("hash-object", "-t", "commit", "-w", "signed"))
    assert subjects(path) == ["change org.yaml"]
    assert not touched.exists()


def test_where_there_is_nothing_to_tell_it_is_said(repository: Repository, tmp_path: Path) -> None:
    assert history_of(repository.write("org.yaml", "# one\n"), 10).revisions == ()
    with pytest.raises(UsageError, match=r"git: .* is not in a git repository"):
        history_of(tmp_path / "org.yaml", 10)
