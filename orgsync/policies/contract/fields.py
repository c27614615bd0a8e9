"""What the fields of policies, rules and waivers share: text and lists that are not empty."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from orgsync.core.words.problems import Unsuitable

Item = TypeVar("Item")


def _not_blank(text: str) -> str:
    if not text.strip():
        raise Unsuitable("must not be empty")
    return text


def _not_empty(items: tuple[Item, ...]) -> tuple[Item, ...]:
    # Pydantic's own minimum would also complain of a list whose only item is wrong.
    if not items:
        raise Unsuitable("must not be empty")
    return items


Text = Annotated[str, AfterValidator(_not_blank), Field(json_schema_extra={"minLength": 1})]
Some = Annotated[tuple[Item, ...], AfterValidator(_not_empty), Field(strict=False, json_schema_extra={"minItems": 1})]
"""A list of at least one; `Some[Glob]`."""
