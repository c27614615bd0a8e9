"""What was seen of the live organization, and which declared thing each live one answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orgsync.core.change import Organization
    from orgsync.core.kind import Live, Pairs


@dataclass(slots=True)
class Observation:
    """One complete look at the organization. A kind that was not read is missing from `live`, never empty.

    `refused` has the API's words for kinds it does not offer to this organization; nothing is known of those, and
    their `live` is empty. `requests` counts the answered reads.
    """

    organization: Organization
    live: Live = field(default_factory=dict)
    pairs: Pairs = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    requests: int = 0
