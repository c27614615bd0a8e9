"""`orgsync apply`: who may say yes, how it ends, and that a saved plan is a ceiling."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from cli.support import CEO, NOW, files, parsed, run, run_on_terminal, run_until
from orgsync.errors import (
    EXIT_INPUT,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_PARTLY,
    EXIT_STALE,
    EXIT_UNREADABLE,
    EXIT_WAITING,
)

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync

ANA = {"email": "ana@acme.example", "role": "user"}
PROMOTES = "members: {ceo@acme.example: admin, ana@acme.example: developer}\n"
HERE = ("--sandbox", "acme.db", "--now", NOW)
QUESTION = 'Make this change to "Acme Robotics"? Only "yes" is accepted'


class TestConfirmation:
    """Nothing is changed unless a person at a terminal types yes, or --yes says that one did."""

    def test_without_a_terminal_it_refuses(self, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        ended = run("apply", *HERE, cwd=tmp_path)
        assert ended.code == EXIT_INPUT
        assert "~ member:ana@acme.example will be updated in place" in ended.out
        assert "Error: there is no terminal to ask for confirmation; nothing was changed\n" in ended.err
        assert "hint: review the plan, then add --yes\n" in ended.err
        assert not acme.writes()

    def test_without_a_terminal_and_without_changes_it_is_done(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        sandbox()
        files(tmp_path, "members: {ceo@acme.example: admin}\n")
        assert orgsync("apply", *HERE).code == EXIT_OK

    def test_yes_is_accepted(self, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        ended = run_on_terminal("apply", *HERE, cwd=tmp_path, answers=[(QUESTION, "yes\n")])
        assert ended.code == EXIT_OK, ended.out
        assert "Apply complete: 1 updated." in _plain(ended.out)
        assert len(acme.writes()) == 1

    @pytest.mark.parametrize("answer", ["y"])
    @pytest.mark.story
    def test_nothing_else_is(self, answer: str, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        ended = run_on_terminal("apply", *HERE, cwd=tmp_path, answers=[(QUESTION, f"{answer}\n")])
        assert ended.code == EXIT_INPUT
        assert ended.out.endswith("Error: not confirmed; nothing was changed\n")
        assert not acme.writes()

    @pytest.mark.parametrize("key", ["\x03", pytest.param("\x04", marks=pytest.mark.story)], ids=["ctrl-c", "ctrl-d"])
    @pytest.mark.story
    def test_to_leave_is_to_interrupt(self, key: str, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        ended = run_on_terminal("apply", *HERE, cwd=tmp_path, answers=[(QUESTION, key)])
        assert ended.code == EXIT_INTERRUPTED
        assert ended.out.endswith("Interrupted.\n")
        assert "Traceback" not in ended.out
        assert not acme.writes()

    @pytest.mark.story
    def test_what_changes_while_the_person_reads_is_noticed(self, sandbox: MakeSandbox, tmp_path: Path) -> None:
        """The reads before the question are the first; the colleague acts right before the second ones."""
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        edit = {"method": "POST", "path": f"/users/{acme.id_of('users', 'email', ANA['email'])}"}
        acme.faults({"fault": "console", "path": "/me", "nth": 2, "edit": {**edit, "body": {"role": "billing"}}})
        ended = run_on_terminal("apply", *HERE, cwd=tmp_path, answers=[(QUESTION, "yes\n")])
        assert ended.code == EXIT_STALE, ended.out
        assert "approved user -> developer, the organization shows billing" in " ".join(_plain(ended.out).split())
        assert not acme.writes()


class TestSavedPlan:
    """What was reviewed is what is done, or nothing is."""

    def test_plan_show_apply_and_again(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        planned = orgsync("plan", *HERE, "--out", "plan.json")
        shown = orgsync("show", "plan.json")
        assert shown.out == planned.out.partition("\nNext:")[0]
        applied = orgsync("apply", "plan.json", *HERE, "--yes")
        assert applied.code == EXIT_OK
        assert applied.out == f"{shown.out}\nApply complete: 1 updated.\n"
        assert applied.err == "Applying …\n~ member:ana@acme.example updated\n"
        again = orgsync("apply", "plan.json", *HERE, "--yes")
        assert again.code == EXIT_OK
        assert again.out.endswith("Apply complete: 1 already as planned.\n")
        assert len(acme.writes()) == 1

    @pytest.mark.parametrize("name", ["plan.json", "tfplan", "plan.out"])
    def test_may_have_any_name(self, name: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        orgsync("plan", *HERE, "--out", name)
        assert orgsync("apply", name, *HERE, "--yes").code == EXIT_OK
        assert len(acme.writes()) == 1

    def test_a_colleague_was_faster(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        orgsync("plan", *HERE, "--out", "plan.json")
        acme.console("POST", f"/users/{acme.id_of('users', 'email', ANA['email'])}", {"role": "billing"})
        ended = orgsync("apply", "plan.json", *HERE, "--yes")
        assert ended.code == EXIT_STALE
        assert ended.err.endswith(
            "Error: the organization changed since the plan was created; nothing was changed\n"
            "  member:ana@acme.example: role: approved user -> developer, the organization shows billing\n"
            "hint: run `orgsync plan` again and review the new plan\n"
        )
        assert not acme.writes()

    def test_a_colleague_did_the_same(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        orgsync("plan", *HERE, "--out", "plan.json")
        acme.console("POST", f"/users/{acme.id_of('users', 'email', ANA['email'])}", {"role": "developer"})
        ended = orgsync("apply", "plan.json", *HERE, "--yes")
        assert ended.code == EXIT_OK
        assert ended.out.endswith("Apply complete: 1 already as planned.\n")
        assert not acme.writes()


class TestExitCode:
    """How an apply ends is told by its exit code, too."""

    def test_partly_done(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES + "workspaces: {production: {members: {ana@acme.example: user}}, staging: {}}\n")
        acme.faults({"fault": "status_before", "method": "POST", "path": "/users/*", "status": 400, "times": 9})
        ended = orgsync("apply", *HERE, "--yes")
        assert ended.code == EXIT_PARTLY
        assert "x member:ana@acme.example could not be updated" in ended.out
        assert ". workspace_member:production/ana@acme.example not created: depends on" in ended.out
        assert " ".join(ended.out.split()).endswith(
            "Apply incomplete: 2 done, 1 failed, 1 skipped. "
            "Follow the next steps above first: without them the API rejects the same requests."
        )
        acme.faults()
        assert orgsync("apply", *HERE, "--yes").code == EXIT_OK
        assert parsed(orgsync("plan", *HERE, "--format", "json").out)["changes"] == []

    def test_waiting_where_asked_to_say_so(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox()
        files(tmp_path, "members: {ceo@acme.example: admin, new@acme.example: user}\n")
        assert orgsync("apply", *HERE, "--yes").code == EXIT_OK
        assert orgsync("apply", *HERE, "--yes").code == EXIT_OK
        assert orgsync("apply", *HERE, "--yes", "--wait-exitcode").code == EXIT_WAITING
        invite = acme.console("GET", "/invites?limit=10")["data"][0]["id"]
        acme.console("POST", f"/invites/{invite}/accept")
        assert orgsync("apply", *HERE, "--yes", "--wait-exitcode").code == EXIT_OK

    def test_what_was_invited_a_moment_ago_is_waited_for(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        sandbox()
        files(tmp_path, "members: {ceo@acme.example: admin, new@acme.example: user}\n")
        assert orgsync("apply", *HERE, "--yes", "--wait-exitcode").code == EXIT_WAITING

    def test_a_manual_step_is_waited_for(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        sandbox(users=[CEO, ANA])
        files(tmp_path, "members: {ceo@acme.example: admin, ana@acme.example: admin}\n")
        assert orgsync("apply", *HERE, "--yes").code == EXIT_OK
        assert orgsync("apply", *HERE, "--yes", "--wait-exitcode").code == EXIT_WAITING

    def test_unreadable_before_the_first_write(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        acme.faults({"fault": "status_before", "path": "/users", "status": 403, "times": 9})
        ended = orgsync("apply", *HERE, "--yes")
        assert (ended.code, ended.out) == (EXIT_UNREADABLE, "")
        assert not acme.writes()


class TestInterrupt:
    """Ctrl-C ends it at once, with 130 and no traceback."""

    def test_during_a_slow_read(self, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        acme.faults({"fault": "delay", "path": "/users", "seconds": 60.0})
        ended = run_until("Reading the organization", signal.SIGINT, "plan", *HERE, cwd=tmp_path)
        assert (ended.code, ended.out) == (EXIT_INTERRUPTED, "")
        assert ended.err.split() == ["Reading", "the", "organization", "…", "Interrupted."]

    @pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGHUP, marks=pytest.mark.story)])
    def test_a_write_under_way_is_finished_and_no_other_is_begun(
        self, number: signal.Signals, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        acme = sandbox(users=[CEO, ANA], workspaces=[{"name": "lab"}])
        files(tmp_path, f"{PROMOTES}workspaces: {{lab: {{members: {{ana@acme.example: user}}}}}}\n")
        acme.faults({"fault": "delay", "method": "POST", "path": "/users/*", "seconds": 3.0})
        ended = run_until("Applying", number, "apply", *HERE, "--yes", cwd=tmp_path)
        assert ended.code == EXIT_INTERRUPTED
        assert "Traceback" not in ended.err
        assert "Stopping after the writes in progress." in ended.err
        assert "interrupted before it was sent" in " ".join(ended.out.split())
        acme.faults()
        again = orgsync("apply", *HERE, "--yes")
        assert (again.code, again.out.count("will be")) == (EXIT_OK, 1)


def _plain(text: str) -> str:
    """Without the escape sequences of colours and cursors."""
    import re

    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


class TestPartOfASavedPlan:
    """How old it may be, and what of it is left out."""

    def test_an_old_plan_is_stale(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        orgsync("plan", *HERE, "--out", "plan.json")
        late = ("--sandbox", "acme.db", "--now", "2026-11-29T10:00:01Z", "--yes")
        ended = orgsync("apply", "plan.json", *late)
        assert ended.code == EXIT_STALE
        assert f"the plan was created at {NOW}, more than 7d ago; nothing was changed" in ended.err
        assert orgsync("apply", "plan.json", *late, "--valid-for", "8d").code == EXIT_OK
        assert len(acme.writes()) == 1

    def test_a_time_that_is_none_is_said_plainly(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        orgsync("plan", *HERE, "--out", "plan.json")
        ended = orgsync("apply", "plan.json", *HERE, "--yes", "--valid-for", "a week")
        assert (ended.code, ended.err.splitlines()[0]) == (1, 'Error: --valid-for: "a week" is not a valid duration')

    def test_a_change_that_is_skipped_is_not_made(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, f"{PROMOTES}workspaces: {{lab: {{}}}}\n")
        orgsync("plan", *HERE, "--out", "plan.json")
        ended = orgsync("apply", "plan.json", *HERE, "--yes", "--skip", "workspace:lab")
        assert ended.code == EXIT_OK
        assert "left out: create workspace:lab" in ended.err
        assert len(acme.writes()) == 1
        assert orgsync("apply", *HERE, "--yes", "--skip", "workspace:lab").code == 1


class TestUndo:
    """What an apply did can be taken back by a plan like any other."""

    def test_the_undo_of_an_apply_brings_the_organization_back(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        acme = sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        ended = orgsync("apply", *HERE, "--yes", "--undo", "undo.json")
        assert "to revert this apply: orgsync apply undo.json" in ended.err
        assert orgsync("apply", "undo.json", *HERE, "--yes").code == EXIT_OK
        assert len(acme.writes()) == 2
        assert "member:ana@acme.example will be updated in place" in orgsync("plan", *HERE).out

    def test_where_nothing_was_done_nothing_is_taken_back(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        sandbox(users=[CEO, ANA])
        files(tmp_path, PROMOTES)
        orgsync("plan", *HERE, "--out", "plan.json")
        orgsync("apply", "plan.json", *HERE, "--yes")
        ended = orgsync("apply", "plan.json", *HERE, "--yes", "--undo", "undo.json")
        assert (ended.code, "undo.json was not written" in ended.err) == (EXIT_OK, True)
        assert not (tmp_path / "undo.json").exists()
