"""Which answers are rejections that would come again, and what each of them advises."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from anthropic._error_classes import ERROR_CLASSES

from orgsync.api.answers import Call, Details, Trouble
from orgsync.api.codes import CODES, Meaning
from orgsync.api.failures import failure
from orgsync.api.rejections import next_step
from orgsync.sandbox.resources import RESOURCES


def _fails(code: str | None, status: int, call: Call) -> Any:
    return failure(call, [Trouble("no", status=status, error_type="an_error", details=Details(error_code=code))])


@pytest.mark.parametrize("code", [code for code, row in CODES.items() if row.meaning is Meaning.REFUSED])
def test_no_code_of_a_rejection_advises_to_send_it_again(code: str) -> None:
    row = CODES[code]
    error = _fails(code, row.status, Call("POST", "/v1/organizations/invites"))
    assert error.rejected is not row.passes
    assert ("again" in error.hint) == (row.passes or row.replan)


NEVER_SENT = ("sign_out", "/workspaces/{workspace_id}/service_accounts", "compliance_settings")
"""Writes that orgsync does not make."""


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_every_write_that_can_be_rejected_without_a_code_has_a_next_step(status: int) -> None:
    general = next_step(Call("POST", "/v1/organizations/new_in_2027"), status)
    writes = [
        route
        for resource in RESOURCES
        for route in resource.routes
        if route.writes and not any(part in route.template for part in NEVER_SENT)
    ]
    assert len(writes) > 15
    for route in writes:
        path = "/v1/organizations" + route.template.replace("{", "").replace("}", "")
        told = next_step(Call(route.method, path), status)
        assert (told != general) == (status != 404), route.template
        assert _fails(None, status, Call(route.method, path)).rejected


@pytest.mark.parametrize("status", [408, 429, 500, 503, None])
def test_what_says_nothing_of_the_request_is_no_rejection(status: int | None) -> None:
    trouble = Trouble("no", status=status, error_type="an_error", sent=False)
    assert not failure(Call("GET", "/v1/organizations/users"), [trouble]).rejected


NOT_SENT = ("cannot_sign_out_", "organization_not_enrolled_in_beta", "rbac_group_")
"""Codes of requests that orgsync never sends: it signs nobody out, and invites to no groups."""


def test_every_code_that_the_sandbox_answers_with_is_in_the_table() -> None:
    known = {code for _status, code in ERROR_CLASSES if code}
    literals = {
        node.value
        for path in (Path(__file__).parents[2] / "orgsync" / "sandbox").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    answered = {code for code in literals & known if not code.startswith(NOT_SENT)}
    assert len(answered) > 30
    assert answered <= CODES.keys()
