"""One comment and one issue that are found again by their marker: created once, updated ever after."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from github.Issue import Issue
    from github.IssueComment import IssueComment

    from orgsync.github.client import Client


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a comment or an issue, and where it is; closed issues that were not there are nowhere."""

    did: Literal["created", "updated", "unchanged", "closed", "absent"]
    url: str = ""


def put_comment(client: Client, number: int, bodies: Mapping[str, str], leftover: str) -> Kept:
    """Makes each body the one comment with its marker, and deletes other comments that begin with `leftover`.

    Only comments of our own are ever touched. The first is written first: from then on it asks for pages of its own
    text, so that what is still there of an earlier one does not pass for a part of it.
    """
    there = client.own_comments(number, (*bodies, leftover))
    kept = [_put_one(client, number, marker, body, there) for marker, body in bodies.items()]
    if any(one.did == "created" for one in kept):  # who the token belongs to is certain only now
        there = client.own_comments(number, leftover)
    left = [one for one in there if not one.body.startswith(tuple(bodies))]
    for other in left:
        client.delete(other)
    changed = left or any(one.did != "unchanged" for one in kept)
    return Kept("updated", kept[0].url) if changed and kept[0].did == "unchanged" else kept[0]


def _put_one(client: Client, number: int, marker: str, body: str, there: list[IssueComment]) -> Kept:
    own = [one for one in there if one.body.startswith(marker)]
    made = None
    if not own:
        made = client.create_comment(number, body, partial(client.own_comments, number, marker))
        # Who the token belongs to is certain only now; and another job may have been as quick as this one.
        client.learn_author(made)
        own = client.own_comments(number, marker) or [made]
    kept, *others = own
    for other in others:
        client.delete(other)
    if not _same(kept.body, body):
        with client.explained():
            kept.edit(body)
        return Kept("updated", client.url_of(kept))
    return Kept("created" if made is not None and made.id == kept.id else "unchanged", client.url_of(kept))


def put_issue(client: Client, marker: str, title: str, body: str, labels: list[str]) -> Kept:
    """Makes `body` the one open issue with this marker. A closed one stays closed: a new one is opened."""
    own = client.own_issues(marker, labels)
    made = None
    if not own:
        made = client.create_issue(title, body, labels, partial(client.own_issues, marker, labels))
        client.learn_author(made)
        own = client.own_issues(marker, labels) or [made]
    kept, *others = own
    for other in others:
        _close(client, other)
    if not _same(kept.body, body) or kept.title != title:
        with client.explained():
            kept.edit(title=title, body=body)
        return Kept("updated", client.url_of(kept))
    return Kept("created" if made is not None and made.id == kept.id else "unchanged", client.url_of(kept))


def close_issue(client: Client, marker: str, labels: list[str], farewell: str) -> Kept:
    """Closes the issue with this marker, with a word of why; nothing where there is none."""
    own = client.own_issues(marker, labels)
    for issue in own:
        client.create_comment(issue.number, farewell, partial(client.own_comments, issue.number, farewell))
        _close(client, issue)
    return Kept("closed", client.url_of(own[0])) if own else Kept("absent")


def _close(client: Client, issue: Issue) -> None:
    with client.explained():
        issue.edit(state="closed")


def _same(there: str | None, wanted: str) -> bool:
    """Whether two bodies are equal but for line endings and the blanks around them, which GitHub does not keep."""
    return (there or "").replace("\r\n", "\n").strip() == wanted.replace("\r\n", "\n").strip()
