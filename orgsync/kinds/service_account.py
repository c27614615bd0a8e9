"""Service accounts: made, given another role or description, and archived only where the file says so.

API facts: only OAuth tokens with the scope `org:admin` can list or change them; names are unique, made of `a-z0-9-`,
and never changed; any request that names the role `admin` needs a person's own token, so the role is sent only where it
changes; archiving is for ever, and refused while a federation rule uses the account (Admin API: service accounts; SDK:
organization.service_accounts).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, WithJsonSchema

from orgsync.core.feed.rules import Explains, Handles, Hint, Value, archived, made, updated
from orgsync.core.model.change import Action, Change, FieldChange
from orgsync.core.model.codes import Code
from orgsync.core.model.context import NOTHING, Context, Decision, Reading, archiving, not_archived
from orgsync.core.model.diff import field_changes
from orgsync.core.model.kind import Kind, Section
from orgsync.core.model.match import Meant, meant_by_name, pairs_of
from orgsync.core.model.meaning import archives, neutral, powers, told_powers
from orgsync.core.model.observation import ids_of
from orgsync.core.model.request import Listing, Need, Paging, Repeat, Request
from orgsync.core.model.rows import (
    ID,
    TEXT,
    TIMESTAMP,
    IgnoredRows,
    Row,
    RowField,
    Rows,
    ignored,
    like,
    local,
    odd_of,
    one_of,
)
from orgsync.core.model.things import ARCHIVED, LIVE, Declared, Found, Ids, Live, Pair, Segment, Spec
from orgsync.core.model.understood import told_apart
from orgsync.core.words.patterns import Form
from orgsync.core.words.problems import quoted
from orgsync.core.words.source import Problem
from orgsync.core.words.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from orgsync.core.model.change import Blocked
    from orgsync.core.model.context import Evidence
    from orgsync.core.model.declarations import Declarations
    from orgsync.core.model.meaning import Meanings
    from orgsync.core.model.observation import Observation

SERVICE_ACCOUNTS = "/v1/organizations/service_accounts"
_MOST_A_PAGE = "100"
_NAME = re.compile(r"[a-z0-9-]{1,255}")

_ROW = (
    RowField("id", ID, identity=True),
    RowField("name", TEXT, identity=True),
    RowField("organization_role", one_of("developer", "admin")),
    *local(RowField("description", like("(?s).*", "a description", "", "", "deploys"))),
    RowField("archived_at", TIMESTAMP, null=True),
)
"""What rows look like (SDK: ServiceAccount)."""

ROWS = (
    Rows(
        SERVICE_ACCOUNTS,
        (*_ROW, *ignored("who wrote it last, and when, is no setting", "updated_at", "updated_by_actor_id")),
        (IgnoredRows("archived accounts", "they are archived for ever", lambda row: row["archived_at"] is not None),),
    ),
)

ServiceAccountId = Annotated[
    str, Form("svac_[0-9A-Za-z]+", "the id of a service account", "svac_01Hn5iHpFoPmbsSThh6jsb2L")
]

_POWERS = {"developer": {"requests"}, "admin": {"requests", "administration"}}
_PRIVILEGED = frozenset({"administration"})
_ELSEWHERE = {**dict.fromkeys(("user", "viewer", "member", "editor"), "developer"), "owner": "admin"}


class ServiceAccount(Spec, title="Service account"):
    """One service account: it acts for a program, not for a person."""

    directives: ClassVar[frozenset[str]] = frozenset({"id", "archived"})
    known_elsewhere: ClassVar[Mapping[str, Mapping[str, str]]] = {"role": nearest(_ELSEWHERE, _POWERS)}
    id: ServiceAccountId | None = None
    """The id of the service account, if an archived one has the same name."""
    role: Literal["developer", "admin"] = "developer"
    """The organization role. Only a person's own token can give `admin`."""
    description: Annotated[
        Annotated[str, Field(min_length=1, max_length=2000)] | None,
        WithJsonSchema({"type": ["string", "null"], "minLength": 1, "maxLength": 2000}),
    ] = None
    """What it is for. null: no description."""
    archived: bool = False
    """Archived permanently. Service accounts are archived only if this is set."""

    @property
    def asks_to_archive(self) -> bool:
        """What `archived` says."""
        return self.archived


def listings(_reading: Reading) -> Sequence[Listing]:
    """All of them, archived ones to know that they are."""
    query = {"include_archived": "true", "limit": _MOST_A_PAGE}
    return (Listing(SERVICE_ACCOUNTS, query, Paging.CURSOR, need=Need.OWN, fields=_ROW),)


def found(answers: Sequence[tuple[Listing, Sequence[Row]]], _reading: Reading) -> Iterable[Found]:
    """Every account. Names are unique among those that are not archived: of several, each is odd."""
    things = [_account(row) for _listing, rows in answers for row in rows]
    living = told_apart(one for one in things if one.standing == LIVE)
    return [*living, *(one for one in things if one.standing == ARCHIVED)]


def _account(row: Row) -> Found:
    attributes = {
        "name": row["name"],
        "role": row["organization_role"],
        "description": row["description"] or None,
        "archived": row["archived_at"] is not None,
    }
    standing = LIVE if row["archived_at"] is None else ARCHIVED
    return Found(KIND.name, (row["name"],), (row["name"],), row["id"], attributes, standing, odd=odd_of(row))


def match(
    declared: Sequence[Declared[ServiceAccount]], live: Sequence[Found[None]]
) -> list[Pair[ServiceAccount, None]]:
    """Each declared account with the one it means: by id, else by name."""
    by_id = {one.id: one for one in live}
    named: dict[str, list[Found[None]]] = {}
    for one in live:
        named.setdefault(one.segments[0], []).append(one)

    def meaning(line: Declared[ServiceAccount], _away: Container[str]) -> Meant:
        identity = line.spec.id
        if identity is not None:
            wrong = _wrong_id(line, identity, by_id.get(identity))
            return Meant(by_id[identity]) if wrong is None else Meant(blocked=wrong)
        meant, past = meant_by_name(line, partial(_of_name, named), _living)
        return Meant(meant[0] if meant else None, past)

    return pairs_of(declared, live, meaning, "service account")


def _of_name(named: Mapping[str, Sequence[Found[None]]], name: str) -> Sequence[Found[None]]:
    return named.get(name, ())


def _living(found: Sequence[Found[None]]) -> list[Found[None]]:
    return [one for one in found if one.standing == LIVE]


def _wrong_id(line: Declared[ServiceAccount], identity: str, meant: Found[None] | None) -> Blocked | None:
    """What is wrong with the id of a line: under another name it can only mean one that is archived already."""
    if meant is None:
        message = f"no service account of this organization has the id {identity}"
        return line.blocked(Code.WRONG_ID, message, "delete `id` to match by name")
    name = meant.segments[0]
    if meant.standing == ARCHIVED:
        message, hint = f"{identity} was archived, which cannot be undone", "add `archived: true`, or delete `id`"
        return None if line.spec.archived else line.blocked(Code.ARCHIVED_IN_CONSOLE, message, hint, [identity])
    if name != line.segments[0]:
        message = f"{identity} is named {quoted(name)}, and service accounts cannot be renamed"
        return line.blocked(Code.WRONG_ID, message, f"declare it as {quoted(name)}", [identity])
    return None


def decide(pair: Pair[ServiceAccount, None], context: Context) -> Decision:
    """What to do about one account."""
    account = pair.found if pair.found is not None and pair.found.standing == LIVE else None
    if pair.declared is None:
        return NOTHING if account is None else Decision(findings=(not_archived(pair, context, "service accounts"),))
    if pair.declared.spec.archived:
        return NOTHING if account is None else Decision(changes=(archiving(pair, account),))
    return Decision(changes=(_create(pair.declared),) if account is None else tuple(_differences(pair, account)))


def _create(declared: Declared[ServiceAccount]) -> Change:
    wanted = {"name": declared.segments[0], "role": declared.spec.role, "description": declared.spec.description}
    return Change(
        declared.address,
        Action.CREATE,
        tuple(FieldChange(name, None, value) for name, value in wanted.items() if value is not None),
        reason="no service account has this name",
        source=declared.place,
    )


def _differences(pair: Pair[ServiceAccount, None], account: Found) -> Iterable[Change]:
    fields = field_changes(account.attributes, {} if pair.declared is None else pair.declared.spec.attributes)
    if fields:
        yield Change(
            pair.address,
            Action.UPDATE,
            fields,
            id=account.id,
            reason="differs from the file",
            source=pair.place,
        )


def effects(change: Change, _meanings: Meanings, _evidence: Evidence) -> Iterable[str]:
    """That it may administer the organization, or may no longer."""
    for part in change.fields:
        if part.path == "role" and part.after is not None:
            yield from told_powers(_POWERS, part.before, part.after, "of the organization", privileged=_PRIVILEGED)


def check(declared: Declared[ServiceAccount], _desired: Declarations) -> Iterable[Problem]:
    """A name that the API would refuse."""
    name = declared.segments[0]
    if not _NAME.fullmatch(name):
        message = f"the name {quoted(name)} is not valid: expected 1 to 255 characters of a-z, 0-9 and -"
        yield Problem(message, declared.source, declared.address, "service accounts have names like ci-deployer")


def request(change: Change, _found: Found | None, _ids: Ids) -> Request:
    """The one write of a change: what it does not name stays as it is."""
    sent = {"organization_role" if field.path == "role" else field.path: field.after for field in change.fields}
    if change.action is Action.CREATE:
        return Request("POST", SERVICE_ACCOUNTS, sent, Repeat.LOOK_UP)
    if change.action is Action.ARCHIVE:
        return Request("POST", f"{SERVICE_ACCOUNTS}/{change.id}/archive")
    return Request("POST", f"{SERVICE_ACCOUNTS}/{change.id}", sent)


def exported(account: Found, _live: Live) -> Any:
    """Role and description of what is not archived; null for no description."""
    if account.standing == ARCHIVED:
        return None
    return {name: account.attributes[name] for name in ("role", "description")}


def handles(pair: Pair[ServiceAccount, None], seen: Observation) -> Handles:
    """The id of the account, or of those that it may be or was."""
    return {"account": ids_of(pair, KIND.name, seen)}


def _role(word: str) -> str | Hint:
    return word if word in _POWERS else Hint.UNTOLD


_IDS = {"service_account_id": "account"}
_ACTIVITIES = (
    Explains(
        "platform_service_account_updated",
        _IDS,
        updated({"description": Value("description"), "organization_role": Value("role", _role)}, ("name",)),
    ),
    Explains("platform_service_account_created", _IDS, made),
    Explains("platform_service_account_archived", _IDS, archived),
)
"""Accounts that were made before about September 2026 have no record of it."""

KIND = Kind[ServiceAccount, None, None](
    name="service_account",
    noun="service account",
    sections=(Section(("service_accounts",), "Accounts that act for programs, and their roles.", {"ci": "developer"}),),
    spec=ServiceAccount,
    segments=(Segment.NAME,),
    short="role",
    actions=frozenset({Action.CREATE, Action.UPDATE, Action.ARCHIVE}),
    rows=ROWS,
    listings=listings,
    found=found,
    match=match,
    decide=decide,
    request=request,
    exported=exported,
    meaning={
        **dict.fromkeys(("name", "description"), neutral),
        "role": powers(_POWERS, privileged=_PRIVILEGED),
        "archived": archives,
    },
    effects=effects,
    check=check,
    activities=_ACTIVITIES,
    handles=handles,
)
