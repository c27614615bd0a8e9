"""`orgsync schema`"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from orgsync.cli.options import common_options

if TYPE_CHECKING:
    from orgsync.cli.options import Options


@click.command()
@click.argument("which", type=click.Choice(["org", "plan", "snapshot"]), default="org", metavar="[org|plan|snapshot]")
@common_options
def schema(which: str, options: Options) -> None:
    """Print the JSON Schema of the organization file, of plans or of snapshots.

    Save the first as org.schema.json and name it in the file's first line, and editors complete and check as you type:
    `# yaml-language-server: $schema=org.schema.json`.
    """
    from orgsync.core.plan_schema import plan_schema
    from orgsync.core.schema import org_schema
    from orgsync.core.snapshot import snapshot_schema
    from orgsync.kinds import KINDS

    schemas = {"org": lambda: org_schema(KINDS), "plan": plan_schema, "snapshot": snapshot_schema}
    options.put(json.dumps(schemas[which](), indent=2, ensure_ascii=False) + "\n")
