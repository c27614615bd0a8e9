"""The SDK's source as syntax trees: nothing of it is imported, so any version can be read beside the installed one."""

from __future__ import annotations

import ast
import zipfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGE = "anthropic"


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a name leads to: a class or a value, and the file it is in. A file alone is a module."""

    path: str
    node: ast.ClassDef | ast.expr | None = None
    name: str = ""


@cache
def _parsed(text: str) -> ast.Module:
    """Two versions have most of their files in common."""
    return ast.parse(text)


@dataclass(frozen=True)
class Source:
    """The files of one version, by their path inside the package."""

    texts: Mapping[str, str]
    _names: dict[str, dict[str, Definition]] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path) -> Source:
        """The SDK in a wheel, or in the folder it is installed in."""
        if path.is_dir():
            files = {each.relative_to(path).as_posix(): each.read_text(encoding="utf-8") for each in path.rglob("*.py")}
            return cls(files)
        with zipfile.ZipFile(path) as wheel:
            names = [name for name in wheel.namelist() if name.startswith(f"{PACKAGE}/") and name.endswith(".py")]
            return cls({name.removeprefix(f"{PACKAGE}/"): wheel.read(name).decode("utf-8") for name in names})

    @property
    def version(self) -> str:
        """Which version this is."""
        return self.text_of("_version.py", "__version__")

    def text_of(self, path: str, name: str) -> str:
        """A string that a module gives a name to."""
        found = self.find(path, name)
        if found is None or not isinstance(found.node, ast.Constant) or not isinstance(found.node.value, str):
            raise LookupError(f"{path} has no text named {name}")
        return found.node.value

    def tree(self, path: str) -> ast.Module:
        """The syntax tree of a file."""
        return _parsed(self.texts[path])

    def paths(self, folder: str) -> list[str]:
        """The files below a folder."""
        return sorted(path for path in self.texts if path.startswith(f"{folder}/"))

    def find(self, path: str, name: str) -> Definition | None:
        """What a name means in a file, through every import; None for what comes from outside the SDK."""
        if path not in self._names:
            self._names[path] = self._names_in(path)
        found = self._names[path].get(name)
        if found is None or found.node is not None or not found.name:
            return found
        return self.find(found.path, found.name)

    def _names_in(self, path: str) -> dict[str, Definition]:
        found: dict[str, Definition] = {}
        for node in self.tree(path).body:
            if isinstance(node, ast.ImportFrom) and node.level:
                found.update(self._imported(path, node))
            elif isinstance(node, ast.ClassDef):
                found[node.name] = Definition(path, node, node.name)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                found[node.target.id] = Definition(path, node.value, node.target.id)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = Definition(path, node.value, node.targets[0].id)
        return found

    def _imported(self, path: str, node: ast.ImportFrom) -> dict[str, Definition]:
        folder = PurePosixPath(path).parent
        for _ in range(node.level - 1):
            folder = folder.parent
        target = folder.joinpath(*(node.module or "").split(".")) if node.module else folder
        found = {}
        for alias in node.names:
            module = (target / f"{alias.name}.py").as_posix()
            inside = [f"{target}.py", (target / "__init__.py").as_posix()]
            if module in self.texts:
                found[alias.asname or alias.name] = Definition(module)
            else:
                known = next((each for each in inside if each in self.texts), None)
                if known is not None and known != path:
                    found[alias.asname or alias.name] = Definition(known, None, alias.name)
        return found
