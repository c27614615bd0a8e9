"""The writes that a plan stands for, so that every write that arrives can be held against them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orgsync.core.apply.ceiling import LiveIndex, ids_of
from orgsync.core.model.change import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.core.model.change import Plan
    from orgsync.core.model.kind import Kinds
    from orgsync.core.model.things import Ids, Key, Live
    from orgsync.sandbox.model.resource import Write


@dataclass(frozen=True, slots=True)
class Planned:
    """Every write of a plan; `made` has what stands, in other writes, for the id of what a write makes."""

    writes: tuple[Write, ...]
    made: Mapping[Write, str]

    @classmethod
    def of(cls, plan: Plan, live: Live, kinds: Kinds) -> Planned:
        """The one write of each change, given what live shows before the first one."""
        index, ids = LiveIndex.of(live), _Ids(ids_of(plan, kinds))
        writes, made = [], {}
        for change in plan.changes:
            kind = kinds.of(change.address)
            request = kind.request(change, index.about(kind, (change,)), ids)
            write = (request.method, request.path, _text(request.body))
            writes.append(write)
            if change.action is Action.CREATE:
                made[write] = _stand_in(*kinds.named(change.address))
        return cls(tuple(writes), made)


@dataclass(slots=True)
class Names:
    """What stands for the ids that one world gave to what was made in it."""

    planned: Planned
    stands_for: dict[str, str] = field(default_factory=dict)

    def label(self, identity: str) -> str:
        """The id itself, or what stands for it."""
        return self.stands_for.get(identity, identity)

    def write(self, method: str, path: str, body: object) -> Write:
        """A write as it arrived, spelled as the plan spells it."""
        text = _text(body)
        for identity, name in self.stands_for.items():
            path, text = path.replace(identity, name), text.replace(identity, _quoted(name))
        return method, path, text

    def made(self, write: Write, answer: Any) -> None:
        """Remembers the id of what this write made."""
        if write in self.planned.made and isinstance(answer, dict) and isinstance(answer.get("id"), str):
            self.stands_for[answer["id"]] = self.planned.made[write]

    def spelled(self, write: Write) -> Write | None:
        """A planned write with the ids of this world; None where something it needs was not made yet."""
        method, path, text = write
        for identity, name in self.stands_for.items():
            path, text = path.replace(name, identity), text.replace(_quoted(name), identity)
        return None if _OPEN in path or _OPEN in text else (method, path, text)


class _Ids(dict[tuple[str, "Key"], str]):
    """The ids a plan knows, and stand-ins for those of what it makes."""

    def __init__(self, known: Ids) -> None:
        super().__init__(known)

    def __missing__(self, key: tuple[str, Key]) -> str:
        return _stand_in(*key)


_OPEN = "\u27e8"  # in no id, and in no path


def _stand_in(name: str, key: Key) -> str:
    return f"{_OPEN}{name} {' '.join(key)}\u27e9"


def _text(body: object) -> str:
    return "" if body is None else json.dumps(body, sort_keys=True, ensure_ascii=False)


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)[1:-1]
