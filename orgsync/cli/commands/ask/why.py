"""`orgsync why`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orgsync.cli.asking.options import answer_options, receipts_option
from orgsync.cli.asking.sources import source_options
from orgsync.errors import EXIT_OK, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from orgsync.cli.asking.options import Form
    from orgsync.cli.asking.sources import Sources
    from orgsync.cli.shared.options import Options
    from orgsync.questions.why.subject import Subject


@click.command()
@click.argument("words", nargs=-1, metavar="SUBJECT [WORKSPACE]")
@receipts_option
@click.option("--no-feed", is_flag=True, help="Do not ask the Activity Feed who brought about what fails.")
@answer_options
@source_options()
def why(
    words: tuple[str, ...],
    receipts: tuple[Path, ...],
    no_feed: bool,
    form: Form,
    sources: Sources,
    options: Options,
) -> int:
    """Explain access, a key, a limit, an invite or a line of the files.

    \b
    SUBJECT is one of
      EMAIL WORKSPACE   why a person can or cannot work in a workspace
      EMAIL             why a person is or is not a member; where the invite is
      KEY               why a key works or not: its id, its address, or the
                        last 4 characters, as the Console shows them
      limit WORKSPACE   why requests of a workspace are refused with 429
      ADDRESS[.FIELD]   why the organization has, or does not have, what the
                        files declare

    The answer is a chain of checks: = holds, x fails, ? is not known. It ends at the first one that fails, with what
    would fix it. Nothing is changed. Never name a key by its secret.
    """
    from orgsync.cli.asking.options import show
    from orgsync.flows.asking.why import Question, journals_at, offline
    from orgsync.flows.asking.why import why as asked

    subject = _subject(words)
    journals = journals_at(_journals(sources.path, receipts))
    question = Question(subject, sources.files, journals, options.now, feed=not no_feed)
    if not sources.live:
        answer = offline(question)
    else:
        people = [subject.email] if subject.email else list(subject.address.segments if subject.address else ())
        answer = sources.asked(lambda source, watch: asked(question, source, watch), texts=people)
    show(answer, form, options)
    return EXIT_OK


def _subject(words: tuple[str, ...]) -> Subject:
    """Raises UsageError, in which no secret is repeated."""
    from orgsync.core.words.problems import Unsuitable
    from orgsync.kinds import KINDS
    from orgsync.questions.why.subject import subject

    try:
        return subject(words, KINDS)
    except Unsuitable as error:
        raise UsageError(str(error), hint=error.hint) from None


def _journals(path: Path | None, receipts: tuple[Path, ...]) -> tuple[Path, ...]:
    """The journals beside the files, and those that were named."""
    from orgsync.files.state.kept_files import journals_beside, kept_files

    beside = journals_beside(path) if path is not None else ()
    named = [file for place in receipts for file in kept_files(place, ".jsonl", "--receipts")]
    return tuple(dict.fromkeys((*beside, *named)))
