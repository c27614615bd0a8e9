"""How a workspace's changes are spelled to the API, and its live state to the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.model.change import Action, Change
from orgsync.core.model.diff import steps, with_fields
from orgsync.core.model.request import Repeat, Request
from orgsync.core.model.things import LIVE
from orgsync.kinds.workspace import privacy
from orgsync.kinds.workspace.live import SET_LATER, WORKSPACES
from orgsync.kinds.workspace.spec import RESERVED_TAG, Archival

if TYPE_CHECKING:
    from orgsync.core.model.things import Found, Ids, Live


def request(change: Change, found: Found[Archival] | None, _ids: Ids) -> Request:
    """The one write of a change."""
    betas = (privacy.BETA,) if any(map(privacy.is_of, change.fields)) else ()
    if change.action is Action.CREATE:
        return Request("POST", WORKSPACES, _created(change), Repeat.LOOK_UP, betas)
    path = f"{WORKSPACES}/{change.id}"
    if change.action is Action.ARCHIVE:
        return Request("POST", f"{path}/archive")
    return Request("POST", path, _updated(change, found.attributes if found else {}), betas=betas)


def _created(change: Change) -> dict[str, Any]:
    return _spelled(with_fields({}, change.fields))


def _updated(change: Change, live: Any) -> dict[str, Any]:
    """The changed attributes, each in full.

    No source says whether `tags` is merged or replaced. The whole map with a null for each key to drop is right under
    both readings; the same goes for the parts of `data_residency`, of which `workspace_geo` must never be sent.
    """
    names = {steps(field.path)[0] for field in change.fields}
    after = with_fields(live, change.fields)
    body = {name: value for name, value in after.items() if name in names}
    if "tags" in body:
        dropped = [steps(field.path)[1] for field in change.fields if _drops_tag(field.path, field.after)]
        kept = {key: value for key, value in body["tags"].items() if not key.startswith(RESERVED_TAG)}
        body["tags"] = {**kept, **dict.fromkeys(dropped)}
    if "data_residency" in body:
        body["data_residency"] = {key: value for key, value in body["data_residency"].items() if key != "workspace_geo"}
    if privacy.PRIVACY in body:
        changed = [steps(field.path)[1] for field in change.fields if privacy.is_of(field)]
        body[privacy.PRIVACY] = {name: body[privacy.PRIVACY][name] for name in changed}
    return _spelled(body)


def _drops_tag(path: str, after: Any) -> bool:
    return after is None and path.startswith("tags.")


def _spelled(body: dict[str, Any]) -> dict[str, Any]:
    if "color" in body:
        body["display_color"] = body.pop("color")
    if privacy.PRIVACY in body:
        body[privacy.PRIVACY] = privacy.sent(body[privacy.PRIVACY])
    return body


def exported(found: Found[Archival], live: Live) -> dict[str, Any] | None:
    """What to write about a live workspace: what is not there as well. None for archived ones and names carried twice.

    The default one has no settings, and is written for the keys in it.
    """
    name = found.segments[0]
    twins = [one for one in live["workspace"] if one.segments[0] == name and one.standing == LIVE]
    if found.standing != LIVE or len(twins) > 1:
        return None
    if found.implied:
        return {}
    shown = found.attributes
    written: dict[str, Any] = {"color": shown["color"]}
    tags = {key: value for key, value in shown["tags"].items() if not key.startswith(RESERVED_TAG)}
    written["tags"] = tags
    written["data_residency"] = dict(shown["data_residency"])
    if shown.get(privacy.PRIVACY):
        written[privacy.PRIVACY] = dict(shown[privacy.PRIVACY])
    return written | {name: shown[name] for name in SET_LATER if name in shown}
