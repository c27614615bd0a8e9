"""What a person may write about a spend limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from orgsync.core.model.things import Spec
from orgsync.core.words.patterns import Form
from orgsync.kinds.spend_limit.money import Amount

Currency = Annotated[str, Form("[A-Z]{3}", "the code of a currency", "USD")]


class SpendLimit(Spec, title="Spend limit"):
    """How much may be spent in a calendar month (UTC)."""

    directives: ClassVar[frozenset[str]] = frozenset({"currency"})
    monthly: Amount | None
    """In major units of the organization's billing currency, exactly; null: there shall be no limit."""
    currency: Currency = ""
    """The billing currency (ISO 4217), if the API does not show it. It must be the organization's."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount a month, in major units, and its currency."""

    monthly: str
    currency: str
