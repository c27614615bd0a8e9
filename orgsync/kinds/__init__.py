"""Every kind, in the order in which one may refer to another: what is referred to comes first."""

from orgsync.core.kind import Kind
from orgsync.kinds import member, workspace, workspace_member

KINDS: tuple[Kind, ...] = (member.KIND, workspace.KIND, workspace_member.KIND)
