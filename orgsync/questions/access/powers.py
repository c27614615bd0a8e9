"""What a person can do in a workspace, by the two roles that count; where no source settles it, that is not known.

Facts: the roles of the organization are a baseline to which workspace roles can add (Claude Console roles and
permissions); admins are workspace admins everywhere, billing members see billing everywhere, everybody else has to be
added (Workspaces: role inheritance); access to the default workspace follows the organization role (Admin API:
workspaces, default workspace).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """What can be done in a workspace. `use_api`: send requests with keys of one's own."""

    PLAYGROUND = "playground"
    CLAUDE_CODE = "claude_code"
    CREATE_KEYS = "create_keys"
    USE_API = "use_api"
    SEE_COSTS = "see_costs"
    SEE_TRACES = "see_traces"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_LIMITS = "manage_limits"
    ARCHIVE = "archive"


class Sort(StrEnum):
    """Sorts of workspaces in which one role means different things."""

    ORDINARY = "ordinary"
    DEFAULT = "default"
    CLAUDE_CODE = "claude_code"
    ARCHIVED = "archived"


class Answer(StrEnum):
    """Whether something is possible."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


Verbs = frozenset[Verb]

ADMINS = frozenset({"admin", "owner", "primary_owner"})
"""Roles of the organization that can do what an admin can (Admin API: roles)."""
BILLING = "billing"
DEVELOPER = "developer"
MEMBERS = frozenset({"user", "claude_code_user", DEVELOPER})
"""Roles of the organization whose people have to be added to a workspace."""

_EVERYTHING = frozenset(Verb)
_HERE = _EVERYTHING - {Verb.CLAUDE_CODE}
"""Claude Code signs in to a workspace of its own (Workspaces: Claude Code workspace)."""
_DEVELOPS = frozenset({Verb.PLAYGROUND, Verb.CREATE_KEYS, Verb.USE_API})
_SEES = frozenset({Verb.SEE_COSTS, Verb.SEE_TRACES})
_MANAGES = frozenset({Verb.MANAGE_MEMBERS, Verb.MANAGE_LIMITS})
_NOTHING: Verbs = frozenset()


@dataclass(frozen=True, slots=True)
class Powers:
    """What somebody may do, and of what that is not known. Everything else they cannot do."""

    may: Verbs = _NOTHING
    not_known: Verbs = _NOTHING

    def of(self, verb: Verb) -> Answer:
        """The answer for one of them."""
        if verb in self.may:
            return Answer.YES
        return Answer.UNKNOWN if verb in self.not_known else Answer.NO


NONE = Powers()
"""Of somebody who is not in the organization."""
UNKNOWN = Powers(not_known=_EVERYTHING)
"""Of a role that is not understood."""

_LISTED = {
    None: NONE,
    "user": Powers(frozenset({Verb.PLAYGROUND})),
    "restricted_developer": Powers(_DEVELOPS, frozenset({Verb.SEE_COSTS})),
    "developer": Powers(_DEVELOPS | {Verb.SEE_TRACES}, frozenset({Verb.SEE_COSTS})),
    "admin": Powers(_DEVELOPS | _MANAGES, _SEES | {Verb.ARCHIVE}),
}
"""By the role that the workspace lists, for users of the organization (Workspaces: roles and permissions)."""

_LISTED_DEVELOPER = {
    None: Powers(not_known=frozenset({Verb.SEE_COSTS})),
    "user": Powers(frozenset({Verb.PLAYGROUND}), frozenset({Verb.CREATE_KEYS, Verb.USE_API}) | _SEES),
    "restricted_developer": Powers(_DEVELOPS | {Verb.SEE_COSTS}, frozenset({Verb.SEE_TRACES})),
    "developer": Powers(_DEVELOPS | _SEES),
    "admin": Powers(_DEVELOPS | _MANAGES | _SEES, frozenset({Verb.ARCHIVE})),
}
"""The same for developers of the organization, who can see costs and traces, of which workspaces is not said."""

_SEES_BILLING = Powers(frozenset({Verb.SEE_COSTS}), frozenset({Verb.PLAYGROUND, Verb.MANAGE_LIMITS}))
_LISTED_BILLING = {
    None: _SEES_BILLING,
    BILLING: _SEES_BILLING,
    "admin": Powers(_DEVELOPS | _MANAGES | {Verb.SEE_COSTS}, frozenset({Verb.SEE_TRACES, Verb.ARCHIVE})),
}
"""The same for billing members, who can only be raised to workspace admin."""

_IN_DEFAULT = {
    "user": Powers(frozenset({Verb.PLAYGROUND})),
    "claude_code_user": Powers(frozenset({Verb.PLAYGROUND})),
    DEVELOPER: Powers(_DEVELOPS | _SEES),
    BILLING: Powers(frozenset({Verb.PLAYGROUND, Verb.SEE_COSTS})),
}
_OF_ARCHIVED = Powers(not_known=_SEES | _MANAGES | {Verb.ARCHIVE})
"""Nothing in it works any more; who sees what it was is not said (Workspaces: archive)."""


def powers(organization_role: str, sort: Sort, listed: str | None) -> Powers:
    """What a member of the organization with this role can do in a workspace that lists them with the role `listed`.

    Roles are spelled as the API does, without `workspace_`; None: the workspace does not list the person.
    """
    if sort is Sort.ARCHIVED:
        return _OF_ARCHIVED
    if organization_role not in {*ADMINS, BILLING, *MEMBERS}:
        return UNKNOWN
    if sort is Sort.DEFAULT:
        return _IN_DEFAULT[DEVELOPER if organization_role in ADMINS else organization_role]
    if sort is Sort.CLAUDE_CODE:
        return _in_claude_code(organization_role, listed)
    if organization_role in ADMINS:
        return Powers(_HERE)
    if organization_role == BILLING:
        return _LISTED_BILLING.get(listed, Powers(frozenset({Verb.SEE_COSTS}), _HERE - {Verb.SEE_COSTS}))
    by_role = _LISTED_DEVELOPER if organization_role == DEVELOPER else _LISTED
    return by_role.get(listed, Powers(not_known=_HERE))


def _in_claude_code(organization_role: str, listed: str | None) -> Powers:
    """In the workspace of Claude Code: who signs in is added, keys are not made by hand, and of what else works there
    no source says anything."""
    unsaid = frozenset({Verb.PLAYGROUND, Verb.USE_API, Verb.SEE_TRACES})
    if organization_role in ADMINS:
        return Powers(_MANAGES | {Verb.CLAUDE_CODE, Verb.SEE_COSTS, Verb.ARCHIVE}, unsaid)
    if organization_role == BILLING:
        raised = {Verb.CLAUDE_CODE, *_MANAGES, Verb.ARCHIVE} if listed == "admin" else _NOTHING
        return Powers(not_known=unsaid | {Verb.SEE_COSTS, Verb.MANAGE_LIMITS} | raised)
    may, not_known = set[Verb](), set(unsaid)
    if organization_role != "user":
        may.add(Verb.CLAUDE_CODE)
    elif listed is not None:
        not_known.add(Verb.CLAUDE_CODE)
    if organization_role == DEVELOPER or listed not in {None, "user"}:
        not_known.add(Verb.SEE_COSTS)
    if listed == "admin":
        may |= _MANAGES
        not_known.add(Verb.ARCHIVE)
    elif listed not in {None, "user", "restricted_developer", "developer"}:
        not_known |= {*_MANAGES, Verb.ARCHIVE}
    return Powers(frozenset(may), frozenset(not_known))


def role_held(organization_role: str, sort: Sort, listed: str | None) -> str | None:
    """The role that a person has in a workspace, as people say it; None: none, or none that anybody could name.

    In the default workspace it is that of the organization.
    """
    if sort is Sort.ARCHIVED:
        return None
    if sort is Sort.DEFAULT:
        return "admin" if organization_role in ADMINS else organization_role
    if organization_role in ADMINS:
        return "admin"
    if organization_role == BILLING:
        return "admin" if listed == "admin" else BILLING
    return listed


def contradicts(organization_role: str, sort: Sort, listed: str | None) -> bool:
    """Whether no source knows such a pair of roles: what it means cannot be told."""
    if sort in {Sort.ARCHIVED, Sort.DEFAULT} or organization_role in ADMINS:
        return False
    if organization_role == BILLING:
        return listed not in _LISTED_BILLING
    return organization_role not in MEMBERS or listed not in _LISTED


def key_works(own: Powers, *, has_access: bool) -> Answer:
    """Whether a key that acts as a person sends requests in a workspace, by what the person can do there.

    Of somebody who has access but not with keys, no source says what a key of theirs can do.
    """
    answer = own.of(Verb.USE_API)
    return Answer.UNKNOWN if answer is Answer.NO and has_access else answer


def account_key_works(role: str | None, sort: Sort) -> Answer:
    """Whether a key or token of a service account sends requests in a workspace that lists the account with `role`.

    Of the role that it has in the default workspace by itself, no source says what it allows.
    """
    if sort is Sort.ARCHIVED:
        return Answer.NO
    if sort is Sort.CLAUDE_CODE:
        return Answer.UNKNOWN
    if role is None:
        return Answer.UNKNOWN if sort is Sort.DEFAULT else Answer.NO
    return Answer.YES if role in {"developer", "restricted_developer", "admin"} else Answer.UNKNOWN
