"""What request headers ask for: beta features and the version of the API whose shapes are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.sandbox.wire.errors import Refusal

if TYPE_CHECKING:
    from orgsync.sandbox.wire.context import Call, Context

# The version whose shapes dropped the fields that 2023-06-01 still has (Admin API: version differences).
NEWEST = "2026-10-21"


def check_beta(ctx: Context, beta: str, *, status: int = 400) -> None:
    """Refuse a request to a beta endpoint that does not name its beta."""
    if not names_beta(ctx.call, beta):
        raise Refusal(status, f"This endpoint is in beta: send `anthropic-beta: {beta}`")


def names_beta(call: Call, beta: str) -> bool:
    """Whether a request names a beta, of which several come in one header or in several. The Console has them all."""
    given = [value for name, value in call.headers.items() if name == "anthropic-beta"]
    return call.console or beta in [each.strip() for value in given for each in value.split(",")]


def is_old(call: Call) -> bool:
    """Whether the answer has the shapes of 2023-06-01. Without the header it has the newest ones."""
    return call.headers.get("anthropic-version", NEWEST) < NEWEST
