"""`orgsync plan`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgsync.cli.shared.formats import FORMATS
from orgsync.cli.shared.options import connection_options, path_argument, snapshot_options
from orgsync.cli.shared.output import format_options, put_plan
from orgsync.errors import EXIT_DIFFERENCE, EXIT_OK, EXIT_REFUSED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from orgsync.cli.shared.formats import Output
    from orgsync.cli.shared.options import Options
    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Organization, Plan
    from orgsync.core.model.observation import Observation
    from orgsync.core.review.base import Base

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@path_argument
@click.option("--out", type=FILE, metavar="FILE", help="Save the plan for `orgsync apply FILE`.")
@format_options(FORMATS)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where there is something to change.")
@click.option("--only", metavar="GLOB", help="Only changes whose address matches, and what they depend on.")
@click.option("--allow", multiple=True, metavar="ADDRESS", help="Let the guards pass this one change. Repeatable.")
@click.option("--base", metavar="REF|PATH", help="Tell changes of the files from drift: what they said before.")
@snapshot_options
@connection_options
def plan(
    path: Path,
    out: Path | None,
    output: Output,
    detailed_exitcode: bool,
    only: str | None,
    allow: tuple[str, ...],
    base: str | None,
    options: Options,
) -> int:
    """Show what `apply` would change.

    PATH is a YAML file or a folder of them (default: org.yaml). Reads the live organization, or a snapshot of it, and
    prints what differs; nothing is written. A plan that a guard refuses is printed in full; exit code 3. With --base (a
    branch, tag or commit, or a file or folder) it tells what this change of the files asks for from what was different
    before.
    """
    from orgsync.cli.shared.base_argument import base_named
    from orgsync.cli.shared.session import checked_addresses, desired_from, result_of
    from orgsync.files.state import plan_file

    if out is not None:
        plan_file.FILE.check_free(out)
    allowed = checked_addresses(allow)
    desired = desired_from(path, options)
    before = None if base is None else base_named(base, path, options)
    made, _seen = result_of(planned(desired, path, options, only=only, allow=allowed, base=before))
    if out is not None:
        plan_file.write(out, made)
        options.say(f"wrote {out}; digest of its changes: {made.digests.changes}")
    put_plan(made, output, options, next_step=_next_step(made, path, out, only, allowed, base, options))
    if made.refusals:
        return EXIT_REFUSED
    return EXIT_DIFFERENCE if detailed_exitcode and made.changes else EXIT_OK


async def planned(
    desired: Desired,
    path: Path,
    options: Options,
    *,
    only: str | None,
    allow: Sequence[str],
    base: Base | None = None,
    admit: Callable[[Organization], Awaitable[None]] | None = None,
) -> tuple[Plan, Observation]:
    """The plan, and what was seen to make it. Only a reader is ever handed on.

    `admit` is told whose credential this is before any list is read, and may raise.
    """
    from orgsync.cli.shared.progress import Progress
    from orgsync.cli.shared.session import console_manual, reading, snapshot_from
    from orgsync.core.plan.make import make_plan
    from orgsync.core.review.base import compared
    from orgsync.core.snapshot.fields import told
    from orgsync.engine.read_base import read_with_base
    from orgsync.engine.read_live import anybody, read_live
    from orgsync.engine.recording import Replay
    from orgsync.kinds import KINDS

    manual = console_manual(path, desired, options)
    before = () if base is None or base.desired is None else (base.desired,)
    snapshot = snapshot_from(options, desired, *before, texts=(*allow, only or ""))
    with Progress(options, f"Reading the {'organization' if snapshot is None else 'snapshot'}") as progress:
        async with reading(options, progress, snapshot) as reader:
            if base is None:
                seen = await read_live(reader, desired, KINDS, admit or anybody)
            else:
                seen, base = await read_with_base(reader, desired, base, KINDS, admit or anybody)
            lacks = reader.unheld if isinstance(reader, Replay) else ()
    seen_at = None if snapshot is None else snapshot.taken_at
    made = make_plan(desired, seen, options.now, KINDS, only=only, allow=allow, manual=manual, seen_at=seen_at)
    made = made if base is None else compared(made, seen, desired, base, options.now, KINDS)
    return told(made, lacks), seen


def _next_step(
    made: Plan,
    path: Path,
    out: Path | None,
    only: str | None,
    allow: Sequence[str],
    base: str | None,
    options: Options,
) -> str | None:
    """The command that does what was shown, and no more."""
    from orgsync.core.snapshot.hashed_emails import named_by_hash

    if made.refusals or not made.changes or (out is not None and named_by_hash(made)):
        return None
    words = ["apply", str(out or path)]
    if out is None:  # a saved plan holds all of them
        words += [] if only is None else ["--only", only]
        words += [word for address in allow for word in ("--allow", address)]
        words += [] if base is None else ["--base", base]
    return options.command(*words)
