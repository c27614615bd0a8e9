"""What is recorded of an organization, as one line of time: receipts, commits, drift reports, activities."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from orgsync.core.answers.answer import Answer, Looked
from orgsync.core.document.read import desired_state
from orgsync.core.document.settings import top_level
from orgsync.core.feed.window import FeedState
from orgsync.core.words.plural import counted
from orgsync.core.words.timestamp import written_moment
from orgsync.errors import ApiError, InputError, Stale, UsageError
from orgsync.files.state import drift_file
from orgsync.files.state.journal import examined
from orgsync.files.state.json_file import OtherSort
from orgsync.files.state.kept_files import journals_beside, kept_files
from orgsync.files.yaml.git import load_at
from orgsync.files.yaml.history import history_of
from orgsync.flows.feed import feed_read
from orgsync.flows.files import desired_at
from orgsync.flows.question import observed
from orgsync.flows.watch import UNWATCHED
from orgsync.kinds import KINDS
from orgsync.questions.log import commits, receipts, reports
from orgsync.questions.log.activities import EARLY, LATE, events_of, told_by_both, types_asked
from orgsync.questions.log.answer import answer_of
from orgsync.questions.log.names import Names
from orgsync.questions.log.timeline import chosen, in_order, with_commits, without_repetition

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from orgsync.core.apply.journal import Link
    from orgsync.core.document.read import Desired
    from orgsync.core.feed.records import Activity
    from orgsync.errors import OrgsyncError
    from orgsync.files.yaml.history import Revision
    from orgsync.flows.connection import Connection
    from orgsync.flows.watch import Watch
    from orgsync.questions.log.event import Event
    from orgsync.questions.log.timeline import Chosen

MOST_COMMITS = 200
"""Commits that are read for one log: each of them is the whole of the files."""

_MOST_WRONG = 5
_OLDER = "name a later time with --since and --until to read those of another time"


@dataclass(frozen=True, slots=True)
class Records:
    """Where the records are: the files and what is beside them (None: nowhere), and files and folders of
    receipts and drift reports."""

    path: Path | None
    receipts: tuple[Path, ...] = ()
    reports: tuple[Path, ...] = ()


@dataclass(slots=True)
class _Gathered:
    """Events of all records, where they are from, and what could not be read.

    `whose` is the id that the files give for their organization, if they can be read and give one.
    """

    whose: str | None = None
    events: list[Event] = field(default_factory=list)
    looked: list[Looked] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def log_of(
    records: Records,
    asked: Chosen,
    now: datetime,
    *,
    feed: Connection | None = None,
    reverse: bool = False,
    unasked: str = "",
    watch: Watch = UNWATCHED,
) -> Answer:
    """Everything that is recorded of the time that is asked for.

    `feed` is whose Activity Feed is asked; None: nobody's, and `unasked` is why. Raises UsageError where a record that
    was named cannot be read.
    """
    gathered = _Gathered(_organization(records.path, now), notes=[unasked] if unasked else [])
    _take_receipts(records, gathered)
    _take_reports(records, gathered)
    if records.path is not None:
        _take_commits(records.path, asked, gathered)
    requests = 0 if feed is None else await _take_feed(feed, asked, gathered, now, watch)
    whole = with_commits(without_repetition(told_by_both(reports.of_one_record(in_order(gathered.events)))))
    events = chosen(whole, asked)
    if asked.what is None:
        events = commits.with_one_beginning(events)
    return answer_of(events, asked, gathered.looked, gathered.notes, reverse=reverse, requests=requests)


async def _take_feed(source: Connection, asked: Chosen, gathered: _Gathered, now: datetime, watch: Watch) -> int:
    """Adds what the Activity Feed tells, and says so where it tells nothing, or not all. Answers with the requests."""
    since, until = asked.since - EARLY, asked.until + LATE  # the record of a write may be on the other side
    feed = await feed_read(source, types_asked(), since, until, watch)
    if feed.state is not FeedState.READ:
        gathered.notes.append(feed.says if feed.hint is None else f"{feed.says.removesuffix('.')}: {feed.hint}")
    if not feed.usable:
        return feed.requests
    if feed.off_between(asked.since, asked.until):
        gathered.notes.append("the Activity Feed was off for some of this time: what was changed then is not in it")
    names = Names()
    names.learn(gathered.events)
    names.learn_people(feed.records)
    found = _records_of(feed.records, gathered)
    events, requests = events_of(found, names), feed.requests
    if names.unknown:
        requests += await _look_up(source, names, now, watch)
        events = events_of(found, names)
    gathered.events += events
    gathered.looked.append(Looked("the Activity Feed", written_moment(min(asked.until, now))))
    return requests


def _records_of(records: Sequence[Activity], gathered: _Gathered) -> list[Activity]:
    """Without what happened in other organizations than the one that the files name by its id."""
    whose = gathered.whose
    kept = [one for one in records if whose is None or not one.organizations or whose in one.organizations]
    if len(kept) < len(records):
        left = counted(len(records) - len(kept), "record")
        gathered.notes.append(f"left out: {left} of the Activity Feed about other organizations")
    return kept


async def _look_up(source: Connection, names: Names, now: datetime, watch: Watch) -> int:
    """Learns what ids stand for that no receipt and no record explains. Answers with the requests that it took."""
    kinds = sorted({kind for kind, _identity in names.unknown})
    try:
        seen, _looked = await observed(source, kinds, None, now, watch=watch)
    except ApiError:
        return 0  # ids are shown instead
    for kind in kinds:
        for one in seen.live.get(kind, ()):
            names.known[kind].setdefault(one.id, one.segments)
    return seen.requests


def _take_receipts(records: Records, gathered: _Gathered) -> None:
    beside = journals_beside(records.path) if records.path is not None else ()
    named = [file for place in records.receipts for file in kept_files(place, ".jsonl", "--receipts")]
    journals = [links for file in dict.fromkeys((*beside, *named)) if (links := _links(file, gathered))]
    found = receipts.receipts_of(journals)
    events = _of_this_organization(receipts.events_of(found), "receipt", gathered)
    gathered.events += events
    newest = max((one.at for one in events), default=None)
    gathered.looked.append(Looked(counted(len(journals), "journal"), newest))
    if found.disagreeing:
        number = counted(found.disagreeing, "write")
        gathered.notes.append(f"journals disagree about {number}: one of them was edited; both versions are shown")


def _take_reports(records: Records, gathered: _Gathered) -> None:
    if not records.reports:
        return
    found, others = [], []
    for place in records.reports:
        for file in kept_files(place, ".json", "--reports"):
            try:
                report = drift_file.read(file)
            except (InputError, Stale) as error:
                if place == file:
                    raise
                others.append((file, error))
                continue
            found += [report] if report is not None else []
    _note_others(others, gathered)
    events = _of_this_organization(reports.events_of(found), "difference", gathered)
    gathered.events += events
    newest = max((one.checked_at for one in found), default=None)
    gathered.looked.append(Looked(counted(len(found), "drift report"), newest))


def _note_others(others: Sequence[tuple[Path, OrgsyncError]], gathered: _Gathered) -> None:
    """Says what could not be read as a drift report, and why; files of another sort only how many they are."""
    sorts = [file for file, error in others if isinstance(error, OtherSort)]
    if sorts:
        gathered.notes.append(f"left out: {counted(len(sorts), 'file')} that are no drift reports, such as {sorts[0]}")
    wrong = [str(error).partition("\n")[0] for file, error in others if file not in sorts]
    gathered.notes += wrong[:_MOST_WRONG]
    if len(wrong) > _MOST_WRONG:
        gathered.notes.append(f"{counted(len(wrong) - _MOST_WRONG, 'file')} more could not be read as drift reports")


def _links(path: Path, gathered: _Gathered) -> Sequence[Link]:
    """The lines of a journal; what is wrong with it is noted. A file of another sort has none."""
    found = examined(path)
    if not found.links:
        if found.flaws:
            gathered.notes.append(f"{path} is not a journal, and was left out")
        return ()
    for flaw in found.flaws[:1]:
        more = "" if len(found.flaws) == 1 else f", and {counted(len(found.flaws) - 1, 'line')} more"
        gathered.notes.append(f"{path}: the chain is broken, line {flaw.line:,} {flaw.message}{more}")
    return found.links


def _of_this_organization(events: Sequence[Event], noun: str, gathered: _Gathered) -> list[Event]:
    """Without what was done to other organizations than the one that the files name by its id."""
    whose = gathered.whose
    if whose is None:
        number = len({one.organization for one in events})
        if number > 1:
            message = f"the {noun}s are of {number} organizations, and no files say which one is meant by its id"
            gathered.notes.append(message)
        return list(events)
    kept = [one for one in events if one.organization == whose]
    if len(kept) < len(events):
        left = counted(len(events) - len(kept), noun)
        gathered.notes.append(f"{left} of other organizations were left out")
    return kept


def _organization(path: Path | None, now: datetime) -> str | None:
    """The id that the files give for their organization, if they can be read and give one."""
    if path is None or not path.exists():
        return None
    try:
        return desired_at(path, now).settings.organization.id
    except InputError:
        return None


def _take_commits(path: Path, asked: Chosen, gathered: _Gathered) -> None:
    try:
        history = history_of(path, MOST_COMMITS)
    except UsageError as error:
        gathered.notes.append(f"commits were not read: {error}")
        return
    gathered.looked.append(Looked(f"commits of {path}", history.revisions[0].at if history.revisions else None))
    if history.more:
        gathered.notes.append(f"only the last {MOST_COMMITS:,} commits of {path} were read: {_OLDER}")
    steps = _steps(path, history.revisions, asked, shallow=history.shallow)
    if history.shallow:
        gathered.notes.append("this clone is shallow: of what came before its first commit nothing is known")
    told = [commits.events_of(step) for step in steps]
    gathered.events += [event for events in told for event in events]
    silent = sum(not events for events in told)
    if silent:
        gathered.notes.append(f"left out: {counted(silent, 'commit')} that changed no declared value")


def _steps(path: Path, revisions: Sequence[Revision], asked: Chosen, *, shallow: bool) -> list[commits.Step]:
    """Each commit of that time, with what the files asked for before it. Oldest first.

    Where files cannot be read, the next commit is compared with the last one before it that can.
    """
    since, until = written_moment(asked.since), written_moment(asked.until)
    inside = [index for index, one in enumerate(revisions) if since <= one.at <= until]
    if not inside:
        return []
    within = revisions[inside[0] : inside[-1] + 1]  # commits between them count whatever their clocks said
    before, problem = _desired(path, within[-1].parent, within[-1].at)
    steps = []
    for one in reversed(within):
        commit = commits.commit_of(one.id, one.at, one.author, one.message)
        after, wrong = _desired(path, one.id, one.at)
        if one.parent is not None or not shallow:
            steps.append(commits.Step(commit, before, after, wrong or problem))
        before, problem = (before, problem) if wrong else (after, None)
    return steps


def _desired(path: Path, commit: str | None, at: str) -> tuple[Desired | None, str | None]:
    """What the files asked for at a commit, if there were any; or why that cannot be told."""
    if commit is None:
        return None, None
    try:
        document = load_at(commit, path, keys=top_level(KINDS))
        if document is None:
            return None, None
        return desired_state(document, KINDS, datetime.fromisoformat(at).date()), None
    except InputError as error:
        more = len(error.problems) - 1
        told = str(error.problems[0]).partition("\n")[0].removeprefix(f"{commit}:")
        return None, f"{told}, and {counted(more, 'problem')} more" if more else told
    except UsageError as error:
        return None, str(error).replace(commit, commit[:9])
