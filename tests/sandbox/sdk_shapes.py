"""Compares raw JSON with the SDK's own response types, without the tolerance the SDK has for surprises."""

from __future__ import annotations

import types
from datetime import datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

PLAIN = {str: "a string", int: "a number", bool: "true or false"}


def response_type(method: Any) -> Any:
    """What an SDK method says it returns."""
    return get_type_hints(method)["return"]


def problems(expected: Any, raw: Any, at: str = "$") -> list[str]:
    """Every difference: fields missing or undeclared at any depth, values outside a literal, times that do not parse.

    Nullable fields have a default in the SDK, yet the API always sends them, so they have to be there too.
    """
    origin = get_origin(expected)
    if origin is Annotated:
        return problems(get_args(expected)[0], raw, at)
    if origin in (Union, types.UnionType):
        found = [problems(option, raw, at) for option in get_args(expected)]
        return [] if [] in found else [f"{at}: fits no alternative: {found}"]
    if origin is Literal:
        return [] if raw in get_args(expected) else [f"{at}: {raw!r} is not one of {get_args(expected)}"]
    if origin is list:
        return _in_list(get_args(expected)[0], raw, at)
    if origin is dict:
        return _in_dict(get_args(expected)[1], raw, at)
    if isinstance(expected, type) and issubclass(expected, BaseModel):
        return _in_model(expected, raw, at)
    return _in_plain(expected, raw, at)


def _in_list(item: Any, raw: Any, at: str) -> list[str]:
    if not isinstance(raw, list):
        return [f"{at}: not a list"]
    return [problem for index, each in enumerate(raw) for problem in problems(item, each, f"{at}[{index}]")]


def _in_dict(item: Any, raw: Any, at: str) -> list[str]:
    if not isinstance(raw, dict):
        return [f"{at}: not an object"]
    return [problem for key, each in raw.items() for problem in problems(item, each, f"{at}.{key}")]


def _in_model(model: type[BaseModel], raw: Any, at: str) -> list[str]:
    if not isinstance(raw, dict):
        return [f"{at}: not an object"]
    fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    found = [f"{at}.{key}: missing" for key in fields if key not in raw]
    found += [f"{at}.{key}: undeclared" for key in raw if key not in fields]
    for key in fields.keys() & raw.keys():
        found += problems(fields[key], raw[key], f"{at}.{key}")
    return found


def _in_plain(expected: Any, raw: Any, at: str) -> list[str]:
    if expected is type(None):
        return [] if raw is None else [f"{at}: not null"]
    if expected is datetime:
        return _in_time(raw, at)
    if expected in PLAIN:
        return [] if type(raw) is expected else [f"{at}: {raw!r} is not {PLAIN[expected]}"]
    raise AssertionError(f"{at}: the SDK uses a type this helper does not know: {expected}")


def _in_time(raw: Any, at: str) -> list[str]:
    try:
        moment = datetime.fromisoformat(raw)
    except (TypeError, ValueError):
        return [f"{at}: {raw!r} is not a time"]
    return [] if raw.endswith("Z") and moment.tzinfo else [f"{at}: {raw!r} is not in UTC"]
