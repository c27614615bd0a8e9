"""Where the files speak of something, and which edit of them would help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.document.settings import TEAM_PREFIX
from orgsync.core.model.things import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Line, Place
    from orgsync.core.model.kind import Kind
    from orgsync.core.model.things import Declared, Key

APPLY = "run `orgsync apply`"


def where(place: Place | Line | None) -> str:
    """`org.yaml:12`; nothing for no place."""
    return "" if place is None else f"{place.file}:{place.line}"


def line_of(desired: Desired | None, kind: str, key: Key) -> Declared | None:
    """The line that declares it, whether it still counts or not."""
    return None if desired is None else desired.declared.get(kind, {}).get(key)


def place_of(line: Declared | None) -> str:
    """The line as a place; of somebody in a team, the line of the team."""
    return "" if line is None else where(line.place)


def through(line: Declared) -> str:
    """`, for team:platform (org.yaml:40), of which they are part`: where a team is given what its people get."""
    place = line.place.through
    return "" if place is None else f", for {place.team} ({place.file}:{place.line}), of which they are part"


def is_observed(desired: Desired, kind: Kind) -> bool:
    """Whether the files only look at this collection."""
    return desired.mode(kind) is Mode.OBSERVE


def new_line(desired: Desired, path: tuple[str, ...], text: str) -> str:
    """An edit: what to add to the files, and where. The path names a collection, such as workspaces, lab, members."""
    spelled = ".".join(path)
    return f"add `{text}` under `{spelled}` ({where(desired.place(*path))})"


def teams_in(desired: Desired, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The teams that a collection of people names, each with the place where the team is."""
    value = desired.document.data
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None  # type: ignore[assignment]
    for key in value if isinstance(value, dict) else ():
        name = key.removeprefix(TEAM_PREFIX)
        if name != key and name in desired.settings.teams:
            yield name, where(desired.place("teams", name))
