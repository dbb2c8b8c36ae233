"""Every page and picture that commands write, opened as a file and from the what-if page's server.

No request, no complaint.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.data.sample_city import sample_folder
from coresponse.study.files import copy_study
from tests.conftest import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COMMANDS = (
    ("plan",),
    (
        "sweep",
        "--vary",
        "unit=2:3",
        "--vary",
        "budget=3M:4M:1M",
        "--nested",
        "--busy-units",
        "free",
        "--jobs",
        "1",
    ),
    ("explore",),
    ("explore", "--internal"),
    ("report",),
)
PAGES = {
    "the demo's map": "plan-*/map.html",
    "the demo's report and brief": "plan-*/report.html",
    "report with frontier": "report-*/report.html",
    "explorer": "explorer-*/explorer.html",
    "internal explorer": "INTERNAL-explorer-*/INTERNAL-explorer.html",
}
LOADED_ELSEWHERE = '<img src="http://127.0.0.1:9/picture.png" alt="">'


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the commands that write pages or pictures on the city of the demo, its replay short."""
    study = tmp_path_factory.mktemp("pages") / "sample"
    copy_study(sample_folder(), study)
    with (study / "study.toml").open("a", encoding="utf-8") as stated:
        stated.write("\n[judging]\nreplications = 2\nweeks = 2\n")
    for name, *more in COMMANDS:
        line = [name, str(study), *more, "--json"]
        done = CliRunner().invoke(cli.app, line)
        assert done.exit_code == 0, (line, done.output, done.exception)
        json.loads(done.stdout)
    return study / "results"


@dataclass
class Seen:
    """What a page asked for and complained of."""

    page: Any
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        """Open an address; whatever else it asks for is noted, and so is what the console says."""
        own = (
            "data:",
            f"blob:{'null' if address.startswith('file:') else address.split('/results/', maxsplit=1)[0]}",
        )
        self.page.on(
            "request",
            lambda r: (
                None if r.url == address or r.url.startswith(own) else self.asked.append(r.url)
            ),
        )
        self.page.on("requestfailed", lambda r: self.said.append(f"failed: {r.url}"))
        self.page.on(
            "console",
            lambda m: self.said.append(m.text) if m.type in {"error", "warning"} else None,
        )
        self.page.on("pageerror", lambda e: self.said.append(e.message))
        self.page.on("websocket", lambda s: self.asked.append(s.url))
        self.page.goto(address)  # and all that it names

    def use_all(self) -> None:
        """Move every control that there is, point at signs, save the picture, print."""
        page = self.page
        for control in page.locator(
            "input[type=radio]:enabled, input[type=checkbox]:enabled"
        ).all():
            control.check(force=True)
        for slider in page.locator("input[type=range]").all():
            slider.focus()
            for key in ("Home", "End", "ArrowLeft"):
                page.keyboard.press(key)
        for sign in page.locator(".leaflet-marker-icon").all()[:5]:
            sign.dispatch_event("click")
        if page.locator("#search").count():
            for how in (
                lambda: page.keyboard.press("Enter"),
                lambda: page.locator("#find").click(),
            ):
                page.locator("#search").fill("harlem")
                how()
                assert "Harlem" in page.locator("#found").inner_text()
                page.locator("#search").fill("Atlantis")
                how()
                assert "No district" in page.locator("#found").inner_text()
            page.locator("#map_plan .fullscreen").click()
            page.wait_for_function("document.fullscreenElement")
            # a browser that is still on its way into full screen passes over the press that ends it
            until(self._full_screen_left, "the end of full screen")
        if page.locator("#save").count():
            with page.expect_download() as saved:
                page.locator("#save").click()
            assert saved.value.failure() is None
        assert len(page.pdf(format="A4")) > 10_000
        page.wait_for_timeout(100)

    def _full_screen_left(self) -> bool:
        self.page.locator("#map_plan .fullscreen").click()
        for _ in range(10):  # a second press too soon would take it back
            self.page.wait_for_timeout(50)
            if not self.page.evaluate("!!document.fullscreenElement"):
                return True
        return False


@pytest.fixture
def seen(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Seen]:
    phone = getattr(request, "param", False)
    size = {"width": 390, "height": 844} if phone else {"width": 1360, "height": 900}
    context = chromium.new_context(viewport=size, has_touch=phone, is_mobile=phone)
    yield Seen(context.new_page())
    context.close()


def only(results: Path, pattern: str) -> Path:
    (path,) = results.glob(pattern)
    return path


def test_these_are_all_pages_and_pictures_there_are(results: Path) -> None:
    pages = {only(results, pattern) for pattern in PAGES.values()}
    written = {
        path
        for path in results.rglob("*")
        if path.suffix in {".html", ".htm", ".svg", ".xhtml", ".pdf"}
    }
    assert {path for path in written if path.suffix != ".svg"} == pages
    assert {path.parent.parent.name.split("-")[0] for path in written - pages} == {"sweep"}


@pytest.mark.parametrize("seen", [False, True], ids=["desktop", "phone"], indirect=True)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_for_nothing_whatever_is_done_on_it(
    results: Path, seen: Seen, page: str
) -> None:
    seen.open(only(results, PAGES[page]).as_uri())
    seen.use_all()
    assert (seen.asked, seen.said) == ([], [])


def test_a_sweeps_charts_ask_for_nothing(results: Path, chromium: Any) -> None:
    charts = sorted(results.glob("sweep-*/charts/*.svg"))
    assert len(charts) >= 2
    for chart in charts:
        found = Seen(chromium.new_page())
        found.open(chart.as_uri())
        assert (found.asked, found.said) == ([], []), chart.name
        assert found.page.evaluate("document.documentElement.getBoundingClientRect().width") > 200
        found.page.close()


@pytest.mark.parametrize("page", [page for page in PAGES if "internal" not in page])
def test_nor_does_it_from_the_what_if_pages_server(
    results: Path, seen: Seen, server: Any, page: str
) -> None:
    path = only(results, PAGES[page])
    there = server.folder / "results" / path.parent.name
    shutil.copytree(path.parent, there)
    try:
        entry = seen.page.context.new_page()  # lets this browser in
        entry.goto(server.entry)
        entry.wait_for_selector("body[data-ready=yes]")
        entry.close()
        seen.open(f"{server.address}/results/{path.parent.name}/{path.name}")
        seen.use_all()
        assert (seen.asked, seen.said) == ([], [])
    finally:
        shutil.rmtree(there)


def test_what_asks_would_be_seen_and_stopped(results: Path, tmp_path: Path, seen: Seen) -> None:
    text = only(results, PAGES["the demo's map"]).read_text(encoding="utf-8")
    (tmp_path / "map.html").write_text(
        text.replace("<h1>", f"{LOADED_ELSEWHERE}<h1>"), encoding="utf-8"
    )
    seen.open((tmp_path / "map.html").as_uri())
    assert seen.asked or seen.said
    assert any("Content Security Policy" in words for words in seen.said)


def test_what_asks_without_a_policy_is_seen(tmp_path: Path, seen: Seen) -> None:
    (tmp_path / "page.html").write_text(
        f"<!doctype html><title>Page</title>{LOADED_ELSEWHERE}", encoding="utf-8"
    )
    seen.open((tmp_path / "page.html").as_uri())
    assert seen.asked == ["http://127.0.0.1:9/picture.png"]
