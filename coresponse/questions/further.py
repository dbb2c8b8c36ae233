"""What is found of a plan besides its figures: weeks held out, samples, recorded times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.cells import DemandCells
from coresponse.coverage.evaluation import Evaluation
from coresponse.coverage.measures import Measures
from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.validation.calibrate import Calibration
from coresponse.coverage.validation.compare import TimesComparison, Verdict
from coresponse.coverage.validation.findings import CityFit, Reason, TypeFit
from coresponse.coverage.validation.records import TravelRecords
from coresponse.coverage.validation.travels import Start
from coresponse.data.options import Deployment
from coresponse.optimize.case import Case


@dataclass(frozen=True, eq=False)
class Holdout:
    """How a plan made on the earlier days does on the later ones.

    Attributes
    ----------
    plan_days, judge_days
        Days planned on; days judged on.
    cells
        Demand of the days judged on.
    deployment
        The plan made on the earlier days, of as many responders as that of the whole history.
    evaluations
        On the later days, real calls at their real times: ``plan`` (that plan), and ``today`` if
        the study has it.
    seen
        The plan's figures on the days that it was made for, if the nearest were always free.
    wait_less_s
        By how much a call waits less under the plan than today, in the replay, with a band over
        days; None without today.
    """

    plan_days: float
    judge_days: float
    cells: DemandCells
    deployment: Deployment
    evaluations: Mapping[str, Evaluation]
    seen: Measures
    wait_less_s: Interval | None


@dataclass(frozen=True, eq=False)
class Bootstrapped:
    """Plans made on days drawn with replacement, judged by queueing on the days not drawn.

    Attributes
    ----------
    wait_less_s
        (samples,) by how much a call waits less under the plan than today; NaN without today.
    share_in_time
        (samples,) of the plan, by queueing.
    kept_posts
        (samples,) share of the study's plan that each sample's plan has in common with it.
    overall
        (samples,) queueing's figures of all calls that each sample's plan was judged on.
    """

    wait_less_s: NDArray[np.float64]
    share_in_time: NDArray[np.float64]
    kept_posts: NDArray[np.float64]
    overall: tuple[pd.DataFrame, ...]


@dataclass(frozen=True, eq=False)
class Validation:
    """A model beside what was recorded.

    Attributes
    ----------
    case
        With today's deployment in its city.
    records
        Recorded trips of today's crews.
    comparison
        Recorded beside modeled times, at the speeds of the case.
    fit
        Speeds, delays and call-taking fitted on some days and judged on the others; None where
        nobody can tell whose arrivals these are, or there are none.
    reasons
        Why the records cannot tell, if so.
    """

    case: Case
    records: TravelRecords
    comparison: TimesComparison
    fit: CityFit | None
    reasons: tuple[Reason, ...]

    @property
    def lead(self) -> TypeFit | None:
        """What is fitted to the type that has most records."""
        return self.fit.types[0] if self.fit is not None and self.fit.types else None

    @property
    def calibration(self) -> Calibration | None:
        """Its speeds by period and class of road."""
        return None if self.lead is None else self.lead.calibration

    @property
    def start(self) -> Start | None:
        """How the posts that its units started from are known."""
        return None if self.lead is None else self.lead.start

    @property
    def of_whom_known(self) -> bool:
        """Whether the planner said which recorded units are today's crews."""
        return not {"no units", "units not named"} & {*self.reasons}

    @property
    def verdict(self) -> Verdict:
        """Whether the model fits; records of nobody knows whom cannot tell."""
        return self.comparison.verdict if self.of_whom_known else "cannot tell"

    def words(self) -> tuple[str, ...]:
        """Say what came out, in exact figures."""
        said = self.comparison.words() if self.records.n else ()
        return (*said, self.calibration.words()) if self.calibration is not None else said

    def __repr__(self) -> str:
        """Say it in a line."""
        return f"<Validation: {self.verdict}, {self.records.n:,} records>"
