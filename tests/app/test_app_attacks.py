"""Who may ask the what-if page's server at all: tokens, cookies, hosts and other sites.

Each attack against the server as people start it.
"""

from __future__ import annotations

import hmac
import json
from typing import Any
from urllib.parse import quote

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.app.guard import Gate, public_origin
from coresponse.data.errors import InputError
from tests.app.raw_requests import head, raw, said_nothing_of_its_own

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


def test_nothing_was_said_that_holds_the_token(server: Any) -> None:
    said_nothing_of_its_own(server)
