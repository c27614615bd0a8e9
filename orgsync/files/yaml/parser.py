"""The YAML event stream: PyYAML's C parser where it was built, its Python one elsewhere."""

from __future__ import annotations

import re
from typing import Any

import yaml

_SURROGATE = re.compile("[\ud800-\udfff]")


class PythonParser(yaml.SafeLoader):
    """The slow parser, made to refuse with an error of YAML's own whatever the C parser refuses."""

    def get_event(self) -> Any:
        try:
            event: Any = super().get_event()  # type: ignore[no-untyped-call]  # the stubs leave it open
        except (ValueError, OverflowError) as error:  # an escape or a version number out of all bounds
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=self.get_mark()) from error
        if isinstance(event, yaml.ScalarEvent) and _SURROGATE.search(event.value):
            mark: Any = event.start_mark
            raise yaml.MarkedYAMLError(problem="invalid Unicode character escape", problem_mark=mark)
        return event


Parser: Any = getattr(yaml, "CSafeLoader", PythonParser)
