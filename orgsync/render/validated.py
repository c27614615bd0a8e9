"""That files are valid, and what to be warned of, or what is wrong with them: as a person reads it, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.apply.failure import failure_adapter
from orgsync.core.words.problems import few_of_each
from orgsync.render.page.values import address, colon, file_line, name
from orgsync.render.plan.json_text import indented

if TYPE_CHECKING:
    from orgsync.core.apply.failure import Failure
    from orgsync.core.document.validated import ValidFiles
    from orgsync.core.model.change import Note


def warnings(files: ValidFiles) -> str:
    """One line for each warning, and a few where many say the same."""
    told = few_of_each(files.warnings, lambda note: note.message)
    return "".join(f"{_line(note)}\n" + (f"… and {more:,} more like it\n" if more else "") for note, more in told)


def _line(note: Note) -> str:
    where = "" if note.source is None else f"{file_line(note.source)}: "
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


def invalid_json_text(path: str, failure: Failure) -> str:
    """What is wrong with files, for programs; with everything that is said of any run that failed."""
    return _written(path, **failure_adapter().dump_python(failure, mode="json"))


def _written(path: str, **more: Any) -> str:
    """The files are valid where there are no problems."""
    data = {"path": path, "valid": "problems" not in more, "declared": {}, "warnings": [], "problems": [], **more}
    return indented(data)
