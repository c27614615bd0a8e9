"""Invites somebody to an organization that is made up for the occasion. Run it in an empty folder."""

from pathlib import Path

import orgsync

seed = {
    "organization": {"name": "Acme Robotics"},
    "users": [{"email": "ceo@acme.example", "role": "admin"}],
}
Path("org.yaml").write_text(
    """\
version: 1
organization: {name: "Acme Robotics"}
members: {ceo@acme.example: admin, ana@acme.example: developer}
workspaces: {research: {}}
"""
)

with orgsync.Sandbox.make("acme.db", seed) as acme:
    plan = orgsync.plan("org.yaml", connection=acme)
    for change in plan.changes:
        print(change.action, change.address)
    report = orgsync.apply(plan, connection=acme, journal="acme.journal.jsonl", actor="the example")
    print("complete" if report.complete else "run this again")
    assert not orgsync.plan("org.yaml", connection=acme).changes
