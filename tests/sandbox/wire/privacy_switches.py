"""The switches of `inference_data_privacy` and of errors with 503, in both positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.org import CEO, CEO_TOKEN, EFS, Org, seeded

from .switching import Switch

if TYPE_CHECKING:
    from collections.abc import Callable

PROD = "/workspaces/wrkspc_prod"
OFF = {"human_review": {"type": "disabled"}}
LATE = {"transcripts_storage": {"type": "external", "external_storage_id": "estrg_late"}}
KNOWN = seeded(credentials=[CEO_TOKEN])
UNREADABLE = seeded(KNOWN, human_review_approval="unreadable")


def given(members: Any, headers: dict[str, str] = CEO) -> Callable[[Org], int]:
    return lambda org: org.call("POST", PROD, {"inference_data_privacy": members}, headers=headers).status


def members_shown(org: Org) -> list[str]:
    return sorted(org.call("GET", PROD, headers=EFS).body.get("inference_data_privacy", {}))


def kind_of_503(org: Org) -> str:
    body = {"inference_data_privacy": OFF}
    return str(org.call("POST", PROD, body, headers=CEO).body["error"]["type"])


def retry_told(org: Org) -> str | None:
    reply = org.call("POST", PROD, {"inference_data_privacy": OFF}, headers=CEO)
    assert reply.status == 503
    return reply.headers.get("x-should-retry")


def archived(org: Org) -> int:
    return org.post(f"{PROD}/archive").status


PRIVACY = [
    Switch(
        "privacy_members",
        ["human_review"],
        members_shown,
        ["human_review", "safeguards_storage", "transcripts_storage"],
        ["human_review"],
    ),
    Switch("privacy_members", [], members_shown, ["human_review", "safeguards_storage", "transcripts_storage"], []),
    Switch("human_review_approval", "missing", given(OFF), 200, 400, KNOWN),
    Switch("human_review_approval", "unreadable", given(OFF), 200, 503, KNOWN),
    Switch("external_storages", {"estrg_late": {}}, given(LATE), 400, 200, KNOWN),
    Switch("managed_through", "aws", given(OFF), 200, 400, KNOWN),
    Switch("storage_attached_while_archiving", "estrg_a", archived, 200, 409),
    Switch("coded_503_type", "overloaded_error", kind_of_503, "api_error", "overloaded_error", UNREADABLE),
    Switch("coded_503_should_retry", "false", retry_told, None, "false", UNREADABLE),
    Switch("privacy_by_admin_key", 400, given(OFF, EFS), 403, 400),
    Switch("privacy_without_beta", "ignored", given(OFF, {"authorization": CEO["authorization"]}), 400, 200, KNOWN),
]
