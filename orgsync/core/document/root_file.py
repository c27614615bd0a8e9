"""What the files of a folder are: the root file, which names the organization, others, and what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from orgsync.core.document.settings import settings_model, top_level
from orgsync.core.model.change import Level, Note, Place
from orgsync.core.model.codes import Code
from orgsync.core.words.address import address
from orgsync.core.words.problems import quoted
from orgsync.core.words.source import Map, Problem
from orgsync.core.words.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.core.document.settings import OrganizationSettings
    from orgsync.core.model.change import Organization
    from orgsync.core.model.kind import Kinds
    from orgsync.core.words.source import Document, Source

ROOT = "organization"
"""The setting that makes a file the root file."""

ANYWHERE = {"version", "teams"}
"""What a team holds is no rule about orgsync, and shows in the changes."""

_KEYS_COMPARED = 20
"""Of a file that is left out: what misspells one of ours has few."""


def in_two_files(data: Map) -> Iterator[Problem]:
    """That nobody can tell which file is the root file, because two have a part of what makes it one."""
    if ROOT in data:
        for source in _parts(data[ROOT]):
            if source.file != data.sources[ROOT].file:
                message = f'"{ROOT}" is also in {data.sources[ROOT]}; it makes a file the root file'
                yield Problem(message, source, None, "keep one of the two")
                return


class Elsewhere(NamedTuple):
    """A setting, all of it or a part, outside the root file: the file's name in its folder, and the first place."""

    setting: str
    file: str
    place: Place


def settings_elsewhere(document: Document, kinds: Kinds) -> Iterator[Elsewhere]:
    """Each setting once for each file but the root file in which something of it stands."""
    data = document.data
    if ROOT not in data:
        return
    root = data.sources[ROOT].file
    for setting in settings_model(kinds).model_fields:
        if setting in data and setting not in ANYWHERE:
            first: dict[str, Source] = {}
            for source in (data.sources[setting], *_parts(data[setting])):
                first.setdefault(source.file, source)
            for file in sorted(first.keys() - {root}):
                place = Place(file, first[file].line)
                yield Elsewhere(setting, document.names.get(file, file), place)


def _parts(value: Any) -> Iterator[Source]:
    """Where the keys of a map stand, which may come from several files, and those of the maps in it."""
    if isinstance(value, Map):
        for key, inner in value.items():
            yield value.sources[key]
            yield from _parts(inner)


def elsewhere_notes(document: Document, kinds: Kinds) -> Iterator[Note]:
    """A warning for each setting outside the root file: who may change that file decides what orgsync does."""
    for setting, file, place in settings_elsewhere(document, kinds):
        message = f"is set in {file}, outside the root file, which has `{ROOT}:`; move it there"
        yield Note(address("setting", setting), Code.SETTING_ELSEWHERE, message, Level.WARNING, place)


def renamed_notes(named: OrganizationSettings, organization: Organization, place: Place) -> Iterator[Note]:
    """A warning where the organization has the id that the files name, and another name: the id decides."""
    if named.id is not None and named.name is not None and named.name != organization.name:
        shown, written = quoted(organization.name), quoted(named.name)
        message = (
            f"the organization is named {shown}, the files say {written}; correct `organization.name`, or delete it"
        )
        yield Note(address("setting", ROOT, "name"), Code.ORGANIZATION_RENAMED, message, Level.WARNING, place)


_OF_A_REVIEW = {"review", "rows"}
"""The keys of a file that orgsync writes for people to fill in: it may stand in the folder."""


def left_out_notes(document: Document, kinds: Kinds) -> Iterator[Note]:
    """A note for each thing in the folder that is not read; a warning where its keys look like misspelled ones."""
    for file, name, keys in document.left_out:
        if keys is not None and set(keys) == _OF_A_REVIEW:
            continue
        where, place = address("file", *name.split("/")), Place(file, 1)
        if keys is None:
            message = "is not read: it is a repository of its own"
            yield Note(where, Code.LEFT_OUT_FILE, message, Level.INFO, place)
            continue
        message = "is not read: it has no key of the file format at its top level"
        near = {key: did_you_mean(key, sorted(top_level(kinds))) for key in keys[:_KEYS_COMPARED]}
        meant = ", ".join(f'"{word}" for "{key}"' for key, word in near.items() if word is not None)
        if meant:
            yield Note(where, Code.LEFT_OUT_FILE, f"{message}; did you mean {meant}?", Level.WARNING, place)
        else:
            yield Note(where, Code.LEFT_OUT_FILE, message, Level.INFO, place)
