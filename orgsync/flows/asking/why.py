"""Why something is as it is: reads what one chain of checks needs, and no more, and answers with the chain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from orgsync.core.answers.answer import Answer, Looked
from orgsync.core.model.change import Action
from orgsync.core.model.context import Reading
from orgsync.core.model.observation import Former, Observation
from orgsync.core.model.rows import Checked
from orgsync.core.plan.make import make_plan
from orgsync.core.snapshot.snapshot import Snapshot
from orgsync.core.words.address import Address, address, in_sentence
from orgsync.core.words.suggest import did_you_mean
from orgsync.engine.read_live import read_chosen, read_report
from orgsync.errors import UsageError
from orgsync.files.state import journal
from orgsync.files.yaml.authors import lines_written
from orgsync.flows.asking.meant import key_meant, workspace_meant
from orgsync.flows.asking.who import Told, who_made_it_fail
from orgsync.flows.connection import reading
from orgsync.flows.plan import planned
from orgsync.flows.question import looked_at, observed
from orgsync.flows.watch import UNWATCHED
from orgsync.kinds import KINDS
from orgsync.kinds.api_key import KIND as KEY
from orgsync.kinds.member import KIND as PERSON
from orgsync.kinds.service_account import KIND as SERVICE_ACCOUNT
from orgsync.kinds.workspace import KIND as WORKSPACE
from orgsync.kinds.workspace_member import KIND as ROLE
from orgsync.questions.why import access, key, limit, line, person
from orgsync.questions.why.chain import Chain, chain, noted
from orgsync.questions.why.history import History, history
from orgsync.questions.why.subject import About, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from orgsync.core.answers.answer import Table
    from orgsync.core.apply.journal import Examined
    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Plan
    from orgsync.core.model.request import Reader
    from orgsync.core.model.things import Found, Pair
    from orgsync.flows.connection import Connection
    from orgsync.flows.files import Files
    from orgsync.flows.watch import Watch
    from orgsync.questions.why.chain import Link

QUESTION = "why"

_DIGITS = 7
"""Of the id of a commit, as git shows them."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what it can be answered from besides the organization.

    `files` is None where there are none, or where they do not count. `journals` are those that were read, by name.
    `feed` is whether the Activity Feed may be asked who brought about what fails.
    """

    subject: Subject
    files: Files | None
    journals: Mapping[str, Examined]
    now: datetime
    feed: bool = False

    @property
    def desired(self) -> Desired | None:
        """What the files ask for."""
        return None if self.files is None else self.files.desired

    def history(self, organization: str) -> History:
        """What the journals know of one organization."""
        return history((read.entries for read in self.journals.values()), organization)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is wrong with the journals."""
        edited = [name for name, read in self.journals.items() if read.flaws]
        return tuple(f"{name} was edited: what it records is not proven (`orgsync show --receipts`)" for name in edited)

    @property
    def looked(self) -> tuple[Looked, ...]:
        """The files, and the journals with the time of the last line of each."""
        files = () if self.desired is None else self.desired.document.files[:1]
        return (
            *(Looked(f"the files {name}") for name in files),
            *(Looked(name, read.links[-1].entry.at) for name, read in self.journals.items()),
        )


def journals_at(paths: Iterable[Path]) -> dict[str, Examined]:
    """The journals, by their names. Files that are none are left out. Raises UsageError where one cannot be read."""
    read = {str(path): journal.examined(path) for path in paths}
    return {name: one for name, one in read.items() if one.links}


async def why(question: Question, source: Connection | Snapshot, watch: Watch = UNWATCHED) -> Answer:
    """The answer. Raises UsageError where nobody can tell what is meant, and what reading raises."""
    answers = {
        About.PERSON: _of_person,
        About.ACCESS: _of_access,
        About.KEY: _of_key,
        About.LIMIT: _of_limit,
        About.LINE: _of_line,
    }
    question = _as_answered(question)
    return await answers[question.subject.about](question, source, watch)


def offline(question: Question) -> Answer:
    """The answer from the files alone. Raises UsageError for what they cannot answer."""
    subject, files = question.subject, question.files
    by_form = {
        About.PERSON: lambda: address(PERSON.name, subject.email),
        About.ACCESS: lambda: address(ROLE.name, subject.workspace, subject.email),
    }
    about = by_form[subject.about]() if subject.about in by_form else subject.address
    if files is None or about is None:
        raise UsageError(
            "the files alone cannot answer that", hint="leave out --files, or name an address: member:EMAIL"
        )
    return _line_answer(replace(question, subject=replace(subject, address=about)), files)


def _as_answered(question: Question) -> Question:
    """The question; where there are no files, an address stands for what it names in the organization."""
    subject = question.subject
    if subject.about is not About.LINE or question.files is not None or subject.address is None:
        return question
    segments = subject.address.segments
    by_kind = {
        PERSON.name: lambda: Subject(About.PERSON, email=segments[-1]),
        ROLE.name: lambda: Subject(About.ACCESS, email=segments[-1], workspace=segments[0]),
        KEY.name: lambda: Subject(About.KEY, address=subject.address),
    }
    if subject.address.kind not in by_kind:
        raise UsageError(
            f"{in_sentence(subject.address)}: the question is about the files, and there are none",
            hint="name them with --path PATH",
        )
    return replace(question, subject=by_kind[subject.address.kind]())


async def _of_person(question: Question, source: Connection | Snapshot, watch: Watch) -> Answer:
    seen, looked = await observed(source, [PERSON.name], question.desired, question.now, watch=watch)
    past = question.history(seen.organization.id)
    email = question.subject.email
    made = chain(person.member_links(email, seen, question.desired, past, question.now))
    says = {
        True: "is a member of the organization",
        False: "is not a member of the organization",
        None: "may be a member of the organization",
    }
    told = await _told(question, made, seen, source, watch)
    return _answer(
        question, made, f"{email} {says[made.verdict]}", seen, looked, address(PERSON.name, email), told=told
    )


async def _of_access(question: Question, source: Connection | Snapshot, watch: Watch) -> Answer:
    email, name = question.subject.email, question.subject.workspace

    is_meant = _goes_by(name, question.desired)
    seen, looked = await observed(source, [ROLE.name], question.desired, question.now, inside=is_meant, watch=watch)
    place = workspace_meant(seen, name)
    past = question.history(seen.organization.id)
    made = chain(access.access_links(email, place, seen, question.desired, past, question.now))
    spelled = place.key[-1]
    says = {True: "can work in", False: "cannot work in", None: "may be able to work in"}
    about = address(ROLE.name, spelled, email)
    told = await _told(question, made, seen, source, watch)
    return _answer(question, made, f"{email} {says[made.verdict]} {spelled}", seen, looked, about, told=told)


def _goes_by(name: str, desired: Desired | None) -> Callable[[Found], bool]:
    """Whether a workspace has this name or id, or the id that the files give to what they call so."""
    line = None if desired is None else desired.declared[WORKSPACE.name].get((name,))
    declared = None if line is None else line.spec.id
    return lambda one: name in {one.id, one.segments[0]} or one.id == declared


async def _of_limit(question: Question, source: Connection | Snapshot, watch: Watch) -> Answer:
    name = question.subject.workspace
    is_meant = _goes_by(name, question.desired)
    today = (source.moment if isinstance(source, Snapshot) else question.now).date()
    seen, looked = await observed(
        source, limit.KINDS_READ, question.desired, question.now, inside=is_meant, today=today, watch=watch
    )
    place = workspace_meant(seen, name)
    past = question.history(seen.organization.id)
    made = chain(limit.limit_links(place, seen, question.desired, past, today))
    spelled = place.key[-1]
    says = {
        True: f"no limit is reached in {spelled}",
        False: f"a limit is reached in {spelled}: requests are refused",
        None: f"no limit is reached in {spelled}, as far as the API shows",
    }
    if made.failing is not None and made.failing.name == "workspace":
        says[False] = f"no request can be made in {spelled}"
    tables = (limit.limiters(place, seen),) if place.found is not None else ()
    notes = (limit.COST_IS_BEHIND,) if any("_limit" in link.name for link in made.links) else ()
    told = await _told(question, made, seen, source, watch)
    title = says[made.verdict]
    return _answer(question, made, title, seen, looked, place.address, tables=tables, notes=notes, told=told)


async def _of_key(question: Question, source: Connection | Snapshot, watch: Watch) -> Answer:
    if question.subject.hint is not None and isinstance(source, Snapshot):
        raise UsageError(
            "a snapshot does not keep the hints of keys", hint="name the key by its id or address, or ask without it"
        )
    async with reading(source, watch) as reader:
        seen = await read_chosen(reader, KINDS, [KEY.name], question.desired)
        pair = key_meant(question.subject, seen)
        behind = await _behind(reader, pair, seen)
        seen.requests = reader.requests
    looked = looked_at(source, question.now)
    past = question.history(seen.organization.id)
    seen.former = _former(past)
    made = chain(key.key_links(pair, seen, question.now, past, behind))
    more = () if question.files is None else tuple(_of_next_apply(pair, seen, question.files))
    says = {True: "works", False: "does not work", None: "works, as far as is known"}
    title = f"{in_sentence(pair.address)}{key.ending_shown(pair.found)} {says[made.verdict]}"
    if made.failing is not None and made.failing.name == "status":
        title = f"{title}: {made.failing.text}"
    told = await _told(question, made, seen, source, watch)
    return _answer(question, made, title, seen, looked, pair.address, more=more, identity=pair.found, told=told)


async def _told(
    question: Question, made: Chain, seen: Observation, source: Connection | Snapshot, watch: Watch
) -> Told:
    """What the Activity Feed says of what fails, where it may be asked."""
    if not question.feed:
        return Told()
    return await who_made_it_fail(made, seen.organization.id, source, question.now, watch)


def _former(past: History) -> dict[str, Former]:
    """Who was removed, by id, as the journals have it."""
    return {
        write.intent.id: Former(write.intent.address.segments[-1], f"removed {write.told}")
        for write in past.writes
        if write.intent.id is not None
        and write.intent.action is Action.REMOVE
        and write.intent.address.kind == PERSON.name
    }


async def _behind(reader: Reader, pair: Pair, seen: Observation) -> key.Behind:
    """What has to be read of whom the key acts as: one list, if any."""
    acts_as = {} if pair.found is None else pair.found.facts.row.get("principal") or {}
    if "service_account_id" in acts_as and not seen.by_admin_key:  # Admin keys are refused
        asked = Reading({}, seen.live, {})
        (listing,) = SERVICE_ACCOUNT.listings(asked)
        answer = await read_report(reader, listing)
        if isinstance(answer, Checked) and not answer.flawed:
            return key.Behind(accounts=list(SERVICE_ACCOUNT.found([(listing, answer.rows)], asked)))
    if (both := key.personal(pair, seen)) is not None:
        _person, place = both
        (listing,) = ROLE.listings(Reading({place.segments: place.id}, seen.live, {}))
        answer = await read_report(reader, listing)
        if isinstance(answer, Checked) and not answer.flawed:
            return key.Behind(members=answer.rows)
    return key.Behind()


def _of_next_apply(pair: Pair, seen: Observation, files: Files) -> Iterable[Link]:
    """What the files say of a key: its policies, and what the next apply would do, as far as keys tell it."""
    covering = tuple(line.policies_of(files.desired, KEY, pair.address))
    yield from covering
    if covering and pair.found is not None and pair.found.attributes["status"] == "inactive":
        yield noted("policy", "once it is active again, these policies apply: `orgsync plan` shows what they do to it")
    plan = make_plan(files.desired, seen, files.now, KINDS)
    asked = line.Asked(pair.address, "", KEY, files.desired, plan, seen)
    yield from line.next_of(asked, plan)


async def _of_line(question: Question, source: Connection | Snapshot, watch: Watch) -> Answer:
    files = question.files
    if files is None:
        raise ValueError("a question about the files has files")
    first = next(map(Path, question.journals), None)
    plan, seen = await planned(files, source, journal=first, watch=watch)
    return _line_answer(question, files, plan, seen, looked_at(source, question.now))


def _as_files_call_it(named: Address, desired: Desired, seen: Observation | None) -> Address:
    """The address; of what the organization calls so and the files differently, that in the files."""
    kind = KINDS.of(named)
    spelled = kind.key(named.segments)
    if spelled in desired.declared[kind.name] or seen is None:
        return named
    pairs = seen.pairs.get(kind.name, ())
    meant = (
        pair for pair in pairs if pair.declared is not None and pair.found is not None and pair.found.key == spelled
    )
    return next((pair.address for pair in meant), named)


def _line_answer(
    question: Question,
    files: Files,
    plan: Plan | None = None,
    seen: Observation | None = None,
    looked: Looked | None = None,
) -> Answer:
    subject = question.subject
    about = _as_files_call_it(subject.address or Address(""), files.desired, seen)
    asked = line.Asked(about, subject.field, KINDS.of(about), files.desired, plan, seen)
    known = {one.address for one in files.desired.declared[about.kind].values()}
    if seen is not None:
        known |= {pair.address for pair in seen.pairs.get(about.kind, ())}
    past = History() if seen is None else question.history(seen.organization.id)
    made = chain(line.line_links(asked, KINDS, past))
    ended = None if made.failing is None else made.failing.text
    more = () if plan is None else tuple(link for link in line.said_of(asked, plan) if link.text != ended)
    name = in_sentence(about) + (f".{subject.field}" if subject.field else "")
    says = {True: "is as the files declare it", False: "is not as the files declare it", None: "is declared"}
    if made.failing is not None and made.failing.name == "declared":
        near = did_you_mean(about, known - {about})
        says[False] = "is not declared" + (f'; did you mean "{near}"?' if near and about not in known else "")
    title = f"{name} {says[made.verdict]}"
    return _answer(question, made, title, seen, looked, about, more=more)


def _commit(made: Chain) -> Iterator[Link]:
    """From which commit the line is that the first failing check is about; else the one that declares what is asked."""
    links = [made.failing] if made.failing is not None else [link for link in made.links if link.name == "declared"]
    for link in links:
        file, colon, number = link.where.rpartition(":")
        found = lines_written(Path(file), int(number)).get(int(number)) if colon else None
        if found is not None:
            text = f"the line is of commit {found.id[:_DIGITS]}, {found.at[:10]}, by {found.author}: {found.subject}"
            yield noted("commit", text, link.where)


def _answer(
    question: Question,
    made: Chain,
    title: str,
    seen: Observation | None,
    looked: Looked | None,
    about: Address,
    *,
    more: Sequence[Link] = (),
    tables: tuple[Table, ...] = (),
    notes: tuple[str, ...] = (),
    identity: Found | None = None,
    told: Told | None = None,
) -> Answer:
    """The answer that a chain is, with what is said beside it, and what the Activity Feed `told`."""
    told = told or Told()
    sources = (*(() if looked is None else (looked,)), *question.looked, *told.looked)
    made = made.with_who(told.words) if told.words else made
    more = (*more, *_commit(made))
    failing = made.failing
    return Answer(
        QUESTION,
        title,
        None if seen is None else seen.organization,
        sources,
        (*made.steps, *(link.step for link in more)),
        tuple(dict.fromkeys((*made.fixes, *(fix for link in more for fix in link.fixes)))),
        tables,
        (*question.notes, *notes, *told.notes),
        (0 if seen is None else seen.requests) + told.requests,
        {
            "about": str(about),
            "id": None if identity is None else identity.id,
            "field": question.subject.field or None,
            "holds": made.verdict,
            "first_failing": None if failing is None else failing.name,
            "by": told.data,
        },
    )
