"""A stand-in for `gh attestation verify`: it knows what was attested, and judges how it is asked."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SIGNER = "acme/orgsync/.github/workflows/orgsync-plan.yml"

_PROGRAM = f"""#!{sys.executable}
import hashlib, json, os, sys
from pathlib import Path

verb, file, options = sys.argv[1:3], sys.argv[3], dict(word.split("=", 1) for word in sys.argv[4:])
assert verb == ["attestation", "verify"], sys.argv
assert set(options) == {{"--repo", "--signer-workflow", "--format"}}, sys.argv
allowed = {{"PATH", "HOME", "GH_TOKEN", "GH_HOST", "LC_CTYPE"}}
assert set(os.environ) <= allowed, sorted(set(os.environ) - allowed)
assert os.environ["GH_TOKEN"].startswith("ghs_"), "no token"
digest = hashlib.sha256(Path(file).read_bytes()).hexdigest()
found = [
    one["certificate"]
    for one in json.loads((Path(__file__).parent / "attestations.json").read_text())
    if (one["sha256"], one["repository"], one["signer"]) == (digest, options["--repo"], options["--signer-workflow"])
]
if not found:
    sys.exit("Error: no attestations found")
print(json.dumps([{{"verificationResult": {{"signature": {{"certificate": one}}}}}} for one in found]))
"""


def install(folder: Path, attestations: Sequence[dict[str, Any]]) -> None:
    """Puts a `gh` into a folder that knows these."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "attestations.json").write_text(json.dumps(attestations))
    (folder / "gh").write_text(_PROGRAM)
    (folder / "gh").chmod(0o755)


def attestation(
    sha256: str, *, repository: str, number: int, commit: str, run: int, signer: str = SIGNER, **odd: str
) -> dict[str, Any]:
    """What GitHub signs for a run on `pull_request`; `odd` are fields of the certificate that are different."""
    certificate = {
        "buildTrigger": "pull_request",
        "sourceRepositoryRef": f"refs/pull/{number}/merge",
        "sourceRepositoryDigest": commit,
        "runInvocationURI": f"https://github.com/{repository}/actions/runs/{run}/attempts/1",
        **odd,
    }
    return {"sha256": sha256, "repository": repository, "signer": signer, "certificate": certificate}
