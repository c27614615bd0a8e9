"""Every error a person is meant to read: a message, a hint and the exit code it ends the command with."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orgsync.core.words.source import Problem

EXIT_OK = 0
EXIT_INPUT = 1
EXIT_DIFFERENCE = 2
EXIT_REFUSED = 3
EXIT_STALE = 4
EXIT_PARTLY = 5
EXIT_WAITING = 6
EXIT_UNREADABLE = 7
EXIT_UNWRITTEN = 8
EXIT_INTERRUPTED = 130

PLAN_AGAIN = "run `orgsync plan` again and review the new plan"
"""The next step where a saved plan does not fit any more."""


USABLE_CREDENTIAL = (
    "use an Admin key that is neither expired nor revoked (ANTHROPIC_ADMIN_KEY), or an OAuth token with the scope"
    " org:admin (ANTHROPIC_AUTH_TOKEN)"
)
"""The next step where the API does not accept the credential."""


_NOT_OFFERED = frozenset({400, 403, 404})


class OrgsyncError(Exception):
    """Something a person has to know; anything else that escapes is a bug and shows its traceback."""

    exit_code: ClassVar[int] = EXIT_INPUT
    hint: str | None = None
    is_printed: bool = False
    """Whether stdout has already what a program reads of this run."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class InputError(OrgsyncError):
    """The files are wrong. Carries every problem found, in file order; nothing was sent that writes."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.sort_key))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(OrgsyncError):
    """The command line or the environment is wrong: an option, a missing credential, an impossible base URL."""


class WrongOrganization(OrgsyncError):
    """The credential belongs to another organization than the file names."""

    hint = "use the credential of that organization, or correct `organization:` in the files"


class Refused(OrgsyncError):
    """A guard refused the plan; nothing was sent that writes."""

    exit_code = EXIT_REFUSED


class Stale(OrgsyncError):
    """The organization left the approved plan; nothing was changed."""

    exit_code = EXIT_STALE
    hint = PLAN_AGAIN


class Interrupted(OrgsyncError):
    """A person or the system ended the run."""

    exit_code = EXIT_INTERRUPTED


class Unwritten(OrgsyncError):
    """The result could not be written: stdout, or the file for it, is closed, full, read-only or gone."""

    exit_code = EXIT_UNWRITTEN


class ApiError(OrgsyncError):
    """The API could not be reached or read, or refused the request.

    `status` is that of the HTTP answer, if there was one, and `request_id` what the API's support asks for.
    `by_the_api`: the API itself said so, and not something between it and us. `rejected`: it is a rejection of what was
    asked, so that the same request would be rejected again. `replan`: the organization is not what the plan was made
    for. `may_be_so`: the rejection may be because the organization has already what was asked for.
    """

    exit_code = EXIT_UNREADABLE
    status: int | None = None
    by_the_api: bool = False
    request_id: str | None = None
    rejected: bool = False
    replan: bool = False
    may_be_so: bool = False

    @property
    def says_not_offered(self) -> bool:
        """Whether it is the API's own word that it does not offer something to this organization."""
        return self.by_the_api and self.status in _NOT_OFFERED


class OutcomeUnknown(ApiError):
    """A write was sent and its answer was lost: it is unknown whether it took effect. Look before sending it again.

    `accepted`: the API says itself that it was done, though maybe not in full; `made` is the id of what was made then.
    `shown` is what to say once live shows it, and `left` what a person has to do even then.
    """

    accepted: bool = False
    made: str | None = None
    shown: str = "the answer was lost; the organization shows the change"
    left: str = ""
