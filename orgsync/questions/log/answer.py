"""The log as an answer: one row for each event, newest first, and what could not be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.answers.answer import Answer, Column, Looked, Table
from orgsync.core.words.address import in_sentence
from orgsync.core.words.plural import counted
from orgsync.core.words.timestamp import written_moment
from orgsync.questions.log.event import Event, Origin, change_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.questions.log.event import Commit
    from orgsync.questions.log.timeline import Chosen

MARKS = {Origin.APPLY: "~", Origin.HAND: "!", Origin.FILES: "+", Origin.DRIFT: "!"}


def _minute(at: Any) -> str:
    return str(at)[:16].replace("T", " ")


def _marked(origin: Any) -> str:
    return f"{MARKS[Origin(origin)]} {origin}"


COLUMNS = (
    Column("at", "time (UTC)", _minute),
    Column("origin", "where", _marked),
    Column("what", "what", grows=True),
    *(
        Column(name)
        for name in (
            *("address", "change", "outcome", "action", "fields", "who", "certainty", "sources", "remark", "id"),
            *("run", "plan", "request_id", "commit", "subject", "pull_request", "line", "since", "unapplied"),
        )
    ),
)


def answer_of(
    events: Sequence[Event],
    asked: Chosen,
    looked: Sequence[Looked],
    notes: Sequence[str],
    *,
    reverse: bool,
    requests: int,
) -> Answer:
    """The chosen events, which come oldest first. `reverse`: they are shown so."""
    shown = events if reverse else tuple(reversed(events))
    about = "" if asked.what is None else f" of {asked.what}"
    since, until = (written_moment(one) for one in (asked.since, asked.until))
    return Answer(
        question="log",
        title=f"{counted(len(events), 'event')}{about}, {_minute(since)} to {_minute(until)} UTC",
        looked=tuple(looked),
        tables=(Table("events", COLUMNS, tuple(map(_row, shown)), empty="Nothing is recorded for this time."),),
        notes=tuple(notes),
        requests=requests,
        facts={"since": since, "until": until, "order": "oldest first" if reverse else "newest first"},
    )


def _row(event: Event) -> dict[str, Any]:
    commit = event.commit
    return {
        "at": event.at,
        "origin": event.origin.value,
        "what": sentence(event),
        "address": event.address,
        "change": change_in_words(event),
        "outcome": event.outcome.value,
        "action": None if event.action is None else event.action.value,
        "fields": [{"path": one.path, "from": one.before, "to": one.after} for one in event.fields],
        "who": event.who,
        "certainty": event.certainty.value,
        "sources": list(event.sources),
        "remark": event.remark or None,
        "id": event.live,
        "run": event.run,
        "plan": event.plan,
        "request_id": event.request_id,
        "commit": None if commit is None else commit.id,
        "subject": None if commit is None else commit.subject,
        "pull_request": None if commit is None else commit.pull_request,
        "line": event.line,
        "since": event.since,
        "unapplied": event.unapplied,
    }


def sentence(event: Event) -> str:
    """`spend_limit:workspace/checkout monthly 8000 -> 12000; by ana (receipt), commit 9c69ff70a "limits" (#61)`."""
    said = change_in_words(event) + (f": {event.remark}" if event.remark else "")
    if event.since is not None:
        said = f"{said}, after {_minute(event.since)}"
    what = said if event.address is None else f"{in_sentence(event.address)} {said}"
    return f"{what}; {_by(event)}"


def _by(event: Event) -> str:
    if event.unapplied and event.commit is not None:
        return f"not applied then ({' and '.join(event.sources)}), {_named(event.commit)}"
    who = "somebody unknown" if event.who is None else event.who
    if event.origin is Origin.FILES and event.commit is not None:
        return f"by {who}, {_named(event.commit)}"
    sure = f": {event.certainty}" if event.record is not None and event.who is not None else ""
    because = f", {_named(event.commit)}" if event.commit is not None else ""
    return f"by {who} ({' and '.join(event.sources)}{sure}){because}"


def _named(commit: Commit) -> str:
    number = f" ({commit.pull_request})" if commit.pull_request else ""
    return f'commit {commit.short} "{commit.subject}"{number}'
