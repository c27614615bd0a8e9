"""What yaml-language-server shows of organization files, and what ajv says of the schemas: `make editor`.

The file has a name of its own, so that `make unit`, which needs Python only, does not find it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from test_docs import as_editors_read_it, examples

from editor.language_server import LanguageServer, started
from orgsync.cli import exit_code

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
MODULES = Path(os.environ["NODE_PATH"])
SCHEMAS = sorted((ROOT / "schemas").glob("*.json"))
HEAD = "# yaml-language-server: $schema=org.schema.json\n"
ROOT_FILE = f"{HEAD}version: 1\norganization: {{name: Acme}}\n"
PART = HEAD.replace("org.", "org-part.")

ORGANIZATION_ROLES = ["user", "claude_code_user", "developer", "billing", "admin"]
WORKSPACE_ROLES = ["user", "restricted_developer", "developer", "admin"]
BELONGS = "This setting belongs in the root file, which has `organization:`; move it there."
COLLECTIONS = ["members", "workspaces", "spend_limit", "service_accounts", "api_keys"]
SETTINGS = ["requires", "manage", "guards", "accept", "console", "key_policies", "waivers"]


@pytest.fixture(scope="session")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    """An editor in a folder with the schemas."""
    folder = tmp_path_factory.mktemp("organization")
    for schema in SCHEMAS:
        (folder / schema.name).write_bytes(schema.read_bytes())
    program = MODULES / "yaml-language-server" / "bin" / "yaml-language-server"
    with started(["node", program], folder) as server:
        yield server


OFFERS = {
    "members:\n  ana@acme.com: |": ORGANIZATION_ROLES,
    "members:\n  team:core: |": ORGANIZATION_ROLES,
    "members:\n  ana@acme.com:\n    role: |": ORGANIZATION_ROLES,
    "members:\n  ana@acme.com:\n    |": ["role", "until"],
    "workspaces:\n  w:\n    members:\n      ana@acme.com: |": WORKSPACE_ROLES,
    "workspaces:\n  w:\n    members:\n      ana@acme.com: {role: |}": WORKSPACE_ROLES,
    "workspaces:\n  w:\n    |": [
        *["id", "renamed_from", "archived", "recreate", "color", "tags", "data_residency", "inference_data_privacy"],
        *["external_key_id", "user_profile_id", "members", "spend_limit", "rate_limits", "api_keys"],
    ],
    "workspaces:\n  w:\n    archived: |": ["true", "false"],
    "workspaces:\n  w:\n    api_keys:\n      ci: |": ["active", "inactive"],
    "service_accounts:\n  ci: |": ["developer", "admin"],
    "manage:\n  members: |": ["authoritative", "additive", "observe"],
    "guards:\n  |": ["min_admins", "max_removals", "max_grants", "protect", "credential_of", "allow"],
    "key_policies:\n  rotation:\n    |": [
        "match",
        "warn_before",
        "then",
        "max_age",
        "unused_for",
        "created_by",
        "owner",
    ],
    "key_policies:\n  rotation:\n    then: |": ["report", "deactivate", "archive"],
    "key_policies:\n  rotation:\n    created_by:\n      - |": ["user", "service_account"],
    "waivers:\n  - |": ["policy", "key", "id", "until", "reason", "approved_by"],
    "console:\n  |": ["sso", "currency", "usage_tier"],
    "spend_limit: |": ["5000", "null"],
    "|": [*SETTINGS, *COLLECTIONS, "teams"],
    "members:\n  |": ["ana@acme.com"],
    "workspaces:\n  |": ["prod"],
}
"""What has to be among what is offered at each cursor."""


@pytest.mark.parametrize("text", OFFERS)
def test_an_editor_offers(editor: LanguageServer, text: str) -> None:
    offered = [offer.label for offer in editor.offers(ROOT_FILE + text)]
    assert set(OFFERS[text]) <= set(offered)
    assert not [label for label in offered if "object Object" in label]


@pytest.mark.parametrize(
    "text", ["members:\n  ana@acme.com: |", "workspaces:\n  w:\n    members:\n      a@acme.com: |"]
)
def test_below_an_email_nothing_but_roles_is_offered(editor: LanguageServer, text: str) -> None:
    roles = WORKSPACE_ROLES if "workspaces" in text else ORGANIZATION_ROLES
    assert [offer.label for offer in editor.offers(ROOT_FILE + text)] == roles


def test_every_key_that_is_offered_says_what_it_is(editor: LanguageServer) -> None:
    for text in ("|", "workspaces:\n  w:\n    |", "guards:\n  |", "manage:\n  |", "key_policies:\n  rotation:\n    |"):
        assert not [offer.label for offer in editor.offers(ROOT_FILE + text) if not offer.says]


def test_what_an_editor_inserts_is_valid(editor: LanguageServer, tmp_path: Path) -> None:
    """Of the sections; most settings need something of the person who writes them."""
    for offer in editor.offers(f"{ROOT_FILE}|"):
        if offer.label in {*COLLECTIONS, "manage", "guards"}:
            (tmp_path / "org.yaml").write_text(f"{ROOT_FILE}{offer.inserts}\n", encoding="utf-8")
            assert exit_code(["validate", str(tmp_path / "org.yaml"), "--quiet"]) == 0, offer


def test_a_part_of_a_folder_is_offered_what_may_stand_there(editor: LanguageServer) -> None:
    offered = {offer.label for offer in editor.offers(f"{PART}|")}
    assert offered == {*COLLECTIONS, "teams"}


HOVERS = {
    "mem|bers: {}": "people of the organization",
    "members:\n  ana@acme.com: ad|min": "organization role",
    "members:\n  ana@acme.com: {un|til: 2027-01-01}": "last day",
    "work|spaces: {}": "workspaces of the organization",
    "workspaces:\n  w:\n    mem|bers: {}": "access to the workspace",
    "workspaces:\n  w:\n    rate_|limits: {}": "Limits of the workspace",
    "workspaces:\n  w:\n    api_|keys: {}": "API keys of the workspace",
    "workspaces:\n  w:\n    spend|_limit: 5": "billing currency",
    "service|_accounts: {}": "act for programs",
    "gua|rds: {}": "can refuse it",
    "guards:\n  max_rem|ovals: {}": "withdraw or stop",
    "guards:\n  pro|tect: []": "no plan may withdraw",
    "man|age: {}": "How far authority reaches",
    "manage:\n  mem|bers: additive": "reported and not changed",
    "key_|policies: {}": "required of keys",
    "wai|vers: []": "exceptions from policies",
    "tea|ms: {}": "Named lists of people",
    "console:\n  ss|o: on": "sign in",
}
"""What has to be said of each word at the cursor."""


@pytest.mark.parametrize("text", HOVERS)
def test_an_editor_explains(editor: LanguageServer, text: str) -> None:
    said = editor.hover(ROOT_FILE + text)
    assert HOVERS[text].casefold() in said.casefold()
    assert re.match(r"#### [A-Z][a-z]* ?[A-Za-z -]*\n", said), said


TYPOS = {
    "members: {ana@acme.com: amin}": '"admin"',
    "members: {ana: admin}": "write ana@acme.com or team:NAME",
    "members: {ana@acme.com: {role: user, until: soon}}": "write YYYY-MM-DD",
    "workspaces: {w: {color: red}}": "#6C5BB9",
    "workspaces: {w: {id: w1}}": "wrkspc_",
    "workspaces: {w: {api_keys: {ci: on}}}": '"inactive"',
    "teams: {core: [ana]}": "ana@acme.com",
    "key_policies: {p: {max_age: 90}}": "string",
    "key_policies: {p: {max_age: 90 days}}": "90d",
    "waivers: [{policy: p, key: ci, until: 2027-01-01, reason: r}]": "api_key:WORKSPACE/NAME",
    "guards: {allow: [{address: prod, reason: r}]}": "workspace:prod",
    "console: {sso: enabled}": "on, off",
    "spend_limit: {monthly: 5, currency: usd}": "USD",
}
"""What has to be in the one message about each file."""


@pytest.mark.parametrize("text", TYPOS)
def test_an_editor_says_what_to_write(editor: LanguageServer, text: str) -> None:
    complaints = editor.complaints(ROOT_FILE + text)
    assert TYPOS[text] in " ".join(complaints)
    assert {complaint.partition(":")[0] for complaint in complaints} == {"4"}


def test_an_editor_mends_a_key(editor: LanguageServer) -> None:
    assert "members" in editor.fixes(f"{ROOT_FILE}membrs: {{}}\n")


@pytest.mark.parametrize("example", [*examples(), (ROOT / "examples/ci/github/org.yaml").read_text(encoding="utf-8")])
def test_nothing_is_underlined_in_an_example(editor: LanguageServer, example: str) -> None:
    assert editor.complaints(HEAD + re.sub(r"\A# yaml-language-server.*\n", "", example)) == []


def test_in_a_folder_the_same_is_underlined_that_validate_warns_of(editor: LanguageServer) -> None:
    folder = ROOT / "tests/files/old/0.1/repository/org"
    complaints = {
        path.name: editor.complaints((HEAD if "\norganization:" in f"\n{text}" else PART) + text)
        for path in sorted(folder.glob("*.yaml"))
        for text in [path.read_text(encoding="utf-8")]
    }
    assert complaints == {"10-settings.yaml": [], "20-people.yaml": [], "30-workspaces.yaml": [f"22: {BELONGS}"]}


def test_a_setting_outside_the_root_file_is_underlined(editor: LanguageServer) -> None:
    [complaint] = editor.complaints(f"{PART}guards: {{min_admins: 2}}\n")
    assert complaint == f"2: {BELONGS}"


def test_the_first_line_of_an_export_finds_the_schema(editor: LanguageServer) -> None:
    exported = (ROOT / "tests/cli/golden/export-ids.yaml").read_text(encoding="utf-8")
    assert editor.complaints(exported) == []
    assert len(editor.complaints(f"{exported}membrs: {{}}\n")) == 1


def test_an_engine_of_javascript_accepts_the_schemas() -> None:
    """Patterns as ECMA-262 reads them under the `u` flag; every example fits."""
    asked = [{"schema": json.loads(path.read_text(encoding="utf-8")), "documents": []} for path in SCHEMAS]
    (org,) = [one for one in asked if one["schema"]["$id"] == "urn:orgsync:schema:org:1"]
    org["documents"] = [as_editors_read_it(text) for text in examples()]
    judge = Path(__file__).with_name("judge.cjs")
    ended = subprocess.run(["node", judge], input=json.dumps(asked), capture_output=True, text=True, timeout=60)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("", "", 0)


def test_a_pattern_that_the_u_flag_refuses_is_found(tmp_path: Path) -> None:
    asked: list[dict[str, Any]] = [
        {"schema": {"$id": "urn:orgsync:one", "type": "string", "pattern": '[\\"]'}, "documents": []}
    ]
    judge = Path(__file__).with_name("judge.cjs")
    ended = subprocess.run(["node", judge], input=json.dumps(asked), capture_output=True, text=True, timeout=60)
    assert "Invalid regular expression" in ended.stdout
