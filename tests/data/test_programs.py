"""Programs: presets, files that extend them, nature rules, costs."""

from __future__ import annotations

import fnmatch
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.programs.cost import annual_cost, staff_hours_per_week, staff_needed
from coresponse.data.programs.load import assumptions, load_program, preset_names
from coresponse.data.programs.natures import classify
from coresponse.data.wildcards import wildcard


def test_the_presets_that_ship() -> None:
    assert preset_names() == (
        "b-heard", "cahoots", "mixed", "on-call", "ride-along", "rural", "star", "tele",
    )  # fmt: skip


@pytest.mark.parametrize("name", preset_names())
def test_every_figure_of_a_preset_carries_its_evidence(name: str) -> None:
    figures = assumptions(load_program(name))
    assert len(figures) > 20
    assert set(figures["mark"]) <= {"fact", "derived", "assumption"}
    assert (figures["source"].str.len() > 10).all()
    assert figures["year"].between(2015, 2030).all()
    ranged = figures.dropna(subset=["low", "high"])
    assert (ranged["low"] <= ranged["value"]).all()
    assert (ranged["value"] <= ranged["high"]).all()


@pytest.mark.parametrize("name", preset_names())
def test_every_statement_about_a_program_carries_its_evidence(name: str) -> None:
    program = load_program(name)
    assert program.about
    assert all(
        statement.source and statement.year and statement.mark != "planner"
        for statement in program.about
    )
    assert {"crisis_low", "crisis_high", "welfare"} <= program.call_classes.keys()


def test_what_is_true_of_the_three_named_programs() -> None:
    for name in ("star", "cahoots", "b-heard"):
        program = load_program(name)
        assert all(
            kind.kind == "civilian" and "officer" not in kind.crew
            for kind in program.responder_types.values()
        )
        assert "not a co-responder program" in " ".join(
            statement.text for statement in program.about
        )
    assert "2025-04-07" in load_program("cahoots").status
    assert load_program("b-heard").shift_patterns["bheard_hours"].hours.count == 7 * 16
    assert load_program("star").shift_patterns["star_hours"].hours.count == 7 * 16


def test_only_disturbed_persons_of_the_nypd_day_are_eligible_for_b_heard(shared_data: Path) -> None:
    rows = pd.read_csv(shared_data / "manhattan" / "calls_nypd_2021-07-04.csv", dtype=str)
    classes = classify(rows["RADIO_CODE"], load_program("b-heard"))
    assert set(rows["RADIO_CODE"][classes != "not_eligible"]) == {"54E1", "54E2", "54E8", "54E9"}
    assert (classes != "not_eligible").sum() == 208


def test_behavioral_health_codes_of_five_cities_mostly_find_a_class(shared_data: Path) -> None:
    codes = pd.read_csv(shared_data / "call_types" / "behavioral_health_codes_5_cities.csv")
    codes = codes[codes["category"] == "Behavioral Health"]
    classes = classify(codes["call_type"], load_program("mixed"))
    missed = codes["call_type"][classes == "not_eligible"]
    # overdoses, deaths and people down are medical calls and stay with ambulances
    assert missed.str.contains("OVERDOSE|ONE DOWN|SUDDEN DEATH|NON SUICIDAL").all(), list(missed)
    high = set(codes["call_type"][classes == "crisis_high"])
    assert {"MENTAL VIOLENT - ARMED", "127D_Suicide Attempt Weapon", "*Bridge Jumper_Law"} <= high


def test_an_exact_rule_beats_a_prefix_a_long_prefix_a_short_one_and_a_prefix_a_wildcard(
    tmp_path: Path,
) -> None:
    file = tmp_path / "program.toml"
    file.write_text(
        'extends = "b-heard"\nname = "own"\ncall_classes.crisis_low.natures = ["AB*", "*X"]\n'
        'call_classes.crisis_high.natures = ["ABC*", "?BX"]\ncall_classes.welfare.natures = '
        '["ABCD"]\n'
    )
    program = load_program(file)
    found = classify(pd.Series(["abq", " ABCX ", "ABCD", "ABX", "CX", "DBX", "zzz", ""]), program)
    assert found.tolist() == [
        "crisis_low", "crisis_high", "welfare", "crisis_low", "crisis_low", "crisis_high", "not_eligible",
        "not_eligible",
    ]  # fmt: skip


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=10))
def test_wildcards_agree_with_fnmatch(rule: str, text: str) -> None:
    assert wildcard(rule, text) == fnmatch.fnmatchcase(text, rule)


def test_a_rule_made_to_run_forever_does_not() -> None:
    assert not wildcard("*a" * 30 + "b", "a" * 5000)


def test_a_program_says_all_that_is_wrong_with_it(tmp_path: Path) -> None:
    file = tmp_path / "program.toml"
    file.write_text(
        'extends = "b-heard"\nname = "Own Name"\ntypo = 1\n[responder_types.bheard_team]\ndelay_min = "soon"\n'
    )
    with pytest.raises(InputError) as caught:
        load_program(file)
    message = str(caught.value)
    assert "3 faults" in message
    for word in (
        "name",
        "typo: is not a known key",
        "responder_types.bheard_team.delay_min",
        "program.toml",
    ):
        assert word in message


def test_a_program_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "program.toml"
    file.write_text(
        'extends = "b-heard"\nname = "own"\n[responder_types.bheard_team]\ncrew = { wizard = 1 }\n'
        'eligible = ["flying"]\nshift_patterns = []\nbusy_share = 1.5\n'
        "[default_units]\ndragon = 2\n[service_outcomes.transport]\nshare = 0.9\n"
        '[call_classes.welfare]\nnatures = ["54e*"]\n'
    )
    with pytest.raises(InputError) as caught:
        load_program(file)
    for word in (
        "'wizard'",
        "'flying'",
        "at least one shift pattern",
        "1.5",
        "'dragon'",
        "add up to 1.4",
        "'54e*' is in both",
    ):
        assert word in str(caught.value)


def test_a_name_that_is_no_preset_lists_the_presets() -> None:
    with pytest.raises(MissingInputError, match="b-heard, cahoots, mixed"):
        load_program("bheard")


def test_a_broken_file_names_its_line(tmp_path: Path) -> None:
    file = tmp_path / "program.toml"
    file.write_text('name = "own"\ntitle = \n')
    with pytest.raises(InputError, match="line 2"):
        load_program(file)


def test_costs_add_up_by_hand() -> None:
    program = load_program("b-heard")
    cost = annual_cost(program, "bheard_team", "bheard_hours")
    hours = 16 * 7 * 365.25 / 7
    staff = hours * (2 * 42 + 58)
    assert cost.total == pytest.approx(staff + 1.15 / 9 * staff + 0.08 * staff + hours * 8)
    assert cost.start_up == 105_000
    assert [line.what for line in cost.lines][-3:] == [
        "supervision",
        "medical direction, licenses, training",
        "vehicle",
    ]
    assert staff_hours_per_week(program, "bheard_team", "bheard_hours") == 3 * 16 * 7


def test_a_clinician_on_standby_costs_standby_pay_and_call_backs() -> None:
    program = load_program("mixed")
    cost = annual_cost(program, "on_call_clinician", "always")
    hours = 168 * WEEKS_A_YEAR
    # one call-out a day, paid for 2 hours at 1.5 times $58
    staff = hours * 5 + 365.25 * 2 * 1.5 * 58
    assert cost.total == pytest.approx(staff * (1 + 1.15 / 9 + 0.08) + hours * 1)


def test_every_line_of_a_cost_is_worked_out_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "program.toml"
    file.write_text(
        'extends = "mixed"\nname = "own"\nproductive_hours_per_year = 1700\n'
        "[staffing]\nabsent_hours_per_year = { vacation = 160, sick = 80, holidays = 80, training "
        "= 60 }\n"
        "people_per_supervisor = 8\nsupervisor_pay_factor = 1.2\novertime_pay_factor = 2\n"
        "call_back_hours_at_least = 3\ncall_back_pay_factor = 1.25\n"
        "[crew_roles.clinician]\nvacancy_share = 0.25\n"
        "[shift_patterns.night_12h]\nrelief_factor = 1.05\n"
        '[responder_types.co_responder_unit]\nshift_patterns = ["weekdays_8h", "night_12h"]\n'
        '[responder_types.on_call_clinician]\nshift_patterns = ["on_call_weekends"]\ncall_outs_per_day = 0.5\n'
    )
    program = load_program(file)
    year = 365.25 / 7
    unit = {
        line.what: line.per_year
        for line in annual_cost(program, "co_responder_unit", "night_12h").lines
    }
    paid = 84 * 1.05 * year
    assert unit["Police officer"] == pytest.approx(paid * 85)
    assert unit["Behavioral-health clinician"] == pytest.approx(paid * 58)
    # a quarter of the hours at double pay costs one more rate for each
    assert unit["Behavioral-health clinician, overtime for vacancies"] == pytest.approx(
        paid * 0.25 * 58
    )
    staff = paid * (85 + 58 * 1.25)
    assert unit["supervision"] == pytest.approx(staff * 0.15)
    assert unit["medical direction, licenses, training"] == pytest.approx(staff * 0.08)
    assert unit["vehicle"] == pytest.approx(84 * year * 8)
    assert len(unit) == 6
    need = staff_needed(program, "co_responder_unit", "weekdays_8h")
    assert need == pytest.approx(
        {"officer": 40 * year / 1700, "clinician": 40 * year / 1700 / 0.75}
    )
    on_call = annual_cost(program, "on_call_clinician", "on_call_weekends")
    standby, call_backs = (line.per_year for line in on_call.lines[:2])
    week = 6 + 48 + 8
    assert standby == pytest.approx(week * year * 5)
    assert call_backs == pytest.approx(week * year / 24 * 0.5 * 3 * 1.25 * 58)
    assert on_call.total == pytest.approx(
        (standby + call_backs) * (1 + 0.15 + 0.08) + week * year * 1
    )


def test_staffing_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "program.toml"
    file.write_text(
        'extends = "mixed"\nname = "own"\n[staffing]\nabsent_hours_per_year = { vacation = 400 }\n'
        "overtime_pay_factor = 0.5\npeople_per_supervisor = 0\n[crew_roles.officer]\nvacancy_share "
        "= 1\n"
        "[shift_patterns.always]\nrelief_factor = "
        "0.5\n[responder_types.on_call_clinician]\ncall_outs_per_day = -1\n"
    )
    with pytest.raises(InputError) as caught:
        load_program(file)
    for words in (
        "state 1,680 there",
        "overtime_pay_factor",
        "people_per_supervisor",
        "vacancy_share",
        "relief_factor",
    ):
        assert words in str(caught.value)
    assert "call_outs_per_day" in str(caught.value)


def test_the_library_of_shift_patterns_has_the_hours_that_its_titles_say() -> None:
    patterns = load_program("mixed").shift_patterns
    hours = {name: pattern.hours.count for name, pattern in patterns.items()}
    assert hours["weekdays_8h"] == 40
    assert hours["early_week_10h"] == hours["late_week_10h"] == 40
    assert hours["on_call_weekends"] == 62
    assert hours["on_call_nights_weekends"] == 7 * 14 + 2 * 10
    for three in (("day_8h", "swing_8h", "night_8h"), ("day_12h", "night_12h")):
        seen = sorted(hour for name in three for hour in patterns[name].hours.hours)
        assert seen == list(range(168))


def test_a_post_around_the_clock_needs_five_people() -> None:
    # 8,760 hours over 1,698 gives 5.16 (domain facts, section 2)
    assert staff_needed(load_program("cahoots"), "cahoots_van", "always")["emt"] == pytest.approx(
        5.16, abs=0.01
    )


@pytest.mark.parametrize(
    ("nature", "named"),
    [
        ("PSYCH", "crisis_low"),
        ("Psych eval", "crisis_low"),
        ("EDP", "crisis_low"),
        ("MH CRISIS", "crisis_low"),
        ("PERSON IN CRISIS", "crisis_low"),
        ("MALE EDP", "crisis_low"),
        ("AMBULANCE CASE: EDP/INSIDE", "crisis_low"),
        ("EDP NO WEAPON", "crisis_low"),
        ("EDP W/WEAPON", "crisis_high"),
        ("EDP VIOLENT", "crisis_high"),
        ("TEDPOLE", "not_eligible"),
        ("SUICIDAL SUBJECT WITH WEAPON", "crisis_high"),
        ("Suicidal Person w/ Gun", "crisis_high"),
        ("ARMED SUICIDAL SUBJECT", "crisis_high"),
        ("CRISIS - SUBJECT ARMED", "crisis_high"),
        ("MENTAL HEALTH / COMBATIVE", "crisis_high"),
        ("EMOTIONALLY DISTURBED, NOT VIOLENT, ARMED", "crisis_high"),
        ("SUICIDAL PERSON/ATTEMPT", "crisis_high"),
        ("SUICIDAL SUBJECT NO WEAPON", "crisis_low"),
        ("SUICIDAL SUBJECT, NO KNOWN WEAPONS", "crisis_low"),
        ("PSYCH W/O VIOLENCE OR WEAPONS", "crisis_low"),
        ("PSYCH EVAL - WEAPONS: NO", "crisis_low"),
        ("MENTAL NON-VIOLENT", "not_eligible"),
        ("MENTAL HEALTH NON-VIOLENT", "crisis_low"),
        ("SUICIDAL UNARMED", "crisis_low"),
        ("WELFARE CHECK - ARMED SUBJECT", "not_eligible"),
        ("INTOXICATED W/KNIFE", "not_eligible"),
        ("UNWANTED PERSON WITH GUN", "not_eligible"),
        ("UNWANTED PERSON - BURGUNDY COAT", "disturbance"),
    ],
)
def test_what_dispatchers_shorten_is_known(nature: str, named: str) -> None:
    assert classify(pd.Series([nature]), load_program("mixed")).tolist() == [named]


def test_what_a_planner_says_of_a_dangerous_nature_goes_before_its_words(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'extends = "star"\nname = "own"\n'
        'call_classes.crisis_low.natures = ["SUIC*", "MH WITH WEAPON", "MH PAST VIOLENCE*"]\n'
        'call_classes.welfare.natures = ["*"]\n'
    )
    natures = ["SUIC ARMED", "mh with weapon", "MH PAST VIOLENCE", "SUIC", "ARMED ROBBERY"]
    found = classify(pd.Series(natures), load_program(own))
    assert found.tolist() == ["crisis_high", "crisis_low", "crisis_low", "crisis_low", "welfare"]
