"""What a person reads while `apply` works, and when it is over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orgsync.core.apply.outcome import Outcome, Report, Status
from orgsync.core.model.change import Action, Change
from orgsync.core.words.address import Address
from orgsync.errors import PLAN_AGAIN
from orgsync.render import outcome
from render import plans

if TYPE_CHECKING:
    from conftest import Golden

GOLDEN = Path(__file__).parent / "golden"


def change(action: Action, address: str) -> Change:
    return Change(Address(address), action, ())


DONE = (
    Outcome(change(Action.CREATE, "workspace:data-science"), Status.DONE),
    Outcome(change(Action.INVITE, "member:ana@acme.com"), Status.DONE),
    Outcome(change(Action.UPDATE, "member:raj@acme.com"), Status.DONE),
    Outcome(change(Action.UPDATE, "workspace:production"), Status.ALREADY),
    Outcome(change(Action.REMOVE, "member:former@acme.com"), Status.DONE),
)
FAILED = Outcome(
    change(Action.CREATE, "workspace:research"),
    Status.FAILED,
    "the API answered 400 invalid_request_error: the organization has its 100 workspaces",
    "req_011CRsHk9",
)
SKIPPED = Outcome(
    change(Action.CREATE, "workspace_member:research/raj@acme.com"), Status.SKIPPED, "workspace:research failed"
)
UNCONFIRMED = Outcome(change(Action.INVITE, "member:kim@acme.com"), Status.UNCONFIRMED, "no such invite is listed")


def report(*outcomes: Outcome) -> Report:
    return Report(outcomes, plans.ACME)


def test_incomplete_apply(golden: Golden) -> None:
    full = replace(
        report(*DONE, FAILED, SKIPPED, UNCONFIRMED), waiting=plans.rich().waiting, manual=plans.rich().manual
    )
    golden(GOLDEN / "apply-incomplete.txt", outcome.render(full))


def test_complete_apply() -> None:
    assert outcome.render(report(*DONE), width=120) == (
        "Apply complete: 1 created, 1 invited, 1 updated, 1 removed, 1 already as planned.\n"
    )


def test_apply_without_anything_to_do() -> None:
    assert outcome.render(report()) == "Apply complete: no changes.\n"
    assert outcome.render(report(DONE[3])) == "Apply complete: 1 already as planned.\n"


def test_unconfirmed_is_not_complete() -> None:
    assert not report(UNCONFIRMED).complete
    assert "Apply incomplete: 0 done, 1 unconfirmed. Run the same command again." in outcome.render(report(UNCONFIRMED))


STORAGE = replace(DONE[4], message="storage is still attached", next_step="have it detached")
REFUSED = replace(FAILED, next_step="ask for more workspaces")
REJECTED = replace(REFUSED, rejected=True)
STALE = replace(UNCONFIRMED, next_step=PLAN_AGAIN, replan=True)
HALF = replace(STALE, next_step=f"follow the API's message, then {PLAN_AGAIN}")


@pytest.mark.parametrize(
    ("outcomes", "end"),
    [
        ((FAILED,), "0 done, 1 failed. Run the same command again."),
        ((REFUSED, UNCONFIRMED), "Follow the next steps above, then run the same command again."),
        ((REFUSED, HALF), "Follow the next steps above. Run `orgsync plan` again and review the new plan."),
        ((FAILED, STALE), "0 done, 1 failed, 1 unconfirmed. Run `orgsync plan` again and review the new plan."),
        ((REJECTED, UNCONFIRMED), "Follow the next steps above first: without them the API rejects the same requests."),
        ((STORAGE, FAILED), "1 done, 1 failed. Run the same command again."),
        ((STORAGE,), "Apply complete: 1 removed."),
    ],
    ids=["none", "steps", "steps and a new plan", "a new plan", "rejected", "of something else", "complete"],
)
def test_the_result_line_says_what_helps(outcomes: tuple[Outcome, ...], end: str) -> None:
    assert outcome.render(report(*outcomes), width=200).endswith(end + "\n")


def test_each_next_step_stands_under_its_change() -> None:
    shown = outcome.render(report(DONE[0], STORAGE, REFUSED), width=120)
    assert "\n  next step" not in shown
    assert "(request req_011CRsHk9)\n    next step: ask for more workspaces\n" in shown
    assert (
        "Done, with a next step (1):\n"
        "  - member:former@acme.com removed: storage is still attached\n"
        "    next step: have it detached\n"
    ) in shown
    assert "data-science" not in shown
    assert outcome.line(STORAGE).endswith("attached\n  next step: have it detached\n")


def test_a_next_step_is_inert() -> None:
    assert outcome.line(replace(REFUSED, next_step="a\x1b[2J\nb")).endswith("next step: a\\x1b[2J\\nb\n")


def test_a_request_id_is_told_once() -> None:
    told = replace(FAILED, message="400: no [request id req_011CRsHk9]")
    assert outcome.line(told, width=200).count("req_011CRsHk9") == 1


@pytest.mark.parametrize(
    ("one", "shown"),
    [
        (DONE[0], "+ workspace:data-science created"),
        (DONE[1], "+ member:ana@acme.com invited"),
        (DONE[2], "~ member:raj@acme.com updated"),
        (DONE[3], "= workspace:production already updated"),
        (DONE[4], "- member:former@acme.com removed"),
        (SKIPPED, ". workspace_member:research/raj@acme.com not created: workspace:research failed"),
        (UNCONFIRMED, "? member:kim@acme.com invited, unconfirmed: no such invite is listed"),
    ],
)
def test_line_of_progress(one: Outcome, shown: str) -> None:
    assert outcome.line(one) == shown + "\n"


def test_line_of_progress_is_inert() -> None:
    hostile = Outcome(change(Action.CREATE, "workspace:\x1b[2J"), Status.FAILED, "a\nb\u202e", "req\x07")
    assert outcome.line(hostile, width=200) == (
        "x workspace:\\x1b[2J could not be created: a\\nb\\u202e (request req\\x07)\n"
    )
