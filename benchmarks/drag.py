"""A post that is dragged on the what-if page: processor time of an estimate at each place, and of the replay at its end.

The sample city; a made city of 10,201 crossings and 100,000 calls; one of 100,172 crossings and
40,000 calls. ``CORESPONSE_DRAG=FOLDER`` keeps the made cities.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import pyproj

from benchmarks._city import CitySize, make_city
from coresponse.app.base import base
from coresponse.app.live import Live
from coresponse.app.prepared import PreparedStudy, prepare
from coresponse.app.question import study_question
from coresponse.data.sample_city import sample_folder
from coresponse.study.folder import open_study

SIZES = {
    "10,201 crossings": CitySize(),
    "100,172 crossings": CitySize(columns=317, rows=316, calls=40_000, posts=60),
}
PLACES = 25
STEP_DEGREES = 3e-4


def cases() -> Iterator[dict[str, Any]]:
    """Yield a case a city."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(os.environ.get("CORESPONSE_DRAG", name))
        sample = home / "sample"
        if not sample.exists():
            shutil.copytree(sample_folder(), sample)
        yield _case("sample city", sample)
        for size, city in SIZES.items():
            folder = home / size.partition(" ")[0]
            if not folder.exists():
                make_city(folder, city)
            yield _case(size, folder)


def _case(title: str, folder: Path) -> dict[str, Any]:
    study = prepare(open_study(folder))
    drawn_s, _ = _cpu(partial(base, study))
    live, drag = Live(study), _drag(study)
    times = [_cpu(partial(live.estimate, *one))[0] for one in drag]
    replay_s, _ = _cpu(partial(live.replayed, "benchmark", *drag[-1]))
    return {
        "case": title,
        "seconds": round(sum(times), 2),
        "estimate_ms": round(1000 * median(times)),
        "slowest_ms": round(1000 * max(times)),
        "replay_s": round(replay_s, 2),
        "city_drawn_s": round(drawn_s, 2),
    }


def _drag(study: PreparedStudy) -> list[Any]:
    """Return questions with today's first post at one place after the other, each with today's responders."""
    case = study.case
    today = case.city.today
    if today is None:
        raise RuntimeError("the study has no deployment of today")
    bought = [(*option, count) for option, count in today.counts]
    post = case.city.posts.frame.set_index("post_id").loc[bought[0][1]]
    degrees = pyproj.Transformer.from_crs(case.city.posts.crs, "EPSG:4326", always_xy=True)
    longitude, latitude = degrees.transform(post["x"], post["y"])
    question = study_question(case)
    return [
        (
            question.model_copy(
                update={
                    "moved": {
                        bought[0][1]: (longitude + STEP_DEGREES * k, latitude + STEP_DEGREES * k)
                    }
                }
            ),
            bought,
        )
        for k in range(PLACES)
    ]


def _cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor seconds of this thread, and what came out."""
    begun = time.thread_time()
    found = work()
    return time.thread_time() - begun, found
