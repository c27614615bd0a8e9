"""Every kind, in the order in which one may refer to another: what is referred to comes first."""

from orgsync.core.model.kind import Kinds
from orgsync.kinds import (
    api_key,
    member,
    rate_limit,
    rate_limit_group,
    service_account,
    spend_limit,
    workspace,
    workspace_member,
)

KINDS = Kinds(
    (
        member.KIND,
        workspace.KIND,
        workspace_member.KIND,
        spend_limit.KIND,
        rate_limit_group.KIND,
        rate_limit.KIND,
        service_account.KIND,
        api_key.KIND,
    )
)
