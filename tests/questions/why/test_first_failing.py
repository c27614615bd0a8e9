"""Whichever links of a chain are taken out of a world in which all of them hold: `why` names the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, ByToken, Org
from hypothesis import example, given
from hypothesis import strategies as st
from properties.organizations import examples

from orgsync.core.model.change import Action
from orgsync.core.words.address import address
from questions.why.asked import asked, failing, journal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.answers.answer import Answer

PEOPLE = st.sampled_from(["ana@acme.example", "Raj.P@Acme.example", "o'hara@acme.example", "dev/ops@acme.example"])
PLACES = st.sampled_from(["lab", "data science / notebooks", "a.b", "Türkei 100%"])
ROLES = st.sampled_from(["user", "developer", "claude_code_user"])

PERSON = ("invited", "withdrawn", "expired", "accepted", "stayed")


def subsets(*links: str) -> st.SearchStrategy[list[str]]:
    """Some of the links, at least one of them, in their order."""
    return st.sets(st.sampled_from(links), min_size=1).map(lambda some: sorted(some, key=links.index))


def person_world(email: str, role: str, broken: str | None) -> tuple[dict[str, Any], str]:
    """Rows and a journal in which somebody is a member, or one link of the way there does not hold."""
    users, invites, writes = [*ADMINS[:1]], [], ""
    sent, gone = (Action.INVITE, address("member", email), [("role", None, role)]), [("role", role, None)]
    if broken is None:
        users.append({"email": email, "role": role})
    elif broken == "withdrawn":
        writes = journal(sent, (Action.WITHDRAW, address("member", email), gone))
    elif broken == "stayed":
        invites = [{"email": email, "role": role, "status": "accepted"}]
    elif broken in {"expired", "accepted"}:
        invites = [{"email": email, "role": role, "status": {"accepted": "pending"}.get(broken, broken)}]
    return {"users": users, "invites": invites}, writes


@examples(40)
@given(email=PEOPLE, role=ROLES, broken=st.sampled_from([None, *PERSON]), files=st.booleans())
def test_a_person(email: str, role: str, broken: str | None, files: bool) -> None:
    rows, writes = person_world(email, role, broken)
    declared = f'members: {{"ceo@acme.example": admin, "{email}": {role}}}\n'
    answer = asked(Org(declared, **rows), email, files=files, journal=writes)
    assert answer.facts["first_failing"] == broken
    assert answer.facts["holds"] is (broken is None)
    assert bool(answer.fixes) is (broken is not None)
    assert answer.requests == 3


@examples(60)
@given(
    email=PEOPLE,
    name=PLACES,
    role=ROLES,
    broken=st.one_of(st.just([]), subsets("person", "workspace", "role")),
    how=st.sampled_from(PERSON),
    files=st.booleans(),
)
def test_access(email: str, name: str, role: str, broken: list[str], how: str, files: bool) -> None:
    rows, writes = person_world(email, role, how if "person" in broken else None)
    is_in = "role" not in broken and "person" not in broken
    rows["workspaces"] = [{"name": name, "archived_at": "2026-11-01T00:00:00Z" if "workspace" in broken else None}]
    rows["workspace_members"] = [{"workspace": name, "email": email, "workspace_role": "workspace_user"}] * is_in
    org = Org("members: {ceo@acme.example: admin}\n", **rows)
    answer = asked(org, email, name, files=files, journal=writes)
    first = next(iter(broken), None)
    assert answer.facts["first_failing"] == (how if first == "person" else first)
    assert answer.facts["holds"] is (not broken)


DEAD = (["workspace"], ["principal"])
"""Where this fails, nobody needs to know who has a role in the workspace."""


def key_org(name: str, broken: Sequence[str], acts_as: str) -> Org:
    """A world in which a key works, but for these links."""
    archived = {"workspace", "principal"} & set(broken) or "archived" in broken
    key: dict[str, Any] = {
        "id": "apikey_01Key",
        "name": "ci",
        "workspace": name,
        "status": "archived" if archived else "inactive" if "status" in broken else "active",
        "created_at": "2026-01-05T00:00:00Z",
        "partial_key_hint": "sk-ant-api03-R2D...g2iY",
    }
    accounts = [{"id": "svac_01Bot", "name": "bot"}]
    if "expiry" in broken:
        key["expires_at"] = "2026-11-01T00:00:00Z"
    if acts_as == "person":
        gone = {"type": "user_actor", "user_id": "user_01Gone"}
        key |= {"principal": gone} if "principal" in broken else {"principal_email": "ana@acme.example"}
    elif acts_as == "account":
        key["principal"] = {"type": "service_account_actor", "service_account_id": "svac_01Bot"}
        if "principal" in broken:
            accounts[0]["archived_at"] = "2026-11-02T00:00:00Z"
    return ByToken(
        f'workspaces: {{"{name}": {{}}}}\n',
        users=[*ADMINS[:1], {"email": "ana@acme.example", "role": "developer"}],
        workspaces=[{"name": name, "archived_at": "2026-11-01T00:00:00Z" if "workspace" in broken else None}],
        workspace_members=[]
        if "access" in broken
        else [{"workspace": name, "email": "ana@acme.example", "workspace_role": "workspace_developer"}],
        api_keys=[] if "exists" in broken else [key],
        service_accounts=accounts,
    )


@examples(80)
@given(
    name=PLACES,
    broken=st.one_of(st.just([]), subsets("workspace", "principal", "access", "expiry", "status")),
    acts_as=st.sampled_from(["person", "account", "nobody"]),
    by=st.sampled_from(["apikey_01Key", "g2iY", "sk-ant-api03-R2D...g2iY", "address"]),
)
@example(name="lab", broken=["workspace"], acts_as="nobody", by="address")
def test_a_key(name: str, broken: list[str], acts_as: str, by: str) -> None:
    known = {"person": {"principal", "access"}, "account": {"principal"}, "nobody": set[str]()}[acts_as]
    broken = [link for link in broken if link in {*known, "workspace", "expiry", "status"}]
    org = key_org(name, broken, acts_as)
    answer = asked(org, address("api_key", name, "ci") if by == "address" else by, files=False)
    assert answer.facts["first_failing"] == next(iter(broken), None)
    # where a service account has a role, nobody reads
    assert answer.facts["holds"] is (False if broken else None if acts_as == "account" else True)
    assert answer.facts["id"] == "apikey_01Key"
    assert answer.requests == 5 + (acts_as == "account" or (acts_as == "person" and broken[:1] not in DEAD))


def test_a_key_that_is_declared_and_does_not_exist() -> None:
    org = Org("workspaces: {lab: {api_keys: {ci: active}}}\n", workspaces=[{"name": "lab"}])
    assert failing(org, "api_key:lab/ci") == "exists"


def limit_org(name: str, broken: Sequence[str]) -> Org:
    """A world in which 50.00 USD were spent in a workspace, and only these limits are reached."""
    low, high = "5000", "6000"
    tier = {"usage_tier": "start", "tier_cap": None}
    spent = 50_000 if "usage_tier" in broken else 5_000
    return Org(
        f'workspaces: {{"{name}": {{}}}}\n',
        workspaces=[{"name": name, "archived_at": "2026-11-20T00:00:00Z" if "workspace" in broken else None}],
        usage=[
            {
                "at": "2026-11-10T09:00:00Z",
                "workspace": name,
                "model": "claude-sonnet-5",
                "input_tokens": 1,
                "cost_cents": str(spent),
            }
        ],
        spend_limits=[
            {"amount": low if "organization_limit" in broken else "50001"},
            {"amount": low if "workspace_limit" in broken else high if spent < 6000 else "50001", "workspace": name},
        ],
        workspace_rate_limits=[
            {
                "workspace": name,
                "model": "claude-sonnet-5",
                "limits": [{"type": "requests_per_minute", "value": 0 if "rate_limit" in broken else 10}],
            }
        ],
        settings={"usage_tier": tier["usage_tier"]},
    )


@examples(60)
@given(
    name=PLACES,
    broken=st.one_of(
        st.just([]), subsets("workspace", "usage_tier", "organization_limit", "workspace_limit", "rate_limit")
    ),
)
def test_a_limit(name: str, broken: list[str]) -> None:
    answer = asked(limit_org(name, broken), "limit", name)
    assert answer.facts["first_failing"] == next(iter(broken), None)
    assert answer.facts["holds"] is (False if broken else None)  # how much of rate limits is used, nobody can tell


COLORED = "workspaces: {lab: {color: '#112233'}}"
LINES = ("declared", "counts", "managed", "decided", "ready", "guard", "applied")


def line_world(email: str, name: str, broken: Sequence[str]) -> Org:
    """A world in which a role in a workspace is as the files declare it, but for these links."""
    until = ", until: 2026-11-01" if "counts" in broken else ""
    line = "{}" if "declared" in broken else f'{{"{email}": {{role: user{until}}}}}'
    manage = "manage: {workspace_members: observe}\n" if "managed" in broken else ""
    guards = "guards: {max_grants: {count: 0}}\n" if "guard" in broken else ""
    invited = "ready" in broken
    differs = "applied" in broken or "guard" in broken
    held = [] if differs or invited else [{"workspace": name, "email": email, "workspace_role": "workspace_user"}]
    places = [{"name": name, "id": "wrkspc_01A"}]
    if "decided" in broken:
        places.append({"name": name, "id": "wrkspc_01B"})
        held = []
    person = {"email": email, "role": "user"}
    return Org(
        f'{manage}{guards}members: {{ceo@acme.example: admin, "{email}": user}}\n'
        f'workspaces: {{"{name}": {{members: {line}}}}}\n',
        users=ADMINS[:1] if invited else [*ADMINS[:1], person],
        invites=[person] * invited,
        workspaces=places,
        workspace_members=held,
    )


@examples(60)
@given(email=PEOPLE, name=PLACES, broken=st.one_of(st.just([]), subsets(*LINES)), field=st.sampled_from(["", ".role"]))
def test_a_line(email: str, name: str, broken: list[str], field: str) -> None:
    org = line_world(email, name, broken)
    answer = asked(org, address("workspace_member", name, email) + field)
    first = next(iter(broken), None)
    assert answer.facts["first_failing"] == first
    assert answer.facts["holds"] is (first is None)
    assert org.writes() == []


@pytest.mark.parametrize(
    ("files", "about", "first"),
    [
        ("members: {ceo@acme.example: admin, ana@acme.example: admin}", "member:ana@acme.example", "possible"),
        (
            "key_policies: {rotate: {max_age: 90d, then: deactivate}}\nworkspaces: {lab: {api_keys: {ci: active}}}",
            "api_key:lab/ci.status",
            "policy",
        ),
        ("workspaces: {lab: {}}", "workspace:lab.color", "declared"),
        (COLORED, "workspace:lab.color", "applied"),
        (
            "guards: {max_grants: {count: 0}}\nmembers: {ceo@acme.example: admin, kim@acme.example: user}\n" + COLORED,
            "workspace:lab.color",
            "guard",
        ),
    ],
    ids=["a role that only the Console gives", "a policy", "a field", "a value", "a guard because of another change"],
)
def test_other_links_of_a_line(files: str, about: str, first: str) -> None:
    org = Org(
        f"{files}\n",
        users=[*ADMINS[:1], {"email": "ana@acme.example", "role": "developer"}],
        workspaces=[{"name": "lab"}],
        api_keys=[{"name": "ci", "workspace": "lab", "created_at": "2026-01-05T00:00:00Z"}],
    )
    assert failing(org, about) == first


@pytest.mark.parametrize(
    ("files", "about", "says"),
    [
        ("workspaces: {lab: {members: {ceo@acme.example: user}}}", "workspace_member:lab/ceo@acme.example", "inherits"),
        ("spend_limit: {monthly: 900}", "spend_limit:organization", "exceeds the cap"),
        ("workspaces: {lab: {external_key_id: ekey_2}}", "workspace:lab.external_key_id", "can never be changed"),
        ("members: {ceo@acme.example: admin, left@acme.example: user}", "member:left@acme.example", "was removed"),
    ],
    ids=["inherited", "above", "set once", "removed in the Console"],
)
def test_a_plan_without_a_change_is_not_taken_for_a_line_that_is_met(files: str, about: str, says: str) -> None:
    org = Org(
        f"{files}\n",
        invites=[{"email": "left@acme.example", "role": "user", "status": "accepted"}],
        workspaces=[{"name": "lab", "external_key_id": "ekey_1"}],
        settings={"usage_tier": "start"},
    )
    answer = asked(org, about)
    assert answer.facts["first_failing"] == "applied"
    assert says in answer.steps[-2 if answer.steps[-1].mark == "!" else -1].text


def test_a_field_is_not_blamed_for_another_one() -> None:
    files = "workspaces: {lab: {color: '#6C5BB9', external_key_id: ekey_2}}\n"
    org = Org(files, workspaces=[{"name": "lab", "external_key_id": "ekey_1", "display_color": "#6C5BB9"}])
    assert failing(org, "workspace:lab.color") is None
    assert failing(org, "workspace:lab") == "applied"


def test_a_resource_is_found_by_the_name_that_the_organization_has() -> None:
    org = Org("workspaces: {lab: {renamed_from: old}}\n", workspaces=[{"name": "old"}])
    answer = asked(org, "workspace:old")
    assert answer.facts["about"] == "workspace:lab"
    assert answer.facts["first_failing"] == "applied"


def test_what_the_credential_may_not_see_is_not_known() -> None:
    org = Org(
        users=ADMINS[:1],
        workspaces=[{"name": "lab"}],
        api_keys=[
            {
                "id": "apikey_01Bot",
                "name": "bot",
                "workspace": "lab",
                "principal": {"type": "service_account_actor", "service_account_id": "svac_01Bot"},
            }
        ],
        service_accounts=[{"id": "svac_01Bot", "name": "bot"}],
        settings={"spend_limits_early_access": False},
    )
    answer = asked(org, "limit", "lab")
    assert answer.facts["holds"] is None
    assert "? spend limits by API are in early access" in told(answer)
    answer = asked(org, "apikey_01Bot")  # by an Admin key, which cannot list service accounts
    assert answer.facts["holds"] is None
    assert "? acts as the service account svac_01Bot, which this credential cannot see" in told(answer)
    assert answer.requests == 5


def test_a_limit_is_not_that_of_a_namesake() -> None:
    places = [{"name": "twin", "id": "wrkspc_01A"}, {"name": "twin", "id": "wrkspc_01B"}]
    org = Org(
        workspaces=places, spend_limits=[{"amount": "0", "scope": {"type": "workspace", "workspace_id": "wrkspc_01A"}}]
    )
    answer = asked(org, "limit", "wrkspc_01B", files=False)
    assert answer.facts["first_failing"] is None
    assert "? twin shares its name with another workspace" in told(answer)


def told(answer: Answer) -> str:
    """The steps as they are printed."""
    return "\n".join(f"{step.mark} {step.text}" for step in answer.steps)
