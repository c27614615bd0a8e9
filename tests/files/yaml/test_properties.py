"""What holds for every text: a dump loads as what it was, places are true, garbage is refused politely."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from files.yaml.support import data_of, keys_of
from orgsync.core.words.source import Map, Seq
from orgsync.errors import InputError
from orgsync.files.yaml import builder as yaml_builder
from orgsync.files.yaml.load import load
from orgsync.files.yaml.parser import Parser, PythonParser
from orgsync.files.yaml.scalars import NumberError, PlainScalars

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAMPLE = """\
version: 1
organization: {id: 12345678-1234-5678-1234-567812345678}
base: &base {role: user, until: 2026-12-31}
teams:
  platform: [ana@acme.com, "raj@acme.com"]
members:
  kim@acme.com: {<<: *base, role: admin}
  '\u00e9lo@acme.com': *base
workspaces:
  production:
    note: |
      two
      lines
    spend_limit: {monthly: 5000.50}   # exact
    rate_limits:
    - ~
    - 1e3
"""

# Not what YAML takes for a line break, nor what the loader refuses unless it is written as an escape.
READABLE = st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Cn", "Co"])
TEXTS = st.text(READABLE, max_size=20) | st.sampled_from(["null", "~", "", "<<", "=", "1", "1e6", "yes", "a: b", "- a"])
SCALARS = TEXTS | st.integers(-(10**30), 10**30) | st.booleans() | st.none()
KEYS = TEXTS.filter(bool)
STRUCTURES = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
        max_leaves=20,
    ),
    min_size=1,
    max_size=5,
)


class Dumper(yaml.SafeDumper):
    """Quotes what is text here and a number there: PyYAML writes by the rules of YAML 1.1."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    try:
        plain = isinstance(PlainScalars()[text], str)
    except NumberError:
        plain = False
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else "'")


Dumper.add_representer(str, _represent_text)


@pytest.fixture(params=[Parser, PythonParser], ids=["c", "python"], scope="module", autouse=True)
def _parser(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_builder, "Parser", request.param)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("properties")


@settings(deadline=None, max_examples=40)
@given(
    structure=STRUCTURES,
    flow=st.sampled_from([None, True, False]),
    unicode=st.booleans(),
    indent=st.integers(2, 6),
    width=st.sampled_from([20, 80, 10_000]),
)
def test_what_was_dumped_is_loaded_and_every_key_stands_at_its_place(
    structure: dict[str, Any], flow: bool | None, unicode: bool, indent: int, width: int
) -> None:
    if not unicode:
        width = 10_000  # PyYAML adds a backslash where it breaks a line beside an escaped character
    text = yaml.dump(
        structure, Dumper=Dumper, default_flow_style=flow, allow_unicode=unicode, indent=indent, width=width
    )
    data = data_of(text)
    assert data == structure
    lines = text.split("\n")
    for key, source in keys_of(data):
        rest = "\n".join([lines[source.line - 1][source.column - 1 :], *lines[source.line :]])
        assert _first_scalar(rest) == key


def _first_scalar(text: str) -> str:
    tokens = yaml.scan(text, Loader=yaml.SafeLoader)
    return str(next(token.value for token in tokens if isinstance(token, yaml.ScalarToken)))


@settings(deadline=None, max_examples=40)
@given(content=st.binary(max_size=200))
def test_random_bytes_are_loaded_or_refused(content: bytes, folder: Path) -> None:
    _load_or_refuse(content, folder)


@settings(deadline=None, max_examples=40)
@given(content=st.text("ab01:-?!&*#|>%@'\"[]{},. \n\t\\~<=é\x85\u2028", max_size=60))
def test_random_yaml_characters_are_loaded_or_refused(content: str, folder: Path) -> None:
    _load_or_refuse(content.encode(), folder)


EDITS = st.lists(
    st.tuples(
        st.integers(0, len(SAMPLE)),
        st.integers(0, 12),
        st.text("a1:-?!&*#|>%@'\"[]{},. \n\t\\~<", max_size=4) | st.sampled_from(["*base", "&base", "---\n", "<<: "]),
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=40)
@given(edits=EDITS)
def test_a_mutated_file_is_loaded_or_refused(edits: list[tuple[int, int, str]], folder: Path) -> None:
    text = SAMPLE
    for index, removed, added in edits:
        text = text[:index] + added + text[index + removed :]
    _load_or_refuse(text.encode(), folder)


def test_the_sample_itself_is_loaded(folder: Path) -> None:
    _load_or_refuse(SAMPLE.encode(), folder)
    assert load(folder / "org.yaml").data["members"]["kim@acme.com"] == {"role": "admin", "until": "2026-12-31"}


def _load_or_refuse(content: bytes, folder: Path) -> None:
    """Nothing but InputError may come out, with a place inside the file, or data that is what Document promises."""
    path = folder / "org.yaml"
    path.write_bytes(content)
    try:
        document = load(path)
    except InputError as error:
        _check_problems(error, str(path), len(content))
    else:
        _check(document.data)


def _check_problems(error: InputError, file: str, size: int) -> None:
    assert error.problems
    for problem in error.problems:
        assert problem.source is not None
        assert problem.source.file == file
        assert 1 <= problem.source.line <= size + 1
        assert 1 <= problem.source.column <= size + 1
    assert str(error).replace("\n", "").isprintable()


def _check(value: object) -> None:
    if isinstance(value, Map):
        assert set(value.sources) == set(value)
        assert all(type(key) is str and key for key in value)
        for item in value.values():
            _check(item)
    elif isinstance(value, Seq):
        assert len(value.sources) == len(value)
        for item in value:
            _check(item)
    else:
        assert type(value) in {type(None), bool, int, Decimal, str}
