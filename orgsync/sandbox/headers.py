"""What request headers ask for: beta features and the version of the API whose shapes are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.sandbox.errors import Refusal

if TYPE_CHECKING:
    from orgsync.sandbox.context import Call, Context

# The version whose shapes dropped the fields that 2023-06-01 still has (Admin API: version differences).
NEWEST = "2026-10-21"


def check_beta(ctx: Context, beta: str, *, status: int = 400) -> None:
    """Refuse a request to a beta endpoint that does not name its beta. Several come in one header or in several."""
    if ctx.call.console:
        return
    given = [value for name, value in ctx.call.headers.items() if name == "anthropic-beta"]
    if beta not in [each.strip() for value in given for each in value.split(",")]:
        raise Refusal(status, f"This endpoint is in beta: send `anthropic-beta: {beta}`")


def is_old(call: Call) -> bool:
    """Whether the answer has the shapes of 2023-06-01. Without the header it has the newest ones."""
    return call.headers.get("anthropic-version", NEWEST) < NEWEST
