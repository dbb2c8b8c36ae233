"""What a browser lets through of attacks on the page.

By other servers of this machine, and by hostile pages in ``results``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Another server of this machine, which cookies of this one are sent to.

    Browsers keep them by host, not by port.
    """

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name is the standard library's
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>elsewhere</title><p>elsewhere")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    other = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{other.server_port}"
    other.shutdown()
    other.server_close()


def test_nothing_but_the_pages_own_scripts_runs(tab: Callable[..., Any]) -> None:
    page = tab().page
    put = "document.body.append(e)"
    tried = {
        "an inline script": f"const e = document.createElement('script'); e.textContent = 'window.harm = 1'; {put}",
        "a script of data": f"const e = document.createElement('script'); e.src = 'data:text/javascript,window.harm=1'; {put}",
        "a script address": f"const e = document.createElement('a'); e.href = 'javascript:window.harm=1'; {put}; e.click()",
        "a handler": f"const e = document.createElement('b'); e.setAttribute('onclick', 'window.harm = 1'); {put}; e.click()",
        "text as code": "window.setTimeout('window.harm = 1', 0)",
    }
    for what, code in tried.items():
        page.evaluate(f"() => {{ {code} }}")
        page.wait_for_timeout(150)
        assert page.evaluate("window.harm") is None, what
    elsewhere = "http://evil.example/x.png"
    picture = f"const i = new Image(); i.onload = () => done('sent'); i.onerror = () => done('refused'); i.src = '{elsewhere}'"
    styled = "document.body.setAttribute('style', 'color: red'); done(getComputedStyle(document.body).color)"
    for what, code, said in (
        (
            "a request elsewhere",
            f"fetch('{elsewhere}').then(() => done('sent'), () => done('refused'))",
            "refused",
        ),
        ("a picture elsewhere", picture, "refused"),
        ("a style", styled, "rgb(22, 32, 43)"),
    ):
        assert page.evaluate(f"() => new Promise(done => {{ {code} }})") == said, what


def test_other_servers_of_this_machine_get_nothing(
    tab: Callable[..., Any], server: Any, elsewhere: str
) -> None:
    found = tab()
    plans = len(server.json("GET", "/api/plans"))
    page = found.page.context.new_page()
    answers: list[int] = []
    page.on(
        "response", lambda r: answers.append(r.status) if r.url.startswith(server.address) else None
    )
    page.goto(elsewhere)
    for path in ("/api/plans", "/api/study", "/results/x/map.html", "/app/start.js"):
        said = page.evaluate(
            "url => fetch(url, {credentials: 'include'}).then(r => r.text(), () => 'refused')",
            server.address + path,
        )
        assert said == "refused"
    page.evaluate(
        "url => fetch(url, {mode: 'no-cors', credentials: 'include'}).catch(() => 0)",
        f"{server.address}/api/study",
    )
    page.evaluate(
        "url => fetch(url, {method: 'POST', mode: 'no-cors', credentials: 'include', body: "
        "'{}'}).catch(() => 0)",
        f"{server.address}/api/session",
    )
    # in a frame, and by a form
    page.evaluate(
        "url => { const f = document.createElement('iframe'); f.src = url; "
        "document.body.append(f); }",
        server.address,
    )
    page.wait_for_timeout(500)
    inside = [frame for frame in page.frames if frame != page.main_frame]
    assert all("What if" not in frame.content() for frame in inside)
    page.evaluate(
        """url => { const f = document.createElement('form'); f.method = 'POST'; f.action = url; f.enctype = 'text/plain';
        document.body.append(f); f.submit(); }""",
        f"{server.address}/api/jobs",
    )
    page.wait_for_url(f"{server.address}/api/jobs")
    assert "only the page itself" in page.inner_text("body")
    # the page's own start is all that may be asked for from elsewhere, and it is shown in no frame
    assert [status for status in answers if status != 403] in ([], [200])
    assert len(server.json("GET", "/api/plans")) == plans


def test_the_key_is_told_to_nobody(tab: Callable[..., Any], server: Any) -> None:
    asked: list[tuple[str, dict[str, str]]] = []
    found = tab()
    page = found.page
    page.on("request", lambda r: asked.append((r.url, r.headers)))
    page.goto(server.entry)
    page.wait_for_selector("body[data-ready=yes]")
    later = [(url, headers) for url, headers in asked if url != server.entry]
    assert len(later) > 5
    for url, headers in later:
        assert server.token not in url
        assert server.token not in headers.get("referer", "")
    assert server.token not in page.content()
    assert page.evaluate("document.cookie") == ""
    kept = page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, history.state])")
    assert server.token not in kept


def test_a_hostile_page_of_results_can_ask_for_nothing(
    tab: Callable[..., Any], server: Any
) -> None:
    run: Path = server.folder / "results" / "plan-hostile"
    run.mkdir(parents=True, exist_ok=True)
    (run / "map.html").write_text(
        """<!doctype html><title>waiting</title><script>
        const say = t => { document.title += ' ' + t; };
        try { say(document.cookie === '' ? 'none' : 'cookie'); } catch (error) { say('none'); }
        try { say(window.opener && window.opener.document ? 'opener' : 'none'); } catch (error) { say('none'); }
        fetch('/api/plans').then(r => say(r.ok ? 'read' : 'none'), () => say('none'))
          .then(() => fetch('/api/session', {method: 'POST'})).then(r => say(r.ok ? 'wrote' : 'none'), () => say('none'))
          .then(() => { document.title += ' done'; });
        </script>""",
        encoding="utf-8",
    )
    try:
        page = tab().page.context.new_page()
        page.goto(f"{server.address}/results/plan-hostile/map.html")
        page.wait_for_function("document.title.endsWith('done')")
        assert page.title() == "waiting none none none none done"
    finally:
        (run / "map.html").unlink()
        run.rmdir()
