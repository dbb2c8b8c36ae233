"""Judge deployments three ways, side by side.

Nearest always free, queueing, and replay on common random numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.best import target_min
from coresponse.coverage.measures import Measures, measure, shown_districts
from coresponse.coverage.queueing.judge import QueueingMeasures, queueing_measures
from coresponse.coverage.replay.measures import ReplayMeasures, replay_measures
from coresponse.coverage.replay.past import Past
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.replay.run import ReplayRun, Scenario, replay, scenario
from coresponse.coverage.replay.shown import shown_replay
from coresponse.coverage.replay.world import MOST_PLACES_BETWEEN, ReplayRoads, fleet, replay_roads
from coresponse.coverage.response import ResponseTable
from coresponse.coverage.service.arrivals import draw_calls, fit_arrivals, real_calls
from coresponse.coverage.service.days import DayEffect
from coresponse.coverage.service.model import ServiceModel, fit_service
from coresponse.coverage.service.police import PoliceModel, fit_police_arrival
from coresponse.coverage.whole_city import WholeCity, shown_figure
from coresponse.data.calls.history import CallHistory
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.inputs import Inputs
from coresponse.study import JudgingInput

CALLS_A_DEPLOYMENT = 400_000
"""Calls replayed for one deployment where the study does not say how many weeks.

Bands of about 0.2 points.
"""

PAST_REPLAYS = 10
PAST_CALLS = 100_000
"""Replays of the real calls behind the bands; of long histories fewer do, down to 2, that meet this many calls."""

MOST_DRIVES = 1e8
"""Places times crossings up to which the drives between places are worked out (about 15 seconds of search)."""

DISAGREE_SHARE = 0.03
DISAGREE_MEAN = 0.10
UPPER_BOUND_SHARE = 0.05


@dataclass(frozen=True, eq=False)
class Judgment:
    """One deployment's figures, three ways.

    Attributes
    ----------
    deployment
        That was judged.
    deterministic
        Nearest always free: an upper bound.
    queueing, replay
        With busy units; None where the deployment is empty.
    notes
        Where the three disagree beyond the stated bounds.
    """

    deployment: Deployment
    deterministic: Measures
    queueing: QueueingMeasures | None
    replay: ReplayMeasures | None
    notes: tuple[str, ...]

    def shown(self, *, internal: bool = False) -> Judgment:
        """Return it with the replay as it may be shown; unchanged if internal.

        The other judges are rounded where told.
        """
        if internal or self.replay is None:
            return self
        return replace(
            self, replay=shown_replay(self.replay, WholeCity.of(self.deterministic.overall))
        )


@dataclass(frozen=True, eq=False)
class Judge:
    """What all deployments of a study are judged with, made once.

    Attributes
    ----------
    inputs, target_s
        The study and its standard.
    service, police
        Models fitted to its calls, or the program's figures.
    scenes
        Replications, the same for every deployment.
    rules
        Of dispatch.
    drives
        Between the scenes' places; empty where units leave from their posts only.
    notes
        What the models rest on.
    real
        Whether the calls are the real ones.
    past
        The real calls, so that bands hold what the history cannot tell; empty where they are
        replayed themselves.
    day, demand
        How days of the history differ, and the factor on its calls.
    """

    inputs: Inputs
    target_s: float
    service: ServiceModel
    police: PoliceModel
    scenes: tuple[Scenario, ...]
    rules: Rules
    drives: ReplayRoads
    notes: tuple[str, ...]
    real: bool
    past: tuple[Scenario, ...] = ()
    demand: float = 1.0
    day: DayEffect = field(default_factory=lambda: DayEffect(0.0, 0.0, 0.0))

    def judge(self, table: ResponseTable, deployment: Deployment, *, workers: int = 2) -> Judgment:
        """Judge one deployment.

        Parameters
        ----------
        table
            Response times of the demand that the deterministic and queueing figures are of.
        """
        districts = self.inputs.districts
        nearest = measure(table, deployment, target_s=self.target_s, districts=districts)
        if not deployment.size:
            return Judgment(deployment, nearest, None, None, ())
        queueing = queueing_measures(
            table,
            deployment,
            self.inputs.program,
            target_s=self.target_s,
            service=self.service,
            districts=districts,
        )
        runs = self.replay(deployment, (*self.scenes, *self.past), workers=workers)
        n = len(self.scenes)
        replayed = replay_measures(
            runs[:n],
            self.inputs.program,
            target_s=self.target_s,
            districts=districts,
            ranked=shown_districts(nearest.by_district),
            past=Past.of(runs[n:], self.day, demand=self.demand) if self.past else None,
        )
        notes = () if self.real else disagreements(nearest, queueing, replayed)
        return Judgment(deployment, nearest, queueing, replayed, notes)

    def replay(
        self,
        deployment: Deployment,
        scenes: Sequence[Scenario] | None = None,
        *,
        workers: int = 2,
    ) -> list[ReplayRun]:
        """Replay one deployment through some scenes; default: all but the past ones."""
        program = self.inputs.program
        roads = self._roads(deployment)
        units = fleet(deployment, program, roads, self.rules)
        scenes = self.scenes if scenes is None else scenes
        return replay(units, scenes, roads, program, self.rules, workers=workers)

    def _roads(self, deployment: Deployment) -> ReplayRoads:
        """Return the drives from the posts that the deployment uses.

        Those between places are there.
        """
        inputs = self.inputs
        used = inputs.posts.frame["post_id"].isin(
            {option.post_id for option, _ in deployment.counts}
        )
        posts = replace(inputs.posts, frame=inputs.posts.frame[used].reset_index(drop=True))
        nodes, facilities = self.drives.nodes, _facilities(inputs)
        roads = replay_roads(
            inputs.network,
            posts,
            nodes,
            periods=inputs.periods,
            facility_nodes=facilities,
            between=False,
        )
        return replace(roads, arrays=roads.arrays._replace(between_s=self.drives.arrays.between_s))


def drawn_judge(inputs: Inputs, *, demand: float = 1.0, progress: Progress = silent) -> Judge:
    """Prepare to judge on calls drawn from the model fitted to the history.

    Replications and weeks are the study's; without weeks, so many that a deployment meets
    :data:`CALLS_A_DEPLOYMENT` calls, a year at most.

    Parameters
    ----------
    demand
        Factor on the rates of calls.
    """
    settings = inputs.study.judging
    district = call_districts(inputs, inputs.calls)
    arrivals = fit_arrivals(inputs.calls, inputs.program, periods=inputs.periods, district=district)
    a_week = float(arrivals.rate_per_h.sum()) * demand
    weeks = replayed_weeks(settings, a_week)
    service, police = fit_models(inputs, inputs.calls)
    scenes = []
    for k in range(settings.replications):
        progress("drawing calls for the replay", k, settings.replications)
        draw, chance = seeds(inputs.study.seed, k)
        calls = draw_calls(arrivals, weeks=weeks, seed=draw, demand_factor=demand)
        scenes.append(scenario(calls, service, police, seed=chance))
    if not any(scene.calls.n for scene in scenes):
        raise InputError(
            f"calls come so seldom ({a_week:.2g} a week in a history of {inputs.calls.days:,.0f} "
            "days) that "
            f"{settings.replications} x {weeks} weeks of the replay have none "
            "-- raise judging.weeks, and see coresponse check for gaps in the history"
        )
    said = f"Replay: {settings.replications} x {weeks} weeks of calls drawn from the fitted arrivals ({a_week:,.1f} a week)."
    notes = (*arrivals.notes, said)
    judge = _judge(
        inputs,
        service,
        police,
        scenes,
        notes,
        places=np.unique(arrivals.node),
        real=False,
        progress=progress,
    )
    known = real_calls(inputs.calls, inputs.program, district=district)
    past = [
        scenario(
            known, service, police, seed=seeds(inputs.study.seed, settings.replications + k)[1]
        )
        for k in range(past_replays(known.n))
    ]
    return replace(judge, past=tuple(past), day=arrivals.day, demand=demand)


def real_judge(
    inputs: Inputs,
    calls: CallHistory,
    *,
    fitted_on: CallHistory | None = None,
    drives: ReplayRoads | None = None,
    progress: Progress = silent,
) -> Judge:
    """Prepare to judge on real calls at their real times.

    Replications differ in what chance decides on scene.

    Parameters
    ----------
    calls
        To be replayed.
    fitted_on
        History that service and police models are fitted to; default: the same.
    drives
        Of another judge, used again if it has all places.
    """
    service, police = fit_models(inputs, calls if fitted_on is None else fitted_on)
    known = real_calls(calls, inputs.program, district=call_districts(inputs, calls))
    scenes = [
        scenario(known, service, police, seed=seeds(inputs.study.seed, k)[1])
        for k in range(inputs.study.judging.replications)
    ]
    said = f"Replay: {known.n:,} real calls at their own times, {len(scenes)} replications of what chance decides on scene."
    places = _places(scenes)
    if drives is not None and np.isin(places, drives.nodes).all():
        places = drives.nodes
    else:
        drives = None
    return _judge(
        inputs,
        service,
        police,
        scenes,
        (said,),
        places=places,
        drives=drives,
        real=True,
        progress=progress,
    )


def replayed_weeks(settings: JudgingInput, calls_a_week: float) -> int:
    """Return how many weeks of drawn calls each replication has.

    As stated, else enough to meet :data:`CALLS_A_DEPLOYMENT`.
    """
    enough = CALLS_A_DEPLOYMENT / settings.replications / max(calls_a_week, 1e-9)
    return settings.weeks or int(np.clip(enough, 1, 52))


def past_replays(calls: int) -> int:
    """Return how often so many real calls are replayed for the bands of drawn ones."""
    return int(np.clip(PAST_CALLS // max(calls, 1), 2, PAST_REPLAYS))


def keeps_drives(rules: Rules, n_places: int, n_nodes: int) -> bool:
    """Whether the drives between any two places are worked out and kept, so that units may be sent on their way home."""
    few = n_places <= MOST_PLACES_BETWEEN and n_places * n_nodes <= MOST_DRIVES
    return rules.driving_home == "on_the_way" and few


def _places(scenes: Sequence[Scenario]) -> NDArray[np.int32]:
    return np.unique(np.concatenate([scene.calls.node for scene in scenes])).astype(np.int32)


def _judge(
    inputs: Inputs,
    service: ServiceModel,
    police: PoliceModel,
    scenes: Sequence[Scenario],
    notes: tuple[str, ...],
    *,
    places: NDArray[np.int32],
    real: bool,
    progress: Progress,
    drives: ReplayRoads | None = None,
) -> Judge:
    rules = inputs.study.judging.rules
    notes = (*service.notes, *police.notes, *notes)
    if rules.driving_home == "on_the_way" and not keeps_drives(
        rules, len(places), inputs.network.n_nodes
    ):
        rules = rules.model_copy(update={"driving_home": "from_post"})
        notes = (
            *notes,
            (
                f"Replay: units are sent from their posts only; drives between {len(places):,} places "
                "are too many to work out."
            ),
        )
    if drives is None:
        nobody = replace(inputs.posts, frame=inputs.posts.frame.iloc[:0])
        between = rules.driving_home == "on_the_way"
        drives = replay_roads(
            inputs.network,
            nobody,
            places,
            periods=inputs.periods,
            between=between,
            progress=progress,
        )
    return Judge(
        inputs, target_min(inputs) * 60, service, police, tuple(scenes), rules, drives, notes, real
    )


def fit_models(inputs: Inputs, calls: CallHistory) -> tuple[ServiceModel, PoliceModel]:
    """Fit service times and police arrivals as the study says."""
    service = fit_service(calls, inputs.program, basis=inputs.study.judging.service_times)
    return service, fit_police_arrival(
        calls, inputs.program, district=call_districts(inputs, calls)
    )


def call_districts(inputs: Inputs, calls: CallHistory) -> NDArray[np.int32] | None:
    """Return (calls,) position of each call's district by its crossing, -1 outside.

    None without districts.
    """
    if inputs.districts is None:
        return None
    node, back = np.unique(calls.frame["node"].to_numpy(), return_inverse=True)
    located = inputs.districts.locate(inputs.network.node_x[node], inputs.network.node_y[node])
    return np.asarray(located[back], dtype=np.int32)


def seeds(seed: int, replication: int) -> tuple[int, int]:
    """Return the seeds of a replication: for its calls, and for what chance decides about them."""
    first, second = np.random.SeedSequence((seed, replication)).generate_state(2)
    return int(first), int(second)


def _facilities(inputs: Inputs) -> NDArray[np.int32] | None:
    kinds = inputs.study.judging.facility_kinds
    found = (
        inputs.posts.frame[inputs.posts.frame["kind"].isin(kinds)]["node"]
        .to_numpy()
        .astype(np.int32)
    )
    return found if len(found) else None


def disagreements(
    nearest: Measures, queueing: QueueingMeasures, replayed: ReplayMeasures
) -> tuple[str, ...]:
    """Say where the three judges disagree beyond the stated bounds.

    Bounds: queueing against replay 3 points of the share in time and 10% of the mean wait; the
    deterministic share in time more than 5 points above the replay's.
    """
    notes = []
    whole = WholeCity.of(nearest.overall)
    share = replayed.figure("share_in_time").mean
    told = whole.share(share)
    if abs(queueing.figure("share_in_time") - share) > DISAGREE_SHARE:
        apart = shown_figure(queueing.overall, "share_in_time") - told
        notes.append(
            f"Queueing and replay differ by {abs(apart) * 100:.1f} points of calls in time (bound: "
            f"{DISAGREE_SHARE * 100:.0f}); trust the replay, which knows shift ends, meetings with "
            "officers and units on their "
            "way home."
        )
    mean = replayed.figure("mean_with_fallback_s").mean
    if mean and abs(queueing.figure("mean_with_fallback_s") / mean - 1) > DISAGREE_MEAN:
        apart = (
            shown_figure(queueing.overall, "mean_with_fallback_s") / max(whole.wait(mean), 1.0) - 1
        )
        notes.append(
            f"Queueing's mean wait is {abs(apart):.0%} {'above' if apart > 0 else 'below'} the "
            "replay's (bound: "
            f"{DISAGREE_MEAN:.0%}); trust the replay."
        )
    if nearest.figure("share_in_time") - share > UPPER_BOUND_SHARE:
        notes.append(
            f"{_why_fewer(nearest, replayed)}: {told:.0%} of calls are reached in time, not the "
            f"{shown_figure(nearest.overall, 'share_in_time'):.0%} that would be if the nearest "
            "were always free."
        )
    return tuple(notes)


def _why_fewer(nearest: Measures, replayed: ReplayMeasures) -> str:
    """Name the step of the funnel at which the replay loses most that the nearest-free figure does not."""

    def more(step: str) -> float:
        """Return how many points more of the calls the replay loses at a step."""
        share = replayed.figure(step).mean / max(replayed.figure("calls_per_week").mean, 1e-9)
        if step not in nearest.overall:
            return share
        return share - nearest.figure(step) / max(nearest.figure("calls_per_week"), 1e-9)

    causes = {
        "Units are often busy when needed": more("busy_per_week"),
        "More calls come while no unit is on duty": more("closed_per_week"),
        "More calls are out of reach of the units on duty": more("out_of_reach_per_week"),
        "The unit that is sent often comes later than the nearest would": (
            more("reached_per_week") - more("in_time_per_week")
        ),
    }
    return max(causes, key=lambda cause: causes[cause])


def judge_all(
    judge: Judge,
    table: ResponseTable,
    deployments: Mapping[str, Deployment],
    *,
    progress: Progress = silent,
) -> dict[str, Judgment]:
    """Judge several deployments on the same chances."""
    out = {}
    for k, (name, deployment) in enumerate(deployments.items()):
        progress("judging deployments", k, len(deployments))
        out[name] = judge.judge(table, deployment)
    return out
