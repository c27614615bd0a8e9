"""Services on loopback that people are told through: a webhook, a mail server, and whatever is behind a proxy."""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path


@dataclass
class Service:
    """What a service was told. `status` is what it answers with."""

    port: int
    status: int = 200
    path: str = "/hook/geheim"
    received: list[dict[str, Any]] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Hook(BaseHTTPRequestHandler):
    """Takes a POST to its one path; everything else is a mistake, and answered so."""

    service: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        wrong = self.path.partition("?")[0] != self.service.path
        if not wrong:
            self.service.received.append(_parsed(self.headers["content-type"], body))
        self.send_response(HTTPStatus.NOT_FOUND if wrong else self.service.status)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def do_GET(self) -> None:
        """Where the location of a redirect leads: to somebody who takes anything."""
        self.service.hosts.append(self.path)
        self.send_response(HTTPStatus.OK)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Says nothing."""


def _parsed(kind: str, body: bytes) -> dict[str, Any]:
    if kind.startswith("application/json"):
        return cast("dict[str, Any]", json.loads(body))
    assert kind.startswith("application/x-www-form-urlencoded"), kind
    return dict(parse_qsl(body.decode(), strict_parsing=True))


@contextmanager
def webhook(status: int = 200) -> Iterator[Service]:
    """A webhook, for `json://` and `form://`."""
    handler = type("Hook", (_Hook,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        handler.service = service = Service(server.server_address[1], status)  # type: ignore[attr-defined]
        with _running(server):
            yield service


class _Proxy(socketserver.StreamRequestHandler):
    """Whoever asks for a connection to any host gets one to the service, with a certificate of its own."""

    service: Service
    context: ssl.SSLContext

    def handle(self) -> None:
        method, target, _version = self.rfile.readline().decode().split()
        assert method == "CONNECT"
        while self.rfile.readline().strip():
            pass
        self.service.hosts.append(target)
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with self.context.wrap_socket(self.request, server_side=True) as secured:
            handler = type("Hook", (_Hook,), {"service": self.service})
            handler(secured, self.client_address, self.server)


@contextmanager
def proxied(folder: Path, path: str) -> Iterator[Service]:
    """A service with a fixed host, for `slack://` and `workflows://`; `HTTPS_PROXY` leads to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    handler = type("Proxy", (_Proxy,), {"context": context})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        handler.service = service = Service(server.server_address[1], path=path)  # type: ignore[attr-defined]
        with _running(server):
            yield service


def _certificate(folder: Path) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "service.pem"
    path.write_bytes(private + certificate.public_bytes(pem))
    return path


class _Mail(socketserver.StreamRequestHandler):
    """As much of SMTP as one message needs."""

    service: Service

    def handle(self) -> None:
        self._say("220 mail.acme.example")
        while line := self.rfile.readline().strip():
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                self.service.received.append({"mail": message_from_bytes(self._data(), policy=policy.default)})
            self._say("221 bye" if verb == b"QUIT" else "250 ok")
            if verb == b"QUIT":
                return

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[Service]:
    """A mail server, for `mailto://`."""
    handler = type("Mail", (_Mail,), {})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        handler.service = service = Service(server.server_address[1])  # type: ignore[attr-defined]
        with _running(server):
            yield service


def mail(service: Service) -> EmailMessage:
    """The one message that arrived."""
    [received] = service.received
    return cast("EmailMessage", received["mail"])
