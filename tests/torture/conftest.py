"""Prints what the tests of torture found: how every fault ended, over all plans."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from orgsync.core.apply.rehearsal import Fault

if TYPE_CHECKING:
    import pytest


def pytest_terminal_summary(terminalreporter: Any) -> None:
    rows: dict[tuple[str, str], list[list[int]]] = defaultdict(list)
    plans = 0
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in getattr(report, "user_properties", ()):
                if name == "torture" and report.when == "call":
                    plans += 1
                    for command, fault, *figures in value:
                        rows[command, fault].append(figures)
    if not rows:
        return
    terminalreporter.section("torture")
    for command in sorted({command for command, _fault in rows}, reverse=True):
        terminalreporter.write_line(f"{command:<34}{'runs':>9}{'converged':>11}{'stale':>9}{'most re-runs':>14}")
        total = [0, 0, 0, 0]
        for fault in Fault:
            figures = rows.get((command, fault.value))
            if figures:
                summed = _summed(figures)
                total = _summed([total, summed])
                _write(terminalreporter, f"  {fault.words}", summed)
        _write(terminalreporter, "  in all", total)


def _summed(figures: list[list[int]]) -> list[int]:
    runs, converged, stale, most = zip(*figures, strict=True)
    return [sum(runs), sum(converged), sum(stale), max(most)]


def _write(terminalreporter: pytest.TerminalReporter, name: str, figures: list[int]) -> None:
    runs, converged, stale, most = figures
    terminalreporter.write_line(f"{name:<34}{runs:>9,}{converged:>11,}{stale:>9,}{most:>14,}")
