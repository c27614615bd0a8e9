"""Service accounts: made, listed, changed, archived (Admin API: service accounts; SDK: organization.service_accounts).

Only OAuth tokens reach them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from orgsync.sandbox.feed.recording import record, record_updates, updated
from orgsync.sandbox.model.resource import Edit, Fact, Resource, to_mentioned
from orgsync.sandbox.model.route import Route, not_in_enterprise
from orgsync.sandbox.model.seeding import SeedPart, duplicates
from orgsync.sandbox.wire import credentials, cursors, paging, validate
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.errors import Refusal, forbidden, invalid, not_found
from orgsync.sandbox.wire.switches import Part, Timestamp, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.sandbox.model.resource import Answered, Label, Tables
    from orgsync.sandbox.model.seeding import Seeding
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

WINDOW = cursors.Window(largest=100)
COLUMNS = (
    "'service_account' AS type, id, name, description, organization_role, created_at, created_by_actor_id, updated_at,"
    " updated_by_actor_id, archived_at, archived_by_actor_id"
)

Role = Literal["developer", "admin"]
AccountName = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[a-z0-9-]+$")]
Description = Annotated[str, Field(max_length=2000)]


class Switches(Part):
    """What no source settles about service accounts."""

    service_accounts: Literal["offered", "absent"] = row(
        "offered", "offered: the organization has them. absent: the endpoints answer 404", "not stated"
    )
    admin_accounts: Literal["person", "anybody"] = row(
        "person",
        "person: naming the role admin takes the token of a person. anybody: every OAuth token may",
        "docs: workload identity federation",
    )
    archived_account_name: Literal["free", "taken"] = row(
        "free",
        "free: a new account may have the name of an archived one. taken: 409, as for that of a live one",
        "not stated",
    )


class AccountCreate(validate.Body):
    """POST /service_accounts."""

    name: AccountName
    description: Description | None = None
    organization_role: Role = "developer"


class AccountUpdate(validate.Body):
    """POST /service_accounts/{service_account_id}. What is missing stays; a description of null is cleared."""

    description: Description | None = None
    organization_role: Role | None = None


def list_accounts(ctx: Context) -> dict[str, Any]:
    """Newest first; archived ones only with `include_archived`."""
    _check_offered(ctx)
    archived = "" if paging.flag(ctx, "include_archived") else " WHERE archived_at IS NULL"
    rows = ctx.store.rows(f"SELECT seq, {COLUMNS} FROM service_accounts{archived} ORDER BY seq DESC")  # noqa: S608
    placed = [(-row.pop("seq"), row) for row in rows]
    data, next_page = cursors.page(ctx, placed, "include_archived", window=WINDOW)
    return {"data": data, "next_page": next_page}


def retrieve_account(ctx: Context, service_account_id: str) -> Row:
    """One by its id, archived or not."""
    _check_offered(ctx)
    sql = f"SELECT {COLUMNS} FROM service_accounts WHERE id = :id"  # noqa: S608
    found = ctx.store.row(sql, id=service_account_id)
    if found is None:
        raise not_found("Service account", service_account_id)
    return found


def create_account(ctx: Context) -> Row:
    """A new one. Its name is its own among the live ones."""
    _check_offered(ctx)
    body = validate.body_of(ctx, AccountCreate)
    _check_role(ctx, body.organization_role)
    taken = ctx.switches(Switches).archived_account_name == "taken"
    same = "SELECT COUNT(*) AS n FROM service_accounts WHERE name = :name AND (:taken OR archived_at IS NULL)"
    if ctx.store.count(same, name=body.name, taken=taken):
        raise Refusal(409, f"A service account named {body.name} exists already")
    identity, actor = ctx.new_id("svac", body.name), _actor(ctx)
    ctx.store.insert(
        "service_accounts",
        id=identity,
        name=body.name,
        description=body.description or "",
        organization_role=body.organization_role,
        created_at=ctx.written_now,
        created_by_actor_id=actor,
        updated_at=ctx.written_now,
        updated_by_actor_id=actor,
        archived_at=None,
        archived_by_actor_id=None,
    )
    record(ctx, "platform_service_account_created", service_account_id=identity)
    return retrieve_account(ctx, identity)


def update_account(ctx: Context, service_account_id: str) -> Row:
    """Another description or role. The name stays for good."""
    body = validate.body_of(ctx, AccountUpdate)
    account = retrieve_account(ctx, service_account_id)
    if account["archived_at"] is not None:
        raise invalid("The service account is archived")
    if body.organization_role is not None:
        _check_role(ctx, body.organization_role)
    described = "description" in body.model_fields_set
    ctx.store.run(
        "UPDATE service_accounts SET description = :description, organization_role = :role, updated_at = :at,"
        " updated_by_actor_id = :actor WHERE id = :id",
        id=service_account_id,
        description=(body.description or "") if described else account["description"],
        role=body.organization_role or account["organization_role"],
        at=ctx.written_now,
        actor=_actor(ctx),
    )
    after = retrieve_account(ctx, service_account_id)
    updates = updated(account, after, "description", "organization_role")
    record_updates(ctx, "platform_service_account_updated", updates, service_account_id=service_account_id)
    return after


def archive_account(ctx: Context, service_account_id: str) -> Row:
    """For good. Doing it again changes nothing."""
    validate.body_of(ctx, validate.Nothing)
    retrieve_account(ctx, service_account_id)
    archived = ctx.store.run(
        "UPDATE service_accounts SET archived_at = :at, archived_by_actor_id = :actor"
        " WHERE id = :id AND archived_at IS NULL",
        id=service_account_id,
        at=ctx.written_now,
        actor=_actor(ctx),
    )
    if archived:
        record(ctx, "platform_service_account_archived", service_account_id=service_account_id)
    return retrieve_account(ctx, service_account_id)


def _check_offered(ctx: Context) -> None:
    if ctx.switches(Switches).service_accounts == "absent":
        raise Refusal(404, "Not found")


def _check_role(ctx: Context, role: Role) -> None:
    """Naming the role `admin` takes a person, even where the account has it already."""
    anybody = ctx.call.console or ctx.switches(Switches).admin_accounts == "anybody"
    if role == "admin" and not anybody and ctx.caller.email is None:
        raise forbidden("Setting the role admin requires the token of a person")


def _actor(ctx: Context) -> str | None:
    person = credentials.person_of(ctx.caller, ctx.store)
    return None if person is None else str(person["id"])


class ServiceAccountRow(SeedPart):
    """One service account."""

    type: Literal["service_account"] = "service_account"
    id: str | None = None
    name: AccountName
    description: Description = ""
    organization_role: Role = "developer"
    created_at: Timestamp | None = None
    created_by_actor_id: str | None = None
    updated_at: Timestamp | None = None
    updated_by_actor_id: str | None = None
    archived_at: Timestamp | None = None
    archived_by_actor_id: str | None = None


def filled(seed: Seeding) -> Iterator[dict[str, Any]]:
    """The service accounts of a seed."""
    for entry in seed.entries(ServiceAccountRow):
        account, made = entry.row, entry.made(entry.row.created_at)
        yield {
            "id": entry.id,
            **account.model_dump(exclude={"type", "id", "created_at", "updated_at"}),
            "created_at": made,
            "updated_at": account.updated_at or moments.written(made),
        }


def problems(seed: Seeding) -> Iterator[str]:
    """Two live accounts of one name."""
    live = [(entry.at, entry.row.name) for entry in seed.entries(ServiceAccountRow) if entry.row.archived_at is None]
    yield from duplicates("name", live)


def assumed(answered: Answered) -> dict[str, Any]:
    """Whether there are any, and that whoever applies the plan may do what it says."""
    return {"service_accounts": "absent" if answered.refused else "offered", "admin_accounts": "anybody"}


def facts(tables: Tables, _label: Label) -> Iterator[tuple[Fact, str]]:
    """Which accounts there are, with which role and what for."""
    for account in tables["service_accounts"]:
        state = "archived" if account["archived_at"] else account["organization_role"]
        yield ("service account", account["name"]), f"{state}: {account['description']}"


READ_ONE = "/service_accounts/{service_account_id}"

RESOURCE = Resource(
    table="service_accounts",
    schema="""
CREATE TABLE IF NOT EXISTS service_accounts (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, description TEXT NOT NULL,
    organization_role TEXT NOT NULL, created_at TEXT NOT NULL, created_by_actor_id TEXT, updated_at TEXT NOT NULL,
    updated_by_actor_id TEXT, archived_at TEXT, archived_by_actor_id TEXT);
""",
    section="service_accounts",
    shape=ServiceAccountRow,
    about=lambda account, _seed: account.name,
    prefix="svac",
    parameter="service_account_id",
    fill=filled,
    made_at="created_at",
    problems=problems,
    switches=Switches,
    routes=not_in_enterprise(
        Route("GET", "/service_accounts", list_accounts, org_admin=True),
        Route("POST", "/service_accounts", create_account, org_admin=True),
        Route("GET", READ_ONE, retrieve_account, org_admin=True, item=True),
        Route("POST", READ_ONE, update_account, org_admin=True),
        Route("POST", f"{READ_ONE}/archive", archive_account, org_admin=True),
    ),
    path="/service_accounts",
    assumed=assumed,
    facts=facts,
    edits={"archive": to_mentioned(lambda account: Edit("POST", f"/service_accounts/{account['id']}/archive"))},
)
