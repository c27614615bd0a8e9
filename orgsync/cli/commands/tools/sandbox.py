"""`orgsync sandbox`: make, serve, change, disturb and read a local emulator of the Admin API."""

from __future__ import annotations

import json
import shlex
from contextlib import contextmanager
from functools import wraps
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orgsync.cli.shared.options import Options, moment
from orgsync.cli.streams import print_utf8, stdout_loss
from orgsync.errors import Unwritten, UsageError
from orgsync.extras import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from orgsync.sandbox.server.app import App


@click.group()
def sandbox() -> None:
    """A local emulator of the Admin API, to try, test and rehearse without an organization.

    The state is one SQLite file; its Admin key is sk-ant-admin01-sandbox.
    """


class _OfResources(click.Command):
    """A command whose help has a place for what each resource says; filled in only when somebody asks."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from orgsync.sandbox.model import help as words
        from orgsync.sandbox.resources import RESOURCES

        self.help = cleandoc(self.help or "")
        for part in (words.sections, words.rows, words.remarks, words.console):
            self.help = self.help.replace(f"{{{part.__name__}}}", part(RESOURCES))
        super().format_help_text(ctx, formatter)


def _common(function: Callable[..., None]) -> Callable[..., None]:
    """The options every command of orgsync accepts. Without the extra `sandbox` none of them does anything."""

    @wraps(function)
    def command(**options: Any) -> None:
        require("sandbox", "`orgsync sandbox` requires")
        function(**options)

    command = click.option("--no-color", is_flag=True, help="No color (there is none here).")(command)
    command = click.option("--quiet", is_flag=True, help="Print no progress messages.")(command)
    return click.option("--now", callback=_moment, metavar="RFC3339", help="Current time of the sandbox.")(command)


def _moment(_: click.Context, __: click.Parameter, text: str | None) -> datetime | None:
    return None if text is None else moment(text)


@contextmanager
def _explained(hint: str | None = None) -> Iterator[None]:
    """What the sandbox cannot do, as an error of the command line."""
    from orgsync.flows.connection import UNUSABLE
    from orgsync.sandbox.wire.errors import SandboxError, Unusable

    try:
        yield
    except Unusable as error:
        raise UsageError(str(error), hint=UNUSABLE) from error
    except SandboxError as error:
        raise UsageError(_in_few_lines(str(error)), hint=hint) from error


def _in_few_lines(message: str) -> str:
    """The message, with a few lines for one mistake that a seed makes many times."""
    from orgsync.core.words.problems import few_of_each

    lines = few_of_each(message.splitlines(), str)
    return "\n".join(f"{line}\n  … and {more:,} more like it" if more else line for line, more in lines)


@contextmanager
def _opened(path: str, now: datetime | None) -> Iterator[App]:
    from orgsync.sandbox.server.app import open_app

    with _explained(hint="create one with `orgsync sandbox init PATH --seed FILE`"):
        app = open_app(path, now=now)
    with _explained():
        try:
            yield app
        finally:
            app.close()


def _print(text: str) -> None:
    """One line of JSON, for whatever reads it, in which what has no letter is escaped."""
    from orgsync.core.words.inert import inert_json

    print_utf8()
    Options.put(f"{inert_json(text)}\n")


def _json_file(path: str) -> Any:
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8"))
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path}: this is not JSON: {error}") from error
    return value


@sandbox.command(cls=_OfResources)
@click.argument("path")
@click.option("--seed", "seed_file", required=True, metavar="FILE", help="JSON rows as the Admin API shows them.")
@click.option("--replace", is_flag=True, help="Overwrite an existing sandbox.")
@_common
def init(*, path: str, seed_file: str, replace: bool, now: datetime | None, quiet: bool, no_color: bool) -> None:
    """Create a sandbox at PATH from a seed.

    The seed is a JSON object with organization, {sections} and settings. Ids, names and timestamps may be left out,
    and rows may name people by e-mail and workspaces by name:

    \b
    {rows}

    {remarks}
    """
    from orgsync.sandbox.seed import build as seed

    rows = _json_file(seed_file)
    if not isinstance(rows, dict):
        raise UsageError(f"{seed_file}: a seed is a JSON object")
    with _explained(hint="see `orgsync sandbox init --help` for the format"):
        seed.create(path, rows, now=now, replace=replace)
    if not quiet:
        click.echo(f"created the sandbox {path}", err=True)


@sandbox.command()
@click.argument("path")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 selects a free port.")
@_common
def serve(*, path: str, port: int, now: datetime | None, quiet: bool, no_color: bool) -> None:
    """Serve the sandbox over HTTP on 127.0.0.1 until interrupted.

    The first line on stdout is `listening on http://127.0.0.1:PORT`.
    """
    from orgsync.sandbox.server.serve import serve as serve_app

    def ready(url: str) -> None:
        Options.put(f"listening on {url}\n")
        loss = stdout_loss()
        if loss is not None:  # no one would ever find it
            raise Unwritten(loss)

    with _opened(path, now) as app:
        serve_app(app, port=port, ready=ready)


@sandbox.command()
@click.argument("path")
@click.argument("email")
@_common
def accept(*, path: str, email: str, now: datetime | None, quiet: bool, no_color: bool) -> None:
    """Accept the pending invite of EMAIL: the person joins. Prints the new user."""
    from orgsync.sandbox.wire.errors import NotInvited

    with _opened(path, now) as app:
        try:
            user = app.accept(email)
        except NotInvited as error:
            invite = json.dumps({"email": email, "role": "user"})
            words = shlex.join(["orgsync", "sandbox", "edit", path, "POST", "invites", invite])
            raise UsageError(str(error), hint=f"invite them first: {words}") from error
    _print(json.dumps(user, ensure_ascii=False))


@sandbox.command(cls=_OfResources)
@click.argument("path")
@click.argument("method", type=click.Choice(["GET", "POST", "DELETE"], case_sensitive=False))
@click.argument("urlpath")
@click.argument("body", required=False, metavar="[JSON]")
@click.option("--as", "colleague", metavar="EMAIL", help="The member who edits; by default the first admin.")
@_common
def edit(
    *,
    path: str,
    method: str,
    urlpath: str,
    body: str | None,
    colleague: str | None,
    now: datetime | None,
    quiet: bool,
    no_color: bool,
) -> None:
    """Do what a colleague does in the Console. Prints the answer.

    URLPATH is a path of the Admin API, with or without /v1/organizations; people and workspaces are named by id.
    Beyond the API, the Console may:

    \b
    {console}

    Nothing un-archives a workspace.
    """
    try:
        value = None if body is None else json.loads(body)
    except ValueError as error:
        raise UsageError(f"the body is not JSON: {error}") from error
    with _opened(path, now) as app:
        if colleague is not None and not app.has_member(colleague):
            raise UsageError(f"{colleague} is not a member of the organization")
        answer = app.console(method, urlpath, value, by=colleague)
    if answer.status != 200:
        raise UsageError(f"{answer.status}: {answer.body['error']['message']}")
    _print(answer.content.decode())


@sandbox.command()
@click.argument("path")
@click.argument("file", metavar="FILE|off")
@_common
def faults(*, path: str, file: str, now: datetime | None, quiet: bool, no_color: bool) -> None:
    """Inject faults by the rules in FILE, or turn them off.

    FILE is a JSON list of rules {"method", "path", "nth", "times", "fault", ...}. Paths are globs. Faults:

    \b
      status_before, status_after    "status", "error_code", "message", "details", "retry_after"
      drop_before, drop_after        the connection breaks; after: the write was done
      delay                          "seconds"
      lag                            "seconds" or "reads": stale reads from then on
      repeat_page, loop_cursor       lists that start again, or never end
      empty_page                     no rows and a cursor that leads to them
      small_pages                    "rows": pages of so many rows
      short_list                     "rows": a list that ends after these, or empty
      promised_page, vanished_cursor an empty page after the last, or a lost cursor
      odd_rows                       "set", "drop": fields of every row of a list
      truncate, html                 truncated JSON, or the HTML of a proxy
      ignore                         200, and nothing changed
      console                        "edit": {"method", "path", "body", "by"}, applied right before

    A code that says what was done, such as workspace_created_incomplete, brings its status, message and details.
    """
    rules = [] if file == "off" else _json_file(file)
    with _opened(path, now) as app:
        app.set_faults(rules)
    if not quiet:
        from orgsync.core.words.plural import counted

        click.echo(counted(len(rules), "fault rule") if rules else "faults are off", err=True)


@sandbox.command()
@click.argument("path")
@_common
def log(*, path: str, now: datetime | None, quiet: bool, no_color: bool) -> None:
    """Print every request the sandbox received.

    Oldest first, as JSON lines.
    """
    with _opened(path, now) as app:
        for line in app.log():
            _print(json.dumps(line, ensure_ascii=False))
