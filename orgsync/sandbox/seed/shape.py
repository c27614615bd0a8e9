"""The shape of a seed: the organization, one section for each resource, and the settings."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, create_model

from orgsync.sandbox.model.seeding import Name, SeedPart
from orgsync.sandbox.wire.switches import Settings, Timestamp, settings_shape

if TYPE_CHECKING:
    from orgsync.sandbox.model.resource import Resource


class OrganizationRow(SeedPart):
    """GET /me, and when the organization was made, which the API shows only on its usage tier's spend limit."""

    type: Literal["organization"] = "organization"
    id: Name | None = None
    name: Name = "Sandbox"
    created_at: Timestamp | None = None


@cache
def seed_shape(resources: tuple[Resource, ...]) -> type[BaseModel]:
    """The whole file, where the organization has these resources."""
    settings = settings_of_resources(resources)
    fields: dict[str, Any] = {
        "organization": (OrganizationRow, OrganizationRow()),
        **{resource.section: (list[resource.shape], []) for resource in resources},  # type: ignore[name-defined]
        "settings": (settings, settings()),
    }
    return create_model("Seed", __base__=SeedPart, **fields)


def settings_of_resources(resources: tuple[Resource, ...]) -> type[Settings]:
    """The table of switches, where the organization has these resources."""
    return settings_shape(*(resource.switches for resource in resources if resource.switches is not None))
