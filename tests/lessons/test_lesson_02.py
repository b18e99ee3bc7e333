"""Lesson 02: what its maps must let a reader see, and what it says of names and of Mercator."""

import json
from math import cos, radians, sin

import folium
import numpy as np
import pytest

from course.data import load, shapes
from course.lessons import lesson_02, room
from course.lessons.shared import by_id, far_eastern, wide
from course.maps.area import area_map
from course.paths import lessons_dir
from tests.lessons.design import Lesson, near

LESSON = Lesson.read(next(lessons_dir().glob("02_*.ipynb")))
TASKS = {task.id: task for task in room("02").EXERCISES}


def source(name):
    book = json.loads(LESSON.path.read_text(encoding="utf-8"))
    return next("".join(cell["source"]) for cell in book["cells"] if cell["id"] == name)


def said(exercise, given):
    found = TASKS[exercise].judge(given)
    return found.status, found.message


# --- 02.3: one layer of places ---------------------------------------------------------


def places_map(split=0, title="Russian places", words="name_ru", area="heilongjiang"):
    places = load("places").query("country == 'RUS'").dropna(subset=["lat", "lon"])
    m = area_map(area)
    for part, rows in (("", places[:split]), ("rest", places[split:])):
        group = folium.FeatureGroup(title and f"{title} {part}".strip()).add_to(m)
        for place in rows.to_dict("records"):
            spot = [place["lat"], place["lon"]]
            folium.CircleMarker(spot, tooltip=words and place[words]).add_to(group)
    folium.LayerControl().add_to(m)
    return m


@pytest.mark.parametrize("words", ["name_en", "name_ru"])
def test_one_named_group_of_places_that_say_their_names_passes(words):
    assert said("02.3", places_map(words=words))[0] == "passed"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"split": 5}, "not all in one FeatureGroup"),
        ({"title": None}, "no name that tells readers"),
        ({"words": None}, "the name of its own place"),
        ({"words": "kind"}, "the name of its own place"),
        ({"area": "far_east"}, 'course.area_map("heilongjiang")'),
    ],
)
def test_what_the_task_of_the_layer_asks_for_is_checked(change, words):
    status, message = said("02.3", places_map(**change))
    assert status == "not yet" and words in message


# --- 02.6: a choropleth that can be read -------------------------------------------------


def density_map(area="far_east", rows=11, **options):
    m = area_map(area)
    given = {
        "columns": ["region_id", "per_km2"],
        "key_on": "feature.properties.region_id",
        "legend_name": "persons per square kilometre",
        "nan_fill_color": "grey",
    } | options
    table = lesson_02._density().reset_index().head(rows)
    folium.Choropleth(shapes("region_polygons"), data=table, **given).add_to(m)
    return m


@pytest.mark.parametrize(
    "options",
    [
        {}, {"bins": [0, 1, 2, 4, 8, 12]}, {"bins": 4}, {"fill_color": "YlOrRd"},
        {"nan_fill_color": "darkgrey"}, {"nan_fill_color": "tan"}, {"fill_opacity": 0.9},
        {"legend_name": "people / km2"}, {"legend_name": "чел. на кв. км"},
        {"fill_color": "YlGn", "nan_fill_color": "lightgrey"},
    ],
)  # fmt: skip
def test_a_choropleth_that_can_be_read_passes(options):
    assert said("02.6", density_map(**options))[0] == "passed"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"nan_fill_color": "white"}, "look like one of the classes"),
        ({"nan_fill_color": "#fefefe"}, "look like one of the classes"),
        ({"nan_fill_color": "black"}, "darker than all"),
        ({"nan_fill_color": "#c8dbee"}, "look like one of the classes"),
        ({"bins": lesson_02._quartiles()}, "two of its class limits read alike"),
        ({"bins": [0, 11, 12, 14]}, "no more than two colours"),
        ({"bins": [0, 1, 12, 12.5]}, "no more than two colours"),  # neither has almost all
        ({"legend_name": "km2"}, "Name the unit"),
        ({"legend_name": "persons"}, "Name the unit"),
        ({"legend_name": "persons per km, 2017"}, "Name the unit"),
        ({"rows": 5}, "Some of the eleven"),
        ({"key_on": "feature.properties.name_en"}, "all are drawn as no data"),
        ({"columns": ["region_id", "value"]}, "something else than density"),
        ({"area": "borderland"}, 'course.area_map("far_east")'),
    ],
)
def test_a_choropleth_that_misleads_is_told_how(options, words):
    status, message = said("02.6", density_map(**options))
    assert status == "not yet" and words in message


@pytest.mark.parametrize(
    "legend",
    ["people per sq. km", "persons / km² (2017)", "per km2: inhabitants", "人/平方公里"],
)
def test_the_unit_may_be_written_in_many_ways(legend):
    assert said("02.6", density_map(legend_name=legend))[0] == "passed"


def test_the_prose_counts_the_equal_classes_as_they_are():
    counts = np.histogram(lesson_02._density()["per_km2"], bins=6)[0].tolist()
    assert counts[0] == 5 and counts.count(0) == 2 and counts[-1] == 1
    assert "Five of the eleven" in source("l02-classes")


# --- 02.1, 02.4, 02.7: what a mistake is called ------------------------------------------


@pytest.mark.parametrize("one", sorted(by_id("regions").query("kind == 'aggregate'").index))
def test_each_aggregate_is_called_one(one):
    assert f"{one} is an aggregate" in said("02.4", one)[1]


@pytest.mark.parametrize(
    ("exercise", "given", "words"),
    [
        ("02.1", {"lat": 50, "lon": 127}, "cut the digits off"),
        ("02.1", {"lat": 50.2907, "lon": 127.5272}, "as the table has it"),
        ("02.7", 2.1, "do not cut it off"),
        ("02.7", 2.25, "rounded too early"),
    ],
)
def test_a_usual_slip_is_named(exercise, given, words):
    status, message = said(exercise, given)
    assert status == "not yet" and words in message


# --- names with a history -----------------------------------------------------------------


def test_the_towns_that_an_exercise_asks_about_are_named_at_the_opening_zoom():
    text = (lessons_dir().parent / "data" / "area_places.csv").read_text(encoding="utf-8")
    first = text.split()
    assert {"heilongjiang,heihe", "heilongjiang,blagoveshchensk"} <= set(first)


def test_the_lesson_lists_every_place_with_an_older_name():
    places = by_id("places").dropna(subset=["note"])
    older = places[places["note"].str.contains("older name")]
    assert set(older.index) == {
        "vladivostok", "khabarovsk", "blagoveshchensk", "ussuriysk", "nikolayevsk_on_amur",
        "ondorkhaan",
    }  # fmt: skip


def test_an_older_name_is_told_from_the_name_of_today():
    assert "older Chinese name" in said("02.2", "海兰泡")[1]
    place = by_id("places").loc["blagoveshchensk"]
    assert said("02.2", place["name_zh"])[0] == "passed" and "海兰泡" in place["note"]


# --- answers out of sight --------------------------------------------------------------------


def around(exercise):
    return " ".join(cell["source"] for cell in near(LESSON, LESSON.starters()[exercise]))


def test_the_order_of_a_point_is_told_under_the_next_heading():
    assert "longitude first" not in around("02.1").casefold()
    assert "first" not in " ".join(TASKS["02.1"].hints).casefold()


def test_the_formula_for_areas_is_told_under_the_next_heading():
    words = around("02.7")
    assert "cos^2" not in words and "** 2" not in words and "1 / cos" in words
    assert any("cos^2" in text for _n, text in LESSON.prose())


def test_the_choropleth_is_drawn_nowhere_above_its_exercise():
    place = LESSON.starters()["02.6"]
    assert not [
        n for n, c in LESSON.code() if "folium.Choropleth(" in c["source"] and n < place
    ]


# --- Mercator ---------------------------------------------------------------------------------


def ellipsoid(latitude):
    """Area on a Web Mercator map for one on the WGS84 ellipsoid, against the equator."""
    flat = 1 / 298.257223563
    e2 = flat * (2 - flat)
    return ((1 - e2 * sin(radians(latitude)) ** 2) / cos(radians(latitude))) ** 2


@pytest.mark.parametrize("latitude", [40, 46, 50, 62, 70])
def test_the_formula_is_good_to_about_one_percent(latitude):
    sphere = 1 / cos(radians(latitude)) ** 2
    assert ellipsoid(latitude) == pytest.approx(sphere, rel=0.013)


def test_to_the_digits_asked_sphere_and_ellipsoid_agree():
    """To two decimals they would not: 2.19 and 2.18."""
    true = ellipsoid(62) / ellipsoid(46)
    answer = TASKS["02.7"].answer()
    assert round(answer, 2) != round(true, 2)
    assert round(answer, TASKS["02.7"].digits) == round(true, TASKS["02.7"].digits)
    assert said("02.7", true)[0] == "passed"


def test_half_of_a_square_is_told():
    assert "to the north and to the east" in said("02.7", 1.48)[1]
    assert "You doubled" in said("02.7", 2.96)[1]


# --- what the claim rests on --------------------------------------------------------------------


def test_the_verdict_is_on_a_claim_whose_evidence_the_lesson_shows():
    assert LESSON.contract["claims"] == ["c26"] == list(TASKS["02.9"].claims)
    book = json.loads(LESSON.path.read_text(encoding="utf-8"))
    shown = [c["id"] for c in book["cells"] if c["metadata"].get("claims") == ["c26"]]
    assert shown == ["l02-district", "l02-official-code", "l02-recent"]


def test_two_regions_of_eleven_gained_in_the_averages_not_nine():
    """The conflict that the lesson leaves open is there."""
    rows = load("region_indicators").query(
        "indicator_id == 'population_annual_average' and vintage == 'after_census_2021'"
    )
    by_year = rows.pivot(index="region_id", columns="year", values="value")
    by_year = by_year.loc[far_eastern()]
    assert int((by_year[2024] > by_year[2023]).sum()) == 2 and len(by_year) == 11
    title = by_id("events").loc["fe_people_2025", "title"]
    assert "9 of 11" in title


def test_the_hints_name_evidence_that_a_verdict_takes():
    """A pivoted table has no column source_id, and is refused on its own."""
    hints = " ".join(TASKS["02.9"].hints)
    assert "newer" in hints and "by_year" not in hints


def test_the_two_districts_are_not_compared_by_areas_of_two_sources():
    """They differ by less than the two regions that joined: 736,655 and 783,200 km2."""
    assert "area_km2" not in source("l02-keys")
    assert "area_km2" in source("l02-moved")


def test_the_people_of_the_eleven_regions_fell_in_every_year_of_both_editions():
    for vintage in (lesson_02.PANEL, lesson_02.RECALCULATED):
        years = wide("population_annual_average", vintage)["RU-FEFD"].dropna()
        assert years.is_monotonic_decreasing and years.index.is_monotonic_increasing
