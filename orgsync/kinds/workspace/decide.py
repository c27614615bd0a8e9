"""What to do about a workspace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orgsync.core.model.change import Action, Change, FieldChange, Level, Note, Risk, Shown
from orgsync.core.model.codes import Code
from orgsync.core.model.context import NOTHING, Context, Decision, archiving, not_archived
from orgsync.core.model.diff import field_changes, steps
from orgsync.core.model.match import exchange_by_hand, exchanged, no_former, rename_done
from orgsync.core.model.things import ARCHIVED, LIVE, Declared, Found, Pair
from orgsync.core.words.address import Address, in_sentence
from orgsync.kinds.workspace import privacy
from orgsync.kinds.workspace.renamed import Strays, renamed, similar
from orgsync.kinds.workspace.spec import CLAUDE_CODE, DEFAULT, RESERVED_TAG, Archival, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.core.model.context import Evidence
    from orgsync.core.model.meaning import Meanings

_PAGE = "Console > Settings > Workspaces"

LIMIT = 100
"""Live workspaces of an organization, unless its account team raised the number (Admin API: workspaces)."""

_EFFECTS = {
    "data_residency.allowed_inference_geos": "requests may run in: {after}",
    "data_residency.default_inference_geo": "requests that name no place run in: {after}",
    "inference_data_privacy.human_review": "review of retained data by people: {after}",
    "inference_data_privacy.safeguards_storage": "sealed safety data goes to: {after}",
    "inference_data_privacy.transcripts_storage": "copies of transcripts go to: {after}",
}
"""What a field decides, in words."""

_SET_ONCE = ("external_key_id", "user_profile_id", "data_residency.workspace_geo")


def decide(pair: Pair[Workspace, Archival], context: Context[Strays]) -> Decision:
    """What to do about one workspace."""
    if pair.declared is None:
        return _undeclared(pair, context)
    if pair.declared.spec.archived:
        return _archive(pair)
    if pair.declared.segments == (DEFAULT,):
        return NOTHING
    if pair.found is None:
        return _missing(pair, pair.declared, context)
    return _differences(pair, pair.declared, pair.found, context)


def _missing(pair: Pair[Workspace, Archival], declared: Declared[Workspace], context: Context[Strays]) -> Decision:
    """To be made, unless it seems to be there under another name."""
    blocked = renamed(pair, context)
    if blocked is None and declared.spec.recreate is None and ("workspace", pair.key) not in context.allowed:
        found = [one.found for one in context.pairs["workspace"] if one.found is not None]
        blocked = no_former(declared, "workspace", found)
    if blocked is not None:
        return Decision(blocked=(blocked,))
    fields, left = _settable(field_changes({}, _wanted(declared, None)), context)
    changes, steps_left = (_create(declared, fields, context),), tuple(privacy.by_hand(pair, left))
    return Decision(changes=changes, manual=steps_left, findings=tuple(similar(pair, context)))


def _settable(
    fields: tuple[FieldChange, ...], context: Context
) -> tuple[tuple[FieldChange, ...], tuple[FieldChange, ...]]:
    """The fields that the credential can set, and those that it cannot."""
    if not context.by_admin_key:
        return fields, ()
    left = tuple(filter(privacy.is_of, fields))
    return tuple(field for field in fields if field not in left), left


def _differences(
    pair: Pair[Workspace, Archival], declared: Declared[Workspace], live: Found[Archival], context: Context
) -> Decision:
    wanted = _wanted(declared, live)
    circle = exchanged(pair, context.pairs["workspace"])
    if circle:
        wanted["name"] = live.attributes["name"]
    fields = field_changes(live.attributes, wanted)
    findings = [*rename_done(pair)]
    findings += [_not_shown(pair, field) for field in fields if not _is_shown(field, live)]
    fields = tuple(field for field in fields if _is_shown(field, live))
    findings += [_immutable(pair, field) for field in fields if _is_stuck(field)]
    fields = tuple(field for field in fields if not _is_stuck(field))
    residency = wanted.get("data_residency", {})
    allowed = residency.get("allowed_inference_geos")
    if isinstance(allowed, list) and residency["default_inference_geo"] not in allowed:
        message = (
            f"inference would default to {residency['default_inference_geo']}, but only {allowed} would be allowed"
        )
        findings.append(Note(pair.address, Code.RESIDENCY_CONFLICT, message, Level.ERROR, declared.place))
        fields = tuple(field for field in fields if not field.path.startswith("data_residency."))
    fields, left = _settable(fields, context)
    changes = (_update(pair, live, fields),) if fields else ()
    manual = (*privacy.by_hand(pair, left), *(exchange_by_hand(pair, circle, _PAGE) if circle else ()))
    return Decision(changes=changes, manual=manual, findings=tuple(findings))


def _is_shown(field: FieldChange, live: Found[Archival]) -> bool:
    """Whether the API shows at all what a field is: an older or another one leaves some out."""
    return privacy.is_shown(field, live) if privacy.is_of(field) else steps(field.path)[0] in live.attributes


def _is_stuck(field: FieldChange) -> bool:
    """Whether a difference lies in something that was set once and can never be changed."""
    return field.path in _SET_ONCE and field.before is not None


def _wanted(declared: Declared[Workspace], live: Found[Archival] | None) -> dict[str, Any]:
    """The attributes as they shall be; what orgsync leaves alone is filled in from live, so that it never differs."""
    wanted = {"name": declared.segments[0], **declared.spec.attributes}
    if "color" in wanted:
        wanted["color"] = wanted["color"].lower()
    if live is not None and "data_residency" in wanted:
        wanted["data_residency"] = {**live.attributes["data_residency"], **wanted["data_residency"]}
    if live is not None and privacy.PRIVACY in wanted:
        wanted[privacy.PRIVACY] = {**live.attributes.get(privacy.PRIVACY, {}), **wanted[privacy.PRIVACY]}
    if live is not None and "tags" in wanted:
        shown = live.attributes["tags"].items()
        wanted["tags"] = {**{key: value for key, value in shown if key.startswith(RESERVED_TAG)}, **wanted["tags"]}
    return wanted


def _create(declared: Declared[Workspace], fields: tuple[FieldChange, ...], context: Context) -> Change:
    recreate = declared.spec.recreate
    reason = "no workspace has this name"
    for other in context.pairs["workspace"]:
        if other.declared is not None and other.found is not None and other.found.key == declared.key:
            reason = f"{other.found.id}, which has this name, is declared as {in_sentence(other.address)}"
    if recreate is not None:
        reason = f"replaces the archived {recreate}"
    return Change(declared.address, Action.CREATE, fields, reason=reason, source=declared.place)


def _update(pair: Pair[Workspace, Archival], live: Found[Archival], fields: tuple[FieldChange, ...]) -> Change:
    once = [field.path for field in fields if field.path in _SET_ONCE]
    late = ("inference_data_privacy may need some time to take effect",) if any(map(privacy.is_of, fields)) else ()
    paths = {field.path.split(".")[0] for field in fields}
    at_risk = _at_risk(live) if "tags" in paths else ()
    reason = f"named {live.segments[0]} in the organization" if "name" in paths else "differs from the file"
    return Change(
        pair.address,
        Action.UPDATE,
        fields,
        id=live.id,
        risk=Risk.R2 if once else Risk.R1 if at_risk else Risk.R0,
        reason=reason,
        source=pair.place,
        effects=(*(f"{path} cannot be changed again" for path in once), *at_risk, *late),
    )


def effects(change: Change, _meanings: Meanings, _evidence: Evidence) -> Iterable[str]:
    """Where requests may run and retained data goes from then on, and who may review it."""
    if change.action is Action.CREATE:
        return
    for part in change.fields:
        words = _EFFECTS.get(part.path)
        if words is not None:
            yield words.format(after=_listed(part.after))


def _listed(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _at_risk(live: Found[Archival]) -> tuple[str, ...]:
    """Tags of the API itself: it takes nobody's word for them, so an API that replaces all tags loses them."""
    own = sorted(key for key in live.attributes["tags"] if key.startswith(RESERVED_TAG))
    return (f"may remove the API's own tags {', '.join(own)}",) if own else ()


def _archive(pair: Pair[Workspace, Archival]) -> Decision:
    if pair.found is None or pair.found.standing == ARCHIVED:
        return NOTHING
    change = archiving(pair, pair.found, "all its API keys stop working permanently")
    return Decision(changes=(change,))


def _undeclared(pair: Pair[Workspace, Archival], context: Context) -> Decision:
    live = pair.found
    if live is None or live.standing == ARCHIVED or live.implied:
        return NOTHING
    note = not_archived(pair, context, "workspaces")
    made_itself = live.segments[0] == CLAUDE_CODE
    return Decision(findings=(replace(note, level=Level.INFO) if made_itself else note,))


def _not_shown(pair: Pair[Workspace, Archival], field: FieldChange) -> Note:
    message = f"{field.path} is missing in what the API shows, so it is left as it is; the file says {field.after}"
    return Note(pair.address, Code.UNKNOWN_VALUE, message, Level.ERROR, pair.place)


def _immutable(pair: Pair[Workspace, Archival], field: FieldChange) -> Note:
    wanted = "null" if field.after is None else field.after
    message = f"{field.path} is {field.before} and can never be changed; the file says {wanted}"
    return Note(pair.address, Code.IMMUTABLE, message, Level.ERROR, pair.place, shown={"field": field.path})


def survey(context: Context) -> Iterable[Note]:
    """More live workspaces than an organization has by default."""
    live = [pair for pair in context.pairs["workspace"] if pair.found is not None and pair.found.standing == LIVE]
    new = [
        pair
        for pair in context.pairs["workspace"]
        if pair.found is None
        and pair.declared is not None
        and not pair.declared.spec.archived
        and ("workspace", pair.key) not in context.blocked
    ]
    if new and len(live) + len(new) > LIMIT:
        message = f"{len(live)} existing and {len(new)} new workspaces: the default limit is {LIMIT}"
        shown: Shown = {"existing": len(live), "new": len(new), "limit": LIMIT}
        yield Note(Address("workspace:*"), Code.WORKSPACE_LIMIT, message, Level.WARNING, shown=shown)
