"""The plan as JSON: what a plan file holds, and what other programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from jsonschema import Draft202012Validator
from properties.organizations import examples

from orgsync.core.plan.schema import plan_adapter, plan_schema
from orgsync.render.plan import json_text
from render import plans
from render.strategies import PLANS

if TYPE_CHECKING:
    from conftest import Golden

    from orgsync.core.model.change import Plan

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = Path(__file__).parents[2] / "schemas" / "plan.schema.json"
VALIDATOR = Draft202012Validator(plan_schema())


def test_plan_as_json(golden: Golden) -> None:
    golden(GOLDEN / "rich.json", json_text.render(plans.rich()))


def test_hostile_plan_as_json(golden: Golden) -> None:
    golden(GOLDEN / "hostile.json", json_text.render(plans.hostile()))


def test_schema_that_is_checked_in_is_the_one_in_use(golden: Golden) -> None:
    golden(SCHEMA, json.dumps(plan_schema(), indent=2, ensure_ascii=False) + "\n")


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(plan_schema())


def test_schema_is_closed_everywhere() -> None:
    schema = plan_schema()
    for name, part in {"Plan": schema, **schema["$defs"]}.items():
        if part["type"] == "object":
            assert part["additionalProperties"] is False, name
            assert part["required"] == list(part["properties"]), name


@examples(30)
@given(PLANS)
def test_json_is_inert_valid_and_the_same_plan(plan: Plan) -> None:
    shown = json_text.render(plan)
    data = json.loads(shown)
    assert all(line.isprintable() for line in shown.split("\n"))
    assert "##[" not in shown
    assert list(VALIDATOR.iter_errors(data)) == []
    assert plan_adapter().validate_python(data) == plan
    assert json_text.render(plan) == shown
