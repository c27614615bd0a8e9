"""The client as a whole: what it sends, what a reader can reach, and how much of it is under way at a time."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from orgsync import __version__
from orgsync.api.client import AdminClient, Answered, ApiReader
from orgsync.api.credentials import Credential
from orgsync.api.failures import Redirected
from orgsync.core.model.request import Listing, Paging, Reader, Request, Writer
from orgsync.errors import UsageError

from .support import INVITES, KEY, ME, Reply, Seen, Server, client, clock, refusal, script, simulated


def test_what_a_read_sends() -> None:
    async def main() -> Seen:
        server = script(Reply(body={"id": "x"}))
        async with client(server) as api:
            assert await api.reader.get(ME) == {"id": "x"}
        return server.seen[0]

    seen = simulated(main)
    assert (seen.method, seen.path, seen.query, seen.body) == ("GET", ME, {}, b"")
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["anthropic-version"] == "2026-10-21"
    assert seen.headers["user-agent"] == f"orgsync/{__version__}"
    assert seen.headers["accept"] == "application/json"
    assert not {"content-type", "anthropic-beta", "x-api-key", "cookie"} & seen.headers.keys()


@pytest.mark.parametrize(
    ("request_", "method", "body"),
    [
        (
            Request("POST", INVITES, {"email": "a@example.com", "role": None}),
            "POST",
            {"email": "a@example.com", "role": None},
        ),
        (Request("POST", "/v1/organizations/workspaces/wrkspc_1/archive"), "POST", None),
        (Request("DELETE", "/v1/organizations/users/user_1"), "DELETE", None),
    ],
)
def test_what_a_write_sends(request_: Request, method: str, body: Any) -> None:
    async def main() -> Seen:
        server = script(Reply(body={"id": "x"}))
        async with client(server) as api:
            await api.writer.send(request_)
        return server.seen[0]

    seen = simulated(main)
    assert (seen.method, seen.path) == (method, request_.path)
    assert (json.loads(seen.body) if seen.body else None) == body
    assert seen.headers.get("content-type") == ("application/json" if body else None)


@pytest.mark.parametrize(
    ("path", "beta"),
    [
        ("/v1/organizations/spend_limits", "spend-limit-reads-2026-09-26"),
        ("/v1/organizations/analytics/cost", "analytics-usage-cost-2026-08-24"),
        ("/v1/organizations/analytics/usage", "analytics-usage-cost-2026-08-24"),
        ("/v1/organizations/rate_limits", None),
    ],
)
def test_reads_that_need_a_beta_header_have_it(path: str, beta: str | None) -> None:
    async def main() -> Seen:
        server = script(Reply(body={"data": [], "has_more": False, "next_page": None}))
        async with client(server) as api:
            await api.reader.rows(Listing(path, {}, Paging.CURSOR))
            await api.writer.send(Request("POST", path, {}))
        assert "anthropic-beta" not in server.seen[1].headers
        return server.seen[0]

    assert simulated(main).headers.get("anthropic-beta") == beta


def test_a_write_answers_with_the_row_and_its_request_id() -> None:
    async def main() -> Answered:
        async with client(script(Reply(body={"id": "invite_1"}, headers={"request-id": "req_1"}))) as api:
            return await api.writer.send(Request("POST", INVITES, {}))

    answer = simulated(main)
    assert answer == {"id": "invite_1"}
    assert answer.request_id == "req_1"


def reachable(thing: object, seen: dict[int, object]) -> dict[int, object]:
    """Everything that attributes, public or not, lead to from a thing; functions are looked at and not into."""
    if id(thing) in seen or isinstance(thing, type):
        return seen
    seen[id(thing)] = thing
    names = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    for value in [getattr(thing, name, None) for name in names] + list(getattr(thing, "__dict__", {}).values()):
        reachable(value, seen)
    reachable(getattr(thing, "__self__", None), seen)
    return seen


def test_a_reader_leads_to_nothing_that_writes() -> None:
    async def main() -> None:
        async with client(script(Reply())) as api:
            things = reachable(api.reader, {}).values()
            named = {name for name in dir(api.reader) if not name.startswith("_")}
            assert named == {"by_admin_key", "get", "rows", "requests"}
            assert not [thing for thing in things if isinstance(thing, AdminClient | httpx.AsyncClient)]
            assert not [thing for thing in things if hasattr(thing, "send") or hasattr(thing, "post")]

    simulated(main)


def test_whatever_a_reader_does_is_a_get() -> None:
    async def main() -> set[str]:
        server = script(Reply(body={"data": [], "has_more": False}))
        async with client(server) as api:
            await api.reader.get(ME)
            await api.reader.rows(Listing(INVITES))
        return {seen.method for seen in server.seen}

    assert simulated(main) == {"GET"}


def test_reader_and_writer_are_what_the_core_asks_for() -> None:
    async def main() -> None:
        async with client(script(Reply())) as api:
            reader: Reader = api.reader
            writer: Writer = api.writer
            assert isinstance(reader, ApiReader)
            assert writer is api.writer

    simulated(main)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("location", ["https://elsewhere.example.com/", "/v1/organizations/users", ""])
def test_a_redirect_is_an_error_and_not_followed(status: int, location: str) -> None:
    async def main() -> list[Seen]:
        server = script(Reply(status, b"", {"location": location} if location else {}))
        async with client(server) as api:
            with pytest.raises(Redirected, match=f"{status}") as caught:
                await api.reader.get(ME)
        assert "not followed" in (caught.value.hint or "")
        return server.seen

    assert len(simulated(main)) == 1


@pytest.mark.parametrize("concurrency", [1, 3, 8])
def test_no_more_is_under_way_than_allowed_and_no_less(concurrency: int) -> None:
    under_way: list[int] = []

    async def main() -> None:
        current = 0

        async def app(scope: Any, receive: Any, send: Any) -> None:
            nonlocal current
            current += 1
            under_way.append(current)
            await asyncio.sleep(1)
            current -= 1
            await script(Reply(body={"data": [], "has_more": False}))(scope, receive, send)

        async with client(app, concurrency=concurrency) as api:
            reads = [api.reader.get(f"/v1/organizations/users/user_{n}") for n in range(10)]
            lists = [api.reader.rows(Listing(f"/v1/organizations/workspaces/wrkspc_{n}/members")) for n in range(10)]
            writes = [api.writer.send(Request("POST", f"/v1/organizations/users/user_{n}", {})) for n in range(10)]
            await asyncio.gather(*reads, *lists, *writes)
        assert clock() == -(-30 // concurrency)

    simulated(main)
    assert max(under_way) == concurrency


def test_reads_answered_are_counted_and_attempts_are_told() -> None:
    async def main() -> None:
        told: list[tuple[str, str]] = []
        server = script(refusal(500), Reply(body={"id": "x"}))
        async with client(server, on_request=lambda method, path: told.append((method, path))) as api:
            assert api.reader.requests == 0
            await api.reader.get(ME)
            await api.writer.send(Request("POST", INVITES, {}))
            assert api.reader.requests == 1
        assert told == [("GET", ME), ("GET", ME), ("POST", INVITES)]

    simulated(main)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "me",
        "/organizations/me",
        "/v1",
        "/v1/",
        "/v1/organizations/users/",
        "/v1/organizations//users",
        "/v1/organizations/users/..",
        "/v1/organizations/./users",
        "/v1/organizations/users?limit=1",
        "/v1/organizations/users#x",
        "/v1/organizations/users/a b",
        "/v1/organizations/users/\u0430",
        "/v1/organizations/users\n",
        "https://elsewhere.example.com/v1/organizations/users",
        "//elsewhere.example.com/v1/organizations/users",
    ],
)
def test_a_path_that_is_none_is_a_mistake_of_the_caller(path: str) -> None:
    """Above all the path of a thing whose id is empty, which would be that of the whole collection."""

    async def main() -> None:
        server = script(Reply())
        async with client(server) as api:
            with pytest.raises(ValueError, match="not a path"):
                await api.writer.send(Request("DELETE", path))
        assert not server.seen

    simulated(main)


def test_an_encoded_path_arrives_as_it_was_encoded() -> None:
    async def main() -> None:
        raw: list[bytes] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            raw.append(scope["raw_path"])
            await Server(lambda _: Reply())(scope, receive, send)

        async with client(app) as api:
            await api.reader.get("/v1/organizations/users/a%2Fb%20c")
        assert raw == [b"/v1/organizations/users/a%2Fb%20c"]

    simulated(main)


def test_a_base_url_may_have_a_path() -> None:
    async def main() -> None:
        server = script(Reply())
        async with AdminClient("http://test/gateway", Credential(KEY), app=server) as api:
            await api.reader.get(ME)
        assert server.seen[0].path == f"/gateway{ME}"

    simulated(main)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "post", ""])
def test_a_writer_only_sends_what_the_api_has(method: str) -> None:
    async def main() -> None:
        async with client(script(Reply())) as api:
            with pytest.raises(ValueError, match="POST and DELETE"):
                await api.writer.send(Request(method, INVITES))

    simulated(main)


@pytest.mark.parametrize("url", ["http://api.example.com", "https://a:b@api.example.com", "ftp://localhost"])
def test_a_credential_is_not_sent_to_where_it_must_not_go(url: str) -> None:
    with pytest.raises(UsageError, match="ANTHROPIC_BASE_URL"):
        AdminClient(url, Credential(KEY))


@pytest.mark.parametrize(
    ("url", "variable", "value"),
    [
        ("https://api.example.com", "HTTPS_PROXY", "socks9://me:hidden@proxy"),
        ("https://api.example.com", "SSL_CERT_FILE", "/no/such/hidden/file"),
        ("HTTPS://localhost", "SSL_CERT_FILE", "/no/such/hidden/file"),
    ],
)
def test_an_impossible_proxy_or_ca_file_is_told_without_being_quoted(
    monkeypatch: pytest.MonkeyPatch, url: str, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError, match="could not be set up") as caught:
        AdminClient(url, Credential(KEY))
    assert variable in (caught.value.hint or "")
    assert "hidden" not in f"{caught.value!r}"
    AdminClient("http://localhost", Credential(KEY))  # needs neither


def test_at_least_one_slot() -> None:
    with pytest.raises(ValueError, match="concurrency"):
        AdminClient("https://api.example.com", Credential(KEY), concurrency=0)
