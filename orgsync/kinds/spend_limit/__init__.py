"""Monthly spend limits of the organization and of workspaces.

API facts: early access, so reads and writes may be refused; a limit is set by scope and period and overwritten where it
is; amounts are whole minor units of the billing currency; a workspace's limit lies below the organization's, and that
below the cap of the usage tier; the default workspace takes none (SDK: beta.organization.spend_limits).
"""

from __future__ import annotations

from orgsync.core.model.change import Action
from orgsync.core.model.kind import Kind, Section
from orgsync.core.model.things import Segment
from orgsync.kinds.spend_limit.activities import ACTIVITIES, handles
from orgsync.kinds.spend_limit.decide import Sums, check, decide, order, prepare, survey
from orgsync.kinds.spend_limit.effects import MONTHLY, effects, in_fact
from orgsync.kinds.spend_limit.live import ORGANIZATION, ROWS, WORKSPACE, found, listings
from orgsync.kinds.spend_limit.spec import Money, SpendLimit
from orgsync.kinds.spend_limit.write import answered, exported, instead, request
from orgsync.kinds.workspace.live import is_own

_ABOUT = "How much {} may spend in a calendar month (UTC), in the billing currency; `null`: no limit."

KIND = Kind[SpendLimit, Money, Sums](
    name="spend_limit",
    noun="spend limit",
    sections=(
        Section(("spend_limit",), _ABOUT.format("the organization"), 5000, depth=0, lead=(ORGANIZATION,)),
        Section(("workspaces", "*", "spend_limit"), _ABOUT.format("the workspace"), 500, depth=0, lead=(WORKSPACE,)),
    ),
    spec=SpendLimit,
    segments=(Segment.NAME, Segment.NAME),
    short="monthly",
    nullable=True,
    actions=frozenset({Action.CREATE, Action.UPDATE, Action.REMOVE}),
    refs={"workspace": (1,)},
    rows=ROWS,
    listings=listings,
    found=found,
    decide=decide,
    request=request,
    exported=exported,
    stands_in=is_own,
    meaning={"monthly": MONTHLY},
    in_fact=in_fact,
    effects=effects,
    check=check,
    survey=survey,
    prepare=prepare,
    order=order,
    answered=answered,
    instead=instead,
    activities=ACTIVITIES,
    handles=handles,
)
