"""Patterns mean what Python's mean, and take no time whoever wrote them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgsync.core.words.problems import Unsuitable
from orgsync.policies.contract.pattern import Pattern

NAMES = st.text(alphabet="ab-.1 \nZä]", max_size=8)
ATOMS = st.sampled_from(
    ["a", "b", "-", ".", r"\.", r"\d", r"\W", "[a-b]", "[^a]", "[]b]", r"[\d-]", "}", " ", "ä", r"\\"]
)
ESCAPES = r"of the escapes only \d \w \s \D \W \S and those of punctuation are understood"
REPEATS = st.sampled_from(["", "*", "+", "?", "*?", "+?", "??", "{0}", "{2}", "{1,2}", "{0,3}", "{2,}", "{1,}?"])


def bodies() -> st.SearchStrategy[str]:
    return st.recursive(
        ATOMS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map("".join),
            st.lists(inner, min_size=1, max_size=3).map(lambda options: f"({'|'.join(options)})"),
            st.tuples(inner, REPEATS).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        ),
        max_leaves=6,
    )


@given(bodies().filter(bool), st.booleans(), st.lists(NAMES, min_size=1, max_size=5))
def test_a_pattern_means_what_python_means_by_it(body: str, anchored: bool, names: list[str]) -> None:
    text = f"^{body}$" if anchored and "|" not in body else body
    try:
        pattern = Pattern(text)
    except Unsuitable as refused:
        if "too large" not in str(refused):
            raise
        return
    for name in names:
        assert pattern.matches(name) == bool(re.fullmatch(text, name)), name


@given(st.text(alphabet="ab()[]{}|*+?^$\\.,-1:=!<&~ ", max_size=14), NAMES)
def test_whatever_is_accepted_means_what_python_means_by_it(text: str, name: str) -> None:
    try:
        pattern = Pattern(text)
    except Unsuitable:
        return
    assert pattern.matches(name) == bool(re.fullmatch(text, name))


@pytest.mark.parametrize(
    "text",
    ["(a+)+b", "(a*)*b", "(a|a)*b", "(a|aa)+b", "(.*)*x", "a*" * 99 + "b", "(.?){99}b", "^(([a-z])+.)+[A-Z]([a-z])+$"],
)
def test_no_pattern_takes_long(text: str) -> None:
    pattern = Pattern(text)
    for name in ("a" * 500, "a" * 499 + "!", "ab" * 250):
        pattern.matches(name)
    assert len(pattern._steps) <= 4096


def test_the_memory_of_a_pattern_is_bounded() -> None:
    pattern = Pattern(".*")
    assert all(pattern.matches(chr(number)) for number in range(0x400, 0x2400))
    assert len(pattern._steps) <= 4096


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "must not be empty"),
        ("a" * 201, "a pattern has at most 200 characters, this one 201"),
        ("a{301}", '"a{301}" is too large: its repetitions make 301 parts of it'),
        ("((a{30}){30}){30}", '"((a{30}){30}){30}" is too large: its repetitions make 27000 parts of it'),
        ("((){999}){999}", '"((){999}){999}" is too large: its repetitions make 998001 parts of it'),
        ("((a{0}){999}){9}", '"((a{0}){999}){9}" is too large: its repetitions make 8991 parts of it'),
        ("(?=a)b", '"(?=a)b", character 1: of the groups that begin with (? only (?:…) is understood'),
        ("(?i)a", '"(?i)a", character 1: of the groups that begin with (? only (?:…) is understood'),
        (
            r"(a)\1",
            f'"(a)\\1", character 4: {ESCAPES}',
        ),
        (
            r"a\b",
            f'"a\\b", character 2: {ESCAPES}',
        ),
        ("a{x}", '"a{x}", character 2: write a repetition as {3} or {3,5}, a brace itself as \\{'),
        ("[a", '"[a", character 1: the set is not closed: write a bracket itself as \\['),
        ("[z-a]", '"[z-a]", character 1: bad character range z-a'),
        ("[[a]", '"[[a]", character 1: in a set, write \\[ for a bracket and no sign of - & ~ | twice'),
        ("(a", '"(a", at its end: a group is not closed'),
        ("a)", '"a)", character 2: there is no group to close here'),
        ("+a", '"+a", character 1: there is nothing that could be repeated'),
        ("a++", '"a++", character 3: a repetition cannot be repeated, unless it stands in a group'),
        ("a{3,2}", '"a{3,2}", character 2: 3 is more than 2'),
        ("a^b", '"a^b", character 2: the whole name has to match anyway: ^ can stand at the beginning only'),
        ("a$b", '"a$b", character 2: the whole name has to match anyway: $ can stand at the end only'),
        (
            "(" * 30 + ")" * 30,
            f'"{"(" * 30}{")" * 30}", character 22: groups stand more than 20 deep inside each other',
        ),
    ],
)
def test_what_is_not_understood_is_said(text: str, problem: str) -> None:
    with pytest.raises(Unsuitable) as caught:
        Pattern(text)
    assert str(caught.value) == problem


def test_patterns_are_equal_by_their_text() -> None:
    assert Pattern("a+") == Pattern("a+") != Pattern("aa*")
    assert len({Pattern("a+"), Pattern("a+")}) == 1
    assert repr(Pattern("a+")) == "Pattern('a+')"
