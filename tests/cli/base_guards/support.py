"""Plans that are compared with a base, and what its guards make of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cli.support import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.review.support import Repository

    from cli.conftest import Orgsync

ANA = "member:ana@acme.example"
ORG = """\
manage: {members: authoritative}
guards: {protect: ["member:ana@acme.example"], max_removals: {percent: 100}}
members: {ceo@acme.example: admin, ana@acme.example: user, raj@acme.example: user}
"""
LOOSE = ORG.replace('protect: ["member:ana@acme.example"]', "protect: []").replace("ana@acme.example: user, ", "")
"""What nobody may do in one step: no protection, and Ana is removed."""

MORE = ORG.replace("raj@", "kim@acme.example: user, raj@")
"""What any change of the files may do."""


class Planned:
    """How `plan --base main` ended."""

    def __init__(
        self, orgsync: Orgsync, *words: str, path: str = "org.yaml", base: str = "main", now: str = NOW
    ) -> None:
        here = ["plan", path, "--sandbox", "acme.db", "--now", now, "--base", base]
        ended = orgsync(*here, *words, "--format", "json")
        self.code, self.err = ended.code, ended.err
        self.plan: dict[str, Any] = json.loads(ended.out) if ended.out else {}

    @property
    def removed(self) -> list[str]:
        """The whole plan is printed, also if it is refused."""
        return [change["address"] for change in self.plan["changes"] if change["action"] == "remove"]

    @property
    def verdict(self) -> dict[str, Any] | None:
        found = [verdict for verdict in self.plan["guards"] if verdict["guard"] == "base_guards"]
        return found[0] if found else None

    @property
    def refused_for(self) -> str:
        """Why the guards of the base refuse the plan."""
        assert self.code == 3
        verdict = self.verdict
        assert verdict is not None
        assert not verdict["passed"]
        return str(verdict["message"])

    @property
    def codes(self) -> set[str]:
        return {note["code"] for note in self.plan["findings"]}


JUDGED = "refused by the guards of the base: protect: protected by guards.protect"
UNREAD = "the guards of the base cannot be read: "
BY_HAND = "; correct the base first, or lift this by hand with --without-base-guards REASON"


def is_judged(
    orgsync: Orgsync, repository: Repository, path: str = "org.yaml", now: str = NOW, others: Sequence[Path] = ()
) -> Planned:
    """Holds the loose files, which are refused by the guards of the base, and harmless ones, which are not."""
    for other in others:
        other.unlink()
    file = path if path.endswith(".yaml") else f"{path}/org.yaml"
    repository.write(file, LOOSE)
    loose = Planned(orgsync, path=path, now=now)
    assert loose.refused_for == JUDGED
    assert loose.removed == [ANA]
    repository.write(file, MORE)
    harmless = Planned(orgsync, path=path, now=now)
    assert harmless.code == 0
    assert harmless.verdict == {
        "guard": "base_guards",
        "passed": True,
        "message": "the guards of the base pass as well",
        "addresses": [],
    }
    return harmless


def is_closed(orgsync: Orgsync, path: str = "org.yaml", base: str = "main") -> str:
    """Holds the plan, which is refused with and without --first, and lifted by hand only. Returns why."""
    refused = Planned(orgsync, path=path, base=base)
    message = refused.refused_for
    assert message.startswith(UNREAD)
    assert message.endswith(BY_HAND)
    assert refused.plan["changes"]
    assert "base_unusable" in refused.codes
    assert {change["cause"] for change in refused.plan["changes"]} == {"unknown"}
    assert not refused.plan["first"]
    assert Planned(orgsync, "--first", path=path, base=base).refused_for == f"{message}; --first has no effect here"
    lifted = Planned(orgsync, "--without-base-guards", "CH-7", path=path, base=base)
    assert lifted.code == 0
    assert lifted.plan["without_base_guards"] == "CH-7"
    assert lifted.verdict is not None
    assert lifted.verdict["passed"]
    assert lifted.verdict["message"] == f"lifted by hand: {message}"
    return message.removeprefix(UNREAD).removesuffix(BY_HAND)
