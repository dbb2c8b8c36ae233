"""A map over online tiles: from a server that answers, and from one that does not."""

from __future__ import annotations

import re
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from coresponse.maps.content import MapContent, OnlineTiles
from coresponse.maps.plan_map import plan_page, write_plan_map

Maker = Callable[..., MapContent]
GREEN = (120, 200, 120)


def tile() -> bytes:
    """A green square of 256 x 256 as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = (b"\0" + bytes(GREEN) * 256) * 256
    head = struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def server() -> Iterator[str]:
    """A tile server on this machine."""

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(tile())

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Tiles) as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{found.server_port}"
        found.shutdown()
        thread.join()


def painted(page: Any, pane: str) -> int:
    """Count a pane's pixels that something was drawn on."""
    script = """(pane) => [...document.querySelectorAll(`#map_plan .leaflet-${pane}-pane canvas`)].map((c) => {
      const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
      let n = 0;
      for (let i = 3; i < d.length; i += 4) n += d[i] > 0;
      return n;
    }).reduce((a, b) => a + b, 0)"""
    return int(page.evaluate(script, pane))


def settled(page: Any, still: Callable[[Any], None]) -> None:
    """Wait until every tile has come or is given up: a network that never answers is never idle."""
    page.wait_for_function(
        "() => { const all = [...document.querySelectorAll('#map_plan img.leaflet-tile')];"
        " return all.length > 0 && all.every(tile => tile.complete); }"
    )
    still(page)


@pytest.mark.browser
def test_tiles_lie_beneath_the_map(
    server: str,
    visit: Callable[..., Any],
    still: Callable[[Any], None],
    content_maker: Maker,
    tmp_path: Path,
) -> None:
    tiles = OnlineTiles(f"{server}/{{z}}/{{x}}/{{y}}.png", "Made-up tiles")
    write_plan_map(content_maker(), tmp_path / "map.html", online_tiles=tiles)
    seen = visit(tmp_path / "map.html")
    settled(seen.page, still)
    loaded = seen.page.locator("#map_plan img.leaflet-tile-loaded")
    loaded.nth(1).wait_for()
    assert all(re.fullmatch(rf"{server}/\d+/\d+/\d+\.png", request) for request in seen.requests)
    assert seen.complaints == []
    assert "Made-up tiles" in seen.page.locator(".attribution").inner_text()
    edge = painted(seen.page, "land")  # the shore alone: land makes way for the tiles
    assert painted(seen.page, "roads") > 1000
    write_plan_map(content_maker(), tmp_path / "plain.html")
    plain = visit(tmp_path / "plain.html")
    assert painted(plain.page, "land") > 3 * edge > 0
    assert plain.requests == []


@pytest.mark.browser
def test_without_an_answer_the_map_stands_on_its_own_roads(
    visit: Callable[..., Any], still: Callable[[Any], None], content_maker: Maker, tmp_path: Path
) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody answers, and nobody else can
        taken.bind(("127.0.0.1", 0))
        tiles = OnlineTiles(
            f"http://127.0.0.1:{taken.getsockname()[1]}/{{z}}/{{x}}/{{y}}.png", "Nobody"
        )
        write_plan_map(content_maker(), tmp_path / "map.html", online_tiles=tiles)
        seen = visit(tmp_path / "map.html")
        settled(seen.page, still)
        assert seen.page.locator("#map_plan img.leaflet-tile-loaded").count() == 0
        write_plan_map(content_maker(), tmp_path / "plain.html")
        plain = visit(tmp_path / "plain.html").page
        for pane in ("land", "roads", "cells"):
            assert painted(seen.page, pane) == painted(plain, pane) > 1000
        # the browser says what it could not load; of ours there is nothing to say
        assert {text for text in seen.complaints if "ERR_CONNECTION" not in text} == set()
        seen.page.locator("input[name=view][value=late]").check()
        assert "not reached within the standard" in seen.page.locator("#legend_title").inner_text()


def test_a_page_with_tiles_says_whence_it_asks_and_no_other_page_does(content_maker: Maker) -> None:
    online = plan_page(
        content_maker(), online_tiles=OnlineTiles("https://t.example/{z}/{x}/{y}.png", "Us")
    )
    assert (
        '<meta name="referrer" content="strict-origin-when-cross-origin">' in online
    )  # OpenStreetMap's server asks for it
    assert '<meta name="referrer" content="no-referrer">' in plan_page(content_maker())
