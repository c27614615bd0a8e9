"""Your Claude Console organization as code.

What is in `__all__` is the library (docs/library.md). Every other name in this package is private.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from orgsync.version import __version__

if TYPE_CHECKING:
    from orgsync.api.budget import Budget
    from orgsync.core.apply.events import Event
    from orgsync.core.apply.outcome import Report
    from orgsync.core.model.change import Plan
    from orgsync.errors import ApiError, InputError, OrgsyncError, Refused, Stale, UsageError, WrongOrganization
    from orgsync.flows.connection import AdminApi, Sandbox
    from orgsync.library import apply, plan

__all__ = [
    "AdminApi",
    "ApiError",
    "Budget",
    "Event",
    "InputError",
    "OrgsyncError",
    "Plan",
    "Refused",
    "Report",
    "Sandbox",
    "Stale",
    "UsageError",
    "WrongOrganization",
    "__version__",
    "apply",
    "plan",
]

_HOMES = {
    "orgsync.api.budget": ("Budget",),
    "orgsync.core.apply.events": ("Event",),
    "orgsync.core.apply.outcome": ("Report",),
    "orgsync.core.model.change": ("Plan",),
    "orgsync.errors": (
        *("ApiError", "InputError", "OrgsyncError", "Refused", "Stale", "UsageError", "WrongOrganization"),
    ),
    "orgsync.flows.connection": ("AdminApi", "Sandbox"),
    "orgsync.library": ("apply", "plan"),
}


if not TYPE_CHECKING:  # a type checker knows the names above, and no other

    def __getattr__(name: str) -> Any:
        """A name of the library, imported when it is asked for: `orgsync --help` needs none of them."""
        for home, names in _HOMES.items():
            if name in names:
                return getattr(import_module(home), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
