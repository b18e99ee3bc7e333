"""What trials of lessons 04 to 07 found wrong with checks, each as a small test."""

import re

import folium
import pytest

from course.data import load
from course.lessons import room
from course.maps.area import area_map


def exercise(name):
    (task,) = (task for task in room(name[:2]).EXERCISES if task.id == name)
    return task


def said(name, given):
    """Status and message for an answer."""
    task = exercise(name)
    found = task.judge(given(task) if callable(given) else given)
    return found.status, found.message


# --- one rule for digits ------------------------------------------------------------

GROWTH = {"first releases": 8.3, "later series": 2.6}


@pytest.mark.parametrize(
    ("name", "given", "status"),
    [
        ("04.1", 4.3, "passed"), ("04.1", 4.4, "not yet"), ("04.4", -1, "passed"), ("04.4", -0.9, "not yet"),
        ("04.7", 4.5, "passed"), ("04.7", 4.4, "not yet"), ("05.4", 1.204, "passed"), ("05.4", 1.2, "not yet"),
        ("05.7", {"road": 0.5, "rail": 2.4}, "passed"), ("05.7", {"road": 0.5, "rail": 2.5}, "not yet"),
        ("06.5", GROWTH, "passed"), ("06.5", GROWTH | {"later series": 2.7}, "not yet"),
        ("07.1", -6.8, "passed"), ("07.1", -6.9, "not yet"), ("07.6", 0.114, "passed"), ("07.6", 0.11, "not yet"),
    ],
)  # fmt: skip
def test_a_number_counts_to_the_digits_that_the_task_names(name, given, status):
    assert said(name, given)[0] == status


def test_both_editions_after_the_census_are_right():
    def in_edition(name):
        rows = load("region_indicators").query(
            "indicator_id == 'gdp_current_prices' and region_id == 'CN-HL' and vintage == @name"
        )
        product = rows.set_index("year")["value"]
        return 100 * (product[2018] / product[2017] - 1)

    for name in ("export_2024", "export_2025"):
        assert said("04.1", in_edition(name))[0] == "passed"
    assert "welcome to the trap" in said("04.1", in_edition("export_2020"))[1]


@pytest.mark.parametrize(
    ("name", "given"),
    [("04.6", 19), ("07.6", 0.11), ("06.6", {2000: 0.42, 2010: 1.32, 2020: 1.1})],
)
def test_too_few_digits_are_told_and_nothing_else(name, given):
    assert "rounded too far" in said(name, given)[1]


# --- diagnoses that fit by accident ---------------------------------------------------


@pytest.mark.parametrize("given", [0.7, 0.71])
def test_half_a_change_is_no_quotient_upside_down(given):
    assert "upside down" not in said("07.3", given)[1]


def test_a_small_fraction_is_no_other_basket():
    for given in (-0.0683, -0.068):
        assert "fraction of one" in said("07.1", given)[1]


# --- years beside those that the task names -------------------------------------------


@pytest.mark.parametrize(
    ("name", "other", "wanted"),
    [
        ("04.1", {"year": 2019}, 2018), ("04.2", {"year": 2016}, 2017), ("04.4", {"first": 2015}, 2016),
        ("04.4", {"last": 2023}, 2024), ("04.5", {"year": 2018}, 2017), ("04.6", {"year": 2013}, 2014),
        ("04.7", {"year": 2020}, 2021), ("05.5", {"year": 2010}, 2020), ("05.7", {"first": 2021}, 2022),
        ("05.8", {"year": 2024}, 2023), ("06.5", {"year": 2017}, 2016), ("07.1", {"last": 2010}, 2011),
        ("07.3", {"first": 2015}, 2016), ("07.6", {"year": 2007}, 2008),
    ],
)  # fmt: skip
def test_the_answer_for_another_year_is_told_as_such(name, other, wanted):
    (year,) = other.values()
    words = said(name, lambda task: task.answer(**other))[1]
    assert words == f"That is the answer for {year}. The task names {wanted}."


def test_numbers_as_text_in_a_dict_are_told_as_such():
    assert "some are text" in said("06.5", {key: str(one) for key, one in GROWTH.items()})[1]


# --- what a task says of its map --------------------------------------------------------


def circles(
    kinds="freight", size=lambda tonnes: (tonnes / 20_000) ** 0.5, tip="{name}: {tonnes}"
):
    """Freight to China by crossing, perhaps with parts of it added once more."""
    rows = load("crossing_figures").query(
        "unit == 't' and direction == 'RUS->CHN' and period == '2024-01/2024-10'"
    )
    tonnes = rows[rows["indicator"].str.match(kinds)].groupby("crossing_id")["value"].sum()
    crossings = load("crossings").set_index("crossing_id")
    m = area_map("heilongjiang")
    for crossing, value in tonnes.items():
        row = crossings.loc[crossing]
        name = row["name_en"]
        words = tip.format(name=name, town=re.split(r"\W", name)[0], tonnes=value)
        folium.CircleMarker([row["lat"], row["lon"]], radius=size(value), tooltip=words).add_to(
            m
        )
    return m


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kinds": "freight|coal"}, "so they count twice"),
        ({"kinds": "freight|coal|iron ore"}, "so they count twice"),
        ({"size": lambda tonnes: tonnes / 1e6}, "take the root"),
        ({"size": lambda tonnes: tonnes**0.2}, "The areas do not follow the tonnes."),
        ({"size": lambda tonnes: 10 - tonnes / 1e7}, "The areas do not follow the tonnes."),
        ({"size": lambda tonnes: tonnes**0.5 / 10}, "hides the map"),
        ({"size": lambda tonnes: tonnes**0.5 / 8000}, "too small to be seen"),
        ({"tip": "{tonnes} tonnes"}, "which crossing it is"),
        ({"tip": "here: {tonnes}"}, "which crossing it is"),
        ({"tip": "{name}"}, "does not say the tonnes"),
        ({"size": lambda tonnes: round((tonnes / 50_000) ** 0.5)}, "one railway counting"),
    ],
)  # fmt: skip
def test_circles_are_told_what_is_wrong_with_them_and_no_more(changes, words):
    found = said("06.8", circles(**changes))[1]
    assert words in found
    assert ("root" in found) == ("root" in words)


def test_any_town_of_a_crossing_names_it():
    for tip in ("{town}: {tonnes} t", "<b>{name}</b> {tonnes}"):
        assert said("06.8", circles(tip=tip))[0] == "passed"
