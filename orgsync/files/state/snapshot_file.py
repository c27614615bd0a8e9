"""Snapshot files: written whole or not at all, and read only if they are exactly what orgsync wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orgsync.core.snapshot.snapshot import READERS, digest_of, snapshot_adapter, snapshot_data, snapshot_schema
from orgsync.files.state.json_file import JsonFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from orgsync.core.snapshot.snapshot import Snapshot

LIMIT = 256 * 1024 * 1024
"""Bytes of the largest snapshot that is read: about a million people and roles in workspaces."""

FILE = JsonFile(
    noun="snapshot",
    mark="taken_at",
    readers=READERS,
    again="create a new one with `orgsync snapshot --out FILE`; a snapshot is not meant to be edited",
    other_format="create a new one with this version of orgsync, or read it with the one that created it",
    schema=lambda _format_version: snapshot_schema(),
)


def write(path: Path, snapshot: Snapshot) -> None:
    """Puts the snapshot at `path` in one step, for the owner alone (mode 0600): it says who has which access."""
    FILE.write(path, rendered(snapshot).encode())


def rendered(snapshot: Snapshot) -> str:
    """The bytes of the file: the same for the same snapshot, one row a line, so that two compare line by line."""
    data = snapshot_data(snapshot)
    reads = data.pop("reads")
    head = "".join(f" {_text(key)}: {_text(value)},\n" for key, value in data.items())
    body = ",\n".join("".join(_read_text(read)) for read in reads)
    return f'{{\n{head} "reads": [\n{body}\n ]\n}}\n'


def _read_text(read: dict[str, Any]) -> Iterator[str]:
    rows = read.pop("rows")
    head = ", ".join(f"{_text(key)}: {_text(value)}" for key, value in read.items())
    yield f'  {{{head}, "rows": ['
    yield ",".join(f"\n   {_text(row)}" for row in rows)
    yield "]}"


def _text(value: Any) -> str:
    """ASCII: names hold whatever the API sends, and none of it is to reach a terminal or be no UTF-8."""
    return json.dumps(value, sort_keys=True, allow_nan=False)


def read(path: Path) -> Snapshot:
    """The snapshot in the file. Raises InputError, with every problem, if it is not one that orgsync wrote."""
    return FILE.read(path, lambda data: _made(data, path), limit=LIMIT)


def understood(data: bytes, path: Path) -> Snapshot:
    """As `read`, of bytes that were read elsewhere, and that a person knows as `path`."""
    return FILE.understood(data, path, lambda found: _made(found, path))


def _made(data: Any, path: Path) -> Snapshot:
    if digest_of(data) != data["digest"]:
        raise FILE.edited(path)
    return snapshot_adapter().validate_python(data)
