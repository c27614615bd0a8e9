"""One file's text to data that knows where it stands, with every problem of the file, and bounded in all directions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from orgsync.core.words.source import Map, Problem, Seq, Source
from orgsync.files.yaml.errors import MAX_DEPTH, TOO_DEEP, explain, place, shown, tag_problem
from orgsync.files.yaml.parser import Parser
from orgsync.files.yaml.scalars import NULLS, NumberError, PlainScalars

if TYPE_CHECKING:
    from typing import NoReturn

MAX_VALUES = 2_000_000
MAX_ALIAS_VALUES = 10_000
MAX_PROBLEMS = 1_000

_MERGE = "<<"
_RARE_KEYS = NULLS | {_MERGE}
_NO_KEY = ""  # stands in for a key that was refused; never read, because a problem was reported
_UNKNOWN = object()


@dataclass
class Budget:
    """How many values may still be made; shared by all files of one load, so that many files buy no more.

    A map takes a hundred times the memory of the four characters `{a},`: the limit on bytes alone would not do.
    """

    values: int = MAX_VALUES
    by_alias: int = MAX_ALIAS_VALUES


class _StopError(Exception):
    """Nothing after this place can be understood, or would be read by anyone."""


class _AliasTooBigError(Exception):
    """Copying what an alias stands for went over the budget or the depth."""


class Built(NamedTuple):
    """What a text says, as far as it could be read, what is wrong with it, and where a key has nothing behind it.

    `is_whole`: every key of the top level is there, or the top level is no map; a second document has none.
    """

    data: Map
    problems: list[Problem]
    blank: list[Source]
    is_whole: bool


def build(text: str, file: str, budget: Budget) -> Built:
    """What the text says."""
    return _Builder(text, file, budget).build()


class _Builder:
    """Follows the parser's events with a stack of open containers instead of recursion."""

    def __init__(self, text: str, file: str, budget: Budget) -> None:
        self._text = text
        self._file = file
        self._budget = budget
        self._problems: list[Problem] = []
        self._blank: list[Source] = []
        self._is_whole = False
        self._scalars = PlainScalars()
        self._anchors: dict[str, Any] = {}
        self._merging: list[Map] = []  # open maps that hold a merge key, innermost last
        self._document = Seq()  # receives the root, so that the root needs no special case
        self._container: Map | Seq = self._document
        self._key: str | None = None  # in a map: the key that waits for its value
        self._outer: list[tuple[Map | Seq, str | None]] = []  # what to return to when the container ends
        self._handlers: dict[type, Any] = {
            yaml.ScalarEvent: self._marked_scalar,
            yaml.MappingStartEvent: self._open_map,
            yaml.SequenceStartEvent: self._open_seq,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document_start,
        }

    def build(self) -> Built:
        try:
            self._read_events()
            self._is_whole = bool(self._document)
            self._check_root()
        except _StopError:
            for container in self._merging:  # not merged any more, so not to be met as a key either
                del container.sources[_MERGE]
        root = self._document[0] if self._document else None
        if self._anchors:  # what is wrong in one section may have been copied into another
            self._problems = [replace(problem, section=None) for problem in self._problems]
        data, is_whole = root if isinstance(root, Map) else Map(), self._is_whole and root is not None
        return Built(data, self._problems, self._blank, is_whole)

    def _read_events(self) -> None:
        # One tight loop: nearly all events are unmarked scalars, and calling a method costs more than handling one.
        # `tuple.__new__` makes a Source without the Python frame of its own constructor.
        file, scalars, new, handlers = self._file, self._scalars, tuple.__new__, self._handlers
        event: Any = None
        container: Any  # the stack may hold either; `type(...) is Map` decides
        key: Any
        try:
            get_event = Parser(self._text).get_event
            while (event := get_event()) is not None:
                kind = type(event)
                if kind is not yaml.ScalarEvent or event.tag is not None or event.anchor is not None or not event.value:
                    if kind in handlers:
                        handlers[kind](event)
                    continue
                container, key, mark = self._container, self._key, event.start_mark
                if key is None and type(container) is Map:
                    text = intern(event.value)
                    if text in container.sources or text in _RARE_KEYS:
                        self._key = self._rare_key(container, event)
                    else:
                        container.sources[text] = new(Source, (file, mark.line + 1, mark.column + 1))
                        self._key = text
                    continue
                try:
                    value = scalars[event.value] if event.implicit[0] else event.value
                except NumberError as error:
                    value = None
                    self._refuse_number(event, error)
                if type(container) is Map:
                    container[key] = value
                    self._key = None
                else:
                    container.append(value)
                    container.sources.append(new(Source, (file, mark.line + 1, mark.column + 1)))
        except yaml.YAMLError as error:
            self._stop(explain(error, self._text, self._file))
        except UnicodeDecodeError:  # only the bytes that a tag spells with % can be no UTF-8
            self._stop(tag_problem(None, self._place_of_tag(event)))

    # Containers

    def _open_map(self, event: Any) -> None:
        self._open(event, Map(), "a map")

    def _open_seq(self, event: Any) -> None:
        self._open(event, Seq(), "a list")

    def _open(self, event: Any, new: Map | Seq, what: str) -> None:
        source = self._source(event)
        if len(self._outer) >= MAX_DEPTH:
            self._stop(Problem(TOO_DEEP, source))
        self._check_tag(event)
        key_after = None
        if self._expects_key():
            self._refuse_key(f"a key must be text, not {what}", source)
            key_after = _NO_KEY
        else:
            self._attach(new, source)
        if event.anchor is not None:
            self._anchors[event.anchor] = new
        self._outer.append((self._container, key_after))
        self._container, self._key = new, None

    def _close(self, event: Any) -> None:
        self._budget.values -= 1 + len(self._container)
        if self._budget.values < 0:
            self._stop(Problem(f"more than {MAX_VALUES:,} values", self._source(event)))
        if self._merging and self._merging[-1] is self._container:
            self._merge(self._merging.pop())
        self._container, self._key = self._outer.pop()

    def _attach(self, value: Any, source: Source) -> None:
        if isinstance(self._container, Map):
            self._container[self._key or _NO_KEY] = value
            self._key = None
        else:
            self._container.append(value)
            self._container.sources.append(source)

    def _document_start(self, event: Any) -> None:
        if self._document:
            self._is_whole = True
            self._stop(
                Problem(
                    "a second document begins here; a file may contain only one",
                    self._source(event),
                    hint='remove the "---", or give a folder of files instead',
                )
            )

    def _check_root(self) -> None:
        root = self._document[0] if self._document else None
        if root is None:
            self._stop(Problem("the file is empty", Source(self._file, 1, 1), hint="create one with `orgsync export`"))
        if not isinstance(root, Map):
            self._stop(
                Problem(
                    "the top level must be a map",
                    self._document.sources[0],
                    hint='begin with "version: 1" and write every section as "name:"',
                )
            )

    # Keys and scalars

    def _expects_key(self) -> bool:
        return self._key is None and isinstance(self._container, Map)

    def _marked_scalar(self, event: Any) -> None:
        """A scalar with a tag or an anchor, or with nothing in it."""
        self._check_tag(event)
        value: Any = event.value
        if self._key is None and isinstance(self._container, Map):
            self._key = self._rare_key(self._container, event)
        else:
            try:
                value = self._scalars[value] if event.implicit[0] else value
            except NumberError as error:
                self._refuse_number(event, error)
            if value is None and not event.value and isinstance(self._container, Map) and self._key:
                self._blank.append(self._container.sources[self._key])
            self._attach(value, self._source(event))
        if event.anchor is not None:
            self._anchors[event.anchor] = value

    def _rare_key(self, container: Map, event: Any) -> str:
        """A key that may be refused, merged or already there."""
        text, plain, source = intern(event.value), event.implicit[0], self._source(event)
        if not text or (plain and text in NULLS):
            return self._refuse_key("a key must not be empty or null", source)
        if first := container.sources.get(text):
            self._problem(
                Problem(
                    f"the key {shown(text)} is repeated; it is first used in line {first.line}",
                    source,
                    hint=f"for more than one, write {_MERGE}: [*one, *two]"
                    if text == _MERGE
                    else "keep one of the two",
                )
            )
            return text
        container.sources[text] = source
        if plain and text == _MERGE:
            self._merging.append(container)
        return text

    def _refuse_key(self, message: str, source: Source) -> str:
        self._problem(Problem(message, source, hint="write the key as text, in quotes if need be"))
        self._key = _NO_KEY
        return _NO_KEY

    def _refuse_number(self, event: Any, error: NumberError) -> None:
        self._problem(
            Problem(f"{error}: {shown(event.value)}", self._source(event), hint="if it is text, put it in quotes")
        )

    # Aliases and merge keys

    def _alias(self, event: Any) -> None:
        source = self._source(event)
        if self._expects_key():
            self._refuse_key("a key must be text, not an alias", source)
            return
        self._attach(self._meaning(event.anchor, source), source)

    def _meaning(self, name: str, source: Source) -> Any:
        value = self._anchors.get(name, _UNKNOWN)
        if value is _UNKNOWN:
            hint = f"define it with &{name} before the value; put text that begins with * in quotes"
            self._problem(Problem(f"unknown alias {shown('*' + name)}", source, hint=hint))
            return None
        if value is self._container or any(value is container for container, _ in self._outer):
            self._problem(Problem(f"the alias {shown('*' + name)} refers to itself", source))
            return None
        try:
            return _copied(value, self._budget, len(self._outer) + 1)
        except _AliasTooBigError as error:
            self._stop(Problem(str(error), source, hint="write the values out, or use `teams` for lists of people"))

    def _merge(self, container: Map) -> None:
        """Add what the merge key of a finished map names; the map's own keys win, then the first of a list."""
        value, source = container.pop(_MERGE, None), container.sources.pop(_MERGE)
        merged = value if isinstance(value, Seq) else [value]
        if not all(isinstance(one, Map) for one in merged):
            self._problem(Problem(f"{_MERGE} must name a map or a list of maps", source, hint=f"write {_MERGE}: *name"))
            return
        for one in merged:
            for key, its_source in one.sources.items():
                if key not in container.sources:
                    container[key] = one[key]
                    container.sources[key] = its_source

    # Problems

    def _check_tag(self, event: Any) -> None:
        if event.tag is not None:
            self._problem(tag_problem(event.tag, self._source(event)))

    def _source(self, event: Any) -> Source:
        return Source(self._file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _place_of_tag(self, event: Any) -> Source:
        index = self._text.find("%", 0 if event is None else event.end_mark.index)
        return place(self._file, self._text, max(index, 0))

    def _section(self) -> str | None:
        """The key of the top level whose value is being read; None at the top level itself."""
        root = self._document[0] if self._document else None
        if not isinstance(root, Map):
            return None
        key = self._key if self._container is root else next(reversed(root.sources), None)
        return None if key in {_NO_KEY, _MERGE} else key

    def _problem(self, problem: Problem) -> None:
        self._problems.append(replace(problem, section=self._section()))
        if len(self._problems) == MAX_PROBLEMS:
            self._stop(Problem(f"reading stopped here, after {MAX_PROBLEMS:,} problems", problem.source))

    def _stop(self, problem: Problem) -> NoReturn:
        self._problems.append(problem)
        raise _StopError


def _copied(value: Any, budget: Budget, depth: int) -> Any:
    """What an alias stands for, as a value of its own, so that nobody meets one object in two places."""
    budget.by_alias -= 1
    if budget.by_alias < 0:
        raise _AliasTooBigError(f"aliases add more than {MAX_ALIAS_VALUES:,} values")
    if not isinstance(value, Map | Seq):
        return value
    if depth > MAX_DEPTH:
        raise _AliasTooBigError(f"with this alias, {TOO_DEEP}")
    if isinstance(value, Map):
        new_map = Map()
        for key, source in value.sources.items():
            new_map[key] = _copied(value[key], budget, depth + 1)
            new_map.sources[key] = source
        return new_map
    new_seq = Seq()
    new_seq.extend(_copied(item, budget, depth + 1) for item in value)
    new_seq.sources.extend(value.sources)
    return new_seq
