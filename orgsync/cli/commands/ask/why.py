"""`orgsync why`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orgsync.cli.asking.options import answer_options
from orgsync.cli.asking.sources import source_options
from orgsync.errors import EXIT_OK, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.cli.asking.options import Form
    from orgsync.cli.asking.sources import Sources
    from orgsync.cli.shared.options import Options
    from orgsync.questions.why.subject import Subject


@click.command()
@click.argument("words", nargs=-1, metavar="SUBJECT [WORKSPACE]")
@click.option(
    "--receipts",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Also read the journals (*.journal.jsonl) in this folder. Default: the one beside the files.",
)
@answer_options
@source_options()
def why(words: tuple[str, ...], receipts: Path | None, form: Form, sources: Sources, options: Options) -> int:
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
    from orgsync.flows.asking.why import Question, offline
    from orgsync.flows.asking.why import why as asked

    subject = _subject(words)
    question = Question(subject, sources.files, tuple(_journals(sources, receipts)), options.now)
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


def _journals(sources: Any, receipts: Path | None) -> Iterator[Path]:
    """The journals that exist: beside the files, and in the folder that was named."""
    from orgsync.files.state.journal import is_journal_name, journal_path

    beside = None if sources.path is None else journal_path(sources.path)
    if beside is not None and beside.exists():
        yield beside
    for path in sorted(receipts.iterdir()) if receipts is not None else ():
        if is_journal_name(path) and (beside is None or path.resolve() != beside.resolve()):
            yield path
