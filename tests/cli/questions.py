"""Every command that answers a question, as it is typed, and what it reads: a new one gets its row here."""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """The command line, and the paths that it reads below /v1/organizations/: no more, and each as often as it says.

    `wrong` is what is typed after it where it fails before anything is read: files that are invalid, or an option.
    """

    typed: str
    reads: tuple[str, ...]
    wrong: str = "--path org.yaml"

    @property
    def command(self) -> str:
        """The command itself."""
        return self.typed.partition(" ")[0]


QUESTIONS = (
    Question("why ana.ruiz@acme.example", ("me", "users", "invites")),
    Question("keys", ("me", "workspaces", "users", "invites", "api_keys", "usage_report/messages")),
    Question("log", (), "--since tomorrow"),
)
