"""What a person may write about keys: policies, composed from the rules, and waivers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast

from pydantic import AfterValidator, Field, create_model, model_validator

from orgsync.core.model.things import Spec
from orgsync.core.words.day import Day
from orgsync.core.words.duration import Duration
from orgsync.core.words.globs import any_matches, is_glob
from orgsync.core.words.json_schema import matching
from orgsync.core.words.patterns import AtLeastOne, Form, NonBlank
from orgsync.core.words.problems import Unsuitable, quoted
from orgsync.policies.contract.rule import Rule, Terms, Then
from orgsync.policies.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from orgsync.policies.contract.rule import JudgedKey

EVERYTHING = "*"
ALL = "all"
"""The field of a policy with the rules that only count together."""
_SEVERAL = 2
_KEYS = "api_key:"
_FORM = f"This is not the address of an API key; write {_KEYS}WORKSPACE/NAME; * matches any text."

ApiKeyId = Annotated[str, Form("apikey_[0-9A-Za-z]+", "the id of an API key", "apikey_01Rj2N8SVvo6BePZj99NhmiT")]
Glob = Annotated[str, Field(min_length=1, max_length=500)]
Globs = AtLeastOne[Glob]


def _key_glob(text: str) -> str:
    if not text.removeprefix(_KEYS) or not text.startswith(_KEYS):
        raise Unsuitable(
            f"{quoted(text)} is not the address of an API key", f"write {_KEYS}WORKSPACE/NAME; * matches any"
        )
    return text


class Match(Spec, title="Keys that a policy applies to"):
    """Which keys a policy applies to; an absent field matches every key."""

    workspaces: Globs = (EVERYTHING,)
    """Names (globs) of workspaces. Organization-wide keys match `*` only."""
    names: Globs = (EVERYTHING,)
    """Names (globs) of keys."""
    tags: dict[str, Glob] = Field(default_factory=dict)
    """Tags that the workspace must have, each with a glob for its value."""

    def covers(self, key: JudgedKey) -> bool:
        """Whether the policy is about this key, by any of the names and tags that hold."""
        places, tags = (key.workspace, *key.other_workspaces), (key.workspace_tags, *key.other_tags)
        names = (key.name, *key.other_names)
        return self.covers_place(places, tags) and any(any_matches(self.names, name) for name in names)

    def covers_place(self, names: Iterable[str | None], tags: Iterable[Mapping[str, str]]) -> bool:
        """Whether the policy is about keys of the workspace of these names (None: of the organization) and tags."""
        globs = self.workspaces
        in_place = any(EVERYTHING in globs if one is None else any_matches(globs, one) for one in names)
        return in_place and (not self.tags or any(self._covers_tags(one) for one in tags))

    def _covers_tags(self, has: Mapping[str, str]) -> bool:
        return all(name in has and any_matches((glob,), has[name]) for name, glob in self.tags.items())


class Rules(Spec, title="Rules that count together"):
    """Rules of which a key has to breach each to be in breach."""

    known: ClassVar[tuple[Rule, ...]] = ()
    """The rules it can be made of."""

    @property
    def rules(self) -> tuple[tuple[Rule, Any], ...]:
        """The rules that are written, each with its value."""
        return tuple((rule, getattr(self, rule.name)) for rule in self.known if rule.name in self.model_fields_set)

    @model_validator(mode="after")
    def _are_several(self) -> Rules:
        if len(self.rules) < _SEVERAL:
            raise Unsuitable("`all` needs at least two rules", "write a single rule beside `match`, without `all`")
        return self


class Policy(Spec, title="Key policy"):
    """What is required of some keys, and what happens to keys in breach."""

    known: ClassVar[tuple[Rule, ...]] = ()
    """The rules it can be made of."""

    description: NonBlank | None = None
    """A description, for people."""
    match: Match = Match()
    """Which keys it applies to; every key, if absent."""
    warn_before: Duration | None = None
    """How long before a breach a warning is reported."""
    then: Then = "report"
    """What happens to a key in breach."""

    @property
    def rules(self) -> tuple[tuple[Rule, Any], ...]:
        """The rules that are written, each with its value."""
        return tuple((rule, getattr(self, rule.name)) for rule in self.known if rule.name in self.model_fields_set)

    @property
    def joint_rules(self) -> tuple[tuple[Rule, Any], ...]:
        """The rules under `all`: only a key that breaches each of them is in breach."""
        joint: Rules | None = getattr(self, ALL, None)
        return () if joint is None else joint.rules

    @property
    def every_rule(self) -> tuple[tuple[Rule, Any], ...]:
        """All rules, wherever they are written."""
        return (*self.rules, *self.joint_rules)

    @model_validator(mode="after")
    def _is_coherent(self) -> Policy:
        if not self.every_rule:
            raise Unsuitable("the policy has no rule", f"rules: {', '.join(rule.name for rule in self.known)}")
        if self.warn_before is not None and not any(rule.warns for rule, _value in self.every_rule):
            warning = " or ".join(rule.name for rule in self.known if rule.warns)
            raise Unsuitable("warn_before has no effect here", f"use it with {warning}")
        terms = Terms(self.then, self.warn_before)
        for rule, value in self.every_rule:
            rule.check(value, terms)
        return self


def policy_model(rules: tuple[Rule, ...]) -> type[Policy]:
    """The policy with one field for each of these rules. None of them may be null: a rule is written, or it is not."""
    fields: dict[str, Any] = {
        rule.name: (rule.parameter, Field(default=None, description=rule.about)) for rule in rules
    }
    joint = cast("type[Rules]", create_model("Rules", __base__=Rules, __doc__=Rules.__doc__, **fields))
    about = "Rules of which a key has to breach each to be in breach: at least two."
    fields[ALL] = (joint, Field(default=None, description=about, json_schema_extra={"minProperties": _SEVERAL}))
    model = cast("type[Policy]", create_model("Policy", __base__=Policy, __doc__=Policy.__doc__, **fields))
    joint.known = model.known = rules
    return model


POLICY = policy_model(RULES)
"""The model of one entry of `key_policies`."""


class Waiver(Spec, title="Waiver of a policy"):
    """An exception to a policy for some keys, until a day."""

    policy: NonBlank
    """The name of the policy."""
    key: Annotated[Glob, AfterValidator(_key_glob), Field(json_schema_extra=matching(f"^{_KEYS}.+$", _FORM))]
    """The address of the key, or a glob of addresses."""
    id: ApiKeyId | None = None
    """The id of the key: the waiver follows it, whatever it is called."""
    until: Day
    """The last day (UTC) on which the waiver is valid."""
    reason: NonBlank
    """Why the exception exists."""
    approved_by: NonBlank | None = None
    """Who approved it."""

    @cached_property
    def is_glob(self) -> bool:
        """Whether it may mean several keys."""
        return is_glob(self.key)

    @model_validator(mode="after")
    def _means_one_key_by_id(self) -> Waiver:
        if self.id is not None and not {"*", "?"}.isdisjoint(self.key):
            raise Unsuitable(
                "`id` names one key, but `key` may match several", "write the address of that key, or no id"
            )
        return self

    def covers(self, key: JudgedKey) -> bool:
        """Whether it is about this key."""
        return self.names(key) if self.id is None else key.id == self.id

    def names(self, key: JudgedKey) -> bool:
        """Whether its `key` is an address of this key, or matches one."""
        return any(any_matches((self.key,), address) for address in key.addresses)

    def counts_on(self, day: date) -> bool:
        """Whether it still holds on this day (UTC); its last day included."""
        return day <= self.until

    @property
    def told(self) -> str:
        """The waiver in words."""
        approved = f", approved by {self.approved_by}" if self.approved_by else ""
        return f"waived until {self.until.isoformat()} ({self.reason}{approved})"
