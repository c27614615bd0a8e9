"""What the files of an organization, or a saved plan, ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.document.console import attested_settings, console_steps
from orgsync.core.document.known_address import known_address
from orgsync.core.document.read import desired_state
from orgsync.core.document.settings import top_level
from orgsync.core.plan.allowances import named
from orgsync.core.plan.vetting import foreign
from orgsync.core.snapshot.hashed_emails import named_by_hash
from orgsync.core.words.problems import Unsuitable
from orgsync.core.words.versions import is_ours, outdated
from orgsync.errors import InputError, Stale, UsageError
from orgsync.files.state import plan_file
from orgsync.files.state.attestations import attestations_path, read
from orgsync.files.yaml.load import load
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from orgsync.core.document.console import Attested
    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import ManualStep, Place, Plan


@dataclass(frozen=True, slots=True)
class Files:
    """What the files at a path ask for at one moment, and what a person has to look up in the Console for them.

    `attested` is what somebody looked up, and what counts.
    """

    desired: Desired
    manual: tuple[ManualStep, ...]
    now: datetime
    attested: tuple[Attested, ...] = ()


def files_at(path: Path, now: datetime) -> Files:
    """Raises InputError with every problem of the files, or where the attestations beside them cannot be read."""
    desired = desired_at(path, now)
    declared = desired.settings.console.declared
    attestations = read(attestations_path(path)) if declared else ()

    def place(key: str) -> Place | None:
        return desired.place("console", key)

    return Files(
        desired,
        console_steps(declared, attestations, now, place, path=str(path)),
        now,
        attested_settings(declared, attestations, now, place, path=str(path)),
    )


def desired_at(path: Path, now: datetime) -> Desired:
    """What the files at `path` ask for on that day. Raises InputError with every problem."""
    return desired_state(load(path, keys=top_level(KINDS)), KINDS, now.date())


def console_manual(path: Path, desired: Desired, now: datetime) -> tuple[ManualStep, ...]:
    """What a person has to look up in the Console. Raises InputError where the attestations cannot be read."""
    declared = desired.settings.console.declared
    attested = read(attestations_path(path)) if declared else ()
    return console_steps(declared, attested, now, lambda key: desired.place("console", key), path=str(path))


def known_addresses(addresses: Sequence[str], option: str) -> tuple[str, ...]:
    """What was named: `ADDRESS` or `ADDRESS=ID`. Raises UsageError, naming the option, for what is not an address."""
    try:
        for text in addresses:
            known_address(named(text).address, KINDS)
    except Unsuitable as error:
        raise UsageError(f"{option}: {error}", hint=error.hint) from error
    return tuple(addresses)


def saved_plan(path: Path) -> Plan:
    """The plan in a file. Raises Stale where another version made it, InputError where it was edited.

    And where it speaks of what this orgsync does not know; UsageError where nobody can tell who is meant.
    """
    made = plan_file.read(path)
    check_version(made, path)
    unknown = foreign(made, KINDS)
    if unknown:
        raise InputError(unknown)
    hashed = named_by_hash(made)
    if hashed:
        message = f"the plan contains hashed e-mail addresses: {', '.join(hashed[:3])}; nothing was changed"
        raise UsageError(
            message, hint="plan from the organization, and apply that plan: guards cannot check hashed addresses"
        )
    return made


def check_version(plan: Plan, path: Path) -> None:
    """Raises Stale where another minor version made the plan: by the same words it may mean something else."""
    if not is_ours(plan.orgsync):
        raise Stale(f"{path}: {outdated(plan.orgsync)}")
