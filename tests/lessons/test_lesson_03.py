"""Lesson 03: an explorer, charts and exercises that compare like with like."""

import re

import folium
import pandas as pd
import pytest

from course.data import load
from course.exercises.explain import decimals
from course.explore import explorer
from course.lessons import lesson_03
from course.lessons.lesson_03 import BASE_YEARS, EXERCISES, RUSSIA
from course.lessons.shared import far_eastern, wide
from course.maps.area import area_map
from tests.lessons.test_design import LESSONS

TASKS = {task.id: task for task in EXERCISES}
LESSON = LESSONS["03"]
START = {"region": "RU-PRI", "beside": RUSSIA, "indicator": "population", "show": 0}
MEASURES = [*lesson_03._MEASURES]


def said(**changes):
    """The words of what the explorer shows."""
    html = explorer("far_east").draw(**START | changes)[0]
    return re.sub(r"<[^>]*>", " ", html)


def source(cell):
    return next(c["source"] for c in LESSON.cells if c["id"] == cell)


# --- the explorer ------------------------------------------------------------------


@pytest.mark.parametrize("measure", MEASURES)
def test_the_sum_is_in_pieces_that_count_the_same_regions(measure):
    pieces = lesson_03._pieces(measure, [RUSSIA])[RUSSIA]
    assert pieces[2013] != pieces[2014] == pieces[2015] // 1
    if measure == "grp per head":
        assert pieces[2015] != pieces[2016]
        assert pieces.loc[:2004].isna().all()  # roubles of 79 regions, people of 80
    else:
        assert pieces.loc[:2013].nunique() == pieces.loc[2014:].nunique() == 1


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("base", BASE_YEARS)
def test_an_index_ends_where_the_sum_changes(measure, base):
    words = said(indicator=measure, show=base)
    assert "80 regions, then 82" in words and "An index ends there." in words
    first, last = map(int, re.search(r"= 100, (\d+) to (\d+)\. In", words).groups())
    assert (first < 2014) == (last < 2014), "it goes across 2014"
    assert f"From {base} to {last}" in words


def test_a_region_beside_its_district_has_no_border_but_a_new_method():
    words = said(beside="RU-FEFD", show=BASE_YEARS[0])
    assert "2005 = 100, 2000 to 2020" in words and "An index ends" not in words
    words = said(beside="RU-FEFD", indicator="grp per head", show=BASE_YEARS[0])
    assert "to 2015. In" in words and "2016 (new method)" in words


def test_the_sum_is_called_what_it_is():
    names = [words for words, _value in explorer("far_east").controls["beside"].pairs()]
    assert names[0] == "the sum of Russia's regions"
    prose = " ".join(text for _n, text in LESSON.prose())
    assert "The course made it" in prose and "all of Russia" not in prose


@pytest.mark.parametrize("beside", [RUSSIA, "RU-FEFD"])
@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("base", BASE_YEARS)
def test_points_are_the_difference_of_the_two_numbers_shown(measure, base, beside):
    for region in ("RU-SAK", "RU-MAG", "RU-PRI"):
        words = said(region=region, beside=beside, indicator=measure, show=base)
        ends = words.split("In ")[1].split(". ")[0]
        one, other = (float(n.replace(",", "")) for n in re.findall(r" ([\d,]+\.\d)\b", ends))
        points = re.search(r"by ([\d,.]+) points?\. What", words)
        if points:
            assert float(points[1].replace(",", "")) == round(abs(one - other), 1)
        else:
            assert "changed alike" in words and abs(one - other) < 0.5


def test_one_point_is_one_point():
    figures = pd.DataFrame({"A": {2020: 101.0}, "B": {2020: 100.0}})
    assert "by 1 point. " in lesson_03._remark(figures, "population", 2005)


# --- like with like -----------------------------------------------------------------


def test_both_base_years_have_the_regions_of_the_last_year():
    rows = load("region_indicators")
    rows = rows[(rows["region_id"] == RUSSIA) & (rows["indicator_id"] == "fixed_investment")]
    notes = rows.set_index("year")["note"]
    years = [*TASKS["03.3"].answer().index, 2020]
    assert notes.loc[years].nunique() == 1
    one, other = TASKS["03.3"].answer()
    assert one > 0.5 > -0.5 > other  # two opposite headlines


def test_no_index_of_the_sum_goes_across_2014():
    code = "\n".join(c["source"] for _n, c in LESSON.code())
    found = re.findall(r"investment\.loc\[(\d{4})", code)
    assert all(int(year) >= 2014 for year in found)


@pytest.mark.parametrize("cell", ["l03-share-chart", "l03-cliff-chart"])
def test_lines_break_where_what_they_count_changes(cell):
    assert "detail=" in source(cell) and "piece" in source(cell)


def test_medians_and_national_figures_are_drawn_apart():
    code = source("l03-cliff-chart")
    assert 'panel(medians, "Medians of regions"' in code and 'panel(whole, "National' in code
    assert "RU-MED" in code


def test_the_gross_regional_product_is_never_called_product_alone():
    texts = [text for _n, text in LESSON.prose()]
    for task in EXERCISES:
        texts += [task.ask, task.after, *task.hints, *task.mistakes]
    for text in texts:
        words = re.sub(r"(?i)gross (?:regional|domestic)\s+product|`[^`]*`", "", text)
        assert not re.search(r"\bproduct\b", words, re.IGNORECASE), text


# --- exercises ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exercise", "given", "words"),
    [
        ("03.1", lambda: TASKS["03.1"].answer(people_of=2016), "people of 2016"),
        ("03.1", lambda: TASKS["03.1"].answer(year=2018, people_of=2017), "GRP of 2018"),
        ("03.1", lambda: TASKS["03.1"].answer("RU-MAG"), "answer for RU-MAG"),
        ("03.1", lambda: TASKS["03.1"].answer("RU-SAK"), "answer for RU-SAK"),
        ("03.1", lambda: lesson_03._grp("RU-CHU")[2017], "of the whole region, in millions"),
        ("03.2", lambda: TASKS["03.2"].answer(year=2018), "answer for 2018"),
        ("03.3", lambda: {2014: 8, 2019: -10}, "first base is 2014"),
        ("03.3", lambda: {2014: 25, 2019: 10}, "without a sign"),
        ("03.3", lambda: TASKS["03.3"].answer().abs(), "the sign is turned"),
        ("03.3", lambda: {2014: -25, 2019: 10}, "oth signs are turned"),
        ("03.3", lambda: {2014: 169, 2019: 93}, "the Far East alone"),
        ("03.3", lambda: {2014: 25, 2019: -11}, "Subtract first"),
        ("03.3", lambda: {2014: -10, 2019: 25}, "at the wrong keys"),
        ("03.4", lambda: TASKS["03.4"].answer(last=2014), "stopped a year early"),
        ("03.4", lambda: TASKS["03.4"].answer(2009), "began a year early"),
        ("03.4", lambda: 6.6, "began a year early"),
        ("03.4", lambda: TASKS["03.4"].answer(2011), "began a year late"),
        ("03.4", lambda: 1.00534, "That is a factor"),
        ("03.5", lambda: dict(zip(("step", "growth"), TASKS["03.5"].answer().values(), strict=True)),
         "swapped"),
        ("03.5", lambda: {"growth": 112.3, "step": -47.7}, "two years"),
        ("03.5", lambda: {"growth": -2.3, "step": 9.8}, "Amur Oblast alone"),
        ("03.5", lambda: {"growth": 3.7, "step": 11.1}, "still holds the growth"),
        ("03.6", lambda: {"border": -2_078_000, "people": -395_000}, "border brought people in"),
        ("03.6", lambda: {"border": 1_983_000, "people": -395_000}, "in 2021"),
        ("03.7", lambda: ["RU-ALT", "RU-CHU", "RU-KEM", "RU-NVS", "RU-TOM"], "outside the Far"),
        ("03.7", lambda: ["RU-CHU", "RU-SAK"], "answer for 2018"),
    ],
)  # fmt: skip
def test_a_slip_is_named_in_its_own_words(exercise, given, words):
    found = TASKS[exercise].judge(given())
    assert found.status == "not yet" and words in found.message, found.message


@pytest.mark.parametrize("task", [t for t in EXERCISES if t.kind in ("number", "mapping")],
                         ids=lambda task: task.id)  # fmt: skip
def test_each_mistake_is_named_as_a_student_writes_it(task):
    """Rounded as the task says: no two ways of going wrong lead to one number."""
    for words, wrong in task.mistakes.items():
        value = wrong()
        parts = dict(value) if task.kind == "mapping" else {0: value}
        given = {key: round(float(part), task.digits) for key, part in parts.items()}
        if min(decimals(part)[0] for part in given.values()) < 2:
            continue  # of too few figures to be sure
        found = task.judge(given if task.kind == "mapping" else given[0])
        assert found.message == words


@pytest.mark.parametrize("given", [54.7, 50, 1.5])
def test_no_diagnosis_fits_real_growth_by_accident(given):
    words = TASKS["03.4"].judge(given).message
    assert "share" not in words and "nominal" not in words


def port(
    colour=("#0072B2", "#D55E00", "green"),
    name="{year}",
    words="{zone.name_en}",
    keep="date_established <= '2017-06-14'",
    **dot,
):
    """A map of the free port on the day, as a student may draw it."""
    m = area_map("far_east")
    zones = load("free_port_and_zones")
    zones = zones[zones["zone_type"] == "free_port_municipality"]
    zones = zones.query(keep)
    for n, (year, rows) in enumerate(zones.groupby("year")):
        title = name.format(year=int(year), n=n, other=4031 - int(year))
        layer = folium.FeatureGroup(title).add_to(m)
        for zone in rows.itertuples():
            look = {"radius": 6, "color": colour[n], "tooltip": words.format(zone=zone)} | dot
            folium.CircleMarker([zone.lat, zone.lon], **look).add_to(layer)
    folium.LayerControl().add_to(m)
    return m


@pytest.mark.parametrize(
    "given",
    [
        {}, {"words": "<b>{zone.name_ru}</b>"}, {"colour": ("red", "blue")},
        {"name": "joined: {year}"}, {"fill": True, "fill_opacity": 0.9},
        {"name": "in {year}, as of June 2017"},
    ],
)  # fmt: skip
def test_a_map_that_a_reader_can_read_passes(given):
    assert TASKS["03.8"].judge(port(**given)).status == "passed"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"colour": ("navy", "#000090")}, "tell the years apart"),
        ({"colour": ("blue", "blue")}, "tell the years apart"),
        ({"name": "group {n}"}, "year of joining into the name"),
        ({"name": "{other}"}, "its own and no other"),
        ({"name": "2015 and 2016"}, "its own and no other"),
        ({"keep": "status == 'in force'"}, "joined after 14 June 2017"),
        ({"keep": "year == 2015"}, "Those of 2016 are missing"),
        ({"keep": "year == 2016"}, "Some municipalities are missing"),
        (
            {"keep": "year < 2017 and zone_id != 'fpv_artyom'"},
            "Some municipalities are missing",
        ),
        ({"words": "here"}, "which municipality"),
        ({"radius": 90}, "circle"),
    ],
)
def test_a_map_that_a_reader_cannot_read_is_told_why(given, words):
    found = TASKS["03.8"].judge(port(**given))
    assert found.status == "not yet" and words in found.message, found.message


def test_a_planned_municipality_is_told_as_planned():
    zones = load("free_port_and_zones").query("zone_type == 'free_port_municipality'")
    zones = zones[(zones["status"] == "planned") | (zones["date_established"] <= "2017-06-14")]
    found = TASKS["03.8"].judge(TASKS["03.8"].answer(zones))
    assert "only planned" in found.message, found.message


def test_the_map_needs_no_loop_over_groups():
    """groupby in a loop is in a folded cell only: lesson 02 went through a dict."""
    task = TASKS["03.8"]
    for text in [task.solution, *task.hints, *(check.words for check in task.checks)]:
        assert "groupby" not in text


# --- words --------------------------------------------------------------------------


def test_a_break_is_said_of_the_rows_that_name_it():
    rows = load("region_indicators")
    rows = rows[rows["note"].astype(str).str.contains("break in the source between 2002")]
    named = set(rows["region_id"]) & set(far_eastern())
    assert "RU-AMU" in named and len(named) == 5 and not named & {"RU-PRI", "RU-MAG"}
    assert "of Amur Oblast" in source("l03-cliff-lead")
    assert "four other" in source("l03-cliff-lead")


def test_lesson_02_has_checked_the_first_statement():
    after = source("l03-wear")
    assert "the two cannot be checked" not in after and "Lesson 02" in after


def test_both_districts_gained_as_much_as_the_prose_says():
    grp = wide(*lesson_03.GRP)
    regions = load("regions")
    for district in ("Far Eastern Federal District", "Siberian Federal District"):
        ids = regions.loc[regions["macro_region"] == district, "region_id"]
        part = grp[list(ids)].sum(axis=1) / grp[RUSSIA] * 100
        assert round(part[2019] - part[2016], 1) == 0.3
    assert "0.3 percentage points" in source("l03-keep")
