"""Results as SARIF 2.1.0: what code scanning reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsync.core.model.change import Level
from orgsync.core.model.code_rows import ROWS, meaning
from orgsync.core.words.inert import inert
from orgsync.render.page.values import LIMIT
from orgsync.render.plan.json_text import indented
from orgsync.render.reports.results import BY_WEIGHT, PROBLEM, REFUSED, fingerprints, most_serious
from orgsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orgsync.render.reports.results import Result, Run

MOST = 25_000
"""Code scanning refuses a run with more results."""

_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
_OWN = {
    PROBLEM: "The files are invalid; nothing is planned until they are corrected.",
    REFUSED: "A guard refuses the plan; nothing is changed until this is resolved.",
    "change_cannot_be_undone": "A planned change cannot be undone. It has to be allowed by its address.",
    "change_elevates": "A planned change elevates. It gives privileged access, switches a key on, or raises a limit.",
    "change_stops": "A planned change stops requests that work now.",
    "change_withdraws": "A planned change withdraws. It removes access or lowers a limit.",
}
_OWN_LEVELS = {PROBLEM: Level.ERROR, REFUSED: Level.ERROR, **dict(BY_WEIGHT.values())}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

# What may stand in a path of a URI as it is.
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def render(results: Iterable[Result], run: Run, *, most: int = MOST) -> str:
    """One run of orgsync, without what the files accept: code scanning would raise an alert for it."""
    written = most_serious((result for result in results if result.accepted is None), most)
    rules = sorted({result.rule for result in written})
    files = [run.file_of(result, written) for result in written]
    driver = {
        "name": "orgsync",
        "semanticVersion": __version__,
        "informationUri": run.documentation or "urn:orgsync",
        "rules": [_rule(rule, run) for rule in rules],
    }
    log = {
        "tool": {"driver": driver},
        # The runs that replace each other: of one command for the same files.
        "automationDetails": {"id": f"orgsync/{run.command}/{_uri(run.where(run.path))}/"},
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(result, rules, identity, file)
            for result, identity, file in zip(written, fingerprints(written), files, strict=True)
        ],
    }
    return indented({"$schema": _SCHEMA, "version": "2.1.0", "runs": [log]})


def _rule(rule: str, run: Run) -> dict[str, Any]:
    text = _OWN.get(rule) or meaning(rule)
    page = "github.md#code-scanning" if rule in _OWN else "codes.md"
    return {
        "id": rule,
        "name": inert(rule, limit=LIMIT),
        "shortDescription": {"text": text.partition(". ")[0].rstrip(".") + "."},
        "fullDescription": {"text": text},
        "help": {"text": text},
        "helpUri": f"{run.documentation}/{page}" if run.documentation else f"urn:orgsync:code:{_uri(rule)}",
        "defaultConfiguration": {"level": _LEVELS[_usual_level(rule)]},
    }


def _usual_level(rule: str) -> Level:
    if rule in _OWN_LEVELS:
        return _OWN_LEVELS[rule]
    words = next((row.level for code, row in ROWS.items() if code == rule), "warning")
    return {"error": Level.ERROR, "note": Level.INFO}.get(words.partition(" ")[0], Level.WARNING)


def _result(result: Result, rules: Sequence[str], fingerprint: str, file: str) -> dict[str, Any]:
    return {
        "ruleId": result.rule,
        "ruleIndex": rules.index(result.rule),
        "level": _LEVELS[result.level],
        "message": {"text": inert(result.message, limit=2 * LIMIT)},
        "locations": [_location(result, file)],
        # The one key that code scanning goes by. Without it all findings about one line would be one alert.
        "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:1"},
    }


def _location(result: Result, file: str) -> dict[str, Any]:
    """Where it stands, and what it is about. Without a line it is about the whole file: code scanning wants one."""
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if result.line is not None:
        region = {"startLine": max(result.line, 1)}
        physical["region"] = region if result.column is None else {**region, "startColumn": max(result.column, 1)}
    if result.address is None:
        return {"physicalLocation": physical}
    named = inert(result.address, limit=LIMIT)
    return {
        "physicalLocation": physical,
        "logicalLocations": [{"fullyQualifiedName": named, "kind": "resource"}],
    }


def _uri(path: str) -> str:
    """A path as a relative reference; a colon in its first part would make a scheme of it."""
    encoded = path.replace("\\", "/").encode("utf-8", "surrogatepass")
    return "".join(chr(byte) if chr(byte) in _PLAIN else f"%{byte:02X}" for byte in encoded)
