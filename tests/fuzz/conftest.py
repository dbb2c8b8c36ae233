"""Broken files by the thousand.

Seeds of every format, mutations, and the rules that every reader has to keep.

``CORESPONSE_FUZZ`` is the number of inputs by which all counts are scaled (default 10,000).
"""

from __future__ import annotations

import faulthandler
import gzip
import io
import os
import resource
import signal
import sys
import tempfile
import time
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from coresponse.data.errors import CoresponseError
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from tests.conftest import PATIENCE_S

TOTAL = int(os.environ.get("CORESPONSE_FUZZ", "10000"))
SLOWEST_S = 10.0
"""Of processor time: a machine that has other work to do makes no reader slow."""

MOST_GROWN_MB = 1500

Read = Callable[[Path], object]
"""Reads a file and asserts that every total of what comes out is right."""


class TookTooLongError(Exception):
    """An input kept a reader busy for longer than any input of its size may."""


NUMBERS = [
    b"nan",
    b"inf",
    b"-1",
    b"1e308",
    b"1e-320",
    b"99999999999999999999",
    b"0",
    b"-0.0",
    b"0x41",
    b"1_0",
    b"True",
]
TEXTS = [
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b",", b";", b"\t", b"\r", b"\n", b"\r\n", b"\xc3\x28",
    b"\xed\xa0\x80", b"=1+1", b"<script>", b"${7*7}", b"../../etc/passwd", b"%s%n", b"{}", b"[]", b"null", b"NaN", b"Infinity",
    b"\xe2\x80\xae", b"\xf0\x9f\x98\x80", b"<!DOCTYPE x>", b"&amp;", b"&#0;", b"]]>", b"EPSG:0", b"POINT EMPTY",
    b"LINESTRING(0 0)", b"1900-02-29", b"2021-03-14 02:30:00",
]  # fmt: skip


def mutated(content: bytes, rng: np.random.Generator) -> bytes:  # noqa: C901 -- a list of ways to break a file
    """Break a file in one to four places."""
    data = bytearray(content)
    for _ in range(int(rng.integers(1, 5))):
        n = len(data)
        if not n:
            return bytes(data)
        at = int(rng.integers(0, n))
        long = int(min(n - at, rng.choice([1, 2, 4, 8, 64, 512])))
        match int(rng.integers(0, 12)):
            case 0:
                data[at] ^= 1 << int(rng.integers(0, 8))
            case 1:
                data[at] = int(rng.integers(0, 256))
            case 2:
                data[at : at + long] = bytes([int(rng.choice([0, 255, 127, 128]))]) * long
            case 3:
                del data[at : at + long]
            case 4:
                data[at:at] = data[at : at + long]
            case 5:
                other = int(rng.integers(0, n))
                data[at : at + long] = data[other : other + long]
            case 6:
                data[at:at] = rng.integers(0, 256, long, dtype=np.uint8).tobytes()
            case 7:
                data[at:at] = TEXTS[int(rng.integers(0, len(TEXTS)))]
            case 8:
                _replace_number(data, at, rng)
            case 9:
                lines = bytes(data).split(b"\n")
                i = int(rng.integers(0, len(lines)))
                lines[i : i + 1] = [] if rng.random() < 0.5 else [lines[i], lines[i]]
                data = bytearray(b"\n".join(lines))
            case 10:
                word = TEXTS[int(rng.integers(0, len(TEXTS)))]
                data[at : at + len(word)] = word
            case _:
                if rng.random() < 0.3:
                    del data[at:]
    return bytes(data)


def _replace_number(data: bytearray, at: int, rng: np.random.Generator) -> None:
    digits = b"0123456789.-"
    while at < len(data) and data[at] not in digits:
        at += 1
    end = at
    while end < len(data) and data[end] in digits:
        end += 1
    if end > at:
        data[at:end] = NUMBERS[int(rng.integers(0, len(NUMBERS)))]


def mutated_inside(content: bytes, rng: np.random.Generator) -> bytes:
    """Break one member of a zip archive, or what is in a .gz, so that checksums are right and the inner reader gets it."""
    if content[:2] == b"\x1f\x8b":
        return gzip.compress(mutated(gzip.decompress(content), rng), compresslevel=1, mtime=0)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name twice
        infos = archive.infolist()
        chosen = int(rng.integers(0, len(infos)))
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
            for i, info in enumerate(infos):
                inner = archive.read(info)
                made.writestr(info.filename, mutated(inner, rng) if i == chosen else inner)
    return out.getvalue()


@dataclass
class Tally:
    """What became of the inputs of one seed."""

    inputs: int = 0
    read: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Raise after so many seconds of work.

    A reader that waits, or is stuck in compiled code, ends the run with a traceback.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise TookTooLongError(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    faulthandler.dump_traceback_later(PATIENCE_S, exit=True)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGPROF, before)


class Hammer:
    """Feeds a reader broken versions of a seed and keeps what it did with them."""

    def __init__(self, kept: Path) -> None:
        self.kept = kept
        self.tallies: dict[str, Tally] = {}

    def __call__(
        self,
        name: str,
        content: bytes,
        suffix: str,
        read: Read,
        share: float,
        *,
        inside: bool = False,
    ) -> Tally:
        """Read ``share * TOTAL`` broken versions of `content`.

        Raises
        ------
        AssertionError
            If any of them raised something else than an error of ours, took too long, or gave a
            wrong total.
        """
        rng = np.random.default_rng(zlib.crc32(name.encode()) + TOTAL)
        tally = self.tallies.setdefault(name, Tally())
        before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with tempfile.TemporaryDirectory(
            prefix="fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None
        ) as folder:
            path = Path(folder) / f"input{suffix}"
            for _ in range(max(1, round(share * TOTAL))):
                broken = mutated_inside(content, rng) if inside else mutated(content, rng)
                path.write_bytes(broken)
                self._one(tally, path, read, broken)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before_mb
        assert not tally.faults, f"{name}: {dict(tally.faults)}; inputs kept: {tally.examples}"
        assert grown < MOST_GROWN_MB, f"{name}: memory grew by {grown:.0f} MB"
        return tally

    def _one(self, tally: Tally, path: Path, read: Read, broken: bytes) -> None:
        tally.inputs += 1
        started = time.process_time()
        try:
            with in_time(SLOWEST_S), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                read(path)
            tally.read += 1
        except CoresponseError as error:
            tally.refused += 1
            if not str(error).strip():
                self._keep(tally, "an error without words", broken, path)
        except Exception as error:  # noqa: BLE001 -- whatever a reader lets through is what is looked for
            place = error.__traceback__
            while place is not None and place.tb_next is not None:
                place = place.tb_next
            where = (
                f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
            )
            self._keep(
                tally, f"{type(error).__name__} at {where}: {str(error)[:120]}", broken, path
            )
        tally.slowest_s = max(tally.slowest_s, time.process_time() - started)

    def _keep(self, tally: Tally, fault: str, broken: bytes, path: Path) -> None:
        tally.faults[fault] += 1
        if fault not in tally.examples and len(tally.examples) < 20:
            self.kept.mkdir(parents=True, exist_ok=True)
            kept = self.kept / f"{zlib.crc32(broken):08x}{path.name.removeprefix('input')}"
            kept.write_bytes(broken)
            tally.examples[fault] = str(kept)


@pytest.fixture(scope="session")
def program() -> Program:
    return load_program("mixed")


@pytest.fixture(scope="session")
def hammer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hammer]:
    """Count over the whole run; the counts go to CORESPONSE_FUZZ_COUNTS if that names a file."""
    made = Hammer(Path(os.environ.get("CORESPONSE_FUZZ_KEEP") or tmp_path_factory.mktemp("broken")))
    yield made
    target = os.environ.get("CORESPONSE_FUZZ_COUNTS")
    if target:
        _write_counts(made, Path(target))


def _write_counts(made: Hammer, target: Path) -> None:
    rows: list[dict[str, Any]] = [
        {
            "reader": name,
            "inputs": t.inputs,
            "read": t.read,
            "refused": t.refused,
            "slowest_s": round(t.slowest_s, 3),
        }
        for name, t in sorted(made.tallies.items())
    ]
    lines = [
        "| reader | inputs | read | refused | faults | slowest s |",
        "|---|---|---|---|---|---|",
    ]
    for row, t in zip(rows, (made.tallies[row["reader"]] for row in rows), strict=True):
        faults = sum(t.faults.values())
        lines.append(
            f"| {row['reader']} | {t.inputs:,} | {t.read:,} | {t.refused:,} | {faults} | "
            f"{t.slowest_s:.2f} |"
        )
    total = [
        sum(getattr(t, key) for t in made.tallies.values()) for key in ("inputs", "read", "refused")
    ]
    lines.append(f"| all | {total[0]:,} | {total[1]:,} | {total[2]:,} | | |")
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stderr.write("\n".join(lines) + "\n")
