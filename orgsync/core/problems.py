"""What pydantic found wrong, in plain words and at the place where it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from orgsync.core.source import Map, Problem, Seq, Source
from orgsync.core.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_SHAPES = {"model_type": "a map", "dict_type": "a map", "list_type": "a list", "tuple_type": "a list"}
_SCALARS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "date_type": "a date (YYYY-MM-DD)",
    "date_from_datetime_inexact": "a date (YYYY-MM-DD) without a time of day",
}


def translate(
    error: ValidationError,
    value: Any,
    source: Source,
    model: type[BaseModel],
    address: str | None = None,
    more_keys: Sequence[str] = (),
) -> list[Problem]:
    """One problem for each thing pydantic found in `value`, which was written at `source` and is about `address`.

    `more_keys` may stand beside the fields of the model; they are for suggestions.
    """
    problems = []
    for details in error.errors(include_url=False):
        location = _steps(value, details["loc"])
        is_key = details["type"] in {"extra_forbidden", "missing"}
        about = location[:-1] if is_key else location
        message, hint = _words(details, _keys_at(model, about, more_keys) if is_key else ())
        where = [part for part in (address, ".".join(str(part) for part in about)) if part]
        place = place_of(value, location, source)
        problems.append(Problem(message, place, ": ".join(where) or None, hint))
    return problems


def place_of(value: Any, location: Sequence[str | int], source: Source) -> Source:
    """Where the deepest written part of `location` stands inside `value`, which itself was written at `source`."""
    for part in location:
        if isinstance(value, Map) and part in value.sources:
            source, value = value.sources[str(part)], value[str(part)]
        elif isinstance(value, Seq) and isinstance(part, int) and part < len(value.sources):
            source, value = value.sources[part], value[part]
        else:
            break
    return source


def shape(value: Any) -> str:
    """What a value is, in the words of a person who writes YAML."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return f'the truth value "{str(value).lower()}"'
    return f'the text "{value}"' if isinstance(value, str) else f"the number {value}"


def _steps(value: Any, location: Sequence[str | int]) -> tuple[str | int, ...]:
    """The leading parts of a pydantic location that are keys or indexes of the data, not names of union branches."""
    steps: list[str | int] = []
    for part in location:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int):
            value = value[part] if part < len(value) else None
        else:
            break
        steps.append(part)
    return tuple(steps)


def _words(details: ErrorDetails, known: Sequence[str]) -> tuple[str, str | None]:
    """Message and hint."""
    kind, given, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "extra_forbidden":
        key = str(details["loc"][-1])
        return f'unknown key "{key}"', suggestion(key, known, "known keys")
    if kind in {"literal_error", "enum"}:
        return _choice(given, str(context["expected"]))
    if kind == "missing":
        return f'"{details["loc"][-1]}" is missing', None
    if kind in _SHAPES:
        return f"expected {_SHAPES[kind]}, found {shape(given)}", None
    if kind in _SCALARS:
        quote = 'put it in quotes: "…"' if kind == "string_type" and not isinstance(given, dict | list | None) else None
        return f"expected {_SCALARS[kind]}, found {shape(given)}", quote
    if kind.startswith("date_"):
        reason = str(context.get("error", "")).strip()
        return f'"{given}" is not a date' + (f": {reason}" if reason else ""), "write a day as YYYY-MM-DD"
    if kind == "value_error":
        return str(context["error"]), None
    return f"{shape(given)} is not possible here: {_lower(details['msg'])}", None


def suggestion(word: str, known: Iterable[str], label: str) -> str | None:
    """`did you mean "x"?`, else the whole list, where there is one."""
    names = tuple(known)
    near = did_you_mean(word, names)
    if near is not None:
        return f'did you mean "{near}"?'
    return f"{label}: {', '.join(names)}" if names else None


def _keys_at(model: type[BaseModel], location: Sequence[str | int], more_keys: Sequence[str]) -> tuple[str, ...]:
    """The keys a person may write at a place inside this model, in the order they are declared."""
    for step in location:
        field = model.model_fields.get(str(step))
        inner = None if field is None else field.annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return ()
        model, more_keys = inner, ()
    return (*model.model_fields, *more_keys)


def _choice(given: Any, expected: str) -> tuple[str, str | None]:
    choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
    if not isinstance(given, str):
        return f"expected {_either(choices)}, found {shape(given)}", None
    near = did_you_mean(given, choices)
    return f'"{given}" is not {_either(choices)}', None if near is None else f'did you mean "{near}"?'


def _either(choices: Sequence[str]) -> str:
    return choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
