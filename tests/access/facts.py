"""The table of facts that judges `orgsync access`: read from facts.csv, and from nothing of orgsync.

`facts.csv` says who may do what, and which source says so. In a column, `*` stands for everything and `a|b` for either;
the first row that fits counts. A workspace role is the one that the workspace itself lists for the person ("none": it
lists none); what comes with the organization role is what the rows are about. `unknown`: no source settles it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("facts.csv")

PEOPLE = (
    *("user", "claude_code_user", "developer", "billing", "admin"),
    *("owner", "primary_owner", "membership_admin", "managed", "not understood"),
)
"""Roles of an organization; the second line are those that a file cannot give."""
ABSENT = ("left", "invited")
ACCOUNTS = ("svac_developer", "svac_admin", "svac_archived")
WORKSPACES = ("ordinary", "default", "claude_code", "archived")
ROLES = ("none", "user", "restricted_developer", "developer", "admin", "billing", "not understood")
CREDENTIALS = (
    *("console", "oauth", "personal_key", "personal_key_everywhere", "workspace_key", "admin_key"),
    *("service_account_key", "service_account_key_everywhere", "service_account_token"),
)
CONDITIONS = ("-", "inactive", "archived", "expired", "not understood")
"""What is the matter with a key."""
VERBS = (
    *("playground", "claude_code", "create_keys", "use_api", "see_costs", "see_traces"),
    *("manage_members", "manage_limits", "archive"),
)
ANSWERS = ("yes", "no", "unknown")
COLUMNS = ("organization_role", "workspace", "workspace_role", "credential", "condition", "verb")


@dataclass(frozen=True, slots=True)
class Fact:
    """One row: which cases it is about, whether those are allowed, and who says so."""

    cases: tuple[frozenset[str], ...]
    allowed: str
    source: str

    def fits(self, case: tuple[str, ...]) -> bool:
        """Whether the row is about the case."""
        return all("*" in words or value in words for words, value in zip(self.cases, case, strict=True))


@cache
def facts() -> tuple[Fact, ...]:
    """Every row, in order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Fact(tuple(frozenset(row[name].split("|")) for name in COLUMNS), row["allowed"], row["source"])
            for row in csv.DictReader(file)
        )


@cache
def fact(
    organization_role: str,
    workspace: str,
    workspace_role: str,
    verb: str,
    *,
    credential: str = "console",
    condition: str = "-",
) -> Fact:
    """The row that counts for this case."""
    case = (organization_role, workspace, workspace_role, credential, condition, verb)
    return next(one for one in facts() if one.fits(case))


def allowed(person: str, workspace: str, role: str, verb: str, credential: str = "console", state: str = "-") -> str:
    """yes, no or unknown."""
    return fact(person, workspace, role, verb, credential=credential, condition=state).allowed
