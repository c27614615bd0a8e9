"""What grants access is never cut, and never stands below what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.drift.support import entry, report
from hypothesis import given
from hypothesis import strategies as st
from properties.organizations import examples

from orgsync.core.model.change import Cause, FieldChange, Level, Note, Place
from orgsync.core.model.meaning import Meaning
from orgsync.core.words.address import Address
from orgsync.render.drift import markdown as drift_markdown
from orgsync.render.drift import notice, weight
from orgsync.render.drift import text as drift_text
from orgsync.render.plan import github, markdown, text
from render import plans

if TYPE_CHECKING:
    from collections.abc import Sequence

ELEVATES, GRANTS = (Meaning.ELEVATES, Meaning.GRANTS), (Meaning.GRANTS,)
GIVES = st.sampled_from([ELEVATES, GRANTS, ()])
CODES = st.sampled_from(["undeclared", "observed", "expired"])
OTHER = st.sampled_from(["policy_breach", "usage_tier", "similar_name", "overspent"])


@st.composite
def notes(draw: st.DrawFn) -> list[Note]:
    """Findings that are no errors: of what goes beyond the files, and of anything else, in any order."""
    found = []
    for number in range(draw(st.integers(1, 40))):
        address = Address(f"member:{draw(st.sampled_from('abxyz'))}{number:02}@acme.com")
        level = draw(st.sampled_from([Level.INFO, Level.WARNING]))
        if draw(st.booleans()):
            gives = draw(GIVES)
            code = draw(CODES) if gives else "undeclared"
            role = {ELEVATES: "admin", GRANTS: "user", (): "none"}[gives]
            found.append(Note(address, code, f"not declared, role {role}", level, shown={"role": role}, gives=gives))
        else:
            place = draw(st.sampled_from([None, Place("org.yaml", number + 1)]))
            found.append(Note(address, draw(OTHER), "is as it is", level, place))
    return found


def ordered(shown: str, found: Sequence[Note]) -> None:
    """Everything that gives access is there, admins first, and before everything that gives none."""
    at = {note.address: shown.find(note.address) for note in found}
    assert all(at[note.address] >= 0 for note in found if note.gives)
    tiers = [
        [at[note.address] for note in found if note.gives == gives and at[note.address] >= 0]
        for gives in (ELEVATES, GRANTS)
    ]
    tiers.append([at[note.address] for note in found if not note.gives and at[note.address] >= 0])
    seen = -1
    for tier in tiers:
        assert not tier or min(tier) > seen
        seen = max([seen, *tier])


@given(found=notes())
@examples(60)
def test_in_a_plan(found: list[Note]) -> None:
    plan = plans.plan(findings=tuple(found))
    for shown in (text.render(plan), text.render(plan, width=200), markdown.render(plan), github.comment(plan)):
        ordered(shown, found)


@given(found=notes(), known=st.booleans())
@examples(60)
def test_in_drift(found: list[Note], *, known: bool) -> None:
    entries = [
        entry(
            "w",
            f"{number:016x}",
            address=note.address,
            code=note.code,
            message=note.message,
            gives=note.gives,
            cause=Cause.DRIFT,
            new=not known,
            fields=(FieldChange("color", "a", "b"),) if number % 2 else (),
        )
        for number, note in enumerate(found)
    ]
    made = report(*entries)
    for shown in (drift_text.render(made), drift_markdown.render(made)):
        ordered(shown, found)
    heaviest = [one for one in weight.heaviest_first(entries) if one.gives]
    assert all(not weight.is_cuttable(one) for one in heaviest)
    if not known:
        ordered("\n".join(notice.render(made)), found)
