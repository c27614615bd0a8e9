"""What `--base` names: a commit, or files; and what a person says of it beforehand."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orgsync.core.words.source import Problem
from orgsync.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orgsync.cli.shared.options import Options
    from orgsync.core.review.base import Base
    from orgsync.core.words.source import Document

_REF, _PATH = "ref:", "path:"

_NAMED = 3
"""Other paths that are named."""

_FIRST, _LIFTED = "--first", "--without-base-guards"

_NOT_BY_HAND = {
    "GITHUB_EVENT_NAME": frozenset({"push", "pull_request", "pull_request_target", "merge_group"}),
    "CI_PIPELINE_SOURCE": frozenset({"push", "merge_request_event"}),
}
"""What GitHub and GitLab call a run that no person started: by then nobody has decided on this plan."""


@dataclass(frozen=True, slots=True)
class BaseArgument:
    """The earlier files, as they were asked for. `first`: there are none. `without_guards`: why theirs are lifted."""

    text: str
    first: bool = False
    without_guards: str | None = None

    @property
    def words(self) -> list[str]:
        """The options again, as they are typed."""
        lifted = [] if self.without_guards is None else [_LIFTED, self.without_guards]
        return ["--base", self.text, *([_FIRST] if self.first else []), *lifted]


def base_options(help_of_base: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds `--base` and what belongs to it; the command gets them as `base`, and None where they are not given."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @click.option("--base", metavar="REF|PATH", help=help_of_base)
        @click.option(_FIRST, is_flag=True, help="With --base: these are the first files, the base has none.")
        @click.option(
            _LIFTED,
            "without_guards",
            metavar="REASON",
            help="With --base: lift the guards of the earlier files by hand. REASON is recorded.",
        )
        @functools.wraps(command)
        def with_base(*args: Any, base: str | None, first: bool, without_guards: str | None, **kwargs: Any) -> Any:
            return command(*args, base=_argument(base, first, without_guards), **kwargs)

        return with_base

    return decorate


def _argument(base: str | None, first: bool, without_guards: str | None) -> BaseArgument | None:
    """Raises UsageError for what belongs to a base where there is none, and for guards that nobody lifts by hand."""
    if without_guards is not None:
        _check_by_hand(without_guards, os.environ)
    if base is None:
        given = _FIRST if first else _LIFTED
        if first or without_guards is not None:
            raise UsageError(f"{given} requires --base", hint="add --base REF")
        return None
    return BaseArgument(base, first, without_guards)


def _check_by_hand(reason: str, environment: Mapping[str, str]) -> None:
    """Raises UsageError where no person decides now, or does not say why."""
    if not reason.strip():
        raise UsageError(f"{_LIFTED}: the reason is blank", hint="say why, for example with the number of a ticket")
    for variable, events in _NOT_BY_HAND.items():
        if environment.get(variable) in events:
            message = f"{_LIFTED} is for runs that a person starts, and {variable} is {environment[variable]}"
            raise UsageError(message, hint="run `orgsync` by hand, or in a job that a person starts and others approve")


def base_named(argument: BaseArgument, path: Path, options: Options) -> Base:
    """What the files at `path` said there. What is wrong with them is the base's trouble, and not an error.

    Raises UsageError where there is no such commit or file, or where it could be either.
    """
    from orgsync.core.review.base import Base, unreadable, unusable, with_files
    from orgsync.flows.files import console_manual
    from orgsync.kinds import KINDS

    base = Base(argument.text, first=argument.first, without_guards=argument.without_guards)
    commit = _commit(argument.text, path)
    try:
        document = _files(argument.text.removeprefix(_PATH)) if commit is None else _files_at(commit, path)
    except InputError as error:
        return unreadable(base, error)
    if document is None:
        return replace(base, missing=True)
    base = with_files(base, document, KINDS, options.now.date())
    if base.desired is None:
        return base
    try:
        return replace(base, manual=console_manual(path, base.desired, options.now))
    except InputError as error:
        return unusable(replace(base, desired=None), error)


def _commit(text: str, path: Path) -> str | None:
    """The commit that is named; None where it is a file or folder."""
    from orgsync.files.yaml.git import is_commit

    if text.startswith(_REF):
        return text.removeprefix(_REF)
    if text.startswith(_PATH):
        return None
    if not Path(text).exists():
        return text
    if is_commit(text, path):
        message = f'--base: "{text}" is ambiguous: both a file or folder and a commit have this name'
        raise UsageError(message, hint=f"use one of: {_PATH}{text} or {_REF}{text}")
    return None


def _files_at(commit: str, path: Path) -> Document | None:
    """The files at a commit. Raises InputError where they cannot be read, or are at another path."""
    from orgsync.core.document.settings import top_level
    from orgsync.core.review.base_rules import NEEDED
    from orgsync.files.yaml.git import load_at, organization_files_at
    from orgsync.kinds import KINDS

    document = load_at(commit, path, need=NEEDED, keys=top_level(KINDS))
    if document is None:
        others = organization_files_at(commit, path)
        if others:
            more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
            are = "organization file is" if len(others) == 1 else "organization files are"
            message = f"{path} does not exist at the base, whose {are} {', '.join(others[:_NAMED])}{more}"
            raise InputError([Problem(message)])
    return document


def _files(text: str) -> Document | None:
    """The files at a path; None for a folder that has none."""
    from orgsync.core.document.settings import top_level
    from orgsync.core.review.base_rules import NEEDED
    from orgsync.files.yaml.load import load_if_any
    from orgsync.kinds import KINDS

    path = Path(text)
    if not path.exists() and not path.is_symlink():
        message = f"--base: there is no file or folder {text}"
        raise UsageError(message, hint=f"use the path of the earlier files, or a commit: {_REF}main")
    document = load_if_any(path, need=NEEDED, keys=top_level(KINDS))
    return document if document.files else None
