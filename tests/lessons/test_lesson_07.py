"""Lesson 07: like with like in what is traded, a map of two widths, and the explorer."""

import json
import re

import pytest

from course.data import load
from course.explore import explorer
from course.lessons.lesson_07 import EXERCISES, _line
from course.maps.atlas import area_row
from course.maps.series import class_breaks
from course.paths import lessons_dir

TASKS = {task.id: task for task in EXERCISES}
(BOOK,) = lessons_dir().glob("07_*.ipynb")
CELLS = {
    cell["id"]: "".join(cell["source"])
    for cell in json.loads(BOOK.read_text(encoding="utf-8"))["cells"]
}


def said(name, answer):
    found = TASKS[name].judge(answer)
    return found.status, found.message


# --- like with like -----------------------------------------------------------------


def test_the_years_compared_are_measured_against_the_same_whole():
    rows = load("trade_structure").query("counted_by == 'China customs, monthly series'")
    wholes = rows.groupby("year")["share_base"].agg(set)
    named = TASKS["07.3"].named
    assert wholes[named["first"]] == wholes[named["last"]]
    assert all(len(each) == 1 for each in wholes)
    assert wholes[2020] != wholes[2022]
    assert said("07.3", TASKS["07.3"].answer(last=2022)) == (
        "not yet",
        "That is up to 2022, which is measured against another total. The task names 2020.",
    )


@pytest.mark.parametrize("given", [0.7, -0.7, 0.71, -1.4, 1.4, 7, -7])
def test_a_wrong_change_gets_no_diagnosis_by_accident(given):
    words = said("07.3", given)[1]
    for diagnosis in TASKS["07.3"].mistakes:
        assert diagnosis not in words
    assert "upside down" not in words


def test_a_charted_year_is_a_number_on_the_axis():
    for name, source in CELLS.items():
        if re.search(r'"year:O"', source):
            assert name == "l07-energy-chart"  # bars of years without a gap
    rows = load("trade_structure").query("counted_by == 'China customs, monthly series'")
    assert set(range(2009, 2023)) <= set(rows["year"])


def test_the_lesson_names_the_top_the_bottom_and_both_ends():
    wanted = [1995, 1999, 2007, 2011]
    assert str(wanted) in CELLS["l07-overlap-ends"]
    overlap = {year: TASKS["07.6"].answer(year=year) for year in range(1995, 2012)}
    assert max(overlap, key=overlap.get) == 1999 and min(overlap, key=overlap.get) == 2007
    # the words below the table, held to the numbers
    assert 0.6 < 1 - overlap[2011] / overlap[1999] < 0.667
    assert 0.25 < 1 - overlap[2011] / overlap[1995] < 1 / 3
    assert overlap[2011] > overlap[2007]


def test_the_coverage_in_the_words_is_that_of_the_notes():
    notes = load("trade_structure").query("counted_by == 'WIOD 2013'")
    notes = notes.drop_duplicates(["year", "exporter"]).set_index(["exporter", "year"])["note"]
    found = {
        seller: [int(re.search(r"(\d+) %", notes[seller, y])[1]) for y in (1995, 1999, 2011)]
        for seller in ("CHN", "RUS")
    }
    assert found == {"CHN": [85, 68, 143], "RUS": [48, 56, 90]}
    assert "85 percent in 1995, 68 in 1999, 143 in 2011" in CELLS["l07-overlap-say"]
    assert "48, 56 and 90" in CELLS["l07-overlap-say"]


def test_a_limit_between_classes_of_the_index_is_one():
    rows = load("region_indicators")
    rows = rows[rows["indicator_id"].isin(["mining_output", "manufacturing_output"])]
    wide = rows.pivot(
        index=["region_id", "year"], columns="indicator_id", values="value"
    ).dropna()
    own = wide["mining_output"] / wide.sum(axis=1)
    years = wide.groupby("year").sum()
    index = own / (years["mining_output"] / years.sum(axis=1))
    assert 1 in class_breaks(index, 1)
    assert "center=1" in CELLS["l07-live"]


def test_the_area_of_the_ring_follows_the_volume():
    assert "** 0.5" in CELLS["l07-flow-map"]


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("07.2", 16.92, "electrical and optical equipment alone"),
        ("07.2", 11.87, "vehicles alone"),
        ("07.2", 40.31, "other manufacturing"),
        ("07.6", 0.1314, "Grubel-Lloyd index in dollars"),
    ],
)
def test_a_likely_slip_is_named(name, given, words):
    assert words in said(name, given)[1]


def test_the_verdict_on_advice_stays_within_one_whole():
    words = load("claims").set_index("claim_id").loc["c38", "evidence"]
    first, second = words.split("a total of the IMF")
    rows = load("trade_structure").query("is_sum and exporter == 'RUS' and year >= 2016")
    for row in rows.itertuples():
        part = first if "IMF" in row.share_base else second
        assert re.search(rf"{row.share_pct}% [^,;.]*in {row.year}", part)
    assert "at least" not in words  # of these three fuels the share is no bound
    assert "points" not in words  # no difference from one whole to the other


@pytest.mark.parametrize("name", ["l07-small-map", "l07-flow-map"])
def test_the_oil_pipeline_is_whole_at_the_opening_zoom(name):
    corners = re.search(r"fit_bounds\((\[\[.*?\]\])\)", CELLS[name])
    view = area_row("heilongjiang")
    frame = [[view["south"], view["west"]], [view["north"], view["east"]]]
    frame = json.loads(corners[1]) if corners else frame
    for lat, lon in _line("skovorodino_daqing"):
        assert frame[0][0] < lat < frame[1][0] and frame[0][1] < lon < frame[1][1]


def test_indices_carry_a_source_and_limits():
    for name, words in (
        ("l07-hhi", "Herfindahl"),
        ("l07-rca", "Know its limits"),
        ("l07-relative-say", "Its limits"),
        ("l07-hhi", "*Concentration in the Steel Industry*, 1950"),  # so on its title page
        ("l07-overlap-name", "Grubel-Lloyd index adjusted for the trade balance** in Aquino's"),
    ):
        assert words in CELLS[name]
        assert re.search(r"\b(19\d\d)\b", CELLS[name])


# --- the map --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "nothing flowed"),
        ({"widths": {2020: 4.1 / 2, 2024: 31.12 / 2}}, "not the volumes divided by 3"),
        ({"widths": {2020: 4.1 / 3, 2024: 31.12 / 2}}, "not divided by the same number"),
        ({"words": "{volume}"}, "its tooltip"),
        ({"words": "31 bcm"}, "its tooltip"),
        ({"words": ""}, "its tooltip"),
        ({"colours": ("navy", "darkblue")}, "too much alike"),
        ({"names": ("2020", "2024"), "years": (2020, 2024)}, "covers the narrow one"),
        ({"words": "{volume:.0f} bcm"}, "nothing flowed"),
        ({"words": "{year}: {volume} billion cubic metres"}, "nothing flowed"),
        ({"colours": ("red", "black")}, "nothing flowed"),
        ({"colours": ("rgb(0, 0, 255)", "hsl(0, 100%, 50%)")}, "nothing flowed"),
        ({"widths": {2020: 1, 2024: 10}}, "rounded the widths to whole pixels"),
        ({"widths": {2020: 1.4, 2024: 10.4}}, "nothing flowed"),
        ({"words": "{volume} BCM"}, "nothing flowed"),
        ({"words": "{volume}bcm"}, "nothing flowed"),
        ({"words": "{volume} Mt"}, "its tooltip"),
    ],
)
def test_a_map_that_nobody_can_read_is_told_why(changes, words):
    assert words in said("07.8", TASKS["07.8"].answer(**changes))[1]


# --- the explorer -----------------------------------------------------------------------


def test_no_state_of_the_explorer_is_empty_and_bars_fall():
    basket = explorer("basket")
    for state in basket.states():
        view, _features = basket.draw(**state)
        shares = [float(x) for x in re.findall(r"</span> (\d+\.\d)</td>", view)]
        assert shares and shares == sorted(shares, reverse=True)
        assert "HHI" not in view  # explained further down


def test_a_year_without_figures_is_said_and_the_nearest_is_named():
    view, _features = explorer("basket").draw(basket="CHN-RUS-customs", year=1995)
    assert "No figures for 1995; there are some for 2007" in view and ": 2007</b>" in view
    view, _features = explorer("basket").draw(basket="CHN-RUS-wiod", year=2008)
    assert "No figures" not in view
