"""Draw the pictures of the documentation: ``python -m scripts.pictures [NAME ...]``.

Plans and sweeps the bundled sample city in a folder of its own, without the internet, opens map,
report, explorer and what-if page in the Chromium that is installed, and writes each as a desktop
and as a phone shows it to ``docs``, below 300 KB a picture.
"""

from __future__ import annotations

import io
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from coresponse.data.sample_city import sample_folder

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MOST_BYTES = 300_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
]
SWEEP = ("--vary", "unit=0:10:2", "--vary", "clinician=0:4:2", "--vary", "budget=3M:7M:2M")
BEGIN = "#units.co_responder_unit=6&units.on_call_clinician=2&budget_per_year=5000000"


@dataclass(frozen=True)
class View:
    """One picture.

    Of which page, in which state of its address, and what is done before it is taken.
    """

    name: str
    page: str
    state: str = ""
    phone: bool = False
    before: Callable[[Page], None] | None = None


def _to_the_map(page: Page) -> None:
    page.locator("#workbench").evaluate("node => node.scrollIntoView()")


def _nearer(page: Page) -> None:
    """Come near enough for streets' names."""
    page.locator("#map_plan").focus()
    for _ in range(3):
        page.keyboard.press("+")
        page.wait_for_timeout(600)


def _hours(page: Page) -> None:
    """Show the hours of the week."""
    page.locator("#hours").evaluate("node => node.scrollIntoView()")


def _scene(page: Page) -> None:
    """Present the scene of the plan."""
    page.click("#scenes_open")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")


def _film(page: Page) -> None:
    """Pause the film of the drawn day in the evening."""
    page.click("#film_open")
    page.click("#film_play")
    page.locator("#film_time").evaluate(
        "node => { node.value = 1136; node.dispatchEvent(new Event('input')); }"
    )


def _search(page: Page) -> None:
    """Let the what-if page search, so that its picture holds an answer."""
    page.fill("#plan-name", "Six units")
    page.click("#find")
    page.wait_for_selector("body[data-running=yes]")
    page.wait_for_selector("body[data-running=no]", timeout=300_000)
    page.evaluate("window.scrollTo(0, 0)")


VIEWS = (
    View("map", "map.html"),
    View("map-change", "map.html", "#show=response&of=change"),
    View("map-night", "map.html", "#show=response&of=both&at=night"),
    View("map-by-street", "map.html", "#show=surface&of=plan", before=_nearer),
    View("map-hours", "map.html", before=_hours),
    View("map-scene", "map.html", before=_scene),
    View("map-film", "map.html", "#show=plain&of=both", before=_film),
    View("map-phone", "map.html", phone=True, before=_to_the_map),
    View("report", "report.html"),
    View("report-phone", "report.html", phone=True),
    View("explorer", "explorer.html", BEGIN),
    View("explorer-phone", "explorer.html", BEGIN, phone=True),
    View("app", "app", before=_search),
    View("app-phone", "app", phone=True),
)


def main(names: list[str]) -> int:
    """Take all pictures, or those that are named."""
    unknown = set(names) - {view.name for view in VIEWS}
    if unknown:
        print(
            f"no such picture: {', '.join(sorted(unknown))} -- one of "
            f"{', '.join(v.name for v in VIEWS)}",
            file=sys.stderr,
        )
        return 2
    wanted = [view for view in VIEWS if not names or view.name in names]
    with tempfile.TemporaryDirectory() as folder, _browser() as browser:
        study = Path(folder) / "city"
        shutil.copytree(sample_folder(), study)
        pages = {view.page for view in wanted}
        if pages & {"map.html", "report.html", "explorer.html"}:
            _run("plan", str(study))
        if "explorer.html" in pages:
            _run("sweep", str(study), *SWEEP)
            _run("explore", str(study))
        for view in wanted:
            if view.page != "app":
                (written,) = sorted(study.glob(f"results/*/{view.page}"))
                _take(browser, view, written.as_uri() + view.state)
        if "app" in pages:
            with _app(study) as address:
                for view in wanted:
                    if view.page == "app":
                        _take(browser, view, address())
    return 0


def _run(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "coresponse", *words], cwd=ROOT, check=True)


@contextmanager
def _browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise FileNotFoundError("chromium is not installed; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def _app(study: Path) -> Iterator[Callable[[], str]]:
    """Start the what-if page; the address lets in whoever has it."""
    command = [sys.executable, "-m", "coresponse", "app", str(study), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            found = re.search(r"http\S+", server.stdout.readline() if server.stdout else "")
            if found is None:
                raise RuntimeError("the what-if page did not say where it is")
            yield lambda: found[0]
        finally:
            server.send_signal(signal.SIGINT)


def _take(browser: Browser, view: View, address: str) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844} if view.phone else {"width": 1440, "height": 900},
        is_mobile=view.phone,
        has_touch=view.phone,
        device_scale_factor=2 if view.phone else 1,
    )
    page = context.new_page()
    page.goto(address)
    if view.page != "report.html":  # it has no script that could say so
        page.wait_for_selector("body[data-ready=yes]", timeout=120_000)
    if view.before:
        view.before(page)
    page.wait_for_timeout(800)
    data = small(page.screenshot())
    context.close()
    (DOCS / f"{view.name}.png").write_bytes(data)
    print(f"{view.name}.png {len(data):,} bytes")


def small(png: bytes) -> bytes:
    """Return a picture with a palette, of as many colors as fit in the bytes allowed."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for colors in (256, 128, 64, 32):
        out = io.BytesIO()
        image.quantize(colors, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            out, "PNG", optimize=True
        )
        if out.tell() < MOST_BYTES:
            return out.getvalue()
    raise ValueError(f"the picture does not fit in {MOST_BYTES:,} bytes")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
