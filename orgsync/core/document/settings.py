"""The part of the file that is about orgsync itself: whose organization, how far authority reaches, which guards."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any, Literal, cast

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
from orgsync.core.words.problems import Unsuitable, quoted, shape

_EMAIL = re.compile(r"[^@\s,;<>()\"\\/]+@[^@\s,;<>()\"\\/]+\.[^@\s,;<>()\"\\/.]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
EMAIL_PATTERN = f"^{_EMAIL.pattern}$"
TEAM_PREFIX = "team:"
VERSION = 1


def valid_email(text: str) -> str:
    """The text itself. Raises ValueError where it cannot be an e-mail address."""
    if not _EMAIL.fullmatch(text) or not text.isprintable():
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


Email = Annotated[str, AfterValidator(_person), Field(json_schema_extra={"pattern": EMAIL_PATTERN})]


def _one_or_more(value: Any) -> Any:
    """A single e-mail stands for a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _each_once(emails: tuple[str, ...]) -> tuple[str, ...]:
    """In an order of their own: the one in which a list of equals is written makes no other plan."""
    return tuple(sorted({email.casefold(): email for email in sorted(emails)}.values()))


_EMAIL_SCHEMA = {"type": "string", "pattern": EMAIL_PATTERN}
_ONE_OR_MORE = WithJsonSchema({"anyOf": [_EMAIL_SCHEMA, {"type": "array", "items": _EMAIL_SCHEMA}]})


Requirement = Annotated[str, BeforeValidator(valid_requirement), Field(json_schema_extra={"minLength": 1})]


class OrganizationSettings(Spec):
    """The organization the files are for. It must match what the credential belongs to, or nothing happens."""

    id: Annotated[str, AfterValidator(_uuid), Field(json_schema_extra={"pattern": f"^{_UUID.pattern}$"})] | None = None
    """The organization's UUID, as the Console shows it."""
    name: Annotated[str, Field(min_length=1)] | None = None
    """The organization's name, exactly."""

    @model_validator(mode="after")
    def _names_one(self) -> OrganizationSettings:
        if self.id is None and self.name is None:
            raise Unsuitable("the organization is not named", "add id: …, name: … or both")
        return self


class MaxRemovals(Spec):
    """How much one plan may remove, per kind and in total. Both limits apply at any size."""

    percent: Annotated[int, Field(ge=0, le=100)] = 25
    """Percentage of the resources of one kind in the organization."""
    count: Annotated[int, Field(ge=0)] = 10
    """In one plan."""


class AllowEntry(Spec):
    """One change a person named because it is risky, with the reason, for as long as it is needed."""

    address: Annotated[str, AfterValidator(_address), Field(json_schema_extra={"pattern": "^[a-z_]+:.+$"})]
    reason: Annotated[str, Field(min_length=1)]
    until: Day | None = None
    """The last day, UTC, on which the allowance counts."""


class GuardSettings(Spec):
    """Rules over the whole plan that can refuse it."""

    min_admins: Annotated[int, Field(ge=0)] = 1
    """At least this many organization admins must remain."""
    max_removals: MaxRemovals = MaxRemovals()
    protect: tuple[Annotated[str, AfterValidator(_glob)], ...] = Field(default=(), strict=False)
    """Addresses (globs) that no plan may remove, archive or withdraw."""
    credential_of: Annotated[
        tuple[Email, ...], BeforeValidator(_one_or_more), AfterValidator(_each_once), _ONE_OR_MORE
    ] = ()
    """The e-mail address or addresses of the account that the credential belongs to. No plan removes or changes it."""
    allow: tuple[AllowEntry, ...] = Field(default=(), strict=False)
    """Changes that a guard would refuse, named one by one."""


class Manage(Spec):
    """How far authority reaches, for each collection."""

    def mode(self, collection: str) -> Mode:
        """The mode of a collection; additive where the files do not say."""
        return Mode(getattr(self, collection))


class Settings(Spec):
    """Everything in the files that is not a resource."""

    version: Annotated[Literal[1], BeforeValidator(_version)]
    """The version of this file format."""
    requires: Requirement | None = None
    """The versions of orgsync that may read these files: `>=0.2`, as pip writes it."""
    organization: OrganizationSettings
    manage: Manage
    guards: GuardSettings = GuardSettings()
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
        kind.collection: (Annotated[Mode, Field(strict=False)], Mode.ADDITIVE) for kind in kinds if kind.sections
    }
    manage = create_model("Manage", __base__=Manage, __doc__=Manage.__doc__, **collections)
    manage_field: Any = (manage, manage())
    console = console_model()
    sections: dict[str, Any] = {one.name: (one.annotation, one.default) for kind in kinds for one in kind.settings}
    # A factory, or the JSON Schema would show a default in which every setting is null.
    sections["console"] = (console, Field(default_factory=console))
    model = create_model("Settings", __base__=Settings, __doc__=Settings.__doc__, manage=manage_field, **sections)
    return cast("type[Settings]", model)


__all__ = [
    "EMAIL_PATTERN",
    "TEAM_PREFIX",
    "AllowEntry",
    "Day",
    "Email",
    "GuardSettings",
    "Manage",
    "MaxRemovals",
    "OrganizationSettings",
    "Settings",
    "settings_model",
    "valid_email",
]
