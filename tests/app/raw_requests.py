"""Requests to the what-if page's server as no browser sends them."""

from __future__ import annotations

import socket
from typing import Any

from tests.conftest import PATIENCE_S


def raw(server: Any, text: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as connection:
        connection.sendall(text)
        parts = []
        try:
            while part := connection.recv(65536):
                parts.append(part)
        except ConnectionResetError:
            pass
        return b"".join(parts)


def head(server: Any, method: str, path: str, *more: str) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"Cookie: coresponse-{server.port}={server.token}",
        f"Origin: {server.address}",
        "Connection: close",
        *more,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def said_nothing_of_its_own(server: Any) -> None:
    """Neither its token nor a traceback is among what the server has written."""
    said = server.errors.read_text(encoding="utf-8")
    assert server.token not in said
    assert "Traceback" not in said
