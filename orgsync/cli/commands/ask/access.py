"""`orgsync access`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orgsync.cli.asking.options import answer_options, show
from orgsync.cli.asking.sources import source_options
from orgsync.errors import UsageError

if TYPE_CHECKING:
    from orgsync.cli.asking.options import Form
    from orgsync.cli.asking.sources import Sources
    from orgsync.cli.shared.options import Options


@click.command()
@click.argument("what", metavar="[WORKSPACE|EMAIL|admins]", required=False)
@click.option("--all", "everything", is_flag=True, help="Everybody in every workspace.")
@answer_options
@source_options()
def access(what: str | None, everything: bool, form: Form, sources: Sources, options: Options) -> None:
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
    if not sources.live and desired is not None:
        show(declared_access(question, desired), form, options)
        return
    answer = sources.asked(
        lambda source, watch: asked_access(
            source, question, desired, options.now, journal=sources.journal, watch=watch
        ),
        texts=() if what is None else (question.text,),
    )
    show(answer, form, options)
