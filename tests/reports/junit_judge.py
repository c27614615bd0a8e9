"""What Jenkins and GitLab read of JUnit XML, in our own words, with nothing else allowed; and two readers of it."""

from __future__ import annotations

from typing import NamedTuple
from xml.etree import ElementTree

from junitparser import JUnitXml

_NUMBERS = {"tests", "failures", "errors"}
_ENDING: tuple[set[str], set[str], set[str]] = ({"type", "message"}, set(), set())
ELEMENTS: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (_NUMBERS, {"name"}, {"testsuite"}),
    "testsuite": ({"name", *_NUMBERS}, {"skipped"}, {"testcase"}),
    "testcase": ({"name", "classname"}, set(), {"failure", "error", "skipped", "system-out"}),
    "failure": _ENDING,
    "error": _ENDING,
    "skipped": _ENDING,
    "system-out": (set(), set(), set()),
}
"""By name: the attributes that each element has, those that it may have, and the elements in it."""


class Case(NamedTuple):
    """One test as its readers see it: how it ended, and everything that is said of it."""

    group: str
    name: str
    ended: str
    said: str


def check_junit(text: str) -> list[Case]:
    """The tests of a report, after a check of its elements and its numbers."""
    root = ElementTree.fromstring(text.encode())  # noqa: S314 - our own
    assert root.tag == "testsuites"
    for element in root.iter():
        needed, allowed, inside = ELEMENTS[element.tag]
        assert needed <= set(element.attrib) <= needed | allowed, element.attrib
        assert {child.tag for child in element} <= inside
        assert not inside or not (element.text or "").strip()
    tests = [_test(one) for one in root.iter("testcase")]
    counted = {one: sum(test.ended == one for test in tests) for one in ("failure", "error", "skipped")}
    for element in (root, *root):
        numbers = [int(element.attrib[name]) for name in ("tests", "failures", "errors")]
        assert numbers == [len(tests), counted["failure"], counted["error"]]
    [suite] = JUnitXml.fromstring(text.encode())
    assert [(one.classname, one.name) for one in suite] == [(one.group, one.name) for one in tests]
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (len(tests), *counted.values())
    return tests


def _test(element: ElementTree.Element) -> Case:
    ending = next(iter(element), None)
    ended = "passed" if ending is None or ending.tag == "system-out" else ending.tag
    return Case(element.attrib["classname"], element.attrib["name"], ended, "" if ending is None else ending.text or "")
