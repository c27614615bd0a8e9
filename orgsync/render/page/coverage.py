"""What of an organization the files do not manage, in a line and as a folded table: every renderer says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.core.words.plural import counted
from orgsync.render.page.markdown import Section
from orgsync.render.page.markdown_text import code, located, named, row
from orgsync.render.page.values import few, name
from orgsync.render.page.words import kind_noun

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orgsync.core.model.change import Coverage, Uncovered
    from orgsync.core.words.address import Address


def what_matches(coverage: Coverage) -> str:
    """What an organization without differences matches: nobody looked at the rest."""
    return "what the files manage" if coverage.uncovered else "the files"


def not_managed(coverage: Coverage) -> str:
    """`spend_limit of the organization; members, api_keys of 3 workspaces (dev, stage, qa); looking would cost 3
    requests`; nothing where all is managed."""
    if not coverage.uncovered:
        return ""
    places: dict[tuple[str, bool], list[Uncovered]] = {}
    for one in coverage.uncovered:
        places.setdefault((one.section, one.inside is None), []).append(one)
    sections: dict[tuple[Address | None, ...], list[str]] = {}
    for (section, _at_the_top), some in places.items():
        sections.setdefault(tuple(one.inside for one in some), []).append(name(section))
    return "; ".join(
        [*(f"{', '.join(names)} of {_places(inside)}" for inside, names in sections.items()), _cost(coverage)]
    )


def _places(inside: Sequence[Address | None]) -> str:
    found = [one for one in inside if one is not None]
    if not found:
        return "the organization"
    names = few([name("/".join(one.segments)) for one in found])
    return f"{counted(len(found), kind_noun(found[0].kind))} ({names})"


def _cost(coverage: Coverage) -> str:
    if not coverage.requests:
        return "looking would cost no request"
    return f"looking would cost {counted(coverage.requests, 'request')}"


def coverage_sections(coverage: Coverage) -> Iterator[Section]:
    """One row for each collection that is not managed, with the line where it could be written; folded."""
    if coverage.uncovered:
        yield Section(
            f"Not managed ({len(coverage.uncovered):,})",
            ("collection", "of", "write it at", "requests"),
            [
                row(
                    (
                        code(one.section) + ("" if one.offered else " (not available)"),
                        "the organization" if one.inside is None else named(one.inside),
                        located(one.source),
                        str(one.requests),
                    )
                )
                for one in coverage.uncovered
            ],
            "collection",
            rank=9,
            intro=f"What changes there is not reported; {_cost(coverage)}.",
        )
