"""Every command that answers a question, as it is typed, and what it reads: a new one gets its row here."""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """The command line, and the paths that it reads below /v1/organizations/: no more, and each as often as it says.
    One that begins with a slash is whole.

    `*` stands for the id of a workspace. `refused` is how many of them the API does not offer here, which are not
    counted. `wrong` is what is typed after it where it fails before anything is read: files that are invalid, or an
    option. `first` is what has to be typed once before it.
    """

    typed: str
    reads: tuple[str, ...]
    wrong: str = "--path org.yaml"
    first: str = ""
    refused: int = 0

    @property
    def requests(self) -> list[str]:
        """Method and path of each."""
        paths = (one if one.startswith("/") else f"/v1/organizations/{one}" for one in self.reads)
        return sorted(f"GET {path}" for path in paths)

    @property
    def command(self) -> str:
        """The command itself."""
        return self.typed.partition(" ")[0]


_PEOPLE = ("me", "users", "invites")
_MEMBERS = "workspaces/*/members"
_FEED = "/v1/compliance/activities"
_LIMITS = ("rate_limits", "workspaces/*/rate_limits", "spend_limits", "spend_limits/spl_orgsync", "cost_report")
_KEYS = (*_PEOPLE, "workspaces", "api_keys")

QUESTIONS = (
    Question("access production", (*_KEYS, _MEMBERS)),
    Question("access --all", (*_KEYS, _MEMBERS, _MEMBERS)),
    Question("access ana.ruiz@acme.example", (*_KEYS, _MEMBERS, _MEMBERS)),
    Question("access admins", _PEOPLE),
    Question("why ana.ruiz@acme.example production", (*_PEOPLE, "workspaces", _MEMBERS, _FEED)),
    Question("why ana.ruiz@acme.example", _PEOPLE),
    Question("why apikey_01Chatbot", _KEYS),
    Question("why limit production", ("me", "workspaces", *_LIMITS), refused=1),
    Question("why member:ana.ruiz@acme.example.role", (*_KEYS, "usage_report/messages")),
    Question("keys", ("me", "users", "workspaces", "api_keys", "usage_report/messages")),
    Question("log", (_FEED,), "--since tomorrow"),
    Question(
        "review status r.yaml",
        (*_KEYS, "service_accounts", _MEMBERS, _MEMBERS),
        first="review start --out r.yaml --due 2026-12-31",
        refused=1,
    ),
)
"""In the order of `orgsync --help`, with the files of `keys_of_acme`: two workspaces, and a policy about use."""

ONE_OF_EACH = tuple({one.command: one for one in reversed(QUESTIONS)}.values())
