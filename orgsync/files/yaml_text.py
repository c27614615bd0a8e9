"""Data as YAML text that reads back as the same data."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import yaml

_EDITOR_LINE = "# yaml-language-server: $schema=org.schema.json\n"


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _exactly(dumper: yaml.SafeDumper, amount: Decimal) -> yaml.ScalarNode:
    """A decimal with the digits it has; it never passes through a float."""
    return dumper.represent_scalar("tag:yaml.org,2002:float", format(amount, "f"))


_Dumper.add_representer(Decimal, _exactly)


def dumped(data: dict[str, Any]) -> str:
    """The text, in the order of the data, with the line by which editors find the schema.

    Lines are never folded: PyYAML folds some strings beside an escaped character into others.
    """
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=False)
    return _EDITOR_LINE + text
