"""Command lines that end with a hint, and the command lines that the hint asks for."""

from __future__ import annotations

from typing import NamedTuple


class Refusal(NamedTuple):
    """A command line, its hint, the part of the hint that is typed, and what is typed instead of it.

    With `first`, the hint names another command, and the same is typed again after it.
    """

    hint: str
    typed: str
    says: str
    instead: str = ""
    first: str = ""

    @property
    def then(self) -> list[str]:
        """Every command line that somebody types who does what the hint says."""
        return [self.first, self.typed] if self.first else [self.instead]


REFUSALS = (
    Refusal(
        "exchange --since and --until",
        "log --since 1d --until 2d",
        "exchange",
        "log --since 2d --until 1d",
    ),
    Refusal(
        "write a time such as 7d, a day such as 2026-11-22, or RFC 3339",
        "log --since 2026-11-22T03:00:00",
        "7d",
        "log --since 7d",
    ),
    Refusal(
        "to try orgsync without an organization, add `--sandbox PATH`",
        "plan org.yaml",
        "--sandbox PATH",
        "plan org.yaml --sandbox acme.db",
    ),
    Refusal(
        "use --only or --exclude with files",
        "apply org.yaml --sandbox acme.db --yes --skip member:*",
        "--only",
        "apply org.yaml --sandbox acme.db --yes --only member:*",
    ),
    Refusal(
        "review the plan, then add --yes",
        "apply org.yaml --sandbox acme.db",
        "--yes",
        "apply org.yaml --sandbox acme.db --yes",
    ),
    Refusal(
        "leave out --base",
        "apply plan.json --sandbox acme.db --yes --base path:org.yaml",
        "--base",
        "apply plan.json --sandbox acme.db --yes",
    ),
    Refusal(
        "run `orgsync plan` with {}, or leave out changes with --skip",
        "apply plan.json --sandbox acme.db --yes --only member:*",
        "--skip",
        "apply plan.json --sandbox acme.db --yes --skip member:*",
    ),
    Refusal(
        "leave out --ceiling, or apply the files",
        "apply plan.json --sandbox acme.db --yes --ceiling plan.json --now 2026-11-22T10:00:00Z",
        "apply the files",
        "apply org.yaml --sandbox acme.db --yes --ceiling plan.json",
    ),
    Refusal(
        "add --ceiling PLAN",
        "apply org.yaml --sandbox acme.db --yes --ceiling-digest 0123456789ab",
        "--ceiling PLAN",
        "apply org.yaml --sandbox acme.db --yes --ceiling-digest 0123456789ab --ceiling plan.json",
    ),
    Refusal(
        "add --base REF",
        "plan org.yaml --sandbox acme.db --first",
        "--base REF",
        "plan org.yaml --sandbox acme.db --first --base path:org.yaml",
    ),
    Refusal(
        "add --snapshot FILE",
        "plan org.yaml --verify-with public.pem",
        "--snapshot FILE",
        "plan org.yaml --verify-with public.pem --snapshot snapshot.json",
    ),
    Refusal(
        "leave out one of them",
        "plan org.yaml --sandbox acme.db --snapshot snapshot.json",
        "leave out one",
        "plan org.yaml --snapshot snapshot.json",
    ),
    Refusal("leave out --part", "schema plan --part", "--part", "schema plan"),
    Refusal(
        "orgsync show --receipts {}",
        "show run.journal.jsonl",
        "orgsync show --receipts run.journal.jsonl",
        "show --receipts run.journal.jsonl",
    ),
    Refusal(
        "use RFC 3339, such as 2026-11-22T10:00:00Z",
        "validate org.yaml --now yesterday",
        "2026-11-22T10:00:00Z",
        "validate org.yaml --now 2026-11-22T10:00:00Z",
    ),
    Refusal(
        "create one with `orgsync sandbox init PATH --seed FILE`",
        "plan org.yaml --sandbox new.db",
        "orgsync sandbox init PATH --seed FILE",
        first="sandbox init new.db --seed seed.json",
    ),
    Refusal(
        "use another file, or delete this one first",
        "export --sandbox acme.db --out org.yaml",
        "another file",
        "export --sandbox acme.db --out other.yaml",
    ),
    Refusal(
        "leave out --live and --files, or add --path PATH",
        "access admins --fail-on differs --live --sandbox acme.db",
        "leave out --live",
        "access admins --fail-on differs --sandbox acme.db",
    ),
    Refusal(
        "leave out --files, or name an address: member:EMAIL",
        "why limit production --files",
        "name an address: member:EMAIL",
        "why member:ceo@acme.example --files",
    ),
    Refusal(
        "name them with --path PATH",
        "why workspace:production --live --sandbox acme.db",
        "--path PATH",
        "why workspace:production --path org.yaml --sandbox acme.db",
    ),
    Refusal(
        "leave out --live, or add --path PATH",
        "keys --group policy --live --sandbox acme.db",
        "leave out --live",
        "keys --group policy --sandbox acme.db",
    ),
    Refusal(
        "give a YAML file or a folder of them",
        "validate /dev/null",
        "a YAML file",
        "validate org.yaml",
    ),
)
