"""That files are valid, and what to be warned of, or what is wrong with them: as a person reads it, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.render.page.values import address, colon, name, place
from orgsync.render.plan.json_text import indented

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.document.validated import ValidFiles
    from orgsync.core.model.change import Note
    from orgsync.core.words.source import Problem


def warnings(files: ValidFiles) -> str:
    """One line for each warning."""
    return "".join(f"{_line(note)}\n" for note in files.warnings)


def _line(note: Note) -> str:
    where = "" if note.source is None else f"{place(note.source)}: "
    return f"{where}{note.level}: {colon(address(note.address))} {name(note.message)}"


def json_text(files: ValidFiles) -> str:
    """Valid files, for programs."""
    warnings = [
        {
            "code": note.code,
            "level": note.level,
            "address": note.address,
            "message": note.message,
            "file": None if note.source is None else note.source.file,
            "line": None if note.source is None else note.source.line,
        }
        for note in files.warnings
    ]
    return _written(files.path, declared=dict(files.declared), warnings=warnings)


def invalid_json_text(path: str, problems: Sequence[Problem]) -> str:
    """What is wrong with files, for programs."""
    told = [
        {
            "address": problem.address,
            "message": problem.message,
            "hint": problem.hint,
            "file": None if problem.source is None else problem.source.file,
            "line": None if problem.source is None else problem.source.line,
            "column": None if problem.source is None else problem.source.column,
        }
        for problem in problems
    ]
    return _written(path, problems=told)


def _written(path: str, **more: Any) -> str:
    """The files are valid where there are no problems."""
    data = {"path": path, "valid": "problems" not in more, "declared": {}, "warnings": [], "problems": [], **more}
    return indented(data)
