"""Workspaces: made, listed, changed, archived (Admin API: workspaces; SDK: organization.workspaces)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.feed.recording import record, updated
from orgsync.sandbox.feed.switches import switches_of
from orgsync.sandbox.resources.workspaces import encryption, privacy
from orgsync.sandbox.wire import ids, paging, validate
from orgsync.sandbox.wire.context import DEFAULT_WORKSPACE
from orgsync.sandbox.wire.error_details import PRIVACY, coded
from orgsync.sandbox.wire.errors import invalid, not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.sandbox.wire.context import Context
    from orgsync.sandbox.wire.errors import Refusal
    from orgsync.sandbox.wire.store import Row

COLUMNS = (
    "'workspace' AS type, id, name, created_at, archived_at, compartment_id, data_residency, display_color,"
    " external_key_id, inference_data_privacy, tags, user_profile_id"
)
DEFAULT_RESIDENCY: Mapping[str, Any] = {
    "workspace_geo": "us",
    "allowed_inference_geos": "unrestricted",
    "default_inference_geo": "global",
}
MOST_IDS = 100


def list_workspaces(ctx: Context) -> dict[str, Any]:
    """Live ones; archived ones and the default one only when asked for."""
    listing = paging.Listing(COLUMNS, "workspaces", newest_first=ctx.settings.workspace_order == "newest_first")
    wanted = ctx.call.many("ids")
    if wanted is not None:
        if len(wanted) > MOST_IDS:
            raise invalid(f"ids: List should have at most {MOST_IDS} items")
        names = {f"id_{index}": each for index, each in enumerate(wanted)}
        listing.only(f"id IN ({', '.join(f':{name}' for name in names)})", **names)
    if not paging.flag(ctx, "include_archived"):
        listing.only("archived_at IS NULL")
    if not paging.flag(ctx, "include_default"):
        listing.only("is_default = 0")
    data, more = paging.page(ctx, listing, "ids[]", "include_archived", "include_default")
    return paging.envelope([_shown(ctx, _read(row)) for row in data], more=more)


def retrieve_workspace(ctx: Context, workspace_id: str) -> Row:
    """One workspace by id, archived and default ones included."""
    return _shown(ctx, _held(ctx, workspace_id))


def create_workspace(ctx: Context) -> Row | Refusal:
    """A new live workspace; one that lacks a part of what was asked for is told as an error."""
    body = privacy.create_of(ctx)
    name = _name(ctx, body.name)
    _check_room(ctx)
    residency = dict(DEFAULT_RESIDENCY)
    if body.data_residency is not None:
        residency |= body.data_residency.model_dump(exclude_none=True)
    _check_residency(ctx, residency)
    tags = body.tags or {}
    _check_tags(ctx, tags)
    encryption.check(ctx, key_id=body.external_key_id, profile_id=body.user_profile_id)
    given = body.model_dump(exclude_unset=True).get(PRIVACY)
    unset = privacy.Privacy().model_dump()
    asked = privacy.after(ctx, unset, given)
    privacy.check_profile(ctx, asked, body.user_profile_id)
    made = privacy.without_late(ctx, unset, asked)
    workspace_id = ctx.new_id("wrkspc", name)
    ctx.store.insert(
        "workspaces",
        id=workspace_id,
        name=name,
        created_at=ctx.written_now,
        archived_at=None,
        compartment_id=ids.uuid_of("compartment", workspace_id),
        data_residency=json.dumps(residency),
        display_color=body.display_color or ids.colour(workspace_id),
        external_key_id=body.external_key_id,
        inference_data_privacy=json.dumps(made),
        tags=json.dumps(tags),
        user_profile_id=body.user_profile_id,
        is_default=0,
    )
    record(ctx, "platform_workspace_created", workspace_id=workspace_id)
    if made != asked:
        return coded("workspace_created_incomplete", workspace_id=workspace_id)
    return retrieve_workspace(ctx, workspace_id)


def update_workspace(ctx: Context, workspace_id: str) -> Row | Refusal:
    """Changes what is given; the rest stays. What is saved in part only is told as an error."""
    given = privacy.update_of(ctx).model_dump(exclude_unset=True)
    held = _held(ctx, workspace_id)
    if not given and ctx.settings.empty_update == "refused":
        raise invalid("At least one field is required")
    check_live(ctx, held)
    if is_default(ctx, workspace_id):
        _check_default_update(ctx, given)
    new = held | {field: given[field] for field in ("display_color",) if field in given}
    if "name" in given:
        new["name"] = _name(ctx, given["name"], workspace_id)
    if "data_residency" in given:
        new["data_residency"] = _residency_after(ctx, held["data_residency"], given["data_residency"])
    if "tags" in given:
        new["tags"] = _tags_after(ctx, held["tags"], given["tags"])
    _attach(ctx, held, new, given)
    asked = privacy.after(ctx, held[PRIVACY], given.get(PRIVACY))
    if PRIVACY in given or "user_profile_id" in given:
        privacy.check_profile(ctx, asked, new["user_profile_id"])
    # Sent again, the same request finds the rest in place and attaches what is late.
    saved = asked if new == held else privacy.without_late(ctx, held[PRIVACY], asked)
    ctx.store.run(
        "UPDATE workspaces SET name = :name, data_residency = :residency, display_color = :colour,"
        " external_key_id = :key, inference_data_privacy = :privacy, tags = :tags, user_profile_id = :profile"
        " WHERE id = :id",
        id=workspace_id,
        name=new["name"],
        residency=json.dumps(new["data_residency"]),
        colour=new["display_color"],
        key=new["external_key_id"],
        privacy=json.dumps(saved),
        tags=json.dumps(new["tags"]),
        profile=new["user_profile_id"],
    )
    _record_update(ctx, held, new | {PRIVACY: saved})
    return retrieve_workspace(ctx, workspace_id) if saved == asked else coded("change_outcome_unknown")


def archive_workspace(ctx: Context, workspace_id: str) -> Row | Refusal:
    """Irreversible: nothing un-archives a workspace, not even the Console. Its API keys are archived with it.

    External storage is detached, unless somebody attached it meanwhile: then the workspace is archived all the same.
    """
    validate.body_of(ctx, validate.Nothing)
    workspace = _held(ctx, workspace_id)
    held = workspace[PRIVACY]
    if is_default(ctx, workspace_id):
        raise invalid("The default workspace cannot be archived")
    if workspace["archived_at"] is not None:
        if held != privacy.detached(held) and privacy.may_use_storage(ctx.caller):
            _archived(ctx, workspace_id, workspace["archived_at"], privacy.detached(held))
        elif ctx.settings.archive_twice == 400:
            raise invalid("The workspace is archived already")
        return retrieve_workspace(ctx, workspace_id)
    meanwhile = privacy.attached_while_archiving(ctx, held)
    _archived(ctx, workspace_id, ctx.written_now, meanwhile or privacy.detached(held))
    ctx.store.run("UPDATE api_keys SET status = 'archived' WHERE workspace_id = :id", id=workspace_id)
    record(ctx, "platform_workspace_archived", workspace_id=workspace_id)
    return coded("storage_attached_during_archive") if meanwhile else retrieve_workspace(ctx, workspace_id)


def _record_update(ctx: Context, held: Row, new: Row) -> None:
    """What changed, as far as the feed has a name for it: it has none for tags, for example."""
    before, after = _as_recorded(held), _as_recorded(new)
    updates = updated(before, after, *before)
    if updates or (new != held and switches_of(ctx.settings).tag_records == "recorded"):
        record(ctx, "platform_workspace_updated", workspace_id=held["id"], updates=updates)


def _as_recorded(workspace: Row) -> Row:
    residency = workspace["data_residency"]
    return {
        "name": workspace["name"],
        "display_color": workspace["display_color"],
        "allowed_inference_geos": residency["allowed_inference_geos"],
        "default_inference_geo": residency["default_inference_geo"],
        "external_key_config_id": workspace["external_key_id"],
    }


def is_default(ctx: Context, workspace_id: str) -> bool:
    """Whether this is the organization's default workspace."""
    return ctx.store.row("SELECT 1 FROM workspaces WHERE id = :id AND is_default = 1", id=workspace_id) is not None


def check_live(ctx: Context, workspace: Row) -> None:
    """Archived workspaces stay readable and take no writes."""
    if workspace["archived_at"] is not None and ctx.settings.archived_writes == "refused":
        raise invalid("The workspace is archived")


def _held(ctx: Context, workspace_id: str) -> Row:
    """A workspace with everything it has, whatever a request may see of it."""
    row = ctx.store.row(f"SELECT {COLUMNS} FROM workspaces WHERE id = :id", id=workspace_id)  # noqa: S608 - constant
    if row is None:
        raise not_found("Workspace", workspace_id)
    return _read(row)


def _read(row: Row) -> Row:
    return row | {column: json.loads(row[column]) for column in ("data_residency", "inference_data_privacy", "tags")}


def _shown(ctx: Context, held: Row) -> Row:
    seen = privacy.shown(ctx, held[PRIVACY])
    return {name: value for name, value in held.items() if name != PRIVACY} | seen


def _archived(ctx: Context, workspace_id: str, at: str, data_privacy: Row) -> None:
    ctx.store.run(
        "UPDATE workspaces SET archived_at = :at, inference_data_privacy = :privacy WHERE id = :id",
        id=workspace_id,
        at=at,
        privacy=json.dumps(data_privacy),
    )


def _name(ctx: Context, name: str, workspace_id: str | None = None) -> str:
    settings = ctx.settings
    name = name.strip() if settings.workspace_name_spaces == "stripped" else name
    if not 0 < len(name) <= settings.workspace_name_length:
        raise invalid(f"name: String should have at most {settings.workspace_name_length} characters, and one at least")
    if settings.workspace_names == "unique":
        same = ctx.store.row("SELECT id FROM workspaces WHERE name = :name AND archived_at IS NULL", name=name)
        if same is not None and same["id"] != workspace_id:
            raise invalid(f"name: the workspace {same['id']} has this name")
    return name


def _check_room(ctx: Context) -> None:
    limit = ctx.settings.workspace_limit
    live = ctx.store.count("SELECT count(*) AS n FROM workspaces WHERE archived_at IS NULL AND is_default = 0")
    if limit is not None and live >= limit:
        raise invalid(f"The organization may have {limit} workspaces that are not archived")


def _check_default_update(ctx: Context, given: Mapping[str, Any]) -> None:
    if given.get("name", DEFAULT_WORKSPACE) != DEFAULT_WORKSPACE:
        raise invalid("The default workspace cannot be renamed")
    if "user_profile_id" in given:
        raise invalid("The default workspace cannot have a user profile")
    if ctx.settings.default_workspace_update == "refused":
        raise invalid("The default workspace cannot be updated")


def _residency_after(ctx: Context, held: Row, given: Row | None) -> Row:
    if given is None:
        return held if ctx.settings.residency_null == "unchanged" else dict(DEFAULT_RESIDENCY)
    residency = held | {field: value for field, value in given.items() if value is not None}
    _check_residency(ctx, residency)
    return residency


def _check_residency(ctx: Context, residency: Mapping[str, Any]) -> None:
    allowed, default = residency["allowed_inference_geos"], residency["default_inference_geo"]
    if allowed == "unrestricted":
        return
    if not allowed:
        if ctx.settings.empty_allowed_geos == "refused":
            raise invalid("data_residency.allowed_inference_geos: List should have at least 1 item")
    elif default not in allowed:
        raise invalid("data_residency.default_inference_geo: it must be a member of allowed_inference_geos")


def _tags_after(ctx: Context, held: Row, given: Row | None) -> Row:
    if given is None:
        return held if ctx.settings.tags_null == "unchanged" else {}
    base = held if ctx.settings.tags_update == "merge" else {}
    tags = {key: value for key, value in (base | given).items() if value is not None}
    _check_tags(ctx, tags)
    return tags


def _check_tags(ctx: Context, tags: Mapping[str, str]) -> None:
    settings = ctx.settings
    if settings.tag_limit is not None and len(tags) > settings.tag_limit:
        raise invalid(f"tags: Dictionary should have at most {settings.tag_limit} items")
    for key, value in tags.items():
        if settings.tag_length is not None and max(len(key), len(value)) > settings.tag_length:
            raise invalid(f"tags.{key}: String should have at most {settings.tag_length} characters")
        if not value and settings.empty_tag_values == "refused":
            raise invalid(f"tags.{key}: String should have at least 1 character")


def _attach(ctx: Context, held: Row, new: Row, given: Mapping[str, Any]) -> None:
    fields = [field for field in ("external_key_id", "user_profile_id") if field in given]
    for field in fields:
        encryption.check_write_once(field, held[field], given[field])
        new[field] = given[field]
    if fields:
        key_id, profile_id = new["external_key_id"], new["user_profile_id"]
        encryption.check(ctx, key_id=key_id, profile_id=profile_id, held_key=held["external_key_id"])
