"""What the files accept: which entries it is about, until when, and what a person reads who wrote it wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest
from acme import ADMINS, Org, desired_from
from stories import every_third

from core.drift.support import drift, told
from orgsync.errors import InputError
from orgsync.render.drift import text as drift_text

LIVE = [{"name": "lab", "tags": {"env": "test"}, "display_color": "#111111"}, {"name": "rogue"}]
FILES = 'workspaces: {lab: {color: "#222222", tags: {env: prod}}}\n'
BOTH = ["differs workspace:lab", "undeclared workspace:rogue"]


def accept(*entries: str) -> str:
    return FILES + "accept:\n" + "".join(f"  - {{{entry}, reason: agreed, until: 2026-12-31}}\n" for entry in entries)


@pytest.mark.parametrize(
    ("entry", "opened"),
    [
        ("address: 'workspace:rogue'", BOTH[:1]),
        ("address: 'workspace:ROG*'", BOTH[:1]),
        ("address: 'workspace:*'", []),
        ("address: '*'", []),
        ("address: 'workspace:*', code: undeclared", BOTH[:1]),
        ("address: 'workspace:*', code: missing", BOTH),
        ("address: 'workspace:lab', fields: [color]", BOTH),  # the tag is not accepted, so neither is the difference
        ("address: 'workspace:lab', fields: [color, tags.env]", BOTH[1:]),
        ("address: 'workspace:lab', fields: [color, 'tags.*']", BOTH[1:]),
        ("address: 'workspace:*', fields: ['*']", BOTH[1:]),  # what is undeclared differs in no field
        ("address: 'workspace:other'", BOTH),
        ("address: 'member:*'", BOTH),
    ],
)
def test_which_entries_are_accepted(entry: str, opened: list[str]) -> None:
    report = drift(Org(accept(entry), workspaces=LIVE))
    assert told(report.entries) == opened
    assert sorted(told(report.accepted) + opened) == BOTH
    unused = [note.code for note in report.notes]
    assert unused == (["accept_unused"] if opened == BOTH else [])


def test_it_counts_through_its_last_day_and_is_told_afterwards() -> None:
    org = Org(accept("address: 'workspace:*'"), workspaces=LIVE)
    org.wait(timedelta(days=39))  # 2026-12-31
    report = drift(org)
    assert (told(report.entries), [note.code for note in report.notes]) == ([], ["accept_expires"])
    assert {entry.accepted.until for entry in report.accepted if entry.accepted} == {"2026-12-31"}
    org.wait(timedelta(days=1))
    report = drift(org, previous=report)
    assert told(report.new) == BOTH
    assert [(note.code, note.source.line if note.source else 0) for note in report.notes] == [("accept_expired", 5)]


@pytest.mark.parametrize(("until", "codes"), [("2027-11-23", []), ("2027-11-24", ["accept_lasting"])])
def test_what_is_accepted_for_longer_than_a_year_is_told_each_time(until: str, codes: list[str]) -> None:
    report = drift(Org(accept("address: '*'").replace("2026-12-31", until), workspaces=LIVE))
    assert (report.entries, len(report.accepted)) == ((), 2)
    assert [note.code for note in report.notes] == codes
    assert "No drift: the organization matches what the files manage (2 accepted)" in drift_text.render(report)


def test_of_several_the_longest_is_told() -> None:
    longer = (
        FILES
        + "accept:\n  - {address: '*', reason: a, until: 2026-12-24}\n  - {address: '*', reason: b, until: 2026-12-23}"
    )
    report = drift(Org(longer, workspaces=LIVE))
    assert [entry.accepted.reason for entry in report.accepted if entry.accepted] == ["a", "a"]


def test_a_setting_of_the_console_can_be_accepted() -> None:
    files = "console: {tax_id: DE1}\naccept: [{address: 'console:tax_id', reason: r, until: 2026-12-31}]"
    report = drift(Org(files))
    assert (told(report.entries), told(report.accepted)) == ([], ["attestation_missing console:tax_id"])


def test_plan_and_apply_do_not_look_at_it() -> None:
    org = Org(accept("address: 'workspace:*'"), workspaces=LIVE)
    assert [change.address for change in org.plan().changes] == ["workspace:lab"]
    assert org.apply().complete
    assert drift(org).summary.accepted == 1


LAB = "wrkspc_01AAAAAAAAAAAAAAAAAAAAAA"
KEY = "apikey_01AAAAAAAAAAAAAAAAAAAAAA"
RENAMED = {
    "by renamed_from": ("renamed_from: lab", "renamed_from: ci"),
    "by id, in the file or in the Console": (f"id: {LAB}", f"id: {KEY}"),
}
"""A workspace that the organization calls lab and the files office, and its key: ci, and deploy."""


@pytest.mark.parametrize("workspace", every_third(["lab", "office", "l*", "off*"]))
@pytest.mark.parametrize("key", ["ci", "deploy", "*"])
@pytest.mark.parametrize("how", RENAMED)
def test_both_names_hold_as_long_as_files_and_organization_call_it_differently(
    how: str, workspace: str, key: str
) -> None:
    of_workspace, of_key = RENAMED[how]
    files = (
        f'workspaces: {{office: {{{of_workspace}, color: "#222222", spend_limit: 9, '
        f"api_keys: {{deploy: {{{of_key}, status: inactive}}}}}}}}\n"
    )
    org = Org(
        files,
        users=ADMINS,
        workspaces=[{"name": "lab", "id": LAB, "display_color": "#111111"}],
        api_keys=[{"name": "ci", "id": KEY, "workspace": "lab"}],
    )
    differs = told(drift(org).entries)
    assert [one.partition(" ")[2] for one in differs] == [
        "api_key:office/deploy",
        "spend_limit:workspace/office",
        "workspace:office",
    ]
    addresses = (f"api_key:{workspace}/{key}", f"spend_limit:workspace/{workspace}", f"workspace:{workspace}")
    entries = (f"  - {{address: '{one}', reason: agreed, until: 2026-12-31}}\n" for one in addresses)
    report = drift(org, f"{files}accept:\n{''.join(entries)}")
    assert (told(report.entries), told(report.accepted), report.notes) == ([], differs, ())


@pytest.mark.parametrize(("accepted", "opened"), [("a", ["b"]), ("b", []), ("c", ["a"])])
def test_names_that_are_handed_on_are_followed_by_one_step(accepted: str, opened: list[str]) -> None:
    """The files call b what the organization calls c, and a what it calls b."""
    first, second = LAB, LAB.replace("A", "B")
    org = Org(
        f"workspaces: {{a: {{id: {first}}}, b: {{id: {second}}}}}\n"
        f"accept: [{{address: 'workspace:{accepted}', reason: agreed, until: 2026-12-31}}]",
        workspaces=[{"name": "b", "id": first}, {"name": "c", "id": second}],
    )
    assert told(drift(org).entries) == [f"differs workspace:{one}" for one in opened]


MISTAKES = [
    ("{address: 'workspace:a', until: 2026-12-31}", 'accept.0: "reason" is missing'),
    ("{address: 'workspace:a', reason: r}", 'accept.0: "until" is missing'),
    ("{reason: r, until: 2026-12-31}", 'accept.0: "address" is missing'),
    ("{address: 'workspace:a', reason: ' ', until: 2026-12-31}", "accept.0.reason: must not be empty"),
    ("{address: 'workspace:a', reason: r, until: soon}", "accept.0.until: expected a day"),
    ("{address: 'workspaces:a', reason: r, until: 2026-12-31}", '"workspaces" is not a kind'),
    ("{address: production, reason: r, until: 2026-12-31}", '"production" is not an address'),
    ("{address: 'console:tax', reason: r, until: 2026-12-31}", "not a console setting"),
    ("{address: 'workspace:a', reason: r, until: 2026-12-31, code: undeclard}", '"undeclard" is not a code'),
    (
        "{address: 'workspace:a', reason: r, until: 2026-12-31, code: waived}",
        '"waived" is never drift, so it cannot be accepted',
    ),
    ("{address: 'workspace:a', reason: r, until: 2026-12-31, fields: []}", "accept.0.fields: must not be empty"),
    ("{address: 'workspace:a', reason: r, until: 2026-12-31, field: [a]}", 'unknown key "field"'),
]


@pytest.mark.parametrize(("entry", "message"), MISTAKES)
def test_a_mistake_is_told_with_its_place(entry: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        desired_from(f"accept:\n  - {entry}\n")
    [problem] = caught.value.problems
    assert message in str(problem)
    assert problem.source is not None
    assert problem.source.line == 4
