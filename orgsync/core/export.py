"""The live organization in the words of the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.core.address import Address
    from orgsync.core.kind import Kind
    from orgsync.core.observation import Observation


def exported_files(seen: Observation, kinds: Sequence[Kind]) -> dict[str, Any]:
    """What one file would have to say to ask for exactly what was seen. Nothing is made authoritative by it."""
    data: dict[str, Any] = {
        "version": 1,
        "organization": {"id": seen.organization.id, "name": seen.organization.name},
    }
    for kind in kinds:
        _at(data, kind.section, ())
        for found in sorted(seen.live[kind.name], key=lambda one: one.key):
            value = kind.exported(found, seen.live)
            if value is not None:
                _at(data, kind.section, found.segments)[found.segments[-1]] = value
    return data


def not_exported(seen: Observation, kinds: Sequence[Kind]) -> Iterator[Address]:
    """What exists and a file cannot declare, such as one of two workspaces with one name."""
    for kind in kinds:
        for found in seen.live[kind.name]:
            if found.exists and not found.implied and kind.exported(found, seen.live) is None:
                yield found.address


def _at(data: dict[str, Any], section: Sequence[str], segments: Sequence[str]) -> dict[str, Any]:
    """The map in which things of a section stand, made where it is missing."""
    chosen = iter(segments)
    for step in section[:-1]:
        name = next(chosen, None) if step == "*" else step
        if name is None:
            return data
        data = data.setdefault(name, {})
    return data
