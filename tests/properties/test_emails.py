"""Everybody whom the organization can hold can be exported, is valid in a file, and is in it as they are."""

from __future__ import annotations

from pathlib import Path

from acme import ADMINS, Org, desired_from
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from orgsync.core.document.schema import org_schema
from orgsync.files.yaml.load import load
from orgsync.kinds import KINDS
from orgsync.sandbox.wire.emails import is_email, same_person
from properties.organizations import Filed, examples

SCHEMA = Draft202012Validator(org_schema(KINDS))
ROLES = ("user", "developer", "billing", "claude_code_user", "admin")


def quoted(text: str) -> str:
    """A local part that may hold nearly anything."""
    return '"{}"'.format(text.replace("\\", "").replace('"', '\\"'))


ANY = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
LOCAL = st.one_of(
    st.text("abcxyzABCXYZ0189.+-_'/%=&", min_size=1, max_size=12),
    ANY,
    ANY.map(quoted),
    st.from_regex(r"h-[0-9a-f]{20}", fullmatch=True),
    st.sampled_from([*"~|='", "null", "yes", "1e3", "<<", "?x", "*a", "&a", "!t", "#c", "{a", "[a", "a:b", "x" * 300]),
)
DOMAIN = st.one_of(
    st.sampled_from(["acme.example", "ACME.Example", "hashed.invalid", "münchen.de", "xn--mnchen-3ya.de", "b.test"]),
    st.from_regex(r"[a-z0-9ßéŁ-]{1,10}(\.[a-z]{1,5}){1,3}", fullmatch=True),
)
BEGIN = st.sampled_from(["", "", "", "team:", "mailto:", "member:"])
EMAILS = st.builds(lambda begin, local, domain: f"{begin}{local}@{domain}", BEGIN, LOCAL, DOMAIN).filter(is_email)
PEOPLE = st.lists(
    st.tuples(EMAILS, st.sampled_from(ROLES)), min_size=1, max_size=5, unique_by=lambda one: same_person(one[0])
)


@examples(60)
@given(PEOPLE, st.integers(0, 5))
@example([("straße@acme.example", "user"), ("strasse@acme.example", "billing")], 1)
@example([("team:x@acme.example", "user"), ("\u200bana@acme.example", "admin")], 0)
def test_every_address_that_the_sandbox_holds_is_exported_valid_and_planned_to_nothing(
    people: list[tuple[str, str]], invited: int
) -> None:
    rows = [{"email": email, "role": role} for email, role in people]
    users, invites = rows[invited:], [row for row in rows[:invited] if row["role"] != "admin"]
    inside = [row["email"] for row in users if row["role"] in {"user", "developer"}]
    members = [{"email": email, "workspace": "web", "workspace_role": "workspace_user"} for email in inside]
    org = Org(users=[*ADMINS, *users], invites=invites, workspaces=[{"name": "web"}], workspace_members=members)
    text = org.export()
    path = Path(Filed.folder.name) / "people.yaml"
    path.write_text(text, encoding="utf-8")
    data = load(path).data
    assert data["members"] == {row["email"]: row["role"] for row in (*users, *invites, *ADMINS)}
    assert list(SCHEMA.iter_errors(data)) == []
    assert len(desired_from(text, org.now).declared["workspace_member"]) == len(inside)
    plan = org.plan(text)
    assert (plan.changes, plan.manual) == ((), ())
