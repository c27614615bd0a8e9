"""What a commit of the files changed in declared values, address by address."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from orgsync.core.model.change import NAME, FieldChange
from orgsync.core.model.diff import path as spelled_path
from orgsync.core.review.privileged import changed_settings
from orgsync.core.words.plural import counted
from orgsync.kinds import KINDS
from orgsync.questions.log.event import Certainty, Commit, Event, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orgsync.core.document.read import Desired
    from orgsync.core.model.kind import Kind
    from orgsync.core.model.things import Declared, Key

SOURCE = "commit"

_AT_THE_END = re.compile(r"\(([#!]\d{1,10})\)\s*$")
_MERGED = re.compile(r"Merge pull request (#\d{1,10}) from ")
_MERGE_REQUEST = re.compile(r"^See merge request \S{0,300}?(!\d{1,10})\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """A commit, with what the files asked for at it and before it; None: there were no files.

    `problem` is why nobody can read what they asked for, at it or before it.
    """

    commit: Commit
    before: Desired | None
    after: Desired | None
    problem: str | None = None


def commit_of(identity: str, at: str, author: str, message: str) -> Commit:
    """A commit, with the number of its pull request as the message has it: `(#61)`, or as a merge does."""
    subject, _, body = message.strip().partition("\n")
    numbered = _AT_THE_END.search(subject) or _MERGED.match(subject) or _MERGE_REQUEST.search(body)
    if _MERGED.match(subject) or (subject.startswith("Merge branch ") and numbered):
        subject = body.strip().partition("\n")[0] or subject
    shown = _AT_THE_END.sub("", subject).strip()
    return Commit(identity, at, author, shown, numbered[1] if numbered else None)


def events_of(step: Step) -> tuple[Event, ...]:
    """One event for each address whose declaration the commit changed; none where it changed no declared value."""
    if step.problem is not None:
        return (_event(step.commit, None, f"the files cannot be read: {step.problem}"),)
    if step.after is None:
        return () if step.before is None else (_event(step.commit, None, "the files were deleted"),)
    events = (*_declarations(step), *_settings(step))
    return tuple(replace(one, beginning=True) for one in events) if step.before is None else events


def with_one_beginning(events: Sequence[Event]) -> tuple[Event, ...]:
    """The events, with one for all that the files began with: it is everything that they declare."""
    begun = Counter(one.commit for one in events if one.beginning and one.address and one.address.kind in KINDS.by_name)
    found = []
    for one in events:
        if not one.beginning or one.commit is None:
            found.append(one)
        elif number := begun.pop(one.commit, 0):
            found.append(_event(one.commit, None, f"the files begin, with {counted(number, 'declaration')}"))
    return tuple(found)


def _event(commit: Commit, address: Any, verb: str, fields: tuple[FieldChange, ...] = (), line: str = "") -> Event:
    return Event(
        at=commit.at,
        origin=Origin.FILES,
        address=address,
        verb=verb,
        fields=fields,
        who=commit.author,
        certainty=Certainty.STATED,
        sources=(SOURCE,),
        commit=commit,
        line=line or None,
    )


def _declarations(step: Step) -> Iterator[Event]:
    former: dict[str, dict[Key, Key]] = {}
    written: dict[int, dict[str, Any]] = {}
    for kind in KINDS:
        before: Mapping[Key, Declared] = step.before.declared[kind.name] if step.before else {}
        after: Mapping[Key, Declared] = step.after.declared[kind.name] if step.after else {}
        renamed = former[kind.name] = _renamed(kind, before, after, former)
        for key, one in after.items():
            old = before.get(renamed.get(key, key))
            fields = _fields(old, one, written)
            if old is None:
                yield _event(step.commit, one.address, "declared", fields, _line(one))
            elif fields:
                yield _event(step.commit, one.address, "", fields, _line(one))
        gone = before.keys() - after.keys() - set(renamed.values())
        for key, one in before.items():
            if key in gone:
                yield _event(step.commit, one.address, "no longer declared", _fields(one, None, written))


def _renamed(
    kind: Kind, before: Mapping[Key, Declared], after: Mapping[Key, Declared], former: Mapping[str, Mapping[Key, Key]]
) -> dict[Key, Key]:
    """Of what has a new name in the files, or stands in or mentions what has, the key that it had before."""
    found = {}
    for key, one in after.items():
        old = key if one.former_name is None else (*key[:-1], one.former_name)
        for other, positions in kind.refs.items():
            mentioned = tuple(key[position] for position in positions if position < len(key))
            if (earlier := former[other].get(mentioned)) is not None:
                old = (*old[: positions[-1]], earlier[-1], *old[positions[-1] + 1 :])
        if key not in before and old in before and old not in after:
            found[key] = old
    return found


def _fields(
    before: Declared | None, after: Declared | None, written: dict[int, dict[str, Any]]
) -> tuple[FieldChange, ...]:
    """What differs in what is written; `written` remembers that of each spec, which many people of a team share."""
    old, new = _written(before, written), _written(after, written)
    if before is not None and after is not None and after.former_name is not None and before.key[-1] != after.key[-1]:
        old, new = {NAME: before.segments[-1], **old}, {NAME: after.segments[-1], **new}
    if old == new:
        return ()
    return tuple(
        FieldChange(path, old.get(path), new.get(path))
        for path in {**old, **new}
        if old.get(path) != new.get(path) or (path in old) != (path in new)
    )


def _written(declared: Declared | None, known: dict[int, dict[str, Any]]) -> dict[str, Any]:
    if declared is None:
        return {}
    spec = declared.spec
    if id(spec) not in known:
        known[id(spec)] = _flat(spec.model_dump(mode="json", exclude_unset=True))
    return known[id(spec)]


def _flat(values: Mapping[str, Any], *outer: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict) and value:
            found.update(_flat(value, *outer, name))
        else:
            found[spelled_path((*outer, name))] = value
    return found


def _line(declared: Declared) -> str:
    """`org.yaml:12`, without the commit that sources of git's begin with."""
    place = declared.place
    return f"{place.file.partition(':')[2]}:{place.line}"


def _settings(step: Step) -> Iterator[Event]:
    after = None if step.after is None else step.after.document
    if after is None:
        return
    for setting, old, new in changed_settings(step.before.document if step.before else None, after, KINDS):
        yield _event(step.commit, setting, "", (FieldChange("value", old, new),))
