"""What is installed is pinned by hash, fits pyproject.toml, and does not tell where the files were made."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
PIN = re.compile(
    r"(?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)==(?P<version>[0-9A-Za-z.+!]+)"
    r"(?: ; (?P<marker>[a-z_]+ [<>=!]+ '[A-Za-z0-9.]+'(?: (?:and|or) [a-z_]+ [<>=!]+ '[A-Za-z0-9.]+')*))?"
    r"(?P<hashes>(?: \\\n {4}--hash=sha256:[0-9a-f]{64})+)"
)
"""The only thing that may stand in a file: a name, one version, perhaps where it is needed, and hashes."""
DECLARED: dict[str, list[str]] = {
    "run": PROJECT["project"]["dependencies"],
    "demo": [*PROJECT["project"]["dependencies"], *EXTRAS["sandbox"]],
    "action": [*PROJECT["project"]["dependencies"], *EXTRAS["github"], *EXTRAS["notify"], *EXTRAS["signing"]],
    "dev": [*PROJECT["project"]["dependencies"], *EXTRAS["dev"], *EXTRAS["sandbox"], *EXTRAS["github"]],
    "build": PROJECT["build-system"]["requires"],
    "tools": PROJECT["dependency-groups"]["tools"],
}


class Pin(NamedTuple):
    """One line of a lock, however many lines its hashes take."""

    version: Version
    marker: str | None


def pins(name: str) -> dict[str, Pin]:
    """Everything a file pins, by name. Fails where anything else stands in it."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    found = list(PIN.finditer(text))
    assert "".join(f"{one[0]}\n" for one in found) == text, "something else than pins with hashes"
    assert len({one["name"] for one in found}) == len(found)
    return {one["name"]: Pin(Version(one["version"]), one["marker"]) for one in found}


def declared(name: str) -> list[Requirement]:
    """What pyproject.toml asks for, without the extras that name orgsync itself."""
    wanted = [Requirement(line) for line in DECLARED[name]]
    return [one for one in wanted if canonicalize_name(one.name) != "orgsync"]


def test_there_is_a_file_for_each_purpose_and_no_other() -> None:
    assert {path.stem for path in LOCKS} == set(DECLARED)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_holds_pins_with_hashes_and_nothing_else(path: Path) -> None:
    assert pins(path.stem)
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"://|\bfile:|@|#|(?:^|\s)/|^-", text, re.MULTILINE)


@pytest.mark.parametrize("name", DECLARED)
def test_what_is_declared_is_pinned_inside_its_range(name: str) -> None:
    pinned = pins(name)
    for wanted in declared(name):
        pin = pinned[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(pin.version), f"{wanted}: {pin.version}; run `make lock`"
        assert pin.marker is None, f"{wanted} would be missing somewhere"


@pytest.mark.parametrize("name", ["run", "demo", "action", "build"])
def test_what_people_install_is_what_is_tested(name: str) -> None:
    tested = pins("dev")
    for package, pin in pins(name).items():
        assert tested.get(package, pin) == pin
    assert name == "build" or set(pins(name)) <= set(tested)


def test_a_job_that_holds_the_credential_does_not_install_the_sandbox() -> None:
    for name in ("run", "action"):
        assert not {"starlette", "uvicorn", "anthropic", "pytest"} & set(pins(name))
    assert {"starlette", "uvicorn"} <= set(pins("demo"))


def test_the_official_sdk_that_judges_the_sandbox_is_the_one_it_was_built_by() -> None:
    assert pins("dev")["anthropic"].version >= Version("2.14.0")


INSTALLERS = (".github/action/install.sh", "examples/ci/kubernetes/Dockerfile", "examples/ci/gitlab/.gitlab-ci.yml")


@pytest.mark.parametrize("name", INSTALLERS)
def test_pipelines_install_from_the_lock_only(name: str) -> None:
    """Two installations: the libraries by hash, then orgsync, which may bring nothing and reach nothing."""
    text = " ".join((ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").split())
    (libraries,) = re.findall(r"--require-hashes --only-binary :all: ((?:--requirement \S+ ?)+)", text)
    assert re.findall(r"/requirements/(\w+)\.txt", libraries) == ["build", "action"]
    assert text.count("--requirement") == 2
    assert len(re.findall(r"--no-index --no-deps --no-build-isolation \S+", text)) == 1
    assert text.count("pip install") == (1 if name.endswith(".sh") else 2)


@pytest.mark.parametrize("name", INSTALLERS[1:])
def test_images_are_pinned_by_digest(name: str) -> None:
    images = re.findall(r"^(?:FROM|\s+image:) (\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert images
    assert len({image.partition("@")[0] for image in images}) == len(set(images))
    assert all(re.fullmatch(r"[a-z]+:[0-9.a-z-]+@sha256:[0-9a-f]{64}", image) for image in images)
