"""Lesson 06: one series at a time, equal bases, circles that a reader can read."""

import re

import folium
import pandas as pd
import pytest

from course.data import load, read
from course.explore import explorer
from course.lessons.lesson_06 import EXERCISES, _circles_map, _tonnes
from course.maps.area import area_map
from course.paths import lessons_dir
from tests.lessons.design import Lesson

TASKS = {task.id: task for task in EXERCISES}
(BOOK,) = (Lesson.read(path) for path in lessons_dir().glob("06_*.ipynb"))
CELLS = {cell["id"]: cell["source"] for cell in BOOK.cells}
WORDS = "\n".join(text for _n, text in BOOK.prose())


# --- what the lesson says -------------------------------------------------------------


def test_the_article_is_older_than_the_page_with_five_months():
    part = load("part_year_trade").query("reporter == 'CHN' and partner == 'RUS'")
    (page,) = part.query("year == 2017 and months == 5")["source_id"]
    published = read("sources").set_index("source_id")["published"]
    article = load("events").set_index("event_id").loc["article_published_2017", "date"]
    assert (str(article), published[page]) == ("2017-06-25", "2017-06-29")
    assert "four days later" in WORDS and "25 June 2017" in WORDS
    assert "29 June" in read("claims").set_index("claim_id").loc["c42", "evidence"]


def test_no_series_changes_without_a_word():
    assert '"outcome_series"' in CELLS["l06-targets-code"]
    assert '"source_id"' in CELLS["l06-shares-code"] and "changes after 2020" in WORDS
    for cell in ("l06-books", "l06-vintages-code"):
        assert "value_kind" in CELLS[cell]


def test_the_outcomes_come_after_the_question_when():
    places = [cell["id"] for cell in BOOK.cells]
    assert places.index("l06-targets-code") > places.index("l06-try-7")
    assert (
        "outcome" not in CELLS["l06-targets-set"] and "reached" not in CELLS["l06-targets-set"]
    )


def test_a_pandemic_is_no_political_situation():
    assert "border_close" not in CELLS["l06-events"]
    shown = set(re.findall(r'"(\w+_20\d\d)"', CELLS["l06-events"]))
    kinds = load("events").set_index("event_id").loc[sorted(shown), "kind"]
    assert set(kinds) == {"sanctions"}


def test_growth_of_trade_is_no_evidence_that_advice_was_followed():
    assert "c41" not in BOOK.contract["claims"]


def test_a_series_has_one_name():
    for word in ("book", "stands", "told", "wanted", "thousand million"):
        said = re.sub(r"E-?book|bookm", "", WORDS + "".join(t.after for t in EXERCISES))
        assert not re.search(rf"\b{word}s?\b", said), word


# --- the explorer -----------------------------------------------------------------------


def test_bases_of_an_index_that_differ_are_said():
    def draw(**state):
        return explorer("trade").draw(**state)[0]

    words = "Its 100 is 2014, not 2008"
    assert words in draw(counts="all", scale="index", start=2008)
    assert words not in draw(counts="all", scale="linear", start=2008)
    assert "Its 100" not in draw(counts="all", scale="index", start=2014)
    assert "2015 is an estimate" in draw(counts="first", scale="linear", start=2008)


# --- answers ------------------------------------------------------------------------------


def said(name, given):
    found = TASKS[name].judge(given)
    return found.status, found.message


def test_a_year_outside_the_span_is_named():
    assert "2012 to 2016" in said("06.2", {"impress": 2009, "sober": 2014})[1]


def test_pairs_turned_round_are_named():
    for name, given in {
        "06.2": {2015: "impress", 2014: "sober"},
        "06.7": {2018: 100, 2023: 200},
    }.items():
        assert "Turn the pairs round" in said(name, given)[1]


def test_a_table_may_have_its_columns_in_either_order():
    rows = {"year": [2015, 2014], "who": ["impress", "sober"]}
    for table in (pd.DataFrame(rows), pd.DataFrame(rows)[["who", "year"]]):
        assert said("06.2", table)[0] == "passed"
    growth = {"percent": [8.3, 2.6], "series": ["first releases", "later series"]}
    assert said("06.5", pd.DataFrame(growth))[0] == "passed"


def test_a_year_late_is_named():
    assert "a year late" in said("06.7", {100: 2019, 200: 2024})[1]


@pytest.mark.parametrize(
    ("tip", "passes"),
    [
        ("{name}: {tonnes:.1f} million tonnes", True),
        ("{name}: {tonnes:.0f} million", True),
        ("{name} {tonnes}", True),
        ("{name}: 2024", False),
        ("{name} (42.8, 130.6)", False),
        ("{name}: 5 circles", False),
    ],
)
def test_a_tooltip_says_the_tonnes_of_its_row(tip, passes):
    status, words = said("06.8", _circles_map(tip=tip))
    assert (status == "passed") == passes
    assert passes or "does not say the tonnes" in words


@pytest.mark.parametrize("shape", ["{:.0f}", "{:,.0f}", "{:_.0f}"])
def test_tonnes_may_be_written_in_full(shape):
    m = area_map("heilongjiang")
    for row in _tonnes().itertuples():
        tip = f"{row.name_en}: {shape.format(row.value).replace('_', ' ')} t"
        size = (row.value / 50_000) ** 0.5
        folium.CircleMarker([row.lat, row.lon], radius=size, tooltip=tip).add_to(m)
    assert said("06.8", m)[0] == "passed"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: _circles_map(largest=400), "hides the map"),
        (lambda: _circles_map(largest=0.5), "too small to be seen"),
    ],
)
def test_circles_that_nobody_can_read_are_refused(made, words):
    status, found = said("06.8", made())
    assert status == "not yet" and words in found
