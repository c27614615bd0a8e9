"""A commit is told by what it changed in declared values, and by nothing else."""

from __future__ import annotations

import pytest

from orgsync.core.model.diff import as_written
from orgsync.questions.log.commits import Step, commit_of, events_of, with_one_beginning
from orgsync.questions.log.event import change_in_words
from questions.log.support import step

BEFORE = """\
teams: {web: [ana@acme.example, raj@acme.example]}
members:
  team:web: developer
  kim@acme.example: {role: user, until: 2027-01-31}
workspaces:
  staging:
    tags: {env: staging}
    members: {team:web: developer}
    spend_limit: {monthly: 500}
"""


def told(before: str | None, after: str | None) -> list[str]:
    return [f"{one.address} {change_in_words(one)}" for one in events_of(step(before, after))]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("# nothing", "# nothing else", []),
        ("role: user, ", "role: developer, ", ["member:kim@acme.example role user -> developer"]),
        ("until: 2027-01-31", "until: 2027-02-28", ["member:kim@acme.example until 2027-01-31 -> 2027-02-28"]),
        ("monthly: 500", "monthly: null", ["spend_limit:workspace/staging monthly 500 -> (none)"]),
        (
            "    spend_limit: {monthly: 500}\n",
            "",
            ["spend_limit:workspace/staging no longer declared (monthly 500)"],
        ),
        (
            ", raj@acme.example]",
            "]",
            [
                "member:raj@acme.example no longer declared (role developer)",
                "workspace_member:staging/raj@acme.example no longer declared (role developer)",
            ],
        ),
        ("{env: staging}", "{env: test}", ["workspace:staging tags.env staging -> test"]),
        ("teams:", "guards: {min_admins: 3}\nteams:", ["setting:guards/min_admins value 1 -> 3"]),
    ],
    ids=["comment", "role", "until", "null", "gone", "team", "tag", "setting"],
)
def test_values_are_told_address_by_address(old: str, new: str, expected: list[str]) -> None:
    before = f"{BEFORE}# nothing\n"
    assert told(before, before.replace(old, new)) == expected


def test_a_new_name_is_a_change_of_the_same_workspace() -> None:
    after = BEFORE.replace("  staging:\n", "  testing:\n    renamed_from: staging\n")
    assert told(BEFORE, after) == ["workspace:testing name staging -> testing, renamed_from (none) -> staging"]
    assert told(after, after.replace("500", "600")) == ["spend_limit:workspace/testing monthly 500 -> 600"]


def test_the_files_begin_once() -> None:
    events = events_of(step(None, BEFORE))
    assert len(events) == 8  # and the organization's name
    [one] = with_one_beginning(events)
    assert change_in_words(one) == "the files begin, with 7 declarations"


def test_files_that_are_gone_or_cannot_be_read_are_said_to_be() -> None:
    assert told(BEFORE, None) == ["None the files were deleted"]
    wrong = Step(step(BEFORE, None).commit, None, None, "org.yaml:3:1: expected a map")
    assert change_in_words(events_of(wrong)[0]) == "the files cannot be read: org.yaml:3:1: expected a map"


@pytest.mark.parametrize(
    ("message", "subject", "number"),
    [
        ("Raise the limit (#61)\n\nBecause.\n", "Raise the limit", "#61"),
        ("Raise the limit (!7)", "Raise the limit", "!7"),
        ("Merge pull request #61 from acme/limits\n\nRaise the limit\n", "Raise the limit", "#61"),
        ("Merge branch 'limits' into 'main'\n\nRaise it\n\nSee merge request acme/org!12\n", "Raise it", "!12"),
        ("Merge branch 'limits'\n", "Merge branch 'limits'", None),
        ("Fixes #61 for all\n", "Fixes #61 for all", None),
        ("", "", None),
    ],
)
def test_the_pull_request_is_taken_from_the_message(message: str, subject: str, number: str | None) -> None:
    commit = commit_of("a" * 40, "2026-11-22T09:00:00Z", "Ana", message)
    assert (commit.subject, commit.pull_request) == (subject, number)


def test_values_are_short_for_the_eye_and_whole_as_data() -> None:
    long = "x" * 300
    [event] = events_of(step(BEFORE, BEFORE.replace("{env: staging}", f"{{env: {long}}}")))
    assert len(change_in_words(event)) < 200
    assert as_written(event.fields[0].after) == long
