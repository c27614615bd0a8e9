"""What orgsync needs only for some commands, and the one command that installs what is missing.

A checkout, a wheel, pipx and uv each have another way to install more, and the checkout or the wheel may be gone. What
always holds: the requirements of the extra, as the metadata of this very installation list them, have to get into this
very environment.
"""

from __future__ import annotations

import shlex
import sys
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec
from pathlib import Path

from orgsync.errors import UsageError

LIBRARIES: dict[str, dict[str, str]] = {
    "github": {"github": "PyGithub"},
    "notify": {"apprise": "Apprise"},
    "sandbox": {"starlette": "Starlette", "uvicorn": "Uvicorn"},
    "signing": {"cryptography": "cryptography"},
}
"""What each extra brings: the module that is imported, and how people call it."""


def require(extra: str, purpose: str) -> None:
    """Raises UsageError, with the command that installs it, where a module of the extra is missing.

    Nothing is imported. The message begins with `purpose`, such as "signatures require".
    """
    missing = [name for module, name in LIBRARIES[extra].items() if find_spec(module) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        message = f"{purpose} {' and '.join(missing)}, which {verb} not installed"
        raise UsageError(message, hint=_installing(extra))


def _installing(extra: str) -> str:
    wanted = _requirements(extra)
    if not wanted:
        return f"install orgsync with its extra: pip install '.[{extra}]' in a checkout of it"
    if (Path(sys.prefix) / "pipx_metadata.json").exists():
        command = ["pipx", "inject", Path(sys.prefix).name, *wanted]
    elif find_spec("pip") is None:  # as in environments that uv made
        command = ["uv", "pip", "install", "--python", sys.executable, *wanted]
    else:
        command = [sys.executable, "-m", "pip", "install", *wanted]
    return shlex.join(command)


def _requirements(extra: str) -> list[str]:
    """What the metadata of this installation lists for the extra, without its marker."""
    try:
        lines = requires("orgsync") or []
    except PackageNotFoundError:  # a checkout on the path that nobody installed
        return []
    split = [line.partition(";") for line in lines]
    return [name.strip() for name, _, marker in split if f"extra == '{extra}'" in marker.replace('"', "'")]
