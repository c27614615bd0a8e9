"""Months of an organization: people edit the file, colleagues the Console, and orgsync plans and applies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from orgsync.core.model.change import Risk
from orgsync.errors import InputError, Refused, Stale
from properties.organizations import HEAD, OPEN_GUARDS, Organization, scaled, settings_of
from properties.samples import PEOPLE, ROLES, WORKSPACE_ROLES
from properties.witness import sent, snapshot

if TYPE_CHECKING:
    from acme import Org

    from orgsync.core.model.change import Plan

NAMES = ["production", "staging", "r&d/ml"]
EMAILS = st.sampled_from(PEOPLE[:4])
ANY_NAME = st.sampled_from(NAMES)


class History(RuleBasedStateMachine):
    """Whatever happens in between: an apply converges, or it was refused and did nothing."""

    org: Org
    files: dict[str, Any]
    saved: Plan | None = None

    @initialize(switches=st.fixed_dictionaries({}, optional={"tags_update": st.just("replace")}))
    def found(self, switches: dict[str, str]) -> None:
        users = [{"email": "ceo@acme.example", "role": "admin"}, {"email": PEOPLE[0], "role": "developer"}]
        seed = {"users": users, "workspaces": [{"name": NAMES[0]}], "settings": switches}
        members = {"ceo@acme.example": "admin", PEOPLE[0]: "developer", PEOPLE[1]: "user"}
        workspaces = {NAMES[0]: {"members": {PEOPLE[0]: "user"}}}
        manage = {"members": "authoritative", "workspace_members": "authoritative"}
        self.files = {**HEAD, "manage": manage, "guards": OPEN_GUARDS, "members": members, "workspaces": workspaces}
        self.org = Organization(seed, self.files).org()

    # The file

    @rule(email=EMAILS, role=st.sampled_from([*ROLES[:-1], *ROLES]))
    def declare_a_member(self, email: str, role: str) -> None:
        self.files["members"][email] = role

    @rule(email=EMAILS)
    def drop_a_member(self, email: str) -> None:
        self.files["members"].pop(email, None)
        for thing in self.files["workspaces"].values():
            thing.get("members", {}).pop(email, None)

    @rule(name=ANY_NAME)
    def declare_a_workspace(self, name: str) -> None:
        self.files["workspaces"].setdefault(name, {})

    @rule(name=ANY_NAME)
    def drop_a_workspace(self, name: str) -> None:
        self.files["workspaces"].pop(name, None)

    @rule(name=ANY_NAME, email=EMAILS, role=st.sampled_from(WORKSPACE_ROLES))
    def declare_access(self, name: str, email: str, role: str) -> None:
        self.files["members"].setdefault(email, "user")
        self.files["workspaces"].setdefault(name, {}).setdefault("members", {})[email] = role

    @rule(name=ANY_NAME, email=EMAILS)
    def drop_access(self, name: str, email: str) -> None:
        self.files["workspaces"].get(name, {}).get("members", {}).pop(email, None)

    @rule(name=ANY_NAME, tags=st.dictionaries(st.sampled_from(["env", "a.b"]), st.sampled_from(["x", "y"])))
    def tag_a_workspace(self, name: str, tags: dict[str, str]) -> None:
        self.files["workspaces"].setdefault(name, {})["tags"] = tags

    @rule(name=ANY_NAME, former=ANY_NAME)
    def rename_a_workspace(self, name: str, former: str) -> None:
        if name not in self.files["workspaces"] and former != name:
            thing = self.files["workspaces"].pop(former, {})
            self.files["workspaces"][name] = {**thing, "renamed_from": former}

    @rule(name=ANY_NAME)
    def archive_a_workspace(self, name: str) -> None:
        self.files["workspaces"][name] = {"archived": True}

    @rule(
        collection=st.sampled_from(["members", "workspaces", "workspace_members"]),
        mode=st.sampled_from(["authoritative", "additive", "observe"]),
    )
    def reach_further_or_less_far(self, collection: str, mode: str) -> None:
        self.files["manage"][collection] = mode

    # The Console

    @rule(email=EMAILS, role=st.sampled_from(ROLES))
    def colleague_changes_a_role(self, email: str, role: str) -> None:
        self._colleague("POST", "users/{}", {"role": role}, snapshot(self.org).user(email))

    @rule(email=EMAILS, role=st.sampled_from(ROLES))
    def colleague_adds_somebody(self, email: str, role: str) -> None:
        self._colleague("POST", "users", {"email": email, "role": role}, "")

    @rule(email=EMAILS)
    def colleague_removes_somebody(self, email: str) -> None:
        self._colleague("DELETE", "users/{}", None, snapshot(self.org).user(email))

    @rule(email=EMAILS, role=st.sampled_from(ROLES[:-1]))
    def colleague_invites_somebody(self, email: str, role: str) -> None:
        self._colleague("POST", "invites", {"email": email, "role": role}, "")

    @rule(email=EMAILS)
    def somebody_accepts(self, email: str) -> None:
        self._colleague("POST", "invites/{}/accept", None, *snapshot(self.org).pending(email)[:1])

    @rule(email=EMAILS)
    def an_invite_expires(self, email: str) -> None:
        self._colleague("POST", "invites/{}", {"status": "expired"}, *snapshot(self.org).pending(email)[:1])

    @rule(email=EMAILS)
    def colleague_withdraws_an_invite(self, email: str) -> None:
        self._colleague("DELETE", "invites/{}", None, *snapshot(self.org).pending(email)[:1])

    @rule(name=ANY_NAME)
    def colleague_creates_a_workspace(self, name: str) -> None:
        self._colleague("POST", "workspaces", {"name": name}, "")

    @rule(name=ANY_NAME, new=ANY_NAME)
    def colleague_renames_a_workspace(self, name: str, new: str) -> None:
        self._colleague("POST", "workspaces/{}", {"name": new}, *snapshot(self.org).named(name)[:1])

    @rule(name=ANY_NAME)
    def colleague_archives_a_workspace(self, name: str) -> None:
        self._colleague("POST", "workspaces/{}/archive", None, *snapshot(self.org).named(name)[:1])

    @rule(name=ANY_NAME, email=EMAILS, role=st.sampled_from(WORKSPACE_ROLES))
    def colleague_gives_access(self, name: str, email: str, role: str) -> None:
        body = {"user_id": snapshot(self.org).user(email), "workspace_role": f"workspace_{role}"}
        self._colleague("POST", "workspaces/{}/members", body, *snapshot(self.org).named(name)[:1])

    @rule(name=ANY_NAME, email=EMAILS)
    def colleague_takes_access_away(self, name: str, email: str) -> None:
        live = snapshot(self.org)
        path = f"workspaces/{{}}/members/{live.user(email)}"
        self._colleague("DELETE", path, None, *live.named(name)[:1])

    def _colleague(self, method: str, path: str, body: dict[str, Any] | None, *about: str | None) -> None:
        """Does it, if what it is about is there and the Console lets them."""
        if about and about[0] is not None:
            self.org.app.console(method, path.format(about[0]), body)

    # orgsync

    @rule()
    def plan_and_keep_it(self) -> None:
        writes = len(sent(self.org))
        self.saved = self._plan()
        assert len(sent(self.org)) == writes

    @precondition(lambda self: self.saved is not None)
    @rule()
    def apply_what_was_kept(self) -> None:
        writes, plan = len(sent(self.org)), self.saved
        assert plan is not None
        self.saved = None
        try:
            report = self.org.apply(plan=plan)
        except (Stale, Refused):
            assert len(sent(self.org)) == writes
            return
        assert len(sent(self.org)) - writes == len(plan.changes) - report.already

    @rule()
    def apply_after_a_review(self) -> None:
        self._apply()

    @rule()
    def apply_in_the_pipeline(self) -> None:
        self._apply()

    @rule()
    def apply_at_night(self) -> None:
        self._apply()

    def _apply(self) -> None:
        before, writes = snapshot(self.org), len(sent(self.org))
        plan = self._plan()
        try:
            report = self.org.apply(plan=plan) if plan is not None else None
        except Refused:
            report = None
        if report is None or plan is None:
            assert len(sent(self.org)) == writes
            return
        assert report.complete, report.outcomes
        assert len(sent(self.org)) == writes + len(plan.changes)
        assert self.org.plan().changes == ()
        after = snapshot(self.org)
        for one, row in before.users.items():
            assert row["role"] != "admin" or after.users[one] == row
        for name in self.files["workspaces"]:
            assert len(after.named(name)) <= 1
        for one, row in before.workspaces.items():
            if after.workspaces[one]["archived_at"] != row["archived_at"]:
                assert any(thing.get("archived") for thing in self.files["workspaces"].values())

    @invariant()
    def every_answer_to_a_write_was_a_success(self) -> None:
        assert [line for line in sent(self.org) if line["status"] != 200] == []

    @invariant()
    def nobody_is_invited_twice_at_once(self) -> None:
        pending = [row["email"].casefold() for row in self.org.rows("invites") if row["status"] == "pending"]
        assert len(pending) == len(set(pending))

    def _plan(self) -> Plan | None:
        """With everything allowed that cannot be undone; None where only a person can say what the file means."""
        self.org.files = Organization({}, self.files).text
        try:
            plan = self.org.plan()
        except InputError:
            return None
        return self.org.plan(allow=[change.address for change in plan.changes if change.risk is Risk.R2])

    def teardown(self) -> None:
        if hasattr(self, "org"):
            self.org.app.close()


TestHistory: Any = History.TestCase
TestHistory.settings = settings(settings_of(8), stateful_step_count=40)
TestHistory.pytestmark = [pytest.mark.examples(scaled(8))]
