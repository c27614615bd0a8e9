"""Credentials and base URLs: what is used, what is refused, and that a secret shows up nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgsync.api.credentials import Credential, base_url, credential
from orgsync.errors import UsageError

from .support import KEY


@pytest.mark.parametrize(
    ("env", "value", "variable"),
    [
        ({"ANTHROPIC_ADMIN_KEY": "a"}, "a", "ANTHROPIC_ADMIN_KEY"),
        ({"ANTHROPIC_AUTH_TOKEN": "t"}, "t", "ANTHROPIC_AUTH_TOKEN"),
        ({"ANTHROPIC_ADMIN_KEY": "a", "ANTHROPIC_AUTH_TOKEN": "t"}, "a", "ANTHROPIC_ADMIN_KEY"),
        ({"ANTHROPIC_ADMIN_KEY": "", "ANTHROPIC_AUTH_TOKEN": "t"}, "t", "ANTHROPIC_AUTH_TOKEN"),
        ({"ANTHROPIC_ADMIN_KEY": "a", "ANTHROPIC_API_KEY": "o"}, "a", "ANTHROPIC_ADMIN_KEY"),
    ],
)
def test_the_admin_key_wins_over_the_token(env: dict[str, str], value: str, variable: str) -> None:
    assert credential(env) == Credential(value, variable)


@pytest.mark.parametrize("env", [{}, {"ANTHROPIC_ADMIN_KEY": ""}, {"ANTHROPIC_API_KEY": ""}])
def test_no_credential_names_the_variable_and_the_sandbox(env: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="set ANTHROPIC_ADMIN_KEY") as caught:
        credential(env)
    assert "--sandbox PATH" in (caught.value.hint or "")


def test_an_ordinary_key_is_not_used_and_the_error_says_why() -> None:
    with pytest.raises(UsageError, match="ANTHROPIC_API_KEY is set, but is not used: the Admin API rejects") as caught:
        credential({"ANTHROPIC_API_KEY": KEY})
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("flaw", [" ", "\n", "\r\n", "\t", "\x00", "\x7f", "é", "\u200b", "\ud800"])
@pytest.mark.parametrize("variable", ["ANTHROPIC_ADMIN_KEY", "ANTHROPIC_AUTH_TOKEN"])
def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(variable: str, flaw: str) -> None:
    for value in (KEY + flaw, flaw + KEY, f"{KEY[:20]}{flaw}{KEY[20:]}"):
        with pytest.raises(UsageError, match=variable) as caught:
            credential({variable: value})
        assert KEY[:20] not in f"{caught.value!r}{caught.value}{caught.value.hint}"


@given(st.text(alphabet=st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=20))
def test_a_credential_never_shows_its_value(value: str) -> None:
    secret = Credential(value)
    assert value not in f"{secret!r}{secret}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "https://api.anthropic.com"),
        ("", "https://api.anthropic.com"),
        ("https://api.example.com/", "https://api.example.com"),
        ("HTTPS://API.example.com", "HTTPS://API.example.com"),
        ("https://proxy.example.com:8443/anthropic/", "https://proxy.example.com:8443/anthropic"),
        ("https://[2001:db8::1]/", "https://[2001:db8::1]"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.9.8.7", "http://127.9.8.7"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_https_anywhere_and_http_on_this_machine_are_accepted(text: str | None, expected: str) -> None:
    assert base_url({} if text is None else {"ANTHROPIC_BASE_URL": text}) == expected


@pytest.mark.parametrize(
    "text",
    [
        "http://api.anthropic.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://128.0.0.1",
        "http://[::2]",
        "http://0.0.0.0",
        "ftp://localhost",
        "file:///etc/passwd",
        "api.anthropic.com",
        "localhost:8080",
        "https://",
        "https:///v1",
        "https://user@api.example.com",
        "https://user:secret@api.example.com",
        "http://localhost@example.com",
        "http://localhost\\@example.com",
        "https://api.example.com?",
        "https://api.example.com?token=secret",
        "https://api.example.com#",
        "https://api.example.com/#secret",
        "https://api.example.com:port",
        "https://api.example.com:99999",
        "https://[::1",
        " https://api.example.com",
        "https://api.example.com\n",
        "https://api.exa mple.com",
        "https://api.éxample.com",
    ],
)
def test_any_other_base_url_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(UsageError, match="ANTHROPIC_BASE_URL") as caught:
        base_url({"ANTHROPIC_BASE_URL": text})
    assert text not in str(caught.value)
    assert "secret" not in f"{caught.value!r}{caught.value.hint}"
