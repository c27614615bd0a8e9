"""What a Markdown parser that we did not write makes of a page, and what no page of ours may make it do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

OURS = re.compile(
    r"<details( open)?>|</details>|<br>|<summary>[A-Za-z ,:()0-9]+</summary>"
    r"|<!-- orgsync:(plan|issue):[A-Za-z0-9._-]+(:[0-9]/[0-9])? -->|<!-- orgsync:page -->|\n"
)
LINK = re.compile(r"https://github\.example/acme/console/actions/runs/\d+")

ALIVE = re.compile(r"@\w|#\d|gh-\d|://|www\.|mailto:|:\w+:|\$|`|\b[0-9a-f]{7,40}\b|\[\^|!\[|\]\(", re.IGNORECASE)
"""What GitHub makes something of in plain text, where no Markdown says so."""

TOKENS = frozenset(
    {
        *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "hr", "html_block"),
        *("table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close"),
        *("th_open", "th_close", "td_open", "td_close", "blockquote_open", "blockquote_close"),
    }
)
LISTS = frozenset({"bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"})
"""Only where a page of ours has a list of its own."""

INLINE = frozenset(
    {"text", "code_inline", "html_inline", "softbreak", "strong_open", "strong_close", "link_open", "link_close"}
)


def tokens(page: str) -> list[Token]:
    """As GitHub parses: CommonMark with tables and strikethrough."""
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(page)


def inline(parsed: Sequence[Token]) -> Iterator[Token]:
    """Everything that stands in a line."""
    for token in parsed:
        yield from token.children or ()


def check(page: str, *, items: int = 0) -> list[Token]:
    """Fails where something on the page is not of our own making. Returns what it consists of.

    `items` is how many items the lists on the page have.
    """
    parsed = tokens(page)
    assert {token.type for token in parsed} <= (TOKENS | LISTS if items else TOKENS)
    assert sum(token.type == "list_item_open" for token in parsed) == items
    assert {token.type for token in inline(parsed)} <= INLINE
    for token in (*parsed, *inline(parsed)):
        if token.type in {"html_block", "html_inline"}:
            assert not OURS.sub("", token.content), token.content
        if token.type == "link_open":
            assert LINK.fullmatch(str(token.attrs["href"])), token.attrs
    # Entities and escapes are resolved here, so this is the text that GitHub looks through.
    for block in parsed:
        plain = "".join(
            token.content if token.type in {"text", "text_special"} else " " for token in block.children or ()
        )
        assert not ALIVE.search(plain), ALIVE.search(plain)
    _check_tables(page, parsed)
    html = "".join(token.content for token in parsed if token.type == "html_block")
    assert len(re.findall("<details( open)?>", html)) == html.count("</details>") == html.count("<summary>")
    return parsed


def _check_tables(page: str, parsed: Sequence[Token]) -> None:
    """Each row has as many cells as its header, in a parser, and by counting pipes: GitHub forgives what is missing."""
    widths: list[int] = []
    for number, line in enumerate(page.split("\n")):
        if not line.startswith("|"):
            widths.clear()
            continue
        widths.append(line.count("|"))
        assert widths[-1] == widths[0], f"line {number}: {line[:200]}"
        assert line.startswith("| ")
        assert line.endswith(" |")
    rows = sum(line.startswith("|") for line in page.split("\n")) - page.count("\n| ---")
    assert sum(token.type == "tr_open" for token in parsed) == rows
