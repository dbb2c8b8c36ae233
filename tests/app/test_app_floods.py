"""Too much, too slow, too many, and the end of the server.

Against the server as people start it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from coresponse.app import pool as pool_module
from coresponse.app import server as server_module
from coresponse.app.patience import MOST_CONNECTIONS
from coresponse.app.plans import MOST_PLANS, PlanStore
from coresponse.app.pool import MOST_WAITING
from tests.conftest import PATIENCE_S, until

LONG = {
    "busy": "stated",
    "busy_share": 0.6,
    "time_limit_s": 3600,
    "units": {"co_responder_unit": 14, "on_call_clinician": 6},
    "budget_per_year": 7.1e6,
}
"""A search that is not at its end for longer than any test waits."""


def connect(server: Any, text: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)
    if text:
        made.sendall(text)
    return made


def closed(made: socket.socket) -> bool:
    """Whether the other end has hung up, its last words (if any) read."""
    made.settimeout(0.05)
    try:
        while made.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def test_those_who_say_nothing_or_speak_slowly_are_not_waited_for(server: Any) -> None:
    head = f"GET /api/state HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: coresponse-{server.port}={server.token}\r\n"
    silent = [connect(server) for _ in range(20)]
    half = [connect(server, head.encode()) for _ in range(20)]
    slow = [connect(server, b"G") for _ in range(20)]
    # one that has been answered and then trickles
    again = connect(server, head.encode() + b"\r\n")
    assert b"200 OK" in again.recv(4096)
    again.sendall(b"G")
    assert server.json("GET", "/api/state")["ready"]
    began = time.monotonic()
    letters = iter("ET /api/state HTTP/1.1\r\nX-Slow: " + "x" * 1000)
    everyone = [*silent, *half, *slow, again]
    while time.monotonic() - began < PATIENCE_S and not all(map(closed, everyone)):
        letter = next(letters).encode()
        for made in slow:
            try:
                made.sendall(letter)
            except OSError:
                continue
    assert all(map(closed, everyone))
    for made in everyone:
        made.close()


def test_there_are_only_so_many_connections(server: Any) -> None:
    crowd = [connect(server, b"GET / HTTP/1.1\r\n") for _ in range(MOST_CONNECTIONS + 100)]
    until(lambda: sum(map(closed, crowd[-100:])) >= 90, "those too many sent away")
    held = [
        c
        for c in psutil.Process(server.process.pid).net_connections("tcp")
        if c.status == psutil.CONN_ESTABLISHED
    ]
    assert len(held) <= MOST_CONNECTIONS
    for made in crowd:
        made.close()
    until(lambda: served(server), "people served again once they are gone")


def served(server: Any) -> bool:
    try:
        return bool(server.json("GET", "/api/state")["ready"])
    except (OSError, AssertionError):
        return False


def test_there_are_only_so_many_searches(server: Any) -> None:
    sessions = [server.new_session() for _ in range(MOST_WAITING + 1)]
    long = server.asked(**LONG)
    jobs = [server.job(session=session, asked=long) for session in sessions[:-1]]
    try:
        server.until(jobs[1], lambda j: j["state"] == "running", sessions[1])
        states = [
            server.look(job, session)["state"]
            for job, session in zip(jobs, sessions[:-1], strict=True)
        ]
        assert states.count("running") == 2  # as many as there are workers
        assert states.count("queued") == MOST_WAITING - 2
        status, _, said = server.ask(
            "POST", "/api/jobs", {"asked": long}, headers={"x-session": sessions[-1]}
        )
        assert status == 409
        assert b"too many searches wait" in said
    finally:
        for job, session in reversed(list(zip(jobs, sessions[:-1], strict=True))):
            server.json("POST", f"/api/jobs/{job['id']}/stop", headers={"x-session": session})
    for job, session in zip(jobs, sessions[:-1], strict=True):
        server.until(job, lambda j: j["state"] not in {"queued", "running"}, session)
    waited = server.look(jobs[-1], sessions[-2])
    assert (waited["state"], waited["plan"]) == ("stopped", "")


def test_there_are_only_so_many_plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coresponse.app.plans.MOST_PLANS", 3)
    store = PlanStore(tmp_path)
    for _ in range(3):
        store.add({"status": "x"}, "")
    with pytest.raises(OSError, match="there are 3 plans already: delete some"):
        store.add({"status": "x"}, "")
    assert len(list((tmp_path / "plans").iterdir())) == 3
    assert MOST_PLANS == 500


def test_sessions_and_finished_searches_are_forgotten_in_time() -> None:
    assert server_module.MOST_SESSIONS <= 1000
    assert pool_module.KEPT_JOBS <= 200
    job = pool_module.Job("find", "s", None)  # type: ignore[arg-type]
    for k in range(5000):
        pool_module._note(job, float(k), 1.0, 0.5, 0.5)
    assert len(job.steps) <= pool_module.MOST_STEPS
    assert len(json.dumps(job.as_json())) < 50_000


@pytest.mark.parametrize("upgrade", ["websocket", "h2c"])
def test_nothing_is_upgraded(server: Any, upgrade: str) -> None:
    text = (
        f"GET /api/state HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: "
        "http://evil.example\r\n"
        f"Connection: Upgrade\r\nUpgrade: {upgrade}\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    with connect(server, text.encode()) as made:
        said = made.recv(65536)
    assert said.split(b" ")[1] == b"403"
    assert b"101" not in said.split(b"\r\n")[0]


@pytest.mark.parametrize(
    "path",
    [
        "/results/x%0d%0aX-Injected:%201/map.html",
        "/api/plans/x%0d%0aX-Injected:%201/deployment.csv",
        "/results/x/y%0d%0aX-Injected:%201.csv",
        "/api/compare.csv?ids=%0d%0aX-Injected:%201",
        "/%0d%0aX-Injected:%201",
    ],
)
def test_no_header_is_put_in_by_an_address(server: Any, path: str) -> None:
    _, headers, _ = server.ask("GET", path)
    assert "x-injected" not in headers
    assert all("injected" not in value.lower() for value in headers.values())


@pytest.mark.parametrize(
    "target", ["http://evil.example/api/study", "http://127.0.0.1/api/study", "*"]
)
def test_whole_addresses_as_targets_reach_nothing(server: Any, target: str) -> None:
    text = (
        f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: "
        f"coresponse-{server.port}={server.token}\r\n"
        "Connection: close\r\n\r\n"
    )
    with connect(server, text.encode()) as made:
        said = made.recv(65536)
    assert said.split(b" ")[1] in {b"400", b"404"}


def test_two_lengths_of_a_body_are_refused(server: Any) -> None:
    """Request smuggling: what two servers in a row would read differently."""
    base = f"POST /api/session HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {server.address}\r\n"
    base += f"Cookie: coresponse-{server.port}={server.token}\r\n"
    for lines in (
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 4\r\nTransfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Content-Length : 4\r\n",
    ):
        with connect(
            server, f"{base}{lines}\r\n0\r\n\r\nGET /api/study HTTP/1.1\r\n\r\n".encode()
        ) as made:
            assert made.recv(65536).split(b" ")[1] in {b"400", b"413", b"501"}


def processes(server: Any) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children(recursive=True)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups here")
def test_ctrl_c_in_a_search_ends_all_at_once_and_keeps_the_plans(
    starter: Callable[..., Any],
) -> None:
    server = starter()
    session = server.sessions[0]
    done = server.until(server.job(asked=server.asked(busy="free")), lambda j: j["state"] == "done")
    long = server.asked(**LONG)
    server.until(server.job(asked=long), lambda j: bool(j["steps"]), session)
    workers = processes(server)
    assert len(workers) >= 2
    os.killpg(server.process.pid, signal.SIGINT)  # as a terminal does: the workers get it, too
    assert server.process.wait(PATIENCE_S) == 0
    server.process.stdout.close()
    _, alive = psutil.wait_procs(workers, timeout=PATIENCE_S)
    assert alive == []
    assert "Traceback" not in server.errors.read_text(encoding="utf-8")
    kept = [
        json.loads(path.read_text(encoding="utf-8")) for path in (server.folder / "plans").iterdir()
    ]
    assert [plan["id"] for plan in kept] == [done["plan"]]
