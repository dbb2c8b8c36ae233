"""What the what-if page's server gives away, and takes, once somebody is in: paths, bodies, questions, files.

Each attack against the server as people start it.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from coresponse.app import guard
from coresponse.app.guard import MOST_BODY
from tests.app.raw_requests import head, raw, said_nothing_of_its_own

SECRET = "TOP-SECRET-9d1f"


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
    said_nothing_of_its_own(server)
