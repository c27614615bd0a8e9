"""One sample for each kind: what live may show of it, what a file may say of it, and the write that changes it.

Shapes and rules come from the Admin API and the types of its SDK, never from our own modules, so that both cannot share
a mistake.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

from hypothesis import strategies as st

from orgsync.core.model.change import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from orgsync.core.model.change import Change

Rows = dict[str, Any]
"""A seed: lists of rows, and the settings."""

Write = tuple[str, str, dict[str, Any] | None]
"""Method, path after `/v1/organizations/`, and body."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the strategies and the judges have to know about one kind.

    rows     rows for the seed, given those of the kinds before it
    section  what a file may hold at the kind's place, inside a thing of these segments (none at the top of the file)
    write    the one write that a change of a plan stands for
    """

    rows: Callable[[Rows], st.SearchStrategy[Rows]]
    section: Callable[[Rows, dict[str, Any], tuple[str, ...]], st.SearchStrategy[Any]]
    write: Callable[[Change, Callable[..., str]], Write]


# People. Everything RFC 5322 lets stand before the @ without quotes is legal, `/` and `%` included.

ADMINS = ["ceo@acme.example", "cto@acme.example"]
PEOPLE = [
    "ana@acme.example",
    "Raj@Acme.example",
    "o'hara@acme.example",
    "kim+ops@acme.example",
    "100%@acme.example",
    "élodie@acme.example",
    "a=b&c@acme.example",
    "dev/ops@acme.example",
    '"quoted, yes"@acme.example',
]

ROLES = ["user", "claude_code_user", "developer", "billing", "admin"]
DAYS = ["2026-11-21", "2026-11-22", "2026-12-31"]
"""Yesterday, today and later, seen from the `NOW` of the tests."""

SPELLINGS: list[Callable[[str], str]] = [str, str, str.upper, str.title]
"""Ways to write an address; they are about ASCII letters alone, which have no case in one."""


def spelled(email: str) -> st.SearchStrategy[str]:
    """The same address as different people write it."""
    return st.sampled_from(SPELLINGS).map(lambda spell: re.sub(r"[a-zA-Z]+", lambda word: spell(word[0]), email))


def _subset(values: Iterable[Any], min_size: int = 0, max_size: int | None = None) -> st.SearchStrategy[list[Any]]:
    known = list(values)
    few = st.lists(st.sampled_from(known), unique_by=repr, min_size=min_size, max_size=max_size) if known else None
    return st.just([]) if few is None else few


def _with_until(role: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """A role in each of the ways to write one."""
    mapped = st.fixed_dictionaries({"role": role}, optional={"until": st.sampled_from(DAYS)})
    return role | role | mapped


@st.composite
def _member_rows(draw: st.DrawFn, _seed: Rows) -> Rows:
    admins = draw(_subset(ADMINS, min_size=1))
    people = draw(_subset(PEOPLE, min_size=2, max_size=6))
    users = [{"email": email, "role": "admin"} for email in admins]
    users += [{"email": email, "role": draw(st.sampled_from([*ROLES, *ROLES[:-2]]))} for email in people]
    outside = [email for email in PEOPLE if email not in people]
    invites = []
    for email in draw(_subset(PEOPLE, max_size=5)):
        invites += draw(_invite_history(email, invited=email in outside))
    return {"users": users, "invites": [{"id": f"invite_01{n:022d}", **row} for n, row in enumerate(invites)]}


@st.composite
def _invite_history(draw: st.DrawFn, email: str, *, invited: bool) -> list[dict[str, Any]]:
    """Invites of one person, oldest first; only people who are not members have a pending one, the last."""
    past = st.sampled_from(["expired", "accepted", "deleted"])
    statuses = draw(st.lists(past, max_size=2))
    if invited and draw(st.booleans()):
        statuses.append("pending")
    return [
        {
            "email": draw(spelled(email)),
            "role": draw(st.sampled_from(ROLES[:-1])),
            "status": status,
            "invited_at": "2026-11-20T09:00:00Z" if status == "pending" else f"2026-0{6 + order}-01T09:00:00Z",
        }
        for order, status in enumerate(statuses)
    ]


def _member_section(seed: Rows, files: dict[str, Any], _parent: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    known = [row["email"] for row in seed["users"]]
    emails = st.sampled_from([*known, *known, *PEOPLE]).flatmap(spelled)
    teams = [f"team:{name}" for name in files.get("teams", ())]
    role = _with_until(st.sampled_from(ROLES))
    return st.builds(
        lambda people, groups: people | groups,
        _things(emails, role),
        _things(st.sampled_from(teams), _with_until(st.sampled_from(ROLES[:-1])), max_size=1) if teams else st.just({}),
    )


def _things(
    names: st.SearchStrategy[str], values: st.SearchStrategy[Any], max_size: int = 6
) -> st.SearchStrategy[dict[str, Any]]:
    """A map in which no two keys differ by case alone."""
    entries = st.tuples(names, values)
    return st.lists(entries, min_size=1, max_size=max_size, unique_by=lambda entry: entry[0].casefold()).map(dict)


def _member_write(change: Change, where: Callable[..., str]) -> Write:
    role = change.fields[0].after
    if change.action is Action.INVITE:
        return "POST", "invites", {"email": ANY, "role": role}
    if change.action is Action.WITHDRAW:
        return "DELETE", f"invites/{change.id}", None
    if change.action is Action.REMOVE:
        return "DELETE", f"users/{change.id}", None
    return "POST", f"users/{where(change)}", {"role": role}


# Workspaces. Names are any text of 1 to 255 characters, and need not be unique.

NAMES = [
    "production",
    "Production",
    "r&d/ml",
    "50% off: now",
    "team:platform",
    'the "best" one\'s',
    "生产 環境",
    "null",
    "1e3",
    "a.b",
    "[x] # y",
    "Claude Code",
]
UNDECLARABLE_NAMES = [" spaced ", "one\u200dtwo", "two\nlines"]
"""Names the API may carry and a file cannot: spaces around them, invisible characters."""

COLORS = ["#6C5BB9", "#6c5bb9", "#000000", "#aBcDeF"]
TAG_KEYS = ["env", "cost.center", "a/b", "größe", "50%", "50%2E", "yes", "1"]
TAG_VALUES = ["prod", "", "r&d", "null", "1.10", "1e6", "ünï", "a: b"]
TAGS = st.dictionaries(st.sampled_from(TAG_KEYS), st.sampled_from(TAG_VALUES), max_size=4)
EXTERNAL_KEYS = ["ekey_a", "ekey_b"]
RESIDENCIES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"allowed_inference_geos": "unrestricted"},
        {"default_inference_geo": "us"},
        {"default_inference_geo": "global"},
        {"allowed_inference_geos": ["us"], "default_inference_geo": "us"},
        {"allowed_inference_geos": ["us", "global"]},
        {"allowed_inference_geos": ["global", "us"], "default_inference_geo": "global"},
        {"workspace_geo": "us"},
    ]
)


def workspace_id(number: int) -> str:
    """An id in the API's shape."""
    return f"wrkspc_01{number:022d}"


@st.composite
def _workspace_rows(draw: st.DrawFn, _seed: Rows) -> Rows:
    names = draw(st.lists(st.sampled_from([*NAMES, *NAMES, *UNDECLARABLE_NAMES]), min_size=1, max_size=5))
    rows = [draw(_workspace_row(workspace_id(number), name)) for number, name in enumerate(names, 1)]
    return {"workspaces": rows}


def _workspace_row(identity: str, name: str) -> st.SearchStrategy[dict[str, Any]]:
    archived = f"2026-0{int(identity[-1])}-01T00:00:00Z"
    own: list[dict[str, str]] = [{}, {}, {"anthropic:kind": "x"}]
    fields: dict[str, st.SearchStrategy[Any]] = {
        "id": st.just(identity),
        "name": st.just(name),
        "archived_at": st.sampled_from([None, None, None, archived]),
        "tags": st.builds(lambda tags, own: tags | own, TAGS, st.sampled_from(own)),
        "display_color": st.sampled_from(COLORS),
        "external_key_id": st.sampled_from([None, None, None, *EXTERNAL_KEYS]),
    }
    return st.fixed_dictionaries(fields, optional={"data_residency": RESIDENCIES.filter(_is_whole)})


def _is_whole(residency: Mapping[str, Any]) -> bool:
    """Whether a residency is possible beside the server's defaults."""
    allowed = residency.get("allowed_inference_geos", "unrestricted")
    return allowed == "unrestricted" or residency.get("default_inference_geo", "global") in allowed


@st.composite
def _workspace_section(draw: st.DrawFn, seed: Rows, _files: dict[str, Any], _parent: tuple[str, ...]) -> dict[str, Any]:
    live = [row["name"] for row in seed["workspaces"] if row["name"] not in UNDECLARABLE_NAMES]
    names = draw(st.lists(st.sampled_from([*live * 5, *NAMES, "Default"]), min_size=1, max_size=5, unique=True))
    return {name: draw(_workspace_value(name, names, seed["workspaces"])) for name in names}


@st.composite
def _workspace_value(draw: st.DrawFn, name: str, names: list[str], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What a file may say of this name, given who carries it; now and then it says nothing where it should."""
    if name == "Default":
        return {}
    carriers = [row for row in rows if row["name"] == name]
    live = [row["id"] for row in carriers if row["archived_at"] is None]
    gone = [row["id"] for row in sorted(carriers, key=lambda row: str(row["archived_at"]))]
    former = [row["name"] for row in rows if row["archived_at"] is None and row["name"] not in names]
    directives: list[dict[str, Any]]
    if len(live) > 1:
        directives = [{}, *({"id": one} for one in live), *({"id": one, "archived": True} for one in live)]
    elif live:
        directives = [{}, {}, {}, {"id": live[0]}, {"archived": True}, {"renamed_from": "long ago"}]
    elif gone:
        directives = [{"archived": True}, {"recreate": gone[-1]}, {"recreate": gone[-1], "renamed_from": "long ago"}]
    else:
        others = [row["id"] for row in rows if row["archived_at"] is None and row["name"] not in names]
        directives = [{}, {}, {"archived": True}, *({"renamed_from": one} for one in former)]
        directives += [{"id": one} for one in others] + [{"id": one, "archived": True} for one in others]
        directives += [{"renamed_from": one, "archived": True} for one in former]
    optional: dict[Any, st.SearchStrategy[Any]] = {
        "color": st.sampled_from(COLORS),
        "tags": TAGS | st.none(),
        "data_residency": RESIDENCIES,
        "external_key_id": st.sampled_from(EXTERNAL_KEYS),
    }
    written: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=optional))
    return {**draw(st.sampled_from(directives)), **written}


_SENT_AS = {"color": "display_color"}


def _workspace_write(change: Change, where: Callable[..., str]) -> Write:
    if change.action is Action.ARCHIVE:
        return "POST", f"workspaces/{where(change)}/archive", None
    fields = {field.path.split(".")[0]: field for field in change.fields}
    body = {
        _SENT_AS.get(name, name): field.after
        if field.path == name and not isinstance(field.after, dict | list)
        else ANY
        for name, field in fields.items()
    }
    return "POST", "workspaces" if change.action is Action.CREATE else f"workspaces/{where(change)}", body


# Roles inside workspaces. Organization admins and billing members hold theirs without being added.

WORKSPACE_ROLES = ["user", "restricted_developer", "developer", "admin"]


@st.composite
def _workspace_member_rows(draw: st.DrawFn, seed: Rows) -> Rows:
    """Roles that somebody gave. One that a billing member had before they were one cannot be told from inherited access
    where the API seems to list that: there are none where it does, and one admin who was never added anywhere."""
    rows = []
    listed = seed["settings"].get("inherited_members") == "listed"
    for workspace in seed["workspaces"]:
        for user in draw(_subset(seed["users"][:0:-1], min_size=1, max_size=4)):
            roles = (
                WORKSPACE_ROLES if user["role"] != "billing" else ["admin"] if listed else [*WORKSPACE_ROLES, "billing"]
            )
            role = draw(st.sampled_from(roles))
            rows.append(
                {"email": user["email"], "workspace_id": workspace["id"], "workspace_role": f"workspace_{role}"}
            )
    return {"workspace_members": rows}


def _workspace_member_section(
    seed: Rows, files: dict[str, Any], _parent: tuple[str, ...]
) -> st.SearchStrategy[dict[str, Any]]:
    """People who are, or will be, members of the organization: anyone else is an error in the file."""
    people = sorted(declared_today(files))
    if "members" not in files or files.get("manage", {}).get("members") != "authoritative":
        people += [row["email"] for row in seed["users"]]
    inside = {row["email"] for row in seed["workspace_members"]}
    people += [email for email in people if email in inside] * 2
    folded = {email.casefold() for email in people}
    teams = [
        f"team:{name}"
        for name, team in files.get("teams", {}).items()
        if all(email.casefold() in folded for email in team)
    ]
    if not people:
        return st.just({})
    role = _with_until(st.sampled_from(WORKSPACE_ROLES))
    return st.builds(
        lambda people, groups: people | groups,
        _things(st.sampled_from(people).flatmap(spelled), role),
        _things(st.sampled_from(teams), role, max_size=1) if teams else st.just({}),
    )


def declared_today(files: dict[str, Any]) -> dict[str, str]:
    """The organization role of everyone whom the members section names today; a line of their own wins over teams."""
    lines = list((files.get("members") or {}).items())
    roles: dict[str, str] = {}
    for key, value in sorted(lines, key=lambda line: not line[0].startswith("team:")):
        thing = value if isinstance(value, dict) else {"role": value}
        people = files["teams"][key.removeprefix("team:")] if key.startswith("team:") else [key]
        for email in people:
            roles = {one: role for one, role in roles.items() if one.casefold() != email.casefold()}
            if thing.get("until", DAYS[-1]) >= DAYS[1]:
                roles[email] = thing["role"]
    return roles


def _workspace_member_write(change: Change, where: Callable[..., str]) -> Write:
    workspace, person = where(change, "workspace"), where(change, "member")
    role = f"workspace_{change.fields[0].after}"
    if change.action is Action.REMOVE:
        return "DELETE", f"workspaces/{workspace}/members/{person}", None
    if change.action is Action.CREATE:
        return "POST", f"workspaces/{workspace}/members", {"user_id": person, "workspace_role": role}
    return "POST", f"workspaces/{workspace}/members/{person}", {"workspace_role": role}


# Spend limits. Amounts are whole minor units; a workspace's limit lies at most at the organization's.

AMOUNTS = [0, 250, 19.5, 1000, 20000]
MINOR_UNITS = {amount: str(round(amount * 100)) for amount in AMOUNTS}


@st.composite
def _spend_limit_rows(draw: st.DrawFn, seed: Rows) -> Rows:
    most = draw(st.sampled_from([None, 1000, 20000]))
    amounts = [amount for amount in AMOUNTS if most is None or amount <= most]
    rows = [{"scope": {"type": "organization"}, "amount": MINOR_UNITS[most]}] if most else []
    for workspace in seed["workspaces"]:
        if draw(st.booleans()):
            scope = {"type": "workspace", "workspace_id": workspace["id"]}
            rows.append({"scope": scope, "amount": MINOR_UNITS[draw(st.sampled_from(amounts))]})
    return {"spend_limits": rows}


def _spend_limit_section(_seed: Rows, _files: dict[str, Any], parent: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """The currency is written, because live may not tell. The organization's limit is one that all others fit below."""
    amount = st.sampled_from(AMOUNTS) if parent else st.just(AMOUNTS[-1])
    return st.fixed_dictionaries({"monthly": amount | st.none()}, optional={"currency": st.just("USD")}).filter(
        lambda limit: limit["monthly"] is None or "currency" in limit
    )


def _spend_limit_write(change: Change, where: Callable[..., str]) -> Write:
    if change.action is Action.REMOVE:
        return "DELETE", f"spend_limits/{change.id}", None
    scope = {"type": "organization"}
    if change.address != "spend_limit:organization":
        scope = {"type": "workspace", "workspace_id": where(change, "workspace")}
    amount = round(float(str(change.fields[0].after).partition(" ")[0]) * 100)
    return "POST", "spend_limits", {"amount": str(amount), "scope": scope, "period": "monthly"}


# Rate limits. An entry's id is the organization's own; `rlg_` ids and models are the same everywhere.

RATE_LIMITS: list[dict[str, Any]] = [
    {
        "id": "rlim_01Sonnet",
        "group": {"id": "rlg_01Sonnet", "type": "model_group", "display_name": "Claude Sonnet"},
        "limits": [{"type": "requests_per_minute", "value": 4000}, {"type": "output_tokens_per_minute", "value": 400}],
        "models": ["claude-sonnet-5", "claude-sonnet"],
    },
    {
        "id": "rlim_01Batch",
        "group": {"id": "rlg_01Batch", "type": "batch"},
        "limits": [{"type": "requests_per_minute", "value": 50}],
        "models": None,
    },
]
GROUP_NAMES = {
    "rlim_01Sonnet": ["rlg_01Sonnet", "claude-sonnet-5", "claude-sonnet"],
    "rlim_01Batch": ["rlg_01Batch", "batch"],
}
VALUES = st.sampled_from([0, 10, 50, 4000, 2**53 - 1])


def _limiters(entry: dict[str, Any], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from([limit["type"] for limit in entry["limits"]]), values, min_size=1)


@st.composite
def _rate_limit_rows(draw: st.DrawFn, seed: Rows) -> Rows:
    rows = []
    for workspace in seed["workspaces"]:
        for entry in draw(_subset(RATE_LIMITS)):
            limits = [{"type": name, "value": value} for name, value in draw(_limiters(entry, VALUES)).items()]
            rows.append({"rate_limit_id": entry["id"], "workspace_id": workspace["id"], "limits": limits})
    return {"workspace_rate_limits": rows}


@st.composite
def _rate_limit_section(
    draw: st.DrawFn, _seed: Rows, _files: dict[str, Any], _parent: tuple[str, ...]
) -> dict[str, Any]:
    """Each group under one of its names: under two, it would be declared twice."""
    return {
        draw(st.sampled_from(GROUP_NAMES[entry["id"]])): draw(
            _limiters(entry, VALUES | st.none() | st.fixed_dictionaries({"value": VALUES}))
        )
        for entry in draw(_subset(RATE_LIMITS, min_size=1))
    }


def _rate_limit_write(change: Change, where: Callable[..., str]) -> Write:
    limiter = change.address.rpartition("/")[2]
    path = f"workspaces/{where(change, 'workspace')}/rate_limits/{where(change, 'rate_limit_group')}"
    return "POST", path, {"limits": [{"type": limiter, "value": change.fields[0].after}]}


# API keys. They are made in the Console, and archived for ever; a workspace key outlives whoever made it.

KEY_NAMES = ["ci", "CI", "legacy/etl", "chat bot", "100%"]


@st.composite
def _api_key_rows(draw: st.DrawFn, seed: Rows) -> Rows:
    rows: list[dict[str, Any]] = []
    for workspace in seed["workspaces"]:
        for name in draw(_subset(KEY_NAMES, max_size=3)):
            status = draw(st.sampled_from(["active", "active", "inactive", "expired", "archived"]))
            row = {
                "name": name,
                "workspace_id": workspace["id"],
                "status": "archived" if workspace["archived_at"] else status,
            }
            maker = draw(st.sampled_from(seed["users"]))["email"]
            owner = draw(st.sampled_from([{}, {}, {"principal_email": maker}]))
            rows.append({"id": f"apikey_01{len(rows):022d}", **row, "created_by_email": maker, **owner})
    return {"api_keys": rows}


def _api_key_section(
    _seed: Rows, _files: dict[str, Any], _parent: tuple[str, ...]
) -> st.SearchStrategy[dict[str, Any]]:
    statuses = st.sampled_from(["active", "inactive"])
    values = statuses | st.fixed_dictionaries({"status": statuses}) | st.sampled_from([{}, {"archived": True}])
    return st.dictionaries(st.sampled_from(KEY_NAMES), values, min_size=1, max_size=3)


def _api_key_write(change: Change, where: Callable[..., str]) -> Write:
    return "POST", f"api_keys/{where(change)}", {field.path: field.after for field in change.fields}


# Service accounts. A name can be given again once its account is archived.

ACCOUNTS = ["ci", "deployer", "nightly-1"]
ACCOUNT_ROLES = st.sampled_from(["developer", "admin"])


@st.composite
def _service_account_rows(draw: st.DrawFn, _seed: Rows) -> Rows:
    rows: list[dict[str, Any]] = []
    for name in draw(_subset(ACCOUNTS)):
        archived = draw(st.sampled_from([None, None, "2026-01-01T00:00:00Z"]))
        described = draw(st.sampled_from(["", "deploys"]))
        row = {"name": name, "organization_role": draw(ACCOUNT_ROLES), "description": described}
        rows.append({"id": f"svac_01{len(rows):022d}", **row, "archived_at": archived})
    return {"service_accounts": rows}


def _service_account_section(
    _seed: Rows, _files: dict[str, Any], _parent: tuple[str, ...]
) -> st.SearchStrategy[dict[str, Any]]:
    described = st.sampled_from(["deploys", "tests", None])
    settings = st.fixed_dictionaries({}, optional={"role": ACCOUNT_ROLES, "description": described})
    return st.dictionaries(
        st.sampled_from(ACCOUNTS), ACCOUNT_ROLES | settings | st.just({"archived": True}), min_size=1
    )


def _service_account_write(change: Change, where: Callable[..., str]) -> Write:
    fields = {{"role": "organization_role"}.get(field.path, field.path): field.after for field in change.fields}
    if change.action is Action.CREATE:
        return "POST", "service_accounts", fields
    if change.action is Action.ARCHIVE:
        return "POST", f"service_accounts/{where(change)}/archive", None
    return "POST", f"service_accounts/{where(change)}", fields


def _only_the_organization_has_them(*_arguments: Any) -> Any:
    raise AssertionError("nothing of this kind is ever declared, so nothing is ever written")


SAMPLES: Mapping[str, Sample] = {
    "member": Sample(_member_rows, _member_section, _member_write),
    "workspace": Sample(_workspace_rows, _workspace_section, _workspace_write),
    "workspace_member": Sample(_workspace_member_rows, _workspace_member_section, _workspace_member_write),
    "spend_limit": Sample(_spend_limit_rows, _spend_limit_section, _spend_limit_write),
    "rate_limit_group": Sample(
        lambda _seed: st.just({"rate_limits": RATE_LIMITS}),
        _only_the_organization_has_them,
        _only_the_organization_has_them,
    ),
    "rate_limit": Sample(_rate_limit_rows, _rate_limit_section, _rate_limit_write),
    "service_account": Sample(_service_account_rows, _service_account_section, _service_account_write),
    "api_key": Sample(_api_key_rows, _api_key_section, _api_key_write),
}
