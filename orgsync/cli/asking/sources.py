"""What a question is answered from: the organization or a snapshot, the files, or both."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orgsync.cli.shared.options import connection_options, default_path, snapshot_options
from orgsync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import TypeVar

    from orgsync.cli.shared.options import Options
    from orgsync.core.snapshot.snapshot import Snapshot
    from orgsync.flows.connection import Connection
    from orgsync.flows.files import Files
    from orgsync.flows.watch import Watch

    Got = TypeVar("Got")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a question is answered from: `files` is None where there are none, or where they do not count; `path` is
    where they are. `live` is False where nobody is to be asked."""

    files: Files | None
    path: Path | None
    live: bool
    options: Options

    @property
    def journal(self) -> Path | None:
        """Where runs of these files recorded what they did; None without files."""
        from orgsync.files.state.journal import journal_path

        return None if self.path is None else journal_path(self.path)

    def asked(
        self,
        question: Callable[[Connection | Snapshot, Watch], Coroutine[Any, Any, Got]],
        *,
        texts: Sequence[str] = (),
        title: str = "Reading the organization",
    ) -> Got:
        """What the question gets from the organization or the snapshot. `texts` are people named on the command line:
        in a snapshot of hashed e-mails they stand under their own.

        Raises what the question does, UsageError where there is no credential, and Stale for an old snapshot.
        """
        from orgsync.cli.shared.progress import Progress
        from orgsync.cli.shared.session import snapshot_from, source
        from orgsync.engine.concurrency import result_of

        documents = () if self.files is None else (self.files.desired.document,)
        snapshot = snapshot_from(self.options, *documents, texts=texts)
        title = title if snapshot is None else "Reading the snapshot"
        with Progress(self.options, title) as progress, source(self.options, snapshot) as read:
            return result_of(question(read, progress.watch))


def source_options(*, files_alone: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds `--path`, `--live`, `--files` (where files alone can answer), those of a snapshot and of a connection; the
    command gets them as `sources`, and `options`."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_sources(
            *args: Any, path: Path | None, live: bool, files: bool = False, options: Options, **kwargs: Any
        ) -> Any:
            if live and (files or path is not None):
                raise UsageError("--live excludes --files and --path", hint="leave out one of them")
            if files and options.snapshot is not None:
                raise UsageError("--files and --snapshot exclude each other", hint="leave out one of them")
            where = None if live else _found(path, needed=files)
            sources = Sources(_read(where, options), where, not files, options)
            return command(*args, sources=sources, options=options, **kwargs)

        made = snapshot_options(connection_options(with_sources))
        if files_alone:
            made = click.option("--files", is_flag=True, help="Answer from the files alone; nothing is sent.")(made)
        made = click.option("--live", is_flag=True, help="Leave the files out, even if there are some.")(made)
        return click.option(
            "--path",
            type=click.Path(path_type=Path),
            metavar="PATH",
            help="The files of the organization. Default: org.yaml, if it exists.",
        )(made)

    return decorate


def _found(path: Path | None, *, needed: bool) -> Path | None:
    """Where the files are. Of a default path nobody is told that it is missing, unless files are needed."""
    if path is not None:
        return path
    found = default_path()
    return found if needed or found.exists() else None


def _read(path: Path | None, options: Options) -> Files | None:
    """Raises InputError."""
    if path is None:
        return None
    from orgsync.flows.files import files_at

    return files_at(path, options.now)
