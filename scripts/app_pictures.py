"""Draw the pictures of docs/app.md: the what-if page of the sample city after a search, on a desktop and on a phone."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from coresponse.data.sample_city import sample_folder

DOCS = Path(__file__).resolve().parents[1] / "docs"
READY = "body[data-ready=yes]"


def main() -> None:
    """Start the page, ask it for a plan, and take its picture."""
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "city"
        shutil.copytree(sample_folder(), study)
        command = [sys.executable, "-m", "coresponse", "app", str(study), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=DOCS.parent) as server:
            found = re.search(r"http\S+", server.stdout.readline() if server.stdout else "")
            try:
                if found is not None:
                    _take(found[0])
            finally:
                server.send_signal(signal.SIGINT)


def _take(address: str) -> None:
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        desk = browser.new_page(viewport={"width": 1360, "height": 1500})
        _open(desk, address)
        desk.fill("#plan-name", "Six units")
        desk.click("#find")
        desk.wait_for_selector("body[data-running=yes]")
        desk.wait_for_selector("body[data-running=no]", timeout=120_000)
        desk.wait_for_timeout(800)
        desk.screenshot(path=DOCS / "app.png")
        phone = browser.new_page(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
        _open(phone, address)
        phone.screenshot(path=DOCS / "app-phone.png")
        browser.close()


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(READY, timeout=90_000)
    page.wait_for_timeout(800)


if __name__ == "__main__":
    main()
