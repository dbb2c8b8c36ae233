"""Who may speak to the page's server: checked before anything else is done with a request.

Host: a foreign name that was made to point here (DNS rebinding) is refused. Token: a random one
from the address, or a cookie that only this site's own pages send. Origin: whatever changes
anything must come from the page itself. Bodies are small and come soon.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coresponse.data.errors import InputError

# a question of the page takes some kilobytes, the longest with all its moved posts some tens
MOST_BODY = 512 * 1024
# cookies of every other server on this machine come along
MOST_HEAD = 32 * 1024
# a page sends what it has at once: who drips only holds a connection
BODY_WITHIN_S = 15.0
TOKEN_HEADER = "x-coresponse-token"  # noqa: S105 -- a name, no secret

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
    "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# For pages of ``results``.
#
# Their own policy holds inside; the sandbox keeps them from speaking to this server as the person.
RESULT_POLICY = "sandbox allow-scripts allow-downloads allow-modals; frame-ancestors 'none'"

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cache-control", b"no-store"),
)


@dataclass(frozen=True)
class Gate:
    """What is let in.

    Attributes
    ----------
    token
        Random; in the address once, then in a cookie, or in a header that a proxy sets.
    origins
        Such as ``http://127.0.0.1:8750``; hosts follow from them.
    cookie
        Its name: cookies are shared by all ports of a host, so the port is part of it.
    """

    token: str
    origins: tuple[str, ...]
    cookie: str

    @property
    def hosts(self) -> frozenset[str]:
        """Values of Host that are let in."""
        return frozenset(origin.partition("://")[2] for origin in self.origins)

    def secure(self, host: str) -> bool:
        """Whether the page is reached by https under this name."""
        return f"https://{host}" in self.origins

    def right(self, given: str) -> bool:
        """Compare a token in a time that does not tell how much of it is right."""
        return hmac.compare_digest(given.encode(errors="replace"), self.token.encode())

    def known(self, headers: Mapping[str, str]) -> bool:
        """Whether a request carries the token in its cookie or in its header."""
        if self.right(headers.get(TOKEN_HEADER, "")):
            return True
        return any(self.right(value) for value in cookies(headers.get("cookie", ""), self.cookie))


def cookies(header: str, name: str) -> Iterator[str]:
    """Values of the cookies of one name, whatever stands around them.

    Other servers of this machine share the header: brackets, JSON, or bare words of theirs must
    lock nobody out, so nothing but our own name is looked at. The same name may come twice, from
    two paths of a proxy.
    """
    for part in header.split(";"):
        key, _, value = part.partition("=")
        if key.strip() == name:
            yield value.strip().strip('"')


def public_origin(text: str) -> str:
    """Return the origin of ``--public-host``.

    ``plan.example.org`` is reached by https unless it says otherwise.

    Raises
    ------
    InputError
        If it is no host.
    """
    scheme, mark, host = text.strip().lower().rpartition("://")
    scheme = scheme if mark else "https"
    plain = (
        host.replace(".", "").replace("-", "").replace(":", "").replace("[", "").replace("]", "")
    )
    if scheme not in {"http", "https"} or not plain.isalnum() or not plain.isascii():
        raise InputError(
            f"--public-host {text!r}: write a host such as plan.example.org, or "
            "https://plan.example.org:8443, without a path: the proxy takes that off"
        )
    return f"{scheme}://{host}"


class Guard:
    """Refuses what may not come in, and puts the headers on what goes out."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app, self.gate = app, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message.get("headers", [])}
                extra = [*_HEADERS, (b"content-security-policy", POLICY.encode())]
                message["headers"] = [
                    *message.get("headers", []),
                    *((n, v) for n, v in extra if n not in there),
                ]
            await send(message)

        headers = _joined(scope["headers"])
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _say(sealed, *refusal)
            return
        body = await _body(scope, headers, receive)
        if isinstance(body, int):
            await _say(sealed, body, "the request is too large, or too slow")
            return
        scope.setdefault("state", {})["host"] = headers.get("host", "").lower()
        # HEAD is GET without the body, and the server leaves the body out
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        await self.app({**scope, "method": method}, _Once(body, receive), sealed)

    def _refusal(self, scope: Scope, headers: Mapping[str, str]) -> tuple[int, str] | None:
        gate = self.gate
        if (
            sum(len(n) + len(v) for n, v in scope["headers"]) + len(scope["query_string"])
            > MOST_HEAD
        ):
            return 431, "the request is too large"
        hosts = [value for name, value in scope["headers"] if name.lower() == b"host"]
        if len(hosts) != 1 or headers.get("host", "").lower() not in gate.hosts:
            return 421, "this name is not served here (see --public-host)"
        changes = scope["method"] not in {"GET", "HEAD"}
        origin = headers.get("origin")
        foreign = (changes or origin is not None) and (origin or "").lower() not in gate.origins
        if foreign or (
            headers.get("sec-fetch-site") in {"cross-site", "same-site"} and scope["path"] != "/"
        ):
            return 403, "only the page itself may ask for that"
        if gate.known(headers):
            return None
        given = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=10).get(
            "token", [""]
        )[-1]
        if scope["path"] == "/" and not changes and gate.right(given):
            return None
        return (
            403,
            (
                "open the address that coresponse app printed when it was started: it has the key "
                "to this page"
            ),
        )


def _joined(sent: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by name; of one that came twice the last, of cookies all."""
    headers: dict[str, str] = {}
    for name, value in sent:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]};{text}" if key == "cookie" and key in headers else text
    return headers


class _Once:
    """Hands on a body that was read; after it, what the connection says."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self.body: bytes | None = body
        self.receive = receive

    async def __call__(self) -> Message:
        if self.body is not None:
            body, self.body = self.body, None
            return {"type": "http.request", "body": body, "more_body": False}
        return await self.receive()


async def _body(scope: Scope, headers: Mapping[str, str], receive: Receive) -> bytes | int:
    """Read a body within the bounds; a status code where it is not."""
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MOST_BODY:
        return 413
    if scope["method"] in {"GET", "HEAD"} and length == "0" and "transfer-encoding" not in headers:
        return b""
    parts = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return 400
                parts += message.get("body", b"")
                if len(parts) > MOST_BODY:
                    return 413
                if not message.get("more_body", False):
                    return bytes(parts)
    except TimeoutError:
        return 408


async def _say(send: Send, status: int, text: str) -> None:
    body = f"{text}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    if status in {408, 413}:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
