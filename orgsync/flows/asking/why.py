"""Why something is as it is: reads what one chain of checks needs, and no more, and answers with the chain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orgsync.core.answers.answer import Answer, Looked
from orgsync.core.model.change import Action
from orgsync.core.model.observation import Former, Observation
from orgsync.core.model.things import ARCHIVED, Pair
from orgsync.core.plan.make import make_plan
from orgsync.core.snapshot.snapshot import Snapshot
from orgsync.core.words.address import Address, address, in_sentence
from orgsync.core.words.problems import quoted, suggestion
from orgsync.core.words.suggest import did_you_mean
from orgsync.errors import UsageError
from orgsync.files.state import journal
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
from orgsync.questions.why.chain import Chain, chain
from orgsync.questions.why.history import History, history
from orgsync.questions.why.subject import About, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from orgsync.core.answers.answer import Table
    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Plan
    from orgsync.core.model.things import Found
    from orgsync.flows.connection import Connection
    from orgsync.flows.files import Files
    from orgsync.flows.watch import Watch
    from orgsync.questions.why.chain import Link

QUESTION = "why"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what it can be answered from besides the organization.

    `files` is None where there are none, or where they do not count. `journals` are those that exist.
    """

    subject: Subject
    files: Files | None
    journals: tuple[Path, ...]
    now: datetime

    @property
    def desired(self) -> Desired | None:
        """What the files ask for."""
        return None if self.files is None else self.files.desired

    def history(self, organization: str) -> History:
        """What the journals know. Raises UsageError where one cannot be read."""
        return history((journal.examined(path).entries for path in self.journals), organization)

    def notes(self) -> tuple[str, ...]:
        """What is wrong with the journals."""
        broken = [path for path in self.journals if journal.examined(path).flaws]
        return tuple(f"{path} was edited: what it records is not proven (`orgsync show --receipts`)" for path in broken)


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
    if files is None or subject.address is None:
        raise UsageError(
            "the files alone can only answer for an address", hint="leave out --files, or name an address: member:EMAIL"
        )
    return _line_answer(question, files)


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
    return _answer(question, made, f"{email} {says[made.verdict]}", seen, looked, address(PERSON.name, email))


async def _of_access(question: Question, source: Connection | Snapshot, watch: Watch) -> Answer:
    email, name = question.subject.email, question.subject.workspace

    def is_meant(one: Found) -> bool:
        return name in {one.id, one.segments[0]} or one.id in declared

    declared = _declared_ids(question.desired, name)
    seen, looked = await observed(source, [ROLE.name], question.desired, question.now, inside=is_meant, watch=watch)
    place = _workspace(seen, name)
    past = question.history(seen.organization.id)
    made = chain(access.access_links(email, place, seen, question.desired, past, question.now))
    spelled = place.key[-1]
    says = {True: "can work in", False: "cannot work in", None: "may be able to work in"}
    about = address(ROLE.name, spelled, email)
    return _answer(question, made, f"{email} {says[made.verdict]} {spelled}", seen, looked, about)


def _declared_ids(desired: Desired | None, name: str) -> frozenset[str]:
    """The ids that the files give to what they call so."""
    line = None if desired is None else desired.declared[WORKSPACE.name].get((name,))
    return frozenset(one for one in (None if line is None else line.spec.id,) if one is not None)


def _workspace(seen: Observation, name: str) -> Pair:
    """The workspace of this name or id. Raises UsageError where there is none, or more than one."""
    pairs = seen.pairs[WORKSPACE.name]
    by_id = [pair for pair in pairs if pair.found is not None and pair.found.id == name]
    named = by_id or [pair for pair in pairs if name in _names(pair)]
    usable = [pair for pair in named if pair.found is not None and pair.found.standing != ARCHIVED]
    meant = usable or _unusable(named)
    if len(meant) > 1:
        ids = ", ".join(sorted(pair.found.id for pair in meant if pair.found is not None))
        raise UsageError(f"{len(meant)} workspaces are named {quoted(name)}: {ids}", hint="name one of them by its id")
    if not meant:
        known = sorted({one for pair in pairs for one in _names(pair)})
        raise UsageError(f"there is no workspace {quoted(name)}", hint=suggestion(name, known, "workspaces"))
    return meant[0]


def _unusable(named: Sequence[Pair]) -> list[Pair]:
    """Of workspaces that nobody can use the one that is meant: declared and not created yet, else archived last."""
    declared = next((pair for pair in named if pair.declared is not None), None)
    archived = [pair.found for pair in named if pair.found is not None]
    if declared is not None and (declared.blocked is None or not archived):
        return [declared]
    last = max(archived, key=lambda one: str(one.facts.archived_at), default=None)
    return [] if last is None else [Pair(None if declared is None else declared.declared, last)]


def _names(pair: Pair) -> set[str]:
    """What the files and the organization call it."""
    return {one.segments[-1] for one in (pair.declared, pair.found) if one is not None}


async def _of_limit(question: Question, source: Connection | Snapshot, watch: Watch) -> Answer:
    name = question.subject.workspace
    declared = _declared_ids(question.desired, name)

    def is_meant(one: Found) -> bool:
        return name in {one.id, one.segments[0]} or one.id in declared

    today = (source.moment if isinstance(source, Snapshot) else question.now).date()
    seen, looked = await observed(
        source, limit.KINDS_READ, question.desired, question.now, inside=is_meant, today=today, watch=watch
    )
    place = _workspace(seen, name)
    made = chain(limit.limit_links(place, seen, question.desired, today))
    spelled = place.key[-1]
    says = {
        True: f"no limit refuses the requests of {spelled}",
        False: f"a limit refuses requests of {spelled}",
        None: f"no limit that the API shows to be reached refuses requests of {spelled}",
    }
    if made.failing is not None and made.failing.name == "workspace":
        says[False] = f"no request can be made in {spelled}"
    tables = (limit.limiters(place, seen),) if place.found is not None else ()
    return _answer(question, made, says[made.verdict], seen, looked, place.address, tables=tables)


async def _of_key(question: Question, source: Connection | Snapshot, watch: Watch) -> Answer:
    if question.subject.hint is not None and isinstance(source, Snapshot):
        raise UsageError(
            "a snapshot does not keep the hints of keys", hint="name the key by its id or address, or ask without it"
        )
    seen, looked = await observed(source, [KEY.name], question.desired, question.now, watch=watch)
    past = question.history(seen.organization.id)
    seen.former = _former(past)
    pair = _key(question.subject, seen)
    accounts = await _accounts(pair, seen, question, source, watch)
    made = chain(key.key_links(pair, seen, question.now, past, accounts))
    more = () if question.files is None else tuple(_of_next_apply(pair, seen, question.files))
    says = {True: "works", False: "does not work", None: "works, as far as is known"}
    title = f"{in_sentence(pair.address)}{key.ending_shown(pair.found)} {says[made.verdict]}"
    if made.failing is not None and made.failing.name == "status":
        title = f"{title}: {made.failing.text}"
    return _answer(question, made, title, seen, looked, pair.address, more=more, identity=pair.found)


def _key(subject: Subject, seen: Observation) -> Pair:
    """The key that is meant. Raises UsageError where there is none, or more than one."""
    pairs = seen.pairs[KEY.name]
    if subject.address is not None:
        workspace, name = KEY.key(subject.address.segments)
        named = [pair for pair in seen.pairs[WORKSPACE.name] if workspace in _names(pair)]
        places = {workspace} | {pair.key[-1] for pair in named}
        places |= {pair.found.id for pair in named if pair.found is not None}  # keys of an archived one go by that
        meant = key.keys_meant(pairs, keys=frozenset((one, name) for one in places))
        told = in_sentence(subject.address)
    else:
        meant = key.keys_meant(pairs, hint=subject.hint, identity=subject.key_id)
        told = subject.key_id or f"the hint {subject.hint}"
    if len(meant) > 1:
        several = "; ".join(sorted(f"{pair.address} ({pair.found.id})" for pair in meant if pair.found is not None))
        raise UsageError(f"{len(meant)} keys go by {told}: {several}", hint="name one of them by its id")
    if not meant:
        known = [pair.address for pair in pairs]
        near = None if subject.address is None else did_you_mean(subject.address, known)
        hint = f'did you mean "{near}"?' if near else "`orgsync keys` lists the keys of the organization"
        raise UsageError(f"no API key of the organization goes by {told}", hint=hint)
    return meant[0]


def _former(past: History) -> dict[str, Former]:
    """Who was removed, by id, as the journals have it."""
    return {
        write.intent.id: Former(write.intent.address.segments[-1], f"removed {write.told}")
        for write in past.writes
        if write.intent.id is not None
        and write.intent.action is Action.REMOVE
        and write.intent.address.kind == PERSON.name
    }


async def _accounts(
    pair: Pair, seen: Observation, question: Question, source: Connection | Snapshot, watch: Watch
) -> Sequence[Found] | None:
    """The service accounts, only if the key acts as one and the credential may see them; None: it may not."""
    acts_as = {} if pair.found is None else pair.found.facts.row.get("principal") or {}
    if "service_account_id" not in acts_as or seen.by_admin_key:
        return None
    kind = SERVICE_ACCOUNT.name
    others, _looked = await observed(source, [kind], None, question.now, watch=watch)
    seen.requests += others.requests
    return None if kind in others.refused or others.unseen else others.live[kind]


def _of_next_apply(pair: Pair, seen: Observation, files: Files) -> Iterable[Link]:
    """What the files say of a key: its policies, and what the next apply would do, as far as keys tell it."""
    yield from line.policies_of(files.desired, KEY, pair.address)
    plan = make_plan(files.desired, seen, files.now, KINDS)
    asked = line.Asked(pair.address, "", KEY, files.desired, plan, seen)
    yield from line.next_of(asked, plan)


async def _of_line(question: Question, source: Connection | Snapshot, watch: Watch) -> Answer:
    files = question.files
    if files is None:
        raise ValueError("a question about the files has files")
    first = next(iter(question.journals), None)
    plan, seen = await planned(files, source, journal=first, watch=watch)
    return _line_answer(question, files, plan, seen, looked_at(source, question.now))


def _line_answer(
    question: Question,
    files: Files,
    plan: Plan | None = None,
    seen: Observation | None = None,
    looked: Looked | None = None,
) -> Answer:
    subject = question.subject
    about = subject.address or Address("")
    asked = line.Asked(about, subject.field, KINDS.of(about), files.desired, plan, seen)
    known = {one.address for one in files.desired.declared[about.kind].values()}
    if seen is not None:
        known |= {pair.address for pair in seen.pairs.get(about.kind, ())}
    past = History() if seen is None else question.history(seen.organization.id)
    made = chain(line.line_links(asked, KINDS, past))
    more = () if plan is None else tuple(line.said_of(asked, plan))
    name = in_sentence(about) + (f".{subject.field}" if subject.field else "")
    says = {True: "is as the files declare it", False: "is not as the files declare it", None: "is declared"}
    if made.failing is not None and made.failing.name == "declared":
        near = did_you_mean(about, known - {about})
        says[False] = "is not declared" + (f'; did you mean "{near}"?' if near and about not in known else "")
    title = f"{name} {says[made.verdict]}"
    return _answer(question, made, title, seen, looked, about, more=more)


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
    identity: Found | None = None,
) -> Answer:
    """The answer that a chain is, with what is said beside it."""
    sources = [] if looked is None else [looked]
    if question.desired is not None:
        sources.append(Looked(f"the files {', '.join(question.desired.document.files[:1])}"))
    sources.extend(Looked(str(path.name)) for path in question.journals)
    failing = made.failing
    return Answer(
        QUESTION,
        title,
        None if seen is None else seen.organization,
        tuple(sources),
        (*made.steps, *(link.step for link in more)),
        tuple(dict.fromkeys((*made.fixes, *(fix for link in more for fix in link.fixes)))),
        tables,
        question.notes(),
        0 if seen is None else seen.requests,
        {
            "about": str(about),
            "id": None if identity is None else identity.id,
            "field": question.subject.field or None,
            "holds": made.verdict,
            "first_failing": None if failing is None else failing.name,
        },
    )
