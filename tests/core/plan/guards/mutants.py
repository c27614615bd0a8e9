"""Changes `core/plan/guards.py` in every small way and counts how many of the changes the tests of this folder notice.

Run by `make mutants`. A change that nobody notices is either found out by a new test or listed, with the reason why it
makes no difference, in `equivalent_mutants.toml`; anything else fails. Works on a copy, and leaves the tree alone.
With `2/6` it tries every sixth change only; whether a listed one has gone is then not known.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
MODULE = "orgsync/core/plan/guards.py"
COPIED = ("orgsync", "tests", "pyproject.toml")
QUICKEST_FIRST = ("test_table.py", "test_base.py", "test_no_escape.py")
LONGEST = 60.0
"""Seconds: a change after which the tests hang is noticed, too."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of the module: the lines that go and those that come."""

    line: str
    becomes: str
    outcome: str


def main(share: str = "1/1") -> int:
    """Exit code 0 if every change is noticed or listed."""
    started = monotonic()
    number, of = map(int, share.split("/"))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        mutants = _mutants(copy, number, of)
    known = [(row["line"], row["becomes"]) for row in _listed()]
    survived = [mutant for mutant in mutants if mutant.outcome == "survived"]
    new = [mutant for mutant in survived if (mutant.line, mutant.becomes) not in known]
    odd = [mutant for mutant in mutants if mutant.outcome not in {"survived", "killed"}]
    gone = [pair for pair in known if pair not in [(one.line, one.becomes) for one in survived]] if of == 1 else []
    for title, rows in (
        ("survived, and is not listed as equivalent", [(one.line, one.becomes) for one in new]),
        ("could not be judged", [(one.line, one.becomes) for one in odd]),
        ("is listed as equivalent, and does not survive any more", gone),
    ):
        for line, becomes in rows:
            sys.stdout.write(f"{title}:\n  - {line}\n  + {becomes}\n")
    counts = Counter(mutant.outcome for mutant in mutants)
    sys.stdout.write(
        f"{MODULE}: {len(mutants)} mutants, {counts['killed']} killed, {len(survived)} survived "
        f"({len(survived) - len(new)} listed as equivalent, {len(new)} new), {monotonic() - started:.0f} s\n"
    )
    return 1 if new or odd or gone or not mutants else 0


def _listed() -> list[dict[str, str]]:
    rows: list[dict[str, str]] = tomllib.loads((HERE / "equivalent_mutants.toml").read_text("utf-8"))["equivalent"]
    for row in rows:
        if set(row) != {"line", "becomes", "reason"}:
            raise SystemExit(f"equivalent_mutants.toml: a row is line, becomes and reason, not {sorted(row)}")
    return rows


def _mutants(copy: Path, number: int, of: int) -> list[Mutant]:
    """Every change of this share, tried one by one."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    folder = HERE.relative_to(ROOT)
    tests = f"{sys.executable} -m pytest -x -q -p no:cacheprovider -p no:xdist " + " ".join(
        str(folder / name) for name in QUICKEST_FIRST
    )
    (copy / "cosmic-ray.toml").write_text(
        f'[cosmic-ray]\nmodule-path = "{MODULE}"\ntimeout = {LONGEST}\nexcluded-modules = []\n'
        f'test-command = "{tests}"\n\n[cosmic-ray.distributor]\nname = "local"\n',
        encoding="utf-8",
    )
    _cosmic_ray(copy, "init", "cosmic-ray.toml", "session.sqlite")
    _keep_share(copy / "session.sqlite", number, of)
    _cosmic_ray(copy, "baseline", "cosmic-ray.toml")  # fails where the tests fail without any change
    _cosmic_ray(copy, "exec", "cosmic-ray.toml", "session.sqlite")
    dumped = _cosmic_ray(copy, "dump", "session.sqlite")
    return [_mutant(json.loads(line)[1]) for line in dumped.splitlines() if line]


def _keep_share(session: Path, number: int, of: int) -> None:
    """Takes whatever is not in the share out of what is to be tried."""
    order = "start_pos_row, start_pos_col, operator_name, occurrence"
    with closing(sqlite3.connect(session)) as database, database:
        every = database.execute(f"SELECT job_id FROM mutation_specs ORDER BY {order}").fetchall()  # noqa: S608
        others = [job for place, job in enumerate(every) if place % of != number - 1]
        for table in ("mutation_specs", "work_items"):
            database.executemany(f"DELETE FROM {table} WHERE job_id = ?", others)  # noqa: S608 - constants


def _cosmic_ray(copy: Path, *arguments: str) -> str:
    # The folder it runs in comes first on the path: the copy is what is imported and tested.
    environment = {"PATH": str(Path(sys.executable).parent), "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "cosmic_ray.cli", *arguments]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"cosmic-ray {arguments[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _mutant(result: dict[str, str] | None) -> Mutant:
    if result is None or result["worker_outcome"] != "normal" or not result["diff"]:
        return Mutant("(unknown)", "(unknown)", "none" if result is None else result["worker_outcome"])
    lines = result["diff"].splitlines()
    gone = [line[1:].strip() for line in lines if line.startswith("-") and not line.startswith("---")]
    come = [line[1:].strip() for line in lines if line.startswith("+") and not line.startswith("+++")]
    return Mutant("\n".join(gone), "\n".join(come), result["test_outcome"])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
