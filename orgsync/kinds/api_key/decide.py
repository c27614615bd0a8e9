"""What to do about an API key: what the file says, unless a policy says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.model.change import Action, Cause, Change, FieldChange, Level, ManualStep, Note, Risk
from orgsync.core.model.codes import Code
from orgsync.core.model.context import NOTHING, Consequences, Context, Decision, archived_namesake
from orgsync.core.model.diff import field_changes
from orgsync.core.model.match import exchange_by_hand, exchanged, no_former, rename_done
from orgsync.core.model.meaning import Meaning
from orgsync.core.model.things import LIVE, Key, Live
from orgsync.core.words.address import address, in_sentence
from orgsync.core.words.plural import plural
from orgsync.kinds.api_key.judgements import KeyJudgements, rule_place
from orgsync.kinds.api_key.live import EVERYWHERE, KeyPair, LiveKey, creator_of, principal_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.core.model.context import Evidence
    from orgsync.core.model.meaning import Meanings
    from orgsync.policies.judge import Judgement

_PAGE = "Console > API keys"


def decide(pair: KeyPair, context: Context[KeyJudgements]) -> Decision:
    """What to do about one key."""
    judged = context.prepared
    key = pair.found
    if key is None:
        return _missing(pair, context)
    judgement = judged.acting.get(key.id)
    notes = (*judged.notes.get(key.id, ()), *rename_done(pair))
    if not key.exists or _ends_anyway(key, judged, context):
        return Decision(findings=notes)
    if pair.fulfilled is not None:
        notes = (*notes, archived_namesake(pair, pair.fulfilled))
    if judgement is not None:
        return _judged(pair, key, judgement, context, notes)
    if pair.fulfilled is not None:
        return Decision(findings=notes)
    if pair.declared is None:
        return Decision(changes=tuple(_undeclared(pair, key, context)), findings=notes)
    spec = pair.declared.spec
    if spec.archived:
        return Decision(changes=(_archived(pair, key),), findings=notes)
    if key.attributes["status"] == "expired" and "status" in spec.attributes:
        return Decision(manual=(_make(pair, "has expired, and keys cannot be renewed"),), findings=notes)
    circle = exchanged(pair, context.pairs["api_key"])
    manual = tuple(exchange_by_hand(pair, circle, _PAGE)) if circle else ()
    return Decision(changes=tuple(_difference(pair, key, named=not circle)), manual=manual, findings=notes)


def _ends_anyway(key: LiveKey, judged: KeyJudgements, context: Context[KeyJudgements]) -> bool:
    """Whether the key ends with its workspace or its owner: nothing else that is done to it would last."""
    place = context.after("workspace", (key.key[0],))
    if place is not None and place.standing != LIVE:
        return True
    return principal_of(key).get("user_id") in judged.leaving


def _missing(pair: KeyPair, context: Context[KeyJudgements]) -> Decision:
    if pair.declared is None or pair.declared.spec.archived:
        return NOTHING
    found = (one.found for one in context.pairs["api_key"] if one.found is not None)
    blocked = no_former(pair.declared, "API key", [one for one in found if one.key[0] == pair.key[0]])
    if blocked is not None:
        return Decision(blocked=(blocked,))
    return Decision(manual=(_make(pair, "does not exist, and the API cannot create keys"),))


def _make(pair: KeyPair, why: str) -> ManualStep:
    workspace, name = pair.address.segments
    scope = "the whole organization" if workspace == EVERYWHERE else f'workspace "{workspace}"'
    expected = f'name "{name}", {scope}'
    return ManualStep(
        pair.address,
        Code.KEY_MISSING,
        f"{why}: create it in the Console",
        f"{_PAGE} > Create key",
        expected,
        source=pair.place,
    )


def _difference(pair: KeyPair, key: LiveKey, *, named: bool) -> Iterable[Change]:
    """Status and, where it can be `named` so, the name, as the file says."""
    if pair.declared is None:
        return
    wanted = {**({"name": pair.declared.segments[1]} if named else {}), **pair.declared.spec.attributes}
    fields = field_changes(key.attributes, wanted)
    if fields:
        yield Change(
            pair.address,
            Action.UPDATE,
            fields,
            id=key.id,
            reason="differs from the file",
            source=pair.declared.place,
        )


def _undeclared(pair: KeyPair, key: LiveKey, context: Context[KeyJudgements]) -> Iterable[Change]:
    """Only where the files have the keys beside it; never archived, because that cannot be taken back."""
    inside = () if key.segments[0] == EVERYWHERE else key.segments[:1]
    if ("api_key", inside) not in context.desired.collections or key.attributes["status"] != "active":
        return
    yield Change(
        pair.address,
        Action.UPDATE,
        (FieldChange("status", "active", "inactive"),),
        id=key.id,
        reason="not declared",
    )


def effects(change: Change, meanings: Meanings, _evidence: Evidence) -> Iterable[str]:
    """Whether the key works from then on."""
    if change.fields[-1].after == "archived":
        yield "the key is archived permanently"
    elif Meaning.STOPS in meanings:
        yield "the key stops working immediately"
    elif Meaning.ELEVATES in meanings:
        yield "the key works again"


def _archived(pair: KeyPair, key: LiveKey) -> Change:
    return Change(
        pair.address,
        Action.ARCHIVE,
        (FieldChange("status", key.attributes["status"], "archived"),),
        id=key.id,
        risk=Risk.R2,
        reason="the file declares archived: true",
        source=pair.place,
    )


def _judged(
    pair: KeyPair,
    key: LiveKey,
    judgement: Judgement,
    context: Context[KeyJudgements],
    notes: tuple[Note, ...],
) -> Decision:
    """What a policy asks for outweighs what the line of the key says."""
    if (judgement.then == "deactivate" or judgement.held) and key.attributes["status"] == "inactive":
        message = f"stays inactive, whatever its line declares: policy {judgement.policy}: {judgement.message}"
        place = rule_place(judgement, context)
        shown = context.prepared.shown.get(key.id, {})
        kept = Note(pair.address, Code.POLICY_BREACH, message, Level.WARNING, place, shown=dict(shown))
        return Decision(findings=(*notes, kept))
    return Decision(changes=(_asked_by_policy(pair, key, judgement, context),), findings=notes)


def _asked_by_policy(pair: KeyPair, key: LiveKey, judgement: Judgement, context: Context[KeyJudgements]) -> Change:
    archive = judgement.then == "archive"
    return Change(
        pair.address,
        Action.ARCHIVE if archive else Action.UPDATE,
        (FieldChange("status", key.attributes["status"], "archived" if archive else "inactive"),),
        id=key.id,
        cause=Cause.POLICY,
        risk=Risk.R2 if archive else Risk.R0,
        reason=f"policy {judgement.policy}: {judgement.message}",
        source=rule_place(judgement, context),
        effects=(_impact(key),),
    )


def _impact(key: LiveKey) -> str:
    """How much the key is used, for whoever reads the plan."""
    use = key.facts.use
    if use is None:
        return "its usage is unknown"
    if use.last_used_on is None:
        return "not used in the observed days"
    return f"{_rounded(use.tokens_last_day)} tokens on the last day, last used on {use.last_used_on.isoformat()}"


def _rounded(tokens: int) -> str:
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if tokens >= size:
            return f"{tokens / size:.1f}{letter}"
    return str(tokens)


def survey(context: Context[KeyJudgements]) -> Iterable[Note]:
    """Waivers that do nothing or are in doubt, and policies that cover nothing."""
    return context.prepared.settings


def consequences(change: Change, key: Key, live: Live) -> Consequences:
    """What becomes of keys when a member is removed: personal keys die with the person, workspace keys live on.

    API fact: a removed person's personal keys are archived, and a later invite does not restore them; keys without a
    principal belong to the workspace, whoever made them (Admin API: users, api_keys).
    """
    if change.address.kind != "member" or change.action is not Action.REMOVE:
        return Consequences()
    if "api_key" not in live:
        return Consequences(("personal API keys, if any, are archived permanently",))
    del key
    existing = [one for one in live["api_key"] if one.exists]
    personal = [one for one in existing if principal_of(one).get("user_id") == change.id]
    others = [one for one in existing if creator_of(one).get("id") == change.id and one not in personal]
    effects = [
        *_listed(personal, "is archived permanently with the person", "are archived permanently with the person"),
        *_listed(others, "that this person created keeps working", "that this person created keep working"),
    ]
    ends = tuple(address("api_key", *one.segments) for one in personal)
    return Consequences(tuple(effects), Risk.R2 if personal else None, ends)


def _listed(keys: Sequence[LiveKey], one: str, many: str) -> Iterable[str]:
    if keys:
        names = ", ".join(sorted(in_sentence(address("api_key", *key.segments)) for key in keys))
        yield f"{len(keys)} {plural(len(keys), 'API key')} {one if len(keys) == 1 else many}: {names}"
