"""For any history of edits, commits and applies, the log tells each of them once, in order, and nothing else."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from acme import NOW, Org
from core.review.support import WHO, Repository
from hypothesis import given
from hypothesis import strategies as st

from orgsync.core.apply.journal import Intent
from orgsync.core.drift.entries import drift_report
from orgsync.core.drift.report import DriftReport, compared
from orgsync.core.drift.schema import sealed
from orgsync.core.words.timestamp import written_moment
from orgsync.engine.apply_plan import apply_plan
from orgsync.files.state import drift_file
from orgsync.files.state.journal import FileJournal, read
from orgsync.flows.asking.log import Records, log_of
from orgsync.kinds import KINDS
from orgsync.questions.log.timeline import Chosen
from properties.organizations import examples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.core.model.change import Plan

PEOPLE = {"member:ana@acme.example": "ana@acme.example", "member:raj@acme.example": "raj@acme.example"}
ROLES = ["user", "developer", "billing"]

COLLEAGUES = ["ceo@acme.example", "cto@acme.example"]

PERSON, ROLE = st.sampled_from(list(PEOPLE)), st.sampled_from(ROLES)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("file"), PERSON, ROLE),
        st.tuples(st.just("console"), PERSON, ROLE, st.sampled_from(COLLEAGUES)),
        st.tuples(st.sampled_from(["apply", "drift", "break", "comment"])),
    ),
    max_size=9,
)
State = dict[str, str]


@dataclass
class History:
    """What really happened: `declared` are the commits, `live` the roles after each step, both by their times."""

    folder: Path
    org: Org
    roles: State
    declared: list[tuple[str, State]] = field(default_factory=list)
    live: dict[str, State] = field(default_factory=dict)
    reports: list[DriftReport] = field(default_factory=list)
    edits: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    comments: int = 0

    @property
    def now(self) -> str:
        return written_moment(self.org.now)

    def step(self, what: str, *arguments: str) -> None:
        """One of the STEPS, an hour after the last one."""
        self.org.wait(timedelta(hours=1))
        getattr(self, f"_{what}")(*arguments)
        rows = {row["email"]: row["role"] for row in self.org.rows("users")}
        self.live[self.now] = {address: rows[email] for address, email in PEOPLE.items()}

    def _file(self, person: str, role: str) -> None:
        self.roles = {**self.roles, person: role}
        self._commit(self._text())
        self.declared.append((self.now, self.roles))

    def _comment(self) -> None:
        self.comments += 1
        self._commit(f"{self._text()}# {self.comments}\n")

    def _break(self) -> None:
        """A file that nobody can read, which the next commit mends."""
        self.comments += 1
        self._commit(f"{self._text()}nonsense: {self.comments}\n")

    def _console(self, person: str, role: str, colleague: str) -> None:
        path, before = f"users/{self.org.user_id(PEOPLE[person])}", self.live[max(self.live)][person]
        assert self.org.app.console("POST", path, {"role": role}, by=colleague).status == 200
        if before != role:
            self.edits.append((self.now, person, before, role, colleague))

    def _apply(self) -> None:
        plan = self.org.plan(self._text())
        if plan.changes:
            journal = self.folder / "org.journal.jsonl"
            asyncio.run(self._applied(plan, journal))

    async def _applied(self, plan: Plan, path: Path) -> None:
        with FileJournal(path, plan, clock=lambda: self.org.now, durable=False, actor="ana") as journal:
            async with self.org.client() as client:
                await apply_plan(
                    plan, client.reader, client.writer, KINDS, journal=journal, patience=0, first_apply=True
                )

    def _drift(self) -> None:
        plan = self.org.plan(self._text())
        found = drift_report(
            plan, self.org.desired(), self.org.seen(), self.org.now, KINDS, expiring=timedelta(hours=1)
        )
        report = sealed(compared(found, self.reports[-1] if self.reports else None))
        self.reports.append(report)
        (self.folder / "reports").mkdir(exist_ok=True)
        drift_file.write(self.folder / "reports" / f"{len(self.reports)}.json", report)

    def _text(self) -> str:
        return "members:\n  ceo@acme.example: admin\n  cto@acme.example: admin\n" + "".join(
            f"  {PEOPLE[one]}: {role}\n" for one, role in sorted(self.roles.items())
        )

    def _commit(self, text: str) -> None:
        git = Repository(self.folder)
        git.write("org.yaml", text)
        git.git("add", "org.yaml")
        with pytest.MonkeyPatch.context() as environment:
            environment.setitem(WHO, "GIT_COMMITTER_DATE", self.now)
            git.git("commit", "--quiet", "--allow-empty", "--message", "change")

    def rows(self, *, feed: bool) -> list[dict[str, Any]]:
        """What the log says of all this, oldest first, with or without the Activity Feed."""
        reports = (self.folder / "reports",) if self.reports else ()
        asked = Chosen(NOW, self.org.now)
        records = Records(self.folder / "org.yaml", (), reports)
        source: Any = self.org.connection() if feed else None
        answer = asyncio.run(log_of(records, asked, self.org.now, feed=source, reverse=True))
        return [dict(row) for row in answer.tables[0].rows]


def begun(folder: Path) -> History:
    """Two people, who are declared as they are."""
    roles = dict.fromkeys(PEOPLE, "user")
    admins = [{"email": one, "role": "admin"} for one in COLLEAGUES]
    users = [*admins, *({"email": one, "role": "user"} for one in PEOPLE.values())]
    history = History(folder, Org(users=users, settings={"compliance": "on"}), roles)
    history.step("file", *next(iter(roles.items())))
    return history


@examples(12)
@given(steps=STEPS)
def test_everything_that_happened_is_told_once(steps: list[tuple[str, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        history = begun(Path(folder))
        for step in steps:
            history.step(*step)
        history.step("apply")
        assert_by_hand(history.rows(feed=True), history)
        rows = history.rows(feed=False)
        assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
        assert_writes(rows, history)
        assert_commits(rows, history)
        for row in rows:
            if row["origin"] == "drift":
                applied = [one["at"] for one in rows if one["origin"] == "apply" and one["address"] == row["address"]]
                assert_true(row, applied, history)


def assert_writes(rows: list[dict[str, Any]], history: History) -> None:
    """Each write of the journal is told once, in order, with its values."""
    journal = history.folder / "org.journal.jsonl"
    intents = [one for one in read(journal) if isinstance(one, Intent)] if journal.exists() else []
    told = [row for row in rows if row["origin"] == "apply"]
    assert [(row["at"], row["address"], row["fields"]) for row in told] == [
        (one.at, one.address, [{"path": f.path, "from": f.before, "to": f.after} for f in one.fields])
        for one in intents
    ]
    for row in told:
        [change] = row["fields"]
        roles = [roles[row["address"]] for at, roles in history.declared if at < row["at"]]
        assert (row["commit"] is not None) is (roles[-1] == change["to"])
        assert (row["outcome"], row["who"], row["sources"][0]) == ("done", "ana", "receipt")


def assert_by_hand(rows: list[dict[str, Any]], history: History) -> None:
    """Each edit in the Console is told once, with its values and who made it; what orgsync did is no such edit."""
    told = [
        (row["at"], row["address"], *row["fields"][0].values(), row["who"])
        for row in rows
        if row["origin"] == "by hand"
    ]
    assert [(at, address, before, after, who) for at, address, _path, before, after, who in told] == history.edits
    assert_writes([row for row in rows if row["origin"] != "by hand"], history)
    assert all("Activity Feed" in row["sources"] for row in rows if row["origin"] == "apply")


def assert_commits(rows: list[dict[str, Any]], history: History) -> None:
    """Each value that a commit changed is told once; a commit that cannot be read hides none, nor invents one."""
    told = {
        (row["address"], change["from"], change["to"])
        for row in rows
        if row["origin"] == "files" and row["address"] is not None
        for change in row["fields"]
    }
    pairs = zip(history.declared, history.declared[1:], strict=False)
    happened = [
        (row_at, address, old[address], new[address])
        for (_at, old), (row_at, new) in pairs
        for address in PEOPLE
        if old[address] != new[address]
    ]
    assert told == {(address, old, new) for _at, address, old, new in happened}
    events = [row for row in rows if row["origin"] == "files" and row["address"] is not None]
    assert [(row["at"], row["address"]) for row in events] == [(at, address) for at, address, _old, _new in happened]


def assert_true(row: Mapping[str, Any], applied: list[str], history: History) -> None:
    """What is said of the organization was so: at that time, and where a change is told, before it as well."""
    [change] = row["fields"]
    assert history.live[row["at"]][row["address"]] == change["to"]
    if row["unapplied"]:
        since = max(at for at, roles in history.declared if at <= row["at"] and roles[row["address"]] == change["from"])
        assert not [at for at in applied if since <= at <= row["at"]]
    elif not row["change"].startswith(("differs", "no longer differs")):
        earlier = max(one.checked_at for one in history.reports if one.checked_at < row["at"])
        assert history.live[earlier][row["address"]] == change["from"]
