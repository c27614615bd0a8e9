"""When a value of the files, of a receipt and of the Activity Feed is the same."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

_CURRENCY = re.compile(r" [A-Z]{3}$")


def is_same(one: Any, other: Any) -> bool:
    """Whether both mean the same; receipts have a currency behind money, and colors as the API spells them."""
    if one == other:
        return True
    if isinstance(one, bool) or isinstance(other, bool) or None in (one, other):
        return False
    first, second = (_CURRENCY.sub("", str(value)).casefold() for value in (one, other))
    try:
        return Decimal(first) == Decimal(second)
    except InvalidOperation:
        return first == second
