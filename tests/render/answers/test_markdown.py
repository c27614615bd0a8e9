"""An answer as Markdown: what a line begins with, begins nothing but a paragraph."""

from __future__ import annotations

import pytest

from orgsync.core.answers.answer import Answer, Table
from orgsync.render.answers.markdown import render
from render.markdown_judge import tokens


@pytest.mark.parametrize("text", ["- a", "  - a", "---", "1. a", "2) a", "# a", "> a", "+ a", "* a", "===", "| a |"])
def test_nothing_begins_what_was_not_meant(text: str) -> None:
    answer = Answer("access", "title", tables=(Table("rows", (), (), empty=text),), notes=(text,))
    blocks = [token.type for token in tokens(render(answer)) if token.type.endswith("_open")]
    item = ["bullet_list_open", "list_item_open", "paragraph_open"]
    assert blocks == ["heading_open", "paragraph_open", *item, "paragraph_open"]
