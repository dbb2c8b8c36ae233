"""The what-if page's server, really running, on a study whose names are hostile."""

from __future__ import annotations

import csv
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from coresponse.app.prepared import PreparedStudy, prepare
from coresponse.data.sample_city import sample_folder
from coresponse.study.folder import StudyFolder, open_study
from tests.conftest import PATIENCE_S, until

HOSTILE = "<img src=x onerror=window.harm=1><script>window.harm=1</script>${window.harm=1}`'\"\u202e=cmd|' /C calc'!A0"
FORMULA = "=cmd|' /C calc'!A0"
PUBLIC = "plan.example.org"
ROOT = Path(__file__).resolve().parents[2]


def make_study(folder: Path) -> Path:
    """Copy the sample city and put hostile text wherever a name is.

    No answer is ever proven enough.
    """
    shutil.copytree(sample_folder(), folder)
    posts = list(csv.reader((folder / "posts.csv").read_text(encoding="utf-8").splitlines()))
    for i, row in enumerate(posts[1:]):
        row[1] = f"{FORMULA} {i}" if i % 2 else f"{HOSTILE} {i}"
    with (folder / "posts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(posts)
    areas = json.loads((folder / "districts.geojson").read_text(encoding="utf-8"))
    for feature in areas["features"]:
        name = next((k for k in feature["properties"] if "name" in k.lower()), None)
        if name:
            feature["properties"][name] = f"{HOSTILE} {feature['properties'][name]}"
    (folder / "districts.geojson").write_text(json.dumps(areas), encoding="utf-8")
    toml = (folder / "study.toml").read_text(encoding="utf-8")
    toml = toml.replace('name = "Sample city"', f"name = {json.dumps('City ' + HOSTILE)}")
    toml += "\n[solver]\ngap = 0.0\nbusy_gap = 0.0\n\n[judging]\nreplications = 2\nweeks = 1\n"
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    return folder


@dataclass
class Server:
    """A running server, and a way to speak to it as anybody."""

    folder: Path
    process: subprocess.Popen[str]
    port: int
    token: str
    errors: Path
    sessions: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def entry(self) -> str:
        return f"{self.address}/?token={self.token}"

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str | None] | None = None,
        raw: bool = False,
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request as the page would.

        Headers given replace the page's, None takes one away.
        """
        sent: dict[str, str | None] = {
            "host": f"127.0.0.1:{self.port}",
            "cookie": f"coresponse-{self.port}={self.token}",
            "origin": self.address if method != "GET" else None,
            "content-type": "application/json" if body is not None else None,
            "x-session": self.sessions[0] if self.sessions else None,
        } | (headers or {})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            payload = b"" if body is None else body if raw else json.dumps(body).encode()
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            if payload:
                connection.putheader("content-length", str(len(payload)))
            connection.endheaders(payload or None)
            reply = connection.getresponse()
            return reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read()
        finally:
            connection.close()

    def json(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        status, _, text = self.ask(method, path, body, **more)
        assert status == 200, (status, text)
        return json.loads(text)

    def asked(self, **changes: Any) -> dict[str, Any]:
        return self.json("GET", "/api/study")["asked"] | changes

    def job(self, session: str | None = None, **question: Any) -> dict[str, Any]:
        return self.json("POST", "/api/jobs", question, headers=self._as(session))

    def look(self, job: dict[str, Any], session: str | None = None) -> dict[str, Any]:
        return self.json("GET", f"/api/jobs/{job['id']}", headers=self._as(session))

    def until(
        self,
        job: dict[str, Any],
        when: Callable[[dict[str, Any]], bool],
        session: str | None = None,
    ) -> dict[str, Any]:
        seen: list[dict[str, Any]] = []

        def there() -> bool:
            seen[:] = [self.look(job, session)]
            return when(seen[0])

        until(there, f"a change of {job}")
        return seen[0]

    def new_session(self) -> str:
        return str(self.json("POST", "/api/session")["session"])

    def _as(self, session: str | None) -> dict[str, str | None]:
        return {} if session is None else {"x-session": session}

    def end(self, *, kill: bool = False) -> None:
        self.process.send_signal(signal.SIGKILL if kill else signal.SIGINT)
        self.process.wait(PATIENCE_S)
        if self.process.stdout is not None:
            self.process.stdout.close()


def start_server(folder: Path, at: Path, *, port: int = 0, public: str = PUBLIC) -> Server:
    errors = at / f"errors-{secrets.token_hex(3)}.txt"
    token_file = at / "token.txt"
    if not token_file.exists():
        token_file.write_text(secrets.token_hex(32), encoding="utf-8")
    command = [sys.executable, "-m", "coresponse", "app", str(folder), "--port", str(port)]
    command += ["--public-host", public, "--token-file", str(token_file)]
    with errors.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
            cwd=ROOT,
            env=os.environ | {"COLUMNS": "300"},
            start_new_session=True,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", line)
    if found is None:
        process.kill()
        raise AssertionError(f"no address: {line!r} {errors.read_text(encoding='utf-8')}")
    server = Server(folder, process, int(found[1]), found[2], errors)

    def ready() -> bool:
        state = server.json("GET", "/api/state")
        assert not state["error"], state
        return bool(state["ready"])

    try:
        until(ready, "a study that is ready")
    except AssertionError:
        process.kill()
        raise
    server.sessions.append(server.new_session())
    return server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The sample city, its replay short."""
    at = tmp_path_factory.mktemp("short") / "city"
    shutil.copytree(sample_folder(), at)
    with (at / "study.toml").open("a", encoding="utf-8") as file:
        file.write("\n[judging]\nreplications = 2\nweeks = 2\n")
    return open_study(at)


@pytest.fixture(scope="module")
def study(folder: StudyFolder) -> PreparedStudy:
    return prepare(folder)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pytest.importorskip("fastapi")
    at = tmp_path_factory.mktemp("app")
    running = start_server(make_study(at / "study"), at)
    yield running
    running.end()
    assert running.process.returncode == 0


@pytest.fixture
def starter(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers of one's own study; those left are ended."""
    pytest.importorskip("fastapi")
    started: list[Server] = []

    def _start(**settings: Any) -> Server:
        folder = tmp_path / "study"
        started.append(
            start_server(folder if folder.exists() else make_study(folder), tmp_path, **settings)
        )
        return started[-1]

    yield _start
    for running in started:
        if running.process.poll() is None:
            running.end()


class Tab:
    """A page of a browser of its own, and what it complained of and asked for elsewhere."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        page.on(
            "request",
            lambda r: None if r.url.startswith((address, "data:")) else self.foreign.append(r.url),
        )
        page.on(
            "console",
            lambda m: self.complaints.append(m.text) if m.type in {"error", "warning"} else None,
        )
        page.on("pageerror", lambda e: self.complaints.append(e.message))

    def open(self, address: str) -> Tab:
        self.page.goto(address)
        self.page.wait_for_selector("body[data-ready=yes]")
        return self

    def clean(self) -> None:
        """Nothing was complained of, asked for elsewhere, or run from a name."""
        assert self.complaints == []
        assert self.foreign == []
        assert self.page.evaluate("window.harm") is None

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    def search(self, name: str, *, ends: bool = True, **fields: str) -> None:
        for selector, value in fields.items():
            name_there = selector if "-" in selector else selector.replace("_", "-")
            place = self.page.locator(f"#{name_there}")
            place.select_option(value) if place.evaluate(
                "e => e.tagName"
            ) == "SELECT" else place.fill(value)
        self.page.fill("#plan-name", name)
        # a short search may be over before anybody looks: what it leaves is looked for
        self.page.evaluate("delete document.body.dataset.running")
        self.page.click("#find")
        self.page.wait_for_selector(f"body[data-running={'no' if ends else 'yes'}]")

    @property
    def plans(self) -> list[str]:
        return [str(t) for t in self.page.locator("#plans-body .plan-name").all_inner_texts()]


@pytest.fixture
def tab(chromium: Any, server: Any) -> Iterator[Callable[..., Tab]]:
    contexts = []

    def _tab(*, phone: bool = False, of: Any = None, **settings: Any) -> Tab:
        running = of or server
        size = {"width": 390, "height": 844} if phone else {"width": 1360, "height": 900}
        context = chromium.new_context(viewport=size, has_touch=phone, is_mobile=phone, **settings)
        contexts.append(context)
        return Tab(context.new_page(), running.address).open(running.entry)

    yield _tab
    for context in contexts:
        context.close()
