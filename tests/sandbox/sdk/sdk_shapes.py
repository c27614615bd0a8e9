"""Compares raw JSON with the SDK's own response types, without the tolerance the SDK has for surprises."""

from __future__ import annotations

import types
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Sequence

# Fields that answers have exactly when the request names a beta: the SDK's types do not tell them from the others.
WITH_BETA = {("BetaWorkspace", "inference_data_privacy"): "efs-2026-10-01"}
PLAIN = {str: "a string", int: "a number", bool: "true or false"}


def response_type(method: Any) -> Any:
    """What an SDK method says it returns."""
    return get_type_hints(method)["return"]


def problems(expected: Any, raw: Any, at: str = "$", *, betas: Sequence[str] = ()) -> list[str]:
    """Every difference: fields missing or undeclared at any depth, values outside a literal, times that do not parse.

    Nullable fields have a default in the SDK, yet the API always sends them, so they have to be there too. Those that
    come with a beta have to be there if it is among `betas`, and must not be otherwise.
    """
    origin = get_origin(expected)
    if origin is Annotated:
        return problems(get_args(expected)[0], raw, at, betas=betas)
    if origin in (Union, types.UnionType):
        found = [problems(option, raw, at, betas=betas) for option in get_args(expected)]
        return [] if [] in found else [f"{at}: fits no alternative: {found}"]
    if origin is Literal:
        return [] if raw in get_args(expected) else [f"{at}: {raw!r} is not one of {get_args(expected)}"]
    if origin is list:
        return _in_list(get_args(expected)[0], raw, at, betas)
    if origin is dict:
        return _in_dict(get_args(expected)[1], raw, at, betas)
    if isinstance(expected, type) and issubclass(expected, BaseModel):
        return _in_model(expected, raw, at, betas)
    return _in_plain(expected, raw, at)


def _in_list(item: Any, raw: Any, at: str, betas: Sequence[str]) -> list[str]:
    if not isinstance(raw, list):
        return [f"{at}: not a list"]
    found = [problems(item, each, f"{at}[{index}]", betas=betas) for index, each in enumerate(raw)]
    return [problem for each in found for problem in each]


def _in_dict(item: Any, raw: Any, at: str, betas: Sequence[str]) -> list[str]:
    if not isinstance(raw, dict):
        return [f"{at}: not an object"]
    found = [problems(item, each, f"{at}.{key}", betas=betas) for key, each in raw.items()]
    return [problem for each in found for problem in each]


def _in_model(model: type[BaseModel], raw: Any, at: str, betas: Sequence[str]) -> list[str]:
    if not isinstance(raw, dict):
        return [f"{at}: not an object"]
    fields = {
        field.alias or name: field.annotation
        for name, field in model.model_fields.items()
        if WITH_BETA.get((model.__name__, name)) in (None, *betas)
    }
    found = [f"{at}.{key}: missing" for key in fields if key not in raw]
    found += [f"{at}.{key}: undeclared" for key in raw if key not in fields]
    for key in fields.keys() & raw.keys():
        found += problems(fields[key], raw[key], f"{at}.{key}", betas=betas)
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
