"""Trouble on demand: rules that match requests, count them in the state, and say what goes wrong with the nth.

Paths are matched as globs in which `*` also crosses slashes, against the whole path or the part after
`/v1/organizations`. A rule without `method` or `path` matches every method or path. What `sandbox edit` does is never
matched. A rule that names an `error_code` need not say what comes with it: status, message, details and Retry-After.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, TypeAdapter, ValidationError, model_validator

from orgsync.sandbox.wire import cursors
from orgsync.sandbox.wire.context import PREFIX, Answer, encoded
from orgsync.sandbox.wire.error_details import CODES, Code
from orgsync.sandbox.wire.errors import Refusal, SandboxError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.sandbox.wire.context import Call
    from orgsync.sandbox.wire.store import Store

Kind = Literal[
    "status_before",  # refused before it was looked at
    "status_after",  # done, but the answer is an error
    "drop_before",  # the connection breaks before it was looked at
    "drop_after",  # done, but the connection breaks instead of an answer
    "delay",  # answered, later
    "lag",  # from this request on reads show the organization as it was before it
    "repeat_page",  # a list starts over: the first page again
    "loop_cursor",  # a list never ends: `has_more`, and a cursor that leads back
    "empty_page",  # a list cut by cursors: a page comes without its rows, and its cursor leads to it once more
    "truncate",  # half of the answer's JSON
    "html",  # a page made by a proxy; the request never arrived
    "ignore",  # answered as if done, and nothing changed
    "console",  # a colleague's edit right before it
]
# What each kind needs beside the fields every rule has.
NEEDS: dict[str, tuple[str, ...]] = {
    "status_before": ("status",),
    "status_after": ("status",),
    "delay": ("seconds",),
    "console": ("edit",),
}
UNKNOWN = Code(500, "This answer was made up by a fault rule")


class Edit(BaseModel):
    """A colleague's edit: the arguments of `sandbox edit`."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    method: str
    path: str
    body: dict[str, Any] | None = None


class Rule(BaseModel):
    """One rule of a faults file."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    fault: Kind
    method: str = "*"
    path: str = "*"
    nth: PositiveInt = 1
    times: PositiveInt = 1
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    error_code: str | None = None
    message: str | None = None
    details: dict[str, Any] = {}
    retry_after: Annotated[float, Field(ge=0)] | None = None
    seconds: Annotated[float, Field(ge=0)] | None = None
    reads: PositiveInt | None = None
    edit: Edit | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [name for name in NEEDS.get(self.fault, ()) if getattr(self, name) is None]
        if missing and not (missing == ["status"] and self.error_code in CODES):
            raise ValueError(f"{self.fault} needs {' and '.join(missing)}")
        if self.fault == "lag" and self.seconds is None and self.reads is None:
            raise ValueError("lag needs seconds or reads")
        return self

    def matches(self, call: Call) -> bool:
        """Whether this rule counts the request."""
        relative = call.path.removeprefix(PREFIX)
        at_path = fnmatchcase(call.path, self.path) or fnmatchcase(relative, self.path)
        return at_path and self.method in ("*", call.method)

    def refusal(self, answer: Answer | None = None) -> Refusal:
        """The made-up error of a status rule. `answer` is what the request would have got, if it was done."""
        known = CODES.get(self.error_code or "", UNKNOWN)
        retry_after = known.retry_after if self.retry_after is None else self.retry_after
        return Refusal(
            self.status or known.status,
            self.message or known.message,
            details=self._details(known, answer) if self.error_code else None,
            headers=None if retry_after is None else {"retry-after": f"{retry_after:g}"},
        )

    def _details(self, known: Code, answer: Answer | None) -> dict[str, Any]:
        made = {known.made: answer.body["id"]} if known.made and answer is not None and answer.status == 200 else {}
        return {"error_code": self.error_code, **known.details, **made, **self.details}


class Firing:
    """The rules that fire on one request, by what they do."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self._rules = rules

    def one(self, *kinds: Kind) -> Rule | None:
        """The first rule of these kinds."""
        return next((rule for rule in self._rules if rule.fault in kinds), None)

    @property
    def delay(self) -> float:
        """Seconds to wait before anything happens."""
        return sum(rule.seconds or 0.0 for rule in self._rules if rule.fault == "delay")

    @property
    def edits(self) -> list[Edit]:
        """What colleagues do right before the request."""
        return [rule.edit for rule in self._rules if rule.edit is not None]


def install(store: Store, rules: object) -> None:
    """Replace all rules, whose counts start over. An empty list turns faults off."""
    checked = _checked(rules)
    with store.transaction():
        store.run("DELETE FROM faults")
        store.insert_all("faults", ({"rule": rule.model_dump_json(exclude_unset=True)} for rule in checked))


def fire(store: Store, call: Call) -> Firing:
    """Count the request on every rule that matches it; the rules whose turn it is."""
    if call.console or store.row("SELECT 1 FROM faults") is None:
        return Firing()
    firing = []
    with store.transaction():
        for row in store.rows("SELECT seq, rule, seen FROM faults ORDER BY seq"):
            rule = Rule.model_validate(json.loads(row["rule"]))
            if rule.matches(call):
                store.run("UPDATE faults SET seen = seen + 1 WHERE seq = :seq", seq=row["seq"])
                if rule.nth <= row["seen"] + 1 < rule.nth + rule.times:
                    firing.append(rule)
    return Firing(firing)


def altered(answer: Answer, firing: Firing, call: Call) -> Answer:
    """The answer as the client gets it to see."""
    if firing.one("loop_cursor") and "data" in answer.body:
        answer = Answer(answer.status, encoded(_led_back(answer.body, call)), answer.headers)
    if firing.one("empty_page") and "next_page" in answer.body:
        answer = Answer(answer.status, encoded(_led_back(answer.body, call) | {"data": []}), answer.headers)
    if firing.one("truncate"):
        answer = Answer(answer.status, answer.content[: len(answer.content) // 2], answer.headers)
    return answer


def _led_back(body: dict[str, Any], call: Call) -> dict[str, Any]:
    """A page whose cursor leads to the page it comes from."""
    if "next_page" in body:
        more = {"has_more": True} if "has_more" in body else {}
        return body | more | {"next_page": call.one("page") or cursors.beginning(call)}
    first = body["data"][0] if body["data"] else {}
    cursor = call.one("after_id") or first.get("id", first.get("user_id"))
    return body | {"has_more": True, "last_id": cursor}


def page_of_a_proxy(rule: Rule) -> Answer:
    """What stands between client and API answered instead: HTML, without a request id."""
    content = b"<!doctype html><html><head><title>Gateway</title></head><body><h1>Please wait</h1></body></html>"
    return Answer(rule.status or 200, content, {"content-type": "text/html; charset=utf-8"})


def _checked(rules: object) -> list[Rule]:
    try:
        return TypeAdapter(list[Rule]).validate_python(rules)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc'])) or 'rules'}: {each['msg']}" for each in error.errors()]
        raise SandboxError.listing("the faults have problems", problems) from error
