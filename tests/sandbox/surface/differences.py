"""What one dump has and another has not, in words: a headline that counts, then every difference on a line."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# In the order in which a reader wants to know them.
NOUNS = {
    "calls": ("call", "calls"),
    "parameters": ("parameter", "parameters"),
    "fields": ("field", "fields"),
    "words": ("value", "values"),
    "errors": ("error", "errors"),
    "raises": ("error of a call", "errors of calls"),
    "betas": ("beta", "betas"),
    "headers": ("header", "headers"),
    "token": ("fact of the token endpoint", "facts of the token endpoint"),
}
SORTS = ("new", "changed", "gone")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is new, changed or gone."""

    sort: str
    part: str
    name: str
    detail: str


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Every difference, in the order of `NOUNS`, what is new before what changed and what is gone."""
    found = [each for part in NOUNS for each in _in_part(part, old[part], new[part])]
    parts = list(NOUNS)
    return sorted(found, key=lambda each: (parts.index(each.part), SORTS.index(each.sort), each.name, each.detail))


def told(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """What the newer dump has that the older one has not, and the other way round."""
    found = differences(old, new)
    if not found:
        return f"{new['sdk']}: nothing that {old['sdk']} does not have\n"
    return "\n".join([f"{new['sdk']}: {_counted(found)}", *_listed(found)]) + "\n"


def _listed(found: list[Difference]) -> Iterator[str]:
    """A line for each thing; the values and the errors of one thing share theirs."""
    for (sort, part, name), group in groupby(found, key=lambda each: (each.sort, each.part, each.name)):
        details = [each.detail for each in group if each.detail]
        one, many = NOUNS[part]
        yield f"  {sort} {many if len(details) > 1 else one} {name}{': ' if details else ''}{', '.join(details)}"


def _in_part(part: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in old.keys() | new.keys():
        was: Any = old.get(name)
        now: Any = new.get(name)
        if isinstance(was if was is not None else now, list):
            yield from _in_list(part, name, was or [], now or [])
        elif was is None:
            yield Difference("new", part, name, now)
        elif now is None:
            yield Difference("gone", part, name, "")
        elif was != now:
            yield Difference("changed", part, name, f"{was} -> {now}")


def _in_list(part: str, name: str, old: list[str], new: list[str]) -> Iterator[Difference]:
    """Values and errors come in lists: each of them is one difference."""
    for each in set(new) - set(old):
        yield Difference("new", part, name, each)
    for each in set(old) - set(new):
        yield Difference("gone", part, name, each)


def _counted(found: list[Difference]) -> str:
    """`3 new fields, 1 new error`."""
    counts = []
    for sort in SORTS:
        for part, (one, many) in NOUNS.items():
            count = sum(each.sort == sort and each.part == part for each in found)
            if count:
                counts.append(f"{count} {sort} {one if count == 1 else many}")
    return ", ".join(counts)
