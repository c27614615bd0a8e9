"""Whether a person can work in a workspace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orgsync.core.model.change import TAKING, Action
from orgsync.core.model.things import ARCHIVED, LIVE, Found, Pair
from orgsync.core.words.address import in_sentence
from orgsync.core.words.spelling import same_mailbox
from orgsync.kinds.member import KIND as PERSON
from orgsync.kinds.member.rows import ADMIN_ROLES
from orgsync.kinds.workspace import KIND as WORKSPACE
from orgsync.kinds.workspace_member import KIND
from orgsync.questions.access.population import population
from orgsync.questions.access.powers import ADMINS, BILLING, Sort, Verb, powers
from orgsync.questions.why.chain import Link, fails, holds, noted, unknown
from orgsync.questions.why.person import found_person, member_links
from orgsync.questions.why.places import APPLY, is_observed, line_of, new_line, place_of, teams_in, through
from orgsync.questions.why.trace import Trace, absent, moment, shown, trace_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from orgsync.core.document.read import Desired
    from orgsync.core.feed.records import Activity
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Declared
    from orgsync.questions.why.history import History

_USUAL_ROLE = "developer"


def access_links(
    email: str, place: Pair, seen: Observation, desired: Desired | None, history: History, now: datetime
) -> Iterator[Link]:
    """That the person is a member, that the workspace can be used, and that they have a role in it."""
    yield from member_links(email, seen, desired, history, now)
    yield from workspace_links(place, seen, history)
    person = found_person(email, seen)
    if place.found is None or person is None or person.standing != LIVE or person.unknown:
        return
    yield from _role_links(email, person, place, place.found, seen, desired, history)


def workspace_links(place: Pair, seen: Observation, history: History) -> Iterator[Link]:
    """That the workspace exists and is not archived."""
    name, line = place.key[-1], place.declared
    if place.found is None and place.blocked is not None:
        yield unknown("workspace", f"which workspace {name} is: {place.blocked.message}", place_of(line))
    elif place.found is None:
        yield fails("workspace", f"{name} was not created yet", place_of(line), fixes=[APPLY])
    elif place.found.standing == ARCHIVED:
        since, traces = archived(place.found, seen, history)
        text = f"{name} ({place.found.id}) was archived {since}, which cannot be undone"
        yield fails("workspace", text, place_of(line), fixes=["use another workspace"], traces=traces)
    else:
        yield holds("workspace", f"{name} exists and is not archived", place_of(line))


def archived(found: Found, seen: Observation, history: History) -> tuple[str, tuple[Trace, ...]]:
    """When a workspace was archived, in words; by which apply, or what tells who else it was."""
    last = history.last(found.address, Action.ARCHIVE, identity=found.id)
    if last is not None and found.id in {last.intent.id, last.made}:
        return last.told, ()
    trace = trace_of(WORKSPACE, Pair(None, found), seen, absent(), at=moment(found.facts.archived_at))
    return f"on {str(found.facts.archived_at)[:10]}", (trace,)


def _role_links(
    email: str,
    person: Found,
    place: Pair,
    found: Found,
    seen: Observation,
    desired: Desired | None,
    history: History,
) -> Iterator[Link]:
    """That they have a role there: inherited from the organization, or given."""
    name, role = place.key[-1], person.facts.role
    key = (name, same_mailbox(email))
    line = line_of(desired, KIND.name, key)
    row = next((one for one in seen.live.get(KIND.name, ()) if one.id == f"{found.id}/{person.id}"), None)
    sort = sort_of(place, seen)
    is_listed = sort is not Sort.DEFAULT and role not in ADMINS
    if is_listed and row is not None and row.unknown:
        yield unknown("role", f"the role here is not understood: {row.odd[0].told}", place_of(line))
        return
    if (
        is_listed
        and row is None
        and (KIND.name in seen.refused or any(one.hides(KIND.name, key) for one in seen.unseen))
    ):
        yield unknown("role", "the members of the workspace are not shown to this credential", place_of(line))
        return
    listed = None if row is None else row.attributes["role"]
    allowed, how = powers(role, sort, listed), held(role, sort, listed)
    if allowed.may & WORK:
        yield holds("role", f"{how} ({_spelled(allowed.may & WORK)})", place_of(line))
        yield from () if listed is None or not is_listed else _differing(line, listed)
    elif allowed.not_known & WORK:
        yield unknown("role", f"{how}; whether somebody can work here with that, no source says", place_of(line))
    else:
        link = _no_role(email, place, line, desired)
        told, traces = taken(person, found, seen, history) if listed is None else ("", ())
        yield replace(link, text=f"{link.text}{told}", traces=traces)


def taken(person: Found, found: Found, seen: Observation, history: History) -> tuple[str, tuple[Trace, ...]]:
    """By which apply the role of somebody in a workspace was removed, in words, or what tells who else it was.

    It may have been the role there, or one of the organization that let them work everywhere.
    """
    sort = sort_of(Pair(None, found), seen)

    def could_work(record: Activity) -> bool:
        before = record.text("previous_role") or ""
        return bool(powers("admin" if before in ADMIN_ROLES else before, sort, None).may & WORK)

    place, email = found.segments[0], person.segments[0]
    row = Found(KIND.name, (place, email), (place, person.key[0]), f"{found.id}/{person.id}", {})
    last = history.last(row.address, identity=row.id)
    if last is not None and last.intent.action in TAKING:
        return f"; the role was removed {last.told}", ()
    traces = [trace_of(KIND, Pair(None, row), seen, absent(), unlike=moment(last.at if last else None))]
    given = history.last(person.address, identity=person.id, path="role")
    if given is None or given.value("role") != person.attributes["role"]:
        lowered = Pair(None, person)
        traces.append(trace_of(PERSON, lowered, seen, shown(person, "role"), fits=could_work))
    return "", tuple(traces)


WORK = frozenset({Verb.PLAYGROUND, Verb.CLAUDE_CODE, Verb.CREATE_KEYS, Verb.USE_API})
"""To be able to do one of these is to work in a workspace."""
_WORDS = {
    Verb.PLAYGROUND: "Playground",
    Verb.CLAUDE_CODE: "Claude Code",
    Verb.CREATE_KEYS: "API keys",
    Verb.USE_API: "requests",
}


def _spelled(verbs: AbstractSet[Verb]) -> str:
    return ", ".join(word for verb, word in _WORDS.items() if verb in verbs)


def sort_of(place: Pair, seen: Observation) -> Sort:
    """The sort of a workspace: in some, roles mean something else."""
    site = None if place.found is None else population(seen).site(place.found.id)
    return Sort.ORDINARY if site is None else site.sort


def held(role: str, sort: Sort, listed: str | None) -> str:
    """By which role somebody is in a workspace, in words."""
    if sort is Sort.DEFAULT:
        return f"access to the default workspace follows the organization role {role}"
    if role in ADMINS:
        return f"is admin of every workspace by the organization role {role}"
    if role == BILLING and listed != "admin":
        return "sees the billing of every workspace by the organization role billing"
    return f"has the role {listed} here" if listed else f"needs no role here with the organization role {role}"


def _differing(line: Declared | None, role: str) -> Iterator[Link]:
    if line is not None and line.expired:
        yield noted("declared", f"the role is {line.ended}: the line no longer counts", place_of(line))
    elif line is not None and line.spec.role != role:
        yield noted("declared", f"the files declare {line.spec.role}{through(line)}", place_of(line))


def _no_role(email: str, place: Pair, line: Declared | None, desired: Desired | None) -> Link:
    """That nothing gives them a role, and what would."""
    name = place.key[-1]
    console = f"Console > Settings > Workspaces > {name} > Members"
    if desired is None:
        return fails("role", "has no role in it", fixes=[f"add them in the Console ({console})"])
    if line is None:
        text = "has no role in it: neither in the organization nor in the files"
        return fails("role", text, fixes=_edits(email, place, desired))
    if line.expired:
        text = f"has no role in it: the line is {line.ended}"
        return fails("role", text, place_of(line), fixes=[f"extend `until` in {place_of(line)}, then {APPLY}"])
    text = f"has no role in it yet: the files declare {line.spec.role}{through(line)}"
    fix = f"add them in the Console ({console}): `manage.workspace_members` is `observe`"
    return fails("role", text, place_of(line), fixes=[fix if is_observed(desired, KIND) else APPLY])


def _edits(email: str, place: Pair, desired: Desired) -> Iterator[str]:
    """The lines that would give them a role: in a team that has one there, or one of their own."""
    if place.declared is None:
        yield f"declare {in_sentence(place.address)} with its members, then {APPLY}"
        return
    path = ("workspaces", place.declared.segments[0], "members")
    for team, source in teams_in(desired, path):
        yield f"add them to `teams.{team}` ({source}), then {APPLY}"
    yield f"{new_line(desired, path, f'{email}: {_USUAL_ROLE}')}, then {APPLY}"
