"""`orgsync schema`"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from orgsync.cli.shared.options import common_options
from orgsync.cli.streams import print_utf8
from orgsync.errors import UsageError

if TYPE_CHECKING:
    from orgsync.cli.shared.options import Options

_FILES = ("org", "plan", "snapshot", "drift", "review", "closing", "events", "failure", "answer")


@click.command()
@click.argument("which", type=click.Choice(_FILES), default="org", metavar=f"[{'|'.join(_FILES)}]")
@click.option("--part", is_flag=True, help="With org: of a folder's files that are not its root file.")
@common_options
def schema(which: str, options: Options, *, part: bool) -> None:
    """Print the JSON Schema of a file that orgsync reads or writes.

    Save the first as org.schema.json and name it in the first line of the file, and editors complete and validate
    as you type: `# yaml-language-server: $schema=org.schema.json`. The files of a folder beside its root file take
    the one that `--part` prints. `events` is the schema of one line of `orgsync apply --format json`, `failure` that
    of what any other command with `--format json` prints if it fails, `answer` that of the answers to questions
    (`orgsync keys`), `review` and `closing` those of an access review.
    """
    from orgsync.core.answers.schema import answer_schema
    from orgsync.core.apply.events_schema import events_schema
    from orgsync.core.apply.failure import failure_schema
    from orgsync.core.document.schema import org_schema, part_schema
    from orgsync.core.drift.schema import drift_schema
    from orgsync.core.plan.schema import plan_schema
    from orgsync.core.snapshot.snapshot import snapshot_schema
    from orgsync.kinds import KINDS
    from orgsync.questions.review.closing import record_schema
    from orgsync.questions.review.file import review_schema

    if part and which != "org":
        raise UsageError(f"--part is for org; {which} has one form only", hint="leave out --part")
    schemas = {
        "org": lambda: (part_schema if part else org_schema)(KINDS),
        "plan": plan_schema,
        "snapshot": snapshot_schema,
        "drift": drift_schema,
        "review": review_schema,
        "closing": record_schema,
        "events": events_schema,
        "failure": failure_schema,
        "answer": answer_schema,
    }
    print_utf8()
    options.put(json.dumps(schemas[which](), indent=2, ensure_ascii=False) + "\n")
