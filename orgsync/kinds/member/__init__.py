"""People of the organization: users, and the invites that become users.

API facts: people join by invite or through the identity provider; the roles of admins can neither be granted nor
taken away by the API; an invite cannot be changed, only withdrawn and sent again (Admin API: users, invites).
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from orgsync.core.document.mailbox import doubt, nowhere
from orgsync.core.model.change import Action, Change, FieldChange, Level, ManualStep, Note, Risk, Shown
from orgsync.core.model.codes import Code
from orgsync.core.model.context import NOTHING, Context, Decision, Reading
from orgsync.core.model.kind import Kind, Section
from orgsync.core.model.meaning import powers, told_powers
from orgsync.core.model.request import Always, Listing, Need, Repeat, Request
from orgsync.core.model.rows import Row, odd_of
from orgsync.core.model.things import LIVE, Declared, Found, Ids, Live, Pair, Segment, Spec
from orgsync.core.words.address import Address, address
from orgsync.core.words.day import Day
from orgsync.core.words.plural import counted
from orgsync.core.words.spelling import same_mailbox
from orgsync.core.words.suggest import nearest
from orgsync.kinds.member.activities import ACTIVITIES, handles
from orgsync.kinds.member.rows import ADMIN_ROLES, INVITE, INVITES, ROWS, USER, USERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from orgsync.core.document.mailbox import Doubt
    from orgsync.core.model.change import Blocked
    from orgsync.core.model.context import Evidence
    from orgsync.core.model.meaning import Meanings

Role = Literal["user", "claude_code_user", "developer", "billing", "admin"]

INVITED, EXPIRED, LEFT = "invited", "expired", "left"
"""Standings of a person who is not a member. LEFT: an invite was accepted, but the user is gone."""

_POWERS = {
    "user": {"playground"},
    "claude_code_user": {"playground", "claude code"},
    "developer": {"playground", "claude code", "keys", "costs"},
    "billing": {"playground", "costs", "billing"},
    "admin": {"playground", "claude code", "keys", "costs", "billing", "administration"},
}
"""What each role lets a person do (Admin API: roles; a developer can use Claude Code as well: Claude Code,
authentication)."""

_PRIVILEGED = frozenset({"billing", "administration"})

_ELSEWHERE = {
    **dict.fromkeys(("viewer", "member", "guest"), "user"),
    "editor": "developer",
    **dict.fromkeys(("owner", "primary_owner", "membership_admin", "administrator"), "admin"),
}
"""Roles that guides, claude.ai or other products have, and the nearest one that the API offers in a Console
organization."""

_MOST_GROUPS = 5
"""Groups of an invite that are named."""

_MEMBERS_PAGE = "Console > Settings > Members"


class Member(Spec, title="Organization member"):
    """One person of the organization."""

    directives: ClassVar[frozenset[str]] = frozenset({"until"})
    known_elsewhere: ClassVar[Mapping[str, Mapping[str, str]]] = {"role": nearest(_ELSEWHERE, _POWERS)}
    role: Role
    """The organization role."""
    until: Day | None = None
    """The last day, UTC, on which this line counts; afterwards the person counts as undeclared."""

    @property
    def counts_until(self) -> date | None:
        """The day of `until`."""
        return self.until


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """The role as the API spells it; and of an invite when it was sent and when it ends (RFC 3339), and the RBAC groups
    that the person would join."""

    role: str
    invited_at: str = ""
    expires_at: str = ""
    groups: tuple[str, ...] = ()


_SOMEBODY = Always("any member", lambda _row: True)
"""The last member of an organization cannot be removed (Admin API: users, remove). Nothing says so of its admins."""


def listings(_reading: Reading) -> Sequence[Listing]:
    """Users, and invites of every status."""
    return (Listing(USERS, fields=USER, always=_SOMEBODY), Listing(INVITES, need=Need.OWN, fields=INVITE))


def found(answers: Sequence[tuple[Listing, Sequence[Row]]], _reading: Reading) -> Iterable[Found[PersonFacts]]:
    """Every user, and for every other address the invite that counts: a pending one, else the newest."""
    rows = {listing.path: answer for listing, answer in answers}
    users = [_user(row) for row in rows[USERS]]
    present = {user.key for user in users}
    invites: dict[tuple[str, ...], Row] = {}
    for row in rows.get(INVITES, ()):
        key = (same_mailbox(row["email"]),)
        if key not in present and _weight(row) > _weight(invites.get(key)):
            invites[key] = row
    return [*users, *(_invited(key, row) for key, row in invites.items() if row["status"] != "deleted")]


def _weight(row: Row | None) -> tuple[int, float]:
    """How much an invite counts. One that is not understood counts most: it may be open."""
    if row is None:
        return (-1, 0.0)
    rank = 2 if odd_of(row) and row["status"] != "deleted" else int(row["status"] == "pending")
    return (rank, datetime.fromisoformat(row["invited_at"]).timestamp())


def _user(row: Row) -> Found[PersonFacts]:
    email, is_admin = row["email"], row["role"] in ADMIN_ROLES
    attributes = {"role": _role(row)}
    key = (same_mailbox(email),)
    facts = PersonFacts(row["role"])
    return Found("member", (email,), key, row["id"], attributes, facts=facts, odd=odd_of(row), is_admin=is_admin)


def _role(row: Row) -> str:
    """The role, as files spell it."""
    return "admin" if row["role"] in ADMIN_ROLES else row["role"]


def _invited(key: tuple[str, ...], row: Row) -> Found[PersonFacts]:
    standing = {"pending": INVITED, "accepted": LEFT, "expired": EXPIRED}.get(row["status"], INVITED)
    attributes = {"role": _role(row)} if standing == INVITED else {}
    groups = tuple(row.get("rbac_group_ids") or ())
    facts = PersonFacts(row["role"], row["invited_at"], row["expires_at"], groups)
    return Found("member", (row["email"],), key, row["id"], attributes, standing, facts, odd=odd_of(row))


def decide(pair: Pair[Member, PersonFacts], context: Context) -> Decision:
    """What to do about one person."""
    if pair.declared is None:
        return _undeclared(pair)
    desired = pair.declared.spec.role
    person = pair.found
    if person is not None and person.standing == LIVE:
        return _present(pair, person, desired)
    if person is not None and person.standing == INVITED:
        return _pending(pair, person, desired)
    if person is not None and person.standing == LEFT and not _may_return(pair, context):
        return Decision(findings=(_gone(pair),))
    # Whoever was invited before has an address that the API takes.
    if person is None and (wrong := doubt(_email(pair.address))) is not None:
        return Decision(blocked=(_not_invited(pair.declared, wrong),))
    if desired == "admin":
        return Decision(manual=(_invite_admin(pair),))
    why = {EXPIRED: "the last invite expired", LEFT: "was removed from the organization since accepting the invite"}
    reason = why.get(person.standing if person else "", "not in the organization")
    return Decision(changes=(_invite(pair, desired, reason),))


def _may_return(pair: Pair[Member, PersonFacts], context: Context) -> bool:
    """Whether the files want a person back who was removed: an old line alone does not say so."""
    return context.authoritative or ("member", pair.key) in context.requested


def _gone(pair: Pair[Member, PersonFacts]) -> Note:
    message = (
        "accepted an invite and was removed from the organization since; not invited again. To invite again, add "
        f"--allow {shlex.quote(pair.address)}, or declare the person anew with --base; otherwise delete the line"
    )
    return _note(pair, Code.REMOVED_IN_CONSOLE, message, Level.WARNING)


def _present(pair: Pair[Member, PersonFacts], person: Found[PersonFacts], desired: str) -> Decision:
    live = person.attributes["role"]
    if live == desired:
        return NOTHING
    if "admin" in {live, desired}:
        code, verb = (Code.ADMIN_GRANT, "grant") if desired == "admin" else (Code.ADMIN_DEMOTION, "revoke")
        message = f"the API can neither grant nor revoke the admin role: {verb} it in the Console"
        expected = f"{_email(pair.address)} has the role {desired}"
        return Decision(manual=(_manual(pair, code, message, expected),))
    change = Change(
        pair.address,
        Action.UPDATE,
        (FieldChange("role", live, desired),),
        id=person.id,
        reason=f"has the role {live}",
        source=pair.place,
    )
    return Decision(changes=(change,))


def _pending(pair: Pair[Member, PersonFacts], person: Found[PersonFacts], desired: str) -> Decision:
    live = person.attributes["role"]
    expires = person.facts.expires_at[:10]
    message = f"has not accepted the invite yet; it expires on {expires}"
    waiting = _note(pair, Code.INVITE_PENDING, message, shown={"expires_on": expires})
    if live == desired:
        return Decision(waiting=(waiting,))
    if desired == "admin":
        message = "the admin role cannot be given by an invite: grant it in the Console after the invite is accepted"
        expected = f"{_email(pair.address)} has the role admin"
        return Decision(waiting=(waiting,), manual=(_manual(pair, Code.ADMIN_GRANT, message, expected),))
    reason = f"the pending invite has the role {live}, and invites cannot be changed"
    withdraw = Change(
        pair.address,
        Action.WITHDRAW,
        (FieldChange("role", live, None),),
        id=person.id,
        risk=Risk.R1,
        reason=reason,
        source=pair.place,
    )
    return Decision(changes=(withdraw, _invite(pair, desired, "replaces the withdrawn invite")))


def _undeclared(pair: Pair[Member, PersonFacts]) -> Decision:
    person = pair.found
    if person is None or person.standing in {EXPIRED, LEFT}:
        return NOTHING
    if person.is_admin:
        message = "the API cannot remove an admin: remove the person in the Console, or declare them"
        expected = f"{_email(pair.address)} is no longer listed"
        return Decision(manual=(_manual(pair, Code.ADMIN_REMOVAL, message, expected),))
    fields = (FieldChange("role", person.attributes["role"], None),)
    action = Action.WITHDRAW if person.standing == INVITED else Action.REMOVE
    return Decision(changes=(Change(pair.address, action, fields, id=person.id, reason="not declared"),))


def effects(change: Change, _meanings: Meanings, _evidence: Evidence) -> Iterable[str]:
    """Who becomes what in the organization, or is nothing in it any more."""
    before, after = change.fields[0].before, change.fields[0].after
    if change.action is Action.WITHDRAW:
        yield "the link in the invite stops working"
    elif after is None:
        yield "access ends immediately"
    else:
        yield from told_powers(_POWERS, before, after, "of the organization", privileged=_PRIVILEGED)


def _invite(pair: Pair[Member, PersonFacts], role: str, reason: str) -> Change:
    return Change(
        pair.address,
        Action.INVITE,
        (FieldChange("role", None, role),),
        risk=Risk.R1,
        reason=reason,
        source=pair.place,
        effects=("sends 1 e-mail", *_odd_letters(_email(pair.address)), *_lost_with_the_invite(pair.found)),
    )


def _lost_with_the_invite(person: Found[PersonFacts] | None) -> Iterable[str]:
    """What the invite before had, and the new one will not: the API takes groups of Claude Enterprise only."""
    if person is None or person.standing not in {INVITED, EXPIRED} or not person.facts.groups:
        return
    groups, more = person.facts.groups[:_MOST_GROUPS], len(person.facts.groups) - _MOST_GROUPS
    named = ", ".join(groups) + (f" and {more} more" if more > 0 else "")
    yield f"the new invite is without the RBAC groups of the last one ({named}): add the person to them again"


def _not_invited(line: Declared[Member], wrong: Doubt) -> Blocked:
    return line.blocked(Code.DOUBTFUL_EMAIL, f"cannot be invited: {wrong.why}", wrong.hint or "correct the address")


def _odd_letters(email: str) -> Iterable[str]:
    """Letters that may look like those of somebody else's address, told by their numbers."""
    odd = dict.fromkeys(letter for letter in email if not letter.isascii())
    if odd:
        spelled = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in odd)
        yield f"the address contains non-ASCII letters: {spelled}"


def _invite_admin(pair: Pair[Member, PersonFacts]) -> ManualStep:
    message = "the API cannot invite an admin: invite this person in the Console"
    return _manual(pair, Code.ADMIN_GRANT, message, f"{_email(pair.address)}, role Admin")


def _manual(pair: Pair[Member, PersonFacts], code: Code, message: str, expected: str) -> ManualStep:
    return ManualStep(pair.address, code, message, _MEMBERS_PAGE, expected, source=pair.place)


def _note(
    pair: Pair[Member, PersonFacts], code: Code, message: str, level: Level = Level.INFO, shown: Shown | None = None
) -> Note:
    return Note(pair.address, code, message, level, pair.place, shown=shown or {})


def _email(address: Address) -> str:
    return address.segments[0]


def survey(context: Context) -> Iterable[Note]:
    """Too few admins, one lost password from being locked out; invites that go nowhere; unknown accounts to guard."""
    minimum = context.desired.settings.guards.min_admins
    people = [pair.found for pair in context.pairs["member"] if pair.found is not None]
    admins = sum(1 for person in people if person.is_admin)
    if people and admins < minimum:
        message = f"the organization has {counted(admins, 'admin')}, fewer than guards.min_admins ({minimum})"
        shown: Shown = {"admins": admins, "min_admins": minimum}
        yield Note(Address("member:*"), Code.FEW_ADMINS, message, Level.WARNING, shown=shown)
    lost = nowhere(
        _email(pair.address)
        for pair in context.pairs["member"]
        if pair.found is None
        and pair.declared is not None
        and not pair.declared.expired
        and ("member", pair.key) not in context.blocked
    )
    if lost is not None:
        yield Note(Address("member:*"), Code.RESERVED_DOMAIN, lost, Level.WARNING)
    present = {person.key[0] for person in people if person.standing == LIVE}
    for email in context.desired.settings.guards.credential_of:
        if same_mailbox(email) not in present:
            message = "guards.credential_of names an account that is not a member, so it has no effect"
            yield Note(address("member", email), Code.CREDENTIAL_UNKNOWN, message, Level.WARNING)


def expiring(context: Context, by: date) -> Iterable[Note]:
    """Invites of declared people that lapse, or have lapsed, without an answer."""
    for pair in context.pairs["member"]:
        person = pair.found
        if pair.declared is None or pair.declared.expired or person is None or person.unknown:
            continue
        if person.standing == EXPIRED:
            yield _note(pair, Code.INVITE_EXPIRED, "the last invite expired before it was accepted", Level.WARNING)
        elif person.standing == INVITED and datetime.fromisoformat(person.facts.expires_at).date() <= by:
            message = f"has not accepted the invite, which expires on {person.facts.expires_at[:10]}"
            shown: Shown = {"expires_on": person.facts.expires_at[:10]}
            yield _note(pair, Code.INVITE_EXPIRES, message, Level.WARNING, shown)


def request(change: Change, _found: Found[PersonFacts] | None, _ids: Ids) -> Request:
    """The one write of a change."""
    if change.action is Action.INVITE:
        body = {"email": _email(change.address), "role": change.fields[0].after}
        return Request("POST", INVITES, body, Repeat.LOOK_UP)
    if change.action is Action.WITHDRAW:
        return Request("DELETE", f"{INVITES}/{change.id}")
    if change.action is Action.REMOVE:
        return Request("DELETE", f"{USERS}/{change.id}")
    return Request("POST", f"{USERS}/{change.id}", {"role": change.fields[0].after})


def exported(person: Found[PersonFacts], _live: Live) -> Any:
    """The role, for members and for people with a pending invite; None where nothing can be declared."""
    role = person.attributes.get("role")
    return role if role in {"user", "claude_code_user", "developer", "billing", "admin"} else None


KIND = Kind[Member, PersonFacts, None](
    name="member",
    noun="member",
    sections=(
        Section(
            ("members",),
            "The people of the organization and their roles; `null`: nobody.",
            {"ana@acme.com": "developer"},
        ),
    ),
    spec=Member,
    segments=(Segment.EMAIL,),
    short="role",
    look_first=True,
    gates=frozenset({"role"}),
    one_at_a_time=frozenset({Action.REMOVE}),  # else the API answers concurrent_membership_change
    actions=frozenset({Action.INVITE, Action.WITHDRAW, Action.UPDATE, Action.REMOVE}),
    rows=ROWS,
    listings=listings,
    found=found,
    decide=decide,
    request=request,
    exported=exported,
    meaning={"role": powers(_POWERS, privileged=_PRIVILEGED)},
    effects=effects,
    survey=survey,
    expiring=expiring,
    activities=ACTIVITIES,
    handles=handles,
)
