"""An exported file asks for what is there: all of it that a file can say, and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given
from jsonschema import Draft202012Validator

from orgsync.core.document.export import not_exported
from orgsync.core.document.schema import org_schema
from orgsync.engine.read_live import read_everything
from orgsync.files.yaml.load import load
from orgsync.kinds import KINDS
from properties.organizations import Filed, Organization, escaped, examples, live_organizations
from properties.samples import UNDECLARABLE_NAMES
from properties.witness import snapshot

if TYPE_CHECKING:
    from acme import Org

SCHEMA = Draft202012Validator(org_schema(KINDS))


@examples(30)
@given(live_organizations())
def test_an_exported_file_plans_nothing_and_nothing_for_people_to_do(organization: Organization) -> None:
    org = organization.org()
    plan = org.plan(org.export())
    assert (plan.changes, plan.manual) == ((), ())
    assert org.writes() == []


@examples(20)
@given(live_organizations())
def test_a_file_exported_with_ids_plans_nothing_either(organization: Organization) -> None:
    org = organization.org()
    plan = org.plan(org.export(ids=True))
    assert (plan.changes, plan.manual) == ((), ())


@examples(20)
@given(live_organizations())
def test_an_exported_file_fits_the_schema_that_editors_use(organization: Organization) -> None:
    assert list(SCHEMA.iter_errors(_exported(organization.org()))) == []


@examples(20)
@given(live_organizations())
def test_an_exported_file_names_everybody_who_can_be_named(organization: Organization) -> None:
    org = organization.org()
    live, data = snapshot(org), _exported(org)
    people = [row["email"] for row in live.users.values()]
    people += [row["email"] for row in live.invites.values() if row["status"] == "pending"]
    assert sorted(data["members"]) == sorted(people)
    names = [row["name"] for row in live.workspaces.values() if not row["archived_at"]]
    alone = [name for name in names if names.count(name) == 1 and name not in UNDECLARABLE_NAMES]
    assert sorted(data["workspaces"]) == sorted(alone)
    left_out = set(asyncio.run(_left_out(org)))
    assert not {address for address in left_out if address.startswith("member:")}
    assert {address for address in left_out if address.startswith("workspace:")} == {
        f"workspace:{escaped(name)}" for name in names if name not in alone
    }


def _exported(org: Org) -> dict[str, Any]:
    path = Path(Filed.folder.name) / "exported.yaml"
    path.write_text(org.export(), encoding="utf-8")
    return load(path).data


async def _left_out(org: Org) -> list[str]:
    async with org.client() as client:
        return [one.address for one in not_exported(await read_everything(client.reader, KINDS), KINDS)]
