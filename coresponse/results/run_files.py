"""Hold the files of a run against those that come out now: which there are, and what is in them."""

from __future__ import annotations

import json
import math
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coresponse.data.errors import Fault, why_not
from coresponse.data.words import counted
from coresponse.optimize.solution import STAGE
from coresponse.results.recount import SAME
from coresponse.study.read_back import PLAN_FILE

# Files that say how long the work took.
#
# The only ones that differ between two runs of the same inputs.
UNLIKE_FROM_RUN_TO_RUN = ("internal/timing.json",)

# Of a step of the search in that file.
STEP_KEYS = {"seconds", "incumbent", "bound", "stage"}

# Bytes of that file, and size of a number in it: a search has thousands of steps at most.
MOST_TIMING, MOST_NUMBER = 10_000_000, 1e15

# Kinds of text whose figures are compared one by one where versions differ.
TABLES = {".csv", ".geojson"}

NUMBER = re.compile(r"(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)")


@dataclass(frozen=True)
class Versions:
    """What may make files of the same figures differ.

    Attributes
    ----------
    words
        Words of now by those of then: a run's name, and packages with their versions.
    others
        Packages of another version.
    draws
        Whether other calls may be drawn from the same seed.
    """

    words: Mapping[str, str]
    others: frozenset[str] = frozenset()
    draws: bool = False

    def as_then(self, text: str) -> str:
        """Return a text as it would have been written with the versions of then."""
        for now, then in self.words.items():
            text = text.replace(now, then)
        return text


def files_of(folder: Path) -> set[str]:
    """Return all that lies in a folder but is no folder, with links and pipes, and folders that are empty."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not path.is_dir() or path.is_symlink() or not any(path.iterdir())
    }


def compare_files(
    run: Path, again: Path, versions: Versions, unchecked: list[str]
) -> Iterator[Fault]:
    """Compare all files but ``plan.json`` byte by byte, or as far as other versions allow.

    Parameters
    ----------
    run, again
        The run, and what comes out now.
    unchecked
        Is given the names of files that differ as those of other versions may.
    """
    wanted, there = files_of(again), files_of(run)
    yield from _whole_folders(run, wanted, there, versions)
    for inner in sorted(wanted ^ there):
        if "coresponse" in versions.others and _is_file(run / inner):
            unchecked.append(_shown(inner))
        elif inner in wanted:
            yield Fault(inner, "is missing from the run", "plan again")
        else:
            yield Fault(_shown(inner), "does not belong to the run", "remove it")
    for inner in sorted(wanted & there):
        where = f"{run.name}/{inner}"
        try:
            what = _unlike(inner, again / inner, run / inner, versions, unchecked)
        except OSError as error:
            yield Fault(where, f"cannot be read{why_not(error)}", "let it be read, or plan again")
            continue
        if what:
            yield Fault(where, what, "plan again")


def _whole_folders(
    run: Path, wanted: set[str], there: set[str], versions: Versions
) -> Iterator[Fault]:
    """Tell of a folder of the run that is a link, or not there, once; its files are not looked for then."""
    for name in sorted({path.rpartition("/")[0] for path in wanted} - {""}):
        inside = {path for path in wanted if path.startswith(f"{name}/")}
        if (run / name).is_symlink():
            yield Fault(name, "is a link, not a folder", "put the folder itself there")
        elif not (run / name).exists() and "coresponse" not in versions.others:
            what = f"is missing from the run, with its {counted(len(inside), 'file')}"
            yield Fault(name, what, "put it back, or plan again")
        else:
            continue
        wanted -= inside
        there.discard(name)


def _shown(inner: str) -> str:
    """Return a name as it can be written in one line, whatever bytes somebody gave it."""
    return inner if inner.isprintable() else repr(inner)


def _unlike(inner: str, wanted: Path, there: Path, versions: Versions, unchecked: list[str]) -> str:
    """Say what is wrong with a file of a run; nothing if all is right, or if versions may differ in it."""
    if not _is_file(there):
        return "is a link or a pipe, not a file"
    if inner in UNLIKE_FROM_RUN_TO_RUN:
        return "" if _is_timing(there) else "holds something else than how long the work took"
    if inner == PLAN_FILE or same_bytes(wanted, there):
        return ""
    alike = _alike(wanted, there, versions)
    if alike is None:
        unchecked.append(inner)
    return unlike_bytes(wanted, there) if alike is False else ""


def _is_file(path: Path) -> bool:
    """Whether it is a file, or not there at all."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return True


def same_bytes(wanted: Path, there: Path) -> bool:
    """Whether two files hold the same; what has another size is not read."""
    return (
        wanted.stat().st_size == there.stat().st_size and wanted.read_bytes() == there.read_bytes()
    )


def unlike_bytes(wanted: Path, there: Path) -> str:
    """Say that a file is another one, and where it begins to be; what it holds is not told."""
    found = wanted.read_bytes()
    with there.open("rb") as opened:
        told = opened.read(2 * len(found) + 1)  # with Windows' ends of lines at most; no more
    size = there.stat().st_size
    if not told:
        how = "it is empty"
    elif found.startswith(told):
        how = f"it is cut short, {size:,} of {len(found):,} bytes"
    elif told.startswith(found):
        how = f"it goes on after its end, {size:,} in place of {len(found):,} bytes"
    elif told.replace(b"\r\n", b"\n") == found:
        how = "its lines end as in Windows"
    else:
        unlike = (k for k, (a, b) in enumerate(zip(told, found, strict=False)) if a != b)
        same = next(unlike, len(found))
        line = found.count(b"\n", 0, same) + 1
        place = f"line {line:,}" if wanted.suffix in TABLES else f"byte {same + 1:,}"
        how = f"it differs from {place} on"
    return f"is not the file that these inputs give: {how}"


def _alike(wanted: Path, there: Path, versions: Versions) -> bool | None:
    """Whether files that differ hold the same figures; None if versions may make them differ."""
    if not versions.others:
        return False
    if wanted.suffix in TABLES and not versions.draws:
        small = there.stat().st_size <= 2 * wanted.stat().st_size
        return small and same_text(
            there.read_text(encoding="utf-8", errors="replace"),
            versions.as_then(wanted.read_text(encoding="utf-8")),
        )
    return None


def same_text(told: str, found: str) -> bool:
    """Whether two texts differ in numbers alone, and in these by a millionth at most."""
    one, other = NUMBER.split(told), NUMBER.split(found)
    return len(one) == len(other) and all(
        a == b or (k % 2 == 1 and math.isclose(float(a), float(b), rel_tol=SAME, abs_tol=SAME))
        for k, (a, b) in enumerate(zip(one, other, strict=True))
    )


def _is_timing(path: Path) -> bool:
    """Whether a file holds seconds and the steps of a search, and nothing else."""
    try:
        if path.stat().st_size > MOST_TIMING:
            return False
        text = path.read_bytes().decode("utf-8")
        told = json.loads(text)
        if text != json.dumps(told, indent=2, ensure_ascii=False) + "\n":
            return False  # a name twice, spaces, digits that are not those of the number
        steps = told.pop("steps")
        numbers = [told.pop("solve_seconds")]
        numbers += [step[key] for step in steps for key in ("seconds", "incumbent", "bound")]
        stages = [step["stage"] for step in steps]
        return (
            not told
            and all(step.keys() == STEP_KEYS for step in steps)
            and all(
                one is None or (type(one) in (int, float) and abs(one) < MOST_NUMBER)
                for one in numbers
            )
            and all(isinstance(one, str) and STAGE.fullmatch(one) for one in stages)
        )
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return False


def unlike_json(told: Any, found: Any, key: str, *, same: float = 0.0) -> Iterator[Fault]:
    """Name every place where two files of plain data differ.

    Numbers by more than `same` of their size.
    """
    if isinstance(told, dict) and isinstance(found, dict) and told.keys() == found.keys():
        for name, value in found.items():
            yield from unlike_json(told[name], value, f"{key}.{name}" if key else name, same=same)
    elif isinstance(told, list) and isinstance(found, list) and len(told) == len(found):
        for i, value in enumerate(found):
            yield from unlike_json(told[i], value, f"{key}[{i}]", same=same)
    elif (
        same
        and isinstance(told, float)
        and isinstance(found, float)
        and abs(told - found) <= same * max(1.0, abs(found))
    ):
        return
    elif told != found or type(told) is not type(found):
        yield Fault(
            f"{PLAN_FILE}, {key or 'the file'}",
            f"says {told!r:.60}, worked out {found!r:.60}",
            "plan again",
        )


def plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return data as it comes back from a file."""
    out: dict[str, Any] = json.loads(json.dumps(content, default=str))
    return out
