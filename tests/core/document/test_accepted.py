"""What looks odd in a file and is right all the same."""

from __future__ import annotations

import pytest
from acme import desired_from

ACCEPTED = {
    "a number as the name of a workspace": 'workspaces: {2026: {tags: {"1": "2"}}}',
    "a truth value as the name of a workspace": "workspaces: {true: {}, no: {}}",
    "a name in any script": "workspaces: {Größe 大小: {}, 'a/b%c': {}}",
    "names that differ in case only": "workspaces: {Production: {}, production: {}}",
    "a day that is over": "members: {ana@acme.example: {role: user, until: 2020-02-29}}",
    "a day in quotes": 'members: {ana@acme.example: {role: user, until: "2027-01-31"}}',
    "nobody": "members: {}\nworkspaces: {}",
    "null for nobody": "members: null\nworkspaces: ~",
    "a team of nobody": "teams: {empty: []}\nworkspaces: {production: {members: {team:empty: user}}}",
    "a team among the members": "teams: {platform: [ana@acme.example]}\nmembers: {team:platform: developer}",
    "a team and a line of one's own": (
        "teams: {a: [ana@acme.example], b: [ana@acme.example]}\n"
        "workspaces: {p: {members: {team:a: user, team:b: admin, Ana@acme.example: developer}}}"
    ),
    "two teams that agree": (
        "teams: {a: [ana@acme.example], b: [ANA@acme.example]}\n"
        "workspaces: {p: {members: {team:a: user, team:b: user}}}"
    ),
    "maps that share a part": (
        "workspaces:\n  a: &base {tags: {env: prod}}\n  b: {<<: *base, color: '#000000'}\n  c: *base"
    ),
    "globs over every kind": 'guards: {protect: ["*", "*:production", "work*:prod*", "member:*@acme.example"]}',
    "one account of the credential": "guards: {credential_of: ops@acme.example}",
    "several accounts of the credential": "guards: {credential_of: [ops@acme.example, Ceo@acme.example]}",
    "the default workspace, bare": "workspaces: {Default: {}}",
    "a role in quotes": "members: {ana@acme.example: 'developer'}",
    "a plus and an apostrophe in an e-mail": 'members: {"o\'hara+claude@acme.example": user}',
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(case: str) -> None:
    assert desired_from(ACCEPTED[case] + "\n")


def test_a_line_of_ones_own_wins_over_teams() -> None:
    desired = desired_from(ACCEPTED["a team and a line of one's own"])
    [declared] = desired.declared["workspace_member"].values()
    assert (declared.segments, declared.spec.attributes) == (("p", "Ana@acme.example"), {"role": "developer"})


def test_an_absent_collection_is_not_an_empty_one() -> None:
    assert desired_from("teams: {}\n").collections == frozenset()
    assert ("member", ()) in desired_from("members: ~\n").collections
