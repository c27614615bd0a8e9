"""From what the files say to what is desired: every kind's section is found, validated and cross-checked.

All problems of all files are collected; a document with any problem gives no desired state at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from orgsync.core.address import address
from orgsync.core.kind import Declared, Key, Kind, Mode, Segment, Spec
from orgsync.core.problems import place_of, quoted, shape, suggestion, translate
from orgsync.core.settings import TEAM_PREFIX, Settings, settings_model, valid_email
from orgsync.core.source import Document, Map, Problem, Source
from orgsync.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

_SETTINGS = ("version", "organization", "manage", "guards", "teams")
_MAX_NAME = 255
_CASE = "upper and lower case make no difference here"
_BARE = "write {} for one without settings"


@dataclass(frozen=True, slots=True)
class Desired:
    """What the files ask for.

    `declared` is by kind, then by key, in file order. `collections` names every collection the files manage, as
    (kind, segments of the parent): a collection that is absent from the files is not managed at all.
    """

    settings: Settings
    declared: Mapping[str, Mapping[Key, Declared]]
    collections: frozenset[tuple[str, tuple[str, ...]]]
    files: tuple[str, ...] = ()
    digest: str = ""

    def mode(self, kind: Kind) -> Mode:
        """How far authority over this kind's collection reaches."""
        return self.settings.manage.mode(kind.collection)

    def find(self, kind: str, key: Key) -> Declared | None:
        """What the files say of one thing, unless its `until` day is over."""
        declared = self.declared.get(kind, {}).get(key)
        return None if declared is None or declared.expired else declared


@dataclass(slots=True)
class _Draft:
    """What is being gathered while the document is read."""

    kinds: Sequence[Kind]
    today: date
    teams: Mapping[str, tuple[str, ...]]
    problems: list[Problem] = field(default_factory=list)
    declared: dict[str, dict[Key, Declared]] = field(default_factory=dict)
    collections: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    shorts: dict[tuple[str, Any], Spec] = field(default_factory=dict)


def desired_state(document: Document, kinds: Sequence[Kind], today: date) -> Desired:
    """What the document asks for on that day (UTC). Raises InputError with every problem found."""
    draft = _Draft(kinds, today, _teams(document.data))
    settings = _settings(document, draft)
    for kind in kinds:
        draft.declared[kind.name] = {}
        for parent, value, source in _sections(document.data, kind.section, (), Source("", 0, 0)):
            _read_section(kind, parent, value, source, draft)
    if settings is None:
        raise InputError(draft.problems)
    desired = Desired(settings, draft.declared, frozenset(draft.collections), document.files, document.digest)
    for kind in kinds:
        for declared in desired.declared[kind.name].values():
            draft.problems.extend(kind.check(declared, desired))
    if draft.problems:
        raise InputError(draft.problems)
    return desired


def _settings(document: Document, draft: _Draft) -> Settings | None:
    """The settings, or None with their problems noted."""
    data = document.data
    known = (*_SETTINGS, *dict.fromkeys(kind.section[0] for kind in draft.kinds))
    for key in data:
        if key not in known:
            hint = suggestion(key, known, "known keys")
            draft.problems.append(Problem(f'unknown key "{key}"', data.sources[key], None, hint))
    written = Map()
    for key in _SETTINGS:
        if key in data:
            written[key], written.sources[key] = data[key], data.sources[key]
    model = settings_model(draft.kinds)
    top = Source(document.files[0], 1, 1) if document.files else Source("", 1, 1)
    _check_teams(data, draft)
    try:
        return model.model_validate(written, context=draft.kinds)
    except ValidationError as error:
        draft.problems.extend(translate(error, written, top, model))
        return None


def _check_teams(data: Map, draft: _Draft) -> None:
    for team, people in draft.teams.items():
        seen: dict[str, str] = {}
        for index, email in enumerate(people):
            if email.casefold() in seen:
                source = place_of(data, ("teams", team, index), data.sources["teams"])
                message = f'"{email}" is in this team twice (as "{seen[email.casefold()]}")'
                draft.problems.append(Problem(message, source, f"teams.{team}", _CASE))
            elif email:
                seen[email.casefold()] = email


def _teams(data: Map) -> dict[str, tuple[str, ...]]:
    """The teams as far as they can be read; what is wrong with them is said by the settings.

    Whoever cannot be read is "", so that the others keep their places.
    """
    teams = data.get("teams")
    if not isinstance(teams, dict):
        return {}
    return {
        name: tuple(
            person if isinstance(person, str) else "" for person in (people if isinstance(people, list) else ())
        )
        for name, people in teams.items()
    }


def _sections(
    value: Any, path: tuple[str, ...], parent: tuple[str, ...], source: Source
) -> Iterator[tuple[tuple[str, ...], Any, Source]]:
    """Every place in the files where the section `path` is written: parent segments, value and where."""
    if path == ("*",):
        yield parent, value, source
    elif isinstance(value, Map):
        if path[0] == "*":
            for key, inner in value.items():
                yield from _sections(inner, path[1:], (*parent, key), value.sources[key])
        elif path[0] in value:
            yield from _sections(value[path[0]], path[1:], parent, value.sources[path[0]])


def _read_section(kind: Kind, parent: tuple[str, ...], value: Any, source: Source, draft: _Draft) -> None:
    """Everything one map declares. `null` is the empty map: there shall be none."""
    if value is None:
        value = Map()
    if not isinstance(value, Map):
        message = f"expected a map from {_noun(kind)} to {kind.short or 'settings'}, found {shape(value)}"
        draft.problems.append(Problem(message, source, _path(kind, parent)))
        return
    draft.collections.add((kind.name, parent))
    entries = [(key, inner, value.sources[key]) for key, inner in value.items()]
    people = [entry for entry in entries if not _is_team(kind, entry[0])]
    for key, inner, place in people:
        _declare(kind, (*parent, key), inner, place, draft)
    explicit = set(draft.declared[kind.name])
    for key, inner, place in entries:
        if _is_team(kind, key):
            _expand_team(kind, parent, key.removeprefix(TEAM_PREFIX), inner, place, explicit, draft)


def _path(kind: Kind, parent: Sequence[str]) -> str:
    """Where a section stands in the files, for what has no address: `workspaces.production.members`."""
    names = iter(parent)
    return ".".join(next(names) if step == "*" else step for step in kind.section[:-1])


def _noun(kind: Kind) -> str:
    return "e-mail" if kind.segments[-1] is Segment.EMAIL else "name"


def _is_team(kind: Kind, key: str) -> bool:
    return kind.segments[-1] is Segment.EMAIL and key.startswith(TEAM_PREFIX)


def _expand_team(
    kind: Kind, parent: tuple[str, ...], team: str, value: Any, source: Source, explicit: set[Key], draft: _Draft
) -> None:
    """One declaration for each person of a team; a line that names the person wins, two teams must agree."""
    where = address(kind.name, *parent, f"{TEAM_PREFIX}{team}")
    if team not in draft.teams:
        hint = suggestion(team, draft.teams, "known teams") or "no team is declared under teams"
        draft.problems.append(Problem(f'there is no team "{team}"', source, where, hint))
        return
    spec = _spec(kind, where, value, source, draft)
    if spec is None:
        return
    for email in draft.teams[team]:
        segments = (*parent, email)
        key = kind.key(segments)
        other = draft.declared[kind.name].get(key)
        if key in explicit:
            continue
        if other is not None and other.spec != spec:
            message = f'the teams of "{email}" ask for different things here (the other: {_line(other, source)})'
            hint = f'add a line for "{email}" itself; it wins over teams'
            draft.problems.append(Problem(message, source, where, hint))
            continue
        draft.declared[kind.name][key] = Declared(kind.name, segments, key, spec, source, _expired(spec, draft.today))


def _declare(kind: Kind, segments: tuple[str, ...], value: Any, source: Source, draft: _Draft) -> None:
    where = address(kind.name, *segments)
    wrong, hint = _wrong_key(kind, segments[-1], draft)
    if wrong is not None:
        draft.problems.append(Problem(wrong, source, _path(kind, segments[:-1]), hint))
        return
    spec = _spec(kind, where, value, source, draft)
    key = kind.key(segments)
    other = draft.declared[kind.name].get(key)
    if other is not None:
        message = f'the same {_noun(kind)} is declared twice, as "{other.segments[-1]}" on {_line(other, source)}'
        draft.problems.append(Problem(message, source, where, _CASE))
    elif spec is not None:
        draft.declared[kind.name][key] = Declared(kind.name, segments, key, spec, source, _expired(spec, draft.today))


def _line(other: Declared, here: Source) -> str:
    """Where the other one stands, for a message about `here`."""
    return f"line {other.source.line}" if other.source.file == here.file else f"{other.source.file}:{other.source.line}"


def _wrong_key(kind: Kind, text: str, draft: _Draft) -> tuple[str | None, str | None]:
    """What is wrong with a key that a person chose, and a hint."""
    if kind.segments[-1] is Segment.EMAIL:
        try:
            valid_email(text)
        except ValueError as error:
            return str(error), _person_hint(text, draft)
        return None, None
    name = f"the name {quoted(text)}"
    if not text.strip():
        return f"{name} is blank", None
    if text != text.strip():
        return f"{name} begins or ends with a space", f'write "{text.strip()}"'
    if len(text) > _MAX_NAME:
        return f"{name} has {len(text)} characters; at most {_MAX_NAME} are possible", None
    return (None, None) if text.isprintable() else (f"{name} holds characters that cannot be seen", None)


def _person_hint(text: str, draft: _Draft) -> str | None:
    if text in draft.teams:
        return f'did you mean "{TEAM_PREFIX}{text}"?'
    return None if "@" in text else f"people are named by their e-mail, teams by {TEAM_PREFIX}NAME"


def _spec(kind: Kind, where: str, value: Any, source: Source, draft: _Draft) -> Spec | None:
    """What is written about one thing, validated; None with its problems noted."""
    if kind.short is not None and not isinstance(value, dict | list | None):
        known = draft.shorts.get((kind.name, value))
        if known is not None:
            return known
        short = Map()
        short[kind.short] = value
        spec = _validated(kind, where, short, source, draft)
        if spec is not None:
            draft.shorts[kind.name, value] = spec
        return spec
    if isinstance(value, Map):
        value = _without(value, _nested(kind, draft.kinds))
    if value is None:
        hint = f"write a {kind.short}, or delete the line" if kind.short else _BARE
        draft.problems.append(Problem("nothing is written here", source, where, hint))
        return None
    if not isinstance(value, Map):
        expected = f"a {kind.short} or a map of settings" if kind.short else "a map of settings"
        problem = Problem(f"expected {expected}, found {shape(value)}", source, where, None if kind.short else _BARE)
        draft.problems.append(problem)
        return None
    return _validated(kind, where, value, source, draft)


def _validated(kind: Kind, where: str, value: Any, source: Source, draft: _Draft) -> Spec | None:
    try:
        return kind.spec.model_validate(value)
    except ValidationError as error:
        draft.problems.extend(translate(error, value, source, kind.spec, where, _nested(kind, draft.kinds)))
        return None


def _nested(kind: Kind, kinds: Sequence[Kind]) -> tuple[str, ...]:
    """The keys inside this kind's things that belong to other kinds."""
    depth = len(kind.section)
    inner = (other.section for other in kinds if len(other.section) > depth)
    return tuple(dict.fromkeys(section[depth] for section in inner if section[:depth] == kind.section))


def _without(value: Map, keys: Sequence[str]) -> Map:
    if not any(key in value for key in keys):
        return value
    rest = Map()
    for key, inner in value.items():
        if key not in keys:
            rest[key], rest.sources[key] = inner, value.sources[key]
    return rest


def _expired(spec: Spec, today: date) -> bool:
    until: date | None = getattr(spec, "until", None)
    return until is not None and until < today
