"""Everybody and every workspace of an organization, as live shows them or as the files ask for them, by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orgsync.core.model.things import ARCHIVED, Pair
from orgsync.core.words.spelling import same_mailbox
from orgsync.kinds.api_key import KIND as KEYS
from orgsync.kinds.member import KIND as PEOPLE
from orgsync.kinds.service_account import KIND as ACCOUNTS
from orgsync.kinds.workspace import KIND as WORKSPACES
from orgsync.kinds.workspace.spec import DEFAULT
from orgsync.kinds.workspace_member import KIND as ROLES
from orgsync.questions.access.powers import Sort

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orgsync.core.document.read import Desired
    from orgsync.core.model.observation import Observation
    from orgsync.core.model.things import Pairs

CLAUDE_CODE = "Claude Code"
"""The workspace that Claude Code makes for itself can be told by its name alone (Admin API: open questions)."""

PERSON, PLACE, ROLE = PEOPLE.name, WORKSPACES.name, ROLES.name
KEY, ACCOUNT = KEYS.name, ACCOUNTS.name
"""The kinds that access is about."""


@dataclass(frozen=True, slots=True)
class Site:
    """One workspace. `name` is what the files call it, else its own; `id` is None where it is only in the files.
    `label` tells it apart from others of that name.

    `obscure`: so little of it is understood that nothing in it is. `unread`: why its list of members is not known.
    """

    name: str
    label: str
    id: str | None
    sort: Sort
    pair: Pair
    obscure: bool = False
    unread: str = ""

    @property
    def names(self) -> frozenset[str]:
        """What it is called: in the files, in the organization, by its id."""
        found = self.pair.found
        return frozenset({self.name} if found is None else {self.name, found.segments[0], found.id})


@dataclass(frozen=True, slots=True)
class Population:
    """Who and what there is. `people` are by mailbox, and `rows` by the workspace (`Site.id`, or its name where it is
    only in the files) and mailbox. `unread` says why some people are not known. `by_id` finds people by id.

    `live`: whether it is as the organization is, and not as the files ask for. `desired` are the files, if any.
    """

    people: Mapping[str, Pair]
    by_id: Mapping[str, Pair]
    sites: tuple[Site, ...]
    rows: Mapping[tuple[str, str], Pair]
    desired: Desired | None
    live: bool
    unread: str = ""

    def person(self, email: str) -> Pair | None:
        """The person of this address, however it is spelled."""
        return self.people.get(same_mailbox(email))

    def row(self, mailbox: str, site: Site) -> Pair | None:
        """What the workspace, or its lines in the files, say of the person."""
        found = None if site.id is None else self.rows.get((site.id, mailbox))
        return found or (None if site.pair.declared is None else self.rows.get((site.name, mailbox)))

    def site(self, name: str) -> Site | None:
        """The workspace that is called so; of several, the one that works."""
        named = [one for one in self.sites if name in one.names]
        return next((one for one in named if one.sort is not Sort.ARCHIVED), named[0] if named else None)


def population(seen: Observation, desired: Desired | None = None) -> Population:
    """What was seen, matched with the files that it was matched with."""
    unread = {one.inside: one.message for one in seen.unseen if one.kind == ROLE and one.blocks}
    everywhere = seen.refused.get(ROLE, "") or unread.get((), "")
    sites = _sites(seen.pairs.get(PLACE, ()), everywhere, unread)
    people = seen.pairs.get(PERSON, ())
    return Population(
        people={pair.key[0]: pair for pair in people},
        by_id={pair.found.id: pair for pair in people if pair.found is not None},
        sites=sites,
        rows=_rows(seen.pairs),
        desired=desired,
        live=True,
        unread=next((one.message for one in seen.unseen if one.kind == PERSON and one.blocks), ""),
    )


def declared_population(desired: Desired) -> Population:
    """What the files ask for, as if it were so: lines that have ended are left out."""
    pairs: Pairs = {
        name: [Pair(line, None) for line in desired.declared[name].values() if not line.expired]
        for name in (PERSON, PLACE, ROLE)
    }
    return Population(
        people={pair.key[0]: pair for pair in pairs[PERSON]},
        by_id={},
        sites=_sites(pairs[PLACE], "", {}),
        rows=_rows(pairs),
        desired=desired,
        live=False,
    )


def _rows(pairs: Pairs) -> dict[tuple[str, str], Pair]:
    """Rows by the id of their workspace; what is only in the files, by its name there."""
    rows = {}
    for pair in pairs.get(ROLE, ()):
        workspace, mailbox = pair.key
        rows[workspace if pair.found is None else pair.found.id.rpartition("/")[0], mailbox] = pair
    return rows


def _sites(pairs: Sequence[Pair], everywhere: str, unread: Mapping[tuple[str, ...], str]) -> tuple[Site, ...]:
    """Every workspace. Where a list of one was not read, those of the same name are not known either: lists are called
    by names, and of several of one name only the first has it."""
    shared = Counter(pair.key[0] for pair in pairs if _sort(pair) is not Sort.ARCHIVED)
    return tuple(_site(pair, everywhere, unread, alone=shared[pair.key[0]] <= 1) for pair in pairs)


def _site(pair: Pair, everywhere: str, unread: Mapping[tuple[str, ...], str], *, alone: bool) -> Site:
    found, name = pair.found, pair.key[0]
    if found is None:
        return Site(name, name, None, _sort(pair), pair)
    why = everywhere or unread.get((name,), "") or unread.get((found.id,), "")
    label = name if alone else f"{name} ({found.id})"
    return Site(name, label, found.id, _sort(pair), pair, found.obscure, why)


def _sort(pair: Pair) -> Sort:
    found, line = pair.found, pair.declared
    if found is None:
        if line is not None and line.spec.asks_to_archive:
            return Sort.ARCHIVED
        return {DEFAULT: Sort.DEFAULT, CLAUDE_CODE: Sort.CLAUDE_CODE}.get(pair.key[0], Sort.ORDINARY)
    if found.standing == ARCHIVED:
        return Sort.ARCHIVED
    if found.implied:
        return Sort.DEFAULT
    return Sort.CLAUDE_CODE if found.segments[0] == CLAUDE_CODE else Sort.ORDINARY
