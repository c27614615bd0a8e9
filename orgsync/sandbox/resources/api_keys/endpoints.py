"""API keys: made in the Console, listed, renamed, switched off and on, archived (Admin API: API keys; SDK: api_keys).

Secrets exist nowhere here. A key expires by the clock: the status `expired` is never stored, it is read off
`expires_at` whenever somebody looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.sandbox.feed.recording import record, record_updates, updated
from orgsync.sandbox.resources.users import retrieve_user
from orgsync.sandbox.resources.workspaces import endpoints as workspaces
from orgsync.sandbox.wire import headers, ids, paging, validate
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.errors import Refusal, invalid, not_found

if TYPE_CHECKING:
    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.store import Row

STATUSES = ("active", "inactive", "archived", "expired")
STATUS = "CASE WHEN status <> 'archived' AND expires <= :now THEN 'expired' ELSE status END"
COLUMNS = (
    f"id, name, {STATUS} AS status, created_at, expires_at, created_by_id, created_by_type, partial_key_hint,"
    " principal_id, principal_type, workspace_id"
)
PRINCIPAL_FIELDS = {"user_actor": "user_id", "service_account_actor": "service_account_id"}
# The sandbox's own Admin key, for organizations whose list shows Admin keys.
WITH_ADMIN_KEY = (
    "(SELECT * FROM api_keys UNION ALL SELECT 0, :admin_id, 'Admin key', 'active', :admin_created, NULL, NULL, NULL,"
    " NULL, :admin_hint, NULL, NULL, NULL)"
)


def list_api_keys(ctx: Context) -> dict[str, Any]:
    """All statuses unless one is asked for; keys of the organization are in no workspace."""
    source, values = _source(ctx)
    listing = paging.Listing(COLUMNS, source, newest_first=ctx.settings.api_key_order == "newest_first", values=values)
    status, workspace, creator = (ctx.call.one(name) for name in ("status", "workspace_id", "created_by_user_id"))
    if status is not None:
        if status not in STATUSES:
            raise invalid("status: Input should be 'active', 'inactive', 'archived' or 'expired'")
        listing.only(f"{STATUS} = :status", status=status)
    if workspace is not None:
        listing.only("workspace_id = :workspace", workspace=workspace)
    if creator is not None:
        listing.only("created_by_type = 'user' AND created_by_id = :creator", creator=creator)
    data, more = paging.page(ctx, listing, "status", "workspace_id", "created_by_user_id")
    return paging.envelope([_shown(ctx, row) for row in data], more=more)


def retrieve_api_key(ctx: Context, api_key_id: str) -> Row:
    """One key by id, whatever its status."""
    return _shown(ctx, _find(ctx, api_key_id))


def update_api_key(ctx: Context, api_key_id: str) -> Row:
    """A new name, a new status, or both."""
    given = validate.body_of(ctx, validate.ApiKeyUpdate).model_dump(exclude_unset=True)
    held = _find(ctx, api_key_id)
    if not given and ctx.settings.empty_update == "refused":
        raise invalid("At least one field is required")
    if None in given.values() and ctx.settings.api_key_null == "refused":
        raise invalid("name and status: Input should be a valid string")
    name, status = given.get("name"), given.get("status")
    if api_key_id == _admin_key_id(ctx):
        raise invalid("Admin keys are changed in the Console")
    if name is not None and held["status"] == "archived" and ctx.settings.rename_archived_key == "refused":
        raise invalid("The API key is archived and cannot be renamed")
    if status is not None:
        _check_transition(ctx, held, status)
    ctx.store.run(
        "UPDATE api_keys SET name = coalesce(:name, name), status = coalesce(:status, status) WHERE id = :id",
        name=name,
        status=status if status != held["status"] else None,
        id=api_key_id,
    )
    after = {"name": name or held["name"], "status": status or held["status"]}
    record_updates(ctx, "platform_api_key_updated", updated(held, after, "name", "status"), api_key_id=api_key_id)
    return retrieve_api_key(ctx, api_key_id)


def create_api_key(ctx: Context) -> Row:
    """Somebody made a key in the Console. Its secret is not part of the sandbox."""
    body = validate.body_of(ctx, validate.ConsoleKeyCreate)
    if body.scope.type == "workspace":
        workspaces.check_live(ctx, workspaces.retrieve_workspace(ctx, body.scope.workspace_id))
    elif body.principal is None:
        raise invalid("scope: only a key with a principal can belong to the organization")
    if body.principal is not None and body.principal.type == "user_actor":
        retrieve_user(ctx, body.principal.user_id)
    if body.expires_at is not None and moments.parsed(body.expires_at) <= ctx.now:
        raise invalid("expires_at: it has passed already")
    key_id = ctx.new_id("apikey", body.name)
    expires = moments.parsed(body.expires_at) if body.expires_at else None
    scope, principal, creator = body.scope, body.principal, body.created_by
    workspace_id = scope.workspace_id if scope.type == "workspace" else None
    check_room(ctx, workspace_id)
    ctx.store.insert(
        "api_keys",
        id=key_id,
        name=body.name,
        status="active",
        created_at=ctx.written_now,
        expires_at=moments.written(expires) if expires else None,
        expires=expires.timestamp() if expires else None,
        created_by_id=creator.id if creator else None,
        created_by_type=creator.type if creator else None,
        partial_key_hint=ids.key_hint(key_id),
        principal_id=principal.identity if principal else None,
        principal_type=principal.type if principal else None,
        workspace_id=workspace_id,
    )
    record(ctx, "platform_api_key_created", api_key_id=key_id)
    return retrieve_api_key(ctx, key_id)


def check_room(ctx: Context, workspace_id: str | None) -> None:
    """One more key can be active (SDK: OrgAPIKeyLimitExceededError, WorkspaceAPIKeyLimitExceededError)."""
    settings = ctx.settings
    active = f"SELECT count(*) AS n FROM api_keys WHERE {STATUS} = 'active'"  # noqa: S608 - constant
    now = ctx.now.timestamp()
    limit = settings.org_api_key_limit
    if limit is not None and ctx.store.count(active, now=now) >= limit:
        raise invalid(f"The organization may have {limit} active API keys", "org_api_key_limit_exceeded")
    limit = settings.workspace_api_key_limit
    if workspace_id is None or limit is None:
        return
    if ctx.store.count(f"{active} AND workspace_id = :id", now=now, id=workspace_id) >= limit:
        raise invalid(f"The workspace may have {limit} active API keys", "workspace_api_key_limit_exceeded")


def _check_transition(ctx: Context, held: Row, status: str) -> None:
    """Archived is for good, and an expired key can only be archived."""
    old = held["status"]
    if old == status == "archived" and ctx.settings.archive_key_twice == 200:
        return
    if old == "archived" or (old == "expired" and status != "archived"):
        message = f"status: The API key is {old} and cannot become {status}"
        raise Refusal(ctx.settings.revive_api_key, message)
    if status == "active" and old != "active":
        check_room(ctx, held["workspace_id"])


def _find(ctx: Context, api_key_id: str) -> Row:
    source, values = _source(ctx)
    row = ctx.store.row(
        f"SELECT {COLUMNS} FROM {source} WHERE id = :id",  # noqa: S608 - constants
        id=api_key_id,
        **values,
    )
    if row is None:
        raise not_found("API key", api_key_id)
    return row


def _source(ctx: Context) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {"now": ctx.now.timestamp()}
    if ctx.settings.admin_keys == "hidden":
        return "api_keys", values
    hint = ids.key_hint("admin", kind="admin01")
    values |= {"admin_id": _admin_key_id(ctx), "admin_created": ctx.organization["created_at"], "admin_hint": hint}
    return WITH_ADMIN_KEY, values


def _admin_key_id(ctx: Context) -> str:
    return ids.identifier("apikey", ctx.organization["id"], "admin")


def _shown(ctx: Context, row: Row) -> Row:
    workspace_id, principal_type = row["workspace_id"], row["principal_type"]
    principal = None
    if principal_type is not None:
        principal = {"type": principal_type, PRINCIPAL_FIELDS[principal_type]: row["principal_id"]}
    creator = None
    if row["created_by_id"] is not None:
        creator = {"id": row["created_by_id"], "type": row["created_by_type"]}
    scope = {"type": "workspace", "workspace_id": workspace_id} if workspace_id else {"type": "organization"}
    shown: Row = {
        "type": "api_key",
        **{field: row[field] for field in ("id", "name", "status", "created_at", "expires_at")},
        "created_by": creator,
        "partial_key_hint": row["partial_key_hint"],
        "principal": principal,
        "scope": scope,
    }
    if headers.is_old(ctx.call):
        default = ctx.store.row("SELECT id FROM workspaces WHERE is_default = 1")
        shown["workspace_id"] = None if default is not None and workspace_id == default["id"] else workspace_id
    return shown
