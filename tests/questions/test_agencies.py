"""Agencies alone and together: savings, split and floors re-add by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.errors import InputError
from coresponse.data.limits import AgencyLimits, Limits
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluate, evaluation_setup
from coresponse.optimize.goals.goal import FewestUnits, Floor, ShareInTime
from coresponse.publish.agencies import adding_up, publish_agencies
from coresponse.publish.answers import AgenciesPublication
from coresponse.publish.history import facts_of
from coresponse.questions.agencies.judge import Judge
from coresponse.questions.agencies.limits import limits_alone, limits_together, stated_for_all
from coresponse.questions.agencies.run import WAIT, agencies_together
from coresponse.questions.agencies.search import ReplaySearch
from coresponse.questions.agencies.split import no_more_than_alone, shares_of
from coresponse.questions.agencies.together import TogetherResults
from coresponse.results.agencies import agencies_json, agencies_sentences
from coresponse.results.aims import aim
from tests.optimize.small_cities import UNIT, case_of, every_deployment
from tests.optimize.small_counties import NAMES, county

MONEY = st.integers(0, 5_000).map(lambda k: 1_000.0 * k)


def asked(seed: int = 1, **others: object) -> Case:
    """A county whose middle has two units' money and whose ends have one each."""
    made = county(seed, n_posts=6, split={"East": 1.0, "Middle": 1.0, "West": 2.0})
    price = float(case_of(made).option_cost.max())
    own = {name: AgencyLimits(budget_per_year=price * (1 + (name == "Middle"))) for name in NAMES}
    case = case_of(made, limits=Limits(agencies=own), **others)
    short = EvaluationSettings(replications=8, weeks=2, holdout_share=0.0)
    return case.with_(evaluation=short)


@pytest.fixture(scope="module")
def found() -> TogetherResults:
    """With half as much again for all together as they have alone."""
    case = asked()
    has = sum(one.budget_per_year or 0.0 for one in case.limits.agencies.values())
    stated = case.limits.model_copy(update={"budget_per_year": 1.5 * has})
    return agencies_together(case.with_(limits=stated), time_limit_s=60)


@pytest.fixture(scope="module")
def told(found: TogetherResults) -> AgenciesPublication:
    return publish_agencies(found)


def test_each_alone_has_what_it_may_use_at_its_own_posts(found: TogetherResults) -> None:
    of_post = found.agencies.of_post
    for k, name in enumerate(NAMES):
        plan = found.alone[name]
        assert plan is not None
        assert {of_post[o.post_id] for o, _ in plan.deployment.counts} == {k}
        assert plan.deployment.size == 1 + (name == "Middle")
        # its own calls alone are planned for
        assert plan.table.cells.calls.sum() == found.past_calls[k]
    alone = found.ways["alone"]
    assert alone.deployment.size == 4
    assert alone.counts.sum() == sum(p.deployment.size for p in found.alone.values() if p)
    answered = alone.calls.lent(NAMES).to_numpy()
    assert (answered == np.diag(np.diag(answered))).all()  # nobody answers for another
    assert found.ways["lent"].deployment.counts == alone.deployment.counts
    lent = found.ways["lent"].calls.lent(NAMES).to_numpy()
    assert (lent > 0).sum() > 3


def test_ways_meet_the_same_calls_and_add_up(found: TogetherResults) -> None:
    price = found.case.option_cost
    for way in found.ways.values():
        calls = way.calls
        np.testing.assert_array_equal(calls.calls, found.ways["alone"].calls.calls)
        for part in (calls.calls, calls.reached, calls.in_time, calls.wait_s):
            np.testing.assert_allclose(part[:, 0], part[:, 1:].sum(axis=1))
        np.testing.assert_allclose(calls.answered.sum(axis=(1, 2)), calls.reached[:, 0])
        np.testing.assert_allclose(calls.answered.sum(axis=1), calls.reached[:, 1:])
        # no type here is paid by call-out: what units cost is their price, at their own posts
        by_hand = [
            sum(
                count * price[found.case.options.index(o)]
                for o, count in way.deployment.counts
                if found.agencies.of_post[o.post_id] == k
            )
            for k in range(3)
        ]
        np.testing.assert_allclose(way.dollars, by_hand)
        assert way.total == pytest.approx(sum(by_hand))


def test_figures_are_those_of_the_full_replay(found: TogetherResults) -> None:
    way = found.ways["lent"]
    replayed = evaluate(found.case, way.deployment, keep_calls=True).replay
    assert replayed is not None
    assert replayed.by_agency is not None
    met, whose = replayed.met, found.agencies
    assert met is not None
    agency = whose.at(*found.case.city.roads.place_xy(met.node))
    table = way.calls.table(NAMES)
    for key in (
        "calls_per_week",
        "share_reached",
        "share_in_time",
        WAIT,
    ):  # as a plan's pages have them
        np.testing.assert_allclose(
            table[key][list(NAMES)], replayed.by_agency.loc[list(NAMES), key]
        )
    for k, name in enumerate(NAMES):
        pooled = met.wait_s[agency == k].mean()
        assert table[WAIT][name] == pytest.approx(pooled, rel=5e-3)
    # differences on the same calls, replication by replication
    above = found.ways["together"].calls.above(way.calls, WAIT)
    apart = found.ways["together"].calls.table(NAMES)[WAIT] - table[WAIT]
    np.testing.assert_allclose(above["mean"], apart)
    assert (above["low"] <= above["mean"]).all()
    assert (above["high"] >= above["mean"]).all()


def test_together_is_no_worse_and_nobody_is_left_worse_off(found: TogetherResults) -> None:
    waits = {name: way.calls.table(NAMES)[WAIT] for name, way in found.ways.items()}
    assert waits["together"]["all"] <= waits["lent"]["all"] + 1e-9
    assert waits["lent"]["all"] < waits["alone"]["all"]
    assert found.ways["together"].total <= found.pooled.budget_per_year * (1 + 1e-9)
    for name in ("nobody-worse", "for-less"):
        if name not in found.ways:
            assert name in found.not_found or not found.ways["together"].worse
            continue
        way = found.ways[name]
        assert not way.worse
        for floor in way.floors:
            assert floor.by == "agency"
            # what was asked is alone's own wait, to the tenth of a minute above
            level = floor.mean_at_most_min * 60
            assert 0 <= level - waits["alone"][floor.only[0]] < 6
            assert waits[name][floor.only[0]] <= level + 30
    if "for-less" in found.ways:
        assert found.ways["for-less"].total < found.ways["alone"].total


def test_an_agency_that_is_worse_off_is_named_and_a_floor_mends_it() -> None:
    """One agency has two units for few calls: shared by all, it waits longer than alone."""
    case = asked(4, goal=ShareInTime(target_min=15))
    made = replace(case.city, agencies=case.city.agencies.shared_as("shared"))
    price = float(case.option_cost.max())
    units = {"East": 3, "Middle": 1, "West": 0.01}
    own = {name: AgencyLimits(budget_per_year=price * units[name]) for name in NAMES}
    case = replace(case, city=made).with_(limits=Limits(agencies=own))
    found = agencies_together(case, time_limit_s=60)
    assert found.figure == "share_in_time"
    worse = [found.agencies.names[k] for k in found.ways["together"].worse]
    assert worse
    share = {name: way.calls.table(NAMES)["share_in_time"] for name, way in found.ways.items()}
    for name in worse:
        assert share["together"][name] < share["alone"][name]
    told = " ".join(agencies_sentences(publish_agencies(found)))
    assert all(f"{name} is worse off" in told for name in worse)
    # who cannot pay one unit has nobody alone, is served together, and then pays nothing more
    assert found.alone["West"] is None
    assert "not one responder" in found.why_not["West"]
    reached = {name: way.calls.table(NAMES)["share_reached"] for name, way in found.ways.items()}
    assert reached["alone"]["West"] == 0
    assert reached["together"]["West"] > 0
    published = publish_agencies(found)
    assert "West alone" in published.not_found
    west = published.costs[published.costs["agency"] == "West"]
    assert (west["alone_per_year"] == 0).all()
    assert (west["pays_no_more_per_year"].dropna() == 0).all()
    if "nobody-worse" in found.ways:
        mended = found.ways["nobody-worse"]
        assert not mended.worse
        assert {floor.only[0] for floor in mended.floors} >= set(worse)
        assert "a floor under" in told
        # what the floor costs the others, all calls together
        assert share["nobody-worse"]["all"] <= share["together"]["all"] + 0.005
    else:
        assert "nothing is confirmed" in told


def test_a_floor_under_one_agency_is_mended_by_moving_units(found: TogetherResults) -> None:
    """Of all deployments of four units a tenth keep the floor: one that does is found from one that does not."""
    case = found.case.with_(limits=found.pooled)
    judge, start = Judge.of(case, found.agencies), found.ways["together"].counts
    waits = {
        counts.tobytes(): judge.way("x", case.deployment(counts)).calls.table(NAMES)[WAIT]
        for counts in every_deployment(len(case.options), int(start.sum()))
    }
    tenth = {name: float(np.quantile([one[name] for one in waits.values()], 0.1)) for name in NAMES}
    name = max(NAMES, key=lambda one: waits[start.tobytes()][one] - tenth[one])
    assert waits[start.tobytes()][name] > tenth[name]
    floor = Floor(by="agency", only=(name,), mean_at_most_min=tenth[name] / 60 + 0.1)
    search = ReplaySearch.of(case.with_(floors=(floor,)), evaluation_setup(case).lean())
    assert not search.keeps(start)
    mended = search.kept([start])
    assert mended is not None
    assert mended.sum() <= start.sum()
    there = judge.way("x", case.deployment(mended)).calls.table(NAMES)[WAIT][name]
    assert there <= floor.mean_at_most_min * 60 + 30  # type: ignore[operator]


def test_what_is_published_adds_up(told: AgenciesPublication, found: TogetherResults) -> None:
    assert set(told.costs["split_by"]) == {"calls served", "residents", "the stated key"}
    for (way, by), part in told.costs.groupby(["way", "split_by"]):
        total = told.row(str(way))["cost_as_called_per_year"]
        assert part["split_share"].sum() == pytest.approx(1)
        assert part["pays_per_year"].sum() == pytest.approx(total)
        assert (part["saves_per_year"] == part["alone_per_year"] - part["pays_per_year"]).all()
        if part["pays_no_more_per_year"].notna().all():
            assert part["pays_no_more_per_year"].sum() == pytest.approx(total)
            assert (part["pays_no_more_per_year"] <= part["alone_per_year"]).all()
        shares = part.set_index("agency")["split_share"]
        if by == "the stated key":
            assert shares.to_dict() == {"East": 0.25, "Middle": 0.25, "West": 0.5}
        if by == "residents":
            assert shares["West"] == pytest.approx(9 / 18, abs=1e-6)
    alone = told.figures[told.figures["way"] == "alone"].set_index("agency")
    assert alone["cost_as_called_per_year"]["all"] == pytest.approx(
        alone["cost_as_called_per_year"][list(NAMES)].sum(), abs=2_000
    )
    assert alone["units"].to_dict() == {"all": 4, "East": 1, "Middle": 2, "West": 1}
    json = agencies_json(told, "agencies-x", {})
    assert [one["way"] for one in json["ways"]] == list(found.ways)
    assert json["says"]


def test_what_sharing_brings_is_not_told_with_what_money_brings(
    found: TogetherResults, told: AgenciesPublication
) -> None:
    has = sum(one.budget_per_year or 0.0 for one in found.limits.values())
    assert found.pooled.budget_per_year == has
    assert found.ways["together"].total <= has * (1 + 1e-9)
    stated = found.ways["stated"]
    assert has < stated.total <= 1.5 * has
    waits = {name: way.calls.table(NAMES)[WAIT]["all"] for name, way in found.ways.items()}
    assert waits["stated"] < waits["together"]
    said = " ".join(agencies_sentences(told))
    assert "Planned together with just what all have" in said
    have, for_all = told.budgets
    assert (have, for_all) == (pytest.approx(has, abs=500), pytest.approx(1.5 * has, abs=500))
    assert "a year more than they have alone" in said
    assert "What differs from planned together is what money or staff does, not sharing" in said
    assert {"together", "stated"} <= set(told.costs["way"])


def test_with_a_floor_the_county_ends_with_nobody_worse_off() -> None:
    """East's two units serve all once they are shared; one floor under East mends it, on the same money."""
    case = asked(8)
    price = float(case.option_cost.max())
    own = {
        name: AgencyLimits(budget_per_year=price * n)
        for name, n in zip(NAMES, (2, 1, 2), strict=True)
    }
    made = replace(case.city, agencies=case.city.agencies.shared_as("shared"))
    case = replace(case, city=made).with_(limits=Limits(agencies=own))
    found = agencies_together(case, time_limit_s=60)
    assert found.stated is None
    assert found.ways["together"].worse == (NAMES.index("East"),)
    mended = found.ways["nobody-worse"]
    assert mended.worse == ()
    assert [floor.only for floor in mended.floors] == [("East",)]
    assert mended.total <= found.pooled.budget_per_year * (1 + 1e-9)
    wait = {name: way.calls.table(NAMES)[WAIT] for name, way in found.ways.items()}
    assert wait["together"]["East"] > wait["alone"]["East"] + 30
    assert wait["nobody-worse"]["East"] <= mended.floors[0].mean_at_most_min * 60 + 6
    said = " ".join(agencies_sentences(publish_agencies(found)))
    assert "East is worse off" in said
    assert "The smallest change that mends it: a floor under East: mean wait of at most" in said
    assert said.index("The smallest change") < said.index("No agency is worse off than alone.")


@given(st.lists(st.tuples(MONEY, MONEY), min_size=2, max_size=6))
def test_nobody_pays_more_than_alone_if_that_can_be(pairs: list[tuple[float, float]]) -> None:
    charges, alone = np.array(pairs).T
    most = no_more_than_alone(charges, alone)
    if charges.sum() > alone.sum() + 1e-6:
        assert most is None
        return
    assert most is not None
    assert most.sum() == pytest.approx(charges.sum())
    assert (most <= alone + 1e-6).all()
    assert (most >= -1e-6).all()
    if (charges <= alone).all():  # nothing to mend: nothing is changed
        np.testing.assert_allclose(most, charges)


def test_a_split_by_hand() -> None:
    # by calls 50, 30, 20 of 1,000: the second pays 300 and alone paid 250; 50 more for the others,
    # who save 100 and 100
    most = no_more_than_alone(np.array([500.0, 300.0, 200.0]), np.array([600.0, 250.0, 300.0]))
    assert most is not None
    assert most.tolist() == [525.0, 250.0, 225.0]
    shares = shares_of(np.array([5.0, 3.0, 2.0]))
    assert shares is not None
    assert shares.tolist() == [0.5, 0.3, 0.2]
    assert shares_of(np.array([0.0, 0.0])) is None
    assert shares_of(np.array([1.0, np.nan])) is None


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8).filter(lambda v: sum(v) > 0.01))
def test_rounded_parts_add_up(values: list[float]) -> None:
    parts = np.array(values) / sum(values)
    for step in (0.01, 0.05, 0.1):
        found = adding_up(parts, step)
        assert found.sum() == pytest.approx(1)
        assert (np.abs(found - parts) < step + 1e-9).all()


def test_limits_add_up_or_stay_each_ones_own() -> None:
    case = asked()
    agencies = case.city.agencies
    assert agencies is not None
    share = np.array([0.2, 0.5, 0.3])
    own = limits_alone(case, agencies, None, share)
    assert all(
        set(one.posts_not) >= set(agencies.posts_of((k + 1) % 3))
        for k, one in enumerate(own.values())
    )
    pooled = limits_together(case.limits, own)
    assert pooled.budget_per_year == sum(
        one.budget_per_year for one in case.limits.agencies.values()
    )
    assert pooled.agencies == {}
    # what some alone state stays theirs; what the study states for all is a case of its own
    stated = Limits(
        units={UNIT: 5},
        posts_not=("P0",),
        agencies={
            "East": AgencyLimits(units={UNIT: 1}),
            "Middle": AgencyLimits(budget_per_year=3e6),
            "West": AgencyLimits(units={UNIT: 2}, at_least={UNIT: 1}),
        },
    )
    mixed = case.with_(limits=stated)
    together = limits_together(stated, limits_alone(mixed, agencies, None, share))
    assert together.units == {}
    for_all = stated_for_all(stated, together)
    assert for_all is not None
    assert (for_all.units, for_all.agencies) == ({UNIT: 5}, {})
    assert stated_for_all(Limits(budget_per_year=pooled.budget_per_year), pooled) is None
    assert together.at_least == {UNIT: 1}
    assert together.budget_per_year is None
    assert together.agencies["East"].units == {UNIT: 1}
    assert together.agencies["Middle"].budget_per_year == 3e6
    assert together.posts_not == ("P0",)
    # nobody says: today's units' dollars, else a share of the budget for all, else it is refused
    none = case.with_(limits=Limits(budget_per_year=1e6))
    assert [one.budget_per_year for one in limits_alone(none, agencies, None, share).values()] == [
        2e5, 5e5, 3e5,
    ]  # fmt: skip
    today = {"East": 10.2, "Middle": 20.0, "West": 0.0}
    assert [one.budget_per_year for one in limits_alone(none, agencies, today, share).values()] == [
        11, 20, 0,
    ]  # fmt: skip
    with pytest.raises(InputError, match=r"\[limits.agencies\]"):
        limits_alone(case.with_(limits=Limits()), agencies, None, share)


def test_pages_say_whom_goals_and_floors_look_at() -> None:
    goal = FewestUnits(share=0.9, within="agency")
    floors = (
        Floor(by="agency", only=("East", "West"), mean_at_most_min=20),
        Floor(by="district", share_in_time=0.5),
    )
    said = aim(facts_of(asked().with_(goal=goal, floors=floors)))
    assert "reach 90% of each agency's calls" in said
    assert said.endswith("with a floor under East, West and every district")


def test_one_agency_is_refused_with_the_cure() -> None:
    case = asked()
    with pytest.raises(InputError, match=r"\[agencies\] district_column"):
        agencies_together(replace(case, city=replace(case.city, agencies=None)))
