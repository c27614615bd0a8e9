"""What files said at a commit, on real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.review.support import WHO, Repository
from orgsync.errors import InputError, UsageError
from orgsync.files.yaml import git
from orgsync.files.yaml.git import is_commit, load_at, organization_files_at
from orgsync.files.yaml.load import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.words.source import Document

OLD, NEW = "members: {ana@acme.example: user}\n", "members: {ana@acme.example: developer}\n"
TEAM = "# a team\nteams: {platform: [ana@acme.example]}\n"


@pytest.fixture(autouse=True)
def _nobody_in_particular(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def role(repository: Repository, name: str, path: Path) -> object:
    """Ana's role at that commit."""
    del repository
    document = load_at(name, path)
    assert document is not None
    return document.data["members"]["ana@acme.example"]


@pytest.mark.parametrize("name", ["org.yaml", "conf/org.yaml", "a folder/üñï ☃.yaml", ":(top)x.yaml", "a*/[b].yaml"])
def test_a_file_is_read_as_it_was(repository: Repository, name: str) -> None:
    path = repository.commit(name, OLD)
    repository.commit(name, NEW)
    repository.write(name, "members: {ana@acme.example: billing}\n")
    assert role(repository, "HEAD", path) == "developer"
    assert role(repository, "main~1", path) == "user"
    document = load_at("HEAD", path)
    assert document is not None
    assert document.files == (f"HEAD:{name}",)
    assert str(document.data.sources["members"]) == f"HEAD:{name}:3:1"


def test_the_same_files_have_the_same_digest_wherever_they_are_read(repository: Repository) -> None:
    repository.commit("conf/one.yaml", OLD)
    path = repository.commit("conf/two.yaml", TEAM).parent
    document = load_at("main", path)
    assert document is not None
    assert document.digest == load(path).digest
    assert document.data == load(path).data


@pytest.mark.parametrize("where", ["", "conf", "conf/deeper"])
def test_the_path_may_be_relative_to_any_folder(
    repository: Repository, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit("conf/deeper/notes.yaml", "# nothing\n")
    path = repository.commit("conf/org.yaml", OLD)
    monkeypatch.chdir(repository.folder / where)
    up = "../" * len(Path(where).parts)
    assert role(repository, "main", Path(f"{up}conf/org.yaml")) == "user"
    assert role(repository, "main", path) == "user"


def test_a_folder_is_read_as_it_was_without_what_is_no_file_of_it(repository: Repository) -> None:
    repository.commit("conf/b.yaml", OLD)
    repository.commit("conf/a.YML", TEAM)
    repository.commit("conf/.hidden.yaml", NEW)
    repository.commit("conf/notes.txt", "# not read\n")
    repository.commit("conf/.deeper/c.yaml", NEW)
    repository.commit("conf/teams/d.yaml", "# workspaces\nworkspaces: {}\n")
    repository.git("rm", "--quiet", "--cached", "conf/b.yaml")
    document = load_at("HEAD", repository.folder / "conf")
    assert document is not None
    assert document.files == ("HEAD:conf/a.YML", "HEAD:conf/b.yaml", "HEAD:conf/teams/d.yaml")
    assert document.names["HEAD:conf/teams/d.yaml"] == "teams/d.yaml"


KEYS = frozenset({"version", "organization", "members", "teams", "workspaces"})
FOLDERS = {
    "files in folders": {"org.yaml": OLD, "teams/x/a.yml": TEAM, "teams.yaml/b.yaml": "# b\nworkspaces: {}\n"},
    "others": {
        "org.yaml": OLD,
        "k8s/a.yaml": "# kind\nkind: Role\n",
        "list.yaml": "# list\n- a\n",
        "many.yml": "# many\na: 1\n---\nb: 2\n",
    },
    "deep": {"org.yaml": OLD, f"{'x/' * 17}a.yaml": TEAM},
    "names that differ in case": {"org.yaml": OLD, "Teams/a.yaml": TEAM, "teams/A.yaml": "# b\nworkspaces: {}\n"},
    "a name that cannot be shown": {"org.yaml": OLD, "teams/a\x1b.yaml": TEAM},
    "nothing": {"k8s/a.yaml": "# kind\nkind: Role\n"},
    "an empty file": {"org.yaml": OLD, "empty.yaml": "# nothing\n"},
}
LINKS = {"to a folder": "teams", "to a file": "../../notes.txt", "to nothing": "nowhere", "out of it": "/etc"}


def read_as(document: Callable[[], Document | None]) -> object:
    """All that a reader of files can tell, but where they are."""
    try:
        read = document()
    except (InputError, UsageError) as error:
        problems = error.problems if isinstance(error, InputError) else ()
        return [(one.message, one.hint) for one in problems] or None
    return read and (
        read.data,
        tuple(read.names.values()),
        read.digest,
        [(one.name, one.keys) for one in read.left_out],
    )


@pytest.mark.parametrize("case", FOLDERS)
def test_a_folder_is_read_at_a_commit_as_in_the_work_tree(repository: Repository, case: str) -> None:
    for name, text in FOLDERS[case].items():
        repository.commit(f"conf/{name}", text)
    path = repository.folder / "conf"
    here = read_as(lambda: load(path, keys=KEYS))
    assert read_as(lambda: load_at("HEAD", path, keys=KEYS)) == here


@pytest.mark.parametrize("case", LINKS)
def test_only_a_link_to_a_folder_could_hide_files(repository: Repository, case: str) -> None:
    repository.commit("notes.txt", "# text\n")
    repository.commit("conf/org.yaml", OLD)
    repository.commit("conf/in/teams/a.yaml", TEAM)
    (repository.folder / "conf" / "in" / "link").symlink_to(LINKS[case])
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "a link")
    path = repository.folder / "conf"
    at_commit = read_as(lambda: load_at("HEAD", path, keys=KEYS))
    if case == "out of it":  # what is outside of the repository is no part of a commit
        with pytest.raises(InputError, match="conf/in/link:1:1: this is a link"):
            load(path)
        assert isinstance(at_commit, tuple)
    else:
        assert at_commit == read_as(lambda: load(path, keys=KEYS))
        assert isinstance(at_commit, list) == (case == "to a folder")


def test_a_repository_in_the_folder_is_not_part_of_its_commits(repository: Repository) -> None:
    commit = repository.git("rev-parse", "HEAD") if repository.commit("conf/org.yaml", OLD) else ""
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},conf/other.yaml")
    repository.git("commit", "--quiet", "--message", "a submodule")
    Repository(repository.folder / "conf" / "other.yaml").write("a.yaml", TEAM)
    path = repository.folder / "conf"
    here, there = load(path, keys=KEYS), load_at("HEAD", path, keys=KEYS)
    assert there is not None
    assert here.digest == there.digest
    assert [(one.name, one.keys) for one in here.left_out] == [("other.yaml", None)]


def test_the_top_of_the_repository_is_a_folder_too(repository: Repository) -> None:
    repository.commit("org.yaml", OLD)
    assert role(repository, "HEAD", repository.folder) == "user"


@pytest.mark.parametrize("name", ["new.yaml", "new/"])
def test_what_was_not_there_is_told_from_what_cannot_be_read(repository: Repository, name: str) -> None:
    repository.commit("org.yaml", OLD)
    path = repository.write(f"{name}org.yaml" if name.endswith("/") else name, NEW)
    assert load_at("HEAD", path) is None
    assert load_at("HEAD", path.parent if name.endswith("/") else path) is None


def test_the_repository_stays_as_it_is(repository: Repository) -> None:
    repository.commit("org.yaml", OLD)
    path = repository.write("org.yaml", NEW)
    before = contents(repository.folder)
    load_at("main", path)
    load_at("main", repository.folder)
    is_commit("main", path)
    assert contents(repository.folder) == before


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file in a folder, the repository's own included, with its time and bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_no_filter_and_no_hook_runs(repository: Repository) -> None:
    """What is committed counts, not what a filter of whoever wrote the pull request would make of it."""
    path = repository.commit("org.yaml", OLD)
    touched = repository.folder / "touched"
    hook = f"touch '{touched}'; cat"
    for key in ("filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "core.fsmonitor", "core.pager"):
        repository.git("config", key, hook)
    repository.write(".gitattributes", "# all\n*.yaml filter=evil diff=evil\n")
    assert role(repository, "HEAD", path) == "user"
    assert not touched.exists()


@pytest.mark.parametrize("target", ["/etc/passwd", "real.yaml", "nowhere.yaml"])
def test_a_link_is_refused_by_the_words_of_the_work_tree(repository: Repository, target: str) -> None:
    repository.commit("conf/real.yaml", OLD)
    (repository.folder / "conf" / "link.yaml").symlink_to(target)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "a link")
    for path in (repository.folder / "conf", repository.folder / "conf" / "link.yaml"):
        with pytest.raises(InputError) as caught:
            load_at("HEAD", path)
        [at_commit] = caught.value.problems
        with pytest.raises(InputError) as caught:
            load(path)
        [here] = caught.value.problems
        assert (at_commit.message, at_commit.hint) == (here.message, here.hint)
        assert at_commit.told == "HEAD:conf/link.yaml:1:1: this is a link, and links are not read"


def test_a_link_above_the_path_leads_to_the_same_file(repository: Repository) -> None:
    repository.commit("conf/org.yaml", OLD)
    (repository.folder / "current").symlink_to("conf")
    assert role(repository, "HEAD", repository.folder / "current" / "org.yaml") == "user"


@pytest.mark.parametrize(("before", "after"), [("org", "org/a.yaml"), ("org/a.yaml", "org")])
def test_a_path_is_found_as_what_it_was(repository: Repository, before: str, after: str) -> None:
    """A file where a folder is now, and the other way round."""
    repository.commit(before, OLD)
    repository.git("rm", "--quiet", "-r", "org")
    repository.write(after, NEW)
    document = load_at("HEAD", repository.folder / "org")
    assert document is not None
    assert document.files == (f"HEAD:{before}",)


def test_what_was_another_repository_is_refused(repository: Repository) -> None:
    commit = repository.git("rev-parse", "HEAD") if repository.commit("org.yaml", OLD) else ""
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},conf")
    repository.git("commit", "--quiet", "--message", "a submodule")
    with pytest.raises(InputError, match="HEAD:conf:1:1: this is not a regular file"):
        load_at("HEAD", repository.write("conf/org.yaml", OLD).parent)


def test_organization_files_are_looked_for_in_so_many_files(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write("b.yaml", OLD)
    path = repository.commit("conf/a.yml", NEW)
    repository.write("notes.txt", OLD)
    repository.commit("conf/team.yaml", TEAM)
    assert organization_files_at("HEAD", path) == ("b.yaml", "conf/a.yml")
    assert organization_files_at("HEAD", path.parent) == ("b.yaml", "conf/a.yml")
    monkeypatch.setattr(git, "MAX_SEARCHED", 2)
    with pytest.raises(InputError, match="HEAD has more than 2 YAML files or 64 MiB"):
        organization_files_at("HEAD", path)


def test_a_folder_that_looks_like_a_repository_is_not_taken_for_one(repository: Repository, tmp_path: Path) -> None:
    """Whoever writes the tree could put a whole repository into it, and so say what the files said before."""
    path = repository.commit("conf/org.yaml", OLD)
    forged = Repository(tmp_path / "forged")
    forged.commit("org.yaml", NEW)
    for inside in (forged.folder / ".git").iterdir():
        if inside.name in {"HEAD", "objects", "refs", "config"}:
            inside.rename(path.parent / inside.name)
    with pytest.raises(UsageError, match="cannot use bare repository"):
        load_at("main", path)
    assert not is_commit("main", path)


def test_a_replaced_object_does_not_count(repository: Repository) -> None:
    """`refs/replace` can make one commit look like another."""
    path = repository.commit("org.yaml", OLD)
    repository.commit("org.yaml", NEW)
    repository.git("replace", "HEAD~1", "HEAD")
    assert role(repository, "HEAD~1", path) == "user"


def test_a_tag_that_is_called_like_a_branch_is_not_taken_for_it(repository: Repository) -> None:
    path = repository.commit("org.yaml", OLD)
    repository.git("tag", "main")
    repository.commit("org.yaml", NEW)
    for name in ("main", "main~0"):
        with pytest.raises(UsageError, match=f'"{name}" is ambiguous, for example a branch and a tag of the same name'):
            load_at(name, path)
    assert is_commit("main", path)
    assert role(repository, "refs/heads/main", path) == "developer"
    assert role(repository, "refs/tags/main", path) == "user"


def test_a_branch_that_is_called_like_a_commit_is_not_taken_for_it(repository: Repository) -> None:
    path = repository.commit("org.yaml", OLD)
    commit = repository.git("rev-parse", "HEAD")
    repository.commit("org.yaml", NEW)
    repository.git("update-ref", f"refs/heads/{commit}", "HEAD")
    assert role(repository, commit, path) == "user"


@pytest.mark.parametrize("name", ["--help", "-n1", "--output=/tmp/x", "", "a\nb", "main\0"])
def test_what_cannot_be_a_commit_never_reaches_git(repository: Repository, name: str) -> None:
    path = repository.commit("org.yaml", OLD)
    with pytest.raises(UsageError, match="is not the name of a commit"):
        load_at(name, path)
    assert not is_commit(name, path)


def without_repository(repository: Repository, tmp_path: Path) -> Path:
    del repository
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere" / "org.yaml"


def shallow(repository: Repository, tmp_path: Path) -> Path:
    repository.commit("org.yaml", NEW)
    clone = f"file://{repository.folder}"
    repository.git("clone", "--quiet", "--depth", "1", clone, str(tmp_path / "clone"))
    return tmp_path / "clone" / "org.yaml"


def cloned(repository: Repository, tmp_path: Path) -> Path:
    repository.git("branch", "nope")
    repository.git("clone", "--quiet", str(repository.folder), str(tmp_path / "clone"))
    return tmp_path / "clone" / "org.yaml"


def plain(repository: Repository, tmp_path: Path) -> Path:
    del tmp_path
    return repository.folder / "org.yaml"


@pytest.mark.parametrize(
    ("made", "name", "message", "hint"),
    [
        (plain, "nope", 'has no commit "nope"', "fetch it, or use"),
        (plain, "HEAD:org.yaml", "has no commit", "fetch it, or use"),
        (cloned, "nope", 'has no commit "nope"', "did you mean origin/nope?"),
        (shallow, "HEAD~1", "has no commit", "fetch-depth: 0"),
        (without_repository, "main", "is not in a git repository", "--base path:FILE"),
    ],
)
def test_a_commit_that_cannot_be_looked_at_says_what_to_do(
    repository: Repository,
    tmp_path: Path,
    made: Callable[[Repository, Path], Path],
    name: str,
    message: str,
    hint: str,
) -> None:
    repository.commit("org.yaml", OLD)
    path = made(repository, tmp_path)
    with pytest.raises(UsageError, match=message) as caught:
        load_at(name, path)
    assert hint in str(caught.value.hint)
    assert not is_commit(name, path)


def test_a_clone_without_its_objects_is_not_completed_behind_ones_back(repository: Repository, tmp_path: Path) -> None:
    repository.commit("org.yaml", OLD)
    repository.commit("org.yaml", NEW)
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = f"file://{repository.folder}"
    repository.git("clone", "--quiet", "--filter=blob:none", clone, str(tmp_path / "clone"))
    with pytest.raises(UsageError) as caught:
        load_at("HEAD~1", tmp_path / "clone" / "org.yaml")
    assert "this clone is incomplete" in str(caught.value.hint)


def test_git_may_be_missing(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    path = repository.commit("org.yaml", OLD)
    monkeypatch.setenv("PATH", str(repository.folder))
    with pytest.raises(UsageError, match="git is not installed"):
        load_at("main", path)


def test_what_a_hook_sets_does_not_lead_elsewhere(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = repository.commit("org.yaml", OLD)
    other = Repository(tmp_path / "other")
    other.commit("org.yaml", NEW)
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.folder / ".git" / "index"))
    assert role(repository, "main", path) == "user"


def test_an_untrusted_folder_is_named_as_git_names_it(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    path = repository.commit("org.yaml", OLD)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "no-section")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "x")
    with pytest.raises(UsageError, match="git rev-parse: "):
        load_at("main", path)


def test_problems_of_the_base_are_named_with_the_commit(repository: Repository) -> None:
    path = repository.commit("org.yaml", "members: {a: b\n")
    subprocess.run(["git", "tag", "v1"], cwd=repository.folder, check=True, env={"PATH": "/usr/bin:/bin", **WHO})
    with pytest.raises(InputError) as caught:
        load_at("v1", path)
    assert caught.value.problems[0].told.startswith("v1:org.yaml:")
