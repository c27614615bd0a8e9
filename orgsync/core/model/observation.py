"""What was seen of the live organization, and which declared thing each live one answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orgsync.core.model.change import Organization
    from orgsync.core.model.codes import Code
    from orgsync.core.model.things import Key, Live, Pair, Pairs


@dataclass(frozen=True, slots=True)
class Unseen:
    """A list, or rows of one, of which nothing is known: what they are about may or may not be there.

    `inside` is the key of the thing whose list it is; empty: all of the kind. `code` and `message` are what a
    plan says of it. It `blocks` unless the kind can do without it.
    """

    kind: str
    inside: tuple[str, ...]
    code: Code
    message: str
    blocks: bool = True

    def hides(self, kind: str, key: Key) -> bool:
        """Whether the thing of this kind and key may be there although it was not seen."""
        return self.blocks and self.kind == kind and key[: len(self.inside)] == self.inside


@dataclass(frozen=True, slots=True)
class Former:
    """Somebody whom live does not show any more: the name that is remembered, and what became of them."""

    name: str
    what: str


@dataclass(slots=True)
class Observation:
    """One complete look at the organization. A kind that was not read is missing from `live`, never empty.

    `refused` has the API's words for kinds it does not offer to this organization; nothing is known of those, and
    their `live` is empty. `unseen` is what else could not be seen. `whole` are the kinds that one list shows, wherever
    they stand; of the others, only the lists inside what the files manage were read. `requests` counts the answered
    reads; `by_admin_key` says whether they were asked with an Admin API key. `began` is when the first of them was
    sent, in seconds of the loop's clock. `former` are people who are gone, by the id that live still mentions, as
    earlier runs remember them.
    """

    organization: Organization
    live: Live = field(default_factory=dict, repr=False)
    pairs: Pairs = field(default_factory=dict, repr=False)
    refused: dict[str, str] = field(default_factory=dict)
    unseen: list[Unseen] = field(default_factory=list, repr=False)
    whole: set[str] = field(default_factory=set)
    requests: int = 0
    by_admin_key: bool = False
    began: float | None = None
    former: dict[str, Former] = field(default_factory=dict)


def ids_of(pair: Pair, kind: str, seen: Observation) -> frozenset[str]:
    """The ids of what a pair may mean: of what it found, else of what a person has to choose from, else of namesakes.

    Namesakes are what is archived or gone, and was called the same.
    """
    if pair.found is not None:
        return frozenset({pair.found.id})
    if pair.blocked is not None and pair.blocked.ids:
        return frozenset(pair.blocked.ids)
    return frozenset(one.id for one in seen.live.get(kind, ()) if one.key == pair.key)


def ids_beside(pair: Pair, kind: str, seen: Observation) -> frozenset[str]:
    """The ids of what no line declares and stands in the same: what a missing thing may be called now."""
    if pair.found is not None:
        return frozenset()
    others = (one.found for one in seen.pairs.get(kind, ()) if one.declared is None)
    return frozenset(one.id for one in others if one is not None and one.exists and one.key[:-1] == pair.key[:-1])
