"""The answer of `keys`: one table of keys, and what is not known of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from orgsync.core.answers.answer import NONE, Answer, Column, Looked, Table
from orgsync.core.model.understood import UPDATE, told_of
from orgsync.core.words.plural import counted
from orgsync.policies.contract.words import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from orgsync.core.model.change import Shown
    from orgsync.core.model.observation import Observation
    from orgsync.policies.judge import Judgement
    from orgsync.questions.keys.query import KeyQuery
    from orgsync.questions.keys.states import KeyState, UsageRead

    Row = Mapping[str, Any]

_NOT_KNOWN = "not known"
_NO_POLICY = "no policy broken"


def answer(
    query: KeyQuery,
    shown: Sequence[KeyState],
    seen: Observation,
    looked: Sequence[Looked],
    *,
    as_of: datetime,
    read: UsageRead | None,
    group: str | None = None,
    unread: str | None = None,
) -> Answer:
    """The keys that are asked for, of those that were seen. `unread` says why the use of keys is not known."""
    today = as_of.astimezone(UTC).date()
    table = _table(shown, today, group)
    total = sum(1 for pair in seen.pairs.get("api_key", ()) if pair.found is not None)
    return Answer(
        question="keys",
        title=_title(query, len(shown), total, seen),
        organization=seen.organization,
        looked=(*looked, *_usage_looked(read)),
        tables=(table,),
        notes=tuple(_notes(seen, shown, unread)),
        requests=seen.requests,
        facts={"as_of": looked[0].at, "keys_in_all": total},
        open=bool(shown),
    )


def _title(query: KeyQuery, number: int, total: int, seen: Observation) -> str:
    if "api_key" in seen.refused or (not total and any(one.kind == "api_key" and one.blocks for one in seen.unseen)):
        return "The API keys are not known"
    asked = f" {query.words}" if query.words else ""
    return f"{number:,} of {counted(total, 'API key')}{asked}"


def _usage_looked(read: UsageRead | None) -> tuple[Looked, ...]:
    if read is None:
        return ()
    return (Looked(f"usage of that day and {counted(read.days, 'day')} before"),)


def _notes(seen: Observation, shown: Sequence[KeyState], unread: str | None) -> list[str]:
    notes = [one.message for one in seen.unseen]
    notes.extend(f"{kind} is not offered to this organization: {said}" for kind, said in seen.refused.items())
    if unread is not None:
        notes.append(f"when keys were last used is not known: {unread}")
    notes.extend(
        f"{one.pair.address} is listed whatever was asked for: {told_of(one.found)}; {UPDATE}"
        for one in shown
        if one.found.unknown
    )
    return notes


def _table(shown: Sequence[KeyState], today: date, group: str | None) -> Table:
    rows = [_row(state) for state in shown]
    judged = any(row["policies"] is not None for row in rows)
    columns = [column for column in _columns(today, judged=judged) if group is not None or column.name != "group"]
    if group is not None:
        rows = [{**row, "group": head} for row, state in zip(rows, shown, strict=True) for head in _heads(state, group)]
        rows.sort(
            key=lambda row: (row["group"] in {NONE, _NO_POLICY}, row["group"])
        )  # within one: still the oldest first
    return Table(
        "keys",
        tuple(columns),
        tuple(rows),
        empty="There is no such key.",
        group=None if group is None else "group",
    )


def _heads(state: KeyState, group: str) -> Sequence[str]:
    """Under which headings a key stands: one that breaks two policies stands under both."""
    if group == "policy":
        return tuple(dict.fromkeys((*state.broken, *state.waived))) or (_NO_POLICY,)
    if group == "workspace":
        return ("the whole organization" if state.workspace is None else state.workspace,)
    return (_owner(_row(state)),)


def _columns(today: date, *, judged: bool) -> tuple[Column, ...]:
    return (
        Column("group"),
        Column("age_days", "age", _age, right=True),
        Column("key", "key", grows=True),
        Column("owner", "owner", words=_owner),
        Column("last_used_on", "last used", words=_last_used(today)),
        Column("policies", "breaks" if judged else "", words=_policies, grows=True, detail=True),
        Column("status", "status", detail=True),
        Column("hint", "hint", detail=True),
        Column("id", "id", detail=True),
        *(Column(name) for name in ("address", "workspace", "name", "created_at", "expires_on", "owner_id")),
        *(Column(name) for name in ("owner_is", "owner_left", "acts_as", "made_by_service_account")),
        *(Column(name) for name in ("observed_days", "waived")),
        Column("findings", nested=True),
        Column("declared"),
    )


def _row(state: KeyState) -> dict[str, Any]:
    """One key as data; what is not known is null."""
    facts, found, place = state.found.facts.row, state.found, state.pair.place
    known = not found.unknown
    expires = facts.get("expires_at") if known else None
    usage = state.usage
    return {
        "age_days": None if state.age is None else state.age // DAY,
        "key": state.name,
        "owner": state.owner.get("owner"),
        "last_used_on": None if usage is None or usage.last_used_on is None else usage.last_used_on.isoformat(),
        "policies": None if state.judgements is None else list(state.broken),
        "status": state.status,
        "hint": state.hint,
        "id": found.id,
        "address": str(state.pair.address),
        "workspace": state.workspace,
        "name": facts["name"],
        "created_at": facts["created_at"] if known else None,
        "expires_on": None if expires is None else expires[:10],
        "owner_id": state.owner.get("owner_id"),
        "owner_is": state.owner.get("owner_is"),
        "owner_left": state.left,
        "acts_as": state.acts_as,
        "made_by_service_account": state.made_by_service_account,
        "observed_days": None if usage is None else usage.window_days,
        "waived": None if state.judgements is None else list(state.waived),
        "findings": None
        if state.judgements is None
        else [_finding(*one) for one in zip(state.judgements, state.shown, strict=True)],
        "declared": None if place is None else f"{place.file}:{place.line}",
    }


def _finding(judgement: Judgement, shown: Shown) -> dict[str, Any]:
    """As in a plan: the sentence, and what it says as data."""
    return {
        "policy": judgement.policy,
        "message": judgement.message,
        "warning": judgement.is_warning,
        "waived": judgement.waiver is not None,
        "shown": shown,
    }


def _age(days: int | None) -> str:
    return _NOT_KNOWN if days is None else f"{days:,}d"


def _owner(row: Row) -> str:
    """Who owns the key, and whether they left; what it acts as, where that is not a person."""
    person = row["owner"] or row["owner_id"]
    if person is None:
        by_account = row["acts_as"] == "service_account" or row["made_by_service_account"]
        return "service account" if by_account else NONE
    left = " (left)" if row["owner_left"] else ""
    return f"{person}{left}{', as service account' if row['acts_as'] == 'service_account' else ''}"


def _last_used(today: date) -> Callable[[Row], str]:
    def words(row: Row) -> str:
        if row["last_used_on"] is None:
            days = row["observed_days"]
            return _NOT_KNOWN if days is None else f"never ({days}d)"
        days = (today - date.fromisoformat(row["last_used_on"])).days
        return {0: "today", 1: "yesterday"}.get(days, f"{days}d ago")

    return words


def _policies(row: Row) -> str:
    waived = [f"{name} (waived)" for name in row["waived"] or ()]
    return ", ".join((*(row["policies"] or ()), *waived)) or NONE
