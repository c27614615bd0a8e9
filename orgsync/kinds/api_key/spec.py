"""What a person may write about an API key, about keys in general, and what can be said to be wrong offline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from orgsync.core.model.declarations import Setting
from orgsync.core.model.match import glob_for_a_name, wrong_former_name
from orgsync.core.model.things import LIVE, Declared, Mode, Spec
from orgsync.policies.policy import POLICY, ApiKeyId, Policy, Waiver

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from orgsync.core.model.declarations import Declarations
    from orgsync.core.model.things import Pairs
    from orgsync.core.words.source import Problem

KEY_POLICIES = Setting[Mapping[str, Policy]](
    "key_policies",
    dict[str, POLICY],  # type: ignore[valid-type]  # composed from the rules at run time
    Field(default_factory=dict, description="What is required of keys, and what happens to keys in breach."),
)
WAIVERS = Setting[tuple[Waiver, ...]](
    "waivers",
    Annotated[tuple[Waiver, ...], Field(strict=False)],
    Field(default=(), description="Dated exceptions from policies for single keys, and why."),
)


class ApiKey(Spec, title="API key"):
    """One API key. The API cannot make one: a declared key that is missing is a manual step."""

    directives: ClassVar[frozenset[str]] = frozenset({"id", "renamed_from", "archived"})
    status: Literal["active", "inactive"] = "active"
    """Whether it can be used."""
    archived: bool = False
    """Archived permanently. Keys are archived only if this is set."""
    renamed_from: Annotated[str, Field(min_length=1)] | None = None
    """The name it had before."""
    id: ApiKeyId | None = None
    """The id of the key, if its name is not unique."""

    @property
    def asks_to_archive(self) -> bool:
        """What `archived` says."""
        return self.archived

    @property
    def former_name(self) -> str | None:
        """What `renamed_from` says."""
        return self.renamed_from


def wanted(desired: Declarations) -> bool:
    """Policies need the keys although no key is declared."""
    return bool(KEY_POLICIES.of(desired))


def concerned(desired: Declarations, pairs: Pairs, through: date) -> bool:
    """Whether somebody may go who has keys of their own: those are archived with the person, for good."""
    if desired.settings.manage.mode("members") is not Mode.AUTHORITATIVE or ("member", ()) not in desired.collections:
        return False
    return any(
        pair.found is not None
        and pair.found.standing == LIVE
        and not pair.found.is_admin
        and (pair.declared is None or (pair.declared.until is not None and pair.declared.until <= through))
        for pair in pairs["member"]
    )


def check(declared: Declared[ApiKey], desired: Declarations) -> Iterable[Problem]:
    """A name for several keys, and a former name that is still declared."""
    yield from glob_for_a_name(declared, "API key")
    yield from wrong_former_name(declared, declared.spec.renamed_from, desired.declared["api_key"])
