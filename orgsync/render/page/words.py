"""The words and symbols of a plan, each said in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from orgsync.core.model.change import Action, Cause, Level, Risk
from orgsync.core.words.plural import counted


@dataclass(frozen=True, slots=True)
class ActionWords:
    """One action: its symbol, what will happen, what happened, how a summary counts it, and its colour."""

    symbol: str
    future: str
    past: str
    infinitive: str
    style: str


ACTIONS = {
    Action.CREATE: ActionWords("+", "will be created", "created", "create", "green"),
    Action.INVITE: ActionWords("+", "will be invited", "invited", "invite", "green"),
    Action.UPDATE: ActionWords("~", "will be updated in place", "updated", "update", "yellow"),
    Action.WITHDRAW: ActionWords("-", "will have its invite withdrawn", "withdrawn", "withdraw", "red"),
    Action.REMOVE: ActionWords("-", "will be removed", "removed", "remove", "red"),
    Action.ARCHIVE: ActionWords("-", "will be archived", "archived", "archive", "red"),
}


@dataclass(frozen=True, slots=True)
class RiskWords:
    """One risk in words, and its colour."""

    text: str
    style: str


RISKS = {
    Risk.R1: RiskWords("has a side effect that cannot be undone", "yellow"),
    Risk.R2: RiskWords("cannot be undone", "bold red"),
}

CAUSE_HEADINGS = {
    Cause.CONFIG: "This change of the files asks for",
    Cause.DRIFT: "Already different in the organization (drift)",
    Cause.POLICY: "Asked for by key policies",
    Cause.EXPIRY: "Expired",
}
"""What stands above the changes of one cause, in this order, once the files were compared with older ones."""

CAUSES = {
    Cause.CONFIG: "config (the files changed)",
    Cause.DRIFT: "drift (it differed before this change)",
    Cause.POLICY: "policy (a key policy requires it)",
    Cause.EXPIRY: "expiry (its `until` day has passed)",
}


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
