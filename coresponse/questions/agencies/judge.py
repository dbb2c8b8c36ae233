"""Judge deployments of several agencies on the same chances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.agency_figures import AgencyCalls
from coresponse.coverage.replay.quick import QuickReplay
from coresponse.coverage.replay.replication import Replication
from coresponse.data.agencies import Agencies, Sharing
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.optimize.goals.goal import Floor
from coresponse.optimize.yardstick import Yardstick
from coresponse.questions.answer import Plan


@dataclass(frozen=True, eq=False)
class Way:
    """A way to serve all agencies' calls.

    Attributes
    ----------
    name
        ``today``, ``alone``, ``lent``, ``together``, ``nobody-worse``, ``for-less``; and with what
        the study states for all ``stated``, ``stated-nobody-worse``.
    deployment, counts
        All units of all agencies.
    calls
        What becomes of each agency's calls.
    dollars, desk
        (agencies,) a year, of the units at each one's posts, call-outs as they come; and of
        clinicians on the phone.
    worse
        Positions of agencies that are worse off than alone.
    floors
        By agency, that were asked for.
    plan
        How it was found; None where nothing was searched.
    """

    name: str
    deployment: Deployment
    counts: NDArray[np.int64]
    calls: AgencyCalls
    dollars: NDArray[np.float64]
    desk: float
    worse: tuple[int, ...] = ()
    floors: tuple[Floor, ...] = ()
    plan: Plan | None = None

    @property
    def total(self) -> float:
        """Dollars a year of all."""
        return float(self.dollars.sum()) + self.desk


@dataclass(frozen=True, eq=False)
class Judge:
    """The replay of all agencies' calls, by each rule of who may be sent.

    Attributes
    ----------
    case
        Of the city, with the study's own rule.
    yardstick
        Prices deployments.
    quick
        The replay by the study's rule, and where each sends its own units alone.
    scenes
        The replications, the same for all.
    whose
        (network places,) position of the agency of each place with calls, -1 elsewhere.
    class_names
        Of the replay's calls.
    """

    case: Case
    agencies: Agencies
    yardstick: Yardstick
    quick: Mapping[Sharing, QuickReplay]
    scenes: tuple[Replication, ...]
    whose: NDArray[np.int64]
    class_names: tuple[str, ...]

    @classmethod
    def of(cls, case: Case, agencies: Agencies, progress: Progress = silent) -> Self:
        """Draw the calls that all ways meet."""
        setup = evaluation_setup(case, progress=progress).lean()
        rules: dict[Sharing, QuickReplay] = {}
        for rule in (agencies.sharing, "own"):
            city = replace(setup.city, agencies=agencies.shared_as(rule))
            rules[rule] = QuickReplay.of(replace(setup, city=city), case.options)
        quick = rules[agencies.sharing]
        scenes = tuple(quick.scene(scene) for scene in setup.scenes)
        whose = np.full(case.city.roads.n_places, -1, dtype=np.int64)
        arrays = quick.roads.arrays
        whose[quick.roads.nodes] = arrays.place_agency
        names = setup.scenes[0].calls.class_names
        return cls(case, agencies, Yardstick(case, names), rules, scenes, whose, names)

    @property
    def cell_agency(self) -> NDArray[np.int64]:
        """(demand cells,) position of each one's agency."""
        return self.whose[self.case.table.cells.node]

    @property
    def option_agency(self) -> NDArray[np.int64]:
        """(options,) position of the agency of each option's post."""
        of_post = self.agencies.of_post
        return np.array([of_post[o.post_id] for o in self.case.options], dtype=np.int64)

    def way(
        self,
        name: str,
        deployment: Deployment,
        *,
        sharing: Sharing | None = None,
        desk: float | None = None,
        floors: tuple[Floor, ...] = (),
        plan: Plan | None = None,
    ) -> Way:
        """Replay a deployment, and price it.

        Parameters
        ----------
        sharing
            Who may be sent; default: the study's rule.
        desk
            Dollars a year of clinicians on the phone; default: of one desk for all.
        """
        counts, own = self.case.counts(deployment), self.option_agency
        calls = AgencyCalls.of(
            self.quick[sharing or self.agencies.sharing],
            self.scenes,
            counts,
            whose=self.whose,
            option_agency=own,
            target_s=self.case.standard,
            fallback_s=self.yardstick.fallback_s,
            class_names=self.class_names,
        )
        each = self.yardstick.standing_cost * counts
        each = each + self.yardstick.call_out_price * calls.by_option.mean(axis=0)
        dollars = np.bincount(own, weights=each, minlength=self.agencies.n).astype(np.float64)
        return Way(
            name,
            deployment,
            counts,
            calls,
            dollars,
            self.case.desk_cost if desk is None else desk,
            floors=floors,
            plan=plan,
        )
