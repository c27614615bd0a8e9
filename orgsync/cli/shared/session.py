"""What commands work with, as it was chosen on the command line: a connection or a snapshot, and addresses."""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from orgsync.extras import require

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from orgsync.cli.shared.options import Options
    from orgsync.core.snapshot.snapshot import Snapshot
    from orgsync.core.words.source import Document
    from orgsync.flows.connection import Connection


@contextmanager
def connected(options: Options) -> Iterator[Connection]:
    """The sandbox that was named, else the organization that the environment's credential belongs to.

    Raises UsageError where there is no such sandbox, or no credential. Nothing is sent yet.
    """
    from orgsync.flows.connection import AdminApi, Sandbox

    limit, starts, budget = options.request_limit, options.starts, options.budget
    if options.sandbox is None:
        yield AdminApi.from_environment(os.environ, requests_per_minute=limit, starts=starts, budget=budget)
        return
    require("sandbox", "--sandbox requires")
    with Sandbox(
        options.sandbox, now=options.fixed_now, requests_per_minute=limit, starts=starts, budget=budget
    ) as sandbox:
        yield sandbox


def source(options: Options, snapshot: Snapshot | None) -> AbstractContextManager[Connection | Snapshot]:
    """What is read: the snapshot, where there is one."""
    return connected(options) if snapshot is None else nullcontext(snapshot)


def snapshot_from(
    options: Options, *documents: Document, protect: Sequence[str] = (), texts: Sequence[str] = ()
) -> Snapshot | None:
    """The snapshot that was chosen, trusted and young enough, or None where there is none.

    People named in the documents or in `texts` (addresses from the command line) stand in it under their own e-mail;
    `protect` are the globs of all guards.
    """
    if options.snapshot is None:
        return None
    from orgsync.cli.shared.chosen_snapshot import chosen_snapshot

    return chosen_snapshot(options.snapshot, options, documents, protect, texts)


def checked_addresses(addresses: Sequence[str]) -> tuple[str, ...]:
    """The addresses themselves. Raises UsageError for one that cannot be an address of any kind."""
    from orgsync.flows.files import known_addresses

    return known_addresses(addresses, "--allow")
