"""Before something is made, its list is looked at once more; and once later, where nothing is known of earlier runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, NOW, SANDBOX_KEY, Org

from orgsync.api.client import AdminClient
from orgsync.api.credentials import Credential
from orgsync.core.apply.events import Admitted, Sent, Settled
from orgsync.core.apply.outcome import Status
from orgsync.core.model.request import Listing, Request
from orgsync.core.plan.make import make_plan
from orgsync.engine.apply_plan import apply_plan
from orgsync.engine.look_again import SETTLING
from orgsync.engine.read_live import read_live
from orgsync.errors import Stale
from orgsync.files.state.journal import FileJournal
from orgsync.kinds import KINDS
from orgsync.rehearsal.clock import clock, simulated, timing
from orgsync.sandbox.wire import timestamps as moments

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orgsync.core.apply.events import Event
    from orgsync.core.apply.outcome import Report
    from orgsync.core.model.change import Plan

ANA = {"email": "ana@x.example", "role": "user"}
FILES = (
    "members: {new@x.example: user, ana@x.example: developer}\n"
    "workspaces: {lab: {tags: {env: test}, members: {ana@x.example: user}}}\n"
)
WORKSPACES, INVITES = "/v1/organizations/workspaces", "/v1/organizations/invites"


@pytest.fixture(autouse=True)
def _one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists lag by the time of the loop."""
    monkeypatch.setattr(moments, "wall_seconds", clock)


def acme() -> Org:
    return Org(FILES, users=[*ADMINS, ANA])


class Run:
    """One apply in simulated time, of a plan or of the file. `meanwhile` happens once it has been admitted."""

    def __init__(self, org: Org, plan: Plan | None = None, **options: Any) -> None:
        self.events: list[Event] = []
        self.times: list[float] = []
        self.waits: list[tuple[str, float]] = []
        self.stopping = False
        self._org = org
        self._plan = plan
        self._options = options
        self.meanwhile: Callable[[], object] = lambda: None

    def __call__(self) -> Report:
        return simulated(self.apply)

    async def apply(self) -> Report:
        """The same, in a loop that runs already."""
        org, seen, plan = self._org, None, self._plan
        options = {"app": org.app, "requests_per_minute": self._options.pop("requests_per_minute", None)}
        async with AdminClient("http://127.0.0.1", Credential(SANDBOX_KEY), timing=timing(), **options) as client:
            if plan is None:
                seen = await read_live(client.reader, org.desired(), KINDS)
                plan = make_plan(org.desired(), seen, NOW, KINDS)
            return await apply_plan(
                plan,
                client.reader,
                client.writer,
                KINDS,
                seen=seen,
                on_event=self._heard,
                on_wait=lambda why, seconds, _longest: self.waits.append((why, seconds)),
                stopping=lambda: self.stopping,
                **self._options,
            )

    def _heard(self, event: Event) -> None:
        self.events.append(event)
        self.times.append(clock())
        if isinstance(event, Admitted):
            self.meanwhile()

    def sent(self) -> dict[str, float]:
        """What was sent, and when."""
        pairs = zip(self.events, self.times, strict=True)
        return {event.address: time for event, time in pairs if isinstance(event, Sent)}


def test_without_a_journal_creations_wait_once_and_nothing_else_does() -> None:
    org = acme()
    run = Run(org)
    assert run().complete
    sent = run.sent()
    assert sent["member:ana@x.example"] == 0
    assert {sent["member:new@x.example"], sent["workspace:lab"]} == {SETTLING}
    assert [seconds for _why, seconds in run.waits] == [SETTLING]
    assert "there is no journal of earlier runs" in run.waits[0][0]


def test_the_wait_counts_from_the_first_read_of_the_run() -> None:
    """Reading a large organization may take longer than the wait."""
    org = acme()
    for path in ("/users", "/invites"):
        org.app.set_faults([{"fault": "delay", "method": "GET", "path": path, "seconds": SETTLING}])
    run = Run(org)
    run()
    assert run.waits == []
    assert run.sent()["workspace:lab"] == SETTLING


@pytest.mark.parametrize("known", ["said", "journal"])
def test_who_knows_of_earlier_runs_does_not_wait(known: str, tmp_path: Path) -> None:
    org, path = acme(), tmp_path / "org.journal.jsonl"
    if known == "journal":
        plan = org.plan("members: {ana@x.example: billing}\n")
        with FileJournal(path, plan) as journal:
            assert not journal.tells_of_earlier_runs
            Run(org, plan, journal=journal)()
        org.files = FILES
    options: dict[str, Any] = {"first_apply": True}
    if known == "journal":
        options = {"journal": FileJournal(path, org.plan())}
        assert options["journal"].tells_of_earlier_runs
    run = Run(org, **options)
    assert run().complete
    assert run.waits == []
    assert set(run.sent().values()) == {0}


def test_the_requests_of_an_apply() -> None:
    """What is read to plan, one look at the lists in which something is made, the writes, and what was touched."""
    org = acme()
    run = Run(org, first_apply=True)
    run()
    looked = ["invites", "users", "workspaces"]
    plan = ["me", *looked]
    reads = [path.removeprefix("/v1/organizations/") for path in org.reads()]
    members = f"workspaces/{org.workspace_id('lab')}/members"
    assert sorted(reads) == sorted([*plan, *looked, *plan, members])
    assert len(org.writes()) == 4


def test_what_a_lost_journal_knew_of_is_not_made_again() -> None:
    """Killed after the first creation; lists hide for 20 seconds what was made."""
    org = acme()
    plan = org.plan()
    run = Run(org, plan)

    async def hidden() -> Report:
        org.app.set_faults([{"fault": "lag", "method": "POST", "path": "/workspaces", "seconds": 20}])
        async with org.client() as client:
            await client.writer.send(Request("POST", WORKSPACES, {"name": "lab", "tags": {"env": "test"}}))
            assert await client.reader.rows(Listing(WORKSPACES)) == []
        return await run.apply()

    report = simulated(hidden)
    assert report.complete
    assert [outcome.status for outcome in report.outcomes if outcome.address == "workspace:lab"] == [Status.ALREADY]
    assert org.writes().count(("POST", WORKSPACES)) == 1


def test_what_appears_while_it_waits_is_left_as_it_is_and_the_rest_goes_on() -> None:
    org = acme()
    run = Run(org)
    run.meanwhile = lambda: org.console("POST", "workspaces", {"name": "lab", "tags": {"env": "test"}})
    report = run()
    assert report.complete
    assert org.writes().count(("POST", WORKSPACES)) == 0
    assert {outcome.address: outcome.status for outcome in report.outcomes} == {
        "member:ana@x.example": Status.DONE,
        "member:new@x.example": Status.DONE,
        "workspace:lab": Status.ALREADY,
        "workspace_member:lab/ana@x.example": Status.DONE,
    }


def test_what_appears_otherwise_while_it_waits_is_not_touched_and_asks_for_a_new_plan() -> None:
    org = acme()
    run = Run(org)
    run.meanwhile = lambda: org.console("POST", "workspaces", {"name": "lab", "tags": {"env": "prod"}})
    report = run()
    [failed] = report.having(Status.FAILED)
    assert (failed.address, failed.replan) == ("workspace:lab", True)
    assert "changed since the plan was created: name: approved (none) -> lab" in failed.message
    [skipped] = report.having(Status.SKIPPED)
    assert skipped.address == "workspace_member:lab/ana@x.example"
    assert [row["tags"] for row in org.rows("workspaces")] == [{"env": "prod"}]


def test_what_the_first_read_did_not_show_is_found_before_anything_is_written() -> None:
    """One short list while it planned; the past is known, so nothing is waited for."""
    org = acme()
    org.console("POST", "workspaces", {"name": "lab", "tags": {"env": "prod"}})
    seen_without = Org(FILES, users=[*ADMINS, ANA]).plan()
    with pytest.raises(
        Stale, match=r"workspace:lab: .*tags.env: approved \(none\) -> test, the organization shows prod"
    ):
        Run(org, seen_without, first_apply=True)()
    assert org.writes() == []


def test_somebody_who_stops_it_does_not_wait_for_it() -> None:
    org = acme()
    run = Run(org)

    async def stopped() -> tuple[Report, float]:
        asyncio.get_running_loop().call_later(3, lambda: setattr(run, "stopping", True))
        return await run.apply(), clock()

    report, ended = simulated(stopped)
    assert report.interrupted
    assert ended < 4
    assert [outcome.address for outcome in report.having(Status.DONE)] == ["member:ana@x.example"]
    assert len(report.having(Status.SKIPPED)) == 3
    assert INVITES not in [path for _method, path in org.writes()]


def test_a_look_is_taken_again_where_the_limiter_made_it_old() -> None:
    """200 invites at 90 a minute: three bursts, each after a look of its own."""
    people = "".join(f"  p{number}@x.example: user\n" for number in range(200))
    org = Org(f"guards: {{max_grants: {{count: 1000}}}}\nmembers:\n{people}", users=ADMINS)
    run = Run(org, first_apply=True, requests_per_minute=90)
    assert run().complete
    assert len(org.writes()) == 200
    assert org.reads().count(INVITES) == 1 + 3 + 1
    settled = [event for event in run.events if isinstance(event, Settled)]
    assert len(settled) == 200
