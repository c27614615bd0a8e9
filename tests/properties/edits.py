"""Every single thing that somebody can do to an organization in the Console or by API, and what it changes in the rows.

The rows are compared as the API shows them, without what kinds declare that they do not watch.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from orgsync.core.words.address import address
from orgsync.kinds import KINDS
from properties.samples import COLORS, GROUP_NAMES, ROLES, WORKSPACE_ROLES
from properties.witness import ALL_WORKSPACES, same

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from acme import Org

    Row = dict[str, Any]
    Shown = dict[tuple[str, str], Row]
    """Rows by what they are about; fields by their path."""

NEW = "somebody-new@acme.example"
INHERITED = {"admin": "workspace_admin", "billing": "workspace_billing"}
IDENTITIES = {"members": "user_id", "rate_limits": "rate_limit_id"}


@dataclass(frozen=True, slots=True)
class Edit:
    """One write, and the addresses of which at least one has to be told where it changes something."""

    method: str
    path: str
    body: Mapping[str, Any] | None
    about: tuple[str, ...]


class Live:
    """What a colleague sees of an organization."""

    def __init__(self, org: Org) -> None:
        self.users = org.rows("users")
        self.invites = org.rows("invites")
        self.all_workspaces = org.rows(ALL_WORKSPACES)
        self.workspaces = [row for row in self.all_workspaces if not row["archived_at"]]
        self.own = [row for row in self.workspaces if row["name"] != "Default"]
        self.members = {row["id"]: org.rows(f"workspaces/{row['id']}/members") for row in self.own}
        self.rate_limits = {row["id"]: org.rows(f"workspaces/{row['id']}/rate_limits") for row in self.own}
        self.groups = org.rows("rate_limits")
        self.keys = org.rows("api_keys")
        self.spend_limits = org.rows("spend_limits")
        self.accounts = org.console("GET", "service_accounts?include_archived=true&limit=100")["data"]

    def place(self, workspace_id: str) -> str:
        """The name of a workspace."""
        return next(str(row["name"]) for row in self.all_workspaces if row["id"] == workspace_id)


def edits(live: Live) -> Iterator[Edit]:
    """Every write that could be accepted; some are not."""
    yield from _of_people(live)
    yield from _of_workspaces(live)
    yield from _of_members(live)
    yield from _of_keys(live)
    yield from _of_limits(live)
    yield from _of_accounts(live)
    usage = {"at": "2026-11-22T09:00:00Z", "input_tokens": 5, "cost_cents": "1"}
    yield Edit("POST", "usage", usage, ())


def _of_people(live: Live) -> Iterator[Edit]:
    for user in live.users:
        about = (address("member", user["email"]),)
        for role in ROLES:
            yield Edit("POST", f"users/{user['id']}", {"role": role}, about)
        yield Edit("DELETE", f"users/{user['id']}", None, about)
    for invite in live.invites:
        about = (address("member", invite["email"]),)
        yield Edit("DELETE", f"invites/{invite['id']}", None, about)
        yield Edit("POST", f"invites/{invite['id']}", {"status": "expired"}, about)
        yield Edit("POST", f"invites/{invite['id']}/accept", {}, about)
        yield Edit("POST", "invites", {"email": invite["email"], "role": "developer"}, about)
    for role in ROLES:
        yield Edit("POST", "users", {"email": NEW, "role": role}, (address("member", NEW),))
        yield Edit("POST", "invites", {"email": NEW, "role": role}, (address("member", NEW),))


def _of_workspaces(live: Live) -> Iterator[Edit]:
    for row in live.workspaces:
        about = (address("workspace", row["name"]),)
        for body in _settings():
            yield Edit("POST", f"workspaces/{row['id']}", body, about)
        if row["name"] != "Default":
            yield Edit("POST", f"workspaces/{row['id']}/archive", {}, about)
        for other in live.own:  # two of one name: only a person can say which one a line means
            body = {"name": other["name"]}
            yield Edit("POST", "workspaces", body, (address("workspace", other["name"]),))
            if other is not row:
                yield Edit("POST", f"workspaces/{row['id']}", body, (*about, address("workspace", other["name"])))
    for name in ("brand new", "Claude Code"):
        yield Edit("POST", "workspaces", {"name": name}, (address("workspace", name),))


def _settings() -> Iterator[dict[str, Any]]:
    """Each field that the API takes, with more than one value: one of them is another than live."""
    yield {"name": "renamed"}
    yield from ({"display_color": color} for color in COLORS)
    yield from ({"tags": tags} for tags in ({"env": "prod"}, {"env": "new", "more": "x"}, {"env": None}, {}))
    yield from ({"data_residency": {"default_inference_geo": geo}} for geo in ("us", "global"))
    yield from ({"data_residency": {"allowed_inference_geos": geos}} for geos in ("unrestricted", ["us", "global"]))
    yield {"external_key_id": "ekey_a"}
    yield {"user_profile_id": "uprof_a"}
    yield from ({"inference_data_privacy": {"human_review": {"type": word}}} for word in ("disabled", "enabled"))


def _of_members(live: Live) -> Iterator[Edit]:
    for row in live.own:
        for user in live.users:
            about = (address("workspace_member", row["name"], user["email"]),)
            path = f"workspaces/{row['id']}/members"
            for role in (*WORKSPACE_ROLES, "billing"):
                body = {"workspace_role": f"workspace_{role}"}
                yield Edit("POST", path, {"user_id": user["id"], **body}, about)
                yield Edit("POST", f"{path}/{user['id']}", body, about)
            yield Edit("DELETE", f"{path}/{user['id']}", None, about)


def _of_keys(live: Live) -> Iterator[Edit]:
    for row in live.keys:
        scope = row["scope"]
        place = live.place(scope["workspace_id"]) if scope["type"] == "workspace" else "*"
        about = (address("api_key", place, row["name"]),)
        for body in ({"name": "renamed"}, {"status": "active"}, {"status": "inactive"}, {"status": "archived"}):
            yield Edit("POST", f"api_keys/{row['id']}", body, about)
        if scope["type"] == "workspace" and row["status"] in {"active", "inactive"}:
            yield Edit("POST", "api_keys", {"name": row["name"], "scope": scope}, about)
    principal = {"type": "user_actor", "user_id": live.users[0]["id"]}
    everywhere = {"name": "new key", "scope": {"type": "organization"}, "principal": principal}
    yield Edit("POST", "api_keys", everywhere, (address("api_key", "*", "new key"),))
    for row in live.workspaces:
        scope = {"type": "workspace", "workspace_id": row["id"]}
        yield Edit(
            "POST", "api_keys", {"name": "new key", "scope": scope}, (address("api_key", row["name"], "new key"),)
        )


def _of_limits(live: Live) -> Iterator[Edit]:
    scopes: list[tuple[Row, str]] = [({"type": "organization"}, address("spend_limit", "organization"))]
    for row in live.own:
        of_workspace = {"type": "workspace", "workspace_id": row["id"]}
        scopes.append((of_workspace, address("spend_limit", "workspace", row["name"])))
        for group in live.groups:
            for limit in group["limits"]:
                names = GROUP_NAMES[group["id"]]
                about = tuple(address("rate_limit", row["name"], name, limit["type"]) for name in names)
                for value in (0, 7, None):
                    body = {"limits": [{"type": limit["type"], "value": value}]}
                    yield Edit("POST", f"workspaces/{row['id']}/rate_limits/{group['id']}", body, about)
    for scope, where in scopes:
        for amount in ("100", "1950", "2000000"):
            yield Edit("POST", "spend_limits", {"amount": amount, "scope": scope, "period": "monthly"}, (where,))
        for held in live.spend_limits:
            if held["scope"] == scope:
                yield Edit("DELETE", f"spend_limits/{held['id']}", None, (where,))


def _of_accounts(live: Live) -> Iterator[Edit]:
    yield Edit("POST", "service_accounts", {"name": "new-one"}, (address("service_account", "new-one"),))
    for row in live.accounts:
        about = (address("service_account", row["name"]),)
        path = f"service_accounts/{row['id']}"
        for role in ("developer", "admin"):
            yield Edit("POST", path, {"organization_role": role}, about)
        for words in (None, "deploys", "something else"):
            yield Edit("POST", path, {"description": words}, about)
        yield Edit("POST", f"{path}/archive", {}, about)


def watched(live: Live) -> Shown:
    """The rows without what is declared to be ignored. Somebody who is a member is the same person as when invited."""
    shown: Shown = {}
    for path, rows in _lists(live):
        declared = next(one for kind in KINDS for one in kind.rows if fnmatchcase(path, one.path))
        globs = [one.path for one in declared.fields if one.ignored]
        for row in rows:
            if any(one.are is not None and one.are(row) for one in declared.ignored):
                continue
            fields = {at: value for at, value in _flat("", row) if not any(fnmatchcase(at, glob) for glob in globs)}
            identity = row[IDENTITIES.get(path.rpartition("/")[2], "id")]
            shown[path, identity] = fields
    _merge_people(shown, live)
    return shown


def _lists(live: Live) -> Iterator[tuple[str, list[Row]]]:
    head = "/v1/organizations"
    yield f"{head}/users", live.users
    yield f"{head}/invites", live.invites
    yield f"{head}/workspaces", live.all_workspaces
    yield f"{head}/api_keys", live.keys
    yield f"{head}/service_accounts", live.accounts
    archived = {row["id"] for row in live.all_workspaces if row["archived_at"]}
    yield f"{head}/spend_limits", [row for row in live.spend_limits if row["scope"].get("workspace_id") not in archived]
    people = {row["id"]: row["role"] for row in live.users}
    for workspace, rows in live.members.items():  # without inherited access, which no row tells by itself
        given = [row for row in rows if INHERITED.get(people[row["user_id"]]) != row["workspace_role"]]
        yield f"{head}/workspaces/{workspace}/members", given
    for workspace, rows in live.rate_limits.items():
        yield f"{head}/workspaces/{workspace}/rate_limits", rows


def _merge_people(shown: Shown, live: Live) -> None:
    for sort, rows in (("users", live.users), ("invites", live.invites)):
        for row in rows:
            if shown.pop((f"/v1/organizations/{sort}", row["id"]), None) is not None:
                known = next((one for one in (*live.users, *live.invites) if same(one["email"], row["email"])), row)
                shown.setdefault(("member", known["email"].casefold()), {"role": row["role"]})


def _flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every field with its path. Colours and the order of places are compared as the API compares them."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{path}.{name}" if path else name, inner)
    elif path.endswith("limits") and isinstance(value, list):
        for one in value:
            for name, inner in one.items():
                yield from _flat(f"{path}.{name}", (one["type"], inner) if name == "value" else one["type"])
    elif path == "display_color":
        yield path, value.lower()
    else:
        yield path, sorted(value) if isinstance(value, list) else value
