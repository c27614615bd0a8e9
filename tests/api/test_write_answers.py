"""Whatever a server answers to a write: a row, or an error that says what became of it. Never a traceback."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgsync.api.codes import CODES, MAY_HAVE_HAPPENED, Meaning
from orgsync.api.failures import Failure, Unsendable
from orgsync.core.model.request import Repeat, Request
from orgsync.errors import ApiError, OutcomeUnknown

from .support import INVITES, KEY, Reply, Server, client, refusal, script, simulated
from .test_failures import everything_shown

if TYPE_CHECKING:
    from orgsync.api.client import Answered

CREATE = Request("POST", INVITES, {"email": "a@example.com"}, Repeat.LOOK_UP)
UPDATE = Request("POST", "/v1/organizations/users/user_1", {"role": "developer"})
OK = Reply(body={"id": "x"})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
HEADERS = st.dictionaries(
    st.sampled_from(["request-id", "retry-after", "location", "content-type", "content-encoding", "x-should-retry"]),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20),
    max_size=3,
)


def sent(server: Server, request: Request) -> Answered:
    async def main() -> Answered:
        async with client(server) as api:
            return await api.writer.send(request)

    return simulated(main)


def failed(server: Server, request: Request) -> Failure:
    with pytest.raises(ApiError) as caught:
        sent(server, request)
    assert isinstance(caught.value, Failure)
    return caught.value


def with_details(details: Any, status: int = 400, code: str = "storage_verification_failed") -> Reply:
    """An error in the API's envelope that says this beside its code."""
    told = {"error_code": code, **details} if isinstance(details, dict) else details
    return Reply(status, {"type": "error", "error": {"type": "x", "message": "no", "details": told}})


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("request_", [CREATE, UPDATE], ids=["create", "update"])
def test_the_table_decides_what_is_sent_again_and_what_is_looked_up(code: str, request_: Request) -> None:
    row = CODES[code]
    server = script(refusal(row.status, code))
    error = failed(server, request_)
    again = row.meaning is Meaning.UNDONE or (row.meaning is Meaning.UNKNOWN and request_ is UPDATE)
    assert len(server.seen) == (4 if again else 1)
    assert isinstance(error, OutcomeUnknown) == (row.meaning in MAY_HAVE_HAPPENED)
    assert error.hint == row.hint
    assert (row.became or "") in str(error)


@pytest.mark.parametrize("code", [code for code, row in CODES.items() if row.meaning is Meaning.MADE])
def test_what_was_made_is_not_sent_again_even_where_the_server_asks_for_it(code: str) -> None:
    server = script(refusal(CODES[code].status, code, x_should_retry="true", retry_after="1"), OK)
    error = failed(server, UPDATE)
    assert isinstance(error, OutcomeUnknown)
    assert error.accepted
    assert len(server.seen) == 1


@pytest.mark.parametrize("code", CODES)
def test_a_code_says_nothing_in_an_answer_of_another_status(code: str) -> None:
    """The status is what every client, and every proxy in between, understands."""
    row = CODES[code]
    other = {400: 503, 403: 503, 409: 400, 503: 400}[row.status]
    error = failed(script(refusal(other, code)), CREATE)
    assert isinstance(error, OutcomeUnknown) == (other == 503)
    assert not (isinstance(error, OutcomeUnknown) and error.accepted)


def test_it_waits_as_long_as_is_asked_before_a_create_is_sent_again() -> None:
    server = script(refusal(503, "authorization_check_unavailable", retry_after="7"), OK)
    assert sent(server, CREATE) == {"id": "x"}
    assert server.times == [0.0, 7.0]


def test_what_the_server_forbids_to_repeat_is_not_repeated() -> None:
    server = script(refusal(503, "authorization_check_unavailable", x_should_retry="false"), OK)
    assert not isinstance(failed(server, CREATE), OutcomeUnknown)
    assert len(server.seen) == 1


def test_a_lost_answer_before_a_clear_refusal_stays_lost() -> None:
    server = script(ConnectionResetError("gone"), refusal(400, "storage_profile_mismatch"))
    error = failed(server, UPDATE)
    assert isinstance(error, OutcomeUnknown)
    assert not error.accepted


def test_details_are_told_and_kept_as_data() -> None:
    checks = [{"check": f"c{number}", "message": "denied", "role": "reader"} for number in range(5)]
    error = failed(script(with_details({"failed_checks": checks, "field": "safeguards_storage"})), UPDATE)
    assert "; field safeguards_storage; failed check c0 of reader: denied; " in str(error)
    assert str(error).endswith("failed check c2 of reader: denied; and 2 more")
    assert [check.role for check in error.details.failed_checks] == ["reader"] * 5
    assert error.details.field == "safeguards_storage"


def test_the_id_of_what_was_made_is_kept() -> None:
    details = {"workspace_id": "wrkspc_01A"}
    error = failed(script(with_details(details, 503, "workspace_created_incomplete")), CREATE)
    assert isinstance(error, OutcomeUnknown)
    assert error.made == "wrkspc_01A"
    assert "; workspace wrkspc_01A" in str(error)


@pytest.mark.parametrize("odd", ["../me", ".", "..", "a b", "a\n", "a/b", "", 7, None, [], {}, KEY])
def test_an_id_that_could_not_be_one_is_none(odd: Any) -> None:
    error = failed(script(with_details({"workspace_id": odd}, 503, "workspace_created_incomplete")), CREATE)
    assert isinstance(error, OutcomeUnknown)
    assert error.accepted
    assert error.made is None


REORDERING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def is_inert(text: str) -> bool:
    """Whether nothing in it commands a terminal, ends a line or reorders text.

    A letter that this Python's table does not have yet is a letter.
    """
    reorders = REORDERING.intersection(map(unicodedata.bidirectional, text))
    return not reorders and {unicodedata.category(char) for char in text}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})


HOSTILE = st.sampled_from([KEY, f"x{KEY}", "\x1b[2J", "\u202e", "\n::error::", "x" * 9000, "\ud800"])


@given(
    st.dictionaries(
        st.sampled_from(["workspace_id", "field", "failed_checks", "appeal_url", "error_code"]),
        HOSTILE
        | JSON
        | st.lists(st.dictionaries(st.sampled_from(["check", "message", "role"]), HOSTILE | JSON, max_size=3)),
    )
    | JSON,
    st.sampled_from([400, 409, 503]),
)
def test_details_of_any_shape_are_inert_and_show_no_credential(details: Any, status: int) -> None:
    error = failed(script(with_details(details, status)), UPDATE)
    assert KEY not in everything_shown(error)
    assert is_inert(str(error))
    for check in error.details.failed_checks:
        assert is_inert(f"{check.check}{check.message}{check.role}")


@given(
    st.integers(200, 599),
    JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=50),
    HEADERS,
    st.sampled_from([CREATE, UPDATE]),
)
def test_any_answer_is_a_row_or_an_error(status: int, body: bytes, headers: dict[str, str], request: Request) -> None:
    try:
        ended: Answered | ApiError = sent(script(Reply(status, body, headers)), request)
    except ApiError as error:
        ended = error
    assert isinstance(ended, dict | OutcomeUnknown) or status >= 300


def test_what_has_no_address_is_an_error_for_a_person_and_is_not_sent() -> None:
    server = script(OK)
    error = failed(server, Request("POST", "/v1/organizations/workspaces/a b"))
    assert isinstance(error, Unsendable)
    assert not isinstance(error, OutcomeUnknown)
    assert not server.seen
