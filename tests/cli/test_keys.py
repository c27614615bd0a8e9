"""`orgsync keys` as a person meets it."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from questions.keys_of_acme import FILES, SEED

from cli.support import NOW, Sandbox, files
from orgsync.errors import EXIT_DIFFERENCE, EXIT_INPUT, EXIT_OK

if TYPE_CHECKING:
    from conftest import Golden

    from cli.conftest import MakeSandbox, Orgsync

GOLDEN = Path(__file__).parent / "golden" / "keys"
HERE = ["--sandbox", "acme.db", "--now", NOW, "--quiet"]


@pytest.fixture
def acme(sandbox: MakeSandbox) -> Sandbox:
    return sandbox(**SEED)


def shown(orgsync: Orgsync, *arguments: str) -> list[str]:
    """The names of the keys, in the order in which they are shown."""
    ended = orgsync("keys", *arguments, *HERE, "--format", "json")
    assert ended.code == EXIT_OK, ended.err
    return [row["name"] for row in json.loads(ended.out)["keys"]]


def answered(orgsync: Orgsync, *arguments: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(orgsync("keys", *arguments, *HERE, "--format", "json").out)
    return data


def test_what_a_person_reads(acme: Sandbox, orgsync: Orgsync, tmp_path: Path, golden: Golden) -> None:
    assert acme
    files(tmp_path, FILES)
    for form in ("text", "markdown", "csv", "json"):
        ended = orgsync("keys", *HERE, "--format", form)
        golden(GOLDEN / f"all.{form}", ended.out.replace("\r\n", "\n"))
        assert ended.code == EXIT_OK
        assert ended.err == (
            f"the organization as of {NOW}, usage of that day and 30 days before; 5 requests\n" if form == "csv" else ""
        )
    golden(GOLDEN / "by-policy.text", orgsync("keys", *HERE, "--group", "policy").out)


def test_a_gate_ends_with_2_if_any_key_is_shown(acme: Sandbox, orgsync: Orgsync) -> None:
    assert acme
    assert orgsync("keys", *HERE, "--older", "90d", "--fail-on", "any").code == EXIT_DIFFERENCE
    assert orgsync("keys", *HERE, "--older", "900d", "--fail-on", "any").code == EXIT_OK


def test_the_last_drift_report_and_the_journal_know_who_left(orgsync: Orgsync, sandbox: MakeSandbox) -> None:
    acme = sandbox(**SEED)
    files(Path(), "members: {}\nworkspaces: {production: {api_keys: {}}}\n")
    orgsync("drift", *HERE, "--out", "report.json")
    ana = acme.id_of("/v1/organizations/users", "email", "ana.ruiz@acme.example")
    acme.console("DELETE", f"/v1/organizations/users/{ana}")
    assert answered(orgsync, "--owner", ana)["keys"][0]["owner"] is None
    known = answered(orgsync, "--left", "--previous", "report.json")["keys"]
    assert [(row["owner"], row["owner_is"]) for row in known] == [
        (None, None),
        ("ana.ruiz@acme.example", "no longer a member"),
    ]
    assert shown(orgsync, "--owner", "ana.ruiz@acme.example", "--previous", "report.json") == ["chatbot"]


def test_from_a_snapshot_everything_is_as_of_then(acme: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    files(tmp_path, FILES)
    assert orgsync("snapshot", *HERE, "--out", "then.json").code == EXIT_OK
    sent = len(acme.received())
    later = ["--snapshot", "then.json", "--now", "2026-11-23T09:00:00Z", "--format", "json"]
    made = json.loads(orgsync("keys", *later).out)
    assert len(acme.received()) == sent
    assert [(row["age_days"], row["last_used_on"], row["observed_days"], row["hint"]) for row in made["keys"]] == [
        (550, "2026-11-22", 7, None),
        (463, None, 7, None),
        (90, None, 7, None),
        (20, None, 7, None),
    ]
    assert made["data"][0] == {"source": "the snapshot", "at": NOW}
    live = answered(orgsync)
    assert [row["policies"] for row in made["keys"]] == [row["policies"] for row in live["keys"]]
    assert made["requests"] == 0


def test_a_snapshot_without_usage_says_so(acme: Sandbox, orgsync: Orgsync) -> None:
    assert acme
    assert orgsync("snapshot", *HERE, "--out", "then.json").code == EXIT_OK
    ended = orgsync("keys", "--unused", "30d", "--snapshot", "then.json", "--now", NOW, "--format", "json")
    made = json.loads(ended.out)
    assert len(made["keys"]) == 4  # nobody can tell which of them were used
    assert "when keys were last used is not known: the snapshot does not contain" in made["notes"][0]


def test_what_cannot_be_asked(acme: Sandbox, orgsync: Orgsync, tmp_path: Path) -> None:
    assert acme
    files(tmp_path, FILES)
    for asked, said in (
        ("--policy rotat", 'the files have no policy "rotat"'),
        ("--policy rotate --live", "--policy requires files"),
        ("--group policy --live", "--group policy requires files"),
        ("--owner tomas.vego@acme.example", 'did you mean "tomas.vega@acme.example"?'),
        ("--unused 91d", "usage is available for at most 90 days"),
        ("--older soon", '"soon" is not a valid duration'),
        ("--previous none.json", "none.json does not exist"),
    ):
        ended = orgsync("keys", *asked.split(), *HERE)
        assert (ended.code, ended.out) == (EXIT_INPUT, "")
        assert said in ended.err


def test_csv_has_one_line_for_each_key(acme: Sandbox, orgsync: Orgsync) -> None:
    assert acme
    rows = list(csv.DictReader(StringIO(orgsync("keys", *HERE, "--format", "csv").out)))
    assert [row["name"] for row in rows] == ["legacy etl", "my key", "nightly", "chatbot"]
    assert rows[0]["owner_left"] == "true"


def test_the_journal_knows_whom_an_apply_removed(orgsync: Orgsync, sandbox: MakeSandbox) -> None:
    sandbox(**SEED)
    files(
        Path(),
        "manage: {members: authoritative}\nguards: {max_removals: {percent: 100}}\n"
        "members: {ceo@acme.example: admin, tomas.vega@acme.example: developer}\n",
    )
    assert orgsync("apply", "org.yaml", *HERE, "--yes").code == EXIT_OK
    (chatbot,) = answered(orgsync, "--owner", "ana.ruiz@acme.example")["keys"]
    assert (chatbot["name"], chatbot["owner_left"]) == ("chatbot", True)
    assert re.fullmatch(r"removed \d{4}-\d\d-\d\d by apply", chatbot["owner_is"])
