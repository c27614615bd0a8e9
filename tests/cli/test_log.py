"""`orgsync log` as a person meets it, on real repositories."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from core.review.support import WHO, Repository

from cli.support import CEO, Sandbox
from orgsync.cli import exit_code
from orgsync.core.apply.journal import GENESIS, linked
from orgsync.files.state import kept_files
from orgsync.files.state.journal import read

if TYPE_CHECKING:
    from conftest import Golden

    from cli.conftest import Orgsync
    from cli.support import Ended

GOLDEN = Path(__file__).parent / "golden" / "log"

ANA = "ana@acme.example: developer"
FILES = """\
members:
  ceo@acme.example: admin
  ana@acme.example: user
workspaces:
  production: {spend_limit: {monthly: 8000}}
"""


class Story:
    """A repository and a sandbox whose clock moves an hour with every step."""

    def __init__(
        self, folder: Path, environment: pytest.MonkeyPatch, orgsync: Orgsync | None = None, *, hour: int = 0
    ) -> None:
        self._repository, self._orgsync, self._environment = Repository(folder), orgsync, environment
        self._hour = hour
        self._repository.write(".gitignore", "# not ours\n*.db*\n*.jsonl\n*.lock\n/kept/\n")

    @property
    def now(self) -> str:
        """The moment of the story."""
        return f"2026-11-22T{self._hour:02}:00:00Z"

    def commit(self, text: str, message: str, author: str = "Ana") -> None:
        """The file becomes this text."""
        self._hour += 1
        self._repository.write("org.yaml", text)
        date = f"{self.now.removesuffix('Z')}+00:00"
        self._repository.git("add", "--all")
        for name in ("GIT_COMMITTER_DATE", "GIT_AUTHOR_DATE"):
            self._environment.setitem(WHO, name, date)
        self._repository.git("commit", "--quiet", "--message", message, "--author", f"{author} <a@acme.example>")

    def apply(self, *words: str) -> None:
        """The file is applied."""
        self._hour += 1
        code = exit_code(["apply", "--sandbox", "acme.db", "--now", self.now, "--yes", "--first-apply", *words])
        assert code == 0
        self._set_clock_of_the_journal()

    def _set_clock_of_the_journal(self) -> None:
        """A journal has the time of the machine, and a story its own."""
        journal, previous, lines = self._repository.folder / "org.journal.jsonl", GENESIS, []
        for entry in read(journal):
            link = linked(replace(entry, at=min(entry.at, self.now)), previous)
            previous = link.hash
            lines.append(f"{link.text}\n")
        journal.write_text("".join(lines), encoding="utf-8")

    def log(self, *words: str | Path) -> Ended:
        """What `orgsync log` says at the end of the day."""
        assert self._orgsync is not None
        feed = [] if "--sandbox" in words else ["--no-feed"]
        ended = self._orgsync("log", "--now", "2026-11-22T23:00:00Z", *feed, *words)
        assert ended.code == 0, ended.err
        return ended

    def events(self, *words: str | Path) -> list[dict[str, Any]]:
        """The same as data."""
        found: list[dict[str, Any]] = json.loads(self.log("--format", "json", *words).out)["events"]
        return found


@pytest.fixture(scope="module")
def told_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One commit that was applied, one that was applied with another limit, and one that was not applied."""
    folder = tmp_path_factory.mktemp("story")
    Sandbox(
        folder / "acme.db",
        users=[CEO, {"email": "ana@acme.example", "role": "user"}],
        workspaces=[{"name": "production"}],
        settings={"compliance": "on"},
    )
    with pytest.MonkeyPatch.context() as environment:
        environment.chdir(folder)
        made = Story(folder, environment)
        made.commit(FILES, "First files")
        made.apply("--actor", "ana")
        made.commit(FILES.replace("8000", "12000"), "Raise the limit (#61)", author="Raj")
        made.apply("--actor", "raj")
        made.commit(FILES.replace("8000", "12000").replace("ana@acme.example: user", ANA), "Ana")
    return folder


@pytest.fixture
def story(told_once: Path, tmp_path: Path, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch) -> Story:
    """A copy of that story, to go on with at six."""
    shutil.copytree(told_once, tmp_path, dirs_exist_ok=True)
    return Story(tmp_path, monkeypatch, orgsync, hour=5)


def test_receipts_and_commits_are_one_line_of_time(story: Story, golden: Golden) -> None:
    golden(GOLDEN / "story.txt", story.log().out)


def test_a_time_long_ago_needs_no_beginning(story: Story) -> None:
    told = json.loads(story.log("--until", "60d", "--format", "json").out)
    assert (told["since"], told["until"]) == ("2026-08-24T23:00:00Z", "2026-09-23T23:00:00Z")


def test_an_address_has_its_own_history_from_the_beginning(story: Story) -> None:
    told = [(one["origin"], one["change"]) for one in story.events("spend_limit:*", "--reverse")]
    assert told == [
        ("files", "declared (monthly 8000)"),
        ("apply", "created (monthly 8000.00 USD)"),
        ("files", "monthly 8000 -> 12000"),
        ("apply", "monthly 8000.00 USD -> 12000.00 USD"),
    ]
    assert [one["who"] for one in story.events("ANA@acme.example")] == ["Ana", "Ana"]
    assert story.events("member:nobody@acme.example") == []


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        (["--since", "19h"], [5, 4]),
        (["--since", "2026-11-22T03:00:00Z", "--until", "2026-11-22T04:00:00Z"], [4, 3]),
        (["--until", "2026-11-22"], [5, 4, 3, 2, 1]),
        (["--until", "2026-11-21"], []),
        (["--until", "20h"], [3, 2, 1]),
        (["--since", "2026-11-22", "--until", "20h", "--reverse"], [1, 2, 3]),
    ],
)
def test_a_time_is_a_length_a_day_or_a_timestamp(story: Story, words: list[str], hours: list[int]) -> None:
    assert [int(one["at"][11:13]) for one in story.events(*words)] == hours


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--since", "2026-11-22T03:00:00"], "has no time zone"),
        (["--since", "soon"], "is not a valid duration"),
        (["--since", "1d", "--until", "2d"], "is later than"),
        (["membr:ana@acme.example"], "is not a kind"),
        (["--receipts", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_meant_is_refused(orgsync: Orgsync, words: list[str], message: str) -> None:
    ended = orgsync("log", *words)
    assert ended.code == 1
    assert message in ended.err


def test_the_receipts_of_pipelines_are_told_once(story: Story, tmp_path: Path, orgsync: Orgsync) -> None:
    """Each artifact holds the journal as it was then; files of other sorts lie beside them."""
    whole = (tmp_path / "org.journal.jsonl").read_text(encoding="utf-8")
    for run, lines in enumerate((whole.splitlines(keepends=True)[:2], whole.splitlines(keepends=True))):
        kept = tmp_path / "kept" / f"run-{run}"
        kept.mkdir(parents=True)
        (kept / "journal.jsonl").write_text("".join(lines), encoding="utf-8")
    (tmp_path / "kept" / "events.jsonl").write_text('{"kind": "planned"}\n', encoding="utf-8")
    (tmp_path / "kept" / "loop").symlink_to(tmp_path / "kept")
    expected = story.events()
    assert story.events("--receipts", tmp_path / "kept") == expected
    assert "kept/events.jsonl is not a journal, and was left out" in story.log("--receipts", "kept").out
    (tmp_path / "org.journal.jsonl").unlink()
    assert story.events("--receipts", "kept/run-0", "--receipts", "kept/run-1/journal.jsonl") == expected
    shutil.rmtree(tmp_path / ".git")
    told = story.log("--receipts", "kept").out
    assert "2 events" in told
    assert "commits were not read" in told


def test_an_edited_journal_is_said_to_be_edited(story: Story, tmp_path: Path) -> None:
    journal = tmp_path / "org.journal.jsonl"
    journal.write_text(journal.read_text(encoding="utf-8").replace('"raj"', '"eve"'), encoding="utf-8")
    ended = story.log()
    assert "org.journal.jsonl: the chain is broken, line 3 was edited" in " ".join(ended.out.split())
    assert "by eve" in ended.out


def test_receipts_of_other_organizations_are_left_out(story: Story, tmp_path: Path) -> None:
    other = FILES.replace("members:", "# ours\nmembers:")
    head = "version: 1\norganization: {id: 11111111-2222-3333-4444-555555555555}\n"
    (tmp_path / "org.yaml").write_text(head + other, encoding="utf-8")
    ended = story.log()
    assert "2 receipts of other organizations were left out" in ended.out
    assert "apply" not in {one["origin"] for one in story.events()}


def test_commits_that_cannot_be_read_hide_no_change(story: Story) -> None:
    """What was wrong could not be applied: the change counts from the commit that can be read."""
    broken = FILES.replace("8000", "100").replace("ana@acme.example: user", "ana@acme.example: boss")
    story.commit(broken, "Break it")
    story.commit(broken.replace("boss", "user"), "Mend it")
    newest, *_ = told = [(one["subject"], one["change"]) for one in story.events() if one["origin"] == "files"]
    assert newest == ("Mend it", "monthly 12000 -> 100")
    assert told[1] == ("Mend it", "role developer -> user")
    assert told[2][1].startswith('the files cannot be read: org.yaml:5:3: member:ana@acme.example: role: "boss"')
    story.commit(broken.replace("boss", "user") + "# more\n", "Say more")
    assert "left out: 1 commit that changed no declared value" in story.log().out


def test_a_shallow_clone_says_what_it_does_not_know(story: Story, tmp_path: Path) -> None:
    Repository(tmp_path / "kept").git("fetch", "--quiet", "--depth", "2", f"file://{tmp_path}", "main")
    Repository(tmp_path / "kept").git("checkout", "--quiet", "FETCH_HEAD")
    told = story.log("--path", "kept/org.yaml")
    assert "this clone is shallow" in told.out
    assert [one["subject"] for one in story.events("--path", "kept/org.yaml")] == ["Ana"]


def test_a_merge_is_told_once_with_what_it_brought(story: Story, tmp_path: Path) -> None:
    git = Repository(tmp_path).git
    git("checkout", "--quiet", "-b", "work", "HEAD~1")
    story.commit(FILES.replace("8000", "12000").replace("production", "prod"), "A step")
    git("checkout", "--quiet", "main")
    git("merge", "--quiet", "--no-ff", "--message", "Merge pull request #62 from acme/work\n\nRename it", "work")
    first = [one for one in story.events() if one["pull_request"] == "#62"]
    assert {one["subject"] for one in first} == {"Rename it"}
    assert "A step" not in story.log().out


def test_every_format_tells_the_same_and_emails_can_be_masked(story: Story) -> None:
    rows = list(csv.DictReader(StringIO(story.log("--format", "csv").out)))
    assert [row["what"] for row in rows] == [one["what"] for one in story.events()]
    assert rows[0]["fields"] == '[{"from": "user", "path": "role", "to": "developer"}]'
    masked = [story.log("--format", name, "--mask-emails").out for name in ("json", "markdown")]
    assert "| time (UTC) | where | what |" in masked[1]
    assert all("ana@acme" not in one and "a…@acme.example" in one for one in masked)


def test_names_from_commits_are_inert(story: Story) -> None:
    story.commit(FILES, "\x1b[31m::error::\u202e (#1)", author="=cmd\x1b[2J")
    for name in ("text", "csv"):
        out = story.log("--format", name).out
        assert "\x1b" not in out
        assert "\u202e" not in out


def test_without_files_and_records_it_says_that_nothing_is_recorded(orgsync: Orgsync) -> None:
    ended = orgsync("log")
    assert ended.code == 0
    assert "Nothing is recorded for this time." in ended.out


def test_a_folder_of_too_many_files_ends_the_command(
    tmp_path: Path, orgsync: Orgsync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_files, "MOST", 1)
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).touch()
    ended = orgsync("log", "--receipts", ".")
    assert ended.code == 1
    assert "--receipts: . holds more than 1 files that end with .jsonl" in ended.err


@pytest.mark.story
def test_drift_reports_say_what_was_changed_elsewhere(story: Story, tmp_path: Path, orgsync: Orgsync) -> None:
    here: list[str | Path] = ["drift", "--sandbox", "acme.db", "--fail-on", "new"]
    reports = tmp_path / "kept"
    reports.mkdir()
    (reports / "plan.json").write_text("{}", encoding="utf-8")
    story.apply()
    for hour, cents in ((8, 1_200_000), (9, 900_000)):
        rows = json.loads(orgsync("sandbox", "edit", "acme.db", "get", "workspaces").out)["data"]
        scope = {"type": "workspace", "workspace_id": next(row["id"] for row in rows if row["name"] == "production")}
        body = json.dumps({"scope": scope, "amount": str(cents)})
        assert orgsync("sandbox", "edit", "acme.db", "post", "spend_limits", body).code == 0
        words: list[str | Path] = ["--now", f"2026-11-22T{hour:02}:00:00Z", "--previous", reports / f"{hour - 1}.json"]
        assert orgsync(*here, *words, "--out", reports / f"{hour}.json").code in {0, 2}
    newest, *rest = story.events("--reports", reports)
    assert newest["what"] == (
        "spend_limit:workspace/production monthly 12000.00 USD -> 9000.00 USD, after 2026-11-22 08:00;"
        " by somebody unknown (drift report)"
    )
    assert {one["origin"] for one in rest} == {"apply", "files"}
    assert "2 drift reports as of 2026-11-22T09:00:00Z" in " ".join(story.log("--reports", reports).out.split())
    assert "plan.json: is not a drift report" in story.log("--reports", "kept").out
    assert orgsync("log", "--reports", reports / "plan.json").code == 1


def edit_by_hand(orgsync: Orgsync) -> None:
    """The CEO gives Ana another role, at seven."""
    users = json.loads(orgsync("sandbox", "edit", "acme.db", "get", "users").out)["data"]
    ana = next(row["id"] for row in users if row["email"] == "ana@acme.example")
    edit = ["sandbox", "edit", "acme.db", "post", f"users/{ana}", '{"role": "billing"}', "--as", CEO["email"]]
    assert orgsync(*edit, "--now", "2026-11-22T07:00:00Z").code == 0


def test_the_activity_feed_says_who_did_what_in_the_console(story: Story, orgsync: Orgsync) -> None:
    words = ["--sandbox", "acme.db"]
    edit_by_hand(orgsync)
    before = len(json.loads(f"[{','.join(orgsync('sandbox', 'log', 'acme.db').out.splitlines())}]"))
    newest, *rest = story.events(*words)
    assert newest["what"] == f"member:ana@acme.example role user -> billing; by {CEO['email']} (Activity Feed: certain)"
    assert [one["what"] for one in rest] == [one["what"] for one in story.events()]
    sent = [json.loads(line) for line in orgsync("sandbox", "log", "acme.db").out.splitlines()][before:]
    assert {one["method"] for one in sent} == {"GET"}
    assert sent[0]["path"] == "/v1/compliance/activities"
    assert json.loads(story.log("--format", "json", *words).out)["requests"] == len(sent)


def test_records_of_another_organization_are_left_out(story: Story, orgsync: Orgsync, tmp_path: Path) -> None:
    edit_by_hand(orgsync)
    head = "version: 1\norganization: {id: 11111111-2222-3333-4444-555555555555}\n"
    (tmp_path / "org.yaml").write_text(f"{head}{FILES}", encoding="utf-8")
    told = story.log("--sandbox", "acme.db").out
    assert "1 record of the Activity Feed about other organizations" in told
    assert {one["origin"] for one in story.events("--sandbox", "acme.db")} == {"files"}


def test_a_feed_that_tells_nothing_is_said_once(story: Story, orgsync: Orgsync) -> None:
    expected = story.events()
    assert "The Activity Feed was not read: no credential" in " ".join(orgsync("log").out.split())
    assert orgsync("sandbox", "edit", "acme.db", "post", "settings", '{"compliance": "off"}').code == 0
    ended = story.log("--sandbox", "acme.db")
    assert " ".join(ended.out.split()).count("The Activity Feed is off") == 1
    assert story.events("--sandbox", "acme.db") == expected
