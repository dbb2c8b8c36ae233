"""How much memory work on a study needs, told before it starts, and refused where the machine cannot have it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.evaluation_setup import keeps_drives, past_replays, replayed_weeks
from coresponse.coverage.response import column_count, enumerate_options
from coresponse.data.errors import InputError
from coresponse.data.machine import available_memory, machine_memory
from coresponse.data.progress import Progress
from coresponse.optimize.case import Case

GB = 1e9
# Python with its packages and the compiled kernels, measured; so are all the copies below.
PROGRAM = 0.31 * GB

# What draws maps and reports, and what copies of a plan's process change of their own.
PAGES = 0.20 * GB

# A worker process before it has any data; libraries are there once for all.
WORKER = 0.15 * GB

# The network, its travel matrix in order along a curve and reversed, and the lines of the map.
COPIES_OF_ROADS = 3.0

# The history, and the part of it that is worked with.
COPIES_OF_CALLS = 2.0

# A problem's costs, and lists of the nearest.
COPIES_TO_SEARCH = 1.2

COPIES_OF_ROADS_IN_WORKER = 2.0

BYTES_A_REPLAYED_CALL = 400.0

# every machine that runs this has so much
TELL_FROM = 1.0 * GB

# Estimates were up to so many times what was measured: only what is beyond that is refused.
MOST_OFF = 1.5


@dataclass(frozen=True)
class Work:
    """What is done with a study, as far as memory goes.

    Attributes
    ----------
    name
        For people, such as ``planning this``.
    tables
        Tables of response times kept at once.
    problems
        Kept ready for the search at once.
    workers
        Processes, each with tables and a problem of its own.
    flag
        That sets the workers.
    fewer
        What to do for fewer tables and problems; empty: ask less of the study itself.
    replays
        Whether deployments are replayed.
    draws
        Whether maps and reports are drawn.
    """

    name: str
    tables: int = 1
    problems: int = 1
    workers: int = 0
    flag: str = "--jobs"
    fewer: str = ""
    replays: bool = False
    draws: bool = False


# With a table of its own for the days that a plan has not seen.
PLANNING = Work("planning this", tables=2, replays=True, draws=True)


@dataclass(frozen=True)
class Estimate:
    """Bytes that work needs at its peak, in all its processes together, by what they are for.

    Attributes
    ----------
    roads, calls
        With their copies.
    tables
        Response times, and problems ready for the search.
    replay
        Drives between places of calls, and the replayed calls.
    workers
        All processes beside the first.
    options, columns
        Of one response table.
    """

    work: Work
    roads: float
    calls: float
    tables: float
    replay: float
    workers: float
    options: int
    columns: int

    @property
    def total(self) -> float:
        """All of it, with the program itself."""
        return (
            PROGRAM
            + PAGES * self.work.draws
            + self.roads
            + self.calls
            + self.tables
            + self.replay
            + self.workers
        )

    def __str__(self) -> str:
        """Say it to people, with what the machine has free if that is known."""
        free = available_memory()
        told = f"{self.work.name} needs about {self.total / GB:.1f} GB of memory"
        if free is None:
            return told
        if free >= self.total:
            return f"{told}; {free / GB:.1f} GB are free"
        return f"{told}; only {free / GB:.1f} GB are free -- end other programs, or {self.cure}"

    @property
    def cure(self) -> str:
        """What makes the largest part smaller."""
        asked = f"plan with fewer posts, responder types or shift patterns (now {self.options:,} options)"
        cures = (
            (self.workers, f"set {self.work.flag} below {self.work.workers}"),
            (self.tables, self.work.fewer or asked),
            (self.roads, "take a smaller part of the roads"),
            (self.calls, "take fewer years of calls"),
            (self.replay, "replay with driving_home = 'from_post' ([judging.rules])"),
        )
        return max(cures)[1]


def tell(case: Case, work: Work, progress: Progress) -> Estimate:
    """Say what work needs before it starts, if that is much or more than is free.

    Raises
    ------
    InputError
        If the machine does not have so much, whatever else ends.
    """
    needed = estimate(case, work)
    whole = machine_memory()
    if whole is not None and needed.total > MOST_OFF * whole:
        raise InputError(
            f"{work.name} needs about {needed.total / GB:.1f} GB of memory, and this machine has "
            f"{whole / GB:.1f} GB: refused "
            f"before the work -- {needed.cure}, or use a larger machine"
        )
    free = available_memory()
    if needed.total >= TELL_FROM or (free is not None and needed.total > free):
        progress(str(needed), 0, 0)
    return needed


def estimate(case: Case, work: Work = PLANNING) -> Estimate:
    """Estimate the peak of work on inputs that were read."""
    city = case.city
    roads = float(
        sum(value.nbytes for value in vars(city.roads).values() if isinstance(value, np.ndarray))
    )
    some = bool(city.calls.frame["call_class"].isin(eligible_classes(city.program)).any())
    options = len(enumerate_options(city.program, city.posts))
    columns = column_count(city.program, case.base_cells) if some else 0
    table = 4.0 * options * columns
    # a worker reads what it shares with the others as one piece before it takes it apart
    read = work.tables * table + COPIES_OF_ROADS_IN_WORKER * roads
    replay = _replay(case) if work.replays else 0.0
    in_worker = WORKER + read + max(work.tables * table, COPIES_TO_SEARCH * table) + replay
    return Estimate(
        work=work,
        roads=COPIES_OF_ROADS * roads,
        calls=COPIES_OF_CALLS * float(city.calls.frame.memory_usage(deep=True).sum()),
        tables=(work.tables + COPIES_TO_SEARCH * work.problems) * table,
        replay=replay,
        workers=work.workers * in_worker,
        options=options,
        columns=columns,
    )


def _replay(case: Case) -> float:
    """Return the bytes of a replay's drives between places, and of the calls that one deployment meets."""
    city, settings = case.city, case.evaluation
    frame = city.calls.frame
    eligible = frame["call_class"].isin(eligible_classes(city.program)).to_numpy()
    places = len(np.unique(frame["node"].to_numpy()[eligible]))
    a_week = eligible.sum() / max(city.calls.days, 1.0) * 7
    drawn = settings.replications * replayed_weeks(settings, a_week) * a_week
    past = past_replays(int(eligible.sum())) * eligible.sum()
    between = keeps_drives(settings.rules, places, city.roads.n_nodes)
    return 4.0 * places**2 * between + BYTES_A_REPLAYED_CALL * float(drawn + past)
