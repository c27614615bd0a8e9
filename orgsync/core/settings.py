"""The part of the file that is about orgsync itself: whose organization, how far authority reaches, which guards."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import AfterValidator, Field, create_model, model_validator

from orgsync.core.kind import Mode, Spec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.core.kind import Kind

_EMAIL = re.compile(r"[^@\s,;<>()\"\\/]+@[^@\s,;<>()\"\\/]+\.[^@\s,;<>()\"\\/.]+")
EMAIL_PATTERN = f"^{_EMAIL.pattern}$"
TEAM_PREFIX = "team:"


def valid_email(text: str) -> str:
    """The text itself. Raises ValueError where it cannot be an e-mail address."""
    if not _EMAIL.fullmatch(text) or not text.isprintable():
        raise ValueError(f'"{text}" is not an e-mail address')
    return text


Email = Annotated[str, AfterValidator(valid_email), Field(json_schema_extra={"pattern": EMAIL_PATTERN})]
Day = Annotated[date, Field(strict=False)]


class OrganizationSettings(Spec):
    """The organization the files are for. It must match what the credential belongs to, or nothing happens."""

    id: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")] | None = None
    """The organization's UUID, as the Console shows it."""
    name: Annotated[str, Field(min_length=1)] | None = None
    """The organization's name, exactly."""

    @model_validator(mode="after")
    def _names_one(self) -> OrganizationSettings:
        if self.id is None and self.name is None:
            raise ValueError("name the organization by `id`, `name` or both")
        return self


class MaxRemovals(Spec):
    """How much one plan may take away, per kind and in total; both limits hold, at any size."""

    percent: Annotated[int, Field(ge=0, le=100)] = 25
    """Of the things of one kind that live shows."""
    count: Annotated[int, Field(ge=0)] = 10
    """In one plan."""


class AllowEntry(Spec):
    """One change a person named because it is risky, with the reason, for as long as it is needed."""

    address: Annotated[str, Field(pattern=r"^[a-z_]+:.+$")]
    reason: Annotated[str, Field(min_length=1)]
    until: Day | None = None
    """The last day, UTC, on which the allowance counts."""


class GuardSettings(Spec):
    """Rules over the whole plan that can refuse it."""

    min_admins: Annotated[int, Field(ge=0)] = 1
    """At least this many organization admins must remain."""
    max_removals: MaxRemovals = MaxRemovals()
    protect: tuple[str, ...] = Field(default=(), strict=False)
    """Addresses (globs) that no plan may remove, archive or withdraw."""
    allow: tuple[AllowEntry, ...] = Field(default=(), strict=False)
    """Changes that a guard would refuse, named one by one."""


class Manage(Spec):
    """How far authority reaches, for each collection."""

    def mode(self, collection: str) -> Mode:
        """The mode of a collection; additive where the files do not say."""
        return Mode(getattr(self, collection))


class Settings(Spec):
    """Everything in the files that is not a resource."""

    version: Literal[1]
    """The version of this file format."""
    organization: OrganizationSettings
    manage: Manage
    guards: GuardSettings = GuardSettings()
    teams: dict[str, Annotated[tuple[Email, ...], Field(strict=False)]] = Field(default_factory=dict)
    """Named lists of people; `team:NAME` may stand wherever an e-mail may."""


def settings_model(kinds: Iterable[Kind]) -> type[Settings]:
    """The settings with one `manage:` key for each collection of these kinds."""
    collections: dict[str, Any] = {
        kind.collection: (Annotated[Mode, Field(strict=False)], Mode.ADDITIVE) for kind in kinds
    }
    manage = create_model("Manage", __base__=Manage, __doc__=Manage.__doc__, **collections)
    manage_field: Any = (manage, manage())
    model = create_model("Settings", __base__=Settings, __doc__=Settings.__doc__, manage=manage_field)
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
