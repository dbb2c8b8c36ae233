"""Reads files in forks of one process that has every package loaded, and says what each costs.

So what is measured is what the file costs, and no test waits for packages to be loaded anew.
Reads one request a line as JSON on standard input, and answers with one line each: what was said,
seconds of processor time, megabytes.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import geopandas  # noqa: F401 -- loaded once, before any is read
import networkx  # noqa: F401, ICN001
import osmium  # noqa: F401
import osmnx  # noqa: F401
import pyarrow.csv
import pyarrow.parquet  # noqa: F401

from coresponse.data.calls.read import read_calls
from coresponse.data.district_layers import read_districts
from coresponse.data.errors import CoresponseError
from coresponse.data.ground import read_ground
from coresponse.data.private import shut_off
from coresponse.data.programs.load import load_program
from coresponse.data.roads.download import read_polygon
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.read import read_roads
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS
from coresponse.study.read_back import read_result_file
from tests.conftest import PATIENCE_S

REFUSED, WAS_READ = "refused: ", "was read"
MOST_SAID = 4000
"""Letters of an answer: less than a pipe holds, so that nobody waits to write it."""


def serve() -> None:
    """Answer requests."""
    readers = _readers()
    empty = os.fork()
    if not empty:
        os._exit(0)
    base_mb = os.wait4(empty, 0)[2].ru_maxrss / 1024
    for line in sys.stdin:
        asked = json.loads(line)
        ends, begins = os.pipe()
        child = os.fork()
        if not child:
            os.write(begins, _outcome(readers[asked["reader"]], asked).encode())
            os._exit(0)
        os.close(begins)
        _, status, used = os.wait4(child, 0)
        said = os.read(ends, 1 << 16).decode() or f"ended by {status}"
        os.close(ends)
        cost = [said, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024 - base_mb]
        sys.stdout.write(json.dumps(cost) + "\n")
        sys.stdout.flush()


def _outcome(read: Any, asked: dict[str, Any]) -> str:
    path = Path(asked["path"])
    os.environ["XDG_CACHE_HOME"] = str(path.parent / "cache")
    signal.alarm(int(PATIENCE_S))
    for name, bound in asked["bounds"].items():
        resource.setrlimit(getattr(resource, name), (bound, bound))
    try:
        read(path)
    except CoresponseError as error:
        return REFUSED + str(error)[:MOST_SAID]
    except BaseException as error:  # noqa: BLE001 -- whatever a reader lets through is what is looked for
        return f"{type(error).__name__}: {error}"[:MOST_SAID]
    return WAS_READ


def _readers() -> dict[str, Any]:
    shut_off()
    network, program = street_grid(6, 6, seed=2), load_program("mixed")
    return {
        "table": lambda path: read_table(path, CALLS),
        "calls": lambda path: read_calls([path], network=network, program=program),
        "districts": lambda path: read_districts(path, network=network),
        "water": lambda path: read_ground(path, network=network, what="water"),
        "roads": read_roads,
        "area": read_polygon,
        "result": lambda path: read_result_file(path, schema=1, cure="plan again"),
    }


if __name__ == "__main__":
    serve()
