"""Every command that answers a question, as it is typed, and what it reads: a new one gets its row here."""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """The command line, and the paths that it reads below /v1/organizations/: no more, and each as often as it says.
    One that begins with a slash is whole.

    `wrong` is what is typed after it where it fails before anything is read: files that are invalid, or an option.
    """

    typed: str
    reads: tuple[str, ...]
    wrong: str = "--path org.yaml"

    @property
    def requests(self) -> list[str]:
        """Method and path of each."""
        paths = (one if one.startswith("/") else f"/v1/organizations/{one}" for one in self.reads)
        return sorted(f"GET {path}" for path in paths)

    @property
    def command(self) -> str:
        """The command itself."""
        return self.typed.partition(" ")[0]


QUESTIONS = (
    Question("why ana.ruiz@acme.example", ("me", "users", "invites")),
    Question("keys", ("me", "workspaces", "users", "invites", "api_keys", "usage_report/messages")),
    Question("log", ("/v1/compliance/activities",), "--since tomorrow"),
)
