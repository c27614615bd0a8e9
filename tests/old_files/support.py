"""The files that former releases wrote, and the organization they belong to."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from cli.support import Sandbox

OLD = Path(__file__).parents[1] / "files" / "old"
AT = ("--sandbox", "acme.db", "--now", "2026-11-22T10:00:00Z")
RELEASES = sorted(path.name for path in OLD.iterdir() if path.is_dir())
EMAIL_KEY = "a key that everybody may know: these are nobody's e-mails"


def repository(release: str, folder: Path) -> Sandbox:
    """Puts the small repository of that release into the folder, and its organization beside it as `acme.db`."""
    shutil.copytree(OLD / release / "repository", folder, dirs_exist_ok=True)
    seed: dict[str, Any] = json.loads((OLD / release / "seed.json").read_text(encoding="utf-8"))
    return Sandbox(folder / "acme.db", **seed)


def rewritten(path: Path, **values: Any) -> None:
    """Gives keys of a JSON file other values, as another version of orgsync would have."""
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, **values}), encoding="utf-8")
