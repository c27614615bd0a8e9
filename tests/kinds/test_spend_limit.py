"""Spend limits: exact money, the right order, and manual steps where the early access is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from acme import HEAD, ORGANIZATION, Org, actions, codes, held
from hypothesis import given
from hypothesis import strategies as st

from orgsync.cli import exit_code
from orgsync.core.apply.outcome import Status
from orgsync.core.model.change import FieldChange
from orgsync.core.model.meaning import Meaning
from orgsync.core.words.problems import Unsuitable
from orgsync.errors import InputError
from orgsync.kinds.spend_limit import money
from orgsync.sandbox.seed import build as seed

LAB = [{"name": "lab"}]
OPEN = (
    "guards: {max_removals: {percent: 100}, allow:"
    " [{address: spend_limit:workspace/lab, reason: x}, {address: spend_limit:organization, reason: x}]}\n"
)


def limits(organization: str = "", lab: str = "", **seed: Any) -> Org:
    """An organization with one workspace; the two texts are what follows `spend_limit:` in the file."""
    top = f"spend_limit: {organization}\n" if organization else ""
    inside = f"spend_limit: {lab}" if lab else ""
    return Org(f"{top}workspaces: {{lab: {{{inside}}}}}", **{"workspaces": LAB, **seed})


def amounts(org: Org) -> dict[str, str]:
    """What the API holds, in minor units, by scope."""
    path = "spend_limits?limit=1000"
    rows = org.console("GET", path)["data"]
    return {row["scope"]["type"]: row["amount"] for row in rows if row["scope"]["type"] != "usage_tier"}


@pytest.mark.parametrize(
    ("currency", "written", "minor"),
    [
        ("USD", "0", "0"),
        ("USD", "0.01", "1"),
        ("USD", "19.99", "1999"),
        ("USD", "5000", "500000"),
        ("USD", "1e5", "10000000"),
        ("JPY", "5000", "5000"),
        ("KWD", "19.999", "19999"),
    ],
)
def test_amounts_are_sent_as_whole_minor_units(currency: str, written: str, minor: str) -> None:
    org = limits(
        f"{{monthly: {written}, currency: {currency}}}", settings={"currency": currency, "usage_tier": "custom"}
    )
    assert org.apply().complete
    assert amounts(org) == {"organization": minor}
    assert actions(org.plan()) == []


@pytest.mark.parametrize(
    ("currency", "written", "message"),
    [
        ("USD", "-1", "the amount -1 is negative"),
        ("USD", '"5,000"', '"5,000" is not an amount'),
        ("USD", '"5000"', '"5000" is not an amount'),
        ("USD", "true", "expected an amount"),
        ("USD", "1e20", "is too large"),
        ("USD", "[1]", "expected"),
    ],
)
def test_amounts_that_cannot_be_are_refused_with_a_hint(currency: str, written: str, message: str) -> None:
    org = limits(f"{{monthly: {written}}}", settings={"currency": currency})
    with pytest.raises(InputError, match=re.escape(message)):
        org.plan()
    assert org.writes() == []


@pytest.mark.parametrize(
    ("currency", "written", "message"),
    [
        ("USD", "19.999", "19.999 USD has more than 2 decimals"),
        ("JPY", "0.5", "0.5 JPY has more than 0 decimals"),
        ("KWD", "1.0001", "1.0001 KWD has more than 3 decimals"),
    ],
)
def test_amounts_that_the_currency_does_not_have_are_blocked(currency: str, written: str, message: str) -> None:
    plan = limits(f"{{monthly: {written}}}", settings={"currency": currency}).plan()
    assert codes(plan.blocked) == ["currency_conflict spend_limit:organization"]
    assert message in held(plan)


def test_a_bare_amount_is_the_monthly_one() -> None:
    assert actions(limits("5000").plan()) == ["create spend_limit:organization"]


def test_another_currency_than_the_organizations_is_refused() -> None:
    assert "the organization pays in USD, not in EUR" in held(limits("{monthly: 5, currency: EUR}").plan())


def test_null_removes_a_limit_and_absence_leaves_it() -> None:
    org = limits("500", "100")
    org.apply()
    assert actions(org.plan("workspaces: {lab: {}}")) == []
    org.files = "guards: {max_removals: {percent: 100}}\nspend_limit: null\nworkspaces: {lab: {}}"
    plan = org.plan()
    assert actions(plan) == ["remove spend_limit:organization"]
    assert org.apply().complete
    assert amounts(org) == {"workspace": "10000"}
    assert actions(org.plan()) == []


def test_null_where_there_is_no_limit_is_nothing_to_do() -> None:
    assert limits("null", "null").plan().changes == ()


def test_raising_starts_with_the_organization_and_cutting_ends_with_it() -> None:
    org = limits("500", "100")
    org.apply()
    raised = org.plan("spend_limit: 900\nworkspaces: {lab: {spend_limit: 800}}")
    assert {change.address: change.after for change in raised.changes} == {
        "spend_limit:organization": (),
        "spend_limit:workspace/lab": ("spend_limit:organization",),
    }
    assert org.apply().complete
    cut = org.plan("spend_limit: 50\nworkspaces: {lab: {spend_limit: 20}}")
    assert {change.address: change.after for change in cut.changes} == {
        "spend_limit:organization": ("spend_limit:workspace/lab",),
        "spend_limit:workspace/lab": (),
    }
    assert org.apply().complete
    assert actions(org.plan()) == []


def test_a_workspace_may_rise_once_the_organizations_limit_is_gone() -> None:
    org = limits("500", "100")
    org.apply()
    org.files = "guards: {max_removals: {percent: 100}}\nspend_limit: null\nworkspaces: {lab: {spend_limit: 800}}"
    assert org.apply().complete
    assert amounts(org) == {"workspace": "80000"}


def test_a_workspace_above_its_organization_is_a_finding_and_is_not_set() -> None:
    org = limits("100", "200")
    plan = org.plan()
    assert actions(plan) == ["create spend_limit:organization"]
    assert "spend_limit_above spend_limit:workspace/lab" in codes(plan.findings)
    assert org.apply().complete


def test_an_organization_above_its_tier_is_a_finding_and_is_not_set() -> None:
    plan = limits("501", settings={"usage_tier": "start"}).plan()
    assert plan.changes == ()
    assert "spend_limit_above spend_limit:organization" in codes(plan.findings)


def test_workspaces_that_add_up_to_far_more_than_the_organization_are_pointed_out() -> None:
    files = "spend_limit: 100\nworkspaces: {a: {spend_limit: 90}, b: {spend_limit: 90}, c: {spend_limit: 90}}"
    assert "spend_limit_sum spend_limit:organization" in codes(Org(files).plan().findings)


def test_the_usage_tier_is_shown_and_never_changed() -> None:
    plan = limits("100", settings={"usage_tier": "build"}).plan()
    note = next(note for note in plan.findings if note.code == "usage_tier")
    assert note.message == "the usage tier allows 1000.00 USD a month"


def test_a_limit_below_what_is_spent_already_says_both_figures() -> None:
    usage = [
        {
            "at": "2026-11-03T10:00:00Z",
            "workspace": "lab",
            "model": "claude-sonnet-5",
            "input_tokens": 5,
            "cost_cents": "12345.5",
        }
    ]
    plan = limits("", "100", usage=usage).plan()
    assert plan.changes[0].effects == (
        "at most 100.00 USD a month can be spent here",
        "requests are refused at once: 123.46 of 100.00 USD spent, as of 2026-11-22 10:00 UTC",
    )
    assert plan.changes[0].meaning == ("stops", "withdraws")
    note = next(note for note in plan.findings if note.code == "overspent")
    assert note.message == "123.455 USD of 100 USD are already spent this month"


def test_last_months_cost_is_not_this_months() -> None:
    usage = [
        {
            "at": "2026-10-31T23:59:59Z",
            "workspace": "lab",
            "model": "claude-sonnet-5",
            "input_tokens": 5,
            "cost_cents": "12345.5",
        }
    ]
    assert "overspent spend_limit:workspace/lab" not in codes(limits("", "100", usage=usage).plan().findings)


def test_without_early_access_every_limit_is_a_manual_step_and_the_rest_is_done() -> None:
    org = Org(
        "spend_limit: 500\nworkspaces: {lab: {spend_limit: 19.99}, new: {}}",
        workspaces=LAB,
        settings={"spend_limits_early_access": False},
    )
    plan = org.plan()
    assert actions(plan) == ["create workspace:new"]
    assert codes(plan.manual) == [
        "spend_limit_by_hand spend_limit:organization",
        "spend_limit_by_hand spend_limit:workspace/lab",
    ]
    assert [step.expected for step in plan.manual] == ["500", "19.99"]
    assert plan.manual[1].where == "Console > Settings > Workspaces > lab > Limits > Monthly limit"
    assert org.apply().complete


def test_manual_steps_end_an_apply_with_0_and_with_6_where_asked_to_say_so(tmp_path: Path) -> None:
    state, files = str(tmp_path / "acme.db"), tmp_path / "org.yaml"
    seed.create(state, {"organization": ORGANIZATION, "settings": {"spend_limits_early_access": False}})
    files.write_text(f"{HEAD}spend_limit: 500\nworkspaces: {{new: {{}}}}\n", encoding="utf-8")
    apply = ["apply", str(files), "--sandbox", state, "--yes", "--quiet"]
    assert exit_code(apply) == 0
    assert exit_code([*apply, "--wait-exitcode"]) == 6


def test_the_default_workspace_takes_no_limit() -> None:
    with pytest.raises(InputError, match="the default workspace cannot have a spend limit"):
        Org("workspaces: {Default: {spend_limit: 5}}").plan()


def test_what_the_file_does_not_have_costs_no_request() -> None:
    org = Org("workspaces: {lab: {}}", workspaces=LAB)
    org.plan()
    assert [path for path in org.reads() if "spend" in path or "cost" in path] == []


@given(
    st.decimals(min_value=0, max_value=10**9, allow_nan=False, allow_infinity=False, places=3),
    st.sampled_from(["USD", "JPY", "KWD", "EUR", "ISK", "CLF"]),
)
def test_money_is_exact_or_refused(amount: Decimal, currency: str) -> None:
    try:
        spelled = money.spelled(amount, currency)
    except Unsuitable:
        assert amount != amount.quantize(Decimal(1).scaleb(-money.digits(currency)))
        return
    assert money.parsed(spelled) == (amount, currency)
    minor = money.to_minor(spelled)
    assert minor.isdigit()
    assert money.from_minor(minor, currency) == spelled


def test_no_float_comes_near_money() -> None:
    folder = Path(money.__file__).parent
    for path in [*folder.glob("*.py"), folder.parent.parent / "files" / "yaml" / "scalars.py"]:
        assert not re.search(r"\bfloat\(", path.read_text(encoding="utf-8")), path


def test_a_limit_of_a_workspace_that_is_being_renamed_is_found_again_afterwards() -> None:
    org = Org("workspaces: {lab: {renamed_from: old, spend_limit: 100}}", workspaces=[{"name": "old"}])
    assert org.apply(plan=org.plan()).complete
    assert actions(org.plan()) == []


@pytest.mark.parametrize(
    ("file", "workspace_limit"),
    [
        ("spend_limit: 50\nworkspaces: {other: {}}", "8000"),
        ("spend_limit: 50\nworkspaces: {lab: {}}", "8000"),
        ("spend_limit: 50\nworkspaces: {lab: {spend_limit: 60}}", "8000"),
        ("spend_limit: 50\nworkspaces: {office: {renamed_from: lab}}", "5001"),
        ("spend_limit: 50\nworkspaces: {lab: {spend_limit: 80}}", "8000"),
        ("manage: {spend_limits: authoritative}\nspend_limit: 50", "8000"),
    ],
)
def test_an_organization_is_not_cut_below_a_workspace_that_keeps_its_limit(file: str, workspace_limit: str) -> None:
    """The API would refuse it, half-way through an apply."""
    rows = [
        {"scope": {"type": "organization"}, "amount": "10000"},
        {"scope": {"type": "workspace", "workspace_id": "wrkspc_01lab"}, "amount": workspace_limit},
    ]
    org = Org(file, workspaces=[{"name": "lab", "id": "wrkspc_01lab"}, {"name": "other"}], spend_limits=rows)
    plan = org.plan()
    assert "spend_limit_below spend_limit:organization" in codes(plan.findings)
    [note] = [one for one in plan.findings if one.code == "spend_limit_below"]
    assert note.level == "error"
    name = "office" if "office" in file else "lab"
    assert f"spend_limit:workspace/{name}" in note.message
    assert org.apply(plan=plan).complete
    assert amounts(org) == {"organization": "10000", "workspace": workspace_limit}


@pytest.mark.parametrize(
    ("inside", "limit"), [("", "5000"), ("spend_limit: 40", "8000"), ("spend_limit: null", "8000"), ("", "0")]
)
def test_an_organization_is_cut_to_what_its_workspaces_will_have(inside: str, limit: str) -> None:
    rows = [
        {"scope": {"type": "organization"}, "amount": "10000"},
        {"scope": {"type": "workspace", "workspace_id": "wrkspc_01lab"}, "amount": limit},
    ]
    org = Org(
        f"{OPEN}spend_limit: 50\nworkspaces: {{lab: {{{inside}}}}}",
        workspaces=[{"name": "lab", "id": "wrkspc_01lab"}],
        spend_limits=rows,
    )
    assert org.apply().complete
    assert amounts(org)["organization"] == "5000"


def test_an_organization_is_cut_below_what_an_archived_workspace_had() -> None:
    rows = [
        {"scope": {"type": "organization"}, "amount": "10000"},
        {"scope": {"type": "workspace", "workspace_id": "wrkspc_01lab"}, "amount": "8000"},
    ]
    org = Org("spend_limit: 50", workspaces=[{"name": "lab", "id": "wrkspc_01lab"}], spend_limits=rows)
    org.console("POST", "workspaces/wrkspc_01lab/archive")
    assert org.apply().complete
    assert amounts(org)["organization"] == "5000"


def test_a_limit_in_a_currency_that_nobody_knows_is_reported_and_left_alone() -> None:
    row = {"scope": {"type": "organization"}, "amount": "10000"}
    plan = Org("spend_limit: null", spend_limits=[row], settings={"currency": "ZZZ"}).plan()
    assert actions(plan) == []
    assert codes(plan.findings)[0] == "unknown_value spend_limit:organization"
    assert plan.findings[0].message.startswith('currency is "ZZZ", which is not a currency')


def test_an_amount_in_a_currency_that_nobody_knows_is_an_outcome_and_no_stack_trace() -> None:
    """Its digits cannot be told, so it cannot be sent: here by a plan that gives a removed limit back."""
    org = Org("spend_limit: {monthly: 5, currency: USD}")
    plan = org.plan()
    [made] = plan.changes
    odd = replace(made, fields=(FieldChange("monthly", None, "1 ZZZ"),), meaning=(Meaning.STOPS,))
    report = org.apply(plan=replace(plan, changes=(odd,)))
    assert [(one.status, one.message) for one in report.outcomes] == [
        (Status.FAILED, "not sent: ZZZ is not an ISO 4217 currency")
    ]
    assert org.writes() == []


def test_a_protected_limit_stays_so_when_its_workspace_is_renamed() -> None:
    row = {"scope": {"type": "workspace", "workspace_id": "wrkspc_01lab"}, "amount": "8000"}
    org = Org(
        'guards: {protect: ["spend_limit:workspace/lab"], max_removals: {percent: 100}}\n'
        "workspaces: {office: {renamed_from: lab, spend_limit: null}}",
        workspaces=[{"name": "lab", "id": "wrkspc_01lab"}],
        spend_limits=[row, {"scope": {"type": "organization"}, "amount": "10000"}],
    )
    plan = org.plan()
    assert "remove spend_limit:workspace/office" in actions(plan)
    assert [verdict.guard for verdict in plan.refusals] == ["protect"]
