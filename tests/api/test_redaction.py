"""Whatever a server echoes of the credential, in parts, in any case, escaped or not: nothing that we say holds it."""

from __future__ import annotations

import html
import json
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.organizations import examples

from orgsync.api.failures import Failure
from orgsync.api.redaction import LONGEST, MASK, RUN, Redactor
from orgsync.core.model.request import Listing, Paging, Request

from .support import INVITES, ME, Reply, client, refusal, script, simulated

if TYPE_CHECKING:
    from collections.abc import Callable

PUBLIC = "sk-ant-admin01-"
KEY = f"{PUBLIC}R2d2_c3PO-Bb8x7Qw9-Zr5tYu1Io0PaSd4FgHj6KlXc8VbNm2QwErT-y_UiOpLkJhGfDsAzXcVbNm1Q2w3E4r5T6y7U8i9O0pAA"
# One that repeats itself, one of another sort, and one that has no public beginning.
KEYS = [
    KEY,
    f"{PUBLIC}{'aB' * 30}",
    "sk-ant-oat01-3xMp1e-T0ken_w1th-Some-More-0f-it",
    "t0ken-That_begins.like/none+of=them",
]

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in upper case": str.upper,
    "in lower case": str.lower,
    "percent": lambda char: f"%{ord(char):02x}",
    "PERCENT": lambda char: f"%{ord(char):02X}",
    "percent, twice": lambda char: f"%25{ord(char):02x}",
    "JSON": lambda char: f"\\u{ord(char):04x}",
    "Python": lambda char: f"\\x{ord(char):02X}",
    "C": lambda char: f"\\{ord(char):03o}",
    "JavaScript": lambda char: f"\\u{{{ord(char):x}}}",
    "HTML": lambda char: f"&#{ord(char)};",
    "HTML, hexadecimal": lambda char: f"&#x{ord(char):X};",
    "Markdown": lambda char: char if char.isalnum() else f"\\{char}",
    "JSON in a URL": lambda char: f"%5Cu{ord(char):04x}",
}
"""How one character of a key can be written."""


def unescaped(text: str) -> str:
    """What a curious reader makes of it. Shares nothing with the code under test."""
    for _ in range(3):
        text = html.unescape(unquote(text))
        text = re.sub(r"\\u\{?00([0-9a-fA-F]{2})\}?|\\x([0-9a-fA-F]{2})", lambda m: chr(int(m[1] or m[2], 16)), text)
        text = re.sub(r"\\u\{([0-9a-fA-F]{2})\}", lambda m: chr(int(m[1], 16)), text)
        text = re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), text)
        text = re.sub(r"\\([^0-9A-Za-z])", r"\1", text)
    return text


def runs_in(text: str, key: str) -> list[str]:
    """Parts of the key that stand in the text and that not everybody knows."""
    known = re.match(r"sk-ant-[a-z]+[0-9]+-", key)
    public = known.end() if known else 0
    windows = {key[start : start + RUN].lower() for start in range(len(key) - RUN + 1) if start + RUN > public}
    return sorted(window for window in windows for shown in (text.lower(), unescaped(text).lower()) if window in shown)


@st.composite
def echoes(draw: st.DrawFn, key: str) -> str:
    """A text with parts of the key, each character of them spelled in one of the ways."""
    text = ""
    for _ in range(draw(st.integers(1, 4))):
        text += draw(st.text(max_size=8))
        start = draw(st.integers(0, len(key) - 1))
        part = key[start : draw(st.integers(start + 1, len(key)))]
        ways = draw(st.lists(st.sampled_from(sorted(SPELLINGS)), min_size=1, max_size=3))
        text += "".join(SPELLINGS[ways[place % len(ways)]](char) for place, char in enumerate(part))
    return text


@examples(150)
@given(st.data())
def test_no_text_holds_a_part_of_the_key(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(KEYS))
    redactor = Redactor(key)
    text = data.draw(echoes(key))
    assert not runs_in(redactor.masked(text), key)
    assert not runs_in(redactor.clean(text), key)
    assert len(redactor.clean(text)) <= LONGEST


def told(answer: Reply, request: Request | None = None) -> str:
    """Everything that comes out of the client: the row, or the error with all it knows."""

    async def main() -> str:
        async with client(script(answer), key=KEY) as api:
            try:
                if request:
                    sent = await api.writer.send(request)
                    return f"{sent!r} {sent.request_id}"
                return f"{await api.reader.get(ME)!r} {await api.reader.rows(Listing(INVITES, {}, Paging.CURSOR))!r}"
            except Failure as failure:
                return f"{failure!r} {failure.hint} {vars(failure)!r}"

    return simulated(main)


@examples(50)
@given(st.data(), st.booleans())
def test_nothing_that_comes_out_of_the_client_does(data: st.DataObject, ascii_only: bool) -> None:
    text = data.draw(echoes(KEY))
    row = {"id": "x", "name": text, text: [{"deep": text}]}
    body = json.dumps({**row, "data": [row], "next_page": None}, ensure_ascii=ascii_only).encode(errors="replace")
    header = {"request-id": text} if text.isascii() and text.isprintable() else {}
    for answer in (
        Reply(body=body, headers=header),
        refusal(403, text, text),
        Reply(403, text.encode(errors="replace")),
    ):
        assert not runs_in(told(answer), KEY)
    assert not runs_in(told(Reply(body=body, headers=header), Request("POST", INVITES, {})), KEY)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_whole_key_is_one_mask(spelling: str) -> None:
    assert Redactor(KEY).masked(f"key {''.join(map(SPELLINGS[spelling], KEY))}!") == f"key {MASK}!"


@pytest.mark.parametrize("key", KEYS)
def test_a_part_is_masked_from_twelve_characters_on(key: str) -> None:
    redactor, public = Redactor(key), len(key) - len(key.removeprefix(PUBLIC).removeprefix("sk-ant-oat01-"))
    for start in range(max(0, public - RUN + 1), len(key) - RUN + 1):
        part = key[start : start + RUN]
        assert redactor.masked(f"({part})") == f"({MASK})"
        assert redactor.masked(f"({part[1:]}") == f"({part[1:]}"
        assert redactor.masked(f"{part[:-1]})") == f"{part[:-1]})"


@pytest.mark.parametrize(
    "text", [PUBLIC, f"keys begin with {PUBLIC}…", f"{PUBLIC}x9y8z7w6v5", "SK-ANT-ADMIN01-", "sk%2Dant%2Dadmin01%2D"]
)
def test_how_keys_begin_is_no_secret(text: str) -> None:
    """The hints of other keys stay what they are."""
    assert Redactor(KEY).masked(text) == text


def test_only_what_was_echoed_is_masked() -> None:
    row: dict[str, Any] = {
        "name": f"prod {KEY[20:40]}",
        "tags": {KEY[30:50]: KEY},
        "ids": [1, None, True, 0.5, "ä\\n%41"],
    }
    content = json.dumps(row).encode()
    masked = {"name": f"prod {MASK}", "tags": {MASK: MASK}, "ids": [1, None, True, 0.5, "ä\\n%41"]}
    assert Redactor(KEY).without(row, content) == masked


def test_an_answer_without_it_is_the_same_object() -> None:
    row = {"name": "50 % off", "note": "a\\b &#38; ümlaut"}
    assert Redactor(KEY).without(row, json.dumps(row).encode()) is row


@pytest.mark.parametrize("key", ["k", "secret", "sk-ant-admin01-", "elevenchars"])
def test_what_is_too_short_for_a_key_is_masked_as_a_whole_and_in_messages_only(key: str) -> None:
    redactor = Redactor(key)
    assert redactor.without({"name": f"a {key}"}, b"") == {"name": f"a {key}"}
    if key != "sk-ant-admin01-":
        assert redactor.clean(f"x {key} {key.upper()}") == f"x {MASK} {MASK}"


def test_a_cut_text_shows_no_part_of_it_either() -> None:
    for before in range(LONGEST - 20, LONGEST + 5):
        assert not runs_in(Redactor(KEY).clean("x" * before + KEY), KEY)
        assert not runs_in(Redactor(KEY).clean("x" * before + "".join(map(SPELLINGS["HTML"], KEY))), KEY)


def test_a_text_of_nothing_but_keys_is_looked_at_in_no_time() -> None:
    began = time.process_time()
    Redactor(KEY).clean(f"{KEY}%2d\\" * 10_000)
    assert time.process_time() - began < 1
