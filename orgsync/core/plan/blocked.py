"""What only a person can decide, and what waits for that: the one place where nothing at all is planned about it.

One odd thing blinds nobody: everything that neither is it, nor stands inside of it, nor mentions it, is planned.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from orgsync.core.model.change import Blocked
    from orgsync.core.model.kind import Kind, Kinds
    from orgsync.core.model.things import Found, Key, Named, Pair
    from orgsync.core.words.address import Address


class Blocking:
    """What is blocked, gathered kind by kind: each comes after what its addresses mention."""

    def __init__(self) -> None:
        self._found: dict[tuple[Named, str], Blocked] = {}
        self._roots: dict[Named, tuple[Named, ...]] = {}
        self._dependents: dict[Named, dict[Address, None]] = {}
        self._only_mentioned: set[Named] = set()
        self._relied_on: set[Named] = set()

    @property
    def named(self) -> AbstractSet[Named]:
        """Kind and key of all that is blocked, and of what waits for it: more of them as more is gathered."""
        return self._roots.keys()

    def add(self, kind: Kind, key: Key, blocked: Iterable[Blocked]) -> None:
        """Notes what a person has to decide before anything is done about the thing of this kind and key."""
        for one in blocked:
            root = (kind.name, kind.key(one.address.segments))
            if not kind.sections:
                self._only_mentioned.add(root)
            self._roots[kind.name, key] = (root,)
            self._found.setdefault((root, one.code), one)

    def covers(self, kind: Kind, pair: Pair) -> bool:
        """Whether nothing may be planned about a pair; what waits for something else is noted with that."""
        if not self._roots and pair.blocked is None:
            return False
        own = (kind.name, pair.key)
        outer = tuple(dict.fromkeys(root for ref in kind.refers_to(pair.key) for root in self._roots.get(ref, ())))
        if outer:
            self._roots[own] = outer
            self._relied_on.update(outer if pair.declared is not None else ())
            for root in outer:
                self._dependents.setdefault(root, {})[pair.address] = None
            return True
        if pair.blocked is not None:
            self.add(kind, pair.key, [pair.blocked])
        return own in self._roots

    def all(self) -> Iterator[Blocked]:
        """Everything that a person has to decide, each with what waits for it.

        What cannot be declared, and only mentioned, is nobody's decision unless a line mentions it.
        """
        for (named, _code), one in self._found.items():
            dependents = self._dependents.get(named, {})
            if named not in self._only_mentioned or named in self._relied_on:
                yield replace(one, dependents=tuple(sorted(dependents)))


@dataclass(frozen=True, slots=True)
class Held:
    """Which of the things that the organization shows a plan holds for blocked: no guard counts on them."""

    ids: frozenset[tuple[str, str]] = frozenset()
    named: frozenset[Named] = frozenset()

    @classmethod
    def of(cls, blocked: Iterable[Blocked], kinds: Kinds) -> Held:
        """By what the plan says."""
        every = tuple(blocked)
        addresses = (where for one in every for where in (one.address, *one.dependents))
        return cls(
            frozenset((one.address.kind, identity) for one in every for identity in one.ids),
            frozenset(kinds.named(where) for where in addresses if where.kind in kinds.by_name),
        )

    def covers(self, found: Found) -> bool:
        """Whether it is one of them."""
        return (found.kind, found.id) in self.ids or (found.kind, found.key) in self.named
