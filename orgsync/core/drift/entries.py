"""What a plan, the files and live tell of drift, as entries of a report."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from orgsync.core.document.root_file import left_out_notes
from orgsync.core.drift.ahead import ends_ahead
from orgsync.core.drift.report import FORMAT_VERSION, Acceptance, DriftEntry, DriftReport, ordered
from orgsync.core.model.change import MAKING, Blocked, Cause, FieldChange, Level, ManualStep, Note, Shown
from orgsync.core.model.code_rows import ROWS, Apart
from orgsync.core.model.codes import Code
from orgsync.core.model.context import Context
from orgsync.core.model.diff import as_written
from orgsync.core.model.match import Names
from orgsync.core.plan.scope import access_of
from orgsync.core.words.address import Address, formerly_folded
from orgsync.core.words.digest import sha256_hex
from orgsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date, datetime

    from orgsync.core.document.accept import AcceptEntry
    from orgsync.core.document.read import Desired
    from orgsync.core.model.change import Change, Plan
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Found, Pair

    _Addresses = Mapping[str, Iterable[Address]]
    """All addresses of what differs, by the id of the entry."""

ID_LENGTH = 16
LONG = timedelta(days=366)
"""An acceptance that ends later than that has, for most people, no end."""


def drift_report(
    plan: Plan,
    desired: Desired,
    seen: Observation,
    now: datetime,
    kinds: Kinds,
    *,
    expiring: timedelta,
    stale: Sequence[DriftEntry] = (),
) -> DriftReport:
    """Everything that differs at this moment, before it is compared with an earlier report.

    `plan` is the whole plan of these files and this look at live. What ends within `expiring` is told as well, and
    `stale`, which is what the Activity Feed says of attestations.
    """
    ending = _ending(desired, seen, now, kinds, _last_day(now, expiring))
    beyond = _Beyond(desired, seen, now, kinds)
    entries = [beyond.told(entry) for entry in _entries(plan, ending, stale)]
    in_force = [accept for accept in desired.settings.accept if accept.counts_on(now.date())]
    names = Names(seen.pairs)
    addresses = {one.id: names.addresses(one.address, kinds.by_name.get(one.address.kind)) for one in entries}
    judged = [_accepted(entry, in_force, addresses) for entry in entries]
    return DriftReport(
        format_version=FORMAT_VERSION,
        orgsync=__version__,
        organization=plan.organization,
        checked_at=plan.planned_at,
        files=plan.digests.files,
        entries=ordered([entry for entry in judged if entry.accepted is None]),
        accepted=ordered([entry for entry in judged if entry.accepted is not None]),
        notes=(
            *_accept_notes(desired, entries, now.date(), addresses, _last_day(now, expiring)),
            *left_out_notes(desired.document, kinds),
        ),
        refusals=plan.refusals,
        coverage=plan.coverage,
        requests=plan.requests,
    )


def _last_day(now: datetime, expiring: timedelta) -> date:
    return (now + expiring).date()


def _entries(plan: Plan, ending: Sequence[Note], stale: Sequence[DriftEntry]) -> Iterator[DriftEntry]:
    """One entry for each address the plan changes, and for each note or step that is drift."""
    lapsed = frozenset(note.address for note in ending if note.code == Code.INVITE_EXPIRED)
    seen: Counter[str] = Counter()
    drafts = [
        *(_of_changes(changes, lapsed, plan) for changes in _grouped(plan.changes)),
        *_of_notes((*plan.findings, *plan.manual, *plan.waiting, *plan.blocked), plan),
        *_of_notes((note for note in ending if note.code != Code.INVITE_EXPIRED), plan),  # the plan tells it better
        *(replace(one, id=_fingerprint(one, _apart(Code(one.code), one.message))) for one in stale),
    ]
    for entry in drafts:
        seen[entry.id] += 1
        count = seen[entry.id]
        yield entry if count == 1 else replace(entry, id=_fingerprint(entry, f"{entry.id}#{count}"))


def _grouped(changes: Iterable[Change]) -> Iterable[Sequence[Change]]:
    """The changes of each address and cause: an invite that is withdrawn and sent again is one difference."""
    groups: dict[tuple[Address, Cause], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.address, change.cause), []).append(change)
    return groups.values()


def _of_changes(changes: Sequence[Change], lapsed: AbstractSet[Address], plan: Plan) -> DriftEntry:
    first, fields = changes[0], _merged(changes)
    code = Code.INVITE_EXPIRED if first.address in lapsed else _code(changes)
    drift = ROWS[code].drift
    cause = Cause.DRIFT if drift is None else drift.cause
    entry = DriftEntry(
        id="",
        address=first.address,
        code=code,
        message=_message(code, first, fields),
        level=Level.WARNING,
        cause=cause,
        since=plan.planned_at,
        fields=fields,
        source=first.source,
        meaning=first.meaning,
        risk=max(change.risk for change in changes),
    )
    return replace(entry, id=_fingerprint(entry, _apart(code, first.reason)))


class _Beyond:
    """What goes beyond the files, and who is behind it."""

    def __init__(self, desired: Desired, seen: Observation, now: datetime, kinds: Kinds) -> None:
        self._context = Context.unchanged(desired, seen, now)
        self._seen, self._kinds = seen, kinds
        self._judged: dict[str, Mapping[str, Sequence[Shown]]] = {}
        self._pairs = {(name, pair.key): pair for name, pairs in seen.pairs.items() for pair in reversed(pairs)}

    def told(self, entry: DriftEntry) -> DriftEntry:
        """The entry, with who is behind it, and what it lets them do where a plan would remove it as undeclared."""
        kind = self._kinds.by_name.get(entry.address.kind)
        pair = None if kind is None else self._pairs.get(self._kinds.named(entry.address))
        if kind is None or pair is None or pair.found is None or pair.found.unknown:
            return entry
        behind = kind.behind(pair.found, self._seen)
        if entry.code == Code.POLICY_BREACH and not entry.shown:
            return replace(entry, shown={**behind, **self._breach(entry, kind, pair.found)})
        if entry.code not in {Code.UNDECLARED, Code.EXPIRED}:
            return replace(entry, shown={**behind, **entry.shown})
        if entry.gives is not None or "owner_id" in entry.shown:
            return entry
        return self._gives(entry, kind, pair)

    def _gives(self, entry: DriftEntry, kind: Kind, pair: Pair) -> DriftEntry:
        access = access_of(pair, kind, self._seen, self._kinds)
        until: Shown = {"until": str(pair.declared.until)} if entry.code == Code.EXPIRED and pair.declared else {}
        behind = access.behind if entry.code == Code.UNDECLARED else ""
        shown = {**until, **entry.shown, **access.shown}
        return replace(entry, shown=shown, gives=access.gives, message=f"{entry.message}{behind}")

    def _breach(self, entry: DriftEntry, kind: Kind, found: Found) -> Shown:
        """What the policy says that a plan would act on, as data."""
        if kind.name not in self._judged:
            self._judged[kind.name] = kind.judged(self._context)
        said = self._judged[kind.name].get(found.id, ())
        return next((one for one in said if entry.message.startswith(f"policy {one['policy']}: ")), {})


def _merged(changes: Sequence[Change]) -> tuple[FieldChange, ...]:
    """Every field once, from what live shows to what the files say."""
    fields: dict[str, FieldChange] = {}
    for change in changes:
        for field in change.fields:
            known = fields.get(field.path)
            before = field.before if known is None else known.before
            fields[field.path] = FieldChange(field.path, before, field.after)
    return tuple(fields.values())


def _code(changes: Sequence[Change]) -> Code:
    first = changes[0]
    if first.cause is Cause.POLICY:
        return Code.POLICY_BREACH
    if first.cause is Cause.EXPIRY:
        return Code.EXPIRED
    if all(change.absent for change in changes):
        return Code.UNDECLARED
    return Code.MISSING if first.action in MAKING else Code.DIFFERS


def _message(code: Code, change: Change, fields: Sequence[FieldChange]) -> str:
    if code is Code.DIFFERS:
        return "; ".join(
            f"{field.path} is {as_written(field.before)}, the files declare {as_written(field.after)}"
            for field in fields
        )
    if code is Code.EXPIRED:
        return f"{change.reason}, but still exists"
    if code is Code.UNDECLARED:
        shown = ", ".join(f"{field.path} {as_written(field.before)}" for field in fields if field.before is not None)
        return f"{change.reason} ({shown})" if shown else change.reason
    return change.reason


def _of_notes(notes: Iterable[Note | ManualStep | Blocked], plan: Plan) -> Iterator[DriftEntry]:
    for note in notes:
        code = Code(note.code)
        drift = ROWS[code].drift
        if drift is None or (code is Code.NOT_MANAGED and not plan.coverage.strict):
            continue
        entry = DriftEntry(
            id="",
            address=note.address,
            code=note.code,
            message=note.message,
            level=Level.WARNING if note.level is Level.INFO else note.level,
            cause=drift.cause,
            since=plan.planned_at,
            source=note.source,
        )
        if isinstance(note, Note):
            entry = replace(entry, shown=note.shown, gives=note.gives)
        if isinstance(note, Blocked):
            entry = replace(entry, hint=note.hint, dependents=note.dependents)
        yield replace(entry, id=_fingerprint(entry, _apart(code, note.message)))


def _apart(code: Code, message: str) -> str:
    """What of a message belongs to the fingerprint."""
    drift = ROWS[code].drift
    if drift is None or drift.apart is Apart.ADDRESS:
        return ""
    return message if drift.apart is Apart.MESSAGE else message.partition(": ")[0]


def _fingerprint(entry: DriftEntry, apart: str) -> str:
    fields = [[field.path, field.before, field.after] for field in sorted(entry.fields, key=lambda field: field.path)]
    return sha256_hex([entry.code, formerly_folded(entry.address), fields, apart])[:ID_LENGTH]


def _ending(desired: Desired, seen: Observation, now: datetime, kinds: Kinds, by: date) -> tuple[Note, ...]:
    """What ends by itself through that day: access, allowances, and whatever the kinds know of."""
    context = Context.of(desired, seen, now)
    managed = desired.managed(kinds)
    notes = [*ends_ahead(desired, seen, now, kinds, by), *_allowances(desired, now.date(), by)]
    for kind in kinds:
        if kind.name in managed and kind.name in seen.pairs:
            notes.extend(kind.expiring(context, by))
    return tuple(sorted(notes, key=lambda note: (note.address, note.code, note.message)))


def _allowances(desired: Desired, today: date, by: date) -> Iterator[Note]:
    for index, entry in enumerate(desired.settings.guards.allow):
        if entry.until is None or entry.until > by:
            continue
        over = entry.until < today
        code = Code.ALLOWANCE_EXPIRED if over else Code.ALLOWANCE_EXPIRES
        message = f"the allowance in guards.allow {'ended' if over else 'ends'} on {entry.until.isoformat()}"
        place = desired.place("guards", "allow", index)
        about = Address(entry.address or f"setting:guards/{entry.guard}")
        shown: Shown = {"until": entry.until.isoformat()}
        yield Note(about, code, f"{message} ({entry.reason})", Level.WARNING, place, shown=shown)


def _accepted(entry: DriftEntry, in_force: Iterable[AcceptEntry], addresses: _Addresses) -> DriftEntry:
    """The entry, with the acceptance that lasts longest, if there is one."""
    covering = (accept for accept in in_force if accept.covers(entry, addresses[entry.id]))
    best = max(covering, key=lambda accept: (accept.until, accept.address, accept.reason), default=None)
    return entry if best is None else replace(entry, accepted=Acceptance(best.reason, best.until.isoformat()))


def _accept_notes(
    desired: Desired, entries: Sequence[DriftEntry], today: date, addresses: _Addresses, by: date
) -> Iterator[Note]:
    """Entries of `accept` that do nothing or will soon, and those that last for a time nobody looks ahead."""
    for index, accept in enumerate(desired.settings.accept):
        where, place = Address(accept.address), desired.place("accept", index)
        shown: Shown = {"until": accept.until.isoformat()}
        if not accept.counts_on(today):
            message = f"accepted until {accept.until.isoformat()} ({accept.reason}), which has expired: it counts again"
            yield Note(where, Code.ACCEPT_EXPIRED, message, Level.WARNING, place, shown=shown)
        elif not any(accept.covers(entry, addresses[entry.id]) for entry in entries):
            message = f"matches no difference ({accept.reason}): delete it"
            yield Note(where, Code.ACCEPT_UNUSED, message, Level.INFO, place, shown=shown)
        elif accept.until <= by:
            message = f"accepted until {accept.until.isoformat()} ({accept.reason}): it counts again after that"
            yield Note(where, Code.ACCEPT_EXPIRES, message, Level.WARNING, place, shown=shown)
        if accept.until > today + LONG:
            message = f"accepted until {accept.until.isoformat()} ({accept.reason}), more than a year from now"
            yield Note(where, Code.ACCEPT_LASTING, message, Level.WARNING, place, shown=shown)
