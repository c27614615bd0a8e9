"""Texts that have to have a form: said in words where they do not, and as a pattern to editors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import core_schema

from orgsync.core.words.problems import Unsuitable, quoted

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


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
        return {**handler(schema), "pattern": f"^{self.pattern}$"}
