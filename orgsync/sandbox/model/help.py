"""What the command line says of the resources: the sections of a seed, and what the Console may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.sandbox.model.resource import Resource

SETTINGS = ('POST /settings {"tags_update": "replace"}', "change switches of the sandbox")


def sections(resources: Iterable[Resource]) -> str:
    """The sections of a seed, in one line."""
    return ", ".join(resource.section for resource in resources)


def rows(resources: Iterable[Resource]) -> str:
    """Rows as one writes them by hand: a line for each section in which that is not what the API shows."""
    return _table([(resource.section, resource.by_hand) for resource in resources if resource.by_hand], gap=3)


def remarks(resources: Iterable[Resource]) -> str:
    """Sentences on the sections."""
    return " ".join(resource.remark for resource in resources if resource.remark)


def console(resources: Iterable[Resource]) -> str:
    """What the Console may do beyond the API, a line for each call."""
    return _table([*(call for resource in resources for call in resource.console), SETTINGS], gap=2)


def _table(lines: Sequence[tuple[str, str]], *, gap: int) -> str:
    width = max(len(first) for first, _second in lines) + gap
    return "\n".join(f"  {first:<{width}}{second}" for first, second in lines)
