"""What presets promise must be what their programs did: throughput, shares, costs, evidence."""

from __future__ import annotations

import re

import pytest

from coresponse.data.evidence import load_evidence
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.programs.cost import annual_cost
from coresponse.data.programs.load import assumptions, load_program, preset_names
from coresponse.data.programs.throughput import calls_per_unit_hour, time_on_a_call_min

CITED = {"cahoots": ("cahoots_van", 1.07), "star": ("star_van", 0.75)}


@pytest.mark.parametrize("name", CITED)
def test_a_preset_can_handle_what_its_program_handled(name: str) -> None:
    kind, cited = CITED[name]
    program = load_program(name)
    stated = program.responder_types[kind].calls_per_unit_hour
    assert stated is not None
    assert stated.value == cited
    found = calls_per_unit_hour(program, kind)
    assert cited <= found <= 1.05 * cited  # reached, and not by times that are far too short


@pytest.mark.parametrize("name", preset_names())
def test_every_cited_throughput_is_reached_at_the_planned_busy_share(name: str) -> None:
    program = load_program(name)
    for key, kind in program.responder_types.items():
        if kind.calls_per_unit_hour is not None:
            assert calls_per_unit_hour(program, key) >= kind.calls_per_unit_hour.value


def test_throughput_by_hand() -> None:
    program = load_program("cahoots")
    # shares and times as the preset has them: nobody found, helped on scene, taken somewhere
    service = 0.23 * (7 + 2) + 0.54 * (20 + 3) + 0.23 * (15 + 20 + 3)
    assert time_on_a_call_min(program, "cahoots_van", drive_min=12) == pytest.approx(
        3 + 12 + service
    )
    assert calls_per_unit_hour(
        program, "cahoots_van", drive_min=12, busy_share=0.5
    ) == pytest.approx(30 / (15 + service))


def test_the_shares_of_b_heard_have_one_denominator() -> None:
    outcomes = load_program("b-heard").service_outcomes
    met = 1 - outcomes["no_contact"].share.value
    assert met == pytest.approx(0.77)
    # of the people met: 50% to hospital and 10% elsewhere, 40% served on site
    assert outcomes["transport"].share.value / met == pytest.approx(0.6, abs=0.005)
    assert outcomes["on_scene"].share.value / met == pytest.approx(0.4, abs=0.005)


@pytest.mark.parametrize("name", preset_names())
def test_a_cost_beside_published_dollars_explains_the_difference(name: str) -> None:
    program = load_program(name)
    for key, kind in program.responder_types.items():
        published = kind.published_cost_per_hour
        if published is None:
            continue
        for pattern in kind.shift_patterns:
            hours = program.shift_patterns[pattern].hours.count * WEEKS_A_YEAR
            ours = annual_cost(program, key, pattern).total / hours
            assert published.low is not None
            assert published.high is not None
            assert published.low <= ours <= published.high
            said = re.search(r"come to \$(\d+) an hour", published.note)
            assert said is not None
            assert int(said[1]) == round(ours)
        rows = assumptions(program).set_index("figure")
        assert rows.loc[f"responder_types.{key}.published_cost_per_hour", "note"] == published.note


@pytest.mark.parametrize("name", ["cahoots", "star", "ride-along", "mixed"])
def test_presets_with_published_dollars_show_them(name: str) -> None:
    kinds = load_program(name).responder_types.values()
    assert any(kind.published_cost_per_hour is not None for kind in kinds)


def test_officer_minutes_are_a_mean_with_a_range_and_no_median() -> None:
    minutes = load_program("mixed").workload.officer_min
    # lognormal: median 43, one in a thousand (3.0902 standard deviations) at 642 min
    assert minutes.value == pytest.approx(63, abs=0.6)
    assert minutes.low == 43
    assert minutes.high == 118
    assert minutes.mark == "derived"


def test_the_evidence_knows_of_the_randomized_trial() -> None:
    says = [f"{one.says} {one.program} {one.known}" for one in load_evidence()]
    assert any("randomized, 686 calls" in text for text in says)
    assert not any("No randomized" in text for text in says)
    assert any("16 to 17%" in text for text in says)
    about = [s.text + s.source for n in preset_names() for s in load_program(n).about]
    assert not any("no randomized" in text for text in about)


def test_vacancy_runs_to_three_fifths() -> None:
    for name in preset_names():
        for role in load_program(name).crew_roles.values():
            assert role.vacancy_share.high == 0.6
