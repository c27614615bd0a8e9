"""Half of a surrogate pair in an answer: JSON allows it, and no file, digest or terminal can hold it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.support import ME, Reply, client, script
from orgsync.api.body import parsed

TEXT = st.text(st.characters(exclude_categories=[]), max_size=20)
HALF = st.characters(categories=["Cs"])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (rb'{"name": "l\ud800b"}', {"name": "l\ufffdd800b"}),
        (rb'{"name": "l\uDFFFb"}', {"name": "l\ufffddfffb"}),
        (b'{"name": "l\xed\xa0\x80b"}', {"name": "l\ufffdd800b"}),
        (rb'{"rows": [{"\udc00": ["\udc01", 1, null]}]}', {"rows": [{"\ufffddc00": ["\ufffddc01", 1, None]}]}),
        (rb'{"name": "\ud83d\ude42"}', {"name": "\U0001f642"}),
        (rb'{"name": "\\ud800"}', {"name": "\\ud800"}),
        ('\ufeff{"name": "生"}'.encode(), {"name": "生"}),
    ],
)
def test_half_a_character_becomes_text(content: bytes, expected: Any) -> None:
    assert parsed(content) == expected


@given(text=TEXT, escaped=st.booleans())
def test_whole_text_stays_and_any_other_can_be_written_down(text: str, escaped: bool) -> None:
    read = parsed(json.dumps([text], ensure_ascii=escaped).encode("utf-8", "surrogatepass"))[0]
    read.encode()
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert read == text


@given(left=HALF, right=HALF)
def test_different_names_stay_different(left: str, right: str) -> None:
    both = [parsed(json.dumps(f"a{half}b").encode()) for half in (left, right)]
    assert (both[0] == both[1]) == (left == right)


def test_the_client_reads_it_so() -> None:
    async def name() -> Any:
        async with client(script(Reply(body=rb'{"id": "1", "name": "l\ud800b"}'))) as api:
            return (await api.reader.get(ME))["name"]

    assert asyncio.run(name()) == "l\ufffdd800b"
