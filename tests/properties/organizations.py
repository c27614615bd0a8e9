"""Whole organizations, made up from the samples of the kinds: what is live, and a file that fits it in part."""

from __future__ import annotations

import copy
import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from acme import ByToken, Org
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from orgsync.core.document.read import desired_state
from orgsync.files.yaml.load import load
from orgsync.kinds import KINDS
from properties.samples import PEOPLE, SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orgsync.core.document.read import Desired
    from properties.samples import Rows

Test = TypeVar("Test", bound="Callable[..., Any]")

MODES = ["authoritative", "authoritative", "additive", "observe"]
OPEN_GUARDS = {"min_admins": 0, "max_removals": {"percent": 100, "count": 1000}, "max_grants": {"count": 1000}}
SAMPLED = [kind for kind in KINDS if kind.name in SAMPLES]
HEAD = {"version": 1, "organization": {"name": "Acme Robotics"}}

SCALE = float(os.environ.get("ORGSYNC_PROPERTY_SCALE", "0.08"))
"""How many times the usual number of examples to run (`make properties`: 50); others every time, where it is said."""

SHRINKING = [] if os.environ.get("ORGSYNC_PROPERTY_SHRINK") == "no" else [Phase.shrink]
"""Making a failing example small takes minutes; `no` shows it as it was found."""


def examples(number: int) -> Callable[[Test], Test]:
    """So many examples of a property, times SCALE; they are added up and told at the end of the tests."""

    def decorated(test: Test) -> Test:
        marked: Test = pytest.mark.examples(scaled(number))(settings_of(number)(test))
        return marked

    return decorated


def scaled(number: int) -> int:
    """How many examples that is."""
    return max(1, round(number * SCALE))


def settings_of(number: int) -> settings:
    """The settings of a property: by default the same examples in every run, so that a green build stays green."""
    return settings(
        max_examples=scaled(number),
        deadline=None,
        derandomize="ORGSYNC_PROPERTY_SCALE" not in os.environ,
        phases=[Phase.explicit, Phase.reuse, Phase.generate, *SHRINKING],
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )


class Filed(ByToken):
    """An `Org` whose file always lies at the same place, so that two plans of it can be compared byte for byte."""

    folder = tempfile.TemporaryDirectory(prefix="orgsync-properties-")

    def desired(self) -> Desired:
        """What the file asks for. Raises InputError."""
        path = Path(self.folder.name) / "org.yaml"
        path.write_text(self.files, encoding="utf-8")
        return desired_state(load(path), KINDS, self.now.date())


@dataclass(frozen=True, slots=True)
class Organization:
    """What the sandbox is filled with, and what the file says."""

    seed: dict[str, Any]
    files: dict[str, Any]

    @property
    def text(self) -> str:
        """The file. JSON is YAML that nobody can quote wrongly."""
        return "# JSON is YAML\n" + json.dumps(self.files, indent=1, ensure_ascii=False)

    def org(self) -> Org:
        """A sandbox of its own, with the file beside it."""
        return Filed(self.text, **copy.deepcopy(self.seed))

    def saying(self, **sections: Any) -> Organization:
        """The same organization with other sections in the file."""
        return replace(self, files={**self.files, **sections})

    def __repr__(self) -> str:
        return f"Organization(seed={self.seed!r},\n files={self.files!r})"


SETTINGS = st.fixed_dictionaries(
    {
        "external_keys": st.just({"ekey_a": {}, "ekey_b": {}}),
    },
    optional={
        "inherited_members": st.sampled_from(["hidden", "listed"]),
        "tags_update": st.sampled_from(["merge", "replace"]),
        "workspace_order": st.sampled_from(["newest_first", "oldest_first"]),
        "member_order": st.sampled_from(["insertion", "newest_first"]),
        "email_case": st.sampled_from(["kept", "folded"]),
        # A client that sends only what is needed never meets the stricter answers to these.
        "same_role": st.just("refused"),
        "empty_update": st.just("refused"),
        "archive_twice": st.just(400),
    },
)


@st.composite
def seeds(draw: st.DrawFn) -> dict[str, Any]:
    """Live rows of every kind."""
    rows: Rows = {"settings": draw(SETTINGS)}
    for kind in SAMPLED:
        for name, more in draw(SAMPLES[kind.name].rows(rows)).items():
            rows.setdefault(name, []).extend(more)
    return rows


def _from_any(address: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    return address.map(lambda one: {"address": one, "from": "any"})


@st.composite
def guards_for(draw: st.DrawFn, seed: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
    """Guards that name what this file is about, exactly, by a glob, or under a name that differs by case alone.

    All guards together nearly always refuse, and do not tell which of them works: so mostly all but one are open.
    """
    written = [f"workspace:{escaped(name)}" for name in files.get("workspaces") or {}]
    live = [f"workspace:{escaped(row['name'])}" for row in seed["workspaces"]]
    people = [f"member:{escaped(row['email'])}" for row in (*seed["users"], *seed["invites"])]
    address = st.sampled_from([*written * 2, *live, *people]).flatmap(_as_is_or_in_other_case)
    glob = st.sampled_from(["member:RAJ@*", "workspace:prod*", "workspace_member:*/k*"])
    raised = {"guard": "max_grants", "count": 3, "until": "2027-01-01", "reason": "it was agreed"}
    allowance = st.just(raised) | st.fixed_dictionaries(
        {"address": address, "reason": st.just("it was agreed")},
        optional={"until": st.sampled_from(["2026-11-21", "2026-11-22", "2027-01-01"])},
    )
    emails = [row["email"] for row in (*seed["users"], *seed["invites"])]
    owner = st.sampled_from([one for one in emails if "/" not in one] or PEOPLE)  # which no file can hold
    percent, count = st.sampled_from([0, 10, 34, 50, 100]), st.sampled_from([0, 1, 2, 4, 100])
    guards: dict[str, st.SearchStrategy[Any]] = {
        "min_admins": st.integers(0, 2),
        "max_removals": st.fixed_dictionaries({}, optional={"percent": percent, "count": count}),
        "max_grants": st.fixed_dictionaries({}, optional={"count": count}),
        "protect": st.lists(address | address | glob | _from_any(address), min_size=1, max_size=4),
        "credential_of": owner | st.lists(owner, max_size=3),
        "allow": st.lists(allowance, max_size=6),
    }
    opened = {**OPEN_GUARDS, "allow": [{"address": one, "reason": "it was agreed"} for one in (*written, *people)]}
    everything: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({}, optional=guards)
    one = st.sampled_from(sorted(guards)).flatmap(lambda name: guards[name].map(lambda guard: {**opened, name: guard}))
    return draw(everything | one | one)


def _as_is_or_in_other_case(address: str) -> st.SearchStrategy[str]:
    kind, _colon, name = address.partition(":")
    return st.sampled_from([address, address, f"{kind}:{name.swapcase()}"])


def escaped(name: str) -> str:
    """A name as addresses spell it."""
    return name.replace("%", "%25").replace("/", "%2F").replace("\n", "%0A")


@st.composite
def files_for(draw: st.DrawFn, seed: dict[str, Any]) -> dict[str, Any]:
    """A file about this organization: some collections of it, in some mode, saying more, less or something else."""
    files: dict[str, Any] = dict(HEAD)
    modes = {kind.collection: draw(st.sampled_from([*MODES, None])) for kind in SAMPLED if kind.sections}
    files["manage"] = {collection: mode for collection, mode in modes.items() if mode}
    files["teams"] = draw(
        st.dictionaries(
            st.sampled_from(["platform", "data science"]), st.lists(st.sampled_from(PEOPLE), unique=True, max_size=3)
        )
    )
    for kind in SAMPLED:
        for section in kind.sections:
            for inside, segments in _places(files, section.outer):
                written = SAMPLES[kind.name].section(seed, files, segments)
                inside.update(draw(_sometimes(section.path[-1], written, depth=section.depth)))
    return files


def _sometimes(name: str, written: st.SearchStrategy[Any], *, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """The section, mostly; now and then none at all, or one that says that there shall be nothing."""
    full: st.SearchStrategy[dict[str, Any]] = written.map(lambda value: {name: value})
    nothing: list[dict[str, Any]] = [{}, {name: None}, {name: {}}] if depth else [{}, {name: None}]
    return st.integers(0, 6).flatmap(lambda chance: full if chance else st.sampled_from(nothing))


def _places(files: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    """The maps in which a section may stand, each with the names that lead to it."""
    places: list[tuple[dict[str, Any], tuple[str, ...]]] = [(files, ())]
    for step in path:
        places = [
            (thing, (*names, name) if step == "*" else names)
            for inside, names in places
            for name, thing in inside.items()
            if step in {"*", name} and isinstance(thing, dict) and name != "Default"
        ]
    yield from places


@st.composite
def organizations(draw: st.DrawFn) -> Organization:
    """With guards that let every change pass."""
    seed = draw(seeds())
    return Organization(seed, {**draw(files_for(seed)), "guards": OPEN_GUARDS})


@st.composite
def live_organizations(draw: st.DrawFn) -> Organization:
    """With a file that says nothing."""
    return Organization(draw(seeds()), dict(HEAD))


@st.composite
def guarded_organizations(draw: st.DrawFn) -> Organization:
    """With guards of any sort, the defaults among them."""
    seed = draw(seeds())
    files = draw(files_for(seed))
    return Organization(seed, {**files, "guards": draw(guards_for(seed, files))})
