"""Data as YAML text that reads back as the same data."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import yaml

from orgsync.core.words.inert import inert
from orgsync.files.yaml.scalars import NumberError, PlainScalars

_EDITOR_LINE = "# yaml-language-server: $schema=org.schema.json\n"

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _exactly(dumper: yaml.SafeDumper, amount: Decimal) -> yaml.ScalarNode:
    """A decimal with the digits it has; it never passes through a float."""
    return dumper.represent_scalar("tag:yaml.org,2002:float", format(amount, "f"))


def _as_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """In quotes wherever our loader would read something else than text: `1e6` is a number to it."""
    style = None if _is_text(text) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_text(text: str) -> bool:
    try:
        return isinstance(PlainScalars()[text], str)
    except NumberError:
        return False


_Dumper.add_representer(Decimal, _exactly)
_Dumper.add_representer(str, _as_text)


def dumped(data: dict[str, Any], remarks: Sequence[str] = ()) -> str:
    """The text, in the order of the data, below the line by which editors find the schema and a comment of `remarks`.

    Lines are never folded: PyYAML folds some strings beside an escaped character into others.
    """
    return _EDITOR_LINE + commented(remarks) + plain(data)


def plain(data: Any) -> str:
    """The text of the data alone."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=False)


def commented(remarks: Sequence[str]) -> str:
    """These lines as comments."""
    return "".join(f"# {inert(remark)}\n" if remark else "#\n" for remark in remarks)
