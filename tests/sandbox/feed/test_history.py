"""Whatever is asked for: what changes the organization is recorded, what changes nothing is not, and values add up."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from properties.organizations import settings_of

from sandbox.org import BETA, CEO_TOKEN, SEED, Org, seeded

from .support import FEED, records

ACCOUNTS = [{"id": "svac_ci", "name": "ci"}, {"id": "svac_old", "name": "old", "archived_at": "2026-01-01T00:00:00Z"}]
SEEDED = seeded(
    {**SEED, "service_accounts": ACCOUNTS},
    compliance="on",
    record_reads=False,
    spend_limit_records="all",
    credentials=[CEO_TOKEN],
    add_existing_member="upsert",
    remove_stranger=200,
)
PEOPLE = ("user_ceo", "user_bill", "user_dev", "user_kim", "user_gone")
WORKSPACES = ("wrkspc_default", "wrkspc_prod", "wrkspc_old")
WORKSPACE_ROLES = ("workspace_admin", "workspace_user", "workspace_billing")
LIMITERS = ("requests_per_minute", "output_tokens_per_minute")
Call = tuple[str, str, Any]

PERSON, WORKSPACE, AMOUNT = st.sampled_from(PEOPLE), st.sampled_from(WORKSPACES), st.sampled_from(["40000", "60000"])
MEMBER = st.tuples(WORKSPACE, PERSON).map(lambda pair: f"/workspaces/{pair[0]}/members/{pair[1]}")
KEY = st.sampled_from(["apikey_ci", "apikey_kim", "apikey_off", "apikey_old"]).map(lambda key: f"/api_keys/{key}")
ACCOUNT = st.sampled_from(["svac_ci", "svac_old"]).map(lambda account: f"/service_accounts/{account}")
VALUE = st.sampled_from([None, 9, 1000])


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


def call(method: str, path: st.SearchStrategy[str], body: st.SearchStrategy[Any]) -> st.SearchStrategy[Call]:
    return st.tuples(st.just(method), path, body)


STATUS = st.sampled_from(["active", "inactive", "archived"])
SCOPE = st.sampled_from([{"type": "organization"}, {"type": "workspace", "workspace_id": "wrkspc_prod"}])
NOTHING: st.SearchStrategy[Any] = st.just({})
ROLE = st.sampled_from(WORKSPACE_ROLES)
RESIDENCY = st.sampled_from(
    [{"allowed_inference_geos": ["us"], "default_inference_geo": "us"}, {"default_inference_geo": "global"}]
)
CALLS = st.one_of(
    call("POST", PERSON.map("/users/{}".format), some(role=st.sampled_from(["user", "developer", "billing"]))),
    call("DELETE", PERSON.map("/users/{}".format), st.none()),
    call("POST", st.just("/invites"), st.just({"email": "new@acme.com", "role": "user"})),
    call("POST", st.just("/workspaces"), st.just({"name": "new"})),
    call(
        "POST",
        WORKSPACE.map("/workspaces/{}".format),
        some(
            name=st.sampled_from(["prod", "p"]),
            display_color=st.sampled_from(["#00FF00", "#0000FF"]),
            tags=st.sampled_from([{"env": "prod"}, {"env": None}, {"a": "b"}]),
            data_residency=RESIDENCY,
        ),
    ),
    call("POST", WORKSPACE.map("/workspaces/{}/archive".format), NOTHING),
    call(
        "POST",
        WORKSPACE.map("/workspaces/{}/members".format),
        st.fixed_dictionaries({"user_id": PERSON, "workspace_role": ROLE}),
    ),
    call("POST", MEMBER, st.fixed_dictionaries({"workspace_role": ROLE})),
    call("DELETE", MEMBER, st.none()),
    call("POST", KEY, some(name=st.sampled_from(["ci", "k"]), status=STATUS)),
    call(
        "POST",
        st.just("/spend_limits"),
        st.fixed_dictionaries(
            {
                "scope": st.sampled_from(
                    [{"type": "organization"}, {"type": "workspace", "workspace_id": "wrkspc_prod"}]
                ),
                "amount": AMOUNT,
            }
        ),
    ),
    call("DELETE", st.sampled_from(["/spend_limits/spl_org", "/spend_limits/spl_prod"]), st.none()),
    call(
        "POST",
        WORKSPACE.map("/workspaces/{}/rate_limits/limit-of-sonnet".format),
        st.fixed_dictionaries({"limits": st.just([{"type": LIMITERS[0], "value": 5}])})
        | VALUE.map(lambda value: {"limits": [{"type": LIMITERS[1], "value": value}]}),
    ),
    call("POST", ACCOUNT, some(description=st.sampled_from(["", "d"]), organization_role=st.just("developer"))),
    call("POST", ACCOUNT.map("{}/archive".format), NOTHING),
)

COLLEAGUE = st.sampled_from([None, None, "ceo@acme.com", "bill@acme.com"])


def state(org: Org) -> dict[str, list[dict[str, Any]]]:
    """All that a client can change, without who touched a row last and when."""
    tables = org.app.tables()
    roles = {row["id"]: row["role"] for row in tables["users"]}
    # What the organization role gives anyway, nobody sees.
    tables["members"] = [
        row
        for row in tables["members"]
        if roles[row["user_id"]] != "billing" or row["workspace_role"] == "workspace_admin"
    ]
    return {
        table: [{name: value for name, value in row.items() if not name.startswith("updated_")} for row in rows]
        for table, rows in tables.items()
    }


def made(org: Org, wanted: Call, *, by: str | None) -> int:
    """The status of a request, or of the edit of a colleague."""
    method, path, body = wanted
    if by is not None:
        return org.app.console(method, path, body, by=by).status
    headers = {"authorization": "Bearer token-of-ceo"} if path.startswith("/service_accounts") else BETA
    return org.call(method, path, body, headers=headers).status


SEEDED_VALUES = {
    ("None user_bill None None", "role"): "billing",
    ("None user_dev None None", "role"): "developer",
    ("None user_kim None None", "role"): "user",
    ("wrkspc_prod user_dev None None", "workspace_role"): "workspace_developer",
    ("wrkspc_prod user_bill None None", "workspace_role"): "workspace_billing",
    ("wrkspc_prod None None None", "name"): "prod",
    ("wrkspc_prod None None None", "allowed_inference_geos"): "unrestricted",
    ("None None apikey_ci None", "name"): "ci",
    ("None None apikey_ci None", "status"): "active",
    ("None None apikey_off None", "status"): "inactive",
}


def check_values(rows: list[dict[str, Any]]) -> None:
    """What was, is what the record before says that is. Who is added, or has a new organization role, begins anew."""
    known: dict[tuple[str, str], Any] = dict(SEEDED_VALUES)
    for row in rows[::-1]:
        about = " ".join(str(row.get(name)) for name in ("workspace_id", "user_id", "api_key_id", "service_account_id"))
        changes = [(each["type"], each["previous_value"], each["current_value"]) for each in row.get("updates", ())]
        if row["type"] == "claude_user_role_updated":
            changes.append(("role", row["previous_role"], row["current_role"]))
            known = {key: value for key, value in known.items() if key[1] == "role" or row["user_id"] not in key[0]}
        if row["type"].startswith("platform_workspace_member_"):
            known = known if "updates" in row else {key: value for key, value in known.items() if key[0] != about}
        for name, previous, current in changes:
            assert known.get((about, name), previous) == previous, row
            known[about, name] = current


@settings_of(150)
@given(
    st.lists(st.tuples(CALLS, st.sampled_from([None, None, "ceo@acme.com", "bill@acme.com"])), min_size=1, max_size=12)
)
def test_a_record_says_what_changed_and_nothing_else_is_recorded(calls: list[tuple[Call, str | None]]) -> None:
    with closing(Org.of(SEEDED)) as org:
        before, number, rows = state(org), 0, list[dict[str, Any]]()
        for wanted, by in calls:
            status = made(org, wanted, by=by)
            after, rows = state(org), records(org)
            new = rows[: len(rows) - number]
            assert bool(new) == (before != after), (wanted, status, new)
            if by is not None and org.app.has_member(by):
                assert {row["actor"].get("email_address") for row in new} <= {by}
            before, number = after, len(rows)
        check_values(rows)


NAMES = st.sampled_from(
    [
        *("activity_types[]", "exclude_activity_types[]", "actor_ids[]", "user_ids[]", "organization_ids[]", "limit"),
        *("created_at.gte", "created_at.lt", "order", "after_id", "before_id", "colour", ""),
    ]
)
FAR = "9999-12-31T23:59:59-14:00"
WORDS = st.sampled_from(
    ["org_user_left", "user_ceo", "asc", "desc", "1", "5000", "-1", "2026-11-01", "9999-12-31T23:59:59-14:00"]
)
QUERIES = st.lists(st.tuples(NAMES, WORDS | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)), max_size=4)


@settings_of(100)
@given(QUERIES)
def test_no_query_is_too_odd(query: list[tuple[str, str]]) -> None:
    with closing(Org.of(seeded(compliance="on"))) as org:
        assert org.call("GET", FEED, query=query).status in (200, 400, 403)
