"""The SDK's resources of an organization: which of them the sandbox emulates, and why it leaves out the others."""

from __future__ import annotations

import inspect
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

EMULATED = (
    "",
    "users.",
    "invites.",
    "workspaces.",
    "workspaces.members.",
    "workspaces.rate_limits.",
    "api_keys.",
    "rate_limits.",
    "spend_limits.",
    "analytics.cost.",
    "analytics.usage.",
)
# Refusals of an endpoint that only says for which organizations it is there; and what has a test of its own: what only
# OAuth tokens reach, and what switches the Activity Feed on.
ELSEWHERE = (
    *("spend_limits.effective.", "service_accounts.", "workspaces.service_accounts."),
    "compliance_settings.",
)
_ACTIVITY = "what people did each day: orgsync judges keys and limits by cost and usage"
_ENTERPRISE = "a feature of Claude Enterprise organizations that no kind of orgsync manages"
_IDENTITY = "no kind of orgsync manages it, so nothing would read or write it here"
EXCLUDED = {
    "analytics.apps.": _ACTIVITY,
    "analytics.artifacts.": _ACTIVITY,
    "analytics.connectors.": _ACTIVITY,
    "analytics.cost_report.": "a report for Claude Enterprise organizations",
    "analytics.plugins.": _ACTIVITY,
    "analytics.skills.": _ACTIVITY,
    "analytics.summaries.": _ACTIVITY,
    "analytics.usage_report.": "a report for Claude Enterprise organizations",
    "analytics.user_cost_report.": "a report for Claude Enterprise organizations",
    "analytics.user_usage_report.": "a report for Claude Enterprise organizations",
    "analytics.users.": _ACTIVITY,
    "claude_code.": _ENTERPRISE,
    "claude_tag.": _ENTERPRISE,
    "external_keys.": "the switch `external_keys` says which there are, as far as workspaces meet them",
    "external_storage.": "the switch `external_storages` says which there are, as far as workspaces meet them",
    "federation.": _IDENTITY,
    "plugin_marketplaces.": _ENTERPRISE,
    "plugins.": _ENTERPRISE,
    "providers.": "keys and buckets of Google Cloud projects: an Admin key cannot change them",
    "rbac_groups.": _ENTERPRISE,
    "rbac_roles.": _ENTERPRISE,
    "service_accounts.workspaces.": "the same as `workspaces.service_accounts`, by account",
    "spend_limits.increase_requests.": _ENTERPRISE,
    "telemetry_destinations.": _IDENTITY,
    "webhooks.": _IDENTITY,
}


def resources(root: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every resource below one of the SDK's, with what leads to it."""
    yield prefix, root
    for name in dir(type(root)):
        found = inspect.getattr_static(type(root), name)
        if isinstance(found, cached_property) and not name.startswith("with_"):
            yield from resources(getattr(root, name), f"{prefix}{name}.")


def methods(resource: Any) -> dict[str, Any]:
    """The methods of a resource that make a request."""
    found = inspect.getmembers(type(resource), inspect.isfunction)
    return {name: method for name, method in found if not name.startswith("_")}


def raised(method: Any) -> set[str]:
    """The errors that the `Raises:` section of a method's docstring names."""
    _, _, raises = (inspect.getdoc(method) or "").partition("Raises:")
    return set(re.findall(r"^\s*(\w+Error):", raises, re.MULTILINE))


def is_excluded(prefix: str) -> bool:
    """Whether a resource is left out, or belongs to one that is."""
    return any(prefix.startswith(each) for each in EXCLUDED)
