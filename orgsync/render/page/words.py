"""The words and symbols of a plan, each said in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from orgsync.core.model.change import Action, Cause, Level, Risk
from orgsync.core.model.meaning import Meaning
from orgsync.core.plan.weight import Weight
from orgsync.core.words.plural import counted

if TYPE_CHECKING:
    from orgsync.core.model.change import Change


@dataclass(frozen=True, slots=True)
class ActionWords:
    """One action: its symbol, what will happen, what happened, how a summary counts it, and its colour."""

    symbol: str
    future: str
    past: str
    infinitive: str
    style: str
    future_of_several: str = ""

    def will(self, number: int) -> str:
        """What will happen to so many resources."""
        return self.future_of_several if number > 1 and self.future_of_several else self.future


ACTIONS = {
    Action.CREATE: ActionWords("+", "will be created", "created", "create", "green"),
    Action.INVITE: ActionWords("+", "will be invited", "invited", "invite", "green"),
    Action.UPDATE: ActionWords("~", "will be updated in place", "updated", "update", "yellow"),
    Action.WITHDRAW: ActionWords(
        "-", "will have its invite withdrawn", "withdrawn", "withdraw", "red", "will have their invites withdrawn"
    ),
    Action.REMOVE: ActionWords("-", "will be removed", "removed", "remove", "red"),
    Action.ARCHIVE: ActionWords("-", "will be archived", "archived", "archive", "red"),
}


@dataclass(frozen=True, slots=True)
class WeightWords:
    """What the changes of one weight have in common, as a heading, and its colour."""

    title: str
    style: str


WEIGHTS = {
    Weight.REFUSED: WeightWords("Refused by a guard", "bold red"),
    Weight.FINAL: WeightWords("Cannot be undone", "bold red"),
    Weight.ELEVATES: WeightWords("Elevates: gives privileged access or more than before", "bold yellow"),
    Weight.STOPS: WeightWords("Stops: requests that work now will not", "bold yellow"),
    Weight.WITHDRAWS: WeightWords("Withdraws: removes access or lowers a limit", "bold yellow"),
    Weight.GRANTS: WeightWords("Grants ordinary access", "bold"),
    Weight.NEUTRAL: WeightWords("Neutral: no one can do more or less", "bold"),
}
"""The headings of changes, in the order in which they are shown."""


def harm(change: Change) -> str:
    """`R1: elevates, withdraws`: the risk of a change and why it has it; nothing for what can be undone altogether."""
    if change.risk is Risk.R0:
        return ""
    reasons = [", ".join(change.meaning)] if change.meaning else []
    if change.risk is Risk.R2:
        reasons.insert(0, "cannot be undone")
    elif not change.meaning or change.meaning == (Meaning.GRANTS,):
        reasons.append("its side effect cannot be undone")
    return f"{change.risk}: {'; '.join(reasons)}"


def kind_noun(kind: str) -> str:
    """What a person calls a resource of a kind: `API key`. A plan made by hand says what it likes here."""
    words = kind.split("_")
    if not all(word.isascii() and word.isalpha() for word in words):
        return "resource"
    return " ".join("API" if word == "api" else word for word in words)


CAUSES = {
    Cause.CONFIG: "config (the files changed)",
    Cause.DRIFT: "drift (it differed before this change)",
    Cause.POLICY: "policy (a key policy requires it)",
    Cause.EXPIRY: "expiry (its `until` day has passed)",
}
"""Once the files were compared with older ones: where a change comes from, most asked about first."""


@dataclass(frozen=True, slots=True)
class LevelWords:
    """One level of findings: its symbol, its name for counting, and its colour."""

    symbol: str
    name: str
    style: str


LEVELS = {
    Level.ERROR: LevelWords("x", "error", "red"),
    Level.WARNING: LevelWords("!", "warning", "yellow"),
    Level.INFO: LevelWords("i", "note", "cyan"),
}
"""Most serious first: the order findings are shown in."""


def ago(then: str, now: str) -> str:
    """How long one RFC 3339 moment lies before another, rounded down: `3 hours ago`. Of what is no moment: itself."""
    try:
        passed = datetime.fromisoformat(now) - datetime.fromisoformat(then)
    except (ValueError, TypeError):  # a plan made by hand says what it likes here, and is shown all the same
        return f"at {then}"
    for unit, noun in ((timedelta(days=2), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if passed >= unit:
            return f"{counted(passed // timedelta(**{f'{noun}s': 1}), noun)} ago"
    return "less than a minute ago"
