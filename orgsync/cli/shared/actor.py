"""Who runs this, for the receipts: what a person or a pipeline says, not what anybody has proven."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLES = ("ORGSYNC_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN")
LONGEST = 200


def actor_of(named: str | None, environment: Mapping[str, str]) -> str:
    """The name given with `--actor`, else by the environment, else that of the user of this machine."""
    said = (named, *(environment.get(variable) for variable in VARIABLES))
    for name in said:
        if name is not None and name.strip():
            return name.strip()[:LONGEST]
    try:
        return getpass.getuser()[:LONGEST]
    except (OSError, KeyError, ImportError):  # a container may run as a user that nobody gave a name
        return "unknown"
