"""The switches of the Activity Feed, in both positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.org import BETA, Org, seeded

from .switching import Switch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FEED = "/v1/compliance/activities"
ON = seeded(compliance="on")
KIM = "/users/user_kim"
PROD = "/workspaces/wrkspc_prod"
LIMIT = {"scope": {"type": "organization"}, "amount": "90000"}


def shown(org: Org, **query: str) -> Any:
    """The types of the page that is asked for, oldest first; its status otherwise."""
    reply = org.call("GET", FEED, query=[("order", "asc"), *query.items()])
    return [row["type"] for row in reply.body["data"]] if reply.status == 200 else reply.status


def after(*calls: tuple[str, str, Any]) -> Callable[[Org], Any]:
    """What the feed shows once these requests were made."""

    def probe(org: Org) -> Any:
        for method, path, body in calls:
            org.call(method, path, body, headers=BETA)
        return shown(org)

    return probe


def by_bearer(org: Org) -> int:
    return org.call("GET", FEED, headers={"authorization": "Bearer sk-ant-admin01-sandbox"}).status


def in_order(org: Org) -> bool:
    """Whether what happened first is shown first; nothing may be missing a minute later."""
    changed(org, range(8))
    return bool(shown(org) == ["platform_workspace_updated"] * 8)


def changed(org: Org, numbers: Iterable[int]) -> None:
    for number in numbers:
        org.post(PROD, {"name": f"prod{number}"})


def precise(org: Org) -> bool:
    changed(org, range(2))
    rows = org.call("GET", FEED).body["data"]
    return any("." in row["created_at"] for row in rows)


def filtered(org: Org) -> int:
    return org.call("GET", FEED, query=[("activity_types[]", "org_user_left")]).status


def two_pages(org: Org) -> int:
    """How many different activities two pages of two have."""
    changed(org, range(5))
    first = org.call("GET", FEED, query=[("limit", "2")]).body
    second = org.call("GET", FEED, query=[("limit", "2"), ("after_id", first["last_id"])]).body
    return len({row["id"] for row in (*first["data"], *second["data"])})


def third(org: Org) -> int:
    return [org.call("GET", FEED).status for _ in range(3)][-1]


DELETED, ROLE = "org_user_deleted", "claude_user_role_updated"
RENAMED = ("POST", PROD, {"name": "p"})

FEED_SWITCHES = [
    Switch("compliance", "on", after(RENAMED), 400, ["platform_workspace_updated"]),
    Switch("feed_scope", False, after(RENAMED), ["platform_workspace_updated"], 403, ON),
    Switch("feed_bearer", "accepted", by_bearer, 404, 200, ON),
    Switch("feed_requests_per_minute", 2, third, 200, 429, ON),
    Switch("feed_lag_seconds", 60.0, after(RENAMED), ["platform_workspace_updated"], [], ON),
    Switch("feed_lag_jitter", 60.0, in_order, True, False, ON),
    Switch("feed_precision", "seconds", precise, True, False, ON),
    Switch("feed_types", ["org_user_deleted"], filtered, 200, 400, ON),
    Switch("feed_types", ["org_user_left"], filtered, 200, 200, ON),
    Switch("feed_duplicates", 1, two_pages, 4, 3, ON),
    Switch("removal_records", "deleted", after(("DELETE", KIM, None)), [DELETED, ROLE], [DELETED], ON),
    Switch("removal_records", "role", after(("DELETE", KIM, None)), [DELETED, ROLE], [ROLE], ON),
    Switch(
        "spend_limit_records",
        "all",
        after(("POST", "/spend_limits", LIMIT)),
        [],
        ["platform_spend_limit_deleted", "platform_spend_limit_created"],
        ON,
    ),
    Switch(
        "tag_records",
        "silent",
        after(("POST", PROD, {"tags": {"a": "b"}})),
        ["platform_workspace_updated"],
        [],
        ON,
    ),
    Switch("record_reads", False, after(("GET", "/users", None)), ["org_users_listed"], [], ON),
]
