"""What is wrong with the input: what pydantic found, in plain words and at its place; and which problems are alike."""

from __future__ import annotations

import re
from collections import Counter
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel

from orgsync.core.words.source import Map, Problem, Seq, Source
from orgsync.core.words.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from orgsync.core.words.source import Document

_SHAPES = {"model_type": "a map", "dict_type": "a map", "list_type": "a list", "tuple_type": "a list"}
_NUMBERS = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
}
_TRUTH = {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}
_LIMITS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than_equal": lambda limit: f"must be at least {limit['ge']}",
    "greater_than": lambda limit: f"must be more than {limit['gt']}",
    "less_than_equal": lambda limit: f"must be at most {limit['le']}",
    "less_than": lambda limit: f"must be less than {limit['lt']}",
}
_LONGEST_SHOWN = 80
_PARTICULARS = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s"]+:\d+(?::\d+)?|[^\s"]+@[^\s"]+|\d+')
"""What differs between two messages of the same mistake: quoted words, places, e-mails and numbers."""

MOST_ALIKE = 20
"""Problems of one kind that a person is shown."""

Told = TypeVar("Told")


class Unsuitable(ValueError):
    """What a validator of ours refuses; pydantic wants a ValueError, a person a hint."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


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
        message, hint = _words(details, _model_at(model, about), more_keys if not about else ())
        hint = _instead(details, model, about) or hint
        where = [part for part in (address, ".".join(str(part) for part in about)) if part]
        place = place_of(value, location, source)
        problems.append(Problem(message, place, ": ".join(where) or None, hint))
    return problems


def blank_values(document: Document, told: Iterable[Problem]) -> Iterator[Problem]:
    """One problem for each key with nothing behind it, unless something is wrong with it anyway: `null` is a value."""
    blank = document.blank - {problem.source for problem in told}
    for path, source in _keys(document.data, ()) if blank else ():
        if source in blank:
            hint = "delete the line if it should stay as it is: what is not written is not managed"
            yield Problem("nothing is written here: write null for none", source, ".".join(path), hint)


def _keys(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Source]]:
    """Every key of the maps, with the keys that lead to it."""
    if isinstance(value, Map):
        for key, source in value.sources.items():
            yield (*path, key), source
            yield from _keys(value.get(key), (*path, key))
    elif isinstance(value, Seq):
        for index, inner in enumerate(value):
            yield from _keys(inner, (*path, str(index)))


def _instead(details: ErrorDetails, model: type[BaseModel], about: Sequence[str | int]) -> str | None:
    """What to write in place of a word that people know from elsewhere, if the model at this place says so."""
    owner = _model_at(model, about[:-1]) if about else None
    words: Mapping[str, str] = getattr(owner, "known_elsewhere", {}).get(str(about[-1]), {}) if about else {}
    given = details["input"]
    return words.get(given.casefold()) if isinstance(given, str) else None


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
    return f"the text {quoted(value)}" if isinstance(value, str) else f"the number {value}"


def quoted(text: str) -> str:
    """Text as it was written, in quotes; a long one loses its end."""
    return f'"{text}"' if len(text) <= _LONGEST_SHOWN else f'"{text[:_LONGEST_SHOWN]}…"'


def suggestion(word: str, known: Iterable[str], label: str) -> str | None:
    """`did you mean "x"?`, else the whole list, where there is one."""
    names = tuple(known)
    near = did_you_mean(word, names)
    if near is not None:
        return f'did you mean "{near}"?'
    return f"{label}: {', '.join(names)}" if names else None


def likeness(message: str) -> str:
    """What messages of the same mistake have in common."""
    return _PARTICULARS.sub("…", message)


def few_of_each(every: Sequence[Told], message: Callable[[Told], str]) -> Iterator[tuple[Told, int]]:
    """The first of each kind of mistake, in order; the last of them with the number of those that are left out."""
    kinds = [likeness(message(one)) for one in every]
    total, shown = Counter(kinds), Counter[str]()
    for one, kind in zip(every, kinds, strict=True):
        shown[kind] += 1
        if shown[kind] < MOST_ALIKE:
            yield one, 0
        elif shown[kind] == MOST_ALIKE:
            yield one, total[kind] - MOST_ALIKE


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


def _words(details: ErrorDetails, model: type[BaseModel] | None, more_keys: Sequence[str]) -> tuple[str, str | None]:
    """Message and hint. `model` is what stands at the place that the message is about, if it is a map of known keys."""
    kind, given, context = details["type"], details["input"], details.get("ctx", {})
    keys = (*_written_keys(model), *more_keys) if model is not None else ()
    if kind == "extra_forbidden":
        key = str(details["loc"][-1])
        return f"unknown key {quoted(key)}", suggestion(key, keys, "known keys")
    if kind == "missing":
        key = str(details["loc"][-1])
        return f'"{key}" is missing', None if model is None else f"add {key}: {_placeholder(model, key)}"
    if kind in {"literal_error", "enum"}:
        return _choice(given, str(context["expected"]))
    if kind in _SHAPES:
        return f"expected {_SHAPES[kind]}, found {shape(given)}", _shape_hint(kind, given, keys)
    if kind == "value_error":
        return str(context["error"]), getattr(context["error"], "hint", None)
    return _scalar_words(details, given, context)


def _scalar_words(details: ErrorDetails, given: Any, context: Mapping[str, Any]) -> tuple[str, str | None]:
    kind = details["type"]
    if kind == "string_type":
        return f"expected text, found {shape(given)}", _text_hint(given)
    if kind in _NUMBERS:
        return f"expected {_NUMBERS[kind]}, found {shape(given)}", _number_hint(given)
    if kind in {"bool_type", "bool_parsing"}:
        meant = _TRUTH.get(str(given).lower())
        return f"expected true or false, found {shape(given)}", meant and f"write {meant}, without quotes"
    if kind in _LIMITS:
        return f"{_LIMITS[kind](context)}, not {given}", None
    if kind in {"string_too_short", "too_short"}:
        return "must not be empty", None
    if kind == "string_too_long":
        return f"has at most {context['max_length']} characters, this one {len(given)}", None
    if kind == "string_pattern_mismatch":
        return f"{quoted(given)} does not have the form {context['pattern'].strip('^$')}", None
    return f"{shape(given)} is not allowed here: {_lower(details['msg'])}", None


def _shape_hint(kind: str, given: Any, keys: Sequence[str]) -> str | None:
    if keys:
        return f"known keys: {', '.join(keys)}"
    if _SHAPES[kind] == "a list" and isinstance(given, str):
        return f"write a list of one as [{quoted(given)}]"
    return None


def _text_hint(given: Any) -> str | None:
    if given is None:
        return 'write something, or delete the line; what begins with "#" is a comment, unless it is in quotes'
    if isinstance(given, dict | list):
        return None
    return f'put it in quotes: "{str(given).lower() if isinstance(given, bool) else given}"'


def _number_hint(given: Any) -> str | None:
    digits = given.strip().removesuffix("%").strip() if isinstance(given, str) else ""
    return f"write the number alone: {digits}" if digits.isdecimal() else None


def _model_at(model: type[BaseModel], location: Sequence[str | int]) -> type[BaseModel] | None:
    """The model of what stands at a place inside this model, also in its maps and lists; None where it is none."""
    here: Any = model
    for step in location:
        here = _inside(_bare(here), step)
    here = _bare(here)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _inside(annotation: Any, step: str | int) -> Any:
    """What stands at one key, or under one index, of what is annotated like this."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(step))
        return None if field is None else field.annotation
    holds = get_args(annotation)
    if get_origin(annotation) is dict:
        return holds[-1]
    return holds[0] if get_origin(annotation) is tuple else None


def _bare(annotation: Any) -> Any:
    """Without what only says how it is checked, and that it may be absent."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    some = [one for one in get_args(annotation) if one is not NoneType]
    return _bare(some[0]) if get_origin(annotation) in {Union, UnionType} and len(some) == 1 else annotation


def _written_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a model, as files spell them."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _placeholder(model: type[BaseModel], key: str) -> str:
    """What a person may write behind a key that is missing."""
    field = model.model_fields[key]
    if get_origin(field.annotation) is Literal:
        return " | ".join(str(choice) for choice in get_args(field.annotation))
    inner = _model_at(model, (key,))
    return "…" if inner is None else f"{{{', '.join(f'{name}: …' for name in inner.model_fields)}}}"


def _choice(given: Any, expected: str) -> tuple[str, str | None]:
    choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
    if not isinstance(given, str):
        return f"expected {_either(choices)}, found {shape(given)}", None
    message = f"{quoted(given)} is not {_either(choices)}"
    inside = [choice for choice in choices if given.endswith(f"_{choice}")]
    if inside:
        return message, f'did you mean "{max(inside, key=len)}", without the prefix?'
    near = did_you_mean(given, choices)
    return message, None if near is None else f'did you mean "{near}"?'


def _either(choices: Sequence[str]) -> str:
    return choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
