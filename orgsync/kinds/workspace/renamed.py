"""A declared workspace that is missing is not made again where an undeclared one is likely to be it, renamed by hand.

What tells: earlier files or the journal have its id; the line is not new; or the other holds what this line alone
declares.
"""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.model.change import NAME, Level, Note
from orgsync.core.model.codes import Code
from orgsync.core.model.things import LIVE
from orgsync.core.words.plural import counted
from orgsync.core.words.spelling import look_of
from orgsync.core.words.suggest import did_you_mean
from orgsync.kinds.workspace.spec import CLAUDE_CODE, DEFAULT, RESERVED_TAG

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from orgsync.core.model.change import Blocked
    from orgsync.core.model.context import Context
    from orgsync.core.model.things import Declared, Found, Pair
    from orgsync.kinds.workspace.spec import Archival, Workspace

_KIND = "workspace"
_INSIDE = 2
"""Segments of the address of what stands in a workspace: its name comes first."""
_MOST_SHOWN = 5
_ALONE = "it alone has the {} that only this line declares"


@dataclass(frozen=True, slots=True)
class Strays:
    """The undeclared live workspaces by id, and each of them by what it alone has.

    `declared` is what one line alone declares, by the name of its workspace.
    """

    by_id: Mapping[str, Found[Archival]]
    by_mark: Mapping[Hashable, Found[Archival]]
    declared: Mapping[str, Sequence[tuple[Hashable, str]]]


def strays(context: Context) -> Strays:
    """What may be a declared workspace that is missing; nothing where none is, or nothing else is there."""
    pairs = context.pairs[_KIND]
    by_id = {pair.found.id: pair.found for pair in pairs if pair.found is not None and _is_stray(pair)}
    if not by_id or all(pair.found is not None for pair in pairs):
        return Strays({}, {}, {})
    marks: defaultdict[Hashable, set[str]] = defaultdict(set)
    for mark, identity in (*_tags_shown(pairs), *_named_inside(context)):
        marks[mark].add(identity)
    by_mark = {mark: by_id[one] for mark, (one, *others) in marks.items() if not others and one in by_id}
    lines: defaultdict[Hashable, set[str]] = defaultdict(set)
    told: dict[Hashable, str] = {}
    for mark, name, words in _declared(context):
        lines[mark].add(name)
        told[mark] = words
    declared: defaultdict[str, list[tuple[Hashable, str]]] = defaultdict(list)
    for mark, (name, *others) in lines.items():
        if not others:
            declared[name].append((mark, told[mark]))
    return Strays(by_id, by_mark, declared)


def _is_stray(pair: Pair[Workspace, Archival]) -> bool:
    """Whether it is there and no line speaks of it; some make themselves."""
    found = pair.found
    if pair.declared is not None or pair.fulfilled is not None or pair.blocked is not None:
        return False
    if found is None or found.standing != LIVE:
        return False
    return found.segments[0] not in {DEFAULT, CLAUDE_CODE}


def _tags_shown(pairs: Sequence[Pair[Workspace, Archival]]) -> Iterator[tuple[Hashable, str]]:
    for pair in pairs:
        if pair.found is not None and pair.found.standing == LIVE:
            tags = {key: value for key, value in pair.found.attributes["tags"].items() if not _is_reserved(key)}
            if tags:
                yield ("tags", frozenset(tags.items())), pair.found.id


def _is_reserved(tag: str) -> bool:
    return tag.startswith(RESERVED_TAG)


def _named_inside(context: Context) -> Iterator[tuple[Hashable, str]]:
    """What stands in workspaces, is in use and has a name of its own, each with the id of its workspace."""
    ids = {pair.key[0]: pair.found.id for pair in reversed(context.pairs[_KIND]) if pair.found is not None}
    for kind, pairs in context.pairs.items():
        for found in (pair.found for pair in pairs if pair.found is not None):
            if len(found.segments) == _INSIDE and NAME in found.attributes and found.exists and not found.unknown:
                yield (kind, found.attributes[NAME]), ids.get(found.segments[0], found.segments[0])


def _declared(context: Context) -> Iterator[tuple[Hashable, str, str]]:
    """What lines declare that may tell a workspace apart, with the name of the workspace, and in words."""
    for line in context.desired.declared[_KIND].values():
        tags = line.spec.attributes.get("tags")
        if tags:
            yield ("tags", frozenset(tags.items())), line.segments[0], _ALONE.format("tags")
    for kind in context.pairs:
        for one in context.desired.declared[kind].values():
            if len(one.segments) == _INSIDE:
                told = _ALONE.format(f"{kind.replace('_', ' ')} {_quoted(one.segments[-1])}")
                yield (kind, one.segments[-1]), one.segments[0], told


def renamed(pair: Pair[Workspace, Archival], context: Context[Strays]) -> Blocked | None:
    """Why a declared workspace that is missing is not made; None where nothing tells that it is there."""
    line = pair.declared
    if line is None or (_KIND, pair.key) in context.allowed or not context.prepared.by_id:
        return None
    for why, found in _evidence(line, context):
        message, hint = _words(line, why, found)
        return line.blocked(Code.RENAMED_IN_CONSOLE, message, hint, [one.id for one in found])
    return None


def _evidence(line: Declared[Workspace], context: Context[Strays]) -> Iterator[tuple[str, Sequence[Found[Archival]]]]:
    """What tells that the workspace is another one by now, the most certain first."""
    there, past, named = context.prepared, context.past, (_KIND, line.key)
    for ids, words in ((past.meant, "the earlier files mean it by this line"), (past.made, "it is in the journal")):
        if ids.get(named) in there.by_id:
            yield words, [there.by_id[ids[named]]]
    for mark, words in there.declared.get(line.segments[0], ()):
        if mark in there.by_mark:
            yield words, [there.by_mark[mark]]
    before = past.declared.get(named)
    is_unknown = named not in past.meant and named not in past.made
    if before is not None and is_unknown and _as_before(line, before):
        spoken_for = set(past.meant.values())
        others = [one for one in there.by_id.values() if one.id not in spoken_for]
        if others:
            yield "the earlier files declare it as well", sorted(others, key=lambda one: (one.key, one.id))


def _as_before(line: Declared[Workspace], before: Declared[Workspace]) -> bool:
    """Whether it was wanted before, and not as another one in place of an archived one."""
    return not before.spec.archived and line.spec.recreate == before.spec.recreate


def _words(line: Declared[Workspace], why: str, found: Sequence[Found[Archival]]) -> tuple[str, str]:
    """What seems to have happened, and the ways out."""
    allow = f"`--allow {shlex.quote(line.address)}`"
    new = f"to create another one, add {allow}, or list it under `guards.allow`"
    if len(found) == 1:
        name, identity = _quoted(found[0].segments[0]), found[0].id
        message = f"is missing, and the undeclared workspace {name} may be it, renamed in the Console: {why}"
        return message, f"to keep it, add `id: {identity}` or `renamed_from: {name}`, or give this line its name; {new}"
    shown = ", ".join(f"{_quoted(one.segments[0])} (`id: {one.id}`)" for one in found[:_MOST_SHOWN])
    more = f" and {len(found) - _MOST_SHOWN:,} more" if len(found) > _MOST_SHOWN else ""
    message = (
        f"is missing, and may be one of {counted(len(found), 'undeclared workspace')}, renamed in the Console: {why}"
    )
    return message, f"to keep it, add the `id` of the one that it is: {shown}{more}; {new}"


def similar(pair: Pair[Workspace, Archival], context: Context[Strays]) -> Iterator[Note]:
    """That a workspace will be made although one has nearly its name; what looks like it is told elsewhere."""
    name = pair.key[0]
    near = did_you_mean(name, (one.segments[0] for one in context.prepared.by_id.values()))
    if near is not None and look_of(near) != look_of(name):
        message = (
            f"an undeclared workspace {_quoted(near)} exists; if it is this one, add `renamed_from: {_quoted(near)}`"
        )
        yield Note(pair.address, Code.SIMILAR_NAME, message, Level.WARNING, pair.place, shown={"other": near})


def _quoted(name: str) -> str:
    """As YAML takes it, too."""
    return json.dumps(name, ensure_ascii=False)
