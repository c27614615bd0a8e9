"""Errors that say more than their status: what apply does with each, what a person reads, and what works then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cli.support import CEO, NOW, files, parsed
from orgsync.errors import EXIT_DIFFERENCE, EXIT_OK, EXIT_PARTLY, EXIT_STALE

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync
    from cli.support import Ended, Sandbox

HERE = ("--sandbox", "acme.db", "--now", NOW)
NOT_PATIENT = ("--yes", "--lookup-patience", "0")
LAB = {"id": "wrkspc_01lab", "name": "lab", "tags": {"a": "b"}}
OTHER = {"id": "wrkspc_01other", "name": "other"}
FRESH = "workspaces: {fresh: {tags: {a: b}}}\n"
RETAG = "workspaces: {lab: {color: '#112233', tags: {a: c}}}\n"
ARCHIVE = "guards: {max_removals: {percent: 100}}\nworkspaces: {lab: {archived: true}}\n"
CREATES = "POST /v1/organizations/workspaces"
UPDATES = "POST /v1/organizations/workspaces/wrkspc_01lab"
ARCHIVES = f"{UPDATES}/archive"
AGAIN = "run `orgsync plan` again and review the new plan"
INCOMPLETE = {
    "status": 503,
    "error_code": "workspace_created_incomplete",
    "message": "Its tags could not be saved. Set them with an update",
    "details": {"workspace_id": "wrkspc_01Fresh"},
}
"""The workspace was made, but."""
UNAVAILABLE = {"status": 503, "error_code": "authorization_check_unavailable", "retry_after": 0.01}
UNKNOWN = {"status": 503, "error_code": "change_outcome_unknown", "retry_after": 0.01}
ATTACHED = {"status": 409, "error_code": "storage_attached_during_archive"}
ARCHIVING = (*HERE, "--allow", "workspace:lab", *NOT_PATIENT)


def fault(kind: str, path: str, **more: Any) -> dict[str, Any]:
    return {"fault": kind, "method": "POST", "path": path, "times": 9, **more}


def colleague(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What becomes of the next write, whatever it asks for."""
    return {"fault": "console", "method": "POST", "edit": {"method": "POST", "path": path, "body": body}}


def made_without_tags() -> list[dict[str, Any]]:
    """The create is answered with 503; the workspace is there, and its tags are not."""
    return [colleague("/workspaces", {"name": "fresh"}), fault("status_before", "/workspaces", **INCOMPLETE)]


def words(ended: Ended) -> str:
    """What was printed, whatever the width of lines."""
    return " ".join(ended.out.split())


def receipts(orgsync: Orgsync, beside: str = "org.journal.jsonl") -> str:
    return words(orgsync("show", beside, "--receipts"))


def made(acme: Sandbox) -> list[str]:
    return [row["name"] for row in acme.console("GET", "/workspaces?limit=100&include_archived=true")["data"]]


class TestWorkspaceCreatedIncomplete:
    """The workspace was made: it is looked up and never made again."""

    def test_what_shows_in_full_is_done(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox()
        files(tmp_path, FRESH)
        acme.faults(fault("status_after", "/workspaces", **INCOMPLETE))
        ended = orgsync("apply", *HERE, *NOT_PATIENT)
        assert ended.code == EXIT_OK
        assert ended.out.endswith("Apply complete: 1 created.\n")
        assert "could not tell whether everything took effect; the organization shows the change" in " ".join(
            ended.err.split()
        )
        assert acme.writes() == [CREATES]
        assert orgsync("plan", *HERE, "--detailed-exitcode").code == EXIT_OK

    def test_what_does_not_show_in_full_says_what_the_api_said_and_what_works(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        acme = sandbox()
        files(tmp_path, FRESH)
        acme.faults(*made_without_tags())
        ended = orgsync("apply", *HERE, *NOT_PATIENT)
        assert ended.code == EXIT_PARTLY
        told = words(ended)
        assert "? workspace:fresh created, unconfirmed: POST /v1/organizations/workspaces: 503" in told
        assert "Its tags could not be saved. Set them with an update; workspace wrkspc_01Fresh" in told
        assert "the workspace was created, but part of the request may be missing" in told
        assert f"next step: follow the API's message about the workspace, then {AGAIN}" in told
        assert told.endswith(
            "0 done, 1 unconfirmed. Follow the next steps above. Run `orgsync plan` again and review the new plan."
        )
        assert acme.writes() == [CREATES]

        planned = orgsync("plan", *HERE, "--format", "json", "--detailed-exitcode")
        assert planned.code == EXIT_DIFFERENCE
        assert [(one["action"], one["address"]) for one in parsed(planned.out)["changes"]] == [
            ("update", "workspace:fresh")
        ]
        assert orgsync("apply", *HERE, *NOT_PATIENT).code == EXIT_OK
        assert acme.writes().count(CREATES) == 1
        assert sorted(made(acme)) == ["fresh"]

    def test_the_same_saved_plan_is_stale_and_makes_nothing(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        acme = sandbox()
        files(tmp_path, FRESH)
        orgsync("plan", *HERE, "--out", "plan.json")
        acme.faults(*made_without_tags())
        assert orgsync("apply", "plan.json", *HERE, *NOT_PATIENT).code == EXIT_PARTLY
        again = orgsync("apply", "plan.json", *HERE, *NOT_PATIENT)
        assert again.code == EXIT_STALE
        assert f"hint: {AGAIN}" in again.err
        assert acme.writes() == [CREATES]

    def test_it_is_not_made_again_while_lists_hide_it(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        """The API said that it was made: that counts for more than a list that does not show it."""
        acme = sandbox()
        files(tmp_path, FRESH)
        orgsync("plan", *HERE, "--out", "plan.json")
        hidden = {"fault": "lag", "method": "POST", "path": "/workspaces", "reads": 100}
        acme.faults(hidden, fault("status_after", "/workspaces", **INCOMPLETE))
        assert orgsync("apply", "plan.json", *HERE, *NOT_PATIENT).code == EXIT_PARTLY
        assert orgsync("apply", "plan.json", *HERE, *NOT_PATIENT).code == EXIT_STALE
        assert acme.writes() == [CREATES]

    def test_it_is_found_by_its_id_where_the_name_says_nothing(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        acme = sandbox(workspaces=[OTHER])
        files(tmp_path, FRESH)
        named = {**INCOMPLETE, "details": {"workspace_id": OTHER["id"]}}
        acme.faults(fault("status_before", "/workspaces", **named))
        ended = orgsync("apply", *HERE, *NOT_PATIENT)
        assert "the organization does not show all of it" in words(ended)
        assert "wrkspc_01other" in words(ended)

    def test_the_receipts_say_that_it_was_made_and_what_to_do(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        acme = sandbox()
        files(tmp_path, FRESH)
        acme.faults(*made_without_tags())
        orgsync("apply", *HERE, *NOT_PATIENT)
        told = receipts(orgsync)
        assert "+ workspace:fresh created: POST /v1/organizations/workspaces: 503" in told
        assert f"follow the API's message about the workspace, then {AGAIN}" in told
        assert "1 operation, 0 unfinished" in told

    @pytest.mark.parametrize("odd", [None, 7, "", "../users", ["x"], {}, "a b", "x" * 5000])
    def test_an_id_that_is_none_is_not_followed(
        self, odd: Any, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        acme = sandbox()
        files(tmp_path, FRESH)
        acme.faults(fault("status_after", "/workspaces", **{**INCOMPLETE, "details": {"workspace_id": odd}}))
        assert orgsync("apply", *HERE, *NOT_PATIENT).code == EXIT_OK
        assert acme.writes() == [CREATES]


class TestAuthorizationCheckUnavailable:
    """Nothing was done, and the API says so: even what makes something is sent again."""

    def test_a_create_is_sent_again(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox()
        files(tmp_path, FRESH)
        acme.faults({**fault("status_before", "/workspaces", **UNAVAILABLE), "times": 2})
        assert orgsync("apply", *HERE, *NOT_PATIENT).code == EXIT_OK
        assert acme.writes() == [CREATES] * 3
        assert made(acme) == ["fresh"]

    def test_a_create_that_never_passes_has_failed_and_is_not_looked_for(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        acme = sandbox()
        files(tmp_path, FRESH)
        acme.faults(fault("status_before", "/workspaces", **UNAVAILABLE))
        before = len(acme.received())
        ended = orgsync("apply", *HERE, "--yes")
        assert ended.code == EXIT_PARTLY
        assert "x workspace:fresh could not be created" in ended.out
        assert "next step: the approval could not be checked; nothing was changed" in words(ended)
        assert words(ended).endswith("Follow the next steps above, then run the same command again.")
        assert acme.received()[before:][-4:] == [CREATES] * 4
        acme.faults()
        assert orgsync("apply", *HERE, *NOT_PATIENT).code == EXIT_OK


class TestChangeOutcomeUnknown:
    """The same request is sent again; where that does not help, live decides."""

    def test_it_is_repeated(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(workspaces=[LAB])
        files(tmp_path, RETAG)
        acme.faults({**fault("status_before", "/workspaces/*", **UNKNOWN), "times": 1})
        assert orgsync("apply", *HERE, *NOT_PATIENT).code == EXIT_OK
        assert acme.writes() == [UPDATES] * 2

    def test_what_shows_is_done(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(workspaces=[LAB])
        files(tmp_path, RETAG)
        acme.faults(fault("status_after", "/workspaces/*", **UNKNOWN))
        ended = orgsync("apply", *HERE, *NOT_PATIENT)
        assert ended.code == EXIT_OK
        assert "could not tell whether everything took effect; the organization shows the change" in " ".join(
            ended.err.split()
        )
        assert acme.writes() == [UPDATES] * 4

    @pytest.mark.parametrize(
        ("half", "said", "end"),
        [
            (
                {},
                "the organization does not show the change yet",
                "Follow the next steps above, then run the same command again.",
            ),
            (
                {"tags": {"a": "c"}},
                "the organization does not show all of it",
                "Run `orgsync plan` again and review the new plan.",
            ),
        ],
        ids=["nothing", "half of it"],
    )
    def test_what_does_not_show_is_unconfirmed(
        self, half: dict[str, Any], said: str, end: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        acme = sandbox(workspaces=[LAB])
        files(tmp_path, RETAG)
        edits = [colleague(f"/workspaces/{LAB['id']}", half)] if half else []
        acme.faults(*edits, fault("status_before", "/workspaces/*", **UNKNOWN))
        ended = orgsync("apply", *HERE, *NOT_PATIENT)
        assert ended.code == EXIT_PARTLY
        assert "the change may have been applied in part" in words(ended)
        assert said in words(ended)
        assert f"next step: {AGAIN}" in words(ended)
        assert words(ended).endswith(end)
        acme.faults()
        assert orgsync("apply", *HERE, *NOT_PATIENT).code == EXIT_OK
        assert orgsync("plan", *HERE, "--detailed-exitcode").code == EXIT_OK


class TestStorageAttachedDuringArchive:
    """The workspace is archived, for good: that is what is told, and what is left of it."""

    def test_it_is_archived_and_the_storage_is_told(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        acme = sandbox(workspaces=[LAB, OTHER])
        files(tmp_path, ARCHIVE)
        acme.faults(fault("status_after", "/workspaces/*/archive", **ATTACHED))
        ended = orgsync("apply", *ARCHIVING)
        assert ended.code == EXIT_OK
        told = words(ended)
        assert "Done, with a next step (1): - workspace:lab archived: the workspace is archived, but" in told
        assert "storage is still attached to it next step: to detach the storage" in told
        assert "org:external-storage:use" in told
        assert told.endswith("Apply complete: 1 archived.")
        assert acme.writes() == [ARCHIVES]
        recorded = receipts(orgsync)
        assert "- workspace:lab archived: the workspace is archived, but external storage is still" in recorded
        assert "org:external-storage:use" in recorded

    def test_where_live_does_not_show_it_it_is_not_called_done(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        acme = sandbox(workspaces=[LAB, OTHER])
        files(tmp_path, ARCHIVE)
        acme.faults(fault("status_before", "/workspaces/*/archive", **ATTACHED))
        ended = orgsync("apply", *ARCHIVING)
        assert ended.code == EXIT_PARTLY
        assert "? workspace:lab archived, unconfirmed" in words(ended)
        assert acme.writes() == [ARCHIVES]
        acme.faults()
        assert orgsync("apply", *ARCHIVING).code == EXIT_OK
        assert orgsync("plan", *HERE, "--detailed-exitcode").code == EXIT_OK


def test_a_refusal_names_its_field_and_the_next_step(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    acme = sandbox(workspaces=[LAB])
    files(tmp_path, RETAG)
    mismatch = {"status": 400, "error_code": "storage_profile_mismatch", "details": {"field": "transcripts_storage"}}
    acme.faults(fault("status_before", "/workspaces/*", **mismatch))
    ended = orgsync("apply", *HERE, *NOT_PATIENT)
    assert ended.code == EXIT_PARTLY
    assert "(storage_profile_mismatch)" in words(ended)
    assert "; field transcripts_storage" in words(ended)
    assert "next step: the workspace and its storage need the same user profile, or none" in words(ended)
    assert acme.writes() == [UPDATES]


@pytest.mark.parametrize("code", ["workspace_changed_concurrently", "storage_changed_concurrently"])
@pytest.mark.parametrize("when", ["status_before", "status_after"])
def test_a_change_that_was_overtaken_is_looked_up_and_not_repeated(
    code: str, when: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    acme = sandbox(workspaces=[LAB])
    files(tmp_path, RETAG)
    acme.faults(fault(when, "/workspaces/*", status=409, error_code=code, details={"field": "tags"}))
    ended = orgsync("apply", *HERE, *NOT_PATIENT)
    assert ended.code == (EXIT_OK if when == "status_after" else EXIT_PARTLY)
    assert ("another request changed the workspace at the same time: run" in words(ended)) == (when == "status_before")
    assert acme.writes() == [UPDATES]
    acme.faults()
    assert orgsync("apply", *HERE, *NOT_PATIENT).code == EXIT_OK


def test_an_update_that_was_accepted_and_half_done_asks_for_a_new_plan(
    orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    acme = sandbox(workspaces=[LAB])
    files(tmp_path, RETAG)
    half = colleague(f"/workspaces/{LAB['id']}", {"tags": {"a": "c"}})
    acme.faults(half, fault("ignore", "/workspaces/*"))
    ended = orgsync("apply", *HERE, *NOT_PATIENT)
    assert ended.code == EXIT_PARTLY
    assert words(ended).endswith("Run `orgsync plan` again and review the new plan.")


@pytest.mark.parametrize("code", ["already_member", "invite_already_exists"])
def test_whoever_is_there_already_is_no_reason_to_run_the_same_again(
    code: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    acme = sandbox(users=[CEO])
    files(tmp_path, "members: {ana@x.example: user}\n")
    acme.faults(fault("status_before", "/invites", status=400, error_code=code))
    ended = orgsync("apply", *HERE, *NOT_PATIENT)
    assert ended.code == EXIT_PARTLY
    assert "next step: " in words(ended)
    assert words(ended).endswith("Run `orgsync plan` again and review the new plan.")
