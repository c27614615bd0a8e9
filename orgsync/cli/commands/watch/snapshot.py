"""`orgsync snapshot`"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgsync.cli.shared.options import connection_options, default_path

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from orgsync.cli.shared.options import Options
    from orgsync.core.document.read import Desired

SIGNING_KEY = "ORGSYNC_SNAPSHOT_SIGNING_KEY"
"""The variable that may hold the private key, in PEM."""

_FILE = click.Path(dir_okay=False, path_type=Path)

sign_with_option = click.option(
    "--sign-with",
    type=_FILE,
    metavar="FILE",
    help="Sign with this private key (PEM, Ed25519). Default: the one in ORGSYNC_SNAPSHOT_SIGNING_KEY, if any.",
)


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--out", type=_FILE, required=True, metavar="FILE", help="Write the snapshot to this file.")
@click.option("--hash-emails", is_flag=True, help="Replace e-mail addresses by hashes, keyed with ORGSYNC_EMAIL_KEY.")
@sign_with_option
@connection_options
def snapshot(path: Path | None, out: Path, hash_emails: bool, sign_with: Path | None, options: Options) -> None:
    """Save the state of the organization, to plan from it offline.

    Reads every list that files can declare, and the reports that the files at PATH need (default: org.yaml, if it
    exists). The snapshot contains no secret. `orgsync plan --snapshot FILE` then needs no credential and no
    network.
    """
    from orgsync.cli.shared.chosen_snapshot import email_key
    from orgsync.cli.shared.progress import Progress
    from orgsync.cli.shared.session import connected
    from orgsync.core.snapshot.hashed_emails import hashing
    from orgsync.core.snapshot.snapshot import sealed
    from orgsync.engine.concurrency import result_of
    from orgsync.files.state import snapshot_file
    from orgsync.files.state.signature import signed
    from orgsync.flows.snapshot import snapshot_taken

    snapshot_file.FILE.check_free(out)
    emails = email_key() if hash_emails else None
    signer = chosen_signing_key(sign_with)
    desired = _desired(path, options)
    with Progress(options, "Reading the organization") as progress, connected(options) as connection:
        taken, requests = result_of(snapshot_taken(desired, connection, options.now, progress.watch))
    made = sealed(taken if emails is None else hashing(taken, emails))
    if signer is not None:
        made = signed(made, signer)
    snapshot_file.write(out, made)
    rows = sum(len(read.rows) for read in made.reads)
    options.say(f"wrote {out}: {rows:,} rows of {len(made.reads):,} lists, from {requests:,} requests")
    if made.signature is not None:
        options.say(f"signed by {made.signature.key_id}")


def chosen_signing_key(path: Path | None) -> Ed25519PrivateKey | None:
    """The key to sign with, if there is one. Raises UsageError."""
    from orgsync.files.state.signature import parsed_signing_key, signing_key

    if path is not None:
        return signing_key(path)
    pem = os.environ.get(SIGNING_KEY, "")
    return parsed_signing_key(pem.encode("utf-8", "surrogateescape"), SIGNING_KEY) if pem else None


def _desired(path: Path | None, options: Options) -> Desired:
    """What the files ask for, and nothing where there are none. Raises InputError."""
    from orgsync.core.document.read import nothing_desired
    from orgsync.flows.files import desired_at
    from orgsync.kinds import KINDS

    if path is None:
        path = default_path()
        if not path.exists():
            return nothing_desired(KINDS, options.now.date())
    return desired_at(path, options.now)
