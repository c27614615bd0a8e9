"""The plan a person reads: golden files hold what they see, properties what no plan may do to the page."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.organizations import examples
from rich.cells import cell_len

from orgsync.core.model.change import Action, Change, FieldChange, Level, Note, Plan, Risk, Verdict
from orgsync.core.plan.guards import GUARDS, LIFTED_BY_NAME
from orgsync.core.words.address import Address
from orgsync.render.plan import markdown, text
from render import plans
from render.strategies import PLANS

if TYPE_CHECKING:
    from conftest import Golden

GOLDEN = Path(__file__).parent / "golden"
NEXT = "orgsync apply plan.json"
SGR = re.compile(r"\x1b\[[0-9;]*m")

SAMPLES = {
    "rich": plans.rich(),
    "refused": plans.refused(),
    "settled": plans.settled(),
    "pending": plans.plan(manual=plans.rich().manual, waiting=plans.rich().waiting),
    "hostile": plans.hostile(),
}


@pytest.mark.parametrize("sample", SAMPLES)
def test_plan_at_80_columns(sample: str, golden: Golden) -> None:
    plan = SAMPLES[sample]
    next_step = NEXT if plan.changes and not plan.refusals else None
    golden(GOLDEN / f"{sample}.txt", text.render(plan, next_step=next_step))


@pytest.mark.parametrize("width", [40, 200])
def test_plan_at_other_widths(width: int, golden: Golden) -> None:
    golden(GOLDEN / f"rich-{width}.txt", text.render(plans.rich(), width=width, next_step=NEXT))


def test_plan_in_colour(golden: Golden) -> None:
    golden(GOLDEN / "rich-color.txt", text.render(plans.rich(), color=True, next_step=NEXT))


def test_large_plan_is_rendered_in_time_that_nobody_notices() -> None:
    plan = plans.large()
    start = time.process_time()
    shown = text.render(plan)
    assert time.process_time() - start < 3  # 0.15 s where it was written; the margin is for busy machines
    assert "+ 5,000 members will be invited\n" in shown
    assert all(f"        {change.address} [" in shown for change in plan.changes)
    assert "Plan: 5,000 to invite." in shown


def test_nothing_is_told_by_colour_alone() -> None:
    coloured = text.render(plans.rich(), color=True, next_step=NEXT)
    assert SGR.search(coloured)
    assert SGR.sub("", coloured) == text.render(plans.rich(), next_step=NEXT)


def test_matches_is_not_claimed_while_something_is_open() -> None:
    claim = "matches the files"
    assert claim in text.render(plans.settled())
    assert claim not in text.render(plans.plan(manual=plans.rich().manual))
    assert claim not in text.render(plans.plan(waiting=plans.rich().waiting, manual=plans.rich().manual))
    error = Note(Address("workspace:x"), "undeclared_workspace", "is not in the files", Level.ERROR)
    assert claim not in text.render(plans.plan(findings=(error,)))
    assert claim in text.render(plans.plan(findings=(replace(error, level=Level.INFO),)))


def test_pending_invites_alone_are_told_as_such() -> None:
    """Once a person accepts, orgsync has to run again only for what depends on the invite."""
    pending = Note(Address("member:ana@acme.com"), "invite_pending", "has not accepted the invite yet")
    role = replace(pending, address=Address("workspace_member:prod/ana@acme.com"))
    other = replace(pending, address=Address("member:raj@acme.com"))
    plan = plans.plan(waiting=(pending, role, other))
    said = 'No changes. The organization "Acme" matches the files, apart from 2 pending invites.'
    assert said in " ".join(text.render(plan).split())
    shown = markdown.render(plan)
    assert shown.startswith("### No changes\n")
    assert 'Organization `"Acme"` matches the files, apart from 2 pending invites. Also: 3 waiting.' in shown
    blocked = replace(pending, code="not_a_member")
    assert "does not match the files yet" in " ".join(text.render(plans.plan(waiting=(pending, blocked))).split())


def test_summary_counts_what_is_listed_and_not_what_the_plan_says_of_itself() -> None:
    plan = replace(plans.rich(), summary=plans.settled().summary)
    assert "Plan: 2 to create, 1 to invite, 4 to update, 1 to withdraw, 1 to remove" in text.render(plan)


def test_kinds_stay_together_and_each_keeps_the_order_of_the_plan() -> None:
    addresses = ["workspace:b", "member:z@acme.com", "workspace:a", "member:a@acme.com"]
    plan = plans.plan(tuple(Change(Address(each), Action.CREATE, ()) for each in addresses))
    shown = re.findall(r"\+ (\S+) will", text.render(plan))
    assert shown == ["workspace:b", "workspace:a", "member:z@acme.com", "member:a@acme.com"]


@pytest.mark.parametrize(
    ("action", "before", "after", "shown"),
    [
        (Action.CREATE, None, "user", '+ role: "user"'),
        (Action.INVITE, None, 5, "+ role: 5"),
        (Action.UPDATE, None, ["us"], '~ role: (none) -> ["us"]'),
        (Action.UPDATE, "user", None, '~ role: "user" -> (none)'),
        (Action.REMOVE, "user", None, '- role: "user"'),
        (Action.WITHDRAW, {"a": True}, None, '- role: {"a": true}'),
        (Action.ARCHIVE, False, True, "~ archived: false -> true"),
        (Action.CREATE, "live had this", "user", '+ role: "live had this" -> "user"'),
    ],
)
def test_a_field_shows_the_sides_that_say_something(action: Action, before: object, after: object, shown: str) -> None:
    path = "archived" if action is Action.ARCHIVE else "role"
    change = Change(Address("member:a@acme.com"), action, (FieldChange(path, before, after),))
    assert f"      {shown}\n" in text.render(plans.plan((change,)))


def test_an_address_with_spaces_cannot_read_on_as_a_sentence() -> None:
    change = Change(Address("workspace:dev will be archived"), Action.CREATE, ())
    assert '  + "workspace:dev will be archived" will be created\n' in text.render(plans.plan((change,)))


def test_findings_that_say_the_same_are_folded_after_ten_and_errors_come_first() -> None:
    notes = tuple(Note(Address(f"workspace:w-{index:02}"), "odd", "is odd", Level.WARNING) for index in range(14))
    shown = text.render(plans.plan(findings=(*notes, Note(Address("workspace:x"), "worse", "is", Level.ERROR))))
    assert shown.index("workspace:x") < shown.index("workspace:w-00")
    assert "workspace:w-09" in shown
    assert "workspace:w-10" not in shown
    assert "… and 4 more odd (--format json lists all)" in shown
    errors = tuple(replace(note, level=Level.ERROR) for note in notes)
    assert all(note.address in text.render(plans.plan(findings=errors)) for note in errors)


def test_an_undeclared_resource_that_may_give_access_is_never_folded_and_comes_first() -> None:
    waived = tuple(Note(Address(f"api_key:w/k-{index:02}"), "waived", f"until {index}") for index in range(30))
    keys = tuple(
        Note(Address(f"api_key:w/k-{index:02}"), "undeclared", "not declared, status active") for index in range(30)
    )
    rogue = Note(Address("member:rogue@acme.com"), "undeclared", "not declared, role admin")
    user = Note(Address("member:a@acme.com"), "undeclared", "not declared, role user")
    shown = text.render(plans.plan(findings=(*waived, *keys, user, rogue)))
    assert "more undeclared" not in shown
    order = [shown.index(one.address) for one in (rogue, user, *keys)]
    assert order == sorted(order)
    assert order[-1] < shown.index("[waived")


def test_findings_that_differ_keep_their_messages() -> None:
    notes = tuple(Note(Address(f"member:{each}@acme.com"), "odd", f"is {each}") for each in "abcdefghijkl")
    shown = text.render(plans.plan(findings=notes))
    assert "  i member:a@acme.com: is a [odd]\n" in shown
    assert "… and 2 more odd" in shown


def test_a_refused_plan_is_shown_in_full_and_says_who_refused() -> None:
    plan = plans.refused()
    shown = text.render(plan)
    assert "- 14 members will be removed" in shown
    assert "x refused: by max_removals" in shown
    assert all(f"        {change.address}\n" in shown for change in plan.changes)
    assert "Refused by 2 guards (max_removals, min_admins). Nothing will be changed." in shown


@pytest.mark.parametrize("guard", [guard.name for guard in GUARDS])
def test_what_allows_a_refused_change_is_ready_to_paste_where_a_guard_follows_it(guard: str) -> None:
    change = Change(Address("api_key:w/a b"), Action.UPDATE, (), id="apikey_01", risk=Risk.R2)
    verdict = Verdict(guard, False, "no", (change.address, Address("member:new@acme.com")))
    shown = text.render(plans.plan((change,), guards=(verdict,)))
    assert ("      --allow 'api_key:w/a b=apikey_01'\n" in shown) is (guard in LIFTED_BY_NAME)
    assert ("      --allow member:new@acme.com\n" in shown) is (guard in LIFTED_BY_NAME)
    assert ("--allow" in shown) is (guard in LIFTED_BY_NAME)


def test_more_grants_than_a_person_names_are_allowed_by_their_number() -> None:
    plan = plans.large(120)
    verdict = Verdict("max_grants", False, "too many", tuple(change.address for change in plan.changes))
    shown = text.render(replace(plan, guards=(verdict,)))
    assert "      - {guard: max_grants, count: 120, until: YYYY-MM-DD, reason: …}\n" in shown
    assert "--allow" not in shown
    assert "… and 110 more listed above as refused" in shown
    assert "x refused: by max_grants" in shown
    assert "member:person-00119@acme.com [members.yaml:122]" in shown


def test_what_cannot_be_undone_is_repeated_at_the_end() -> None:
    changes = tuple(Change(Address(f"workspace:{each}"), Action.ARCHIVE, (), risk=Risk.R2) for each in "abcde")
    last = text.render(plans.plan(changes)).splitlines()[-1]
    assert last == "5 cannot be undone: workspace:a, workspace:b, workspace:c and 2 more."


def test_the_environment_does_not_change_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = text.render(plans.rich()), text.render(plans.rich(), color=True)
    for name, value in {"NO_COLOR": "1", "COLUMNS": "30", "TERM": "dumb", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert (text.render(plans.rich()), text.render(plans.rich(), color=True)) == expected


@examples(30)
@given(PLANS, st.sampled_from([20, 40, 80, 200]), st.text(max_size=30))
def test_no_plan_breaks_the_page(plan: Plan, width: int, next_step: str) -> None:
    shown = text.render(plan, width=width, next_step=next_step)
    lines = shown.split("\n")
    assert all(line.isprintable() for line in lines)
    assert max(cell_len(line) for line in lines) <= width
    assert not any(line.lstrip().startswith("::") for line in lines)
    assert "##[" not in shown
    assert SGR.sub("", text.render(plan, width=width, color=True, next_step=next_step)) == shown


@given(st.integers(-5, 19))
def test_a_page_too_narrow_to_read_is_not_honoured(width: int) -> None:
    assert text.render(plans.settled(), width=width) == text.render(plans.settled(), width=20)
