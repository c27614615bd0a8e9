"""`orgsync github`: keep one comment on a pull request, or one issue, as a file says."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING

import click

from orgsync.cli.shared.options import common_options
from orgsync.errors import EXIT_OK, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.cli.shared.options import Options
    from orgsync.github.client import Client

_DONE = {
    "created": "Created",
    "updated": "Updated",
    "unchanged": "Nothing to change:",
    "closed": "Closed",
    "absent": "There is no open issue to close.",
}
_FAREWELL = "No differences left. Closed by orgsync."
_LONGEST_TITLE = 250
_LONGEST_TEXT = 1_000_000
"""Characters of a file: more than all pages of a comment hold."""


@click.group()
def github() -> None:
    """Keep one comment on a pull request, or one issue, up to date.

    GITHUB_TOKEN, GITHUB_REPOSITORY and GITHUB_API_URL are read as GitHub sets them for a job. Needs the extra
    github: pip install '.[github]' in a checkout of orgsync.
    """


def _author_option(command: Callable[..., int]) -> Callable[..., int]:
    return click.option(
        "--author",
        metavar="LOGIN",
        help="Account of this token. Default: asked from GitHub, else github-actions[bot].",
    )(command)


@github.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option(
    "--pull-request", type=click.IntRange(min=1), required=True, metavar="N", help="The number of the pull request."
)
@click.option(
    "--comment-name",
    default="plan",
    show_default=True,
    metavar="NAME",
    help="Name of this comment, if the pull request has several.",
)
@_author_option
@common_options
def comment(file: IO[str], pull_request: int, comment_name: str, author: str | None, options: Options) -> int:
    """Make FILE the one comment with this name on a pull request.

    FILE is what `orgsync plan --format github` printed; - reads it from stdin. The comment is found by a hidden
    marker and its author, and updated; there is never more than one, or one for each page of a large plan. Prints
    the URL of the first.
    """
    from orgsync.github.pages import marker_of_more_pages
    from orgsync.github.sticky import put_comment
    from orgsync.render.plan.github import marked_as

    marker = _marker(comment_name, what="plan", option="--comment-name")
    text = _text(file)
    other = marked_as(text)
    if other not in {None, marker}:
        raise UsageError(
            f"{file.name} was created for another comment name", hint="use the same --comment-name for both commands"
        )
    bodies = _bodies(text, marker, file.name)
    with _client(author) as client:
        kept = put_comment(client, pull_request, bodies, marker_of_more_pages(marker))
    return _told(kept.did, f"the comment on pull request {pull_request}.", kept.url, options)


@github.command()
@click.option("--marker", "marker_name", required=True, metavar="NAME", help="Marker by which the issue is found.")
@click.option("--title", metavar="TEXT", help="Title of the issue; required unless --close.")
@click.option("--body", "file", type=click.File(encoding="utf-8"), metavar="FILE", help="Its text; - is stdin.")
@click.option("--label", "labels", multiple=True, metavar="LABEL", help="Label of the issue. Repeatable.")
@click.option("--close", is_flag=True, help="Close it if it is open; do nothing otherwise.")
@_author_option
@common_options
def issue(
    marker_name: str,
    title: str | None,
    file: IO[str] | None,
    labels: tuple[str, ...],
    close: bool,
    author: str | None,
    options: Options,
) -> int:
    """Open, update or close one issue.

    It is looked for among the open issues with all the labels, by a hidden marker and its author. A closed issue is
    never reopened: a new one is opened. Prints its URL.
    """
    from orgsync.core.words.inert import inert
    from orgsync.github.sticky import close_issue, put_issue
    from orgsync.render.plan.github import body

    marker = _marker(marker_name, what="issue", option="--marker")
    if any("," in label or not label.strip() for label in labels):
        raise UsageError("--label: a label has at least one letter and no comma", hint="give --label once for each")
    if not close and (file is None or not (title or "").strip()):
        raise UsageError("--title and --body are required to open an issue", hint="or close it with --close")
    with _client(author) as client:
        if close or file is None or title is None:
            kept = close_issue(client, marker, list(labels), _FAREWELL)
        else:
            kept = put_issue(
                client, marker, inert(title.strip())[:_LONGEST_TITLE], body(_text(file), marker), list(labels)
            )
    return _told(kept.did, "the issue.", kept.url, options)


def _marker(name: str, *, what: str, option: str) -> str:
    from orgsync.render.plan.github import is_name, marker

    if not is_name(name):
        raise UsageError(f"{option} must be letters and digits, with single dots, dashes or underscores between them")
    return marker(name, what=what)


def _bodies(text: str, marker: str, name: str) -> dict[str, str]:
    """The comments that a text becomes, by their markers. One page may be cut; several are complete, or refused."""
    from orgsync.github.pages import LONGEST_COMMENT, comments
    from orgsync.render.page.markdown import utf16_length
    from orgsync.render.plan.github import MOST_PAGES, PAGE_BREAK, body

    pages = comments(text, marker, PAGE_BREAK)
    if len(pages) == 1:
        return {marker: body(pages[marker], marker)}
    if len(pages) > MOST_PAGES:
        raise UsageError(f"{name} has {len(pages)} pages; a plan is shown in at most {MOST_PAGES}")
    for number, page in enumerate(pages.values(), 1):
        if utf16_length(page) > LONGEST_COMMENT:
            raise UsageError(f"{name}: page {number} has more than {LONGEST_COMMENT:,} characters")
    return pages


def _text(file: IO[str]) -> str:
    from orgsync.files.state.json_file import begins_like_ours

    try:
        text = file.read(_LONGEST_TEXT + 1)
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and file.name == "<stdin>":
            raise UsageError(f"stdin could not be read: {error.strerror}") from error
        raise UsageError(f"{file.name} cannot be read as text: {error}") from error
    if len(text) > _LONGEST_TEXT:
        raise UsageError(f"{file.name} has more than {_LONGEST_TEXT:,} characters")
    if begins_like_ours(text[:100].encode("utf-8", "replace")):
        message = f"{file.name} is a file that orgsync saved, not Markdown"
        raise UsageError(message, hint="print it first: orgsync show plan.json --format github")
    return text


def _client(author: str | None) -> Client:
    from orgsync.github.access import access
    from orgsync.github.client import Client

    return Client(access(os.environ), author=author)


def _told(did: str, what: str, url: str, options: Options) -> int:
    from orgsync.core.words.inert import inert

    options.say(_DONE[did] if did == "absent" else f"{_DONE[did]} {what}")
    if url:
        options.put(f"{inert(url)}\n")
    return EXIT_OK
