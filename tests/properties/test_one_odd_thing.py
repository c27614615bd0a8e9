"""One odd thing blinds nobody, whatever the organization and its files: what is not about it is planned as before."""

from __future__ import annotations

import asyncio
import copy
import json
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from hypothesis import event, given
from hypothesis import strategies as st

from orgsync.core.drift.entries import drift_report
from orgsync.core.drift.schema import drift_adapter
from orgsync.core.model.codes import Code
from orgsync.core.plan.schema import plan_adapter
from orgsync.core.words.address import Address, address
from orgsync.errors import InputError
from orgsync.kinds import KINDS
from properties.organizations import Organization, examples, organizations

if TYPE_CHECKING:
    from acme import Org

    from orgsync.core.model.things import Named

NOWHERE = "wrkspc_01ZZZZZZZZZZZZZZZZZZZZZZ"
LISTS = ("changes", "manual", "waiting", "findings", "blocked")
TELLING_OF_OTHERS = {Code.SIMILAR_NAME, Code.LAST_DEVELOPER, Code.SPEND_LIMIT_SUM, Code.SPEND_LIMIT_BELOW}
"""What is said at one address of others."""


@dataclass(frozen=True, slots=True)
class Odd:
    """What became odd: all names of the thing, and its id. `organization` is with it, `edit` what is done by hand."""

    organization: Organization
    names: frozenset[Named]
    id: str
    edit: tuple[str, str, dict[str, Any] | None] | None = None


def _workspace(draw: st.DrawFn, before: Organization) -> Odd:
    """One of the declared workspaces of which the organization has one."""
    rows = [row for row in before.seed["workspaces"] if not row.get("archived_at")]
    names = [row["name"] for row in rows]
    files = before.files.get("workspaces") or {}
    single = [row for row in rows if names.count(row["name"]) == 1]
    row = draw(st.sampled_from([one for one in single if one["name"] in files] or single or rows))
    name, path = row["name"], f"workspaces/{row['id']}"
    claimed = {line for line, spec in files.items() if _means(spec, row)}
    away = draw(st.sampled_from(["elsewhere", "Elsewhere/2"]))
    odd = {("workspace", (one,)) for one in {name, *claimed}}
    how = draw(st.sampled_from(["archived", "twin", "renamed", "wrong id"]))
    event(f"a workspace: {how}")
    if how == "archived":
        return Odd(before, frozenset(odd), row["id"], ("POST", f"{path}/archive", None))
    if how == "twin":
        return Odd(before, frozenset(odd), row["id"], ("POST", "workspaces", {"name": name}))
    if how == "renamed":
        more = {("workspace", (away,))}
        return Odd(before, frozenset(odd | more), row["id"], ("POST", path, {"name": away}))
    changed = copy.deepcopy(before.files)
    line = (changed.get("workspaces") or {}).get(name)
    if isinstance(line, dict) and "renamed_from" not in line:
        line["id"] = NOWHERE
    return Odd(Organization(before.seed, changed), frozenset(odd), row["id"])


def _means(spec: Any, row: dict[str, Any]) -> bool:
    return isinstance(spec, dict) and (spec.get("id") == row["id"] or spec.get("renamed_from") == row["name"])


def _person(draw: st.DrawFn, before: Organization) -> Odd:
    row = draw(st.sampled_from([one for one in before.seed["users"] if one["role"] != "admin"] or before.seed["users"]))
    event("a person left")
    kind = KINDS.by_name["member"]
    return Odd(before, frozenset({("member", kind.key([row["email"]]))}), "", ("DELETE", row["email"], None))


@st.composite
def odd_things(draw: st.DrawFn) -> tuple[Organization, Odd]:
    before = draw(organizations())
    has_workspaces = any(not row.get("archived_at") for row in before.seed["workspaces"])
    return before, draw(st.sampled_from([_person, *([_workspace] * 4 if has_workspaces else [])]))(draw, before)


@examples(25)
@given(odd_things())
def test_the_rest_is_identical(both: tuple[Organization, Odd]) -> None:
    before, odd = both
    first, second = before.org(), odd.organization.org()
    if not _done(second, odd.edit):
        event("the sandbox does not let that happen")
        return
    try:
        plan_before, drift_before = _looked_at(first)
    except InputError:
        event("the files are invalid")
        return
    plan_after, drift_after = _looked_at(second)
    listed = [(name, plan_before[name], plan_after[name]) for name in LISTS]
    listed.append(("drift", drift_before, drift_after))
    told = [entry for _, was, now in listed for entry in (*was, *now) if _is_about(entry, odd)]
    about = {one for entry in told for one in (entry["address"], *entry.get("dependents", ()))}
    for name, was, now in listed:
        kept = [[_text(entry) for entry in entries if entry["address"] not in about] for entries in (was, now)]
        assert _apart(*kept) == ([], []), name
        assert kept[0] == kept[1], name
    event(f"{len(plan_after['blocked'])} blocked")


def _apart(was: list[str], now: list[str]) -> tuple[list[str], list[str]]:
    """What went and what came, for whoever reads a failure."""
    return [one for one in was if one not in now], [one for one in now if one not in was]


def _done(org: Org, edit: tuple[str, str, dict[str, Any] | None] | None) -> bool:
    if edit is None:
        return True
    method, path, body = edit
    if method == "DELETE":
        path = f"users/{org.user_id(path)}"
    return org.app.console(method, path, body).status == 200


def _looked_at(org: Org) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The plan and the entries of the drift report, as JSON. Raises InputError where the files are invalid."""
    plan, seen = asyncio.run(org._planned(None, {}))
    report = drift_report(plan, org.desired(), seen, org.now, KINDS, expiring=timedelta(days=14))
    entries: list[dict[str, Any]] = drift_adapter().dump_python(report, mode="json", by_alias=True)["entries"]
    return plan_adapter().dump_python(plan, mode="json", by_alias=True), entries


def _is_about(entry: dict[str, Any], odd: Odd) -> bool:
    """Whether an entry is at the odd address, inside, or dependent; or is a sum over what there is."""
    mentioned = (entry["address"], *entry.get("after", ()))
    if entry.get("code") in TELLING_OF_OTHERS or any(_names_odd(one, odd) for one in mentioned):
        return True
    # Who made a key and left is dependent, too.
    left = odd.edit is not None and odd.edit[0] == "DELETE" and entry["address"].startswith("api_key:")
    text = json.dumps(entry, ensure_ascii=False)
    inside = any(f":{address(kind, *key).path}/" in text for kind, key in odd.names)
    return left or inside or (bool(odd.id) and odd.id in text)


def _text(entry: dict[str, Any]) -> str:
    """The whole entry, but for the line it stands on."""
    return json.dumps({**entry, "source": entry["source"] is not None, "effects": _but_sums(entry)})


def _but_sums(entry: dict[str, Any]) -> list[str]:
    """How many roles end with a person counts those in what is odd as well."""
    return [effect for effect in entry.get("effects", ()) if not effect.startswith("ends ")]


def _names_odd(text: str, odd: Odd) -> bool:
    """Whether an address is that of something odd, of what mentions it, or a glob over it."""
    if "*" in text:
        addresses = (address(kind, *key).casefold() for kind, key in odd.names)
        return text.endswith(":*") or any(fnmatchcase(one, text.casefold()) for one in addresses)
    one = Address(text)
    if one.kind not in KINDS.by_name:
        return False
    name, key = KINDS.named(one)
    return (name, key) in odd.names or any(ref in odd.names for ref in KINDS.of(one).refers_to(key))
