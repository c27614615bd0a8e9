"""`inference_data_privacy` of workspaces: with its beta header only, by who may, and every rule between its members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orgsync.sandbox.wire.errors import SandboxError
from orgsync.sandbox.wire.switches import ADMIN_KEY
from sandbox.org import CEO, CEO_TOKEN, EFS, SEED, Org, Reply, seeded

if TYPE_CHECKING:
    from collections.abc import Callable

PROD = "/workspaces/wrkspc_prod"
FIELD = "inference_data_privacy"
OFF, ON = {"type": "disabled"}, {"type": "enabled"}
INTERNAL = {"type": "internal"}
USUAL = {"human_review": ON, "safeguards_storage": INTERNAL, "transcripts_storage": INTERNAL}
STORAGES: dict[str, Any] = {
    "estrg_a": {},
    "estrg_new": {"status": "pending_configuration"},
    "estrg_old": {"status": "draining"},
    "estrg_broken": {"verification": "failed"},
    "estrg_other": {"granted": False},
    "estrg_profile": {"user_profile_id": "uprof_a"},
    "estrg_late": {"attaching": "in_two_steps"},
}
PRIVATE = seeded(credentials=[CEO_TOKEN], external_storages=STORAGES, user_profiles={"uprof_a": "active"})


def external(storage_id: str) -> dict[str, str]:
    return {"type": "external", "external_storage_id": storage_id}


def private(**members: Any) -> dict[str, Any]:
    return {FIELD: members}


def post(org: Org, path: str, body: dict[str, Any]) -> Reply:
    return org.call("POST", path, body, headers=CEO)


def held(org: Org, workspace: str = "wrkspc_prod") -> Any:
    return org.call("GET", f"/workspaces/{workspace}", headers=EFS).body[FIELD]


def details(reply: Reply) -> Any:
    return reply.body["error"].get("details")


@pytest.fixture
def private_org(make_org: Callable[..., Org]) -> Org:
    return make_org(PRIVATE)


def test_only_requests_that_name_the_beta_see_it(org: Org) -> None:
    assert FIELD not in org.get(PROD).body
    assert FIELD not in org.get("/workspaces").body["data"][0]
    assert FIELD not in org.post("/workspaces", {"name": "new"}).body
    assert FIELD not in org.call("GET", PROD, headers={"x-api-key": ADMIN_KEY, "anthropic-beta": "efs-2025"}).body
    assert org.call("GET", PROD, headers=EFS).body == org.get(PROD).body | {FIELD: USUAL}
    listed = org.call("GET", "/workspaces", query=[("include_default", "true")], headers=EFS).body["data"]
    assert [row[FIELD] for row in listed] == [USUAL] * 3
    assert org.call("POST", "/workspaces", {"name": "new"}, headers=EFS).body[FIELD] == USUAL
    assert org.call("POST", f"{PROD}/archive", headers=EFS).body[FIELD] == USUAL
    assert org.app.console("GET", PROD).body[FIELD] == USUAL


def test_without_the_beta_it_is_an_unknown_field(private_org: Org) -> None:
    no_beta = {"authorization": CEO["authorization"]}
    for path, body in [("/workspaces", {"name": "new"}), (PROD, {})]:
        reply = private_org.call("POST", path, body | private(human_review=OFF), headers=no_beta)
        assert (reply.status, reply.message) == (400, f"{FIELD}: Extra inputs are not permitted")
    assert held(private_org) == USUAL


def test_an_admin_key_cannot_set_it(private_org: Org) -> None:
    for path, body in [("/workspaces", {"name": "new"}), (PROD, {"name": "prod"})]:
        reply = private_org.call("POST", path, body | private(human_review=ON), headers=EFS)
        assert (reply.status, reply.body["error"]["type"]) == (403, "permission_error")
    assert len(private_org.get("/workspaces").ids) == 1


@pytest.mark.parametrize("kind", ["oauth_token", "personal_key"])
def test_a_credential_that_belongs_to_somebody_can(make_org: Callable[..., Org], kind: str) -> None:
    org = make_org(seeded(credentials=[CEO_TOKEN | {"kind": kind}]))
    assert post(org, PROD, private(human_review=OFF)).body[FIELD] == USUAL | {"human_review": OFF}
    made = post(org, "/workspaces", {"name": "new", **private(human_review=OFF)}).body
    assert made[FIELD] == held(org, made["id"]) == USUAL | {"human_review": OFF}
    assert org.app.console("POST", PROD, private(human_review=ON)).body[FIELD] == USUAL


def test_omitted_members_stay(private_org: Org) -> None:
    both = {"human_review": OFF, "safeguards_storage": external("estrg_a")}
    assert post(private_org, PROD, private(**both)).body[FIELD] == USUAL | both
    transcripts = {"transcripts_storage": external("estrg_a")}
    assert post(private_org, PROD, private(**transcripts)).body[FIELD] == both | transcripts
    assert post(private_org, PROD, {"name": "renamed"}).body[FIELD] == both | transcripts
    assert post(private_org, PROD, private()).body[FIELD] == both | transcripts
    assert post(private_org, PROD, private(safeguards_storage=INTERNAL)).body[FIELD]["safeguards_storage"] == INTERNAL


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"human_review": None},
        {"safeguards_storage": None},
        {"human_review": {"type": "paused"}},
        {"human_review": "disabled"},
        {"safeguards_storage": {"type": "external"}},
        {"safeguards_storage": {"type": "internal", "external_storage_id": "estrg_a"}},
        {"transcripts_storage": {"type": "elsewhere"}},
        {"retention": {}},
    ],
)
def test_impossible_values_are_refused(private_org: Org, value: Any) -> None:
    for path, body in [("/workspaces", {"name": "new"}), (PROD, {})]:
        reply = post(private_org, path, body | {FIELD: value})
        assert (reply.status, details(reply)) == (400, None)
        assert reply.message.startswith(FIELD)
    assert held(private_org) == USUAL


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"safeguards_storage": external("estrg_a")}, {"error_code": "human_review_on_with_external_storage"}),
        (
            {"transcripts_storage": external("estrg_unknown")},
            {"error_code": "storage_not_attachable", "field": f"{FIELD}.transcripts_storage"},
        ),
        (
            {"transcripts_storage": external("estrg_new")},
            {"error_code": "storage_not_attachable", "field": f"{FIELD}.transcripts_storage"},
        ),
        (
            {"human_review": OFF, "safeguards_storage": external("estrg_old")},
            {"error_code": "storage_not_attachable", "field": f"{FIELD}.safeguards_storage"},
        ),
        ({"transcripts_storage": external("estrg_other")}, {"error_code": "grant_required"}),
        (
            {"transcripts_storage": external("estrg_profile")},
            {"error_code": "storage_profile_mismatch", "field": f"{FIELD}.transcripts_storage"},
        ),
    ],
)
def test_what_may_not_be_says_why_and_changes_nothing(private_org: Org, members: Any, expected: Any) -> None:
    for path, body in [("/workspaces", {"name": "new"}), (PROD, {"display_color": "#000000"})]:
        reply = post(private_org, path, body | private(**members))
        assert (reply.status, details(reply)) == (400, expected)
    assert held(private_org) == USUAL
    assert private_org.get(PROD).body["display_color"] != "#000000"
    assert len(private_org.get("/workspaces").ids) == 1


def test_failed_checks_are_listed(private_org: Org) -> None:
    found = details(post(private_org, PROD, private(transcripts_storage=external("estrg_broken"))))
    assert (found["error_code"], found["field"]) == ("storage_verification_failed", f"{FIELD}.transcripts_storage")
    assert [sorted(check) for check in found["failed_checks"]] == [["check", "message", "role"]]


def test_storage_and_workspace_share_their_profile(private_org: Org) -> None:
    body = {"name": "new", "user_profile_id": "uprof_a", **private(transcripts_storage=external("estrg_profile"))}
    made = post(private_org, "/workspaces", body).body
    assert made[FIELD]["transcripts_storage"] == external("estrg_profile")
    post(private_org, PROD, private(transcripts_storage=external("estrg_a")))
    # The stable surface raises it, too: what a profile is given to has storage already.
    reply = private_org.post(PROD, {"user_profile_id": "uprof_a"})
    assert details(reply) == {"error_code": "storage_profile_mismatch", "field": f"{FIELD}.transcripts_storage"}
    assert private_org.post(PROD, {"name": "renamed"}).status == 200


def test_on_other_platforms_unreviewed_transcripts_go_to_the_customer(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(PRIVATE, managed_through="google"))
    assert details(post(org, PROD, private(human_review=OFF))) == {"error_code": "transcripts_storage_required"}
    both = private(human_review=OFF, transcripts_storage=external("estrg_a"))
    assert post(org, PROD, both).status == 200


def test_an_approval_that_cannot_be_read_is_worth_a_second_try(make_org: Callable[..., Org]) -> None:
    org = make_org(seeded(PRIVATE, human_review_approval="unreadable"))
    reply = post(org, "/workspaces", {"name": "new", **private(human_review=OFF)})
    assert (reply.status, details(reply)) == (503, {"error_code": "authorization_check_unavailable"})
    assert reply.headers["retry-after"] == "5"
    assert len(org.get("/workspaces").ids) == 1
    org.app.console("POST", "settings", {"human_review_approval": "missing"})
    expected = {"error_code": "approval_required", "field": f"{FIELD}.human_review"}
    assert details(post(org, PROD, private(human_review=OFF))) == expected
    assert post(org, PROD, private(human_review=ON)).status == 200


def test_a_workspace_can_be_made_without_all_that_was_asked_for(private_org: Org) -> None:
    body = {"name": "new", "tags": {"a": "b"}, **private(transcripts_storage=external("estrg_late"))}
    reply = post(private_org, "/workspaces", body)
    made = private_org.get("/workspaces").ids[0]
    assert (reply.status, reply.body["error"]["type"]) == (503, "api_error")
    assert details(reply) == {"error_code": "workspace_created_incomplete", "workspace_id": made}
    assert reply.body["request_id"] == reply.headers["request-id"]
    workspace = private_org.call("GET", f"/workspaces/{made}", headers=EFS).body
    assert (workspace["name"], workspace["tags"], workspace[FIELD]) == ("new", {"a": "b"}, USUAL)


def test_a_change_can_be_saved_in_part_and_finished_by_the_same_request(private_org: Org) -> None:
    body = {"name": "renamed", **private(transcripts_storage=external("estrg_late"))}
    reply = post(private_org, PROD, body)
    assert (reply.status, details(reply)) == (503, {"error_code": "change_outcome_unknown"})
    assert (private_org.get(PROD).body["name"], held(private_org)) == ("renamed", USUAL)
    assert post(private_org, PROD, body).body[FIELD]["transcripts_storage"] == external("estrg_late")


def test_archiving_detaches_storage(private_org: Org) -> None:
    post(private_org, PROD, private(human_review=OFF, safeguards_storage=external("estrg_a")))
    assert private_org.post(f"{PROD}/archive").status == 200
    assert held(private_org) == USUAL | {"human_review": OFF}


def test_storage_attached_while_archiving_stays_although_the_workspace_is_archived(
    make_org: Callable[..., Org],
) -> None:
    org = make_org(seeded(PRIVATE, storage_attached_while_archiving="estrg_a"))
    reply = org.post(f"{PROD}/archive")
    assert (reply.status, reply.body["error"]["type"]) == (409, "conflict_error")
    assert details(reply) == {"error_code": "storage_attached_during_archive"}
    assert org.get(PROD).body["archived_at"] == "2026-11-01T10:00:00Z"
    assert held(org)["safeguards_storage"] == external("estrg_a")
    assert org.post(f"{PROD}/archive").status == 200
    assert held(org)["safeguards_storage"] == external("estrg_a")
    assert post(org, f"{PROD}/archive", {}).body[FIELD]["safeguards_storage"] == INTERNAL


def test_a_seed_can_hold_it(make_org: Callable[..., Org]) -> None:
    value = {"human_review": OFF, "safeguards_storage": external("estrg_a")}
    org = make_org({"workspaces": [{"id": "wrkspc_a", "name": "a", FIELD: value}]})
    assert held(org, "wrkspc_a") == USUAL | value
    # What a workspace has is not verified again, so an organization need not know its own storage to be changed.
    assert org.post("/workspaces/wrkspc_a", {"name": "b"}).status == 200


def test_a_seed_cannot_hold_what_cannot_be(make_org: Callable[..., Org]) -> None:
    value = {"safeguards_storage": external("estrg_a")}
    with pytest.raises(SandboxError, match=r"workspaces\.0\.inference_data_privacy: human review cannot be enabled"):
        make_org({"workspaces": [{"name": "a", FIELD: value}]})
    assert FIELD not in SEED["workspaces"][1]
