"""The fixture that keeps every test on this machine works, else all other tests could be lying."""

from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "api.example.com"])
def test_no_connection_leaves_this_machine(host: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="tried to reach"):
        socket.create_connection((host, 443), timeout=1)
    with socket.socket() as plain, pytest.raises(pytest.fail.Exception, match="tried to reach"):
        plain.connect((host, 443))


def test_loopback_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("localhost", port), timeout=5):
            pass
