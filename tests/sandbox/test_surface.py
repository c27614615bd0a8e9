"""The canary: what is kept of the SDK's surface is what the SDK has, and a difference is told in words."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anthropic
import pytest

from orgsync.sandbox.resources import RESOURCES
from orgsync.sandbox.server.routes import every_route
from orgsync.sandbox.wire.context import PREFIX
from sandbox.sdk.sdk_shapes import WITH_BETA

from .surface.__main__ import main
from .surface.differences import told
from .surface.dump import SECTIONS, surface, written
from .surface.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = Path(__file__).parent / "surface.json"
INSTALLED = Path(anthropic.__path__[0])
WORKSPACE = "types/beta/organization/beta_workspace.py"
WORKSPACES = "resources/beta/organization/workspaces/workspaces.py"
ERRORS = "_error_classes.py"
# Reports of the API that the SDK never had.
LEGACY = {f"GET {PREFIX}/{name}" for name in ("usage_report/messages", "cost_report")}


@pytest.fixture(scope="module")
def sdk() -> Source:
    return Source.of(INSTALLED)


@pytest.fixture(scope="module")
def found(sdk: Source) -> dict[str, Any]:
    return surface(sdk)


@pytest.fixture
def moved(sdk: Source, found: dict[str, Any]) -> Callable[..., str]:
    """What the canary would say of an SDK in whose files something stands in place of something else."""

    def compare(*changes: tuple[str, str, str]) -> str:
        texts = dict(sdk.texts) | {"_version.py": '__version__ = "2.15.0"\n'}
        for path, old, new in changes:
            assert old in texts[path], (path, old)
            texts[path] = texts[path].replace(old, new)
        return told(found, surface(Source(texts)))

    return compare


def made_up(**parts: Any) -> dict[str, Any]:
    return {"sdk": "2.15.0", **{part: parts.get(part, {}) for part in SECTIONS}}


def test_what_is_kept_is_what_the_sdk_has(found: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    kept = KEPT.read_text(encoding="utf-8")
    assert written(found) == kept, "read `make canary`, then `make surface`"
    assert json.loads(kept) == found
    assert main(["dump", str(INSTALLED)]) == 0
    assert capsys.readouterr().out == kept


def test_the_sandbox_has_no_endpoint_that_the_api_has_not(found: dict[str, Any]) -> None:
    routes = every_route(RESOURCES)
    ours = {f"{route.method} {PREFIX}{route.template}" for route in routes if not route.console_only}
    assert ours - set(found["calls"]) == LEGACY


def test_the_shapes_know_every_field_of_a_beta(found: dict[str, Any]) -> None:
    named = {name: text for name, text in found["fields"].items() if "; with " in text}
    assert {f"Beta{name}" for name in named} == {".".join(field) for field in WITH_BETA}
    for (model, name), beta in WITH_BETA.items():
        assert f"; with {beta} (beta)" in named[f"{model.removeprefix('Beta')}.{name}"]


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("calls", "GET /v1/organizations/users", "SyncPage of OrganizationUser"),
        ("parameters", "POST /v1/organizations/workspaces body name", "text; required"),
        ("parameters", "GET /v1/organizations/users query roles", "list of text"),
        ("fields", "Workspace.archived_at", "null or time"),
        ("fields", "DataResidency.workspace_geo", "word"),
        ("fields", "WorkspaceCreatedIncompleteErrorDetails.workspace_id", "text"),
        ("words", "AnthropicHumanReview.type", ["disabled", "enabled"]),
        ("errors", "400 already_member", "AlreadyMemberError"),
        ("errors", "503", "ServiceUnavailableError"),
        ("headers", "anthropic-version", "2026-10-21"),
        ("token", "TOKEN_ENDPOINT", "/v1/oauth/token"),
        ("token", "GRANT_TYPE_JWT_BEARER sends workspace_id", "sometimes"),
        ("token", "GRANT_TYPE_JWT_BEARER reads expires_in", "answer"),
    ],
)
def test_facts_are_read_off_the_source(found: dict[str, Any], part: str, name: str, value: Any) -> None:
    assert found[part][name] == value


def test_nothing_new_is_said_in_one_line(moved: Callable[..., str]) -> None:
    assert moved() == "2.15.0: nothing that 2.14.0 does not have\n"


def test_new_fields_values_and_errors_are_named(moved: Callable[..., str]) -> None:
    said = moved(
        (WORKSPACE, "    name: str\n", "    name: str\n\n    region: Literal['eu', 'us']\n"),
        (WORKSPACE, 'Literal["workspace"]', 'Literal["project", "workspace"]'),
        (ERRORS, '(400, "already_member")', '(400, "user_on_leave"): AlreadyMemberError,\n    (400, "already_member")'),
    )
    assert said.splitlines() == [
        "2.15.0: 1 new field, 3 new values, 1 new error",
        "  new field Workspace.region: word (beta)",
        "  new values Workspace.region: eu, us",
        "  new value Workspace.type: project (beta)",
        "  new error 400 user_on_leave: AlreadyMemberError",
    ]


def test_changed_and_missing_things_are_named(moved: Callable[..., str]) -> None:
    said = moved(
        (WORKSPACE, "tags: Dict[str, str]", "tags: Optional[Dict[str, str]]"),
        (WORKSPACE, "    display_color: str\n", ""),
        (WORKSPACES, '"display_color": display_color,\n', "\n"),
        (WORKSPACES, "          BetaGrantRequiredError:\n", ""),
    )
    path = "POST /v1/organizations/workspaces"
    assert said.splitlines() == [
        "2.15.0: 2 changed parameters, 2 changed fields, 2 gone errors of calls",
        f"  changed parameter {path} body display_color: null or text -> null or text (stable)",
        f"  changed parameter {path}/{{workspace_id}} body display_color: text -> text (stable)",
        "  changed field Workspace.display_color: text -> text (stable)",
        "  changed field Workspace.tags: map of text -> map of text (stable), map of text or null (beta)",
        "  gone error of a call POST /v1/organizations/workspaces: 400 grant_required (beta)",
        "  gone error of a call POST /v1/organizations/workspaces/{workspace_id}: 400 grant_required (beta)",
    ]


def test_a_new_call_and_a_new_beta_are_named(moved: Callable[..., str]) -> None:
    call = '"/v1/organizations/workspaces",\n            body='
    said = moved(
        (WORKSPACES, call, call.replace("workspaces", "projects")),
        ("lib/credentials/_constants.py", "oidc-federation-2026-04-01", "oidc-federation-2027-01-01"),
        ("_constants.py", "2026-10-21", "2027-02-02"),
    )
    headline, *lines = said.splitlines()
    assert headline.startswith("2.15.0: 1 new call, 7 new parameters, 20 new errors of calls, 1 changed call")
    assert "  new call POST /v1/organizations/projects: Workspace; takes efs-2026-10-01 (beta)" in lines
    assert "  changed header anthropic-version: 2026-10-21 -> 2027-02-02" in lines
    token = "FEDERATION_BETA_HEADER: oidc-federation-2026-04-01 -> oidc-federation-2027-01-01"
    assert f"  changed fact of the token endpoint {token}" in lines


def test_the_headline_counts_what_is_new_before_what_is_gone() -> None:
    old = made_up(fields={"A.a": "text", "A.b": "text"}, errors={"400 x": "XError"}, betas={"b-2026-01-01": ""})
    new = made_up(fields={"A.a": "time", "A.c": "text", "A.d": "text", "A.e": "text"}, errors={"409 y": "YError"})
    assert told(old, new).splitlines() == [
        "2.15.0: 3 new fields, 1 new error, 1 changed field, 1 gone field, 1 gone error, 1 gone beta",
        "  new field A.c: text",
        "  new field A.d: text",
        "  new field A.e: text",
        "  changed field A.a: text -> time",
        "  gone field A.b",
        "  new error 409 y: YError",
        "  gone error 400 x",
        "  gone beta b-2026-01-01",
    ]


def test_the_exit_code_tells_whether_there_is_a_difference(
    tmp_path: Path, sdk: Source, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(KEPT), str(INSTALLED)]) == 0
    with zipfile.ZipFile(tmp_path / "anthropic-2.15.0.whl", "w") as wheel:
        for path, text in sdk.texts.items():
            new = text.replace("    name: str\n", "    name: str\n\n    owner: str\n") if path == WORKSPACE else text
            wheel.writestr(f"anthropic/{path}", new)
    capsys.readouterr()
    assert main(["compare", str(KEPT), str(tmp_path / "anthropic-2.15.0.whl")]) == 2
    assert capsys.readouterr().out == "2.14.0: 1 new field\n  new field Workspace.owner: text (beta)\n"


def test_what_cannot_be_read_is_no_empty_surface(sdk: Source) -> None:
    with pytest.raises(LookupError, match="no text named __version__"):
        surface(Source(dict(sdk.texts) | {"_version.py": ""}))
    misspelled = sdk.texts[WORKSPACES].replace('"name": name,', '"name": nickname,')
    with pytest.raises(LookupError, match="which it does not take"):
        surface(Source(dict(sdk.texts) | {WORKSPACES: misspelled}))
