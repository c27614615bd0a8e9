"""Every fault, in-process; drops also over loopback, where the connection has to break for real."""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from orgsync.sandbox.seed import build as seed
from orgsync.sandbox.server.app import open_app
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.errors import SandboxError
from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.conftest import served
from sandbox.org import NOW, SEED, Org, seeded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROD = "/workspaces/wrkspc_prod"
NEW = {"name": "new"}


def names(org: Org) -> list[str]:
    return [row["name"] for row in org.get("/workspaces").body["data"]]


def faulty(org: Org, fault: str, **fields: Any) -> Org:
    org.app.set_faults([{"fault": fault, **fields}])
    return org


def test_status_before_does_nothing(org: Org) -> None:
    faulty(org, "status_before", status=529, method="POST")
    reply = org.post("/workspaces", NEW)
    assert (reply.status, reply.body["error"]["type"]) == (529, "overloaded_error")
    assert reply.body["request_id"] == reply.headers["request-id"]
    assert names(org) == ["prod"]
    assert org.post("/workspaces", NEW).status == 200


def test_status_after_did_it(org: Org) -> None:
    faulty(org, "status_after", status=500, method="POST", message="lost")
    assert org.post("/workspaces", NEW).message == "lost"
    assert names(org) == ["new", "prod"]


def test_a_status_can_say_when_to_come_back_and_why(org: Org) -> None:
    faulty(org, "status_before", status=429, retry_after=2.5, error_code="some_code")
    reply = org.get("/users")
    assert reply.headers["retry-after"] == "2.5"
    assert reply.body["error"]["details"] == {"error_code": "some_code"}


def test_a_code_brings_what_comes_with_it(org: Org) -> None:
    faulty(org, "status_before", error_code="authorization_check_unavailable")
    reply = org.post("/workspaces", NEW)
    assert (reply.status, reply.headers["retry-after"], names(org)) == (503, "5", ["prod"])
    assert reply.body["error"] == {
        "type": "api_error",
        "message": "An approval of the organization could not be read, so nothing was done. Try again later",
        "details": {"error_code": "authorization_check_unavailable"},
    }
    assert reply.body["request_id"] == reply.headers["request-id"]


def test_an_error_after_the_fact_names_what_was_made(org: Org) -> None:
    faulty(org, "status_after", method="POST", error_code="workspace_created_incomplete")
    reply = org.post("/workspaces", NEW)
    made = {"error_code": "workspace_created_incomplete", "workspace_id": org.get("/workspaces").ids[0]}
    assert (reply.status, reply.body["error"]["details"]) == (503, made)
    assert names(org) == ["new", "prod"]


def test_an_error_after_the_fact_names_nothing_that_was_not_made(org: Org) -> None:
    faulty(org, "status_after", method="POST", error_code="workspace_created_incomplete")
    reply = org.post("/workspaces", {"name": ""})
    assert reply.body["error"]["details"] == {"error_code": "workspace_created_incomplete"}


def test_a_rule_can_say_everything_itself(org: Org) -> None:
    own = {"status": 418, "message": "mine", "retry_after": 9, "details": {"field": "name", "more": [1]}}
    faulty(org, "status_before", error_code="storage_not_attachable", **own)
    reply = org.post("/workspaces", NEW)
    assert (reply.status, reply.message, reply.headers["retry-after"]) == (418, "mine", "9")
    assert reply.body["error"]["details"] == {"error_code": "storage_not_attachable", "field": "name", "more": [1]}


def test_drop_before_does_nothing(org: Org) -> None:
    faulty(org, "drop_before", method="POST")
    with pytest.raises(ConnectionResetError):
        org.post("/workspaces", NEW)
    assert names(org) == ["prod"]
    assert [line["status"] for line in org.app.log()] == [None, 200]


def test_drop_after_did_it(org: Org) -> None:
    faulty(org, "drop_after", method="POST")
    with pytest.raises(ConnectionResetError):
        org.post("/workspaces", NEW)
    assert names(org) == ["new", "prod"]
    assert [line["status"] for line in org.app.log()] == [None, 200]


@pytest.mark.parametrize(("fault", "made"), [("drop_before", 1), ("drop_after", 2)])
def test_over_loopback_the_connection_breaks(tmp_path: Path, fault: str, made: int) -> None:
    path = tmp_path / "state"
    seed.create(path, SEED, now=NOW)
    app = open_app(path)
    app.set_faults([{"fault": fault, "method": "POST"}])
    with served(path) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
        for method, body in [("GET", None), ("POST", '{"name": "new"}')]:
            connection.request(method, "/v1/organizations/workspaces", body, {"x-api-key": ADMIN_KEY})
            if method == "GET":
                assert connection.getresponse().read()
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            connection.getresponse()
        connection.close()
    assert len(app.console("GET", "workspaces").body["data"]) == made
    app.close()


def test_delay_answers_later(org: Org) -> None:
    faulty(org, "delay", seconds=0.05)
    before = time.perf_counter()
    assert org.get("/me").status == 200
    assert time.perf_counter() - before >= 0.05


def test_lag_shows_the_past_for_some_reads(org: Org) -> None:
    faulty(org, "lag", reads=3, method="POST")
    made = org.post("/workspaces", NEW).body["id"]
    assert org.app.console("GET", f"/workspaces/{made}").status == 200
    assert names(org) == ["prod"]
    assert org.get(f"/workspaces/{made}").status == 404
    assert org.get("/users").status == 200
    assert names(org) == ["new", "prod"]
    assert org.get(f"/workspaces/{made}").status == 200


def test_lag_shows_the_past_for_some_seconds(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    wall = [1000.0]
    monkeypatch.setattr(moments, "wall_seconds", lambda: wall[0])
    faulty(org, "lag", seconds=30, method="DELETE")
    org.delete(f"{PROD}/members/user_dev")
    assert org.get(f"{PROD}/members").ids == ["user_dev"]
    assert org.get(f"{PROD}/members/user_dev").status == 200
    assert org.delete(f"{PROD}/members/user_dev").status == 404
    wall[0] += 30
    assert org.get(f"{PROD}/members").ids == []


def test_a_second_lag_keeps_the_older_picture(org: Org) -> None:
    faulty(org, "lag", reads=2, method="POST", times=2)
    org.post("/workspaces", NEW)
    org.post("/workspaces", NEW)
    assert [names(org) for _ in range(3)] == [["prod"], ["prod"], ["new", "new", "prod"]]


def test_the_read_lag_of_an_organization_spares_lists(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(read_lag_reads=1))
    org.post(f"{PROD}/members/user_dev", {"workspace_role": "workspace_admin"})
    assert org.get(f"{PROD}/members").body["data"][0]["workspace_role"] == "workspace_admin"
    assert org.get(f"{PROD}/members/user_dev").body["workspace_role"] == "workspace_developer"
    assert org.get(f"{PROD}/members/user_dev").body["workspace_role"] == "workspace_admin"


def test_repeat_page_starts_over(org: Org) -> None:
    faulty(org, "repeat_page", path="/users", nth=2)
    first = org.get("/users", limit="2")
    again = org.get("/users", limit="2", after_id=first.body["last_id"])
    assert again.ids == first.ids
    assert org.get("/users", limit="2", after_id=again.body["last_id"]).ids != first.ids


def test_loop_cursor_never_ends(org: Org) -> None:
    faulty(org, "loop_cursor", path="*/users", times=99)
    reply = org.get("/users")
    for _ in range(5):
        assert reply.body["has_more"] is True
        reply = org.get("/users", after_id=reply.body["last_id"])
    assert reply.status == 200


def test_loop_cursor_leaves_other_answers_alone(org: Org) -> None:
    faulty(org, "loop_cursor")
    assert org.get("/me").body["name"] == "Acme"


def test_small_pages_come_whatever_limit_was_asked_for(org: Org) -> None:
    faulty(org, "small_pages", path="*/users", rows=3, times=99)
    first = org.get("/users", limit="1000")
    assert (len(first.ids), first.body["has_more"]) == (3, True)
    last = org.get("/users", limit="1000", after_id=first.body["last_id"])
    assert (len(last.ids), last.body["has_more"]) == (1, False)


@pytest.mark.parametrize("rows", [0, 2])
def test_a_short_list_says_that_nothing_follows(org: Org, rows: int) -> None:
    whole = org.get("/users").ids
    faulty(org, "short_list", path="*/users", rows=rows)
    short = org.get("/users")
    assert (short.ids, short.body["has_more"]) == (whole[:rows], False)
    assert short.body["last_id"] == (short.ids[-1] if rows else None)
    assert org.get("/users").ids == whole


def test_a_promised_page_is_empty(org: Org) -> None:
    faulty(org, "promised_page", path="*/users")
    last = org.get("/users")
    assert (len(last.ids), last.body["has_more"]) == (4, True)
    promised = org.get("/users", after_id=last.body["last_id"])
    assert (promised.ids, promised.body["has_more"]) == ([], False)


def test_a_vanished_cursor_is_refused_or_leads_nowhere(org: Org) -> None:
    faulty(org, "vanished_cursor", path="*/users", times=99)
    first = org.get("/users", limit="2")
    assert org.get("/users", after_id=first.body["last_id"]).status == 400
    assert org.app.console("POST", "settings", {"unknown_cursor": "empty"}).status == 200
    gone = org.get("/users", after_id=first.body["last_id"])
    assert (gone.ids, gone.body["has_more"]) == ([], False)


def test_truncate_cuts_the_json(org: Org) -> None:
    faulty(org, "truncate")
    reply = org.get("/users")
    assert (reply.status, reply.body) == (200, None)
    assert reply.text.startswith('{"data":[{')


def test_html_is_an_answer_of_a_proxy(org: Org) -> None:
    faulty(org, "html", method="POST")
    reply = org.post("/workspaces", NEW)
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "request-id" not in reply.headers
    assert names(org) == ["prod"]
    assert faulty(org, "html", status=502).get("/me").status == 502


def test_ignore_claims_what_did_not_happen(org: Org) -> None:
    faulty(org, "ignore", method="POST")
    assert org.post("/workspaces", NEW).body["name"] == "new"
    assert names(org) == ["prod"]


def test_console_lets_a_colleague_in_between(org: Org) -> None:
    edit = {"method": "POST", "path": "/users/user_kim", "body": {"role": "admin"}}
    faulty(org, "console", edit=edit, path="/users", nth=2)
    assert org.get("/users", roles__="admin").ids == ["user_ceo"]
    assert org.get("/users", roles__="admin").ids == ["user_kim", "user_ceo"]
    assert [line["console"] for line in org.app.log()] == [False, True, False]


def test_rules_count_what_they_match(org: Org) -> None:
    org.app.set_faults(
        [
            {"fault": "status_before", "status": 500, "method": "GET", "path": "/users*", "nth": 2, "times": 2},
            {"fault": "status_before", "status": 503, "path": "/v1/organizations/me", "nth": 3},
        ]
    )
    assert [org.get("/users").status for _ in range(4)] == [200, 500, 500, 200]
    assert org.app.console("GET", "/me").status == 200
    assert [org.get("/me").status for _ in range(4)] == [200, 200, 503, 200]


def test_processes_share_the_count(tmp_path: Path) -> None:
    path = tmp_path / "state"
    seed.create(path, SEED, now=NOW)
    apps = [Org(open_app(path)) for _ in range(3)]
    apps[0].app.set_faults([{"fault": "status_before", "status": 500, "nth": 2}])
    assert [each.get("/me").status for each in apps] == [200, 500, 200]
    for each in apps:
        each.close()


def test_faults_can_be_turned_off(org: Org) -> None:
    faulty(org, "status_before", status=500, times=99)
    org.app.set_faults([])
    assert org.get("/me").status == 200


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"fault": "explode"}, "0.fault"),
        ({"fault": "delay"}, "delay needs seconds"),
        ({"fault": "lag"}, "lag needs seconds or reads"),
        ({"fault": "status_after"}, "status_after needs status"),
        ({"fault": "status_after", "error_code": "nobody_knows"}, "status_after needs status"),
        ({"fault": "console"}, "console needs edit"),
        ({"fault": "html", "nth": 0}, "0.nth"),
        ({"fault": "html", "when": 1}, "0.when: Extra inputs are not permitted"),
        ({}, "0.fault: Field required"),
    ],
)
def test_wrong_rules_are_explained_and_change_nothing(org: Org, rule: dict[str, Any], problem: str) -> None:
    faulty(org, "status_before", status=500, times=99)
    with pytest.raises(SandboxError) as caught:
        org.app.set_faults([rule])
    assert problem in str(caught.value)
    with pytest.raises(SandboxError):
        org.app.set_faults({"fault": "html"})
    assert org.get("/me").status == 500


def test_the_limiter_refills(make_org: Callable[..., Org], monkeypatch: pytest.MonkeyPatch) -> None:
    wall = [1000.0]
    monkeypatch.setattr(moments, "wall_seconds", lambda: wall[0])
    org = make_org(seeded(requests_per_minute=2))
    assert [org.get("/me").status for _ in range(3)] == [200, 200, 429]
    reply = org.get("/me")
    assert (reply.headers["retry-after"], reply.body["error"]["type"]) == ("30", "rate_limit_error")
    assert org.call("GET", "/me", headers={}).status == 401
    assert org.app.console("GET", "/me").status == 200
    wall[0] += 30
    assert [org.get("/me").status for _ in range(2)] == [200, 429]
    wall[0] += 3600
    assert [org.get("/me").status for _ in range(3)] == [200, 200, 429]
