"""The organization in one SQLite file: one transaction per request, safe to share between processes and to kill."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orgsync.sandbox.wire.errors import SandboxError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping

Row = dict[str, Any]

APPLICATION_ID = 0x6F726773
FORMAT = 3
BUSY_SECONDS = 30.0
MEMORY = ":memory:"

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE users (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, email TEXT NOT NULL, email_person TEXT NOT NULL UNIQUE,
    email_key TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, added_at TEXT NOT NULL);
CREATE INDEX users_by_key ON users (email_key);
CREATE TABLE invites (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, email TEXT NOT NULL, email_person TEXT NOT NULL,
    email_key TEXT NOT NULL, role TEXT NOT NULL, status TEXT NOT NULL, invited_at TEXT NOT NULL,
    expires_at TEXT NOT NULL, expires REAL NOT NULL, accepted_at TEXT, rbac_group_ids TEXT NOT NULL);
CREATE INDEX invites_by_person ON invites (email_person);
CREATE INDEX invites_by_key ON invites (email_key);
CREATE INDEX invites_pending ON invites (expires) WHERE status = 'pending';
CREATE TABLE workspaces (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, created_at TEXT NOT NULL, archived_at TEXT,
    compartment_id TEXT NOT NULL, data_residency TEXT NOT NULL, display_color TEXT NOT NULL, external_key_id TEXT,
    inference_data_privacy TEXT NOT NULL, tags TEXT NOT NULL, user_profile_id TEXT, is_default INTEGER NOT NULL);
CREATE TABLE members (
    seq INTEGER PRIMARY KEY, workspace_id TEXT NOT NULL, user_id TEXT NOT NULL, workspace_role TEXT NOT NULL,
    UNIQUE (workspace_id, user_id));
CREATE INDEX members_in_order ON members (workspace_id, seq);
CREATE INDEX members_by_user ON members (user_id);
CREATE TABLE api_keys (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, status TEXT NOT NULL,
    created_at TEXT NOT NULL, expires_at TEXT, expires REAL, created_by_id TEXT, created_by_type TEXT,
    partial_key_hint TEXT, principal_id TEXT, principal_type TEXT, workspace_id TEXT);
CREATE INDEX api_keys_by_workspace ON api_keys (workspace_id);
CREATE TABLE rate_limits (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, group_id TEXT NOT NULL UNIQUE, group_type TEXT NOT NULL,
    display_name TEXT, limits TEXT NOT NULL, models TEXT NOT NULL);
CREATE TABLE workspace_rate_limits (
    seq INTEGER PRIMARY KEY, workspace_id TEXT NOT NULL, rate_limit_id TEXT NOT NULL, limiter TEXT NOT NULL,
    value INTEGER NOT NULL, UNIQUE (workspace_id, rate_limit_id, limiter));
CREATE TABLE spend_limits (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, scope_type TEXT NOT NULL, scope_id TEXT NOT NULL,
    period TEXT NOT NULL, amount TEXT, is_enabled INTEGER NOT NULL, created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL, UNIQUE (scope_type, scope_id, period));
CREATE TABLE usage (seq INTEGER PRIMARY KEY, seconds REAL NOT NULL, event TEXT NOT NULL);
CREATE INDEX usage_by_time ON usage (seconds);
CREATE TABLE former_members (
    email_person TEXT NOT NULL, workspace_id TEXT NOT NULL, workspace_role TEXT NOT NULL);
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

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Store:
        """The state at `path`, which has to be one: a missing or foreign file is an error, never a new state."""
        if not Path(path).is_file():
            raise SandboxError(f"{path}: there is no sandbox here")
        connection = _connected(path)
        try:
            _check_format(connection)
            _tune(connection)
            connection.execute("PRAGMA journal_mode = WAL")
        except (sqlite3.DatabaseError, ValueError) as error:
            connection.close()
            raise SandboxError(f"{path}: this file is not a sandbox: {error}") from error
        return cls(connection)

    @classmethod
    def new(cls, path: str | os.PathLike[str]) -> Store:
        """An empty state at `path`, where nothing may be yet."""
        connection = _connected(path)
        _tune(connection)
        connection.executescript(
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}; BEGIN; {SCHEMA} COMMIT;"
        )
        return cls(connection)

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
        """One writer at a time, over all processes. Nothing may be awaited inside."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
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

    def run_many(self, sql: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Execute one statement for many rows."""
        self._connection.executemany(sql, rows)

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


def _connected(path: str | os.PathLike[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = _as_dict
    return connection


def _tune(connection: sqlite3.Connection) -> None:
    # Only a power cut can lose something: processes may be killed at any moment, machines are not our promise.
    connection.execute("PRAGMA synchronous = OFF")


def _check_format(connection: sqlite3.Connection) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()["application_id"]
    if application != APPLICATION_ID:
        raise ValueError("it was made by something else")
    version = connection.execute("PRAGMA user_version").fetchone()["user_version"]
    if version != FORMAT:
        raise ValueError(f"it has format {version}, this orgsync uses {FORMAT}")
