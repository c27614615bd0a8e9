"""The part of the file that is about orgsync itself: whose organization, how far authority reaches, which guards."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    create_model,
    model_validator,
)

from orgsync.core.document.accept import AcceptEntry
from orgsync.core.document.console import ConsoleSettings, console_model
from orgsync.core.document.known_address import known_address, known_glob
from orgsync.core.document.requires import valid_requirement
from orgsync.core.model.kind import Kinds
from orgsync.core.model.things import Mode, Spec
from orgsync.core.words.day import Day
from orgsync.core.words.json_schema import matching
from orgsync.core.words.plural import plural
from orgsync.core.words.problems import Unsuitable, quoted, shape
from orgsync.core.words.spelling import same_mailbox

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

_EMAIL = re.compile(r"[^\x00-\x1f\x7f-\x9f]+@[^\x00-\x1f\x7f-\x9f]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
TEAM_PREFIX = "team:"
REPORT: Literal["report"] = "report"
STRICT: Literal["strict"] = "strict"
EMAIL_PATTERN = f"^{_EMAIL.pattern}$"
WHO_PATTERN = f"^({_EMAIL.pattern}|{TEAM_PREFIX}.+)$"
"""What may stand where people are named: an e-mail or a team."""
VERSION = 1
_NO_EMAIL = "This is not an e-mail address; it looks like ana@acme.com."
_NO_UUID = "This is not the id of an organization; write the UUID that the Console shows."
_NO_ADDRESS = "This is not an address; write KIND:NAME, such as workspace:prod."


def valid_email(text: str) -> str:
    """The text itself. Raises ValueError where nobody can have it as an e-mail address.

    Whether mail can be sent to it matters only where an invite is (`mailbox`): who is there is named as live has it.
    """
    if not _EMAIL.fullmatch(text):
        raise Unsuitable(f"{quoted(text)} is not an e-mail address")
    return text


def _person(text: str) -> str:
    if text.startswith(TEAM_PREFIX):
        raise Unsuitable(f"{quoted(text)}: a team cannot contain another team", "list its people instead")
    return valid_email(text)


def _uuid(text: str) -> str:
    if not _UUID.fullmatch(text):
        hint = "write the UUID that the Console shows for the organization, or its name as `name`"
        raise Unsuitable(f"{quoted(text)} is not the id of an organization", hint)
    return text


def _version(value: Any) -> Any:
    if type(value) is not int or value != VERSION:
        message = f"this version of orgsync reads version {VERSION} of the file format, found {shape(value)}"
        raise Unsuitable(message, f"write version: {VERSION}")
    return value


def _address(text: str, info: ValidationInfo) -> str:
    return known_address(text, info.context or Kinds())


def _glob(text: str, info: ValidationInfo) -> str:
    return known_glob(text, info.context or Kinds())


Email = Annotated[str, AfterValidator(_person), Field(json_schema_extra=matching(EMAIL_PATTERN, _NO_EMAIL))]


def _one_or_more(value: Any) -> Any:
    """A single e-mail stands for a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _each_once(emails: tuple[str, ...]) -> tuple[str, ...]:
    """In an order of their own: the one in which a list of equals is written makes no other plan."""
    return tuple(sorted({same_mailbox(email): email for email in sorted(emails)}.values()))


_EMAIL_SCHEMA = {"type": "string", **matching(EMAIL_PATTERN, _NO_EMAIL)}
_ONE_OR_MORE = WithJsonSchema({"anyOf": [_EMAIL_SCHEMA, {"type": "array", "items": _EMAIL_SCHEMA}]})


Requirement = Annotated[str, BeforeValidator(valid_requirement), Field(json_schema_extra={"minLength": 1})]


class OrganizationSettings(Spec, title="The organization of these files"):
    """The organization the files are for. It must match what the credential belongs to, or nothing happens."""

    id: (
        Annotated[str, AfterValidator(_uuid), Field(json_schema_extra=matching(f"^{_UUID.pattern}$", _NO_UUID))] | None
    ) = None
    """The organization's UUID, as the Console shows it."""
    name: Annotated[str, Field(min_length=1)] | None = None
    """The organization's name, exactly."""

    @model_validator(mode="after")
    def _names_one(self) -> OrganizationSettings:
        if self.id is None and self.name is None:
            raise Unsuitable("the organization is not named", "add id: …, name: … or both")
        return self


class MaxRemovals(Spec, title="Limit of removals"):
    """How much one plan may withdraw or stop. Both limits apply at any size."""

    percent: Annotated[int, Field(ge=0, le=100)] = 25
    """Percentage of the resources of one kind that may go because no line declares them, or by policy."""
    count: Annotated[int, Field(ge=0)] = 10
    """Resources in one plan, whatever asks for it."""


class MaxGrants(Spec, title="Limit of grants"):
    """To how many things one plan may give power."""

    count: Annotated[int, Field(ge=0)] = 100
    """Invites, roles, keys switched on, limits raised: each thing counts once."""


class ProtectEntry(Spec, title="Protected resources"):
    """What is protected, and from what."""

    address: Annotated[str, AfterValidator(_glob)]
    """A glob of addresses."""
    protect_from: Annotated[Literal["harm", "any"], Field(alias="from")] = "harm"
    """harm: no plan may withdraw or stop it (default). any: no plan may change it at all."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """A glob by itself stands for an entry of it."""
        return {"anyOf": [{"type": "string", "minLength": 1}, handler(schema)]}


def _protect_entry(value: Any) -> Any:
    return {"address": value} if isinstance(value, str) else value


class AllowEntry(Spec, title="Allowed change"):
    """One change a person named because it is risky, or one limit raised for a while; why, and for how long."""

    address: (
        Annotated[str, AfterValidator(_address), Field(json_schema_extra=matching("^[a-z_]+:.+$", _NO_ADDRESS))] | None
    ) = None
    """The change, by its address."""
    id: Annotated[str, Field(min_length=1)] | None = None
    """The live object that is meant: nothing else that has the address is."""
    guard: Literal["max_grants"] | None = None
    """Instead of an address: the guard whose limit is raised."""
    count: Annotated[int, Field(ge=1)] | None = None
    """The limit, as long as the entry counts."""
    reason: Annotated[str, Field(min_length=1)]
    """Why it may be done."""
    until: Day | None = None
    """The last day, UTC, on which the allowance counts."""

    @model_validator(mode="after")
    def _names_one(self) -> AllowEntry:
        if (self.address is None) == (self.guard is None):
            hint = "write address: … for one change, or guard: max_grants with count: … and until: …"
            raise Unsuitable("an allowance is for one address or for one guard", hint)
        if self.guard is not None and (self.count is None or self.until is None or self.id is not None):
            raise Unsuitable("a raised limit needs a count and an until, and has no id", "add count: … and until: …")
        if self.guard is None and self.count is not None:
            raise Unsuitable("only a raised limit has a count", "delete count: …, or write guard: max_grants")
        return self


class GuardSettings(Spec, title="Guards over the whole plan"):
    """Rules over the whole plan that can refuse it."""

    min_admins: Annotated[int, Field(ge=0)] = 1
    """At least this many organization admins must remain."""
    max_removals: MaxRemovals = MaxRemovals()
    """How much one plan may withdraw or stop."""
    max_grants: MaxGrants = MaxGrants()
    """To how many things one plan may give power."""
    protect: tuple[Annotated[ProtectEntry, BeforeValidator(_protect_entry)], ...] = Field(default=(), strict=False)
    """Addresses (globs) of what no plan may withdraw or stop, or with `from: any` change at all."""
    credential_of: Annotated[
        tuple[Email, ...], BeforeValidator(_one_or_more), AfterValidator(_each_once), _ONE_OR_MORE
    ] = ()
    """The e-mail address or addresses of the account that the credential belongs to. No plan removes or changes it."""
    allow: tuple[AllowEntry, ...] = Field(default=(), strict=False)
    """Changes that a guard would refuse, named one by one, and limits raised for a while."""


class Manage(Spec, title="Managed collections"):
    """How far authority reaches, for each collection; and what it means that the files leave one out."""

    coverage: Literal["report", "strict"] = REPORT
    """strict: a declared workspace that leaves out a collection of `authoritative` mode is drift. Default: report."""

    def mode(self, collection: str) -> Mode:
        """The mode of a collection; additive where the files do not say."""
        return Mode(getattr(self, collection))


class Settings(Spec, title="The organization file of orgsync"):
    """Whose organization it is, what shall be there, and how orgsync treats it."""

    version: Annotated[Literal[1], BeforeValidator(_version)]
    """The version of this file format."""
    requires: Requirement | None = None
    """The versions of orgsync that may read these files: `>=0.2`, as pip writes it."""
    organization: OrganizationSettings
    """The organization these files are for, by `id`, `name` or both. The file that has it is the root file."""
    manage: Manage
    """How far authority reaches, for each collection: what happens to what no line declares."""
    guards: GuardSettings = GuardSettings()
    """Rules over the whole plan that can refuse it."""
    accept: tuple[AcceptEntry, ...] = Field(default=(), strict=False)
    """Drift that is accepted until a day, and why."""
    console: ConsoleSettings = ConsoleSettings()
    """Settings of the Console that have no endpoint: checked by a person, and asked for again."""
    teams: dict[str, Annotated[tuple[Email, ...], Field(strict=False)]] = Field(default_factory=dict)
    """Named lists of people; `team:NAME` may stand wherever an e-mail may."""


@cache
def settings_model(kinds: Kinds) -> type[Settings]:
    """The settings with one `manage:` key for each collection of these kinds, which also are its validation context.

    Made once: that takes longer than reading a small file.
    """
    collections: dict[str, Any] = {
        kind.collection: (
            Annotated[Mode, Field(strict=False)],
            Field(default=Mode.ADDITIVE, description=f"How far authority over {plural(2, kind.noun)} reaches."),
        )
        for kind in kinds
        if kind.sections
    }
    manage = create_model("Manage", __base__=Manage, __doc__=Manage.__doc__, **collections)
    about = {name: field.description for name, field in Settings.model_fields.items()}
    manage_field: Any = (manage, Field(default=manage(), description=about["manage"]))
    console = console_model()
    sections: dict[str, Any] = {one.name: (one.annotation, one.default) for kind in kinds for one in kind.settings}
    # A factory, or the JSON Schema would show a default in which every setting is null.
    sections["console"] = (console, Field(default_factory=console, description=about["console"]))
    model = create_model("Settings", __base__=Settings, __doc__=Settings.__doc__, manage=manage_field, **sections)
    return cast("type[Settings]", model)


def top_level(kinds: Kinds) -> frozenset[str]:
    """The keys that the top level of an organization file may have."""
    return frozenset({*settings_model(kinds).model_fields, *(one.path[0] for kind in kinds for one in kind.sections)})


__all__ = [
    "EMAIL_PATTERN",
    "TEAM_PREFIX",
    "WHO_PATTERN",
    "AllowEntry",
    "Day",
    "Email",
    "GuardSettings",
    "Manage",
    "MaxRemovals",
    "OrganizationSettings",
    "Settings",
    "settings_model",
    "top_level",
    "valid_email",
]
