"""Plan files: written whole or not at all, and read only if they are exactly what orgsync wrote."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from orgsync.core.digest import is_intact
from orgsync.core.plan_schema import READERS, plan_adapter, plan_schema
from orgsync.core.source import Problem, Source
from orgsync.errors import InputError, UsageError
from orgsync.render import json_text
from orgsync.render.escape import inert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema import ValidationError

    from orgsync.core.change import Plan

LIMIT = 64 * 1024 * 1024
"""Bytes of the largest plan file that is read: several times the plan of the largest organization known."""

MOST_PROBLEMS = 20

_MAKE_ANOTHER = "make the plan again with `orgsync plan`; a plan file is not meant to be edited"


def write(path: Path, plan: Plan) -> None:
    """Puts the plan at `path` in one step: a reader finds the old file or the new one, never half of one.

    Only the owner may read it (mode 0600): it names people by their e-mail and says who gets which access, and
    whoever can write it decides what `apply` does.
    """
    data = json_text.render(plan).encode()
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise UsageError(f"{path} is not a regular file", hint="name the file the plan shall be in")
        _replace(path, data)
    except OSError as error:
        raise UsageError(f"{path}: the plan could not be written: {error.strerror}") from error


def _replace(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read(path: Path) -> Plan:
    """The plan in the file. Raises InputError, with every problem, if it is not one that orgsync wrote."""
    data = _bytes(path)
    try:
        return _plan(_json(data, path), path)
    except RecursionError as error:
        raise _wrong(path, "is nested too deeply") from error


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{path}: the plan could not be read: {error.strerror}") from error
    if len(data) > LIMIT:
        raise UsageError(f"{path} is larger than {LIMIT // 1024 // 1024} MiB, too large for a plan")
    return data


def _json(data: bytes, path: Path) -> Any:
    try:
        return json.loads(data.decode(), object_pairs_hook=_object, parse_float=_finite, parse_constant=_not_a_number)
    except json.JSONDecodeError as error:
        problem = Problem(f"is not JSON: {error.msg}", Source(str(path), error.lineno, error.colno), hint=_MAKE_ANOTHER)
        raise InputError([problem]) from error
    except ValueError as error:  # our own hooks; bytes that are not UTF-8; integers beyond Python's limit
        raise _wrong(path, f"cannot be read: {inert(str(error), limit=400)}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Which of two equal keys counts differs between programs: a reviewer could see one and orgsync do the other."""
    found = dict(pairs)
    if len(found) < len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {json.dumps(twice)} is written twice")
    return found


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _not_a_number(text)


def _not_a_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number JSON can hold")


def _plan(data: Any, path: Path) -> Plan:
    _check_format(data, path)
    problems = list(_schema_problems(data, path))
    if problems:
        raise InputError(problems)
    plan = plan_adapter().validate_python(data)
    if not is_intact(plan):
        raise _wrong(path, "was edited after it was made: it does not have the digest that it states")
    return plan


def _check_format(data: Any, path: Path) -> None:
    """Comes before the schema: of a plan in another format, all else would look wrong as well."""
    if not isinstance(data, dict) or "format_version" not in data:
        raise _wrong(path, "is not a plan: it states no format_version")
    version = data["format_version"]
    if type(version) is int and version in READERS:
        return
    known = ", ".join(f"{number} ({readers})" for number, readers in READERS.items())
    problem = f"has format_version {inert(json.dumps(version), limit=100)}; known: {known}"
    raise _wrong(path, problem, hint="apply it with the orgsync that made it, or make the plan again with this one")


def _schema_problems(data: Any, path: Path) -> Iterable[Problem]:
    from jsonschema import Draft202012Validator  # slow to import, and writing a plan does without it

    errors = Draft202012Validator(plan_schema()).iter_errors(data)
    for error in islice(errors, MOST_PROBLEMS):
        yield Problem(_words(error), address=f"{path}: {inert(error.json_path, limit=200)}", hint=_MAKE_ANOTHER)


def _words(error: ValidationError) -> str:
    """What is wrong, in a line: jsonschema's own message quotes the whole plan where a part of it is wrong."""
    instance: Any = error.instance
    found, rule = inert(json.dumps(instance, ensure_ascii=False), limit=80), error.schema
    if not isinstance(rule, Mapping):
        return f"is {found}, which does not belong there"
    if error.validator == "additionalProperties":
        unknown = ", ".join(key for key in instance if key not in rule["properties"])
        return f"has keys that no plan has: {inert(unknown, limit=200)}"
    if error.validator == "required":
        return f"lacks {', '.join(key for key in rule['required'] if key not in instance)}"
    if error.validator == "enum":
        return f"is {found}, and can only be one of: {', '.join(rule['enum'])}"
    if error.validator == "pattern":
        return f"is {found}, which does not have the form {rule['pattern']}"
    return f"is {found}, which does not belong there"


def _wrong(path: Path, message: str, *, hint: str = _MAKE_ANOTHER) -> InputError:
    return InputError([Problem(message, address=str(path), hint=hint)])
