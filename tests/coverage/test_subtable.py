"""A response table used again for a part of its demand, and the cap at the fallback."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coresponse.coverage.demand import demand_cells
from coresponse.coverage.measures import measure
from coresponse.coverage.queueing.judge import queueing_measures
from coresponse.coverage.queueing.mixture import Mixture
from coresponse.coverage.response import enumerate_options, response_table
from coresponse.coverage.subtable import table_for
from coresponse.data.city import City
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment
from coresponse.data.sample_city import sample_folder
from coresponse.study.read import read_study


@pytest.fixture(scope="module")
def city() -> City:
    return read_study(sample_folder()).city


def test_a_part_of_the_history_needs_no_new_search(city: City) -> None:
    calls = city.calls
    few = replace(calls, frame=calls.frame.iloc[::7].reset_index(drop=True), days=calls.days / 2)
    options = enumerate_options(city.program, city.posts)[::9]

    def cells_of(history: object) -> object:
        return demand_cells(
            history,  # type: ignore[arg-type]
            city.program,
            city.roads,
            periods=city.periods,
            districts=city.districts,
        )

    whole_cells, part_cells = cells_of(calls), cells_of(few)
    args = (city.roads, city.posts, city.program, options)
    whole = response_table(*args, whole_cells)  # type: ignore[arg-type]
    direct = response_table(*args, part_cells)  # type: ignore[arg-type]
    again = table_for(whole, part_cells)  # type: ignore[arg-type]
    np.testing.assert_array_equal(
        again.response_s[:, again.column], direct.response_s[:, direct.column]
    )
    np.testing.assert_array_equal(again.serves[:, again.column], direct.serves[:, direct.column])
    np.testing.assert_array_equal(
        again.column_node[again.column], direct.column_node[direct.column]
    )
    assert again.n_columns == len(np.unique(again.column))
    deployment = Deployment.of("some", {options[0]: 1, options[-1]: 2})
    figures = [measure(t, deployment, target_s=900).overall for t in (again, direct)]
    assert figures[0].equals(figures[1])
    with pytest.raises(InputError, match="place"):
        table_for(again, whole_cells)  # type: ignore[arg-type]


def test_a_mean_with_a_cap_equals_its_simulation() -> None:
    rng = np.random.default_rng(5)
    mixture = Mixture(
        time_s=np.array([100.0, 700.0, 2000.0]),
        weight=np.array([3.0, 2.0, 1.0]),
        waited=np.array([0.5, 0.0, 1.0]),
        wait_rate_per_s=np.array([1 / 400, 1.0, 1 / 100]),
    )
    n = 400_000
    pick = rng.choice(3, n, p=mixture.weight / mixture.total)
    wait = rng.exponential(1 / mixture.wait_rate_per_s[pick]) * (
        rng.random(n) < mixture.waited[pick]
    )
    drawn = mixture.time_s[pick] + wait
    for cap in (50.0, 650.0, 1500.0, 5000.0):
        capped = mixture.mean_of(mixture.means_at_most_s(cap))
        assert capped == pytest.approx(np.minimum(drawn, cap).mean(), rel=5e-3)
    assert mixture.mean_of(mixture.means_at_most_s(1e9)) == pytest.approx(mixture.mean_s())


def test_without_districts_every_judge_counts_all_calls_as_outside(city: City) -> None:
    options = enumerate_options(city.program, city.posts)[:3]
    cells = demand_cells(
        city.calls,
        city.program,
        city.roads,
        periods=city.periods,
        districts=city.districts,
    )
    table = response_table(city.roads, city.posts, city.program, options, cells)
    deployment = Deployment.of("some", dict.fromkeys(options, 1))
    nearest = measure(table, deployment, target_s=900)
    busy = queueing_measures(table, deployment, city.program, target_s=900)
    for by_district in (nearest.by_district, busy.by_district):
        assert by_district.index.tolist() == [""]
        assert by_district["calls_per_week"].sum() == pytest.approx(cells.calls_per_week.sum())
