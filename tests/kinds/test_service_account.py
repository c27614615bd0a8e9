"""Service accounts: read and changed with an OAuth token only; archived only where the file says so."""

from __future__ import annotations

from typing import Any

import pytest
from acme import ADMINS, Org, actions, codes, held

from orgsync.errors import InputError, Refused

TOKEN = "sk-ant-oat01-sandbox"  # made up for this test
CI = {"name": "ci", "description": "builds"}


class WithToken(Org):
    """An organization reached with the OAuth token of an admin."""

    credential = TOKEN

    def __init__(self, files: str, *accounts: dict[str, Any], **settings: Any) -> None:
        token = {"secret": TOKEN, "kind": "oauth_token", "email": "ceo@acme.example"}
        seed: dict[str, Any] = {"users": ADMINS, "service_accounts": list(accounts)}
        super().__init__(files, **seed, settings={"credentials": [token], **settings})


class WithAdminKey(WithToken):
    """The same, reached with the Admin key."""

    credential = "sk-ant-admin01-sandbox"


def accounts(body: str) -> str:
    return f"service_accounts: {body}"


def bodies(org: Org) -> list[Any]:
    return [line["body"] for line in org.app.log() if line["method"] == "POST" and not line["console"]]


def test_one_is_made_and_converges() -> None:
    org = WithToken(accounts("{deployer: {description: deploys, role: admin}, plain: developer}"))
    plan = org.plan()
    assert actions(plan) == ["create service_account:deployer", "create service_account:plain"]
    assert [change.risk for change in plan.changes] == ["R1", "R0"]
    assert org.apply().complete
    assert bodies(org) == [
        {"name": "deployer", "organization_role": "admin", "description": "deploys"},
        {"name": "plain", "organization_role": "developer"},
    ]
    assert actions(org.plan()) == []


def test_only_what_differs_is_sent() -> None:
    """Naming the role takes a person's token even where it stays."""
    org = WithToken(accounts("{ci: {role: developer, description: null}}"), CI)
    assert org.apply().complete
    assert bodies(org) == [{"description": None}]
    org.files = accounts("{ci: {role: admin}}")
    assert org.apply().complete
    assert bodies(org)[1:] == [{"organization_role": "admin"}]
    assert actions(org.plan()) == []


@pytest.mark.parametrize("wanted", ["{new: developer}", "{ci: {role: admin}}", "{ci: {archived: true}}"])
def test_what_was_accepted_and_ignored_is_not_done(wanted: str) -> None:
    org = WithToken(accounts(wanted), CI)
    org.app.set_faults([{"fault": "ignore", "method": "POST", "path": "/service_accounts*"}])
    report = org.apply(plan=org.plan(allow=["service_account:ci"]))
    assert [outcome.status for outcome in report.outcomes] == ["unconfirmed"]


def test_what_is_not_written_is_left() -> None:
    assert actions(WithToken(accounts("{ci: {}}"), {**CI, "organization_role": "admin"}).plan()) == []


def test_archiving_is_said_and_allowed_by_name() -> None:
    org = WithToken(accounts("{ci: {archived: true}}"), CI)
    with pytest.raises(Refused):
        org.apply()
    assert org.apply(plan=org.plan(allow=["service_account:ci"])).complete
    assert org.console("GET", "service_accounts?include_archived=true")["data"][0]["archived_at"] is not None
    assert actions(org.plan()) == []


@pytest.mark.parametrize(("mode", "level"), [("additive", "info"), ("authoritative", "error")])
def test_nothing_is_archived_by_absence(mode: str, level: str) -> None:
    plan = WithToken(f"manage: {{service_accounts: {mode}}}\nservice_accounts: {{}}", CI).plan()
    assert plan.changes == ()
    assert [(note.address, note.code, note.level) for note in plan.findings] == [
        ("service_account:ci", "undeclared", level)
    ]


def test_an_archived_one_is_none() -> None:
    old = {**CI, "archived_at": "2026-01-01T00:00:00Z"}
    assert actions(WithToken(accounts("{ci: {archived: true}}"), old).plan()) == []
    org = WithToken(accounts("{ci: developer}"), old)
    assert actions(org.plan()) == ["create service_account:ci"]
    assert org.apply().complete
    assert actions(org.plan()) == []


MINE, OTHER = "svac_01AAAAAAAAAAAAAAAAAAAAAA", "svac_01BBBBBBBBBBBBBBBBBBBBBB"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (f"{{ci: {{id: {OTHER}}}}}", f"no service account of this organization has the id {OTHER}"),
        (f"{{cd: {{id: {MINE}, archived: true}}}}", f'{MINE} is named "ci", and service accounts cannot be renamed'),
    ],
)
def test_an_id_means_the_account_of_this_id_and_no_other(body: str, message: str) -> None:
    org = WithToken(accounts(body), {**CI, "id": MINE})
    assert message in held(org.plan())
    assert actions(WithToken(accounts(f"{{ci: {{id: {MINE}, role: admin}}}}"), {**CI, "id": MINE}).plan()) == [
        "update service_account:ci"
    ]


def test_an_id_of_an_archived_account_needs_to_say_so() -> None:
    org = WithToken(accounts(f"{{ci: {{id: {MINE}}}}}"), {**CI, "id": MINE, "archived_at": "2026-01-01T00:00:00Z"})
    assert "was archived, which cannot be undone" in held(org.plan())
    assert actions(org.plan(accounts(f"{{ci: {{id: {MINE}, archived: true}}}}"))) == []


@pytest.mark.parametrize("name", ["CI", "a_b", "über", "a" * 256])
def test_names_are_checked_offline(name: str) -> None:
    with pytest.raises(InputError):
        WithToken(accounts(f'{{"{name}": developer}}')).plan()


def test_export_writes_what_is_live() -> None:
    org = WithToken(
        "", CI, {"name": "old", "archived_at": "2026-01-01T00:00:00Z"}, {"name": "root", "organization_role": "admin"}
    )
    exported = org.export()
    assert "old" not in exported
    org.files = exported
    assert actions(org.plan()) == []


def test_an_admin_key_is_told_and_nothing_is_called_absent() -> None:
    org = WithAdminKey(accounts("{ci: developer, new: developer, gone: {archived: true}}"), CI)
    plan = org.plan()
    assert plan.changes == ()
    assert codes(plan.findings) == ["not_offered service_account:*"]
    assert "OAuth" in plan.findings[0].message


def test_an_export_declares_nothing_that_could_not_be_seen() -> None:
    """Else every plan of it would report the list that the Admin key cannot read."""
    org = WithAdminKey("", CI)
    org.files = org.export()
    assert "\nservice_accounts" not in org.files
    assert not [note for note in org.plan().findings if note.code == "not_offered"]


def test_an_organization_without_them_says_so() -> None:
    plan = WithToken(accounts("{ci: developer}"), service_accounts="absent").plan()
    assert plan.changes == ()
    assert codes(plan.findings) == ["not_offered service_account:*"]


def test_nobody_is_asked_where_none_is_declared() -> None:
    org = WithToken("members: {}")
    org.plan()
    assert not any("service_accounts" in path for path in org.reads())


def test_a_hundred_are_read_a_page() -> None:
    org = WithToken(accounts("{}"), *({"name": f"bot-{number}"} for number in range(250)))
    assert len(org.plan().findings) == 250
    assert len([path for path in org.reads() if path.endswith("service_accounts")]) == 3
