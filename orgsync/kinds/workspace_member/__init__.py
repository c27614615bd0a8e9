"""Who may do what inside a workspace.

API facts: organization admins hold `workspace_admin` and billing members `workspace_billing` in every workspace without
being added, and that access can neither be lowered nor removed; a billing member can be raised to `workspace_admin`;
only users can be added, so people who were invited have to accept first (Admin API: workspace members, roles).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from orgsync.core.model.change import Action, Change, FieldChange, Level, Note, Shown
from orgsync.core.model.codes import Code
from orgsync.core.model.context import NOTHING, Context, Decision, Reading
from orgsync.core.model.kind import Kind, Section
from orgsync.core.model.meaning import powers, told_powers
from orgsync.core.model.request import Listing, Need, Repeat, Request
from orgsync.core.model.rows import ID, IgnoredRows, Row, RowField, Rows, odd_of, one_of
from orgsync.core.model.things import LIVE, Found, Ids, Live, Mode, Pair, Segment, Spec
from orgsync.core.words.address import address
from orgsync.core.words.day import Day
from orgsync.core.words.source import Problem
from orgsync.core.words.spelling import same_mailbox
from orgsync.core.words.suggest import did_you_mean, nearest
from orgsync.kinds.workspace.live import is_own
from orgsync.kinds.workspace_member.activities import ACTIVITIES, handles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from orgsync.core.model.context import Evidence
    from orgsync.core.model.declarations import Declarations
    from orgsync.core.model.meaning import Meanings
    from orgsync.core.model.things import Declared

_PREFIX = "workspace_"
_ASSIGNABLE = ("user", "restricted_developer", "developer", "admin")
_ROW = (
    RowField("user_id", ID, identity=True),
    RowField("workspace_role", one_of(*(f"{_PREFIX}{role}" for role in (*_ASSIGNABLE, "billing")))),
)
"""What rows look like (SDK: WorkspaceMember, WorkspaceRole)."""

ROWS = (
    Rows(
        "/v1/organizations/workspaces/*/members",
        _ROW,
        (IgnoredRows("access that comes with the organization role", "nobody can give or take it here"),),
    ),
)

_POWERS = {
    "user": {"playground"},
    "restricted_developer": {"playground", "keys"},
    "developer": {"playground", "keys", "traces"},
    "admin": {"playground", "keys", "traces", "costs", "administration"},
    "billing": {"costs"},
}
"""What each role lets a person do here (Admin API: workspace roles)."""

_PRIVILEGED = frozenset({"administration"})

_ELSEWHERE = {
    **dict.fromkeys(("viewer", "member", "guest", "claude_code_user"), "user"),
    **dict.fromkeys(("limited_developer", "workspace_limited_developer"), "restricted_developer"),
    "editor": "developer",
    **dict.fromkeys(("owner", "administrator"), "admin"),
}
"""Roles that guides, the Console or the organization have, and the nearest one that a workspace offers."""
_INHERITED_ONLY = 'delete the line: people whose organization role is "billing" have it in every workspace'

_DEVELOPERS = frozenset({"developer", "admin"})
_INHERITED = {"admin": "admin", "billing": "billing"}
"""Workspace roles that come with an organization role."""


class WorkspaceMember(Spec, title="Workspace member"):
    """One person's access to one workspace."""

    directives: ClassVar[frozenset[str]] = frozenset({"until"})
    known_elsewhere: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "role": {
            **nearest(_ELSEWHERE, _POWERS),
            **dict.fromkeys(("billing", "workspace_billing"), _INHERITED_ONLY),
        }
    }
    role: Literal["user", "restricted_developer", "developer", "admin"]
    """The workspace role, without its prefix."""
    until: Day | None = None
    """The last day, UTC, on which this line counts; afterwards the role counts as undeclared."""

    @property
    def counts_until(self) -> date | None:
        """The day of `until`."""
        return self.until


@dataclass(frozen=True, slots=True)
class Access:
    """Whether a row is `lent`: gone once the organization role is.

    No source says whether lists show inherited access; where they show that of everybody who has some, a row proves
    nothing, and else it was given to this person by somebody.
    """

    lent: bool


def _path(workspace_id: str) -> str:
    return f"/v1/organizations/workspaces/{workspace_id}/members"


def listings(reading: Reading) -> Sequence[Listing]:
    """One list for each workspace whose members the files manage."""
    return [
        Listing(_path(identity), identity="user_id", need=Need.OWN, fields=_ROW, inside=segments)
        for segments, identity in reading.parents.items()
    ]


def found(answers: Sequence[tuple[Listing, Sequence[Row]]], reading: Reading) -> Iterable[Found[Access]]:
    """Every row, addressed by the workspace's declared name and the person's e-mail."""
    places = {_path(identity): (segments[0], identity) for segments, identity in reading.parents.items()}
    people = {person.id: person for person in reading.live["member"] if person.standing == LIVE}
    inheriting = {identity for identity, person in people.items() if person.attributes["role"] in _INHERITED}
    for listing, rows in answers:
        workspace, workspace_id = places[listing.path]
        everyone = inheriting <= {row["user_id"] for row in rows}
        for row in rows:
            user_id: str = row["user_id"]
            person = people.get(user_id)
            email = user_id if person is None else person.segments[0]
            role = row["workspace_role"].removeprefix(_PREFIX)
            implied = person is not None and _INHERITED.get(person.attributes["role"]) == role
            key = (workspace, same_mailbox(email))
            # A row has no id of its own; this one stays the same when the workspace is renamed.
            identity = f"{workspace_id}/{user_id}"
            beneath = None if implied or person is None else _INHERITED.get(person.attributes["role"])
            yield Found(
                KIND.name,
                (workspace, email),
                key,
                identity,
                {"role": role},
                facts=Access(implied and everyone),
                implied=implied,
                odd=odd_of(row),
                beneath=None if beneath is None else {"role": beneath},
            )


def decide(pair: Pair[WorkspaceMember, Access], context: Context) -> Decision:
    """What to do about one person in one workspace."""
    workspace, email = pair.key
    place = context.after("workspace", (workspace,))
    if place is None or place.standing != LIVE:
        return NOTHING
    person = context.after("member", (email,))
    if pair.declared is None:
        return _undeclared(pair, person)
    if person is None or person.standing != LIVE:
        return _absent(pair, person, context)
    inherited = _INHERITED.get(person.attributes["role"])
    if inherited is not None:
        return _inherits(pair, inherited)
    lent = pair.found is not None and pair.found.facts.lent
    return _added(pair) if pair.found is None or lent else _changed(pair, pair.found)


def _undeclared(pair: Pair[WorkspaceMember, Access], person: Found | None) -> Decision:
    """A row nobody declared, unless it is inherited or ends with the person's membership of the organization.

    What a billing member was given on top of the access that they inherit is reported, and never taken away.
    """
    if pair.found is None or person is None or pair.found.facts.lent:
        return NOTHING
    role, inherited = pair.found.attributes["role"], _INHERITED.get(person.attributes.get("role", ""))
    if inherited is not None:
        is_raised = (inherited, role) == (_INHERITED["billing"], _INHERITED["admin"])
        return Decision(findings=(_raised(pair, role),)) if is_raised else NOTHING
    fields = (FieldChange("role", role, None),)
    return Decision(changes=(Change(pair.address, Action.REMOVE, fields, id=pair.found.id, reason="not declared"),))


def _raised(pair: Pair[WorkspaceMember, Access], role: str) -> Note:
    message = f"not declared, role {role}; not changed, because the person inherits access from the organization role"
    return Note(pair.address, Code.UNDECLARED, message, Level.INFO)


def effects(change: Change, _meanings: Meanings, _evidence: Evidence) -> Iterable[str]:
    """Who becomes what in the workspace, or is nothing in it any more."""
    before, after = change.fields[0].before, change.fields[0].after
    if after is None:
        yield "access to this workspace ends immediately"
    else:
        yield from told_powers(_POWERS, before, after, f"of {change.address.segments[0]}", privileged=_PRIVILEGED)


def _absent(pair: Pair[WorkspaceMember, Access], person: Found | None, context: Context) -> Decision:
    """The person cannot be added yet: wait for whoever has to act first, or say that nobody will."""
    line = pair.declared
    if line is None:
        return NOTHING
    if person is not None and person.standing == "invited":
        message = "can be added once the invite to the organization is accepted"
        return Decision(waiting=(Note(pair.address, Code.INVITE_PENDING, message, source=pair.place),))
    if context.desired.find("member", (pair.key[1],)) is not None:
        message = "can be added once this person is a member of the organization"
        return Decision(waiting=(Note(pair.address, Code.NOT_A_MEMBER, message, source=pair.place),))
    people = [one.found.key[0] for one in context.pairs["member"] if one.found and one.found.standing == LIVE]
    near = did_you_mean(pair.key[1], people)
    hint = f'did you mean "{near}"?' if near else "declare the person under members"
    message = "is neither declared under members nor a member of the organization"
    return Decision(blocked=(line.blocked(Code.UNKNOWN_PERSON, message, hint),))


def _inherits(pair: Pair[WorkspaceMember, Access], inherited: str) -> Decision:
    """Access that comes with the organization role: only billing members can be raised, and nobody lowered."""
    desired = _desired(pair)
    shown = None if pair.found is None else pair.found.attributes["role"]
    if desired in {inherited, shown}:
        return NOTHING
    if desired == "admin":
        return _added(pair) if pair.found is None else _changed(pair, pair.found)
    role = shown if shown == "admin" else inherited
    message = f"inherits {_PREFIX}{role} from the organization role; {desired} has no effect"
    roles: Shown = {"role": role, "declared": desired}
    return Decision(findings=(Note(pair.address, Code.INHERITED_ACCESS, message, Level.INFO, pair.place, shown=roles),))


def _added(pair: Pair[WorkspaceMember, Access]) -> Decision:
    """A row that is not there, or will not be once the organization role it comes with is taken away."""
    shown = None if pair.found is None else pair.found.attributes["role"]
    change = Change(
        pair.address,
        Action.CREATE,
        (FieldChange("role", shown, _desired(pair)),),
        reason="not a member of this workspace" if shown is None else "only has inherited access here",
        source=pair.place,
    )
    return Decision(changes=(change,))


def _changed(pair: Pair[WorkspaceMember, Access], row: Found[Access]) -> Decision:
    live, desired = row.attributes["role"], _desired(pair)
    if live == desired:
        return NOTHING
    change = Change(
        pair.address,
        Action.UPDATE,
        (FieldChange("role", live, desired),),
        id=row.id,
        reason=f"has the role {live} here",
        source=pair.place,
    )
    return Decision(changes=(change,))


def _desired(pair: Pair[WorkspaceMember, Access]) -> str:
    if pair.declared is None:
        raise ValueError("only what is declared has a desired role")
    return pair.declared.spec.role


def check(declared: Declared[WorkspaceMember], desired: Declarations) -> Iterable[Problem]:
    """A workspace cannot keep a person whom the organization gives up."""
    email = declared.key[1]
    if declared.expired or ("member", ()) not in desired.collections:
        return
    if desired.settings.manage.mode("members") is not Mode.AUTHORITATIVE or desired.find("member", (email,)):
        return
    message = f'"{declared.segments[1]}" is not declared under members, which is authoritative'
    near = did_you_mean(email, [key[0] for key in desired.declared["member"]])
    hint = f'did you mean "{near}"?' if near else "declare the person there, or remove this line"
    yield Problem(message, declared.source, declared.address, hint)


def survey(context: Context) -> Iterable[Note]:
    """Workspaces that had somebody to develop in them and will have nobody but the admins of the organization."""
    had: set[str] = set()
    will_have: set[str] = set()
    for pair in context.pairs["workspace_member"]:
        workspace, email = pair.key
        if pair.found is not None and _develops(pair.found):
            had.add(workspace)
        row, person = context.after("workspace_member", pair.key), context.after("member", (email,))
        if row is not None and _develops(row) and _keeps(row, person):
            will_have.add(workspace)
    for workspace in sorted(had - will_have):
        place = context.after("workspace", (workspace,))
        if place is not None and place.standing == LIVE:
            message = "no developer would be left here, except admins of the organization"
            declared = context.desired.find("workspace", (workspace,))
            source = None if declared is None else declared.place
            yield Note(address("workspace", workspace), Code.LAST_DEVELOPER, message, Level.WARNING, source)


def _develops(row: Found) -> bool:
    """Whether somebody was given a role with which to develop: what admins inherit everywhere says nothing."""
    return row.attributes["role"] in _DEVELOPERS and not row.implied


def _keeps(row: Found, person: Found | None) -> bool:
    """Whether a row outlasts what becomes of its person, which is no change of its own: removed, or made billing."""
    if person is None or person.standing != LIVE:
        return False
    return person.attributes["role"] not in _INHERITED or row.attributes["role"] == "admin"


def request(change: Change, found: Found[Access] | None, ids: Ids) -> Request:
    """The one write of a change.

    API fact: the role of somebody who inherits one cannot be removed. Setting the inherited role takes back what was
    given on top of it. Who is given another organization role first does not inherit that one any more.
    """
    workspace, email = change.address.segments
    path, person = _path(ids["workspace", (workspace,)]), ids["member", (same_mailbox(email),)]
    if change.action is Action.REMOVE:
        changed = any(before.kind == "member" for before in change.after)
        beneath = None if found is None or changed else found.beneath
        if beneath is None:
            return Request("DELETE", f"{path}/{person}")
        return Request("POST", f"{path}/{person}", {"workspace_role": f"{_PREFIX}{beneath['role']}"})
    role = f"{_PREFIX}{change.fields[0].after}"
    if change.action is Action.CREATE:
        return Request("POST", path, {"user_id": person, "workspace_role": role}, Repeat.LOOK_UP)
    return Request("POST", f"{path}/{person}", {"workspace_role": role})


def exported(row: Found[Access], live: Live) -> Any:
    """The role; None for access that is inherited, and for rows of people who are not in the organization."""
    role = row.attributes["role"]
    roles = {person.key[0]: person.attributes.get("role") for person in live["member"] if person.standing == LIVE}
    person = roles.get(row.key[1])
    raised = person == "billing" and role == "admin"
    if person is None or (person in _INHERITED and not raised) or role not in _ASSIGNABLE:
        return None
    return role


KIND = Kind[WorkspaceMember, Access, None](
    name="workspace_member",
    noun="workspace role",
    sections=(
        Section(
            ("workspaces", "*", "members"),
            "Who has access to the workspace, and their roles; `null`: nobody.",
            {"ana@acme.com": "developer"},
        ),
    ),
    spec=WorkspaceMember,
    segments=(Segment.NAME, Segment.EMAIL),
    short="role",
    actions=frozenset({Action.CREATE, Action.UPDATE, Action.REMOVE}),
    refs={"workspace": (0,), "member": (1,)},
    rows=ROWS,
    listings=listings,
    found=found,
    decide=decide,
    request=request,
    exported=exported,
    stands_in=is_own,
    meaning={"role": powers(_POWERS, privileged=_PRIVILEGED)},
    effects=effects,
    check=check,
    survey=survey,
    activities=ACTIVITIES,
    handles=handles,
)
