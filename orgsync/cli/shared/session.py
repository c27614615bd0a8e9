"""Builds what commands work with: the files, and a client for the organization or the sandbox."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from orgsync.errors import InputError, UsageError
from orgsync.extras import require

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Sequence
    from pathlib import Path

    from orgsync.api.client import AdminClient
    from orgsync.cli.shared.options import Options
    from orgsync.cli.shared.progress import Progress
    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import ManualStep, Plan
    from orgsync.core.model.request import Reader
    from orgsync.core.snapshot.snapshot import Snapshot
    from orgsync.sandbox.server.app import App

SANDBOX_KEY = "sk-ant-admin01-sandbox"

Result = TypeVar("Result")


def result_of(work: Coroutine[Any, Any, Result]) -> Result:
    """What `work` returns, run to its end on an event loop of its own; every command waits for its work here.

    What the main task of `asyncio.run` returns is formatted several times over when its signal handler is taken down
    (`signal.signal` looks the handler up among its enum's members, and the error that there is none quotes it): for a
    large plan a third of the CPU. So that task returns nothing.
    """
    import asyncio

    results: list[Result] = []

    async def main() -> None:
        results.append(await work)

    asyncio.run(main())
    return results[0]


def desired_from(path: Path, options: Options) -> Desired:
    """What the files at `path` ask for today. Raises InputError with every problem."""
    from orgsync.core.document.read import desired_state
    from orgsync.files.yaml.load import load
    from orgsync.kinds import KINDS

    return desired_state(load(path), KINDS, options.now.date())


def saved_plan(path: Path, valid_for: str, options: Options) -> Plan:
    """The plan in a file. Raises Stale where it is older than it may be or of another version, InputError where edited.

    And where it speaks of what this orgsync does not know; UsageError where nobody can tell who is meant.
    """
    from orgsync.cli.shared.ceiling import check_age, check_version
    from orgsync.core.plan.vetting import foreign
    from orgsync.core.snapshot.hashed_emails import named_by_hash
    from orgsync.files.state import plan_file
    from orgsync.kinds import KINDS

    made = plan_file.read(path)
    check_version(made, path)
    unknown = foreign(made, KINDS)
    if unknown:
        raise InputError(unknown)
    check_age(made, valid_for, options)
    hashed = named_by_hash(made)
    if hashed:
        message = f"the plan tells who is meant by a hash alone: {', '.join(hashed[:3])}; nothing was changed"
        raise UsageError(message, hint="no guard can tell who that is: plan from the organization, and apply that plan")
    return made


def console_manual(path: Path, desired: Desired, options: Options) -> tuple[ManualStep, ...]:
    """What a person has to look up in the Console. Raises InputError where the attestations cannot be read."""
    from orgsync.core.document.console import console_steps
    from orgsync.files.state.attestations import attestations_path, read

    declared = desired.settings.console.declared
    attested = read(attestations_path(path)) if declared else ()
    return console_steps(declared, attested, options.now, lambda key: desired.place("console", key), path=str(path))


@asynccontextmanager
async def connected(options: Options, progress: Progress) -> AsyncIterator[AdminClient]:
    """A client for the sandbox that was named, else for the organization the environment's credential belongs to."""
    from orgsync.api.client import AdminClient
    from orgsync.api.credentials import Credential, base_url, credential

    if options.sandbox is None:
        async with AdminClient(
            base_url(os.environ),
            credential(os.environ),
            requests_per_minute=options.request_limit,
            on_request=progress.requested,
            on_wait=progress.waits,
            starts=options.starts,
        ) as client:
            yield client
        return
    app = _sandbox_app(options.sandbox, options)
    try:
        async with AdminClient(
            "http://127.0.0.1",
            Credential(SANDBOX_KEY, "the sandbox's own key"),
            requests_per_minute=options.request_limit,
            app=app,
            on_request=progress.requested,
            on_wait=progress.waits,
            starts=options.starts,
        ) as client:
            yield client
    finally:
        app.close()


@asynccontextmanager
async def reading(options: Options, progress: Progress, snapshot: Snapshot | None = None) -> AsyncIterator[Reader]:
    """What plans are made through: it has no method that writes. With a snapshot, nobody is asked anything."""
    if snapshot is not None:
        from orgsync.core.snapshot.fields import held_by
        from orgsync.engine.recording import Replay

        replay = Replay(snapshot.recording, snapshot.moment, held_by(snapshot.orgsync))
        yield replay
        for path in replay.lacking:
            options.say(f"The snapshot does not hold {path} for as long as the files ask for: done without.")
        return
    async with connected(options, progress) as client:
        yield client.reader


def snapshot_from(options: Options, *desired: Desired, texts: Sequence[str] = ()) -> Snapshot | None:
    """The snapshot that was chosen, trusted and young enough, or None where there is none.

    People named in `desired` or in `texts` (addresses from the command line) stand in it under their own e-mail.
    """
    if options.snapshot is None:
        return None
    from orgsync.cli.shared.chosen_snapshot import chosen_snapshot

    return chosen_snapshot(options.snapshot, options, desired, texts)


def _sandbox_app(path: Path, options: Options) -> App:
    require("sandbox", "--sandbox needs")
    from orgsync.sandbox.server.app import open_app
    from orgsync.sandbox.wire.errors import SandboxError

    try:
        return open_app(path, now=options.fixed_now)
    except SandboxError as error:
        raise UsageError(str(error), hint="make one with `orgsync sandbox init PATH --seed FILE`") from error


def check_connection(options: Options) -> None:
    """Raises UsageError where there is nothing to connect to: no credential, or no sandbox of this name."""
    from orgsync.api.credentials import base_url, credential

    if options.sandbox is None:
        base_url(os.environ)
        credential(os.environ)
    else:
        _sandbox_app(options.sandbox, options).close()


def checked_addresses(addresses: Sequence[str]) -> tuple[str, ...]:
    """The addresses themselves. Raises UsageError for one that cannot be an address of any kind."""
    from orgsync.core.document.known_address import known_address
    from orgsync.core.words.problems import Unsuitable
    from orgsync.kinds import KINDS

    try:
        return tuple(known_address(text, KINDS) for text in addresses)
    except Unsuitable as error:
        raise UsageError(f"--allow: {error}", hint=error.hint) from error
