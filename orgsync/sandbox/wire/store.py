"""The organization in one SQLite file: one transaction per request, safe to share between processes and to kill."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.wire.errors import SandboxError, Unusable

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping

Row = dict[str, Any]

APPLICATION_ID = 0x6F726773
FORMAT = 3
BUSY_SECONDS = 10.0
"""How long to wait for another process, whose transactions take milliseconds."""

MEMORY = ":memory:"

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE faults (seq INTEGER PRIMARY KEY, rule TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 0);
CREATE TABLE buckets (name TEXT PRIMARY KEY, tokens REAL NOT NULL, updated REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE log (
    seq INTEGER PRIMARY KEY, time TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL,
    body TEXT, status INTEGER, request_id TEXT NOT NULL, console INTEGER NOT NULL);
"""


def _as_dict(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, values, strict=True)}


class Store:
    """Plain SQL in, dictionaries out. Whoever reads or writes does so inside `transaction`."""

    def __init__(self, connection: sqlite3.Connection, path: str | os.PathLike[str] = MEMORY) -> None:
        self._connection = connection
        self._path = path
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: str | os.PathLike[str], tables: Mapping[str, str]) -> Store:
        """The state at `path`, which has to be one: a missing or foreign file is an error, never a new state.

        `tables` are those of the resources by name, each with the SQL that makes it: one made before there was such a
        resource gets its table, empty.
        """
        if not Path(path).is_file():
            raise SandboxError(f"{path}: there is no sandbox at this path")
        with _usable(path):
            connection = _connected(path)
            try:
                _check_format(connection)
                _tune(connection)
                connection.execute("PRAGMA journal_mode = WAL")
                _add_missing(connection, tables)
            except (sqlite3.DatabaseError, ValueError) as error:
                connection.close()
                if isinstance(error, sqlite3.Error) and _is_outside(error):
                    raise
                raise SandboxError(f"{path}: this file is not a sandbox: {error}") from error
        return cls(connection, path)

    @classmethod
    def new(cls, path: str | os.PathLike[str], tables: Mapping[str, str]) -> Store:
        """An empty state at `path`, where nothing may be yet, with these tables of the resources."""
        with _usable(path):
            connection = _connected(path)
            _tune(connection)
            schema = "".join((SCHEMA, *tables.values()))
            connection.executescript(
                f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}; BEGIN; {schema} COMMIT;"
            )
        return cls(connection, path)

    def copy(self) -> Store:
        """The same state once more, in memory."""
        connection = _connected(MEMORY)
        _tune(connection)
        self._connection.backup(connection)
        return Store(connection)

    def close(self) -> None:
        """Let go of the file; an in-memory state is gone with it."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One writer at a time, over all processes. Nothing may be awaited inside. Raises Unusable."""
        with self._lock, _usable(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._connection.in_transaction:  # a full disk has ended it already
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def attempt(self, *, keep: bool = True) -> Iterator[None]:
        """A part of a transaction that is undone alone when it raises, or always when it is not to be kept."""
        self._connection.execute("SAVEPOINT attempt")
        kept = False
        try:
            yield
            kept = keep
        finally:
            if not kept:
                self._connection.execute("ROLLBACK TO attempt")
            self._connection.execute("RELEASE attempt")

    def rows(self, sql: str, **parameters: Any) -> list[Row]:
        """Every row of a query."""
        return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, **parameters: Any) -> Row | None:
        """The first row of a query, if there is one."""
        row: Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def count(self, sql: str, **parameters: Any) -> int:
        """The number a query named `n`."""
        return int(self._connection.execute(sql, parameters).fetchone()["n"])

    def run(self, sql: str, **parameters: Any) -> int:
        """Execute one statement; the number of rows it changed."""
        return self._connection.execute(sql, parameters).rowcount

    def insert(self, table: str, **row: Any) -> None:
        """Add one row, column by column."""
        self.insert_all(table, (row,))

    def insert_all(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add rows, which all have the same columns."""
        rest = iter(rows)
        first = next(rest, None)
        if first is not None:
            names = ", ".join(first)
            values = ", ".join(f":{name}" for name in first)
            sql = f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608 - names are constants
            self._connection.executemany(sql, chain((first,), rest))

    def meta(self) -> dict[str, str]:
        """Everything the state knows about itself, as JSON texts."""
        return {row["key"]: row["value"] for row in self.rows("SELECT key, value FROM meta")}

    def set_meta(self, key: str, value: object) -> None:
        """Remember a JSON value; None forgets it."""
        if value is None:
            self.run("DELETE FROM meta WHERE key = :key", key=key)
        else:
            self.run(
                "INSERT INTO meta VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                key=key,
                value=json.dumps(value, sort_keys=True),
            )

    def next_number(self) -> int:
        """A number no object of this state was made from before."""
        row = self.row("SELECT value FROM meta WHERE key = 'counter'")
        number = int(row["value"]) + 1 if row else 1
        self.set_meta("counter", number)
        return number


_OUTSIDE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_READONLY", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")
"""What is wrong with the machine and not with the state or with us."""


def _is_outside(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith(_OUTSIDE)


@contextmanager
def _usable(path: str | os.PathLike[str]) -> Iterator[None]:
    """What the machine refuses, as an error for the person running the sandbox."""
    try:
        yield
    except sqlite3.Error as error:
        if not _is_outside(error):
            raise
        why = f"another process has locked it for more than {BUSY_SECONDS:g} seconds" if _is_locked(error) else error
        raise Unusable(f"{path}: the sandbox cannot be used: {why}") from error


def _is_locked(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _connected(path: str | os.PathLike[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = _as_dict
    return connection


def _tune(connection: sqlite3.Connection) -> None:
    # Only a power cut can lose something: processes may be killed at any moment, machines are not our promise.
    connection.execute("PRAGMA synchronous = OFF")


def _add_missing(connection: sqlite3.Connection, tables: Mapping[str, str]) -> None:
    there = {row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    missing = "".join(schema for table, schema in tables.items() if table not in there)
    if missing:
        # A read lag that is running has no older picture of them.
        connection.executescript(f"BEGIN IMMEDIATE; DELETE FROM meta WHERE key = 'lag'; {missing} COMMIT;")  # noqa: S608


def _check_format(connection: sqlite3.Connection) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()["application_id"]
    if application != APPLICATION_ID:
        raise ValueError("it was created by another program")
    version = connection.execute("PRAGMA user_version").fetchone()["user_version"]
    if version != FORMAT:
        raise ValueError(f"it has format {version}, this orgsync uses {FORMAT}")
