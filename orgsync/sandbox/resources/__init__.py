"""One module for each resource of the Admin API, and the list of them: what is referred to comes first."""

from orgsync.sandbox.model.resource import Resource
from orgsync.sandbox.resources import (
    account_members,
    activities,
    api_keys,
    invites,
    members,
    rate_limits,
    service_accounts,
    spend_limits,
    usage,
    users,
    workspace_rate_limits,
    workspaces,
)

RESOURCES: tuple[Resource, ...] = (
    users.RESOURCE,
    invites.RESOURCE,
    workspaces.RESOURCE,
    members.RESOURCE,
    api_keys.RESOURCE,
    rate_limits.RESOURCE,
    workspace_rate_limits.RESOURCE,
    spend_limits.RESOURCE,
    service_accounts.RESOURCE,
    account_members.RESOURCE,
    usage.RESOURCE,
    activities.RESOURCE,
)
