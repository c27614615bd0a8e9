"""Writes that the API did in part: what is advised after the first run, and what comes of following it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, Org, actions

from cli.support import CEO, files
from cli.test_error_codes import AGAIN, CREATES, HERE, NOT_PATIENT, made, made_without_tags, words
from orgsync.core.apply.outcome import Status
from orgsync.core.model.request import Request
from orgsync.errors import EXIT_DIFFERENCE, EXIT_OK, EXIT_PARTLY, EXIT_STALE

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import MakeSandbox, Orgsync

ANA = {"email": "ana@acme.example", "role": "user"}
FRESH = "workspaces: {fresh: {tags: {a: b}, members: {ana@acme.example: user}}}\n"
TOKEN = "sk-ant-oat01-ceo"  # made up for the tests
BY_CEO = {"secret": TOKEN, "kind": "oauth_token", "email": CEO["email"]}
LAB = {"id": "wrkspc_01lab", "name": "lab"}
ARCHIVE = (
    "guards: {max_removals: {percent: 100}, allow: [{address: 'workspace:lab', reason: a test}]}\n"
    "workspaces: {lab: {archived: true}}\n"
)


@pytest.mark.parametrize(
    ("first", "second"),
    [("files", "files"), ("files", "the advice"), ("saved plan", "saved plan"), ("saved plan", "the advice")],
)
def test_a_workspace_that_was_created_in_part_is_finished_by_following_the_advice(
    first: str, second: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
) -> None:
    acme = sandbox(users=[CEO, ANA])
    files(tmp_path, FRESH)
    assert orgsync("plan", *HERE, "--out", "plan.json").code == EXIT_OK
    acme.faults(*made_without_tags())
    ended = orgsync("apply", *(["plan.json"] if first == "saved plan" else []), *HERE, *NOT_PATIENT)
    assert ended.code == EXIT_PARTLY
    assert "next step: follow the API's message about the workspace" in words(ended)
    assert ". workspace_member:fresh/ana@acme.example not created: depends on workspace:fresh" in words(ended)
    assert words(ended).endswith("Follow the next steps above. Run `orgsync plan` again and review the new plan.")
    acme.faults()

    if second == "files":
        assert orgsync("apply", *HERE, *NOT_PATIENT).code == EXIT_OK
    elif second == "saved plan":
        again = orgsync("apply", "plan.json", *HERE, *NOT_PATIENT)
        assert (again.code, f"hint: {AGAIN}" in again.err) == (EXIT_STALE, True)
    if second != "files":
        planned = orgsync("plan", *HERE, "--out", "new.json", "--detailed-exitcode")
        assert planned.code == EXIT_DIFFERENCE
        assert "~ workspace:fresh will be updated" in planned.out
        assert orgsync("apply", "new.json", *HERE, *NOT_PATIENT).code == EXIT_OK
    assert orgsync("plan", *HERE, "--detailed-exitcode").code == EXIT_OK
    assert acme.writes().count(CREATES) == 1
    assert made(acme) == ["fresh"]


def test_storage_that_stayed_attached_is_detached_by_following_the_advice() -> None:
    settings: dict[str, Any] = {
        "credentials": [BY_CEO],
        "external_storages": {"estrg_a": {}},
        "storage_attached_while_archiving": "estrg_a",
    }
    org = Org(ARCHIVE, users=ADMINS, workspaces=[LAB, {"name": "other"}], settings=settings)
    plan = org.plan()
    (first,) = org.apply(plan=plan).outcomes
    assert (first.status, first.message) == (
        Status.DONE,
        "the workspace is archived, but external storage is still attached to it",
    )
    asked = "POST /v1/organizations/workspaces/ID/archive"
    assert f"send the same request once more ({asked})" in first.next_step
    assert storage(org) == "external"

    (second,) = org.apply(plan=plan).outcomes  # the same plan once more
    assert second.status is Status.ALREADY
    assert actions(org.plan()) == []  # and the same files
    assert len(org.writes()) == 1

    method, path = asked.replace("ID", LAB["id"]).split()
    follow(org, Request(method, path, betas=("efs-2026-10-01",)))
    assert storage(org) == "internal"


def follow(org: Org, request: Request) -> None:
    """Sends it with the credential of a person, who may use external storage."""
    org.credential = TOKEN

    async def send() -> None:
        async with org.client() as client:
            await client.writer.send(request)

    asyncio.run(send())


def storage(org: Org) -> str:
    """Where the archived workspace has its safeguards data."""
    row = org.console("GET", f"workspaces/{LAB['id']}")
    return str(row["inference_data_privacy"]["safeguards_storage"]["type"])
