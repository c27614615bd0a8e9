"""What the core may ask of the files, whoever has read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from orgsync.core.model.change import Place
    from orgsync.core.model.things import Declared, Key, Mode


ValueT = TypeVar("ValueT")


@dataclass(frozen=True, eq=False)
class Setting(Generic[ValueT]):
    """A section at the top of the file that a kind brings: its name, and its annotation and default for pydantic."""

    name: str
    annotation: Any
    default: Any

    def of(self, desired: Declarations) -> ValueT:
        """What the files say under it, or the default."""
        value: ValueT = getattr(desired.settings, self.name)
        return value


class ProtectedThings(Protocol):
    """One entry of `guards.protect`."""

    @property
    def address(self) -> str:
        """A glob of addresses."""
        ...


class GuardRules(Protocol):
    """What the files say of the guards, as far as a kind takes it into account."""

    @property
    def min_admins(self) -> int:
        """At least this many organization admins must remain."""
        ...

    @property
    def protect(self) -> Sequence[ProtectedThings]:
        """What no plan may withdraw or stop."""
        ...

    @property
    def credential_of(self) -> tuple[str, ...]:
        """The e-mails of whoever the credential belongs to."""
        ...


class Authority(Protocol):
    """How far authority over each collection reaches."""

    def mode(self, collection: str) -> Mode:
        """The mode of a collection."""
        ...


class DeclaredSettings(Protocol):
    """The settings that every kind can look at; those that a kind brings itself are read by `Setting.of`."""

    @property
    def guards(self) -> GuardRules:
        """The guards."""
        ...

    @property
    def manage(self) -> Authority:
        """The modes."""
        ...


class Declarations(Protocol):
    """What the files ask for: `Desired` of the document, as a kind sees it."""

    @property
    def settings(self) -> DeclaredSettings:
        """What the files say of orgsync itself."""
        ...

    @property
    def declared(self) -> Mapping[str, Mapping[Key, Declared]]:
        """By kind, then by key, in file order."""
        ...

    @property
    def collections(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        """Every collection the files manage, as (kind, segments of what it stands in)."""
        ...

    @property
    def today(self) -> date:
        """The day, UTC, on which it is asked for."""
        ...

    def find(self, kind: str, key: Key) -> Declared | None:
        """What the files say of one thing, unless its `until` day is over."""
        ...

    def place(self, *path: str | int) -> Place:
        """The line that says something of the settings."""
        ...
