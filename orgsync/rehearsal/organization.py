"""One organization in memory, everything that arrives there, and what each write may lead to."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from orgsync.core.apply.rehearsal import Fault
from orgsync.rehearsal.colleague import edit
from orgsync.rehearsal.facts import facts, told
from orgsync.rehearsal.planned import Names, Planned
from orgsync.sandbox.wire.context import Answer, Call

if TYPE_CHECKING:
    from orgsync.rehearsal.facts import Facts, Values
    from orgsync.sandbox.model.resource import Fact
    from orgsync.sandbox.server.app import App

LAG = 20.0
"""Simulated seconds for which reads stay old."""


@dataclass(slots=True)
class Allowed:
    """What an undisturbed apply passes through: every value that every fact had, how it ended, whom it e-mailed."""

    values: dict[Fact, set[Values]] = field(default_factory=dict)
    end: Facts = field(default_factory=dict)
    e_mails: Counter[str] = field(default_factory=Counter)

    def pass_through(self, new: Facts) -> None:
        """One more step on the way: what it changed."""
        for fact, values in new.items():
            self.values.setdefault(fact, {self.end.get(fact, ())}).add(values)
        self.end |= new


class Answers:
    """What all worlds share: the same history of writes gives the same answers to reads, and the same new facts."""

    def __init__(self) -> None:
        self.new_facts: dict[int, Facts] = {}
        """By the number of a history: what its last write changed. A fact that is no more has no values."""
        self._versions: dict[tuple[int, str, str, bytes, bool], int] = {}
        self._known: dict[tuple[int, str, str, str | None], Answer] = {}

    def after(self, version: int, call: Call) -> int:
        """The number of the history that this write continues."""
        key = (version, call.method, call.path, call.content, call.console)
        return self._versions.setdefault(key, len(self._versions) + 1)

    def read(self, version: int, app: App, call: Call, *, keep: bool) -> Answer:
        """The answer to a read at this point of history. To `keep` those of the undisturbed world is enough."""
        key = (version, call.path, call.raw_query, call.headers.get("anthropic-beta"))
        answer = self._known.get(key) or app.answer(call)
        if keep:
            self._known[key] = answer
        return answer


class World:
    """One organization. Every write of orgsync is held against the plan, and its effect against `allowed`.

    Without `allowed` this is the undisturbed world, which finds out what is allowed. In one that `lags`, every write
    shows late.
    """

    def __init__(
        self, app: App, planned: Planned, answers: Answers, allowed: Allowed | None = None, *, lags: bool = False
    ) -> None:
        self.names = Names(planned)
        self.broken: list[str] = []
        self.writes: list[tuple[str, int]] = []
        self.e_mails: Counter[str] = Counter()
        self.time = 0.0
        self._planned = planned
        self._app = app
        self._answers = answers
        self._version = 0
        self._lags = lags
        self._old: list[tuple[App, int, float]] = []
        self._touched: dict[Fact, Values] = {}
        self._renamed: str | None = None
        self._known_renamed: str | None = None
        self._state = self.state()
        self._allowed = allowed
        self.passed = Allowed({fact: {values} for fact, values in self._state.items()}, dict(self._state))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._app.close()
        for app, _version, _until in self._old:
            app.close()

    def begin(self) -> None:
        """A new run: it can see everything that was done until now."""
        self._known_renamed = self._renamed

    def state(self) -> Facts:
        """What is so now."""
        return facts(self._app.resources, self._app.tables(), self.names.label)

    def handled(self, call: Call, now: float) -> Answer:
        """What orgsync sent, answered."""
        if not call.writes:
            return self._read(call, now)
        body = json.loads(call.content) if call.content else None
        write = self.names.write(call.method, call.path, body)
        if write not in self._planned.writes:
            self.broken.append(f"sent a write that is not in the plan: {' '.join(write).strip()}")
        known = self._known_renamed
        if known is not None and (known in call.path or known.encode() in call.content):
            self.broken.append(f"changed {known} after a colleague had renamed it")
        if self._lags:
            self.lag(now)
        answer = self._written(call)
        self.writes.append((f"{call.method} {call.path}", answer.status))
        if answer.status == 200:
            self.names.made(write, answer.body)
            self._count_e_mail(call, body)
            self._look()
        return answer

    def lag(self, now: float) -> None:
        """From now on, and for a while, every read shows what is so at this moment."""
        self._old.append((self._app.copy(), self._version, now + LAG))

    def colleague(self, fault: Fault, call: Call, at: int) -> None:
        """Somebody is faster than this request, in the Console."""
        if call.writes:
            write = (call.method, call.path, call.content.decode())
        else:
            planned = self._planned.writes
            spelled = self.names.spelled(planned[at % len(planned)]) if planned else None
            write = spelled or ("", "", "")
        wanted = edit(fault, write, self._app.resources, self._app.tables())
        if wanted is None or not wanted.method:
            return
        content = b"" if wanted.body is None else json.dumps(wanted.body).encode()
        asked = Call(wanted.method, wanted.path, content=content, console=True)
        answer = self._written(asked)
        if answer.status == 200:
            self.names.made(self.names.write(wanted.method, wanted.path, wanted.body), answer.body)
            self._touched.update(self._new_facts())
            if fault is Fault.CONSOLE_RENAME:
                self._renamed = wanted.path.rpartition("/")[2]
            if at == 1:
                self.begin()

    def ended(self, allowed: Allowed, *, complete: bool) -> list[str]:
        """What is not as it has to be once a run said that it is done, or that it does not go on.

        Done: as after the undisturbed apply, but for what a colleague touched; there either may stand. Not gone on
        with: everything is as it was at some point of the undisturbed apply, or as the colleague left it.
        """
        wrong = []
        for fact in sorted(allowed.values.keys() | self._state.keys()):
            value, end = self._state.get(fact, ()), allowed.end.get(fact, ())
            fine = value == end if complete else value in allowed.values.get(fact, {()})
            if not fine and not self._is_of_a_colleague(fact, value, end):
                wrong.append(f"ended with {told(fact, value)}; undisturbed: {' and '.join(end) or 'none'}")
        return wrong

    def _is_of_a_colleague(self, fact: Fact, value: Values, end: Values) -> bool:
        """Whether a value is what a colleague left there, or the plan put over it or beside it."""
        if fact not in self._touched:
            return False
        theirs = self._touched[fact]
        return value in (theirs, end, tuple(sorted((*theirs, *end))))

    def _read(self, call: Call, now: float) -> Answer:
        current = (self._app, self._version, now)
        app, version, _until = next((old for old in self._old if now < old[2]), current)
        return self._answers.read(version, app, call, keep=self._allowed is None)

    def _written(self, call: Call) -> Answer:
        self._version = self._answers.after(self._version, call)
        return self._app.answer(call)

    def _count_e_mail(self, call: Call, body: object) -> None:
        addressed = self._app.router.find(call)[0].e_mails
        if addressed is not None and isinstance(body, dict):
            email = str(body[addressed])
            self.e_mails[email] += 1
            if self._allowed is not None and self.e_mails[email] > self._allowed.e_mails[email]:
                self.broken.append(f"sent {self.e_mails[email]} invite e-mails to {email}")

    def _look(self) -> None:
        """What the write that was just done led to."""
        changed = self._new_facts()
        if self._allowed is None:
            self.passed.pass_through(changed)
            self.passed.e_mails = self.e_mails
            return
        for fact, value in changed.items():
            if fact not in self._touched and value not in self._allowed.values.get(fact, {()}):
                self.broken.append(f"led to {told(fact, value)}")

    def _new_facts(self) -> Facts:
        """What the last write changed."""
        known = self._answers.new_facts
        if self._version not in known:
            now = self.state()
            facts = sorted(self._state.keys() | now.keys())
            known[self._version] = {
                fact: now.get(fact, ()) for fact in facts if self._state.get(fact, ()) != now.get(fact, ())
            }
        self._state.update(known[self._version])
        return known[self._version]
