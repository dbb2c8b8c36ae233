"""Fixtures shared by all tests."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 900.0
"""How long tests wait for what must come: the one bound for all of them.

It only ends what would never end: no test may pass or fail by how fast a machine is. What hangs or
searches for long on purpose does so for longer.
"""

FIRST = ("coresponse/test_promises.py", "fuzz/test_mutated_files.py")
"""What processes of the tests begin with."""

# a slow machine is no fault of what is tested: neither of one example nor of making them
# and the same examples in every run, so that a run says something about what was changed and not about
# its luck; `CORESPONSE_EXPLORE=1 make test` tries others
settings.register_profile(
    "any machine",
    deadline=None,
    derandomize="CORESPONSE_EXPLORE" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")

FEATURES_OFF = (
    # Playwright's own, which a second list of them takes the place of
    "AimEnabled,AvoidCorsURLLoaderRestartOnRedirect,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,"
    "HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,LensOverlay,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,"
    "PaintHolding,PreconnectToSearch,ThirdPartyStoragePartitioning,"
    # pages that wait beneath the address bar of every window: half a second of work each
    "WebUIOmniboxAimPopup,WebUIOmniboxPopup"
)

FLAGS = [
    f"--disable-features={FEATURES_OFF}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def benchmark_module(name: str) -> ModuleType:
    """Import a helper module of the benchmarks, such as the replay written in SimPy."""
    file = ROOT / "benchmarks" / f"{name.removeprefix('benchmarks.')}.py"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def pytest_configure() -> None:
    """Let commands that tests start hear Ctrl-C and a closed terminal.

    What runs behind `nohup` or a shell's `&` passes these signals over, and so would all that it
    starts; a handler is not inherited.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    hung_up = getattr(signal, "SIGHUP", None)
    if hung_up is not None and signal.getsignal(hung_up) is signal.SIG_IGN:
        signal.signal(hung_up, lambda *_: None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long.

    Processes take file after file: what is left at the end is short, and none waits for another.
    The first of all compiles the kernels, the second can do without: two that need them at once
    would both compile them, and so would every command that either starts.
    """
    long = {item.path for item in items if item.get_closest_marker("slow")}
    first = [ROOT / "tests" / name for name in FIRST]

    def place(item: pytest.Item) -> int:
        if item.path in first:
            return first.index(item.path) - len(first)
        return item.path not in long

    items.sort(key=place)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep caches of the tests out of the user's: one for all processes of the tests.

    Real cities' roads take ten seconds to read, and are asked for in file after file.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(_of_all(tmp_path_factory) / "cache"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_wait_for_disks() -> Iterator[None]:
    """Let the system write to the disk when it likes: no test pulls the plug.

    A plan has it wait fifty times, with a core idle. Commands in processes of their own do.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)  # a descriptor that is none is still an error
        yield


def _of_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of temporary files that all processes of the tests share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real trial data beside the checkout.

    Tests that need it are skipped where it is missing.
    """
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the trial data beside the checkout (../shared/data) is not here")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Return a browser that must not use the network.

    One for all tests of a process, for there can be no second.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("chromium is not installed")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sync_api.Page, "wait_for_function", _wait_until)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield _PatientBrowser(browser)
        browser.close()


def _wait_until(page: Any, expression: str, *, arg: object = None) -> None:
    """Ask a page again and again, from outside.

    Playwright's own way asks once from outside, and then from within, where the policies of our
    pages forbid it: it passes if the answer is there at once, and fails on a slow machine.
    """
    until = time.monotonic() + PATIENCE_S
    while not _answer(page, expression, arg):
        if time.monotonic() > until:
            pytest.fail(f"never true: {expression}")
        page.wait_for_timeout(50)


def _answer(page: Any, expression: str, arg: object) -> bool:
    try:
        return bool(page.evaluate(expression, arg))
    except pytest.importorskip("playwright.sync_api").Error as error:
        if "context was destroyed" not in str(error):  # by another page that takes its place
            raise
        return False


class _PatientBrowser:
    """A browser whose pages wait as long as all tests do."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser

    def new_context(self, **settings: Any) -> Any:
        context = self._browser.new_context(**settings)
        context.set_default_timeout(1000 * PATIENCE_S)
        return context

    def new_page(self, **settings: Any) -> Any:
        page = self._browser.new_page(**settings)
        page.set_default_timeout(1000 * PATIENCE_S)
        return page

    def __getattr__(self, name: str) -> Any:
        return getattr(self._browser, name)


def until(true: Callable[[], Any], what: str = "what must come") -> Any:
    """Look until something is true, and return it.

    Raises
    ------
    AssertionError
        If it does not come.
    """
    end = time.monotonic() + PATIENCE_S
    while not (found := true()):
        assert time.monotonic() < end, f"{what}: not within {PATIENCE_S:.0f} s"
        time.sleep(0.02)
    return found


def once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Make a folder once for all processes of the tests, and return it: to be read, or copied.

    Whoever asks first makes it, the others wait.
    """
    base = _of_all(tmp_path_factory)
    folder, begun, ended = (base / f"{name}{end}" for end in ("", ".begun", ".ended"))
    try:
        begun.touch(exist_ok=False)
    except FileExistsError:
        until(ended.exists, name)
        assert ended.read_text(encoding="utf-8") == "made", f"{name} could not be made"
        return folder
    said = "failed"
    try:
        make(folder)
        said = "made"
    finally:
        whole = ended.with_suffix(".whole")
        whole.write_text(said, encoding="utf-8")
        whole.rename(ended)
    return folder


STILL = """async () => {
  const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  do await frames(); while (document.querySelector(".leaflet-pan-anim, .leaflet-zoom-anim"));
  await frames();
}"""


@pytest.fixture(scope="session")
def still() -> Callable[[Any], None]:
    """Return what waits until a page's maps neither pan nor zoom and what was asked for is painted."""
    return lambda page: page.evaluate(STILL)


@pytest.fixture(scope="session")
def serious_faults() -> Callable[[Any], list[tuple[str, list[str]]]]:
    """Return what looks at an open page with axe-core.

    Its rules that are seriously broken, and where.
    """
    axe = (ROOT / "tests" / "maps" / "assets" / "axe-core-4.14.1" / "axe.min.js").read_text(
        encoding="utf-8"
    )

    def _look(page: Any) -> list[tuple[str, list[str]]]:
        # a card that still fades in is paler than it will be, and would be blamed for it
        page.evaluate("() => Promise.allSettled(document.getAnimations().map(a => a.finished))")
        page.evaluate(axe)
        found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
        assert len(found["passes"]) > 20  # it did look
        return [
            (rule["id"], [node["html"][:120] for node in rule["nodes"]])
            for rule in found["violations"]
            if rule["impact"] in {"serious", "critical"}
        ]

    return _look
