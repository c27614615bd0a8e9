"""A spend limit in another currency than declared, where nothing shows the organization's before it is set."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from acme import Org, actions

from kinds.test_spend_limit import amounts, limits
from orgsync.core.apply.journal import Conclusion, Result
from orgsync.core.apply.outcome import Status
from orgsync.engine.apply_plan import apply_plan
from orgsync.files.state.journal import FileJournal, read
from orgsync.kinds import KINDS
from orgsync.kinds.spend_limit.write import answered
from orgsync.render import outcome

if TYPE_CHECKING:
    from pathlib import Path

    from orgsync.core.apply.journal import Journal
    from orgsync.core.apply.outcome import Report
    from orgsync.core.model.change import Plan

IN_EUR = {"currency": "EUR", "usage_tier": "custom"}
"""Nothing shows the currency before there is a limit."""
INSTEAD = "the organization's currency is EUR: 50.00 EUR was set where 50.00 USD was declared"


LOST = {"fault": "status_after", "error_code": "change_outcome_unknown", "retry_after": 0.01, "times": 9}


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [{"fault": "lag", "method": "POST", "path": "/spend_limits", "reads": 100}],
        [{**LOST, "method": "POST", "path": "/spend_limits"}],
    ],
    ids=["answered", "hidden from lists", "answer lost"],
)
def test_another_currency_than_declared_is_told_and_not_blamed_on_lag(faults: list[dict[str, Any]]) -> None:
    org = limits("{monthly: 50, currency: USD}", settings=IN_EUR)
    plan = org.plan()
    org.app.set_faults(faults)
    report = applied(org, plan)
    (ended,) = report.outcomes
    assert (ended.status, ended.message, ended.replan) == (Status.UNCONFIRMED, INSTEAD, True)
    shown = outcome.render(report, width=1000)
    assert "Unconfirmed (1): sent, but the organization does not show it as planned\n" in shown
    assert "next step: write the amount in EUR, with `currency: EUR` or without `currency`, then run" in shown
    assert shown.endswith("Follow the next steps above. Run `orgsync plan` again and review the new plan.\n")
    assert "yet" not in shown


@pytest.mark.parametrize("corrected", ["{monthly: 50, currency: EUR}", "{monthly: 50}"])
def test_what_is_advised_about_the_currency_works(corrected: str) -> None:
    org = limits("{monthly: 50, currency: USD}", settings=IN_EUR)
    assert not org.apply().complete
    [problem] = org.plan().blocked  # the file as it is: it says the same as the advice
    assert problem.hint == "write the amount in EUR, with `currency: EUR` or without `currency`"
    assert actions(limits(corrected, spend_limits=[{"amount": "5000"}], settings=IN_EUR).plan()) == []
    org.files = org.files.replace("{monthly: 50, currency: USD}", corrected.replace("50", "60"))
    assert org.apply().complete
    assert amounts(org) == {"organization": "6000"}


def test_a_limit_in_another_currency_holds_up_what_depends_on_it() -> None:
    org = limits("{monthly: 50, currency: USD}", "{monthly: 20, currency: USD}", settings=IN_EUR)
    report = org.apply()
    assert [one.status for one in report.outcomes] == [Status.SKIPPED, Status.UNCONFIRMED]
    assert amounts(org) == {"workspace": "2000"}


def test_the_journal_has_a_limit_in_another_currency_as_set(tmp_path: Path) -> None:
    org = limits("{monthly: 50, currency: USD}", settings=IN_EUR)
    plan = org.plan()
    with FileJournal(tmp_path / "journal", plan) as journal:
        applied(org, plan, journal)
    (result,) = [entry for entry in read(tmp_path / "journal") if isinstance(entry, Result)]
    assert (result.status, INSTEAD in result.message) == (Conclusion.DONE, True)


@pytest.mark.parametrize("answer", [{}, {"amount": 5, "currency": "EUR"}, {"amount": "5000", "currency": "ZZZ"}])
def test_an_answer_that_is_no_limit_says_nothing(answer: dict[str, Any]) -> None:
    assert answered(answer) == {}


def applied(org: Org, plan: Plan, journal: Journal | None = None) -> Report:
    async def run() -> Report:
        async with org.client() as client:
            return await apply_plan(
                plan, client.reader, client.writer, KINDS, patience=0, journal=journal, first_apply=True
            )

    return asyncio.run(run())
