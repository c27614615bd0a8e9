"""The command line as a person meets it: in this process, as a program of its own, and on a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import subprocess
import sys
import termios
import time
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from acme import ADMINS, HEAD, ORGANIZATION

from orgsync.sandbox.seed.build import create
from orgsync.sandbox.server.app import open_app

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "org.yaml"
LIVE = ROOT / "examples" / "live.json"
NOW = "2026-11-22T10:00:00Z"
PROGRAM = Path(sys.executable).with_name("orgsync")
PATIENCE = 30.0
"""Seconds after which a program that should have ended is ended, and the test fails."""

CEO = ADMINS[0]


class Ended(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything it printed, wherever."""
        return self.out + self.err


class Sandbox:
    """A sandbox in a file, which several commands meet as one organization."""

    def __init__(self, path: Path, **seed: Any) -> None:
        self.path = path
        create(
            path, {"organization": ORGANIZATION, "users": [CEO], **seed}, replace=True, now=datetime.fromisoformat(NOW)
        )

    def console(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What a colleague does in the Console, at the moment of the story."""
        app = open_app(self.path, now=datetime.fromisoformat(NOW))
        try:
            answer = app.console(method, path, body)
        finally:
            app.close()
        assert answer.status == 200, answer
        return answer.body

    def faults(self, *rules: Mapping[str, Any]) -> None:
        """Lets requests go wrong."""
        app = open_app(self.path)
        try:
            app.set_faults(list(rules))
        finally:
            app.close()

    def received(self) -> list[str]:
        """Method and path of everything that orgsync sent."""
        app = open_app(self.path)
        try:
            return [f"{line['method']} {line['path']}" for line in app.log() if not line["console"]]
        finally:
            app.close()

    def writes(self) -> list[str]:
        """What it sent that is not a GET."""
        return [request for request in self.received() if not request.startswith("GET ")]

    def bodies(self, method: str, path: str) -> list[Any]:
        """What it sent with its requests of this method and path."""
        app = open_app(self.path)
        try:
            return [line["body"] for line in app.log() if (line["method"], line["path"]) == (method, path)]
        finally:
            app.close()

    def id_of(self, collection: str, field: str, value: str) -> str:
        """The id of the row whose field has this value."""
        rows = self.console("GET", f"{collection}?limit=1000")["data"]
        return next(str(row["id"]) for row in rows if row[field] == value)


def files(folder: Path, text: str) -> Path:
    """An org.yaml in the folder; its head is added where the text has none."""
    path = folder / "org.yaml"
    path.write_text(text if text.startswith("version") else HEAD + text, encoding="utf-8")
    return path


CLOCK = {name for name in os.environ if name.startswith("FAKETIME")}
CLOCK |= {"LD_PRELOAD", "PYTHONPATH"} if CLOCK else set()
"""What `make clock` has in the environment: programs that tests start live on the same day as the tests."""

_KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "XDG_STATE_HOME", *CLOCK}


def environment(**more: str) -> dict[str, str]:
    """An environment without credentials, colours or anything else of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}
    return {"LANG": "C.UTF-8", **kept, **more}


@contextmanager
def sandbox_server(database: Path) -> Iterator[str]:
    """`orgsync sandbox serve`, and where it listens. Its process is gone afterwards, whatever happened."""
    command: list[str | Path] = [PROGRAM, "sandbox", "serve", database]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().removeprefix("listening on ").strip()
        finally:
            process.kill()


def run(*arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> Ended:
    """The installed program, to its end."""
    ended = subprocess.run(
        [PROGRAM, *arguments],
        cwd=cwd,
        env=environment(**(env or {})),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def run_until(text: str, then: signal.Signals, *arguments: str | Path, cwd: Path) -> Ended:
    """The installed program, which gets a signal as soon as it has said `text` on stderr."""
    return run_through([(text, then)], PROGRAM, *arguments, cwd=cwd)


def run_through(steps: Sequence[tuple[str, signal.Signals]], *command: str | Path, cwd: Path) -> Ended:
    """A program that gets each signal as soon as it has said its text on stderr."""
    with subprocess.Popen(
        command, cwd=cwd, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stderr is not None
        said = ""
        for text, then in steps:
            while text not in said:
                line = program.stderr.readline()
                assert line, f"ended without saying {text!r}: {said}"
                said += line
            time.sleep(0.3)  # into the waiting that follows
            program.send_signal(then)
        out, err = program.communicate(timeout=PATIENCE)
    return Ended(program.returncode, out, said + err)


CTRL_C = "\x03"


def run_on_terminal(
    *arguments: str | Path,
    cwd: Path,
    answers: Sequence[tuple[str, str]] = (),
    env: Mapping[str, str] | None = None,
    out: Path | None = None,
) -> Ended:
    """The installed program on a pseudo-terminal 80 columns wide; `answers` are (what it asks, what to type).

    With `out`, its stdout goes to that file, as with `>`.
    """
    terminal, program_side = pty.openpty()
    with (
        nullcontext(program_side) if out is None else out.open("w") as stdout,
        subprocess.Popen(
            [PROGRAM, *arguments],
            cwd=cwd,
            env=environment(**{"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "50", **(env or {})}),
            stdin=program_side,
            stdout=stdout,
            stderr=program_side,
            start_new_session=True,
            preexec_fn=_control_terminal,  # noqa: PLW1509 - it is one system call, and no test has threads here
        ) as program,
    ):
        os.close(program_side)
        try:
            said = _conversation(terminal, list(answers))
            code = program.wait(timeout=PATIENCE)
        finally:
            program.kill()
            os.close(terminal)
    return Ended(code, said.replace("\r\n", "\n"), "")


def _control_terminal() -> None:
    """In the new program: keys such as ctrl-c reach whoever is controlled by the terminal."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _conversation(terminal: int, answers: list[tuple[str, str]]) -> str:
    """Everything that appears on the terminal until the program ends."""
    deadline = time.monotonic() + PATIENCE
    said = typed = ""
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1.0)[0]:
            if typed == CTRL_C:  # Python loses one that comes just before it waits for a key: a person presses again
                os.write(terminal, typed.encode())
            continue
        try:
            more = os.read(terminal, 65536)
        except OSError:  # what Linux says when the other side is closed
            break
        if not more:
            break
        said += more.decode(errors="replace")
        if answers and answers[0][0] in said:
            time.sleep(0.2)  # a person reads
            typed = answers.pop(0)[1]
            os.write(terminal, typed.encode())
    assert not answers, f"never asked for {answers[0][0]!r}: {said}"
    return said


def parsed(text: str) -> Any:
    """JSON."""
    return json.loads(text)
