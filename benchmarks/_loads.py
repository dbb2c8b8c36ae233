"""Load a page in headless Chromium several times.

When it is painted, what that costs, and what it asks of the network.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
WATCH = """new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.largest = entry.startTime; })
  .observe({ type: "largest-contentful-paint", buffered: true });"""
# Our map pages note when they are drawn; any other page is drawn two frames after its pictures are
# decoded.
DRAWN = """async () => {
  await Promise.all([...document.images].map((image) => image.decode().catch(() => 0)));
  const late = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))));
  if (!document.getElementById("content")) return late();
  while (!performance.getEntriesByName("drawn").length) await late();
  return performance.getEntriesByName("drawn")[0].startTime;
}"""


@dataclass(frozen=True)
class Loads:
    """Medians over the loads of one page.

    Attributes
    ----------
    first_s, largest_s
        First and largest contentful paint; None if the browser told none.
    drawn_s
        Everything is on the screen: the map with its data, or all pictures.
    slowest_s
        The slowest load's `drawn_s`.
    cpu_s
        Processor seconds of the page's main thread.
    requests, complaints
        Of all loads: requests other than for the file itself, and what the console said.
    """

    first_s: float | None
    largest_s: float | None
    drawn_s: float
    slowest_s: float
    cpu_s: float
    requests: int
    complaints: int


def load(path: Path, *, times: int = 7) -> Loads | None:
    """Load a page; None without Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        return None
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- only where it is installed

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        seen = [_once(browser, path.resolve().as_uri()) for _ in range(times + 1)][
            1:
        ]  # the first starts the browser
        browser.close()
    first, largest, drawn, cpu, requests, complaints = zip(*seen, strict=True)
    return Loads(
        _median(first),
        _median(largest),
        median(drawn),
        max(drawn),
        median(cpu),
        sum(requests),
        sum(complaints),
    )


def _once(browser: Any, address: str) -> tuple[float | None, float | None, float, float, int, int]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    requests: list[str] = []
    complaints: list[str] = []
    page.on(
        "request",
        lambda r: (
            requests.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None
        ),
    )
    page.on(
        "console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda e: complaints.append(e.message))
    page.add_init_script(WATCH)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.goto(address, timeout=120_000)
    drawn = page.evaluate(DRAWN)
    page.wait_for_timeout(150)  # the browser tells of paints a little later
    first = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
    )
    largest = page.evaluate("window.largest ?? null")
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    page.close()
    return (
        _seconds(first),
        _seconds(largest),
        drawn / 1000,
        metrics["TaskDuration"],
        len(requests),
        len(complaints),
    )


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _median(values: tuple[float | None, ...]) -> float | None:
    told = [value for value in values if value is not None]
    return median(told) if told else None


def load_average() -> float:
    """How many processes wanted a processor in the last minute: what else slows a load down."""
    return round(os.getloadavg()[0], 1)
