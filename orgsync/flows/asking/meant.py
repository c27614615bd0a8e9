"""Which workspace and which key a question means: exactly one, or an error that names those it may mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.model.things import ARCHIVED, Pair
from orgsync.core.words.address import in_sentence
from orgsync.core.words.problems import quoted, suggestion
from orgsync.core.words.suggest import did_you_mean
from orgsync.errors import UsageError
from orgsync.kinds.api_key import KIND as KEY
from orgsync.kinds.workspace import KIND as WORKSPACE
from orgsync.questions.why import key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.model.observation import Observation
    from orgsync.questions.why.subject import Subject


def workspace_meant(seen: Observation, name: str) -> Pair:
    """The workspace of this name or id. Raises UsageError where there is none, or more than one."""
    pairs = seen.pairs[WORKSPACE.name]
    by_id = [pair for pair in pairs if pair.found is not None and pair.found.id == name]
    named = by_id or [pair for pair in pairs if name in _names(pair)]
    usable = [pair for pair in named if pair.found is not None and pair.found.standing != ARCHIVED]
    meant = usable or _unusable(named)
    if len(meant) > 1:
        ids = ", ".join(sorted(pair.found.id for pair in meant if pair.found is not None))
        raise UsageError(f"{len(meant)} workspaces are named {quoted(name)}: {ids}", hint="name one of them by its id")
    if not meant:
        known = sorted({one for pair in pairs for one in _names(pair)})
        raise UsageError(f"there is no workspace {quoted(name)}", hint=suggestion(name, known, "workspaces"))
    return meant[0]


def _unusable(named: Sequence[Pair]) -> list[Pair]:
    """Of workspaces that nobody can use the one that is meant: declared and not created yet, else archived last."""
    declared = next((pair for pair in named if pair.declared is not None), None)
    archived = [pair.found for pair in named if pair.found is not None]
    if declared is not None and (declared.blocked is None or not archived):
        return [declared]
    last = max(archived, key=lambda one: str(one.facts.archived_at), default=None)
    return [] if last is None else [Pair(None if declared is None else declared.declared, last)]


def _names(pair: Pair) -> set[str]:
    """What the files and the organization call it."""
    return {one.segments[-1] for one in (pair.declared, pair.found) if one is not None}


def key_meant(subject: Subject, seen: Observation) -> Pair:
    """The key that is meant. Raises UsageError where there is none, or more than one."""
    pairs = seen.pairs[KEY.name]
    if subject.address is not None:
        workspace, name = KEY.key(subject.address.segments)
        named = [pair for pair in seen.pairs[WORKSPACE.name] if workspace in _names(pair)]
        places = {workspace} | {pair.key[-1] for pair in named}
        places |= {pair.found.id for pair in named if pair.found is not None}  # keys of an archived one go by that
        meant = key.keys_meant(pairs, keys=frozenset((one, name) for one in places))
        told = in_sentence(subject.address)
    else:
        meant = key.keys_meant(pairs, hint=subject.hint, identity=subject.key_id)
        told = subject.key_id or f"the hint {subject.hint}"
    if len(meant) > 1:
        several = "; ".join(sorted(f"{pair.address} ({pair.found.id})" for pair in meant if pair.found is not None))
        raise UsageError(f"{len(meant)} keys go by {told}: {several}", hint="name one of them by its id")
    if not meant:
        known = [pair.address for pair in pairs]
        near = None if subject.address is None else did_you_mean(subject.address, known)
        hint = f'did you mean "{near}"?' if near else "`orgsync keys` lists the keys of the organization"
        raise UsageError(f"no API key of the organization goes by {told}", hint=hint)
    return meant[0]
