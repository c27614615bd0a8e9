"""Results as JUnit XML: what GitLab, Jenkins and others show as tests."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from orgsync.core.model.change import Level
from orgsync.core.words.inert import inert
from orgsync.render.page.values import LIMIT, colon

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.render.reports.results import Result, Run


def render(results: Iterable[Result], run: Run) -> str:
    """One test that the command came to its end, and one for each result.

    What is of level error or counts as drift has failed, what the files accept is skipped, all else has passed.
    """
    suite = _suite(run)
    _test(suite, f"orgsync.{run.command}", run.where(run.path))
    for result in results:
        _of(result, _test(suite, result.rule, result.address or result.rule), run)
    return _document(suite)


def failure(message: str, hint: str | None, run: Run) -> str:
    """One test, that the command comes to its end, with the reason why it did not."""
    suite = _suite(run)
    test = _test(suite, f"orgsync.{run.command}", run.where(run.path))
    _told(test, "error", "orgsync", message, "" if hint is None else f"hint: {hint}")
    return _document(suite)


def _suite(run: Run) -> Element:
    return Element("testsuite", {"name": inert(f"orgsync {run.command} {run.where(run.path)}", limit=LIMIT)})


def _test(suite: Element, group: str, name: str) -> Element:
    return SubElement(suite, "testcase", {"classname": inert(group, limit=LIMIT), "name": inert(name, limit=LIMIT)})


def _of(result: Result, test: Element, run: Run) -> None:
    where = "" if result.file is None else colon(run.where(result.file)) + str(result.line or 1)
    if result.accepted is not None:
        _told(test, "skipped", result.rule, f"{result.message}; {result.accepted}", where)
    elif result.level is Level.ERROR or result.is_drift:
        _told(test, "failure", result.rule, result.message, where)
    else:
        SubElement(test, "system-out").text = _lines(result.message, where)


def _told(test: Element, ending: str, rule: str, message: str, more: str) -> None:
    shown = {"type": inert(rule, limit=LIMIT), "message": inert(message, limit=2 * LIMIT)}
    SubElement(test, ending, shown).text = _lines(message, more)


def _lines(*lines: str) -> str:
    return "\n".join(inert(line, limit=2 * LIMIT) for line in lines if line)


def _document(suite: Element) -> str:
    """The suite with its numbers, in the one element that every reader takes for the whole."""
    ended = {name: str(len(suite.findall(f"testcase/{name}"))) for name in ("failure", "error", "skipped")}
    numbers = {"tests": str(len(suite)), "failures": ended["failure"], "errors": ended["error"]}
    suite.attrib |= {**numbers, "skipped": ended["skipped"]}
    root = Element("testsuites", {"name": "orgsync", **numbers})
    root.append(suite)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'
