"""One odd thing blinds nobody: whatever is odd, every entry that is not about it is byte for byte the same."""

from __future__ import annotations

import asyncio
import copy
import json
import os
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from acme import ORGANIZATION

from orgsync.core.drift.entries import drift_report
from orgsync.core.drift.schema import drift_adapter
from orgsync.core.plan.schema import plan_adapter
from orgsync.core.words.address import Address
from orgsync.kinds import KINDS

from .world import MODES, PROD, SONNET, World, matching_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orgsync.core.model.rows import Row

    Rows = Callable[[list[Row]], list[Row]]
    Edit = Callable[[dict[str, Any]], object]

OTHER = "01ZZZZZZZZZZZZZZZZZZZZZZ"
LISTS = ("changes", "manual", "waiting", "findings", "blocked")


@dataclass(frozen=True)
class Oddity:
    """One thing that becomes odd, and the globs of addresses that it is about.

    It is in the `rows` of the list at `path`, which is `refused` as a whole, or in the `files`.
    """

    about: tuple[str, ...]
    path: str = ""
    rows: Rows | None = None
    files: Edit | None = None
    code: str = ""
    refused: bool = False


def where(found: Callable[[Row], bool], **fields: Any) -> Rows:
    """The rows, some of which have other values."""
    return lambda rows: [{**row, **fields} if found(row) else row for row in rows]


def without(found: Callable[[Row], bool]) -> Rows:
    return lambda rows: [row for row in rows if not found(row)]


def twin(found: Callable[[Row], bool], identity: str, **fields: Any) -> Rows:
    """The rows, and one of them once more under another id."""
    return lambda rows: [*rows, *({**copy.deepcopy(row), "id": identity, **fields} for row in rows if found(row))]


def named(name: str) -> Callable[[Row], bool]:
    return lambda row: bool(row.get("name") == name)


def mailed(email: str) -> Callable[[Row], bool]:
    return lambda row: bool(row.get("email") == email)


def at(*path: str, value: Any) -> Edit:
    """Files in which something else is written at a place."""

    def edit(files: dict[str, Any]) -> None:
        inside = files
        for step in path[:-1]:
            inside = inside.setdefault(step, {})
        inside[path[-1]] = value

    return edit


LIMITERS = ("output_tokens_per_minute", "requests_per_minute")
OF_ALL = "workspace_member:*"


def both(first: Edit, second: Edit) -> Edit:
    return lambda files: (first(files), second(files))


SAYS_ITS_ID = at("workspaces", "prod", "id", value=PROD)
SPACES, USERS, KEYS = "/workspaces", "/users", "/api_keys"
ACCOUNTS, LIMITS, GROUPS = "/service_accounts", "/spend_limits", "/organizations/rate_limits"
KIM = "kim@acme.example"
WIDE = ("*:prod", "*:prod/*", "spend_limit:workspace/prod")
OF_KIM = (f"member:{KIM}", f"workspace_member:*/{KIM}", "api_key:stage/off")
"""Kim made the key `off`, and is the only developer of `stage`."""

ODDITIES: dict[str, Oddity] = {
    "a workspace is archived": Oddity(
        WIDE, SPACES, where(named("prod"), archived_at="2026-11-01T00:00:00Z"), code="archived_in_console"
    ),
    "a workspace has a twin": Oddity(WIDE, SPACES, twin(named("prod"), f"wrkspc_{OTHER}"), code="undecided"),
    "a workspace is renamed": Oddity((*WIDE, "*:away", "*:away/*"), SPACES, where(named("prod"), name="away")),
    "a workspace has a wrong id": Oddity(
        WIDE, files=at("workspaces", "prod", "id", value=f"wrkspc_{OTHER}"), code="wrong_id"
    ),
    "two lines mean one workspace": Oddity(
        (*WIDE, "*:other"), files=both(at("workspaces", "other", value={"id": PROD}), SAYS_ITS_ID), code="undecided"
    ),
    "a workspace is not understood": Oddity(WIDE, SPACES, where(named("prod"), tags=7), code="unknown_value"),
    "a key has a twin": Oddity(("api_key:prod/ci*",), KEYS, twin(named("ci"), f"apikey_{OTHER}"), code="undecided"),
    "a key has a wrong id": Oddity(
        ("api_key:prod/ci",),
        files=at("workspaces", "prod", "api_keys", "ci", value={"id": f"apikey_{OTHER}"}),
        code="wrong_id",
    ),
    "a key is not understood": Oddity(("api_key:prod/ci",), KEYS, where(named("ci"), status="paused")),
    "a person left": Oddity((*OF_KIM, "workspace:stage"), USERS, without(mailed(KIM))),
    "a person is there twice": Oddity(OF_KIM, USERS, twin(mailed(KIM), f"user_{OTHER}"), code="undecided"),
    "a person is not understood": Oddity(OF_KIM, USERS, where(mailed(KIM), role="auditor"), code="unknown_value"),
    "an address that gets no mail": Oddity(
        ("*mailto*",), files=at("members", "mailto:x@acme.example", value="user"), code="doubtful_email"
    ),
    "a model is retired": Oddity(
        (f"rate_limit:*/{SONNET}/*", "rate_limit:*/claude-sonnet/*"),
        GROUPS,
        without(lambda row: SONNET in (row["models"] or ())),
        code="unknown_model",
    ),
    "a model is in two groups": Oddity(
        (f"rate_limit:*/{SONNET}/*", "rate_limit:*/claude-sonnet/*", "rate_limit_group:*"),
        GROUPS,
        twin(
            lambda row: SONNET in (row["models"] or ()), "rlim_01Other", group={"id": "rlg_02", "type": "model_group"}
        ),
        code="undecided",
    ),
    "a limiter is gone": Oddity(
        ("rate_limit:prod/*/tool_uses_per_second",),
        files=at("workspaces", "prod", "rate_limits", SONNET, "tool_uses_per_second", value=5),
        code="unknown_model",
    ),
    "two lines mean one group": Oddity(
        ("rate_limit:prod/*/output_tokens_per_minute",),
        files=at("workspaces", "prod", "rate_limits", "claude-sonnet", value={"output_tokens_per_minute": 5}),
        code="undecided",
    ),
    "a spend limit is there twice": Oddity(
        ("spend_limit:organization",),
        LIMITS,
        twin(lambda row: row["scope"]["type"] == "organization", f"spl_{OTHER}"),
        code="undecided",
    ),
    "another currency": Oddity(
        ("spend_limit:organization",),
        files=at("spend_limit", value={"monthly": 7, "currency": "EUR"}),
        code="currency_conflict",
    ),
    "an account is archived": Oddity(
        ("service_account:bot",), ACCOUNTS, where(named("bot"), archived_at="2026-11-01T00:00:00Z")
    ),
    "an account has a twin": Oddity(("service_account:bot",), ACCOUNTS, twin(named("bot"), f"svac_{OTHER}")),
    "an account has a wrong id": Oddity(
        ("service_account:bot",), files=at("service_accounts", "bot", "id", value=f"svac_{OTHER}"), code="wrong_id"
    ),
    "no invites are offered": Oddity(
        ("member:*", OF_ALL), "/v1/organizations/invites", code="not_offered", refused=True
    ),
    "no keys are offered": Oddity(("api_key:*",), "/v1/organizations/api_keys", code="not_offered", refused=True),
    "no accounts are offered": Oddity(
        ("service_account:*",), "/v1/organizations/service_accounts", code="not_offered", refused=True
    ),
    "no spend limits are offered": Oddity(("spend_limit:*",), "/v1/organizations/spend_limits", refused=True),
    "no rate limits are offered": Oddity(("rate_limit*",), "/v1/organizations/rate_limits", refused=True),
    "the roles of a workspace are not offered": Oddity(
        ("workspace_member:prod/*", "workspace:prod"),
        f"/v1/organizations/workspaces/{PROD}/members",
        code="not_offered",
        refused=True,
    ),
    "the organization has another name": Oddity(
        ("setting:organization/name",),
        "/me",
        lambda rows: [{**row, "name": "Acme Holding"} for row in rows],
        code="organization_renamed",
    ),
}

PART = slice(None) if os.environ.get("ORGSYNC_PROBES") == "full" else slice(None, None, 6)
"""What is tried by `make test`; `make probes` tries all."""


def the(found: Callable[[Row], bool], rows: list[Row]) -> Row:
    return next(row for row in rows if found(row))


def rogue(path: str, rows: list[Row]) -> list[Row]:
    """What else happened in the same night: a rogue admin, a key, a workspace and other tags."""
    if path.endswith(USERS):
        rows = where(mailed("dev@acme.example"), role="user")(rows)
        return [*rows, {**rows[0], "id": "user_rogue", "email": "rogue@acme.example", "role": "admin"}]
    if path.endswith(SPACES):
        rows = where(named("stage"), tags={"rogue": "yes"})(rows)
        return [*rows, {**the(named("stage"), rows), "id": "wrkspc_rogue", "name": "rogue"}]
    if path.endswith(KEYS):
        rows = where(named("mine"), status="inactive")(rows)
        return [*rows, {**the(named("off"), rows), "id": "apikey_rogue", "name": "rogue", "status": "active"}]
    return rows


def world(mode: str, oddity: Oddity | None) -> World:
    """The organization after that night, and what is odd in it."""
    files = yaml.safe_load(matching_files(mode))
    files["organization"] = dict(ORGANIZATION)
    made = World()

    def change(path: str, rows: list[Row]) -> list[Row]:
        rows = rogue(path, rows)
        if oddity is None or oddity.rows is None or not path.endswith(oddity.path):
            return rows
        return oddity.rows(copy.deepcopy(rows))

    if oddity is not None and oddity.files is not None:
        oddity.files(files)
    if oddity is not None and oddity.refused:
        rule = {"method": "GET", "path": oddity.path, "nth": 1, "times": 99, "fault": "status_before", "status": 403}
        made.app.set_faults([rule])
    made.change, made.files = change, f"# YAML\n{json.dumps(files, indent=1)}"
    return made


def looked_at(one: World) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The plan and the entries of the drift report, as JSON."""
    plan, seen = asyncio.run(one._planned(None, {}))
    report = drift_report(plan, one.desired(), seen, one.now, KINDS, expiring=timedelta(days=14))
    entries = drift_adapter().dump_python(report, mode="json", by_alias=True)["entries"]
    return plan_adapter().dump_python(plan, mode="json", by_alias=True), entries


def rest(entries: list[dict[str, Any]], about: tuple[str, ...]) -> Iterator[str]:
    """The entries that are not about the odd thing, without the lines they stand on."""
    for entry in entries:
        mentioned = (entry["address"], *entry.get("after", ()))
        is_sum = entry["address"].endswith(":*")  # counts what there is of a kind
        if not is_sum and not any(fnmatchcase(one, glob) for one in mentioned for glob in about):
            yield json.dumps({**entry, "source": entry["source"] is not None})


@pytest.mark.parametrize("name", [*ODDITIES][PART])
@pytest.mark.parametrize("mode", MODES)
def test_the_rest_is_identical(mode: str, name: str) -> None:
    oddity = ODDITIES[name]
    plan_before, drift_before = looked_at(world(mode, None))
    plan_after, drift_after = looked_at(world(mode, oddity))
    for listed in LISTS:
        assert list(rest(plan_after[listed], oddity.about)) == list(rest(plan_before[listed], oddity.about)), listed
    assert list(rest(drift_after, oddity.about)) == list(rest(drift_before, oddity.about))
    assert any("rogue" in entry["address"] for entry in drift_after)
    told = {entry["code"] for entry in drift_after if any(fnmatchcase(entry["address"], one) for one in oddity.about)}
    assert told
    assert oddity.code in {"", *told}


@pytest.mark.parametrize("name", [*ODDITIES][PART])
def test_addresses_of_what_is_blocked_can_be_read(name: str) -> None:
    plan, _drift = looked_at(world("authoritative", ODDITIES[name]))
    for one in plan["blocked"]:
        assert [Address.parsed(text) for text in (one["address"], *one["dependents"])]
        assert one["hint"]


def test_a_model_in_two_groups_is_told_where_a_line_names_it() -> None:
    plan, _drift = looked_at(world("authoritative", ODDITIES["a model is in two groups"]))
    [one] = plan["blocked"]
    assert (one["address"], one["hint"]) == (f"rate_limit_group:{SONNET}", "write the id of the one that is meant")
    assert one["dependents"] == [f"rate_limit:prod/{SONNET}/{limiter}" for limiter in LIMITERS]
