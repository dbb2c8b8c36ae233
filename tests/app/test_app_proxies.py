"""The page behind the reverse proxies of docs/app.md, with their login in front.

The configurations there, really running.
"""

from __future__ import annotations

import base64
import http.client
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.conftest import PATIENCE_S, until
from tests.faults.conftest import small_town

DOCS = Path(__file__).resolve().parents[2] / "docs" / "app.md"
NAME = "plan.example.org"
LOGIN = {"Authorization": "Basic " + base64.b64encode(b"ann:secret").decode()}


def documented(language: str, *, under_a_path: bool = False) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    at_the_root, under = found
    return under if under_a_path else at_the_root


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/bin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def listening(process: subprocess.Popen[bytes], port: int) -> None:
    def taken() -> bool:
        with socket.socket() as there:
            return there.connect_ex(("127.0.0.1", port)) == 0

    until(lambda: taken() or process.poll() is not None, "a proxy")
    if process.poll() is not None:
        raise AssertionError(process.communicate()[1].decode(errors="replace"))


def nginx(
    server: Any, at: Path, *, under_a_path: bool = False, port: int = 0
) -> tuple[subprocess.Popen[bytes], int]:
    """Run the documented server block, with another port, name of files and key, and without TLS."""
    path, port = program("nginx"), port or free_port()
    (at / "users").write_text("ann:{PLAIN}secret\n", encoding="utf-8")
    block = documented("nginx")
    if under_a_path:
        location = documented("nginx", under_a_path=True)
        block = re.sub(r"  location / \{.*?\n  \}\n", lambda _: location, block, flags=re.DOTALL)
        assert "location / {" not in block
    for old, new in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port};"),
        ("http://127.0.0.1:8750", server.address),
        ("/etc/nginx/plans.users", str(at / "users")),
        ("PASTE THE KEY HERE", server.token),
    ):
        assert old in block
        block = block.replace(old, new)
    block = re.sub(r"\n\s*ssl_certificate[^\n]*", "", block)
    folders = "".join(
        f"{kind}_temp_path {at}/{kind}; "
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (at / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {at}/pid; error_log {at}/error.log; events {{ "
        f"worker_connections 64; }}\nhttp {{ access_log off; {folders}\n{block}\n}}",
        encoding="utf-8",
    )
    command = [path, "-c", str(at / "nginx.conf"), "-p", str(at)]
    return subprocess.Popen(command, stderr=subprocess.PIPE), port


def caddy(
    server: Any, at: Path, *, under_a_path: bool = False, port: int = 0
) -> tuple[subprocess.Popen[bytes], int]:
    """Run the documented site, with another port and key, and without TLS."""
    path, port = program("caddy"), port or free_port()
    made = subprocess.run(
        [path, "hash-password", "--plaintext", "secret"], capture_output=True, text=True, check=True
    )
    site = documented("caddy", under_a_path=under_a_path)
    for old, new in (
        (f"{NAME} {{", f"http://{NAME}:{port} {{\n  bind 127.0.0.1"),
        ("127.0.0.1:8750", server.address.removeprefix("http://")),
        ("HASH_FROM_caddy_hash-password", made.stdout.strip()),
        ("PASTE THE KEY HERE", server.token),
    ):
        assert old in site
        site = site.replace(old, new)
    (at / "Caddyfile").write_text(
        f"{{\n  admin off\n  auto_https off\n}}\n{site}", encoding="utf-8"
    )
    home = os.environ | {"HOME": str(at), "XDG_DATA_HOME": str(at), "XDG_CONFIG_HOME": str(at)}
    command = [path, "run", "--config", str(at / "Caddyfile"), "--adapter", "caddyfile"]
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=home
    ), port


@contextmanager
def running(start: Any, *about: Any, **settings: Any) -> Iterator[int]:
    process, port = start(*about, **settings)
    try:
        listening(process, port)
        yield port
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def proxy(server: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[int]:
    """A proxy of docs/app.md: a login, then the key in a header that people never see."""
    with running(request.param, server, tmp_path) as port:
        yield port


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def proxy_path(server: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[int]:
    """The same with the page under a path of the host."""
    with running(request.param, server, tmp_path, under_a_path=True) as port:
        yield port


def ask(
    port: int, method: str, path: str, host: str = NAME, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    connection.request(method, path, headers={"Host": host, **headers})
    reply = connection.getresponse()
    found = reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read()
    connection.close()
    return found


def test_behind_a_proxy_with_a_login(server: Any, proxy: int) -> None:
    assert ask(proxy, "GET", "/api/state")[0] == 401
    assert ask(proxy, "GET", f"/?token={server.token}")[0] == 401
    wrong = {"Authorization": "Basic " + base64.b64encode(b"ann:wrong").decode()}
    assert ask(proxy, "GET", "/", **wrong)[0] == 401
    status, headers, page = ask(proxy, "GET", "/", **LOGIN)
    assert status == 200
    assert b"start.js" in page
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "set-cookie" not in headers
    assert ask(proxy, "GET", "/api/study", **LOGIN)[0] == 200
    # a login is sent by the browser whoever asks: another site's request is still refused
    assert ask(proxy, "POST", "/api/session", Origin="https://evil.example", **LOGIN)[0] == 403
    assert ask(proxy, "POST", "/api/session", **LOGIN)[0] == 403
    assert ask(proxy, "POST", "/api/session", Origin=f"https://{NAME}", **LOGIN)[0] == 200


def test_what_people_send_does_not_stand_in_for_the_key(server: Any, proxy: int) -> None:
    # a key of their own is replaced by the proxy's, and their login goes no further
    status, _, _ = ask(proxy, "GET", "/api/study", **LOGIN, **{"X-Coresponse-Token": "made-up"})
    assert status == 200
    assert ask(proxy, "GET", "/api/study", **{"X-Coresponse-Token": server.token})[0] == 401
    # the page itself knows only the name it was started with
    assert b"areas" not in ask(proxy, "GET", "/api/study", host="evil.example", **LOGIN)[2]


def test_an_address_with_the_key_gives_a_secure_cookie_under_https(server: Any) -> None:
    status, headers, _ = server.ask(
        "GET", f"/?token={server.token}", headers={"cookie": None, "host": NAME}
    )
    assert status == 200
    assert "secure" in headers["set-cookie"].lower()
    assert "path=" not in headers["set-cookie"].lower()  # the browser takes that of the address


def test_under_a_path_of_a_host(server: Any, proxy_path: int) -> None:
    assert ask(proxy_path, "GET", "/coresponse/api/state")[0] == 401
    status, headers, _ = ask(proxy_path, "GET", "/coresponse", **LOGIN)
    assert status in {301, 302}
    assert headers["location"].endswith("/coresponse/")
    status, _, page = ask(proxy_path, "GET", "/coresponse/", **LOGIN)
    assert status == 200
    links = re.findall(r'(?:href|src)="([^"#]+)"', page.decode())
    assert len(links) >= 6
    for link in links:
        assert ask(proxy_path, "GET", urljoin("/coresponse/", link), **LOGIN)[0] == 200, link
    # nothing of it is at the root, where other pages of the host are
    assert b"ready" not in ask(proxy_path, "GET", "/api/state", **LOGIN)[2]
    assert ask(proxy_path, "POST", "/coresponse/api/session", **LOGIN)[0] == 403
    mine = {"Origin": f"https://{NAME}"}
    assert ask(proxy_path, "POST", "/coresponse/api/session", **LOGIN, **mine)[0] == 200


@pytest.mark.browser
def test_a_browser_finds_its_way_under_a_path(starter: Any, chromium: Any, tmp_path: Path) -> None:
    """The page opens, searches and offers files there, and its cookie goes nowhere else."""
    program("nginx")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    small_town(tmp_path / "study")
    server = starter(public=address)
    with running(nginx, server, tmp_path, under_a_path=True, port=port):
        context = chromium.new_context(http_credentials={"username": "ann", "password": "secret"})
        try:
            page = context.new_page()
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            page.goto(f"{address}/coresponse/?token={server.token}")
            page.wait_for_selector("body[data-ready=yes]")
            (cookie,) = context.cookies(f"{address}/coresponse/")
            assert (cookie["name"], cookie["path"]) == (f"coresponse-{server.port}", "/coresponse")
            assert context.cookies(address) == []
            page.select_option("#busy", "free")
            page.fill("#plan-name", "under a path")
            # a short search may be over before anybody looks: what it leaves is looked for
            page.evaluate("delete document.body.dataset.running")
            page.click("#find")
            page.wait_for_selector("body[data-running=no]")
            links = page.locator("a[download]").evaluate_all("links => links.map(a => a.href)")
            assert len(links) >= 3
            for link in links:
                assert context.request.get(link).status == 200, link
            assert {url.split("/")[3] for url in asked if not url.startswith("data:")} == {
                "coresponse"
            }
        finally:
            context.close()
