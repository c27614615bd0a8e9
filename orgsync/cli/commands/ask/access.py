"""`orgsync access`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orgsync.cli.asking.options import answer_options, show
from orgsync.cli.asking.sources import source_options
from orgsync.errors import EXIT_DIFFERENCE, EXIT_OK, UsageError

if TYPE_CHECKING:
    from orgsync.cli.asking.options import Form
    from orgsync.cli.asking.sources import Sources
    from orgsync.cli.shared.options import Options


@click.command()
@click.argument("what", metavar="[WORKSPACE|EMAIL|admins]", required=False)
@click.option("--all", "everything", is_flag=True, help="Everybody in every workspace.")
@click.option(
    "--fail-on",
    type=click.Choice(["differs"]),
    help="Exit with 2 if anybody has access that the files say otherwise, or may have.",
)
@answer_options
@source_options()
def access(
    what: str | None, everything: bool, fail_on: str | None, form: Form, sources: Sources, options: Options
) -> int:
    """Show who can do what where, and why.

    WORKSPACE is the name of one, or a glob such as "prod-*"; EMAIL one person, or a glob of addresses; `admins` are
    those of the organization. Where there are files, each row says which line gives it and where the files differ; what
    only the files have is shown apart. What no source settles is shown as not known, never as yes.
    """
    from orgsync.flows.asking.access import access as asked_access
    from orgsync.flows.asking.access import declared_access
    from orgsync.questions.access.asked import Asked, Subject, asked

    if (what is None) == (not everything):
        raise UsageError("access needs one of: a workspace, an e-mail address, admins, --all")
    question = Asked(Subject.ALL) if what is None else asked(what)
    desired = None if sources.files is None else sources.files.desired
    if fail_on is not None and (desired is None or not sources.live):
        hint = "leave out --live and --files, or add --path PATH"
        raise UsageError("--fail-on differs compares the organization with files", hint=hint)
    if not sources.live and desired is not None:
        show(declared_access(question, desired), form, options)
        return EXIT_OK
    answer = sources.asked(
        lambda source, watch: asked_access(
            source, question, desired, options.now, journal=sources.journal, watch=watch
        ),
        texts=() if what is None else (question.text,),
    )
    show(answer, form, options)
    return EXIT_DIFFERENCE if fail_on is not None and answer.open else EXIT_OK
