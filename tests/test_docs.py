"""What the documentation says is checked against what the code does."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from orgsync.cli import exit_code
from orgsync.cli.program import COMMANDS, module_of
from orgsync.core.answers.schema import answer_schema
from orgsync.core.apply.events_schema import events_schema
from orgsync.core.apply.failure import failure_schema
from orgsync.core.document.schema import org_schema, part_schema
from orgsync.core.drift.schema import drift_schema
from orgsync.core.model.codes import Code
from orgsync.core.plan.guards import GUARDS
from orgsync.core.plan.schema import plan_schema
from orgsync.core.snapshot.snapshot import snapshot_schema
from orgsync.kinds import KINDS
from orgsync.questions.review.closing import record_schema
from orgsync.questions.review.file import review_schema

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def first_words(table: str) -> list[str]:
    """The code words in the first column of a Markdown table."""
    return re.findall(r"^\| `(\w+)`", table, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), target


def test_the_index_names_every_page() -> None:
    index = set(re.findall(r"\]\(([^)]+)\)", text("docs/README.md")))
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert pages <= index


def test_the_readme_shows_the_help_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--help"]) == 0
    assert capsys.readouterr().out.strip() in text("README.md")


def test_the_readme_starts_with_the_two_commands_that_do_everything() -> None:
    assert re.findall(r"^ {4}(make \w+)", text("README.md"), re.MULTILINE)[:2] == ["make demo", "make test"]


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("org", org_schema(KINDS)),
        ("org-part", part_schema(KINDS)),
        ("plan", plan_schema()),
        ("snapshot", snapshot_schema()),
        ("drift", drift_schema()),
        ("review", review_schema()),
        ("closing", record_schema()),
        ("events", events_schema()),
        ("failure", failure_schema()),
        ("answer", answer_schema()),
    ],
)
def test_checked_in_schemas_are_the_ones_the_code_makes(name: str, schema: dict[str, object]) -> None:
    assert json.loads(text(f"schemas/{name}.schema.json")) == schema
    jsonschema.Draft202012Validator.check_schema(schema)


def examples() -> list[str]:
    """The example file, and every complete YAML block of the documentation."""
    blocks = [block for page in PAGES for block in re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)]
    return [text("examples/org.yaml"), *(block for block in blocks if block.startswith("version"))]


def as_editors_read_it(example: str) -> Any:
    """A day is text there, as in YAML 1.2."""
    return yaml.safe_load(re.sub(r"(\d{4}-\d\d-\d\d)", r'"\1"', example))


@pytest.mark.parametrize("example", examples())
def test_examples_fit_the_schema_and_are_valid(example: str, tmp_path: Path) -> None:
    jsonschema.validate(as_editors_read_it(example), org_schema(KINDS))
    (tmp_path / "org.yaml").write_text(example, encoding="utf-8")
    assert exit_code(["validate", str(tmp_path / "org.yaml"), "--quiet"]) == 0


def test_every_guard_has_its_row() -> None:
    rows = [f"| `{guard.name}` | {guard.refuses} | {guard.lifted_by} |" for guard in GUARDS]
    assert [line for line in text("docs/guards.md").splitlines() if line.startswith("| `")] == rows


def test_every_code_has_its_row() -> None:
    assert first_words(text("docs/codes.md").partition("## As data")[0]) == [code.value for code in Code]


def test_every_code_is_used_and_no_note_has_a_code_of_its_own() -> None:
    sources = [path for folder in ("core", "kinds", "questions") for path in (ROOT / "orgsync" / folder).rglob("*.py")]
    sources.remove(ROOT / "orgsync" / "core" / "model" / "code_rows.py")
    used: set[str] = set()
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code":
                used.add(node.attr)
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"Note", "ManualStep"}
            ):
                assert not isinstance(node.args[1], ast.Constant), f"{path}:{node.lineno}"
    assert used == {code.name for code in Code}


def test_every_key_of_a_kind_is_described() -> None:
    page = text("docs/file.md")
    for kind in KINDS:
        for name in kind.spec.model_fields:
            assert f"`{name}`" in page or f"{name}:" in page, f"{kind.name}.{name}"


def test_every_decision_is_listed() -> None:
    index = text("docs/decisions/README.md")
    for page in (ROOT / "docs" / "decisions").glob("0*.md"):
        assert f"]({page.name})" in index


def test_every_command_is_in_the_table_with_its_own_words() -> None:
    from importlib import import_module

    for name, line in COMMANDS.items():
        command = getattr(import_module(module_of(name)), name)
        assert (command.help or "").splitlines()[0] == line
