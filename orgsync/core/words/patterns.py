"""Texts and lists that have to be something: said in words where they are not, and to editors in the schema."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import AfterValidator, Field
from pydantic_core import core_schema

from orgsync.core.words.json_schema import matching
from orgsync.core.words.problems import Unsuitable, quoted

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

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


NonBlank = Annotated[str, AfterValidator(_not_blank), Field(json_schema_extra={"minLength": 1})]
"""A text of more than spaces."""
AtLeastOne = Annotated[
    tuple[Item, ...], AfterValidator(_not_empty), Field(strict=False, json_schema_extra={"minItems": 1})
]
"""A list of at least one; `AtLeastOne[Glob]`."""


@dataclass(frozen=True, slots=True)
class Form:
    """Annotates a text that is `what` (an id, a colour), matches the pattern, and looks like the example."""

    pattern: str
    what: str
    example: str

    def check(self, text: str) -> str:
        """The text itself. Raises Unsuitable."""
        if re.fullmatch(self.pattern, text) is None:
            raise Unsuitable(f"{quoted(text)} is not {self.what}", f"it looks like {self.example}")
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        says = f"This is not {self.what}; it looks like {self.example}."
        return {**handler(schema), **matching(f"^({self.pattern})$", says), "examples": [self.example]}
