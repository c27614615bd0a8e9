"""Names that somebody could give a workspace, a key or themselves, to command whatever shows them."""

from __future__ import annotations

from typing import Any

import pytest

from orgsync.core.answers.answer import Answer, Column, Looked, Mark, Step, Table
from orgsync.core.model.change import (
    Action,
    Allowance,
    Cause,
    Change,
    FieldChange,
    Level,
    ManualStep,
    Note,
    Organization,
    Place,
    Plan,
    Raised,
    Risk,
    Verdict,
)
from orgsync.core.model.meaning import Meaning
from orgsync.core.words.address import Address
from orgsync.core.words.source import Problem, Source
from render import plans

NAMES = {
    "ansi": "\x1b[2J\x1b[31mred",
    "osc": "\x1b]0;title\x07link",
    "c1": "\x9b31mred",
    "newline": "first\n| second | third |\n",
    "carriage return": "first\rsecond",
    "crlf": "first\r\n\r\n# second",
    "other line ends": "first\u2028second\u2029third\x85fourth\x0bfifth",
    "backtick": "one`two``three```",
    "only backticks": "``````",
    "code fence": "```\n::error::no\n```",
    "pipe": "one|two|three",
    "escaped pipe": "one\\|two\\\\|three\\",
    "html": '<img src="x" onerror="alert(1)"><b>bold</b>',
    "script": "</code></td><script>alert(1)</script>",
    "comment": "<!-- orgsync:plan:plan -->",
    "end of comment": "--> <b>bold",
    "end of details": "</details></summary>closed",
    "mention everyone": "@everyone look",
    "mention team": "cc @acme/security-team, @ana",
    "issue": "fixes #123, GH-45 and acme/console#6",
    "commit": "see 0123456789abcdef0123456789abcdef01234567",
    "url": "https://evil.example/?a=b www.evil.example",
    "e-mail": "ana@acme.example mailto:ana@acme.example",
    "workflow command": "::set-output name=x::injected",
    "indented command": "  ::error file=a,line=1::injected",
    "old command": "##[error]injected ##vso[task.setvariable]x",
    "stop commands": "::stop-commands::token\n::token::",
    "percent": "%0A::error::injected%25%0D%3A",
    "property": "a,line=99,title=b:c::d",
    "right to left": "admin\u202egnp.exe\u2066x\u2069\u200f",
    "zero width": "ad\u200bmin\u200d\u2060\ufeff\u00ad",
    "invisible letters": "ad\u3164min\u115f\ufe0f\U000e0041",
    "emoji": "🙂👩‍💻🇩🇪 ok",
    "combining": "e\u0301" + "\u0300" * 40,
    "long": "x" * 4_000,
    "long of two bytes": "🙂" * 2_000,
    "long words": "word " * 700,
    "link": "[click](https://evil.example)",
    "half a link": "]() [x]: https://evil.example",
    "image": "![](https://evil.example/x.png)",
    "footnote": "[^1] and [^1]: text",
    "emphasis": "**bold** _it_ ~~gone~~ __x__",
    "heading": "# heading",
    "list": "- [x] done",
    "quote": "> [!CAUTION] text",
    "table": "| --- | --- |",
    "rule": "---",
    "math": "$x$ $$y$$ $`z`$",
    "emoji code": ":+1: :octocat:",
    "shell": "$(touch /tmp/x) `touch x` ; rm",
    "expression": "${{ secrets.GITHUB_TOKEN }}",
    "format": "{0} %s {name!r}",
    "rich markup": "[bold red]no[/bold red]",
    "heredoc": "EOF\nchanges=0\nEOF",
    "output": "x\nexitcode=0",
    "formula": "=HYPERLINK(1)",
    "at formula": '@SUM(1+1)*cmd|" /C calc"!A0',
    "null": "null",
    "yaml": "key: [value, *alias] # comment",
    "entity": "&lt;b&gt; &#64;ana &amp;",
    "backslashes": "a\\b\\n\\x41\\",
    "nul": "a\x00b",
    "spaces around": "  both  ",
    "only spaces": "   ",
    "only unseen": "\u00a0\u2003\t",
    "quotes": "\"'`",
}

TABLE = [
    pytest.param(name, id=title, marks=() if number % 6 == 0 else pytest.mark.story)
    for number, (title, name) in enumerate(NAMES.items())
]
"""For whatever shows names: every sixth on every change, all of them in `make stories`."""


def plan(name: str) -> Plan:
    """A plan that has the name wherever a name, a message or a value of somebody else can stand."""
    return plans.plan(
        _changes(name),
        identities={f"workspace:{name}": name},
        organization=Organization(name, name),
        manual=(ManualStep(_address(name), name, name, name, name, Level.WARNING, Place(name, 3)),),
        waiting=(Note(_address(name), name, name, Level.INFO, Place(name, 3)),),
        findings=tuple(
            Note(_address(name), code, f"its owner {name} is not a member", level, Place(name, 3))
            for level in Level
            for code in (name, "privileged_change", "undeclared")
        )
        + tuple(Note(Address(f"member:{name}{number}"), "undeclared", name) for number in range(3)),
        guards=(
            Verdict(name, passed=True, message=name),
            Verdict(name, passed=False, message=name, addresses=(_address(name),) * 12),
            Verdict("irreversible", passed=False, message=name, addresses=(_address(name), Address(f"member:{name}"))),
        ),
        allowed=(Allowance(_address(name), name, name, name),),
        raised=(Raised(name, 3, name, name),),
        seen_at=name,
        base=name,
        base_unreadable=name,
        without_base_guards=name,
        present={name: 1},
    )


def answer(name: str) -> Answer:
    """An answer that has the name wherever something of somebody else can stand."""
    columns = (
        Column("group"),
        Column("name", "name", grows=True),
        Column("list", "list"),
        Column("id", "id", detail=True),
    )
    rows = tuple({"group": name, "name": name, "list": [name, name], "id": name} for _row in range(2))
    return Answer(
        "keys",
        name,
        Organization(name, name),
        (Looked(name, "2026-11-22T10:00:00Z"),),
        tuple(Step(mark, name, name) for mark in Mark),
        (name,),
        (Table("keys", columns, rows, name, group="group"), Table("others", columns, (), name, name)),
        (name, name),
        facts={"one": name, "several": {name: [name]}},
    )


def problems(name: str) -> list[Problem]:
    """What is wrong with a file of such a name."""
    return [
        Problem(name, Source(name, 3, 4), name, name),
        Problem(f'"{name}" is not a role', None, None, f'did you mean "{name}"?'),
    ]


def _address(name: str) -> Address:
    return Address(f"workspace:{name}")


def _changes(name: str) -> tuple[Change, ...]:
    values: list[Any] = [name, [name], {name: name}]
    fields = tuple(FieldChange(name, None, value) for value in values)
    alike = (
        Change(
            Address(f"{kind}:{name}{number}"), Action.INVITE, fields, name, reason=name, effects=(name,), meaning=means
        )
        for kind, means in (("member", (Meaning.GRANTS,)), ("workspace_member", ()))
        for number in range(20)
    )
    return (*_alone(name, fields), *alike)


def _alone(name: str, fields: tuple[FieldChange, ...]) -> tuple[Change, ...]:
    return tuple(
        Change(
            _address(name),
            action,
            fields,
            name,
            cause,
            risk,
            name,
            Place(name, 3),
            (_address(f"other {name}"),),
            (name,),
        )
        for action, cause, risk in (
            (Action.CREATE, Cause.CONFIG, Risk.R0),
            (Action.UPDATE, Cause.DRIFT, Risk.R0),
            (Action.UPDATE, Cause.POLICY, Risk.R1),
            (Action.REMOVE, Cause.EXPIRY, Risk.R1),
            (Action.ARCHIVE, Cause.UNKNOWN, Risk.R2),
        )
    )
