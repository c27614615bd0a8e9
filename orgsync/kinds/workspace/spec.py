"""What a person may write about a workspace.

API facts: lengths, patterns and the rule that the default geography must be allowed (Admin API: workspaces, create);
the encryption key and the user profile are set once (SDK: workspaces.update).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from orgsync.core.model.match import glob_for_a_name, wrong_former_name
from orgsync.core.model.things import Declared, Spec
from orgsync.core.words.patterns import Form
from orgsync.core.words.problems import Unsuitable, quoted, shape
from orgsync.core.words.source import Problem
from orgsync.kinds.workspace.privacy import Privacy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.core.model.declarations import Declarations

DEFAULT = "Default"
"""The name of the workspace that every organization has."""

CLAUDE_CODE = "Claude Code"
"""Makes itself, and comes back when archived; left alone unless the file names it."""

RESERVED_TAG = "anthropic"
"""Tags whose key begins like this belong to the API."""

Geo = Literal["global", "us"]

WorkspaceId = Annotated[str, Form("wrkspc_[0-9A-Za-z]+", "the id of a workspace", "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ")]
SetOnce = Annotated[
    Annotated[str, Field(min_length=1)] | None, WithJsonSchema({"type": ["string", "null"], "minLength": 1})
]
Color = Annotated[str, Form("#[0-9A-Fa-f]{6}", "a colour", "#6C5BB9")]


def _geos(value: Any) -> Any:
    if value == "unrestricted":
        return value
    if not isinstance(value, list):
        raise Unsuitable('expected "unrestricted" or a list of global, us')
    for geo in value:
        if not isinstance(geo, str) or geo not in {"global", "us"}:
            raise Unsuitable(f"{quoted(geo) if isinstance(geo, str) else shape(geo)} is not one of global, us")
    if not value:
        raise ValueError("must not be empty")
    return tuple(sorted(set(value)))


def _tags(tags: dict[str, str] | None) -> dict[str, str]:
    for key in tags or {}:
        if key.lower().startswith(RESERVED_TAG):
            raise ValueError(f'the tag "{key}": keys that begin with "anthropic" are reserved')
        if not key:
            raise ValueError("tag keys must not be empty")
    return tags or {}


class Residency(Spec, title="Data residency"):
    """Where a workspace's data rests and where its inference may run."""

    workspace_geo: Literal["us"] = "us"
    """Where data rests. Set when the workspace is created, never changed."""
    default_inference_geo: Geo = "global"
    """Where inference runs unless a request says otherwise."""
    allowed_inference_geos: Annotated[
        Any,
        BeforeValidator(_geos),
        Field(
            json_schema_extra={
                "anyOf": [{"const": "unrestricted"}, {"type": "array", "items": {"enum": ["global", "us"]}}]
            }
        ),
    ] = None
    """`unrestricted`, or the list of places where inference may run."""

    @model_validator(mode="after")
    def _default_is_allowed(self) -> Residency:
        allowed, written = self.allowed_inference_geos, "default_inference_geo" in self.model_fields_set
        if written and isinstance(allowed, tuple) and self.default_inference_geo not in allowed:
            raise ValueError(f'default_inference_geo "{self.default_inference_geo}" is not in allowed_inference_geos')
        return self


class Workspace(Spec, title="Settings of a workspace"):
    """One workspace."""

    directives: ClassVar[frozenset[str]] = frozenset({"id", "renamed_from", "archived", "recreate"})
    id: WorkspaceId | None = None
    """The id of the workspace, if its name is not unique."""
    renamed_from: Annotated[str, Field(min_length=1)] | None = None
    """The name it had before: it is renamed instead of created."""
    archived: bool = False
    """Archived permanently. Workspaces are archived only if this is set."""
    recreate: WorkspaceId | None = None
    """The id of the archived workspace of this name that is replaced by a new one."""
    color: Color = ""
    """Colour in the Console, `#RRGGBB`."""
    tags: Annotated[dict[str, str] | None, AfterValidator(_tags)] = None
    """All tags. Other tags are removed."""
    data_residency: Residency = Residency()
    """Where data rests and inference runs; what is not written is left as it is."""
    inference_data_privacy: Privacy = Privacy()
    """Where retained data goes, and who may review it. In beta; an Admin key cannot set it."""
    external_key_id: SetOnce = None
    """The customer-managed encryption key. Set once, never changed. null: there shall be none."""
    user_profile_id: SetOnce = None
    """The user profile every request must name. Set once, never changed. null: there shall be none."""

    @property
    def asks_to_archive(self) -> bool:
        """What `archived` says."""
        return self.archived

    @property
    def former_name(self) -> str | None:
        """What `renamed_from` says."""
        return self.renamed_from


@dataclass(frozen=True, slots=True)
class Archival:
    """When a workspace was archived (RFC 3339), if it was."""

    archived_at: str | None


def check(declared: Declared[Workspace], desired: Declarations) -> Iterable[Problem]:
    """What no organization could do."""
    spec, name = declared.spec, declared.segments[0]
    yield from glob_for_a_name(declared, "workspace")
    if name == DEFAULT:
        yield from _asked_of_default(declared, desired)
    if spec.renamed_from is not None and DEFAULT in {name, spec.renamed_from}:
        message = "the default workspace cannot be renamed, and no other workspace can have its name"
        yield Problem(message, declared.source, declared.address, "delete `renamed_from`")
    else:
        yield from wrong_former_name(declared, spec.renamed_from, desired.declared["workspace"])


def _asked_of_default(declared: Declared[Workspace], desired: Declarations) -> Iterable[Problem]:
    if declared.spec.archived:
        message = "the default workspace cannot be archived"
        yield Problem(message, declared.source, declared.address, "delete `archived`")
    told = {"renamed_from", *(("archived",) if declared.spec.archived else ())}
    settings = declared.spec.model_fields_set - told
    if settings or ("workspace_member", (DEFAULT,)) in desired.collections:
        message = "the default workspace cannot have settings or members"
        hint = "access is given by the organization role"
        yield Problem(message, declared.source, declared.address, hint)
