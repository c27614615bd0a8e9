"""What a program can rely on: the names, their types, that the documentation is true, and that importing is cheap."""

from __future__ import annotations

import ast
import importlib.resources
import runpy
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, assert_type

import pytest
from cli.server import Server
from cli.support import NOW, environment

import orgsync
from orgsync import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
EXAMPLE = Path(__file__).with_name("example.py")
NAMES = {
    *(
        "AdminApi",
        "ApiError",
        "Budget",
        "Event",
        "InputError",
        "OrgsyncError",
        "Plan",
        "Refused",
        "Report",
        "Sandbox",
        "Stale",
    ),
    *("UsageError", "WrongOrganization", "__version__", "apply", "plan"),
}
SEED = {
    "organization": {"name": "Acme Robotics"},
    "users": [{"email": "ceo@acme.example", "role": "admin"}, {"email": "ana@acme.example", "role": "user"}],
}
HEAD = 'version: 1\norganization: {name: "Acme Robotics"}\n'
PROMOTES = HEAD + "members: {ceo@acme.example: admin, ana@acme.example: developer}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where everything happens."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "org.yaml").write_text(PROMOTES, encoding="utf-8")
    return tmp_path


@pytest.fixture
def acme() -> Iterator[orgsync.Sandbox]:
    with orgsync.Sandbox.make("acme.db", SEED, now=datetime.fromisoformat(NOW)) as sandbox:
        yield sandbox


def test_these_names_are_exported_and_no_other() -> None:
    assert set(orgsync.__all__) == NAMES
    assert {name for name in NAMES if getattr(orgsync, name) is None} == set()


def test_every_error_that_can_be_raised_is_exported() -> None:
    """That an answer was lost is told in the report, and never raised; streams are the command line's."""
    kinds = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, Exception)}
    assert kinds - NAMES == {"Interrupted", "OutcomeUnknown", "Unwritten"}


def test_what_is_not_there_is_said_as_python_says_it() -> None:
    with pytest.raises(AttributeError, match="module 'orgsync' has no attribute 'destroy'"):
        getattr(orgsync, "destroy")  # noqa: B009 - a type checker knows it, too


def test_the_package_says_that_it_is_typed(acme: orgsync.Sandbox) -> None:
    assert (importlib.resources.files("orgsync") / "py.typed").is_file()
    plan = orgsync.plan("org.yaml", connection=acme)
    assert_type(plan, orgsync.Plan)
    assert_type(orgsync.apply(plan, connection=acme, journal="j.jsonl"), orgsync.Report)


def test_importing_it_imports_nothing_of_it() -> None:
    script = "import sys, orgsync; print(sorted(name for name in sys.modules if name.startswith('orgsync')))"
    ended = subprocess.run([sys.executable, "-c", script], env=environment(), capture_output=True, text=True)
    assert ended.stdout.strip() == "['orgsync', 'orgsync.version']"


class TestTheDocumentation:
    """docs/library.md shows a program that is run here."""

    def test_shows_the_example_and_what_it_prints(self, capsys: pytest.CaptureFixture[str]) -> None:
        page = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
        program = EXAMPLE.read_text(encoding="utf-8")
        _docstring, code = program.split("\n\n", 1)
        assert f"```python\n{code}```" in page
        runpy.run_path(str(EXAMPLE))
        printed = "".join(f"    {line}\n" for line in capsys.readouterr().out.splitlines())
        assert printed in page

    def test_the_example_uses_what_is_exported(self) -> None:
        tree = ast.parse(EXAMPLE.read_text(encoding="utf-8"))
        imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert imported == ["pathlib"]
        used = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "orgsync"
        }
        assert used <= NAMES

    def test_has_a_row_for_each_name(self) -> None:
        page = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
        assert not [name for name in NAMES - {"__version__"} if f"`{name}" not in page]


class TestApply:
    """As careful as the command."""

    def test_a_second_time_everything_is_so_already(self, acme: orgsync.Sandbox) -> None:
        plan = orgsync.plan("org.yaml", connection=acme)
        assert orgsync.apply(plan, connection=acme, journal="j.jsonl").done == 1
        again = orgsync.apply(plan, connection=acme, journal="j.jsonl")
        assert (again.complete, again.done, again.already) == (True, 0, 1)

    def test_tells_of_events_from_planned_to_ended(self, acme: orgsync.Sandbox) -> None:
        told: list[orgsync.Event] = []
        plan = orgsync.plan("org.yaml", connection=acme)
        orgsync.apply(plan, connection=acme, journal="j.jsonl", on_event=told.append)
        assert [event.event for event in told] == ["planned", "admitted", "sent", "settled", "ended"]
        assert told[-1].event == "ended"
        assert (told[-1].exit_code, told[-1].counts.done) == (0, 1)

    def test_what_a_guard_refuses_changes_nothing(self, acme: orgsync.Sandbox, folder: Path) -> None:
        text = HEAD + "manage: {members: authoritative}\nmembers: {ceo@acme.example: user}\n"
        (folder / "org.yaml").write_text(text, encoding="utf-8")
        told: list[orgsync.Event] = []
        plan = orgsync.plan("org.yaml", connection=acme)
        assert plan.refusals
        with pytest.raises(orgsync.Refused) as refused:
            orgsync.apply(plan, connection=acme, journal="j.jsonl", on_event=told.append)
        assert told[-1].event == "ended"
        assert (told[-1].exit_code, told[-1].error) == (3, str(refused.value))
        assert not (folder / "j.jsonl").exists()

    def test_without_changes_nothing_is_asked_or_recorded(self, acme: orgsync.Sandbox, folder: Path) -> None:
        (folder / "org.yaml").write_text(HEAD + "members: {ceo@acme.example: admin}\n", encoding="utf-8")
        report = orgsync.apply(orgsync.plan("org.yaml", connection=acme), connection=acme, journal="j.jsonl")
        assert (report.complete, report.outcomes) == (True, ())
        assert not (folder / "j.jsonl").exists()

    def test_two_at_a_time_are_refused(self, acme: orgsync.Sandbox) -> None:
        plan = orgsync.plan("org.yaml", connection=acme)
        refused: list[str] = []

        def second(event: orgsync.Event) -> None:
            if event.event == "admitted":
                with pytest.raises(orgsync.UsageError) as error:
                    orgsync.apply(plan, connection=acme, journal="other.jsonl")
                refused.append(str(error.value))

        assert orgsync.apply(plan, connection=acme, journal="j.jsonl", on_event=second).complete
        assert refused[0].startswith("another apply is running on this organization")


class TestPlan:
    """What is asked for is checked before anybody is asked."""

    def test_what_is_allowed_has_to_be_an_address(self, acme: orgsync.Sandbox) -> None:
        with pytest.raises(orgsync.UsageError, match=r"^allow: "):
            orgsync.plan("org.yaml", connection=acme, allow=["somebody"])

    def test_a_moment_has_a_time_zone(self, acme: orgsync.Sandbox) -> None:
        with pytest.raises(orgsync.UsageError, match="no time zone"):
            orgsync.plan("org.yaml", connection=acme, now=datetime(2026, 11, 22))  # noqa: DTZ001 - it is the test

    def test_only_some_changes(self, acme: orgsync.Sandbox, folder: Path) -> None:
        (folder / "org.yaml").write_text(PROMOTES + "workspaces: {lab: {}}\n", encoding="utf-8")
        plan = orgsync.plan("org.yaml", connection=acme, only="workspace:*")
        assert [change.address for change in plan.changes] == ["workspace:lab"]


class TestConnections:
    """To whom one can be connected."""

    def test_files_with_problems_are_an_input_error_with_all_of_them(self, acme: orgsync.Sandbox, folder: Path) -> None:
        (folder / "org.yaml").write_text(HEAD + "members: {x@acme.example: king, y@acme.example: 3}\n")
        with pytest.raises(orgsync.InputError) as wrong:
            orgsync.plan("org.yaml", connection=acme)
        assert len(wrong.value.problems) == 2

    def test_a_sandbox_that_is_not_there(self) -> None:
        with pytest.raises(orgsync.UsageError, match="nowhere"):
            orgsync.Sandbox("nowhere.db")

    def test_a_sandbox_is_not_made_over_another(self, acme: orgsync.Sandbox) -> None:
        with pytest.raises(orgsync.UsageError, match="the file already exists"):
            orgsync.Sandbox.make(acme.path, SEED)

    def test_the_admin_api_is_asked_with_the_credential(self) -> None:
        with Server(lambda _sent, _count: None) as server:
            api = orgsync.AdminApi("sk-ant-admin01-" + "K" * 40, base_url=server.url)
            assert orgsync.plan("org.yaml", connection=api).organization.name == "Acme Robotics"

    def test_a_credential_that_cannot_be_sent(self) -> None:
        with pytest.raises(orgsync.UsageError, match="the credential is empty"):
            orgsync.AdminApi("")

    def test_an_environment_without_a_credential(self) -> None:
        with pytest.raises(orgsync.UsageError, match="no credential"):
            orgsync.AdminApi.from_environment({})
