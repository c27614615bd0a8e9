"""Patterns mean what Python's mean, and take no time whoever wrote them."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import every_third

from orgsync.core.words.problems import Unsuitable
from orgsync.policies.contract.pattern import Pattern

NAMES = st.text(alphabet="ab-.1 \nZä]", max_size=8)
ATOMS = st.sampled_from(
    ["a", "b", "-", ".", r"\.", r"\d", r"\W", "[a-b]", "[^a]", "[]b]", "[]-a]", r"[\w-]", "}", " ", "ä", r"\ä", r"\\"]
)
ESCAPES = r"of the escapes only \d \w \s \D \W \S and those of punctuation are supported"
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
    [
        "(a+)+b",
        "(a*)*b",
        "(a|a)*b",
        "(a|aa)+b",
        "(.*)*x",
        "a*" * 99 + "b",
        "(.?){99}b",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(.?.?){149}b",
    ],
)
def test_no_pattern_takes_long(text: str) -> None:
    # Python's own matcher would not come to an end here.
    pattern = Pattern(text)
    assert [pattern.matches(name) for name in ("a" * 500, "a" * 499 + "!", "ab" * 250 + "!")] == [False] * 3


@pytest.mark.parametrize("escape", [r"\d", r"\D", r"\w", r"\W", r"\s", r"\S"])
@pytest.mark.parametrize("form", every_third(["{}", "[{}]", "[^{}-]"]))
def test_the_escapes_mean_what_python_means_by_them(escape: str, form: str) -> None:
    ours, pythons = Pattern(form.format(escape)), re.compile(form.format(escape))
    # What this Python does not know as a character yet may be known to the engine, or the other way round.
    known = [name for name in map(chr, range(0x20000)) if unicodedata.category(name) not in ("Cn", "Cs")]
    assert [name for name in known if ours.matches(name) != bool(pythons.fullmatch(name))] == []


@pytest.mark.parametrize("form", [r"\{}", r"[\{}]", r"[a\{}]", r"[!-\{}]", r"[\{}41-]"])
def test_an_escape_means_what_python_means_by_it_or_is_refused(form: str) -> None:
    characters = [chr(number) for number in range(128)]
    for text in map(form.format, characters):
        try:
            pattern = Pattern(text)
        except Unsuitable:
            assert any(map(str.isalnum, text)) or text.startswith("[!-"), text
            continue
        assert all(pattern.matches(name) == bool(re.fullmatch(text, name)) for name in characters), text


def test_half_a_character_matches_nothing() -> None:
    assert not Pattern(".*").matches("\ud800")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "must not be empty"),
        ("a" * 201, "a pattern has at most 200 characters, this one 201"),
        ("a{301}", '"a{301}" is too large: it has 301 parts with its repetitions written out'),
        ("((a{30}){30}){30}", '"((a{30}){30}){30}" is too large: it has 27000 parts with its repetitions written out'),
        ("((){999}){999}", '"((){999}){999}" is too large: it has 998001 parts with its repetitions written out'),
        ("((a{0}){999}){9}", '"((a{0}){999}){9}" is too large: it has 8991 parts with its repetitions written out'),
        ("(?=a)b", '"(?=a)b", character 1: of the groups that begin with (? only (?:…) is supported'),
        ("(?i)a", '"(?i)a", character 1: of the groups that begin with (? only (?:…) is supported'),
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
        ("[z-a]", '"[z-a]", character 2: bad character range z-a'),
        ("[[a]", '"[[a]", character 1: in a set, write \\[ for a bracket and no sign of - & ~ | twice'),
        ("(a", '"(a", character 1: missing ), unterminated subpattern'),
        ("a)", '"a)", character 2: unbalanced parenthesis'),
        ("+a", '"+a", character 1: nothing to repeat'),
        ("a++", '"a++", character 3: a repetition cannot be repeated, unless it stands in a group'),
        ("a{3,2}", '"a{3,2}", character 3: min repeat greater than max repeat'),
        ("a^b", '"a^b", character 2: the whole name must match: ^ is allowed at the beginning only'),
        ("a$b", '"a$b", character 2: the whole name must match: $ is allowed at the end only'),
        (r"(\w?){300}", r'"(\w?){300}" is not supported: Compiled regex exceeds size limit of 10485760 bytes.'),
        (r"[\b]", r'"[\b]" is not supported: invalid escape sequence found in character class'),
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
