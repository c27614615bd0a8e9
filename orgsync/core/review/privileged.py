"""What a change of the files does to the settings that decide what orgsync may do: each difference is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from orgsync.core.document.read import collections_in
from orgsync.core.document.root_file import settings_elsewhere
from orgsync.core.document.settings import STRICT, settings_model
from orgsync.core.model.change import Cause, Level, Note
from orgsync.core.model.codes import Code
from orgsync.core.model.diff import as_written
from orgsync.core.model.things import Mode
from orgsync.core.words.address import address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from orgsync.core.document.read import Desired
    from orgsync.core.model.kind import Kinds
    from orgsync.core.words.address import Address
    from orgsync.core.words.source import Document

_UNPRIVILEGED = {"version", "teams"}
"""What a team holds shows in the changes; every other setting, also one that is yet to come, is told of."""

_WITH_DEFAULTS = ("guards", "manage")
"""Sections in which something holds although nothing is written."""

_REACH = [Mode.OBSERVE, Mode.ADDITIVE, Mode.AUTHORITATIVE]
_EXCEPTIONS = {("guards", "allow"), ("waivers",), ("accept",)}
"""Lists of what is let through: the more, the weaker. Other lists name what is kept safe."""

_COVERAGE = ("manage", "coverage")
_LISTED = "listed"

_NAMING = ("policy", "key", "address", "guard")
"""The fields that tell the entries of one list apart."""

_UNDECIDED = "decides what orgsync does"
_WORDS = {True: "protects less than before", False: "protects more than before", None: _UNDECIDED}
_AUTHORITY = {
    True: "authority reaches further than before",
    False: "authority reaches less far than before",
    None: _UNDECIDED,
}


class _Difference(NamedTuple):
    """One setting, and where its place is in the files: lists count their entries there."""

    path: tuple[str, ...]
    written: tuple[str | int, ...]
    before: Any
    after: Any


def privileged_changes(base: Document | None, desired: Desired, kinds: Kinds) -> Iterable[Note]:
    """One finding for each setting that differs; without a base, from what holds where nothing is written.

    What is compared is what was written, so that a person recognizes it; what the base says need not be valid.
    """
    for difference in _settings_compared(base, desired.document, kinds):
        weaker = _is_weaker(difference)
        reaches = difference.path[0] == "manage" and difference.path != _COVERAGE
        words = (_AUTHORITY if reaches else _WORDS)[weaker]
        message = f"{as_written(difference.before)} -> {as_written(difference.after)}: {words}"
        where = desired.place(*difference.written)
        yield Note(
            address("setting", *difference.path), Code.PRIVILEGED_CHANGE, message, Level.WARNING, where, Cause.CONFIG
        )
    if base is not None:
        yield from _no_longer_managed(base, desired, kinds)
    yield from _moved_elsewhere(base, desired.document, kinds)


def changed_settings(before: Document | None, after: Document, kinds: Kinds) -> Iterator[tuple[Address, Any, Any]]:
    """Every setting that differs between two documents, with both of its values; None: it is not there."""
    for one in _settings_compared(before, after, kinds):
        yield address("setting", *one.path), one.before, one.after


def _settings_compared(before: Document | None, after: Document, kinds: Kinds) -> Iterator[_Difference]:
    model = settings_model(kinds)
    defaults = {name: model.model_fields[name].default.model_dump(mode="json") for name in _WITH_DEFAULTS}
    privileged = [name for name in model.model_fields if name not in _UNPRIVILEGED]
    old, new = (_over(defaults, _written(one, privileged)) for one in (before, after))
    return _differences((), (), old, new)


def _moved_elsewhere(base: Document | None, document: Document, kinds: Kinds) -> Iterator[Note]:
    """Settings that stand in a file outside the root file where they did not before, also with the same values: other
    people may be allowed to change that file."""
    before = {(one.setting, one.file) for one in (settings_elsewhere(base, kinds) if base is not None else ())}
    for setting, file, place in settings_elsewhere(document, kinds):
        if (setting, file) not in before:
            message = f"new in {file}, outside the root file: {_WORDS[None]}"
            yield Note(address("setting", setting), Code.PRIVILEGED_CHANGE, message, Level.WARNING, place, Cause.CONFIG)


def _no_longer_managed(base: Document, desired: Desired, kinds: Kinds) -> Iterator[Note]:
    """Collections that the files leave out now: no plan and no drift report speaks of what is in them any more.

    Where the thing they stood in is not declared either, that is told of the thing.
    """
    gone = collections_in(base.data, kinds) - desired.collections
    for kind in kinds:
        outer_kinds = [other.name for other in kinds if kind.stands_inside(other)]
        lost = sorted(outer for name, outer in gone if name == kind.name)
        for outer in lost:
            things = (one for name in outer_kinds for one in desired.declared[name].values() if one.segments == outer)
            thing = next(things, None)
            if outer and (thing is None or thing.spec.asks_to_archive):
                continue
            where = desired.place("manage") if thing is None else thing.place
            message = "no longer in the files: its resources are not managed, and differences are not reported"
            named = address("setting", "manage", kind.collection, *outer)
            yield Note(named, Code.PRIVILEGED_CHANGE, message, Level.WARNING, where, Cause.CONFIG)


def _written(document: Document | None, names: Iterable[str]) -> dict[str, Any]:
    data = {} if document is None else document.data
    return {name: data[name] for name in names if name in data}


def _over(defaults: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """The written values, and the defaults of those that are not."""
    both = {**defaults, **written}
    for key, value in written.items():
        if isinstance(value, dict) and isinstance(defaults.get(key), dict):
            both[key] = _over(defaults[key], value)
    return both


def _differences(
    path: tuple[str, ...], written: tuple[str | int, ...], before: Any, after: Any
) -> Iterator[_Difference]:
    if before == after:
        return
    if len(path) == 1:  # a section that is not there is an empty one: what is in it is told one by one
        before, after = (_empty(other) if one is None else one for one, other in ((before, after), (after, before)))
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({**before, **after}):
            yield from _differences((*path, key), (*written, key), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        old, new = _entries(before), _entries(after)
        for names in sorted({**old, **new}):
            index, entry = new.get(names, (None, None))
            where = written if index is None else (*written, index)
            yield from _differences((*path, *names), where, old.get(names, (None, None))[1], entry)
    else:
        yield _Difference(path, written, before, after)


def _empty(value: Any) -> Any:
    """What a section like this one is that nobody wrote; a single value is no section."""
    return [] if isinstance(value, list) else {} if isinstance(value, dict) else None


def _entries(entries: Sequence[Any]) -> Mapping[tuple[str, ...], tuple[int | None, Any]]:
    """The entries of a list under what tells them apart, each with its index: their order decides nothing."""
    named: dict[tuple[str, ...], tuple[int | None, Any]] = {}
    for index, entry in enumerate(entries):
        names = tuple(str(entry[field]) for field in _NAMING if field in entry) if isinstance(entry, dict) else ()
        names = names or (as_written(entry),)
        while names in named:
            names = (*names, "again")
        named[names] = (index, entry if isinstance(entry, dict) else _LISTED)
    return named


def _is_weaker(difference: _Difference) -> bool | None:
    """Whether it protects less than before; None where nobody can say, as of what was not valid before."""
    try:
        return _lessens(difference)
    except (TypeError, ValueError):
        return None


def _lessens(difference: _Difference) -> bool | None:
    path, before, after = difference.path, difference.before, difference.after
    if path == _COVERAGE:
        return bool(before == STRICT)
    if path[0] == "manage":
        return _REACH.index(Mode(after)) > _REACH.index(Mode(before))
    if path[:2] == ("guards", "min_admins"):
        return bool(after < before)
    if path[:2] in {("guards", "max_removals"), ("guards", "max_grants")}:
        return bool(after > before)
    if path[:1] in _EXCEPTIONS or path[:2] in _EXCEPTIONS:
        return _lets_more_through(difference)
    if path[0] in {"guards", "console", "key_policies"} and after is None:
        return True
    if path[0] in {"guards", "console"} and before is None:
        return False
    return None


def _lets_more_through(difference: _Difference) -> bool | None:
    before, after = difference.before, difference.after
    if difference.path[-1] == "until":
        return after is None or (before is not None and after > before)
    if difference.path[-1] == "count" and before is not None and after is not None:
        return bool(after > before)
    if before is None and isinstance(after, dict):
        return True
    return False if after is None and isinstance(before, dict) else None
