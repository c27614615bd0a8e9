"""What differs between two sets of attributes, field by field, under paths such as `tags.env`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orgsync.core.model.change import FieldChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orgsync.core.model.change import Change


def field_changes(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """From live to desired, for the fields that desired names; a field it does not name is not managed.

    Inside a field that holds a map, the map is compared as a whole: a key desired lacks is a key to take away.
    """
    changes: list[FieldChange] = []
    for name, wanted in desired.items():
        shown = live.get(name)
        if shown == wanted:
            continue
        if isinstance(shown, dict) and isinstance(wanted, dict):
            changes.extend(_inside(name, shown, wanted))
        elif isinstance(wanted, dict) and shown is None:
            changes.extend(FieldChange(path((name, key)), None, value) for key, value in sorted(wanted.items()))
        else:
            changes.append(FieldChange(path((name,)), shown, wanted))
    return tuple(changes)


def net(changes: Sequence[Change]) -> Change:
    """The changes of one address as if they were one: the first, with every field from its first to its last value."""
    fields: dict[str, FieldChange] = {}
    for change in changes:
        for one in change.fields:
            before = fields[one.path].before if one.path in fields else one.before
            fields[one.path] = FieldChange(one.path, before, one.after)
    return replace(changes[0], fields=tuple(fields.values()))


def path(steps: Iterable[str]) -> str:
    """Steps joined by dots; a dot inside a step (a tag may hold one) is percent-encoded."""
    return ".".join(step.replace("%", "%25").replace(".", "%2E") for step in steps)


def steps(text: str) -> tuple[str, ...]:
    """The steps of a path."""
    return tuple(step.replace("%2E", ".").replace("%25", "%") for step in text.split("."))


def value_at(attributes: Mapping[str, Any], text: str) -> Any:
    """The value a path leads to; None where there is none."""
    return _lookup(attributes, steps(text))


def in_words(value: Any) -> str:
    """A value of a field, in a sentence."""
    return "(none)" if value is None else str(value)


def as_written(value: Any) -> str:
    """A value in a sentence: text as it is, anything else as JSON, in which `5` and `true` are as in the files."""
    if value is None:
        return "(none)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def with_fields(attributes: Mapping[str, Any], changes: Iterable[FieldChange]) -> dict[str, Any]:
    """The attributes as they are once these fields have their new values; None takes a field away."""
    result: dict[str, Any] = dict(attributes)
    for change in changes:
        *outer, last = steps(change.path)
        inside = result
        for step in outer:
            inside[step] = dict(inside.get(step) or {})
            inside = inside[step]
        if change.after is None:
            inside.pop(last, None)
        else:
            inside[last] = change.after
    return result


def _inside(name: str, shown: dict[str, Any], wanted: dict[str, Any]) -> list[FieldChange]:
    """What DeepDiff finds inside one field, as our paths: its own path syntax goes no further than this function."""
    from deepdiff import DeepDiff  # a quarter of a second to import, and most plans never need it

    touched: set[tuple[str, ...]] = set()
    # Without the threshold it gives up on maps that share few keys, and calls the whole field one difference.
    for group in DeepDiff(shown, wanted, view="tree", verbose_level=0, threshold_to_diff_deeper=0).values():
        for difference in group:
            whole_path = difference.path(output_format="list")
            keys = [step for step in whole_path if isinstance(step, str)]
            touched.add(tuple(keys))  # a list inside is one value: its indexes are left out
    return [FieldChange(path((name, *keys)), _lookup(shown, keys), _lookup(wanted, keys)) for keys in sorted(touched)]


def _lookup(value: Any, keys: Iterable[str]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
