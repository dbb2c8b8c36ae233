"""Start the page's server on this machine, and say its address."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from coresponse.app.guard import Gate, public_origin
from coresponse.app.patience import MOST_CONNECTIONS, PatientProtocol
from coresponse.data.errors import InputError

# the same each time, so that a bookmark holds; if it is taken, any that is free
USUAL_PORT = 8750
# of 64 signs each: 120 bits, which nobody guesses
SHORTEST_TOKEN = 20


def serve(
    page_behind: Callable[[Gate], ASGIApp],
    *,
    port: int | None = None,
    public_hosts: Sequence[str] = (),
    token_file: Path | None = None,
    tell: Callable[[str], None],
) -> None:
    """Serve until Ctrl-C.

    Parameters
    ----------
    page_behind
        Makes the page's application behind a gate, which knows the address.
    port
        Default: 8750, or a free one if that is taken; 0: a free one.
    public_hosts
        Names under which a reverse proxy shows the page.
    token_file
        The token, for a proxy that sends it; default: a new one each time.
    tell
        Called with the address when connections are accepted.

    Raises
    ------
    InputError
        If the port is taken, or the token is no token.
    """
    taken = _listen(port)
    number = taken.getsockname()[1]
    local = (f"http://127.0.0.1:{number}", f"http://localhost:{number}")
    token = secrets.token_urlsafe(32) if token_file is None else _token(token_file)
    gate = Gate(token, (*local, *map(public_origin, public_hosts)), f"coresponse-{number}")
    config = uvicorn.Config(
        page_behind(gate),
        log_level="warning",
        access_log=False,  # addresses hold the token
        server_header=False,
        proxy_headers=False,
        date_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=16_384,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=3,
        lifespan="on",
        ws="none",
        http=PatientProtocol,
        loop="asyncio",
    )
    # Ctrl-C is how a server is meant to end
    with taken, suppress(KeyboardInterrupt):
        _Server(config, lambda: tell(f"{local[0]}/?token={token}")).run(sockets=[taken])


class _Server(uvicorn.Server):
    """Says that it is there when it also listens to Ctrl-C.

    One that comes into the middle of its start leaves half a loop.
    """

    def __init__(self, config: uvicorn.Config, told: Callable[[], None]) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._told()


def _listen(port: int | None) -> socket.socket:
    """Take a port of this machine's own address only; nobody else's connections arrive there."""
    for number in (USUAL_PORT, 0) if port is None else (port,):
        taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", number))
            taken.listen(128)
        except OSError:
            taken.close()
            continue
        return taken
    raise InputError(
        f"port {port} is taken or not allowed -- give another with --port, or 0 for any that is "
        "free"
    )


def _token(path: Path) -> str:
    token = path.read_text(encoding="utf-8").strip()
    if (
        len(token) < SHORTEST_TOKEN
        or not token.isascii()
        or not token.replace("-", "").replace("_", "").isalnum()
    ):
        raise InputError(
            f"{path}: a token has {SHORTEST_TOKEN} letters, digits, - or _ at least; make one "
            "with: openssl rand -hex 32"
        )
    return token
