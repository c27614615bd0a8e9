"""What a person reads when the API fails, and what nobody must ever read there."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orgsync.api import failures
from orgsync.api.codes import CODES
from orgsync.api.redaction import LONGEST, MASK, Redactor
from orgsync.core.model.request import Listing, Paging, Repeat, Request
from orgsync.errors import ApiError

from .support import INVITES, KEY, ME, Reply, client, refusal, script, simulated

if TYPE_CHECKING:
    from collections.abc import Coroutine


def failing(reply: Reply | Exception, request: Request | Listing | None = None) -> ApiError:
    """The error a read, a list or a write ends in when every answer is this one."""

    async def main() -> ApiError:
        async with client(script(reply)) as api:
            if isinstance(request, Request):
                sent: Coroutine[Any, Any, object] = api.writer.send(request)
            else:
                sent = api.reader.rows(request) if request else api.reader.get(ME)
            with pytest.raises(ApiError) as caught:
                await sent
        return caught.value

    return simulated(main)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, failures.Rejected),
        (401, failures.Unauthorized),
        (402, failures.Rejected),
        (403, failures.Forbidden),
        (404, failures.NotFound),
        (408, failures.Unavailable),
        (409, failures.Rejected),
        (413, failures.Rejected),
        (422, failures.Rejected),
        (429, failures.RateLimited),
        (500, failures.Unavailable),
        (529, failures.Unavailable),
        (302, failures.Redirected),
        (200, failures.Malformed),
    ],
)
def test_each_status_has_its_error(status: int, expected: type[failures.Failure]) -> None:
    error = failing(Reply(status, b"?"))
    assert type(error) is expected
    assert isinstance(error, failures.Failure)
    assert error.status == status
    assert error.exit_code == 7


def test_a_dropped_connection_is_unreachable_and_has_no_status() -> None:
    error = failing(ConnectionResetError("gone"))
    assert isinstance(error, failures.Unreachable)
    assert (error.status, error.error_code, error.request_id) == (None, None, None)
    assert str(error) == f"GET {ME}: ReadError: the connection was dropped [after 4 attempts]"


def test_a_refusal_says_what_was_asked_what_was_answered_and_what_to_do() -> None:
    reply = Reply(
        400,
        {
            "type": "error",
            "error": {
                "type": "invalid_request_error",
                "message": "a@example.com is a member",
                "details": {"error_code": "already_member"},
            },
            "request_id": "req_body",
        },
        {"request-id": "req_header"},
    )
    error = failing(reply, Request("POST", INVITES, {}, Repeat.LOOK_UP))
    assert isinstance(error, failures.Rejected)
    assert str(error) == (
        f"POST {INVITES}: 400 invalid_request_error (already_member): a@example.com is a member [request id req_header]"
    )
    assert error.hint == CODES["already_member"].hint
    assert (error.error_code, error.request_id) == ("already_member", "req_header")


def test_the_request_id_of_the_body_is_used_where_no_header_has_one() -> None:
    error = failing(Reply(400, {"type": "error", "error": {}, "request_id": "req_body"}))
    assert isinstance(error, failures.Failure)
    assert error.request_id == "req_body"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_credential_hints_at_the_one_that_is_needed(status: int) -> None:
    hint = failing(refusal(status)).hint or ""
    assert "ANTHROPIC_ADMIN_KEY" in hint
    assert "ANTHROPIC_AUTH_TOKEN" in hint


@pytest.mark.parametrize("code", CODES)
def test_every_known_code_has_a_hint_of_its_own(code: str) -> None:
    assert failing(refusal(403, code)).hint == CODES[code].hint


def test_an_unknown_code_gets_the_hint_of_its_status() -> None:
    assert failing(refusal(403, "new_in_2027")).hint == failures.Forbidden.hint


def test_an_organization_on_hold_is_told_where_to_appeal() -> None:
    details = {"error_code": "organization_on_hold", "appeal_url": "https://example.com/appeal"}
    error = failing(Reply(400, {"type": "error", "error": {"type": "x", "message": "no", "details": details}}))
    assert (error.hint or "").endswith("appeal at https://example.com/appeal")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "an empty answer"),
        (b"  \n", "an empty answer"),
        (b"<html>\n<h1>Log in", r"an HTML page, beginning <html>\x0a<h1>Log in"),
        (b'{"id": "user', 'not a JSON object, beginning {"id": "user'),
        (b"[1]", "not a JSON object, beginning [1]"),
        (b"\xff\xfe", "not a JSON object, beginning \ufffd\ufffd"),
    ],
)
def test_a_malformed_success_shows_how_it_begins(body: bytes, told: str) -> None:
    reply = Reply(200, body, {"content-type": "text/plain; charset=hex"})
    assert str(failing(reply)) == f"GET {ME}: 200: {told} [after 4 attempts]"


@pytest.mark.parametrize(
    "body",
    [
        [],
        "text",
        7,
        None,
        {"error": "text"},
        {"error": {"message": 7, "type": [], "details": "x"}},
        {"error": None},
        {"error": {"details": {"error_code": {}, "appeal_url": 7}}, "request_id": 7},
    ],
)
def test_an_error_body_of_any_shape_is_still_an_error(body: object) -> None:
    error = failing(Reply(400, body))
    assert isinstance(error, failures.Rejected)
    assert (error.error_code, error.request_id) == (None, None)


def test_control_characters_in_api_text_reach_no_terminal() -> None:
    text = "a\x1b[31m\r\n\x07\x9b\u202eb\u2066\u200b\u2028\x7f\ud800::error::"
    error = failing(refusal(400, text, text, request_id="req\x1b".replace("\x1b", "\x09")))
    shown = f"{error}{error.hint}"
    assert shown.isprintable()
    assert r"a\x1b[31m\x0d\x0a\x07\x9b\u202eb\u2066\u200b\u2028\x7f" + "\ufffdd800" in shown


def test_a_long_message_is_cut() -> None:
    assert len(str(failing(refusal(400, message="x" * 10_000)))) < LONGEST + 100
    assert len(str(failing(Reply(400, b"x" * 10_000)))) < 400


def everything_shown(error: BaseException) -> str:
    """All a person or a log could get to see: the traceback with its chain, reprs, attributes, hint."""
    return "".join(
        [*traceback.format_exception(error), repr(error), repr(vars(error)), str(getattr(error, "hint", ""))]
    )


ECHO = st.sampled_from(
    [KEY, f"Bearer {KEY}", f"x{KEY}y", "x" * (LONGEST - 10) + KEY, f"\x1b{KEY}\x00", f"<p>{KEY}</p>"]
)
WHAT = st.sampled_from(
    [
        None,
        Request("POST", INVITES, {"email": "a@example.com"}, Repeat.LOOK_UP),
        Request("DELETE", "/v1/organizations/users/user_1"),
        Listing("/v1/organizations/users"),
        Listing("/v1/organizations/rate_limits", {}, Paging.CURSOR),
    ]
)


def echoing(status: int, echo: str, shape: str) -> Reply | Exception:
    """A server that says the credential back, in one of the places where it could."""
    error: dict[str, Any] = {"type": "some_error", "message": "no"}
    header = echo.replace("\x1b", "").replace("\x00", "")
    match shape:
        case "message" | "type":
            error[shape] = echo
        case "error_code" | "appeal_url":
            error["details"] = {"error_code": "organization_on_hold", shape: echo}
        case "raw":
            return Reply(status, f"{echo} refused".encode())
        case "half":
            return Reply(status, f'{{"message": "{echo}'.encode())
        case "header":
            return Reply(status, {"error": error}, {"request-id": header, "location": f"https://x.example/{header}"})
        case "rows":
            return Reply(200, {"data": [{"id": echo}, {"id": echo}], "has_more": False, "next_page": echo})
        case "exception":
            return ConnectionResetError(echo)
    return Reply(status, {"type": "error", "error": error, "request_id": echo})


SHAPES = ["message", "type", "error_code", "appeal_url", "raw", "half", "header", "rows", "exception", "request_id"]
STATUSES = st.sampled_from([300, 302, 308, 400, 401, 403, 404, 408, 409, 418, 429, 500, 503, 529])


@settings(deadline=None, max_examples=200)
@given(STATUSES, ECHO, st.sampled_from(SHAPES), WHAT)
def test_no_failure_ever_shows_the_credential(
    status: int, echo: str, shape: str, request: Request | Listing | None
) -> None:
    reply = echoing(status, echo, shape)
    if shape == "rows" and not isinstance(request, Listing):
        return  # a success, and the rows of a success are the caller's
    assert KEY not in everything_shown(failing(reply, request))


@given(st.text(), st.text(), st.integers(1, 600))
def test_cleaned_text_is_short_printable_and_without_the_secret(before: str, after: str, longest: int) -> None:
    cleaned = Redactor(KEY).clean(before + KEY + after, longest)
    assert KEY not in cleaned
    assert len(cleaned) <= longest
    if longest > len(before) * 6 + len(MASK):
        assert MASK in cleaned
    assert not {char for char in cleaned if ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0}
    cleaned.encode()
