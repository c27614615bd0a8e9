"""Each action of each kind, taken back: applied through a plan file, judged by the rows of the organization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from acme import ADMINS, ByToken, Org, actions
from properties.samples import RATE_LIMITS
from properties.witness import snapshot
from stories import every_third

from core.apply.undo.support import OPEN, applied, check_undo, differences, undo_of
from orgsync.core.model.change import Action
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

ANA = {"email": "ana@acme.example", "role": "developer"}
RAJ = {"email": "raj@acme.example", "role": "user"}
LAB = {"name": "lab", "id": "wrkspc_01lab", "tags": {"env": "dev", "a.b": "x"}, "display_color": "#000000"}
KEY = {"name": "ci", "workspace": "lab", "id": "apikey_01AAAAAAAAAAAAAAAAAAAAAA", "status": "active"}
ROW = {"email": "ana@acme.example", "workspace": "lab", "workspace_role": "workspace_user"}
AMOUNTS = [{"scope": {"type": "organization"}, "amount": "2000000"}]
MODES = "manage: {members: authoritative, workspace_members: authoritative, api_keys: authoritative}\n"
EVERYBODY = "ceo@acme.example: admin, cto@acme.example: admin"


def organization(files: str, **seed: Any) -> Org:
    """Two members, one workspace with a key, and what the test adds."""
    base = {
        "users": [*ADMINS, ANA, RAJ],
        "workspaces": [LAB],
        "api_keys": [KEY],
        "spend_limits": AMOUNTS,
        "rate_limits": RATE_LIMITS,
    }
    return Org(OPEN + files, **{**base, **seed})


def lab(inside: str, **seed: Any) -> Org:
    return organization(f"{MODES}workspaces: {{lab: {{{inside}}}}}", **seed)


LIMIT = {"scope": {"type": "workspace", "workspace_id": "wrkspc_01lab"}, "amount": "5000"}
OVERRIDE = {
    "workspace_id": "wrkspc_01lab",
    "rate_limit_id": "rlim_01Batch",
    "limits": [{"type": "requests_per_minute", "value": 7}],
}
INVITE = {"email": "new@acme.example", "role": "developer"}

FULLY: dict[str, tuple[Callable[[], Org], list[str]]] = {
    "a member's role": (
        lambda: organization("members: {ana@acme.example: billing}"),
        ["update member:ana@acme.example"],
    ),
    "an invite": (lambda: organization("members: {New@acme.example: user}"), ["withdraw member:New@acme.example"]),
    "an invite withdrawn": (
        lambda: organization(
            f"{MODES}members: {{{EVERYBODY}, ana@acme.example: developer, raj@acme.example: user}}", invites=[INVITE]
        ),
        ["invite member:new@acme.example"],
    ),
    "an invite replaced": (
        lambda: organization("members: {new@acme.example: user}", invites=[INVITE]),
        ["withdraw member:new@acme.example", "invite member:new@acme.example"],
    ),
    "colour, tags and residency": (
        lambda: lab(
            'color: "#ffffff", tags: {env: prod, new: "1"},'
            " data_residency: {default_inference_geo: us, allowed_inference_geos: [us]}"
        ),
        ["update workspace:lab"],
    ),
    "a name": (
        lambda: organization("workspaces: {office: {renamed_from: lab}}"),
        ["update workspace:lab"],
    ),
    "a name, and what is inside": (
        lambda: organization(
            f"{MODES}workspaces: {{office: {{renamed_from: lab, members: {{raj@acme.example: user}},"
            " spend_limit: {monthly: 7, currency: USD}, rate_limits: {batch: {requests_per_minute: 7}},"
            " api_keys: {deploy: {renamed_from: ci}}}}",
            workspace_members=[ROW],
        ),
        [
            "update api_key:lab/ci",
            "update rate_limit:lab/batch/requests_per_minute",
            "remove spend_limit:workspace/lab",
            "create workspace_member:lab/ana@acme.example",
            "remove workspace_member:lab/raj@acme.example",
            "update workspace:lab",
        ],
    ),
    "a name that passes on": (
        lambda: organization(
            "workspaces: {lab: {id: wrkspc_01pad, members: {ana@acme.example: user}}, was: {id: wrkspc_01lab}}",
            workspaces=[LAB, {"name": "pad", "id": "wrkspc_01pad"}],
        ),
        ["remove workspace_member:pad/ana@acme.example", "update workspace:lab", "update workspace:pad"],
    ),
    "two of one name told apart": (
        lambda: organization(
            "workspaces: {a: {id: wrkspc_01lab, members: {ana@acme.example: user}}, b: {id: wrkspc_01two}}",
            workspaces=[LAB, {"name": "lab", "id": "wrkspc_01two"}],
            api_keys=[],
        ),
        ["remove workspace_member:a/ana@acme.example", "update workspace:a", "update workspace:b"],
    ),
    "a workspace role given": (
        lambda: lab("members: {ana@acme.example: developer}"),
        ["remove workspace_member:lab/ana@acme.example"],
    ),
    "a workspace role changed": (
        lambda: lab("members: {ana@acme.example: developer}", workspace_members=[ROW]),
        ["update workspace_member:lab/ana@acme.example"],
    ),
    "a workspace role taken": (
        lambda: lab("members: {}", workspace_members=[ROW]),
        ["create workspace_member:lab/ana@acme.example"],
    ),
    "access that came with the organization role": (
        lambda: organization(
            "members: {ana@acme.example: developer}\nworkspaces: {lab: {members: {ana@acme.example: user}}}",
            users=[*ADMINS, {**ANA, "role": "billing"}, RAJ],
            settings={"inherited_members": "listed"},
        ),
        ["remove workspace_member:lab/ana@acme.example", "update member:ana@acme.example"],
    ),
    "a spend limit set": (lambda: lab("spend_limit: {monthly: 19.5}"), ["remove spend_limit:workspace/lab"]),
    "a spend limit changed": (
        lambda: lab("spend_limit: {monthly: 19.5}", spend_limits=[*AMOUNTS, LIMIT]),
        ["update spend_limit:workspace/lab"],
    ),
    "a spend limit removed": (
        lambda: lab("spend_limit: null", spend_limits=[*AMOUNTS, LIMIT]),
        ["create spend_limit:workspace/lab"],
    ),
    "spend limits raised in order": (
        lambda: organization(
            "spend_limit: {monthly: 40000}\nworkspaces: {lab: {spend_limit: {monthly: 30000}}}",
            spend_limits=[*AMOUNTS, LIMIT],
        ),
        ["update spend_limit:organization", "update spend_limit:workspace/lab"],
    ),
    "spend limits cut in order": (
        lambda: organization(
            "spend_limit: {monthly: 10}\nworkspaces: {lab: {spend_limit: {monthly: 10}}}",
            spend_limits=[*AMOUNTS, LIMIT],
        ),
        ["update spend_limit:organization", "update spend_limit:workspace/lab"],
    ),
    "a rate limit set": (
        lambda: lab("rate_limits: {batch: {requests_per_minute: 9}}"),
        ["update rate_limit:lab/batch/requests_per_minute"],
    ),
    "a rate limit changed": (
        lambda: lab("rate_limits: {batch: {requests_per_minute: 9}}", workspace_rate_limits=[OVERRIDE]),
        ["update rate_limit:lab/batch/requests_per_minute"],
    ),
    "a rate limit cleared": (
        lambda: lab("rate_limits: {batch: {requests_per_minute: null}}", workspace_rate_limits=[OVERRIDE]),
        ["create rate_limit:lab/batch/requests_per_minute"],
    ),
    "a key switched off": (lambda: lab("api_keys: {ci: inactive}"), ["update api_key:lab/ci"]),
    "a key switched on": (
        lambda: lab("api_keys: {ci: active}", api_keys=[{**KEY, "status": "inactive"}]),
        ["update api_key:lab/ci"],
    ),
    "a service account changed": (
        lambda: ByToken(
            "service_accounts: {ci: {role: admin, description: deploys}}",
            service_accounts=[{"name": "ci", "description": "builds"}],
        ),
        ["update service_account:ci"],
    ),
    "a key renamed": (lambda: lab("api_keys: {deploy: {renamed_from: ci}}"), ["update api_key:lab/ci"]),
}  # fmt: skip


def test_every_action_of_every_kind_is_tried() -> None:
    tried = set()
    for made, _expected in FULLY.values():
        tried |= {(change.address.partition(":")[0], change.action) for change in made().plan().changes}
    possible = {(kind.name, action) for kind in KINDS for action in kind.actions}
    listed = {("workspace", Action.CREATE), ("member", Action.REMOVE)}
    listed |= {("workspace", Action.ARCHIVE), ("api_key", Action.ARCHIVE)}
    listed |= {("service_account", Action.CREATE), ("service_account", Action.ARCHIVE)}
    assert possible - tried == listed


@pytest.mark.parametrize("name", every_third(FULLY))
def test_what_can_be_taken_back_is_as_it_was(name: str) -> None:
    made, expected = FULLY[name]
    org = made()
    done = applied(org, allow=tuple(change.address for change in org.plan().changes))
    assert done.report.complete
    assert actions(done.undo) == expected
    assert (done.undo.findings, done.undo.manual, done.undo.waiting, done.undo.refusals) == ((), (), (), ())
    wanted = snapshot(org)
    report = check_undo(done)
    assert differences(done.before, snapshot(org)) == {}
    again = undo_of(org, report, done.undo)
    assert again.findings == ()
    assert org.apply(plan=again).complete
    assert differences(wanted, snapshot(org)) == {}
