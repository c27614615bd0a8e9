"""Whether a person is a member of the organization; if not, where their invite ended."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from orgsync.core.model.change import Action
from orgsync.core.model.things import LIVE, Found, Pair
from orgsync.core.words.address import address
from orgsync.core.words.spelling import same_mailbox
from orgsync.core.words.suggest import did_you_mean
from orgsync.kinds.member import EXPIRED, INVITED, KIND, LEFT
from orgsync.questions.why.chain import Link, fails, holds, noted, unknown
from orgsync.questions.why.places import APPLY, is_observed, line_of, new_line, place_of, through
from orgsync.questions.why.trace import Trace, absent, moment, trace_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgsync.core.document.read import Desired
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Declared
    from orgsync.questions.why.history import History, Write

_CONSOLE = "Console > Settings > Members"
_USUAL_ROLE = "developer"


def member_links(
    email: str, seen: Observation, desired: Desired | None, history: History, now: datetime
) -> Iterator[Link]:
    """That the person was invited, that the invite was neither withdrawn nor expired, accepted, and that they stayed.

    Of somebody who is a member, that is all that counts.
    """
    line = line_of(desired, KIND.name, (same_mailbox(email),))
    person = found_person(email, seen)
    if person is not None and person.unknown:
        yield unknown("member", f"is listed, but not understood: {person.odd[0].told}", place_of(line))
    elif person is not None and person.standing == LIVE:
        yield holds("member", f"is a member of the organization ({person.attributes['role']})", place_of(line))
        yield from _differing(person, line, desired)
    elif person is not None:
        yield from _invited(person, seen, line, desired, history, now)
    elif _is_hidden(seen):
        yield unknown("invited", "is no member; invites are not shown to this credential", place_of(line))
    else:
        yield from _absent(email, seen, line, desired, history)


def found_person(email: str, seen: Observation) -> Found | None:
    """The member, or the invite that counts."""
    key = (same_mailbox(email),)
    return next((one for one in seen.live.get(KIND.name, ()) if one.key == key), None)


def _is_hidden(seen: Observation) -> bool:
    return KIND.name in seen.refused or any(one.blocks and one.kind == KIND.name for one in seen.unseen)


def _differing(person: Found, line: Declared | None, desired: Desired | None) -> Iterator[Link]:
    """What the files say of a member, where that is something else."""
    role = person.attributes["role"]
    if line is not None and line.expired:
        yield noted("declared", f"the files {line.ended}: the line no longer counts", place_of(line))
    elif line is not None and line.spec.role != role:
        text = f"the files declare {line.spec.role}{through(line)}, the organization shows {role}"
        yield noted("declared", text, place_of(line))
    elif line is None and desired is not None and (KIND.name, ()) in desired.collections:
        yield noted("declared", f"no line declares this member; mode: {desired.mode(KIND)}")


def _invited(
    person: Found,
    seen: Observation,
    line: Declared | None,
    desired: Desired | None,
    history: History,
    now: datetime,
) -> Iterator[Link]:
    """The links of somebody whose invite is listed."""
    sent, ends = person.facts.invited_at[:10], person.facts.expires_at[:10]
    by = _sent_by(history.last(person.address, Action.INVITE, identity=person.id))
    yield holds("invited", f"was invited on {sent}{by}", place_of(line))
    yield holds("withdrawn", "the invite was not withdrawn")
    lapsed = person.standing == INVITED and datetime.fromisoformat(person.facts.expires_at) <= now
    if person.standing == EXPIRED or lapsed:
        text = f"the invite expired on {ends} before it was accepted; an invite lasts 21 days"
        yield fails("expired", text, place_of(line), fixes=_invite_again(person.segments[0], line, desired))
        return
    yield holds("expired", f"the invite did not expire before it was accepted{f' ({ends})' if ends else ''}")
    if person.standing == INVITED:
        role = person.attributes["role"]
        text = f"the invite (role {role}) was not accepted yet; it expires on {ends}"
        yield fails("accepted", text, place_of(line), fixes=_accept(line, role))
        return
    yield holds("accepted", "the invite was accepted")
    if person.standing == LEFT:
        removed = history.last(person.address, Action.REMOVE)
        if removed and datetime.fromisoformat(removed.at) < datetime.fromisoformat(person.facts.invited_at):
            removed = None  # they were invited again since
        text = "was removed from the organization since" + (f", {removed.told}" if removed else "")
        fixes = _invite_again(person.segments[0], line, desired, removed=True)
        traces = () if removed else (gone(person.segments[0], seen, invite=person.id),)
        yield fails("stayed", text, place_of(line), fixes=fixes, traces=traces)


def gone(email: str, seen: Observation, *, invite: str = "", since: str | None = None) -> Trace:
    """What tells who removed a person or withdrew their invite; `since` is when they were there, or invited, for sure.

    Records of withdrawn invites name the invite alone, so without its id nothing tells of them.
    """
    person = Found(KIND.name, (email,), (same_mailbox(email),), invite, {}, LEFT)
    return trace_of(KIND, Pair(None, person), seen, absent(), unlike=moment(since))


def _sent_by(write: Write | None) -> str:
    return (
        ""
        if write is None
        else f" (apply run {write.intent.run}" + (f" by {write.intent.actor})" if write.intent.actor else ")")
    )


def _accept(line: Declared | None, role: str) -> Iterator[str]:
    yield "the person accepts the invite by the link in the e-mail"
    again = f"then {APPLY}" if line is not None and not line.expired else "then invite them again"
    if line is not None and not line.expired and role != line.spec.role != "admin":
        yield f"{APPLY}: it withdraws the invite and sends one with the role {line.spec.role}, as the files declare"
    else:
        yield f"an invite cannot be sent again: withdraw it ({_CONSOLE}), {again}"


def _absent(
    email: str, seen: Observation, line: Declared | None, desired: Desired | None, history: History
) -> Iterator[Link]:
    """The links of somebody of whom the organization shows nothing: only a journal can tell what became of them."""
    last = history.last(address(KIND.name, email), Action.INVITE, Action.WITHDRAW, Action.REMOVE)
    fixes = [*_invite_again(email, line, desired), *_alike(email, seen, desired)]
    if last is None:
        text = "no invite is listed: none was sent, or it was withdrawn in the Console (the API does not list those)"
        yield fails("invited", text, place_of(line), fixes=fixes, traces=[gone(email, seen)])
        return
    action = last.intent.action
    if action is not Action.REMOVE:
        yield holds("invited", f"was invited {last.told}" if action is Action.INVITE else "was invited")
    if action is Action.WITHDRAW:
        yield fails("withdrawn", f"the invite was withdrawn {last.told}", place_of(line), fixes=fixes)
        return
    if action is Action.INVITE:
        text = "the invite is no longer listed: it was withdrawn in the Console"
        traces = [gone(email, seen, invite=last.made or "", since=last.at)]
        yield fails("withdrawn", text, place_of(line), fixes=fixes, traces=traces)
        return
    yield holds("accepted", "was a member of the organization")
    fixes = list(_invite_again(email, line, desired, removed=True))
    yield fails("stayed", f"was removed from the organization {last.told}", place_of(line), fixes=fixes)


def _invite_again(
    email: str, line: Declared | None, desired: Desired | None, *, removed: bool = False
) -> Iterator[str]:
    """What sends an invite."""
    if desired is None:
        yield f"invite them in the Console ({_CONSOLE})"
    elif line is None:
        yield new_line(desired, ("members",), f"{email}: {_USUAL_ROLE}") + f", then {APPLY}"
    elif line.expired:
        yield f"extend `until` in {place_of(line)}, then {APPLY}"
    elif line.spec.role == "admin":
        yield f"invite them in the Console ({_CONSOLE}): the API cannot invite an admin"
    elif is_observed(desired, KIND):
        yield f"invite them in the Console ({_CONSOLE}): `manage.members` is `observe`"
    elif removed and desired.mode(KIND) != "authoritative":
        yield f"run `orgsync apply --allow {line.address}`"
    else:
        yield f"{APPLY}: {place_of(line)} declares them{through(line)}"


def _alike(email: str, seen: Observation, desired: Desired | None) -> Iterator[str]:
    """Somebody of a similar address, whom the question may have meant."""
    known = {one.segments[0] for one in seen.live.get(KIND.name, ()) if one.standing == LIVE}
    known |= set() if desired is None else {one.segments[0] for one in desired.declared[KIND.name].values()}
    near = did_you_mean(email, known - {email})
    if near is not None:
        yield f'did you mean "{near}"?'
