"""What a person may write about an API key, about keys in general, and what can be said to be wrong offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from orgsync.core.model.things import Declared, Spec
from orgsync.core.words.patterns import Form
from orgsync.core.words.source import Problem
from orgsync.policies.policy import POLICY, Waiver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orgsync.core.model.declarations import Declarations

ApiKeyId = Annotated[str, Form("apikey_[0-9A-Za-z]+", "the id of an API key", "apikey_01Rj2N8SVvo6BePZj99NhmiT")]

SETTINGS: dict[str, tuple[Any, Any]] = {
    "key_policies": (
        dict[str, POLICY],  # type: ignore[valid-type]  # composed from the rules at run time
        Field(default_factory=dict, description="What is asked of keys, and what happens to those that are otherwise."),
    ),
    "waivers": (
        Annotated[tuple[Waiver, ...], Field(strict=False)],
        Field(default=(), description="Keys that a policy leaves alone for some time, and why."),
    ),
}


class ApiKey(Spec):
    """One API key. The API cannot make one: a declared key that is missing is a manual step."""

    directives: ClassVar[frozenset[str]] = frozenset({"id", "renamed_from", "archived"})
    status: Literal["active", "inactive"] = "active"
    """Whether it can be used."""
    archived: bool = False
    """Archived for good. The only way to archive a key by hand: say it."""
    renamed_from: Annotated[str, Field(min_length=1)] | None = None
    """The name it had before."""
    id: ApiKeyId | None = None
    """The live key this line means, where the name alone does not tell."""


def wanted(desired: Declarations) -> bool:
    """Policies need the keys although no key is declared."""
    return bool(getattr(desired.settings, "key_policies", None))


def check(declared: Declared, desired: Declarations) -> Iterable[Problem]:
    """A former name that is still declared."""
    former = getattr(declared.spec, "renamed_from", None)
    if former == declared.segments[1]:
        hint = "write the name it had before, or delete renamed_from"
        yield Problem("renamed_from is the name it has", declared.source, declared.address, hint)
    elif former is not None and (declared.segments[0], former) in desired.declared["api_key"]:
        message = f'"{former}" (renamed_from) is declared as well'
        yield Problem(message, declared.source, declared.address, "delete one of the two")
