"""What access prints of any organization is what the table of facts says of it: for everybody, everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from properties.organizations import examples

from access.facts import VERBS
from access.organizations import NAMES, SORTS, Acme, organizations
from orgsync.questions.access.actors import Accounts
from orgsync.questions.access.answer import Facts, answer
from orgsync.questions.access.asked import Asked, Subject
from orgsync.questions.access.population import population
from orgsync.render.answers.json_text import data

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN = {"managed", "not understood"}
"""Roles that orgsync does not understand."""
EVERYTHING = ("member", "workspace", "workspace_member", "api_key", "service_account")


def facts_of(acme: Acme) -> Facts:
    """Everything that is read of it."""
    seen = acme.seen(*EVERYTHING)
    listed: dict[str, dict[str, str]] = {}
    for (name, account), role in acme.accounts.items():
        listed.setdefault(f"wrkspc_{name.replace(' ', '')}", {})[account] = role
    return Facts(population(seen), seen, Accounts(listed))


def printed(facts: Facts) -> dict[str, dict[str, Any]]:
    """What `access WORKSPACE --format json` prints, by workspace."""
    return {name: data(answer(Asked(Subject.WORKSPACES, name), facts)) for name in NAMES}


def told(row: Mapping[str, Any]) -> dict[str, str]:
    """What a row says of each verb."""
    return {verb: "yes" if verb in row["may"] else "unknown" if verb in row["not_known"] else "no" for verb in VERBS}


@examples(100)
@given(organizations())
def test_everybody_can_what_the_table_says(acme: Acme) -> None:
    for workspace, made in printed(facts_of(acme)).items():
        rows = {row["who"]: row for row in made["access"]}
        rest = {row["organization_role"]: row for row in made["without_a_role"]}
        assert len(rows) == len(made["access"])
        for email in acme.people:
            odd = rest.get("not understood") if acme.role(email) in UNKNOWN else None
            row = rows.pop(email, None) or rest.get(str(acme.people[email])) or odd
            answers = dict.fromkeys(VERBS, "no") if row is None else told(row)
            assert answers == acme.verbs(workspace, email), (workspace, email)
        assert rows == {}


@examples(100)
@given(organizations())
def test_the_keys_that_act_are_those_of_the_table(acme: Acme) -> None:
    for workspace, whole in printed(facts_of(acme)).items():
        made = {row["id"]: row["works"] for row in whole["keys"]}
        words = {"yes": "yes", "unknown": "not known"}
        expected = {key.id: words.get(acme.works(key, workspace)) for key in acme.keys}
        assert made == {identity: works for identity, works in expected.items() if works}, workspace


@examples(50)
@given(organizations())
def test_service_accounts_are_where_they_were_added_and_in_the_default_workspace(acme: Acme) -> None:
    for workspace, made in printed(facts_of(acme)).items():
        rows = {row["account"]: row["can"] for row in made["service_accounts"]}
        if SORTS[workspace] == "archived":
            assert rows == {}
            continue
        for account in ("svac_one", "svac_two"):
            role = acme.accounts.get((workspace, account)) or ("user" if workspace == "Default" else None)
            assert rows.get(account.replace("_", "-")) == (None if role is None else role.replace("_", " "))
