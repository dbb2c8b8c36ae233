"""Attacks on the what-if page's server, each against the server as people start it."""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.app import guard
from coresponse.app.guard import MOST_BODY, Gate, public_origin
from coresponse.data.errors import InputError

SECRET = "TOP-SECRET-9d1f"
ADDRESSES = [
    "/",
    "/app/start.js",
    "/api/state",
    "/api/study",
    "/api/plans",
    "/api/results",
    "/results/x/map.html",
    "/nothing",
]


def raw(server: Any, text: bytes, *, wait: float = 10.0) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=wait) as connection:
        connection.sendall(text)
        parts = []
        try:
            while part := connection.recv(65536):
                parts.append(part)
        except (TimeoutError, ConnectionResetError):
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


@pytest.mark.parametrize("path", ADDRESSES)
def test_nothing_is_served_without_the_token(server: Any, path: str) -> None:
    for cookie in (
        None,
        "",
        "coresponse=x",
        f"coresponse-{server.port}=",
        f"coresponse-{server.port}={server.token[:-1]}",
    ):
        status, _, body = server.ask("GET", path, headers={"cookie": cookie})
        assert status == 403
        assert server.token.encode() not in body


@pytest.mark.parametrize(
    "change",
    [lambda t: t[:-1], lambda t: t + "0", lambda t: t.upper(), lambda t: "", lambda t: "é"],
)
def test_wrong_tokens_open_nothing(server: Any, change: Any) -> None:
    status, headers, _ = server.ask(
        "GET", f"/?token={quote(change(server.token))}", headers={"cookie": None}
    )
    assert status == 403
    assert "set-cookie" not in headers


def test_the_token_becomes_a_strict_cookie_and_leaves_the_address(server: Any) -> None:
    status, headers, body = server.ask("GET", f"/?token={server.token}", headers={"cookie": None})
    assert status == 200
    cookie = headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert b'url=./"' in body
    assert server.token.encode() not in body
    status, _, _ = server.ask(
        "GET", "/api/state", headers={"cookie": headers["set-cookie"].split(";")[0]}
    )
    assert status == 200


@pytest.mark.parametrize(
    "others",
    [
        "{ours}; a[b]=1",
        "a[b]=1; {ours}",
        'prefs={{"theme": "dark", "n": [1, 2]}}; {ours}',
        "{ours}; prefs={{'x': 1}}",
        "bare; {ours}",
        "{ours};;; =x; a@b=1",
        "name with spaces=1; {ours}",
        "a=caf\xe9; {ours}",
        'open="never closed; {ours}',
        "a=b\\; {ours}",
        "a=1, b=2; {ours}",
        "coresponse=x; {ours}",
        "{name}=old; {ours}",
        "{ours}; {name}=of-another-path",
        "expires=Thu, 01 Jan 1970 00:00:00 GMT; $Version=1; {ours}",
        "a:b=1; a/b=2; {ours}",
    ],
)
def test_cookies_of_other_servers_lock_nobody_out(server: Any, others: str) -> None:
    name = f"coresponse-{server.port}"
    sent = others.format(ours=f"{name}={server.token}", name=name)
    assert server.ask("GET", "/api/state", headers={"cookie": sent})[0] == 200
    wrong = others.format(ours=f"{name}=x{server.token}", name=name)
    assert server.ask("GET", "/api/state", headers={"cookie": wrong})[0] == 403
    elsewhere = others.format(ours=f"x{name}={server.token}", name=name)
    assert server.ask("GET", "/api/state", headers={"cookie": elsewhere})[0] == 403


def test_a_cookie_header_of_each_server_is_looked_at(server: Any) -> None:
    said = raw(server, head(server, "GET", "/api/state", "Cookie: other=1"))
    assert said.startswith(b"HTTP/1.1 200")


@settings(max_examples=500)
@given(
    st.lists(st.text(st.characters(exclude_characters=";", max_codepoint=255)), max_size=6),
    st.integers(0, 6),
)
def test_any_cookies_around_ours(others: list[str], at: int) -> None:
    gate = Gate("right", ("http://127.0.0.1:1",), "c-1")
    others = [text for text in others if text.partition("=")[0].strip() != "c-1"]
    assert not gate.known({"cookie": ";".join(others)})
    assert gate.known({"cookie": ";".join([*others[:at], " c-1=right", *others[at:]])})


@pytest.mark.parametrize("path", ["/", "/app/start.js", "/api/study", "/api/plans"])
def test_head_is_get_without_its_body(server: Any, path: str) -> None:
    status, headers, body = server.ask("HEAD", path)
    assert (status, body) == (200, b"")
    got = server.ask("GET", path)[1]
    assert headers["content-type"] == got["content-type"]
    assert headers["content-security-policy"] == got["content-security-policy"]
    assert server.ask("HEAD", path, headers={"cookie": None})[0] == 403


def test_the_token_does_not_open_anything_but_the_page(server: Any) -> None:
    assert server.ask("GET", f"/api/study?token={server.token}", headers={"cookie": None})[0] == 403
    assert server.ask("POST", f"/?token={server.token}", headers={"cookie": None})[0] == 403


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.evil.example",
        "",
        "127.0.0.1:{port}.evil",
    ],
)
def test_a_foreign_name_that_points_here_is_refused(server: Any, host: str) -> None:
    for path in ("/api/study", f"/?token={server.token}"):
        status, _, body = server.ask("GET", path, headers={"host": host.format(port=server.port)})
        assert status in {400, 421}
        assert b"areas" not in body


def test_two_host_headers_are_refused(server: Any) -> None:
    said = raw(server, head(server, "GET", "/api/study", "Host: evil.example"))
    assert said.split(b" ")[1] in {b"400", b"421"}


@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1:{port}"],
)
def test_only_the_page_itself_may_change_anything(server: Any, origin: str | None) -> None:
    given = None if origin is None else origin.format(port=server.port)
    before = server.json("GET", "/api/plans")
    question = {"kind": "judge", "asked": server.asked(), "bought": []}
    for method, path, body in (
        ("POST", "/api/session", None),
        ("POST", "/api/jobs", question),
        ("PATCH", "/api/plans/0123456789abcdef", {"name": "x"}),
        ("DELETE", "/api/plans/0123456789abcdef", None),
    ):
        assert server.ask(method, path, body, headers={"origin": given})[0] == 403
    assert server.json("GET", "/api/plans") == before


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_may_not_read_what_browsers_say_they_ask_for(server: Any, site: str) -> None:
    assert server.ask("GET", "/api/study", headers={"sec-fetch-site": site})[0] == 403
    assert server.ask("GET", "/app/start.js", headers={"sec-fetch-site": site})[0] == 403
    assert server.ask("GET", "/api/study", headers={"origin": "http://evil.example"})[0] == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_form_of_another_page_is_no_question(server: Any, kind: str) -> None:
    body = json.dumps({"asked": server.asked()}).encode()
    assert server.ask("POST", "/api/jobs", body, raw=True, headers={"content-type": kind})[0] == 422


@pytest.fixture
def planted(server: Any) -> Iterator[Path]:
    """Secrets in the study's inputs, beside the study, and behind links in its results and plans."""
    study: Path = server.folder
    outside = study.parent / "outside"
    (outside / "run").mkdir(parents=True, exist_ok=True)
    for path in (
        study / "secret.txt",
        study.parent / "secret.txt",
        outside / "map.html",
        outside / "run" / "map.html",
    ):
        path.write_text(SECRET, encoding="utf-8")
    (outside / "plan.json").write_text(
        json.dumps({"schema": 1, "id": "aaaaaaaaaaaaaaaa", "name": SECRET}), encoding="utf-8"
    )
    run = study / "results" / "plan-good"
    (run / "internal").mkdir(parents=True, exist_ok=True)
    (run / "map.html").write_text("<p>a map</p>", encoding="utf-8")
    (run / "internal" / "timing.json").write_text(SECRET, encoding="utf-8")
    links = {
        study / "results" / "linked": outside / "run",
        run / "report.html": outside / "map.html",
        study / "plans" / "aaaaaaaaaaaaaaaa.json": outside / "plan.json",
    }
    (study / "plans").mkdir(exist_ok=True)
    for link, target in links.items():
        link.symlink_to(target)
    yield study
    for link in links:
        link.unlink()
    shutil.rmtree(study / "results")
    shutil.rmtree(outside)
    (study / "secret.txt").unlink()


PATHS = [
    "/../secret.txt",
    "/app/../secret.txt",
    "/app/..%2f..%2fsecret.txt",
    "/app/%2e%2e/%2e%2e/secret.txt",
    "/app/....//secret.txt",
    "/app/..\\..\\secret.txt",
    "/app/start.js/../../secret.txt",
    "/app//etc/passwd",
    "/results/../secret.txt/map.html",
    "/results/%2e%2e/secret.txt",
    "/results/..%2f..%2foutside%2frun/map.html",
    "/results/..%5c..%5coutside%5crun/map.html",
    "/results/linked/map.html",
    "/results/plan-good/report.html",
    "/results/plan-good/internal/timing.json",
    "/results/plan-good/internal%2ftiming.json",
    "/results/plan-good/../../secret.txt",
    "/results/plan-good%00/map.html",
    "/results/./map.html",
    "/api/plans/aaaaaaaaaaaaaaaa",
    "/api/plans/aaaaaaaaaaaaaaaa/whatif.json",
    "/api/plans/..%2f..%2fsecret/whatif.json",
    "/api/plans/../study.toml",
    "/api/compare.csv?ids=aaaaaaaaaaaaaaaa,../secret",
    "//etc/passwd",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_out_of_what_is_served(server: Any, planted: Path, path: str) -> None:
    said = raw(server, head(server, "GET", path))
    assert SECRET.encode() not in said
    assert b"root:" not in said
    status = int(said.split(b" ")[1])
    assert status in {400, 403, 404} or path.startswith("/api/compare.csv")


def test_a_runs_page_is_served_and_shut_in(server: Any, planted: Path) -> None:
    (planted / "results" / "plan-good" / "plan.gpkg").write_bytes(b"layers")
    (planted / "results" / "plan-good" / "notes.txt").write_text(SECRET, encoding="utf-8")
    os.mkfifo(planted / "results" / "plan-good" / "classes.csv")  # one who opens it waits for ever
    (planted / "results" / "plan-good" / "figures.csv").symlink_to(planted.parent / "secret.txt")
    assert server.json("GET", "/api/results") == [
        {"run": "plan-good", "pages": ["map.html"], "files": ["plan.gpkg"]}
    ]
    for name in ("notes.txt", "classes.csv", "figures.csv"):
        assert server.ask("GET", f"/results/plan-good/{name}")[0] == 404
    status, headers, body = server.ask("GET", "/results/plan-good/plan.gpkg")
    assert (status, body) == (200, b"layers")
    assert headers["content-disposition"] == 'attachment; filename="plan-good-plan.gpkg"'
    assert headers["content-type"] == "application/geopackage+sqlite3"
    status, headers, body = server.ask("GET", "/results/plan-good/map.html")
    assert (status, body) == (200, b"<p>a map</p>")
    policy = headers["content-security-policy"]
    assert policy.startswith("sandbox")
    assert "allow-same-origin" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    "path",
    [
        "/app/",
        "/app",
        "/results/",
        "/results",
        "/results/plan-good/",
        "/api/",
        "/plans/",
        "/docs",
        "/openapi.json",
    ],
)
def test_no_folder_is_listed(server: Any, planted: Path, path: str) -> None:
    assert server.ask("GET", path)[0] == 404


def test_nothing_can_be_written_by_a_chosen_name(server: Any, planted: Path) -> None:
    before = sorted(str(p) for p in server.folder.parent.rglob("*"))
    for plan in ("../study", "..%2fstudy", "aaaaaaaaaaaaaaaa", "study.toml"):
        assert server.ask("PATCH", f"/api/plans/{plan}", {"name": "x"})[0] in {404, 405}
        assert (
            server.ask("DELETE", f"/api/plans/{plan}")[0] in {404, 405}
            or plan == "aaaaaaaaaaaaaaaa"
        )
    assert (server.folder.parent / "outside" / "plan.json").read_text(encoding="utf-8").count(
        SECRET
    ) == 1
    after = sorted(str(p) for p in server.folder.parent.rglob("*"))
    gone = {str(server.folder / "plans" / "aaaaaaaaaaaaaaaa.json")}
    assert set(before) - set(after) <= gone
    assert set(after) <= set(before)
    if gone & (set(before) - set(after)):
        (server.folder / "plans" / "aaaaaaaaaaaaaaaa.json").symlink_to(server.folder / "study.toml")


def test_large_bodies_are_refused_whatever_they_say_of_themselves(server: Any) -> None:
    said = raw(
        server,
        head(
            server,
            "POST",
            "/api/jobs",
            "Content-Type: application/json",
            "Content-Length: 99999999999",
        ),
    )
    assert said.split(b" ")[1] == b"413"
    said = raw(server, head(server, "POST", "/api/jobs", "Content-Length: -5"))
    assert said.split(b" ")[1] in {b"400", b"413"}
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    many = chunk * (MOST_BODY // 0x10000 + 2)
    said = raw(server, head(server, "POST", "/api/jobs", "Transfer-Encoding: chunked") + many)
    assert said == b"" or said.split(b" ")[1] == b"413"
    for line in ("X-Long: " + "x" * 40_000, "X-Long: " + "x" * 1_000_000):
        said = raw(server, head(server, "GET", "/api/state", line))
        assert said == b"" or said.split(b" ")[1] in {b"400", b"431"}
    assert server.json("GET", "/api/state")["ready"]


def test_a_body_that_never_ends_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_WITHIN_S", 0.05)
    parts = [b"{"]

    async def receive() -> dict[str, Any]:
        if not parts:
            await asyncio.sleep(30)
        return {"type": "http.request", "body": parts.pop(), "more_body": True}

    scope = {"type": "http", "method": "POST"}
    read = guard._body(scope, {"content-length": "100"}, receive)
    with ThreadPoolExecutor(1) as thread:  # this one may have a browser's loop
        assert thread.submit(asyncio.run, read).result() == 408


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"asked":' * 20_000,
        b"{",
        b"\xff\xfe",
        b'{"asked": {"demand": NaN}}',
        b'{"asked": {"budget_per_year": 1e999}}',
        b'{"asked": {"units": {"co_responder_unit": ' + b"9" * 5000 + b"}}}",
        b'{"asked": {"__proto__": {"x": 1}}}',
    ],
)
def test_broken_questions_are_refused_without_repeating_them(server: Any, body: bytes) -> None:
    status, _, said = server.ask("POST", "/api/jobs", body, raw=True)
    assert status in {400, 422}
    assert len(said) < 3000
    assert b"Traceback" not in said
    assert server.json("GET", "/api/state")["ready"]


@pytest.mark.parametrize(
    "change",
    [
        {"units": {"no_such_type": 3}},
        {"posts_must": ["<script>"]},
        {"posts_must": ["P01"], "posts_not": ["P01"]},
        {"moved": {"P01": [0.0, 0.0]}},
        {"target_min": 1000.0},
        {"roles": {"nobody": 1}},
    ],
)
def test_a_question_that_is_none_fails_with_words(server: Any, change: dict[str, Any]) -> None:
    job = server.until(
        server.job(asked=server.asked(**change)), lambda j: j["state"] not in {"queued", "running"}
    )
    assert job["state"] == "failed"
    assert job["error"]
    assert "Traceback" not in job["error"]


@pytest.mark.parametrize(
    "change",
    [
        {"demand": 0},
        {"speed": -1},
        {"time_limit_s": 1e9},
        {"units": {"co_responder_unit": -1}},
        {"busy": "x"},
        {"extra": 1},
    ],
)
def test_values_out_of_range_are_refused(server: Any, change: dict[str, Any]) -> None:
    status, _, said = server.ask("POST", "/api/jobs", {"asked": server.asked(**change)})
    assert status == 422
    assert next(iter(change)) in said.decode()


@pytest.mark.parametrize("path", [*ADDRESSES, "/?token=wrong", "/api/plans/zz"])
@pytest.mark.parametrize("known", [True, False])
def test_every_answer_carries_its_headers(server: Any, path: str, known: bool) -> None:
    _, headers, _ = server.ask("GET", path, headers={} if known else {"cookie": None})
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers
    assert "access-control-allow-origin" not in headers


def test_only_this_machine_is_listened_to(server: Any) -> None:
    listening = [
        c.laddr
        for c in psutil.Process(server.process.pid).net_connections("tcp")
        if c.status == psutil.CONN_LISTEN
    ]
    assert [(a.ip, a.port) for a in listening] == [("127.0.0.1", server.port)]


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    plain = hmac.compare_digest
    monkeypatch.setattr(
        hmac, "compare_digest", lambda a, b: (compared.append((a, b)), plain(a, b))[1]
    )
    gate = Gate("right", ("http://127.0.0.1:1",), "c")
    assert gate.right("right")
    assert not gate.right("wrong")
    assert gate.known({"cookie": "c=right"})
    assert not gate.known({"cookie": "c=wrong"})
    assert not gate.known({})
    assert {a for a, _ in compared} >= {b"right", b"wrong", b""}
    assert all(b == b"right" for _, b in compared)


@pytest.mark.parametrize(
    "text", ["", "a b", "x/y", "ftp://x", "x?y", "x#", "*", "user@host", "x\r\ny"]
)
def test_public_hosts_are_hosts(text: str) -> None:
    with pytest.raises(InputError):
        public_origin(text)
    assert public_origin("Plan.Example.org") == "https://plan.example.org"
    assert public_origin("http://x:8080") == "http://x:8080"


def test_sessions_do_not_see_each_others_searches(server: Any) -> None:
    mine, other = server.new_session(), server.new_session()
    job = server.job(session=mine, asked=server.asked(busy="free"))
    assert server.ask("GET", f"/api/jobs/{job['id']}", headers={"x-session": other})[0] == 404
    assert server.ask("POST", f"/api/jobs/{job['id']}/stop", headers={"x-session": other})[0] == 404
    assert (
        server.ask("GET", f"/api/jobs/{job['id']}", headers={"x-session": "made-up-session"})[0]
        == 409
    )
    assert (
        server.ask("POST", "/api/jobs", {"asked": server.asked()}, headers={"x-session": mine})[0]
        == 409
    )
    assert not server.look(job, mine)["stopping"]
    server.json("POST", f"/api/jobs/{job['id']}/stop", headers={"x-session": mine})
    server.until(job, lambda j: j["state"] not in {"queued", "running"}, mine)


def test_files_are_harmless_in_a_spreadsheet(server: Any) -> None:
    today = server.json("GET", "/api/today")
    job = server.job(kind="judge", asked=server.asked(), bought=today["bought"], name="=1+1")
    job = server.until(job, lambda j: j["state"] == "done")
    for path in (
        f"/api/plans/{job['plan']}/deployment.csv",
        f"/api/compare.csv?ids={job['plan']},today",
    ):
        status, headers, text = server.ask("GET", path)
        assert status == 200
        assert headers["content-disposition"].startswith("attachment")
        for cell in text.decode().replace('"', "").replace("\n", ",").split(","):
            assert not cell.startswith(("=", "+", "@"))
    assert b"'=1+1" in text


def test_a_worker_that_dies_takes_nothing_with_it(server: Any) -> None:
    session = server.new_session()
    plans = len(server.json("GET", "/api/plans"))
    job = server.job(
        session=session, asked=server.asked(busy="stated", busy_share=0.5, time_limit_s=3600)
    )
    server.until(job, lambda j: bool(j["steps"]), session)
    workers = [
        p
        for p in psutil.Process(server.process.pid).children()
        if "spawn_main" in " ".join(p.cmdline())
    ]
    assert len(workers) == 2
    busiest = max(workers, key=lambda p: sum(p.cpu_times()[:2]))
    for worker in workers:
        worker.kill()
    assert busiest.pid
    job = server.until(job, lambda j: j["state"] == "failed", session)
    assert "process ended" in job["error"]
    again = server.until(
        server.job(session=session, asked=server.asked(busy="free")),
        lambda j: j["state"] in {"done", "failed"},
        session,
    )
    assert again["state"] in {"done", "failed"}
    last = server.until(
        server.job(session=session, asked=server.asked(busy="free")),
        lambda j: j["state"] in {"done", "failed"},
        session,
    )
    assert last["state"] == "done"
    assert len(server.json("GET", "/api/plans")) >= plans + 1


def test_nothing_was_said_that_holds_the_token(server: Any) -> None:
    said = server.errors.read_text(encoding="utf-8")
    assert server.token not in said
    assert "Traceback" not in said
