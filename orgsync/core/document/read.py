"""From what the files say to what is desired: every kind's section is found, validated and cross-checked.

All problems of all files are collected; a document with any problem gives no desired state at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from orgsync.core.document.expiry import end_together, is_over
from orgsync.core.document.root_file import in_two_files
from orgsync.core.document.settings import TEAM_PREFIX, VERSION, Settings, settings_model, valid_email
from orgsync.core.model.change import Place
from orgsync.core.model.things import Declared, Key, Mode, Segment, Spec
from orgsync.core.words.address import address
from orgsync.core.words.globs import looks_like_a_glob
from orgsync.core.words.problems import blank_values, place_of, quoted, shape, suggestion, translate
from orgsync.core.words.source import Document, Map, Problem, Source
from orgsync.core.words.spelling import same_mailbox
from orgsync.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from orgsync.core.model.kind import Kind, Kinds, Section

_MAX_NAME = 255
_CASE = "case is ignored here"
_BARE = "write {} if there are no settings"


@dataclass(frozen=True, slots=True)
class Desired:
    """What the files ask for.

    `declared` is by kind, then by key, in file order. `collections` names every collection the files manage, as
    (kind, segments of what it stands in): a collection that is absent from the files is not managed at all. `today` is
    the day, UTC, on which it is asked for.
    """

    settings: Settings = field(repr=False)
    declared: Mapping[str, Mapping[Key, Declared]] = field(repr=False)
    collections: frozenset[tuple[str, tuple[str, ...]]] = field(repr=False)
    document: Document = field(repr=False)
    today: date

    @property
    def digest(self) -> str:
        """SHA-256 of the files."""
        return self.document.digest

    def place(self, *path: str | int) -> Place:
        """The line that says something of the settings: the deepest written part of the path."""
        file = self.document.files[0] if self.document.files else ""
        return Place(*place_of(self.document.data, path, Source(file, 1, 1)))

    def mode(self, kind: Kind) -> Mode:
        """How far authority over this kind's collection reaches."""
        return self.settings.manage.mode(kind.collection) if kind.sections else Mode.OBSERVE

    def managed(self, kinds: Kinds) -> frozenset[str]:
        """The kinds of which the files declare a collection, or which their settings make needed."""
        declared = {name for name, _outer in self.collections}
        return frozenset(declared | {kind.name for kind in kinds if kind.wanted(self)})

    def find(self, kind: str, key: Key) -> Declared | None:
        """What the files say of one thing, unless its `until` day is over."""
        declared = self.declared.get(kind, {}).get(key)
        return None if declared is None or declared.expired else declared


def nothing_desired(kinds: Kinds, today: date) -> Desired:
    """What is asked for where there are no files: nothing, of whatever organization."""
    document = Document(Map(), (), "")
    return Desired(_no_settings(kinds), {kind.name: {} for kind in kinds}, frozenset(), document, today)


@dataclass(slots=True)
class _Draft:
    """What is being gathered while the document is read."""

    kinds: Kinds
    today: date
    data: Map
    teams: Mapping[str, tuple[str, ...]]
    problems: list[Problem] = field(default_factory=list)
    declared: dict[str, dict[Key, Declared]] = field(default_factory=dict)
    shorts: dict[tuple[str, type, Any], Spec] = field(default_factory=dict)


def desired_state(document: Document, kinds: Kinds, today: date) -> Desired:
    """What the document asks for on that day (UTC). Raises InputError with every problem found."""
    draft = _Draft(kinds, today, document.data, _teams(document.data))
    settings = _settings(document, draft)
    for kind in kinds:
        draft.declared[kind.name] = {}
        for section in kind.sections:
            for outer, value, source in _written(document.data, section.path, (), Source("", 0, 0)):
                _read(kind, _Spot(section, outer), value, source, draft)
    end_together(draft.declared, kinds, today)
    # With wrong settings the kinds are checked against default ones, so that what else is wrong is told as well.
    desired = Desired(
        settings or _no_settings(kinds),
        draft.declared,
        collections_in(document.data, kinds),
        document,
        today,
    )
    for kind in kinds:
        for declared in desired.declared[kind.name].values():
            draft.problems.extend(kind.check(declared, desired))
    draft.problems.extend(blank_values(document, draft.problems))
    if draft.problems:
        raise InputError(draft.problems)
    return desired


def collections_in(data: Map, kinds: Kinds) -> frozenset[tuple[str, tuple[str, ...]]]:
    """Every collection that is written, valid or not."""
    return frozenset(
        (kind.name, outer)
        for kind in kinds
        for section in kind.sections
        for outer, _value, _source in _written(data, section.path, (), Source("", 0, 0))
    )


def _settings(document: Document, draft: _Draft) -> Settings | None:
    """The settings, or None with their problems noted."""
    data = document.data
    model = settings_model(draft.kinds)
    own = tuple(model.model_fields)
    known = (*own, *dict.fromkeys(section.path[0] for kind in draft.kinds for section in kind.sections))
    for key in data:
        if key not in known:
            hint = suggestion(key, known, "known keys")
            draft.problems.append(Problem(f'unknown key "{key}"', data.sources[key], None, hint))
    written = Map()
    for key in own:
        if key in data:
            written[key], written.sources[key] = data[key], data.sources[key]
    top = Source(document.files[0], 1, 1) if document.files else Source("", 1, 1)
    _check_teams(data, draft)
    draft.problems.extend(in_two_files(data))
    try:
        return model.model_validate(written, context=draft.kinds)
    except ValidationError as error:
        draft.problems.extend(translate(error, written, top, model))
        return None


def _no_settings(kinds: Kinds) -> Settings:
    """Settings as they are where nothing is written."""
    model = settings_model(kinds)
    defaults: dict[str, Any] = {
        "version": VERSION,
        "organization": None,
        "manage": model.model_fields["manage"].default,
    }
    return model.model_construct(**defaults)


def _check_teams(data: Map, draft: _Draft) -> None:
    for team, people in draft.teams.items():
        if looks_like_a_glob(team):
            message = f"the name of the team {quoted(team)} contains a wildcard, but a team is a list of people"
            draft.problems.append(Problem(message, place_of(data, ("teams", team), data.sources["teams"])))
        seen: dict[str, str] = {}
        for index, email in enumerate(people):
            mailbox = same_mailbox(email)
            if mailbox in seen:
                source = place_of(data, ("teams", team, index), data.sources["teams"])
                other = seen[mailbox]
                message = f'"{email}" is in this team twice' + ("" if other == email else f', also as "{other}"')
                draft.problems.append(Problem(message, source, f"teams.{team}", None if other == email else _CASE))
            elif email:
                seen[mailbox] = email


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


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where in the files something is being read: in which section, inside which things, below which keys."""

    section: Section
    outer: tuple[str, ...]
    keys: tuple[str, ...] = ()

    @property
    def parent(self) -> tuple[str, ...]:
        """The first segments of the address of everything that is written here."""
        return (*self.section.lead, *self.outer, *self.keys)

    def below(self, key: str) -> _Spot:
        return _Spot(self.section, self.outer, (*self.keys, key))

    def __str__(self) -> str:
        """For what has no address: `workspaces.production.members`."""
        names = iter(self.outer)
        return ".".join((*(next(names) if step == "*" else step for step in self.section.path), *self.keys))


def _written(
    value: Any, path: tuple[str, ...], outer: tuple[str, ...], source: Source
) -> Iterator[tuple[tuple[str, ...], Any, Source]]:
    """Every place in the files where a section of this path is written: the keys on the way, its value, and where."""
    if not path:
        yield outer, value, source
    elif isinstance(value, Map):
        if path[0] == "*":
            for key, inner in value.items():
                yield from _written(inner, path[1:], (*outer, key), value.sources[key])
        elif path[0] in value:
            yield from _written(value[path[0]], path[1:], outer, value.sources[path[0]])


def _read(kind: Kind, spot: _Spot, value: Any, source: Source, draft: _Draft) -> None:
    """Everything that is declared at one spot. In place of a map, `null` is the empty one: there shall be none."""
    depth = spot.section.depth - len(spot.keys)
    if depth == 0:
        _declare(kind, spot.parent, value, source, draft)
        return
    if value is None:
        value = Map()
    if not isinstance(value, Map):
        to = "maps" if depth > 1 else kind.short or "settings"
        problem = f"expected a map from {_noun(kind)} to {to}, found {shape(value)}"
        draft.problems.append(Problem(problem, source, str(spot)))
        return
    teams = [key for key in value if _is_team(kind, key, draft)]
    for key, inner in value.items():
        if key in teams:
            continue
        wrong, hint = _wrong_key(kind, key, draft)
        if wrong is None:
            _read(kind, spot.below(key), inner, value.sources[key], draft)
        else:
            draft.problems.append(Problem(wrong, value.sources[key], str(spot), hint))
    explicit = {kind.key((*spot.parent, key)) for key in value} if teams else set()
    for key in teams:
        _expand_team(kind, spot.parent, key.removeprefix(TEAM_PREFIX), value[key], value.sources[key], explicit, draft)


def _noun(kind: Kind) -> str:
    return "e-mail" if kind.segments[-1] is Segment.EMAIL else "name"


def _is_team(kind: Kind, key: str, draft: _Draft) -> bool:
    """Whether a key names a team; a live address may begin like one."""
    name = key.removeprefix(TEAM_PREFIX)
    return kind.segments[-1] is Segment.EMAIL and name != key and (name in draft.teams or "@" not in name)


def _expand_team(
    kind: Kind, parent: tuple[str, ...], team: str, value: Any, source: Source, explicit: set[Key], draft: _Draft
) -> None:
    """One declaration for each person of a team; a line that names the person wins, two teams must agree."""
    where = address(kind.name, *parent, f"{TEAM_PREFIX}{team}")
    if team not in draft.teams:
        hint = suggestion(team, draft.teams, "known teams") or "declare the team under teams"
        draft.problems.append(Problem(f'the team "{team}" is not declared', source, where, hint))
        return
    spec = _spec(kind, (*parent, f"{TEAM_PREFIX}{team}"), value, source, draft)
    if spec is None:
        return
    for index, email in enumerate(draft.teams[team]):
        segments = (*parent, email)
        key = kind.key(segments)
        other = draft.declared[kind.name].get(key)
        if key in explicit:
            continue
        if other is not None and other.spec != spec:
            message = f'the teams of "{email}" conflict here (the other: {_line(other, source)})'
            hint = f'add a line for "{email}", which takes precedence over teams'
            draft.problems.append(Problem(message, source, where, hint))
            continue
        person, expired = place_of(draft.data, ("teams", team, index), source), is_over(spec, draft.today)
        declared = Declared(kind.name, segments, key, spec, source, expired)
        draft.declared[kind.name][key] = replace(declared, through=f"{TEAM_PREFIX}{team}", person=person)


def _declare(kind: Kind, segments: tuple[str, ...], value: Any, source: Source, draft: _Draft) -> None:
    spec = _spec(kind, segments, value, source, draft)
    key = kind.key(segments)
    other = draft.declared[kind.name].get(key)
    if other is not None:
        message = f'the same {_noun(kind)} is declared twice, as "{other.segments[-1]}" on {_line(other, source)}'
        draft.problems.append(Problem(message, source, address(kind.name, *segments), _CASE))
    elif spec is not None:
        draft.declared[kind.name][key] = Declared(kind.name, segments, key, spec, source, is_over(spec, draft.today))


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
    return wrong_name(text)


def wrong_name(text: str) -> tuple[str | None, str | None]:
    """What is wrong with the name of a thing, and a hint; live has names that no file can hold."""
    name = f"the name {quoted(text)}"
    if not text.strip():
        return f"{name} is blank", None
    if text != text.strip():
        return f"{name} begins or ends with a space", f'write "{text.strip()}"'
    if len(text) > _MAX_NAME:
        return f"{name} has {len(text)} characters; at most {_MAX_NAME} are allowed", None
    return (None, None) if text.isprintable() else (f"{name} contains invisible characters", None)


def _person_hint(text: str, draft: _Draft) -> str | None:
    if text in draft.teams:
        return f'did you mean "{TEAM_PREFIX}{text}"?'
    return None if "@" in text else f"use an e-mail address, or {TEAM_PREFIX}NAME for a team"


def _spec(kind: Kind, segments: tuple[str, ...], value: Any, source: Source, draft: _Draft) -> Spec | None:
    """What is written about one thing, validated; None with its problems noted."""
    if isinstance(value, Map):
        return _validated(kind, segments, _without(value, _nested(kind, draft.kinds)), source, draft)
    if kind.short is not None and not isinstance(value, list) and (value is not None or kind.nullable):
        same = (kind.name, type(value), value)  # the type as well: 1, true and 1.0 are equal in Python
        known = draft.shorts.get(same)
        if known is not None:
            return known
        short = Map()
        short[kind.short] = value
        spec = _validated(kind, segments, short, source, draft)
        if spec is not None:
            draft.shorts[same] = spec
        return spec
    draft.problems.append(_unfit(kind, value, source, address(kind.name, *segments)))
    return None


def _unfit(kind: Kind, value: Any, source: Source, where: str) -> Problem:
    """A value that is neither settings nor what stands for them."""
    if value is None:
        hint = f"write a {kind.short}, or delete the line" if kind.short else _BARE
        return Problem("the value is missing", source, where, hint)
    expected = f"a {kind.short} or a map of settings" if kind.short else "a map of settings"
    return Problem(f"expected {expected}, found {shape(value)}", source, where, None if kind.short else _BARE)


def _validated(kind: Kind, segments: tuple[str, ...], value: Any, source: Source, draft: _Draft) -> Spec | None:
    try:
        spec: Spec = kind.spec.model_validate(value)
    except ValidationError as error:
        where = address(kind.name, *segments)
        draft.problems.extend(translate(error, value, source, kind.spec, where, _nested(kind, draft.kinds)))
        return None
    return spec


def _nested(kind: Kind, kinds: Kinds) -> tuple[str, ...]:
    """The keys inside this kind's things that belong to other kinds."""
    things = [section.things for section in kind.sections]
    inner = (section.path for other in kinds for section in other.sections if section.outer in things)
    return tuple(dict.fromkeys(path[-1] for path in inner))


def _without(value: Map, keys: Sequence[str]) -> Map:
    if not any(key in value for key in keys):
        return value
    rest = Map()
    for key, inner in value.items():
        if key not in keys:
            rest[key], rest.sources[key] = inner, value.sources[key]
    return rest
