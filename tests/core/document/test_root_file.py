"""Settings of orgsync outside the root file: whoever may change a team's file should not decide what orgsync may do."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest
from acme import HEAD, NOW, Org, desired_from

from core.drift.support import drift
from core.review.support import Repository
from orgsync.core.document.read import desired_state
from orgsync.core.document.root_file import elsewhere_notes
from orgsync.core.document.settings import settings_model
from orgsync.core.model.change import Cause, Level, Place
from orgsync.core.review.privileged import privileged_changes
from orgsync.errors import InputError
from orgsync.files.yaml.git import load_at
from orgsync.files.yaml.load import load
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from orgsync.core.document.read import Desired

    Folder = Callable[[Mapping[str, str]], Desired]

ROOT = {"root.yaml": HEAD}
WRITTEN = {
    "requires": 'requires: ">=0.1"\n',
    "manage": "manage: {members: additive}\n",
    "guards": "guards: {min_admins: 1}\n",
    "accept": "accept: [{address: '*', reason: CH-1, until: 2026-12-31}]\n",
    "console": "console: {auto_reload: {expect: 'off'}}\n",
    "key_policies": "key_policies: {naming: {name: '^a$', then: report}}\n",
    "waivers": "waivers: [{policy: naming, key: 'api_key:a/b', until: 2027-01-31, reason: CH-1}]\n",
}
"""Every setting that is to stand in the root file, and has the value there that counts without it, or nearly."""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Makes what the files of a folder ask for: each time another folder."""
    numbers = count()

    def made(files: Mapping[str, str]) -> Desired:
        path = tmp_path / f"checkout-{next(numbers)}" / "org"
        path.mkdir(parents=True)
        for name, text in files.items():
            (path / name).write_text(text, encoding="utf-8")
        return desired_state(load(path), KINDS, NOW.date())

    return made


def warned(desired: Desired) -> list[tuple[str, str, int]]:
    """Address, file and line of each warning."""
    notes = list(elsewhere_notes(desired.document, KINDS))
    assert all((note.code, note.level) == ("setting_elsewhere", Level.WARNING) for note in notes)
    places = [(note.address, note.source) for note in notes]
    return [(str(where), place.file.rsplit("/", 1)[-1], place.line) for where, place in places if place is not None]


def told(before: Desired | None, after: Desired) -> list[tuple[str, str]]:
    """Address and message of each privileged change."""
    base = None if before is None else before.document
    return [(str(note.address), note.message) for note in privileged_changes(base, after, KINDS)]


def test_every_setting_has_its_place() -> None:
    free = {"version", "organization", "teams"}
    assert set(settings_model(KINDS).model_fields) == free | set(WRITTEN)


@pytest.mark.parametrize("name", ["a.yaml", "z.yaml"])
@pytest.mark.parametrize("setting", WRITTEN)
def test_a_setting_in_another_file_is_a_warning_at_its_line(setting: str, name: str, folder: Folder) -> None:
    desired = folder({**ROOT, name: f"members: {{}}\n{WRITTEN[setting]}"})
    assert warned(desired) == [(f"setting:{setting}", name, 2)]


@pytest.mark.parametrize("setting", WRITTEN)
def test_in_the_root_file_it_is_none(setting: str, folder: Folder) -> None:
    teams = {"z.yaml": "teams: {eng: [a@acme.example]}\nmembers: {a@acme.example: user}\n"}
    assert warned(folder({"root.yaml": HEAD + WRITTEN[setting], **teams})) == []


def test_one_file_is_the_root_file() -> None:
    assert warned(desired_from("".join(WRITTEN.values()))) == []


@pytest.mark.parametrize("name", ["a.yaml", "z.yaml"])
def test_a_part_of_a_setting_is_a_warning_for_each_file(name: str, folder: Folder) -> None:
    allow = "members: {}\n\nguards: {allow: [{address: 'workspace:a', reason: CH-1}]}\n"
    percent = "guards: {max_removals: {percent: 90}}\n"
    root = HEAD + "guards: {min_admins: 2, max_removals: {count: 3}}\n"
    desired = folder({"root.yaml": root, name: allow, "y.yaml": percent})
    assert warned(desired) == sorted(
        [("setting:guards", name, 3), ("setting:guards", "y.yaml", 1)], key=lambda one: one[1]
    )


@pytest.mark.parametrize(
    "parts", [("{id: 3f1c7a52-9d0e-4b7a-8c55-2f6b1e0d4a91}", "{name: Acme}"), ("{}", "{name: Acme}")]
)
def test_only_one_file_can_be_the_root_file(parts: tuple[str, str], folder: Folder) -> None:
    first, second = (f"organization: {part}\n" for part in parts)
    with pytest.raises(InputError, match=r'"organization" is also in .*a\.yaml:1:1'):
        folder({"a.yaml": first, "b.yaml": f"version: 1\n{second}"})


@pytest.mark.parametrize("setting", WRITTEN)
def test_moving_a_setting_out_of_the_root_file_is_privileged(setting: str, folder: Folder) -> None:
    inside = folder({"root.yaml": HEAD + WRITTEN[setting], "team.yaml": "members: {}\n"})
    outside = folder({**ROOT, "team.yaml": "members: {}\n" + WRITTEN[setting]})
    message = "new in team.yaml, outside the root file: decides what orgsync does"
    assert told(inside, outside) == [(f"setting:{setting}", message)]
    (note,) = privileged_changes(inside.document, outside, KINDS)
    assert (note.code, note.level, note.cause) == ("privileged_change", Level.WARNING, Cause.CONFIG)
    assert note.source is not None
    assert note.source.file.endswith("team.yaml")
    assert told(outside, outside) == []
    assert told(outside, inside) == []


def test_what_stays_outside_is_told_only_where_it_changes(folder: Folder) -> None:
    before = folder({**ROOT, "team.yaml": "guards: {min_admins: 1}\n"})
    after = folder({**ROOT, "team.yaml": "guards: {min_admins: 3}\n"})
    assert [address for address, _message in told(before, after)] == ["setting:guards/min_admins"]
    other = folder({**ROOT, "other.yaml": "guards: {min_admins: 1}\n"})
    assert [address for address, _message in told(before, other)] == ["setting:guards"]


def test_another_root_file_is_told_by_what_stays_behind(folder: Folder) -> None:
    before = folder({"a.yaml": HEAD + "guards: {min_admins: 1}\n", "b.yaml": "members: {}\n"})
    after = folder({"a.yaml": "guards: {min_admins: 1}\n", "b.yaml": HEAD + "members: {}\n"})
    message = "new in a.yaml, outside the root file: decides what orgsync does"
    assert told(before, after) == [("setting:guards", message)]
    renamed = folder({"c.yaml": HEAD + "guards: {min_admins: 1}\n", "b.yaml": "members: {}\n"})
    assert told(before, renamed) == []


def test_without_a_base_everything_outside_is_new(folder: Folder) -> None:
    told_of = told(None, folder({**ROOT, "team.yaml": "guards: {min_admins: 1}\n"}))
    assert "setting:guards" in dict(told_of)


def test_files_have_the_same_names_at_a_commit(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    for place in ("", "org/"):
        repository.commit(f"{place}root.yaml", HEAD)
        repository.commit(f"{place}team.yaml", "# of the team\nguards: {min_admins: 1}\n")
        path = tmp_path / place
        at_main = load_at("main", path)
        assert at_main is not None
        base, desired = (desired_state(one, KINDS, NOW.date()) for one in (at_main, load(path)))
        assert told(base, desired) == []
        assert warned(desired) == [("setting:guards", "team.yaml", 2)]


def test_plans_report_it_and_it_is_no_drift(tmp_path: Path) -> None:
    org = _Folder(tmp_path, {**ROOT, "team.yaml": "guards: {min_admins: 1}\nworkspaces: {}\n"})
    (note,) = org.plan().findings
    assert (note.address, note.code) == ("setting:guards", "setting_elsewhere")
    assert note.message == "is set in team.yaml, outside the root file, which has `organization:`; move it there"
    assert note.source == Place(str(tmp_path / "team.yaml"), 1)
    assert drift(org).entries == ()


class _Folder(Org):
    """An organization whose files are those of a folder."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        super().__init__(users=[{"email": "ceo@acme.example", "role": "admin"}])
        self._folder = folder
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")

    def desired(self) -> Desired:
        return desired_state(load(self._folder), KINDS, self.now.date())
