"""Take pictures of a page: ``python scripts/pictures.py PAGE.html OUT.png [--phone] [--whole] [--show depth --of change]``.

Drives the Chromium that is installed (``chromium`` on the path); nothing is downloaded.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def take(
    page_file: Path, picture: Path, *, phone: bool = False, whole: bool = False, state: dict[str, str] | None = None
) -> None:
    """Take one picture of a page in a state that its address keeps."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise FileNotFoundError("chromium is not installed; on Debian: apt-get install chromium")
    address = page_file.resolve().as_uri() + (f"#{urlencode(state)}" if state else "")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        view = browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            is_mobile=phone,
            has_touch=phone,
            device_scale_factor=2 if phone else 1,
        )
        page = view.new_page()
        page.goto(address)
        page.wait_for_selector("body[data-ready=yes]")
        page.wait_for_timeout(300)
        picture.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=picture, full_page=whole)
        browser.close()


def main(argv: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--phone", action="store_true", help="390 x 844, touch")
    parser.add_argument("--whole", action="store_true", help="the whole page, not only what is seen first")
    for name in ("show", "of", "at"):
        parser.add_argument(f"--{name}", help="as in the page's address")
    given = parser.parse_args(argv)
    state = {name: getattr(given, name) for name in ("show", "of", "at") if getattr(given, name)}
    take(given.page, given.picture, phone=given.phone, whole=given.whole, state=state)
    return 0


if __name__ == "__main__":
    sys.exit(main())
