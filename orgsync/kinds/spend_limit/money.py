"""Amounts of money: exact decimals for people, whole minor units for the API. No float comes near them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from orgsync.core.words.problems import Unsuitable, quoted, shape

_LARGEST = Decimal(10) ** 12


class UnknownCurrency(Unsuitable):
    """A code that ISO 4217 does not have, or that has no minor unit (gold, for one)."""


def _amount(value: Any) -> Decimal:
    if isinstance(value, str):
        hint = "write digits and a decimal point, without quotes: 5000 or 19.99"
        raise Unsuitable(f"{quoted(value)} is not an amount", hint)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unsuitable(f"expected an amount, found {shape(value)}")
    amount = Decimal(value)
    if not amount.is_finite() or amount < 0:
        raise Unsuitable(f"the amount {amount} is negative", "use 0 to allow only what is included")
    if amount > _LARGEST:
        raise Unsuitable(f"the amount {amount} is too large")
    return amount


Amount = Annotated[
    Decimal,
    BeforeValidator(_amount),
    PlainSerializer(lambda amount: format(amount, "f"), return_type=str),
    WithJsonSchema({"type": "number", "minimum": 0}),  # whatever pydantic would say of a Decimal
]


@cache
def digits(currency: str) -> int:
    """How many decimals the currency has, by ISO 4217: 2 for USD, 0 for JPY, 3 for KWD. Raises UnknownCurrency."""
    from iso4217 import Currency  # a table of the world's currencies; most plans never need it

    try:
        exponent = Currency(currency).exponent
    except ValueError as error:
        raise UnknownCurrency(f"{currency} is not an ISO 4217 currency") from error
    if exponent is None:
        raise UnknownCurrency(f"{currency} has no minor unit")
    return int(exponent)


def is_currency(value: Any) -> bool:
    """Whether this is the code of a currency that amounts can be in."""
    try:
        return isinstance(value, str) and digits(value) >= 0
    except UnknownCurrency:
        return False


def spelled(amount: Decimal, currency: str) -> str:
    """Major units with all decimals of the currency, and its code: `5000.00 USD`. Raises Unsuitable for a fraction
    of a minor unit, UnknownCurrency."""
    exact = amount.quantize(Decimal(1).scaleb(-digits(currency)))
    if exact != amount:
        raise Unsuitable(f"{amount} {currency} has more than {digits(currency)} decimals")
    return f"{exact:f} {currency}"


def in_currency(currency: str) -> str:
    """What to write where an amount was declared in another currency."""
    return f"write the amount in {currency}, with `currency: {currency}` or without `currency`"


def rounded(amount: Decimal, currency: str) -> str:
    """Major units, for people, to the decimals of the currency. Raises UnknownCurrency."""
    return f"{amount.quantize(Decimal(1).scaleb(-digits(currency)), ROUND_HALF_UP):f}"


def parsed(text: str) -> tuple[Decimal, str]:
    """Amount in major units and currency of `5000.00 USD`."""
    amount, _space, currency = text.partition(" ")
    return Decimal(amount), currency


def from_minor(minor: str, currency: str) -> str:
    """`500000` minor units of USD as `5000.00 USD`. Fractions of a minor unit are kept. Raises UnknownCurrency."""
    amount = Decimal(minor).scaleb(-digits(currency))
    return f"{amount:f} {currency}"


def to_minor(text: str) -> str:
    """`5000.00 USD` as `500000`, the whole number of minor units that the API takes."""
    amount, currency = parsed(text)
    return format(amount.scaleb(digits(currency)).to_integral_exact(), "f")
