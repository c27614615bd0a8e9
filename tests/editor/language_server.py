"""A client of yaml-language-server, as an editor is one: LSP over the standard streams of a process."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from contextlib import contextmanager
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

CURSOR = "|"
"""Where the cursor stands in a text."""
_PATIENCE = 30.0
"""Seconds within which an answer comes."""
_SETTINGS = {
    "yaml": {"hover": True, "completion": True, "validate": True, "schemaStore": {"enable": False}},
    "[yaml]": {"editor.tabSize": 2},
}


class Offer(NamedTuple):
    """One row of the list that an editor offers: what it is called, what it inserts, what it says about it."""

    label: str
    inserts: str
    says: str


class LanguageServer:
    """A server that looks at files in one folder."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._number = 0
        self._answers: Queue[dict[str, Any]] = Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def begin(self) -> None:
        """Says what the client can, as an editor does once."""
        documents = {
            "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
            "hover": {"contentFormat": ["markdown"]},
            "publishDiagnostics": {"dataSupport": True},
            "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
        }
        capabilities = {"textDocument": documents, "workspace": {"configuration": True}}
        root = self._folder.as_uri()
        folders = [{"uri": root, "name": "organization"}]
        self._asked("initialize", processId=None, rootUri=root, workspaceFolders=folders, capabilities=capabilities)
        self._tell("initialized")
        self._tell("workspace/didChangeConfiguration", settings=_SETTINGS)

    def end(self) -> None:
        """Lets the server end by itself."""
        self._asked("shutdown")
        self._tell("exit")
        self._process.wait(timeout=_PATIENCE)

    def complaints(self, text: str) -> list[str]:
        """What the editor underlines in a file, as `LINE: message`."""
        with self._opened(text) as uri:
            return [f"{one['range']['start']['line'] + 1}: {one['message']}" for one in self._diagnostics(uri)]

    def fixes(self, text: str) -> list[str]:
        """What the editor offers to write instead of what it underlines."""
        with self._opened(text) as uri:
            found = self._diagnostics(uri)
            context, document = {"diagnostics": found}, {"uri": uri}
            asked = "textDocument/codeAction"
            actions = self._asked(asked, textDocument=document, range=found[0]["range"], context=context)
        edits = [edit for one in actions if "edit" in one for edit in one["edit"]["changes"][uri]]
        return [edit["newText"] for edit in edits]

    def _diagnostics(self, uri: str) -> list[dict[str, Any]]:
        while True:
            answer = self._next()
            if answer.get("method") == "textDocument/publishDiagnostics" and answer["params"]["uri"] == uri:
                found: list[dict[str, Any]] = answer["params"]["diagnostics"]
                return found

    def offers(self, text: str) -> list[Offer]:
        """What is offered at the cursor."""
        plain, position = _cursor(text)
        with self._opened(plain) as uri:
            answer = self._asked("textDocument/completion", textDocument={"uri": uri}, position=position)
        rows = answer["items"] if isinstance(answer, dict) else answer or []
        return [Offer(row["label"], _inserted(row), _said(row.get("documentation"))) for row in rows]

    def hover(self, text: str) -> str:
        """What the editor says of the word at the cursor."""
        plain, position = _cursor(text)
        with self._opened(plain) as uri:
            answer = self._asked("textDocument/hover", textDocument={"uri": uri}, position=position)
        return "" if answer is None else _said(answer["contents"])

    @contextmanager
    def _opened(self, text: str) -> Iterator[str]:
        """A file that nobody asked about before: of one that it knows, the server may answer what it remembers."""
        self._number += 1
        uri = (self._folder / f"{self._number}.yaml").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", textDocument=document)
        yield uri
        self._tell("textDocument/didClose", textDocument={"uri": uri})

    def _asked(self, method: str, **params: Any) -> Any:
        self._number += 1
        self._send(id=self._number, method=method, params=params)
        while True:
            answer = self._next()
            if answer.get("id") == self._number and "method" not in answer:
                assert "error" not in answer, answer
                return answer["result"]

    def _next(self) -> dict[str, Any]:
        try:
            return self._answers.get(timeout=_PATIENCE)
        except Empty:
            raise AssertionError(f"the language server said nothing for {_PATIENCE} seconds") from None

    def _tell(self, method: str, **params: Any) -> None:
        self._send(method=method, params=params)

    def _send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.split(b":")[1])
            while stream.readline().strip():
                pass
            message = json.loads(stream.read(length))
            if message.get("method") == "workspace/configuration":
                asked = [_SETTINGS.get(item["section"]) for item in message["params"]["items"]]
                self._send(id=message["id"], result=asked)
            elif "method" in message and "id" in message:
                self._send(id=message["id"], result=None)
            else:
                self._answers.put(message)


@contextmanager
def started(command: Sequence[str | Path], folder: Path) -> Iterator[LanguageServer]:
    """A server for the files of a folder, which ends with the block."""
    with subprocess.Popen([*command, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder) as process:
        server = LanguageServer(process, folder)
        try:
            server.begin()
            yield server
            server.end()
        finally:
            process.kill()


def _cursor(text: str) -> tuple[str, dict[str, int]]:
    before, after = text.split(CURSOR)
    return before + after, {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}


def _inserted(row: dict[str, Any]) -> str:
    written: str = row["textEdit"]["newText"] if "textEdit" in row else row.get("insertText", row["label"])
    return re.sub(r"\$\{\d+:([^}]*)\}|\$\{?\d+\}?", r"\1", written)


def _said(contents: Any) -> str:
    if isinstance(contents, list):
        return "\n".join(map(_said, contents))
    return contents["value"] if isinstance(contents, dict) else contents or ""
