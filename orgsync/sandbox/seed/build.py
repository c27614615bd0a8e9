"""A seed becomes a state: checked in full first, then written in one piece, with the same ids every time."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from orgsync.sandbox.model.seeding import BEGINNING, Entry, Seeding, duplicates
from orgsync.sandbox.resources import RESOURCES
from orgsync.sandbox.seed.shape import OrganizationRow, seed_shape
from orgsync.sandbox.wire import ids
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.errors import SandboxError, Unusable
from orgsync.sandbox.wire.store import Store

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from orgsync.sandbox.model.resource import Resource
    from orgsync.sandbox.wire.switches import Settings


def create(
    path: str | os.PathLike[str], seed: Mapping[str, Any], *, now: datetime | None = None, replace: bool = False
) -> None:
    """Make the state at `path`. Nothing is left behind when the seed has problems; nothing is overwritten unasked."""
    target = Path(path)
    if target.exists() and not replace:
        raise SandboxError(f"{path}: the file already exists; use --replace to overwrite it")
    if not target.parent.is_dir():
        raise SandboxError(f"{path}: the folder does not exist")
    try:
        with tempfile.TemporaryDirectory(prefix=".sandbox-", dir=target.parent) as folder:
            draft = Path(folder) / "state"
            filled(draft, seed, now=now).close()
            for suffix in ("-wal", "-shm"):
                target.with_name(target.name + suffix).unlink(missing_ok=True)
            draft.replace(target)
    except OSError as error:
        raise Unusable(f"{path}: the sandbox cannot be created: {error.strerror}") from error


def filled(
    path: str | os.PathLike[str],
    seed: Mapping[str, Any],
    *,
    now: datetime | None,
    believed: bool = False,
    resources: tuple[Resource, ...] = RESOURCES,
) -> Store:
    """A new store that holds the seed; it belongs to the caller.

    Rows that an API answered are `believed`: what contradicts in them is how that organization is, and no mistake.
    """
    sections = _sections(seed, resources)
    settings: Settings = sections["settings"]
    organization: OrganizationRow = sections["organization"]
    identity = organization.id or ids.uuid_of("organization", organization.name)
    present = now or (moments.parsed(settings.clock) if settings.clock else moments.present())
    seeding = Seeding(identity, settings, present)
    for resource in resources:
        _add(seeding, resource, sections[resource.section])
    problems = [] if believed else [problem for resource in resources for problem in _problems(resource, seeding)]
    if problems:
        raise SandboxError.listing("the seed has problems", problems)
    store = Store.new(path, {resource.table: resource.schema for resource in resources})
    with store.transaction():
        store.set_meta("organization", _profile(organization, seeding, resources))
        store.set_meta("settings", settings.model_dump(exclude_unset=True))
        for resource in resources:
            store.insert_all(resource.table, _rows(resource, seeding))
    return store


def _sections(seed: Mapping[str, Any], resources: tuple[Resource, ...]) -> dict[str, Any]:
    """The seed with every row in its shape; all problems at once otherwise."""
    try:
        return dict(seed_shape(resources).model_validate(seed))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise SandboxError.listing("the seed has problems", problems) from error


def _add(seed: Seeding, resource: Resource, given: Sequence[Any]) -> None:
    implied = resource.implied(given, seed.settings)
    rows = [*implied, *given]
    places = [resource.section] * len(implied) + [f"{resource.section}.{number}" for number in range(len(given))]
    about = [resource.about(row, seed) for row in rows] if resource.about else []
    identities = _made_ids(resource.prefix, seed.organization, rows, about) if about else [""] * len(rows)
    entries = [Entry(*each) for each in zip(places, range(len(rows)), identities, rows, strict=True)]
    seed.add(resource.shape, entries, about)


def _made_ids(prefix: str, organization: str, rows: Iterable[Any], about: Iterable[str]) -> list[str]:
    """The id of every row, given or derived from what the row is about and not from where it stands."""
    seen: Counter[str] = Counter()
    made = []
    for row, text in zip(rows, about, strict=True):
        made.append(row.id or ids.identifier(prefix, organization, "seed", text, seen[text]))
        seen[text] += 1
    return made


def _problems(resource: Resource, seed: Seeding) -> Iterator[str]:
    entries: Sequence[Entry[Any]] = seed.entries(resource.shape)
    if seed.settings.organization_type == "enterprise" and not resource.enterprise and _is_given(resource, entries):
        yield f"{resource.section}: Claude Enterprise organizations have none"
    if resource.parameter:
        for entry in entries:
            if not entry.id.startswith(f"{resource.prefix}_"):
                yield f"{entry.at}.id: {entry.id} must begin with {resource.prefix}_"
    if resource.about is not None:
        yield from duplicates("id", [(entry.at, entry.id) for entry in entries])
    yield from resource.problems(seed)


def _rows(resource: Resource, seed: Seeding) -> Iterable[Mapping[str, Any]]:
    rows, made = resource.fill(seed), resource.made_at
    if not made:
        return rows
    return ({**row, made: moments.written(row[made])} for row in sorted(rows, key=lambda row: row[made]))


def _is_given(resource: Resource, entries: Sequence[Entry[Any]]) -> bool:
    """Whether the seed names a row itself."""
    return any(entry.at != resource.section for entry in entries)


def _profile(row: OrganizationRow, seed: Seeding, resources: Sequence[Resource]) -> dict[str, str]:
    """What is known of the organization itself."""
    known = {key: value for resource in resources for key, value in resource.profile(seed).items()}
    created = row.created_at or known.get("created_at")
    made = moments.written(moments.parsed(created) if created else BEGINNING)
    return {**known, "id": seed.organization, "name": row.name, "created_at": made}
