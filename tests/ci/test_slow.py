"""The slow matrices: every commit gets a part of them, every piece is in one, and what the time cuts off is told."""

from __future__ import annotations

import importlib.util
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def _loaded() -> Any:
    """`.ci/slow.py`, which no folder of packages holds."""
    spec = importlib.util.spec_from_file_location("slow", ROOT / ".ci" / "slow.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["slow"] = module
    spec.loader.exec_module(module)
    return module


slow = _loaded()


def matrix(script: str, *, minutes: float = 1, needs: dict[str, str] | None = None) -> Any:
    """One that is a small program instead of a word of the Makefile."""
    return slow.Matrix(script, 1, minutes, needs or {}, (sys.executable, "-c"))


def ends(one: Any, *, until: float | None = None) -> str:
    """What becomes of it."""
    [ended] = slow.run(slow.pieces([one]), until)
    name: str = ended.end.name
    return name


def test_each_piece_is_in_exactly_one_part() -> None:
    every = slow.pieces(slow.MATRICES)
    parts = [slow.chosen(every, slow.Part(number, slow.PARTS)) for number in range(1, slow.PARTS + 1)]
    assert Counter(map(str, (piece for part in parts for piece in part))) == Counter(map(str, every))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert slow.chosen(every, slow.WHOLE) == every


def test_the_part_of_a_commit_is_always_the_same_and_all_parts_come_up() -> None:
    assert str(slow.part_of("f1bbc6e7564d527fcf5fe9c571d134f8c6c97c77")) == "18/30"
    parts = [slow.part_of(f"{number:08x}").number for number in range(1000)]
    assert set(parts) == set(range(1, slow.PARTS + 1))


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "a/b", "1/2/3", "-1/2"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a part|invalid literal"):
        slow.part_from(text)


def test_every_matrix_is_a_word_of_the_makefile_and_in_its_list_of_words() -> None:
    words = {one.word for one in slow.MATRICES}
    assert words <= set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    phony = " ".join(re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE))
    assert words | {"check-slow"} <= set(phony.split())


def test_how_programs_end_is_told() -> None:
    good, bad = matrix("print('== 7 passed in 0.10s ==')"), matrix("raise SystemExit(3)")
    ended = slow.run(slow.pieces([good, bad]), None)
    assert [one.end.name for one in ended] == ["PASSED", "FAILED"]
    assert [one.said for one in ended] == ["7 passed in 0.10s", ""]
    assert re.fullmatch(r".*: passed, .* min: 7 passed in 0\.10s\n.*: failed, .* min\n", slow.report(ended))


def test_nothing_is_begun_once_the_time_is_over() -> None:
    assert ends(matrix("raise SystemExit(3)"), until=time.time() - 1) == "LEFT_OUT"


SLEEPS = "import time\ntime.sleep(60)"


def test_what_is_under_way_when_the_time_is_over_is_cut_off_and_has_not_failed() -> None:
    assert ends(matrix(SLEEPS), until=time.time() + 0.5) == "CUT"


def test_what_takes_longer_than_it_may_has_failed() -> None:
    assert ends(matrix(SLEEPS, minutes=0.01)) == "LATE"


def test_what_had_failed_before_it_was_cut_off_has_failed() -> None:
    assert slow._end(None, "1 failed, 2 passed in 3.00s", is_over=True) is slow.End.FAILED


def test_what_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow, "GRACE", 0.2)
    deaf = matrix("import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(60)", minutes=0.02)
    assert ends(deaf) == "LATE"


def test_a_program_that_is_missing_is_told_by_its_package(tmp_path: Path) -> None:
    needing = slow.pieces([matrix("", needs={"/usr/lib/*/x.so": "libx", "/usr/bin/y": "y-tools"})])
    assert slow.missing(needing, tmp_path) == ["libx", "y-tools"]
    (tmp_path / "usr/lib/arch").mkdir(parents=True)
    (tmp_path / "usr/lib/arch/x.so").touch()
    assert slow.missing(needing, tmp_path) == ["y-tools"]


def test_the_exit_code_says_whether_anything_failed(capsys: pytest.CaptureFixture[str]) -> None:
    both = [matrix("print(1)"), matrix("raise SystemExit(1)")]
    assert slow.main(["run"], both) == 1
    assert slow.main(["run", "1/2"], both) == 0
    capsys.readouterr()
    assert slow.main(["run", "2/2", "--until", "0"], both) == 0
    assert capsys.readouterr().out.endswith(": left out, as the time was over, 0.0 min\n")
    assert slow.main(["part", "f1bbc6e7"]) == 0
    assert slow.main(["packages", "1/2"], both) == 0
