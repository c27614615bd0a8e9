"""What the files accept for a time although it differs: `accept`, and which difference an entry of it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import AfterValidator, Field, ValidationInfo

from orgsync.core.document.console_catalogue import CATALOGUE
from orgsync.core.document.known_address import known_glob
from orgsync.core.model.code_rows import DRIFT_CODES, ROWS
from orgsync.core.model.kind import Kinds
from orgsync.core.model.things import Spec
from orgsync.core.words.address import covers
from orgsync.core.words.day import Day
from orgsync.core.words.globs import any_matches, is_glob
from orgsync.core.words.json_schema import matching
from orgsync.core.words.patterns import NonBlank
from orgsync.core.words.problems import Unsuitable, quoted, suggestion
from orgsync.core.words.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from orgsync.core.model.change import FieldChange

_CONSOLE = "console:"
_FORM = "This is not an address; write KIND:NAME, such as member:ana@acme.com; * matches any text."


def _glob(text: str, info: ValidationInfo) -> str:
    key = text.removeprefix(_CONSOLE)
    if key == text:
        return known_glob(text, info.context or Kinds())
    if not key or not (is_glob(key) or key in CATALOGUE):
        raise Unsuitable(f"{quoted(text)} is not a console setting", suggestion(key, CATALOGUE, "settings"))
    return text


def _code(text: str) -> str:
    if text in DRIFT_CODES:
        return text
    if text in list(ROWS):
        raise Unsuitable(
            f"{quoted(text)} is never drift, so it cannot be accepted", "delete the line, or use another code"
        )
    near = did_you_mean(text, DRIFT_CODES)
    hint = f'did you mean "{near}"?' if near else "use a code from a drift report"
    raise Unsuitable(f"{quoted(text)} is not a code", hint)


def _not_empty(globs: tuple[str, ...]) -> tuple[str, ...]:
    if not globs:
        raise Unsuitable("must not be empty", "delete the line to accept all fields")
    return globs


class Difference(Protocol):
    """What an entry is held against: an entry of a drift report."""

    @property
    def code(self) -> str:
        """As what it is told."""
        ...

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """The fields that differ, where single fields do."""
        ...


class AcceptEntry(Spec, title="Accepted drift"):
    """Drift that is left as it is for some time, and why."""

    address: Annotated[str, AfterValidator(_glob), Field(json_schema_extra=matching("^([^:]+:.+|[*].*)$", _FORM))]
    """The address of what differs, or a glob of addresses."""
    reason: NonBlank
    """Why."""
    until: Day
    """The last day, UTC, on which it is accepted."""
    code: Annotated[str, AfterValidator(_code), Field(json_schema_extra={"enum": list(DRIFT_CODES)})] | None = None
    """Only entries with this code. Default: every code."""
    fields: (
        Annotated[
            tuple[NonBlank, ...], AfterValidator(_not_empty), Field(strict=False, json_schema_extra={"minItems": 1})
        ]
        | None
    ) = None
    """Only a difference in these fields (globs) and no other; every field, if not written."""

    def counts_on(self, day: date) -> bool:
        """Whether it still holds on this day (UTC); its last day included."""
        return day <= self.until

    def covers(self, entry: Difference, addresses: Iterable[str]) -> bool:
        """Whether it is about this difference, and about the whole of it. `addresses` are all of what differs."""
        if not any(covers(self.address, one) for one in addresses) or self.code not in {None, entry.code}:
            return False
        if self.fields is None:
            return True
        return bool(entry.fields) and all(any_matches(self.fields, field.path) for field in entry.fields)
