"""Files and folders: what is read, in which order, what is refused, how maps merge."""

from __future__ import annotations

import gc
import os
from contextlib import suppress
from pathlib import Path

import pytest

from orgsync.core.words.source import Source
from orgsync.errors import InputError, UsageError
from orgsync.files.yaml import load as yaml_files
from orgsync.files.yaml.load import MAX_FILE_BYTES, load


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str | bytes) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        load(path)
    return [str(problem).splitlines()[0] for problem in caught.value.problems]


def test_one_file() -> None:
    document = load(write("org/main.yaml", "version: 1\n"))
    assert document.data == {"version": 1}
    assert document.files == ("org/main.yaml",)
    assert document.data.sources["version"] == Source("org/main.yaml", 1, 1)


def test_the_files_of_a_folder_merge_deeply() -> None:
    write("org/b.yml", "members: {raj@acme.com: user}\nworkspaces:\n  prod:\n    members: {raj@acme.com: user}\n")
    write("org/a.yaml", "version: 1\nmembers:\n  ana@acme.com: admin\nworkspaces:\n  prod:\n    color: '#fff'\n")
    document = load(Path("org"))
    assert document.data == {
        "version": 1,
        "members": {"ana@acme.com": "admin", "raj@acme.com": "user"},
        "workspaces": {"prod": {"color": "#fff", "members": {"raj@acme.com": "user"}}},
    }
    assert document.files == ("org/a.yaml", "org/b.yml")
    assert document.data["members"].sources == {
        "ana@acme.com": Source("org/a.yaml", 3, 3),
        "raj@acme.com": Source("org/b.yml", 1, 11),
    }
    assert document.data.sources["members"] == Source("org/a.yaml", 2, 1)


def test_a_key_with_two_values_names_both_places() -> None:
    write("org/a.yaml", "version: 1\nteams: {core: [ana]}\nmembers: {ana: admin}\nworkspaces:\n")
    write("org/b.yaml", "version: 1\nteams:\n  core: [raj]\nmembers: [raj]\nworkspaces: {prod: {}}\n")
    assert refused(Path("org")) == [
        'org/b.yaml:1:1: the key "version" is also in org/a.yaml:1:1; only maps can be merged',
        'org/b.yaml:3:3: the key "core" is also in org/a.yaml:2:9; only maps can be merged',
        'org/b.yaml:4:1: the key "members" is also in org/a.yaml:3:1; only maps can be merged',
        'org/b.yaml:5:1: the key "workspaces" is also in org/a.yaml:4:1; only maps can be merged',
    ]


def test_all_problems_of_all_files_are_told_at_once() -> None:
    write("org/a.yaml", "version: 1\nversion: 1\nteams: [\n")
    write("org/b.yaml", "")
    write("org/c.yaml", b"\xff")
    write("org/d.yaml", "version: 2\n")
    places = [line.split(" ")[0] for line in refused(Path("org"))]
    assert places == [
        "org/a.yaml:2:1:",
        "org/a.yaml:4:1:",
        "org/b.yaml:1:1:",
        "org/c.yaml:1:1:",
        "org/d.yaml:1:1:",
    ]


def test_a_merge_key_cut_off_by_a_syntax_error_is_no_second_problem() -> None:
    for name in ("a", "b"):
        write(f"org/{name}.yaml", f"<<: {{{name}: 1}}\n{name}2: [\n")
    assert len(refused(Path("org"))) == 2


def test_aliases_of_all_files_share_one_budget() -> None:
    text = "{0}: &a [" + "x, " * 999 + "x]\n" + "{0}s: [*a, *a, *a, *a, *a]\n"
    write("org/a.yaml", text.format("a"))
    assert load(Path("org"))
    write("org/b.yaml", text.format("b"))
    assert refused(Path("org")) == ["org/b.yaml:2:22: aliases add more than 10,000 values"]


def test_anchors_end_with_their_file() -> None:
    write("org/a.yaml", "a: &a 1\n")
    write("org/b.yaml", "b: *a\n")
    assert refused(Path("org")) == ['org/b.yaml:1:4: unknown alias "*a"']


def test_visible_yaml_files_are_read_wherever_they_are_in_the_folder() -> None:
    """Members that were moved into a folder for each team must not look like removed ones."""
    for number, name in enumerate(("a.YAML", "deeper/b.yaml", "deeper.yaml", "teams.yaml/x/c.yml")):
        write(f"org/{name}", f"k{number}: 1\n")
    for other in (
        "org/.hidden.yaml",
        "org/notes.txt",
        "org/yaml",
        "org/a.yaml.bak",
        "org/.git/x.yaml",
        "org/b/.c/d.yml",
    ):
        write(other, "[")
    document = load(Path("org"))
    assert document.files == ("org/a.YAML", "org/deeper.yaml", "org/deeper/b.yaml", "org/teams.yaml/x/c.yml")
    assert document.names["org/deeper/b.yaml"] == "deeper/b.yaml"


@pytest.mark.parametrize("path", ["missing.yaml", "missing/org.yaml", "."])
def test_nothing_to_read_is_an_error_with_a_next_step(path: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(Path(path))
    assert caught.value.hint == "create one with `orgsync export`"


def test_what_is_no_file_is_not_opened() -> None:
    os.mkfifo("pipe.yaml")
    Path("folder").mkdir()
    os.mkfifo("folder/inner.yaml")
    for path, file in (("pipe.yaml", "pipe.yaml"), ("/dev/null", "/dev/null"), ("folder", "folder/inner.yaml")):
        assert refused(Path(path)) == [f"{file}:1:1: this is not a regular file"]


def test_a_file_below_a_file_cannot_be_read() -> None:
    write("org.yaml", "a: 1\n")
    with pytest.raises(UsageError, match=r"cannot read org.yaml/b.yaml: Not a directory"):
        load(Path("org.yaml/b.yaml"))


def test_a_file_that_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write("org.yaml", "a: 1\n")
    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(UsageError, match=r"cannot read org.yaml: Permission denied"):
        load(path)


LINK = "this is a link, and links are not read"


@pytest.mark.parametrize("target", ["../secret.yaml", "a.yaml", "b.yaml", "nowhere.yaml", "folder"])
def test_a_link_is_refused_wherever_it_leads(target: str) -> None:
    write("secret.yaml", "token: x\n")
    write("org/a.yaml", "a: 1\n")
    Path("org/folder").mkdir()
    Path("org/b.yaml").symlink_to(target)
    for path in ("org", "org/b.yaml"):
        assert refused(Path(path)) == [f"org/b.yaml:1:1: {LINK}"]


def test_a_link_to_a_folder_is_refused_and_its_hint_helps() -> None:
    write("org/a.yaml", "a: 1\n")
    Path("current").symlink_to("org")
    with pytest.raises(InputError, match=f"current:1:1: {LINK}") as caught:
        load(Path("current"))
    assert "use the path that the link points to" in str(caught.value)
    assert load(Path("current").readlink()).data == {"a": 1}


def test_a_link_above_the_path_leads_to_the_file() -> None:
    write("org/a.yaml", "a: 1\n")
    Path("current").symlink_to("org")
    assert load(Path("current/a.yaml")).data == {"a": 1}


def test_a_link_that_is_not_one_of_the_files_does_not_matter() -> None:
    write("org/a.yaml", "a: 1\n")
    for name in ("notes.txt", ".hidden.yaml", "deeper"):
        Path("org", name).symlink_to("/nowhere")
    assert load(Path("org")).data == {"a": 1}


@pytest.mark.parametrize("name", ["a\x1b[31m.yaml", "a\n::error::.yaml", os.fsdecode(b"a\xff.yaml")])
def test_a_file_name_that_cannot_be_shown_is_refused(name: str) -> None:
    write(f"org/{name}", "a: 1\n")
    (message,) = refused(Path("org"))
    assert message.isprintable()
    assert message.endswith("contains unprintable characters")


def test_a_file_may_begin_with_a_byte_order_mark() -> None:
    document = load(write("org.yaml", b"\xef\xbb\xbfa: 1\n"))
    assert document.data.sources == {"a": Source("org.yaml", 1, 1)}


def test_a_file_that_is_too_large_is_not_read_to_its_end() -> None:
    path = write("org.yaml", "")
    with path.open("r+b") as stream:
        stream.truncate(MAX_FILE_BYTES + 1)
    assert refused(path) == ["org.yaml:1:1: the file is larger than 16 MiB"]


def test_files_that_are_too_large_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_files, "MAX_TOTAL_BYTES", 10)
    write("org/a.yaml", "a: 1\n")
    write("org/b.yaml", "b: 1\n")
    assert load(Path("org")).data == {"a": 1, "b": 1}
    write("org/c.yaml", "c: 1\n")
    assert refused(Path("org")) == ["org/c.yaml:1:1: the files are larger than 64 MiB together"]


def test_the_digest_follows_paths_and_bytes_and_not_the_folder() -> None:
    write("one/a.yaml", "a: 1\n")
    write("moved/x/a.yaml", "a: 1\n")
    write("two/a.yaml", "a: 1\n")
    write("renamed/b.yaml", "a: 1\n")
    write("changed/a.yaml", "a: 1 \n")
    one, two, *others = (load(Path(folder)).digest for folder in ("one", "two", "renamed", "changed", "moved"))
    assert one == two
    assert len({one, *others}) == 4
    assert len(one) == 64


@pytest.mark.parametrize("text", ["a: 1\n", "a: [\n"])
@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(text: str, *, enabled: bool) -> None:
    path = write("org.yaml", text)
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with suppress(InputError):
            load(path)
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
