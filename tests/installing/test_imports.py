"""What stands in the process that writes to an organization: everything that `orgsync apply` imports is on a list."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from acme import HEAD
from cli.support import NOW, PATIENCE, Sandbox, environment, files, sandbox_server

from orgsync.flows.connection import SANDBOX_KEY

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import sys
from orgsync.cli import exit_code
code = exit_code(sys.argv[1:])
installed = (name for name, module in sys.modules.items() if "site-packages" in (getattr(module, "__file__", "") or ""))
print("imported:", *installed, *(name for name in sys.modules if name.startswith("orgsync")))
sys.exit(code)
"""
ALLOWED = {
    *("click", "filelock", "rich", "tenacity", "yaml", "_yaml"),
    *("httpx", "httpcore", "h11", "anyio", "sniffio", "certifi", "idna"),
    *("pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"),
    *("jsonschema", "jsonschema_specifications", "referencing", "rpds", "attr", "attrs"),
    *("deepdiff", "orderly_set", "cachebox", "iso4217", "platformdirs"),
    *("pygments", "markdown_it", "mdurl"),
}
"""The libraries of requirements/run.txt, by the names they are imported with. Nothing of an extra is among them."""
PLACED_BY_THE_ENVIRONMENT = {"_distutils_hack", "_virtualenv", "sitecustomize"}
"""What starts with every Python of an environment."""
FILES = f"{HEAD}manage: {{workspaces: authoritative}}\nworkspaces: {{lab: {{tags: {{env: prod}}}}, new: {{}}}}\n"


def imported_by_apply(folder: Path) -> set[str]:
    """Every module of a library or of ours in a process that has made two changes over a real connection."""
    sandbox = Sandbox(folder / "acme.db", workspaces=[{"name": "lab", "tags": {"env": "test"}}])
    path = files(folder, FILES)
    with sandbox_server(sandbox.path) as url:
        ended = subprocess.run(
            [
                sys.executable,
                "-c",
                SCRIPT,
                "apply",
                path,
                "--yes",
                "--first-apply",
                "--now",
                NOW,
                "--undo",
                folder / "undo.json",
            ],
            cwd=folder,
            env=environment(ANTHROPIC_BASE_URL=url, ANTHROPIC_ADMIN_KEY=SANDBOX_KEY),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
        )
    assert ended.returncode == 0, ended.stderr
    assert len(sandbox.writes()) == 2
    return set(ended.stdout.rpartition("imported:")[2].split())


def test_apply_imports_what_is_on_the_list_and_nothing_of_the_sandbox(tmp_path: Path) -> None:
    modules = imported_by_apply(tmp_path)
    roots = {name.partition(".")[0] for name in modules} - PLACED_BY_THE_ENVIRONMENT
    assert roots <= {"orgsync", *ALLOWED}
    assert {"orgsync", "httpx", "yaml", "click"} <= roots  # the question does find something
    assert not {name for name in modules if name.startswith(("orgsync.sandbox", "orgsync.rehearsal"))}
    assert not {"orgsync.notify", "orgsync.github"} & modules
