"""The JSON Schemas of the organization file: as strict as the reader, and of help to whoever writes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from orgsync.core.document.schema import org_schema, part_schema
from orgsync.core.model.things import Spec
from orgsync.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

ORG, PART = org_schema(KINDS), part_schema(KINDS)
BOTH = pytest.mark.parametrize("schema", [ORG, PART], ids=["org", "part"])
ROOT = {"version": 1, "organization": {"name": "Acme"}}


def fits(written: dict[str, Any], schema: dict[str, Any] = ORG) -> bool:
    return Draft202012Validator(schema).is_valid({**ROOT, **written} if schema is ORG else written)


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside a schema, and every map in it."""
    if isinstance(schema, dict):
        yield schema
        for inner in schema.values():
            yield from nodes(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from nodes(inner)


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for node in nodes(schema):
        if node is not schema.get("properties") and isinstance(node.get("properties"), dict):
            yield from node["properties"].items()


@BOTH
def test_every_property_is_described(schema: dict[str, Any]) -> None:
    named = list(properties(schema))
    assert len(named) > 90
    for name, one in named:
        meant = schema["$defs"][one["$ref"].rpartition("/")[2]] if "$ref" in one else {}
        assert {**meant, **one}.get("description"), name


@BOTH
def test_headings_are_plain_words(schema: dict[str, Any]) -> None:
    classes = {one.__name__ for one in all_subclasses(Spec)}
    titles = {node["title"] for node in nodes(schema) if isinstance(node.get("title"), str)}
    assert len(titles) > 30
    assert not titles & classes
    assert not [title for title in titles if "_" in title or title[0].islower()]


def all_subclasses(model: type[Any]) -> Iterator[type[Any]]:
    for one in model.__subclasses__():
        yield one
        yield from all_subclasses(one)


@BOTH
def test_whoever_breaks_a_pattern_reads_what_to_write(schema: dict[str, Any]) -> None:
    patterns = [node for node in nodes(schema) if isinstance(node.get("pattern"), str) or node.get("format") == "date"]
    assert len(patterns) > 30
    assert not [node for node in patterns if not node.get("patternErrorMessage")]


@BOTH
def test_examples_fit(schema: dict[str, Any]) -> None:
    shown = [
        (node, [*node.get("examples", ()), *(one["body"] for one in node.get("defaultSnippets", ()))])
        for node in nodes(schema)
        if isinstance(node.get("examples", node.get("defaultSnippets")), list)
    ]
    assert len(shown) > 20
    for node, examples in shown:
        judge = Draft202012Validator({**node, "$defs": schema["$defs"]})
        assert all(map(judge.is_valid, examples)), node


@BOTH
def test_editors_offer_values_below_keys_of_any_name(schema: dict[str, Any]) -> None:
    """They do not below `patternProperties`."""
    assert not [node for node in nodes(schema) if "patternProperties" in node]


@pytest.mark.parametrize(
    ("written", "valid"),
    [
        ({"spend_limit": None}, True),
        ({"spend_limit": {"monthly": None}}, True),
        ({"members": None, "workspaces": None, "service_accounts": None}, True),
        ({"workspaces": {"w": {"tags": None, "members": None, "api_keys": None, "rate_limits": None}}}, True),
        ({"workspaces": {"w": {"rate_limits": {"claude-sonnet-5": {"requests_per_minute": None}}}}}, True),
        ({"service_accounts": {"ci": {"description": None}}}, True),
        ({"workspaces": {"w": None}}, False),
        ({"workspaces": {"w": {"color": None}}}, False),
        ({"members": {"ana@acme.com": "admin", "team:a": {"role": "user", "until": "2027-01-01"}}}, True),
        ({"members": {"ana": "admin"}}, False),
        ({"members": {"ana@acme.com": None}}, False),
        ({"workspaces": {"w": {"inference_data_privacy": {"safeguards_storage": "internal"}}}}, True),
        ({"workspaces": {"w": {"inference_data_privacy": {"safeguards_storage": "estrg_1"}}}}, True),
        ({"workspaces": {"w": {"inference_data_privacy": {"safeguards_storage": "internals"}}}}, False),
        ({"workspaces": {"w": {"inference_data_privacy": {"safeguards_storage": "my estrg_1"}}}}, False),
    ],
)
def test_the_schema_accepts_what_the_reader_accepts(written: dict[str, Any], valid: bool) -> None:
    assert fits(written) is valid
    assert fits(written, PART) is valid


def test_nothing_must_stand_in_a_part_and_what_makes_a_root_file_may_not() -> None:
    assert fits({}, PART)
    assert fits({"teams": {"a": ["ana@acme.com"]}, "members": {"team:a": "user"}}, PART)
    assert not any(fits({key: value}, PART) for key, value in ROOT.items())
    assert not fits({"membres": {}}, PART)


def test_settings_in_a_part_are_pointed_out_as_by_validate() -> None:
    assert fits({"guards": {"min_admins": 2}}, PART)
    told = {name for name, one in PART["properties"].items() if one.get("deprecated")}
    assert told == {"requires", "manage", "guards", "key_policies", "waivers", "accept", "console"}
    assert all("root file" in PART["properties"][name]["deprecationMessage"] for name in told)
    assert not [name for name, one in ORG["properties"].items() if one.get("deprecated")]
