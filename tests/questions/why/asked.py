"""`why` asked of an organization in memory: the real flow, the real client, and journals of our own making."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acme import ORGANIZATION, document_from

from orgsync.core.apply.journal import GENESIS, Conclusion, Intent, Result, linked
from orgsync.core.document.read import desired_state
from orgsync.core.model.change import Action, FieldChange
from orgsync.core.words.address import Address
from orgsync.flows.asking.why import Question, journals_at, why
from orgsync.flows.files import Files
from orgsync.kinds import KINDS
from orgsync.questions.why.subject import subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acme import Org

    from orgsync.core.answers.answer import Answer


class _Connection:
    """The organization in memory, as flows connect to one."""

    identity = None
    untouched = False

    def __init__(self, org: Org) -> None:
        self._org = org

    def opened(self, _watch: Any) -> Any:
        return self._org.client()


def asked(org: Org, *words: str, files: bool = True, journal: str = "", feed: bool = False) -> Answer:
    """The answer; with the files of the organization, unless there are to be none, a journal of these lines, and the
    Activity Feed, if it may be asked."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "org.journal.jsonl"
        path.write_text(journal, encoding="utf-8")
        desired = desired_state(document_from(org.files), KINDS, org.now.date())
        known = Files(desired, (), org.now) if files else None
        question = Question(subject(words, KINDS), known, journals_at([path]), org.now, feed)
        return asyncio.run(why(question, _Connection(org)))


def failing(org: Org, *words: str, files: bool = True, journal: str = "") -> str | None:
    """The name of the first check that fails."""
    name: str | None = asked(org, *words, files=files, journal=journal).facts["first_failing"]
    return name


def journal(
    *writes: tuple[Action, str, Sequence[tuple[str, Any, Any]]], identity: str | None = None, made: str | None = None
) -> str:
    """The lines of a journal in which ana did these writes, one a day: action, address, and fields with from and to.

    They were about what has the id `identity`, or made what has the id `made`.
    """
    lines, previous = [], GENESIS
    for number, (action, address, fields) in enumerate(writes, 1):
        at = f"2026-11-{number:02}T09:00:00Z"
        changes = tuple(FieldChange(*field) for field in fields)
        intent = Intent(
            number, at, "c7968aa0b1c2", "d" * 64, ORGANIZATION["id"], Address(address), action, "POST", "/v1/x", changes
        )
        if identity is not None:
            intent = Intent(**{**{name: getattr(intent, name) for name in Intent.__slots__}, "id": identity})
        intent = Intent(**{**{name: getattr(intent, name) for name in Intent.__slots__}, "actor": "ana"})
        for entry in (intent, Result(number, at, Conclusion.DONE, made=made)):
            link = linked(entry, previous)
            lines.append(f"{link.text}\n")
            previous = link.hash
    return "".join(lines)
