"""Policies that cover nothing: most likely a name in their `match` is misspelled, or is one of the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.model.change import Level, Note
from orgsync.core.model.codes import Code
from orgsync.core.words.address import Address
from orgsync.core.words.suggest import did_you_mean
from orgsync.kinds.api_key.spec import KEY_POLICIES
from orgsync.policies.contract.rule import NOT_ARCHIVED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orgsync.core.model.context import Context
    from orgsync.core.model.things import Pair
    from orgsync.policies.contract.rule import JudgedKey
    from orgsync.policies.policy import Match

_KEYS = Address("api_key:*")


def unused_policies(context: Context, keys: Sequence[JudgedKey]) -> Iterator[Note]:
    """A warning for each policy that covers no key and no workspace, declared or in the organization.

    A workspace without keys is covered as well: that there are none may be what the policy is for.
    """
    if any(kind in context.refused or context.hides_some(kind) for kind in ("workspace", "api_key")):
        return
    pairs = [pair for pair in context.pairs["workspace"] if pair.found is None or pair.found.exists]
    present = [key for key in keys if key.status in NOT_ARCHIVED]
    for name, policy in sorted(KEY_POLICIES.of(context.desired).items()):
        match = policy.match
        covers_some = match.covers_place((None,), ({},)) or any(_covers(match, pair) for pair in pairs)
        if not covers_some and not any(map(match.covers, present)):
            message = f"{name}: `match` covers no workspace{_hint(match, pairs)}"
            place = context.desired.place("key_policies", name, "match")
            yield Note(_KEYS, Code.POLICY_UNUSED, message, Level.WARNING, place, shown={"policy": name})


def _covers(match: Match, pair: Pair) -> bool:
    """Whether a policy is about keys of this workspace, by any name; tags that are not understood may be any."""
    if pair.found is not None and pair.found.unknown:
        return match.covers_place(_names(pair), (match.tags,))
    return match.covers_place(_names(pair), _tags(pair))


def _names(pair: Pair) -> Sequence[str]:
    return [one.segments[-1] for one in (pair.declared, pair.found) if one is not None]


def _tags(pair: Pair) -> Sequence[Mapping[str, str]]:
    """The tags that are declared, and those that the organization has."""
    declared = {} if pair.declared is None else pair.declared.spec.attributes
    return [dict(one.get("tags") or {}) for one in (declared, {} if pair.found is None else pair.found.attributes)]


def _hint(match: Match, pairs: Sequence[Pair]) -> str:
    known = {name for pair in pairs for name in _names(pair)}
    near = next(filter(None, (did_you_mean(one, known) for one in match.workspaces)), None)
    return f'; did you mean "{near}"?' if near else ": correct its `workspaces` or `tags`, or delete the policy"
