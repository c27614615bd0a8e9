"""`make lock`: writes requirements/*.txt from pyproject.toml, with the hash of every file that may be installed.

A version is taken a week after its release: most that do harm are withdrawn sooner. The official SDK is excepted, since
it judges the sandbox. Versions that still fit stay as they are; `--upgrade` takes the newest of all.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HERE = Path(__file__).parent
PROJECT = HERE.parent / "pyproject.toml"
UV = Path(sys.executable).with_name("uv")
COOLDOWN = "1 week"
JUDGE = "anthropic"
OLDEST_PYTHON = "3.11"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
"""Where every package has to be there as a wheel: what is built on a machine runs code that no hash speaks for."""

FROM_PROJECT: dict[str, tuple[str, ...]] = {
    "dev": ("--extra", "dev"),
    "run": (),
    "demo": ("--extra", "sandbox"),
    "action": ("--extra", "github", "--extra", "notify", "--extra", "signing"),
}
"""The versions of the first one hold for the others, too: what is tested is what is installed."""


def main(arguments: Sequence[str]) -> int:
    """Writes every file, then sees whether each can be installed everywhere."""
    parser = argparse.ArgumentParser(prog="make lock", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--upgrade", action="store_true", help="take the newest version of everything")
    more = ["--upgrade"] if parser.parse_args(arguments).upgrade else []
    same = ["--constraint", str(HERE / "dev.txt")]
    for name, extras in FROM_PROJECT.items():
        compile_to(name, [str(PROJECT), *extras, *([] if name == "dev" else same), *more])
    compile_to("tools", ["--group", f"{PROJECT}:tools", *more])
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "build.in"
        wanted.write_text("\n".join(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["build-system"]["requires"]))
        compile_to("build", [str(wanted), *same, *more])
    missing = sorted(without_wheels(["dev", "tools", "build"]))
    print("\n".join(missing) or "Every package has a wheel for every supported Python and platform.")  # noqa: T201
    return 1 if missing else 0


def compile_to(name: str, words: Sequence[str]) -> None:
    """Writes one file. Nothing in it tells where it was made: no address of an index, no path."""
    options = (
        *("--universal", "--python-version", OLDEST_PYTHON, "--no-config", "--quiet"),
        *("--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url"),
        *("--only-binary", ":all:", "--exclude-newer", COOLDOWN, "--exclude-newer-package", f"{JUDGE}=false"),
    )
    command = [str(UV), "pip", "compile", *options, *words, "--output-file", str(HERE / f"{name}.txt")]
    subprocess.run(command, check=True)  # noqa: S603 - our own words


def without_wheels(names: Iterable[str]) -> Iterable[str]:
    """Where a file cannot be installed from wheels alone, and why."""
    for name in names:
        for python in PYTHONS:
            for platform in PLATFORMS:
                ended = _tried(name, python, platform)
                if ended.returncode:
                    yield f"requirements/{name}.txt, Python {python}, {platform}:\n{ended.stderr}"


def _tried(name: str, python: str, platform: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as folder:
        options = (
            *("--dry-run", "--no-config", "--quiet", "--require-hashes", "--only-binary", ":all:"),
            *("--target", folder, "--python-version", python, "--python-platform", platform),
        )
        command = [str(UV), "pip", "install", *options, "--requirement", str(HERE / f"{name}.txt")]
        return subprocess.run(command, capture_output=True, text=True)  # noqa: S603, PLW1510 - judged by the caller


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
