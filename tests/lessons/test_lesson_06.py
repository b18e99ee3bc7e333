"""Lesson 06: one series at a time, equal bases, circles that a reader can read."""

import re

import folium
import pandas as pd
import pytest

from course.data import load, read
from course.exercises.verdict import Verdict
from course.explore import explorer
from course.lessons.lesson_06 import (
    _COUNTS,
    _STARTS,
    EXERCISES,
    _drawing,
    _since,
    _tonnes,
)
from course.maps.area import area_map
from course.paths import lessons_dir
from tests.lessons.design import Lesson

TASKS = {task.id: task for task in EXERCISES}
(BOOK,) = (Lesson.read(path) for path in lessons_dir().glob("06_*.ipynb"))
CELLS = {cell["id"]: cell["source"] for cell in BOOK.cells}
START_YEARS = {"impress": 2015, "sober": 2014}
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


def test_years_of_rise_and_fall_are_counted():
    rows = load("bilateral_trade").query("series == 'China customs first release'")
    rates = rows[rows["reporter"] == "CHN"].set_index("year")["yoy_pct"].loc[2022:2025]
    assert (len(rates), (rates > 0).sum(), (rates < 0).sum()) == (4, 3, 1)
    assert "From 2022 to 2025 trade rose in three years and fell in one" in WORDS


def test_the_average_rises_in_both_years_and_faster_in_the_base():
    rows = load("part_year_trade").query("reporter == 'CHN' and partner == 'RUS'")
    rows = rows[rows["year"] == 2017].dropna(subset=["yoy_total_pct"]).sort_values("months")
    after = rows["total_usd_bn"] / rows["months"]
    before = after / (1 + rows["yoy_total_pct"] / 100)
    assert list(rows["months"])[0::3] == [1, 11] and 3 not in list(rows["months"])
    assert before.iloc[0] < after.iloc[0] < after.iloc[-1]
    assert before.iloc[-1] / before.iloc[0] > after.iloc[-1] / after.iloc[0]
    assert (
        "had begun lower, and rose more" in WORDS
        and "leaves out the row of three months" in WORDS
    )


def test_rules_of_valuation_name_their_page():
    for part in ("1998, paragraphs 115-116", "2010, paragraph 4.8", "S.-E. Ollus"):
        assert part in WORDS


def test_the_table_of_the_evidence_can_be_signed():
    names = {
        "later": load("bilateral_trade").query("reporter == 'CHN' and series == 'IMF DOTS'")
    }
    names["later"] = names["later"].query("partner == 'RUS'").set_index("year").sort_index()
    code = CELLS["l06-rates-code"].split("course.table")[0]
    exec(code, names)
    words = "Trade grew by 21.0 percent in 2017. At 88.7 percent of 2014 it was still below it."
    verdict = Verdict(
        "c42",
        "supported in part",
        confidence="medium",
        because=[names["speed"]],
        says=words,
        would_change="A series on investment that did not speed up.",
    )
    assert said("06.9", verdict)[0] == "written"


# --- the explorer -----------------------------------------------------------------------


def test_bases_of_an_index_that_differ_are_said():
    def draw(**state):
        return explorer("trade").draw(**state)[0]

    words = "Its 100 is 2014, not 2008"
    assert words in draw(counts="all", scale="index", start=2008)
    assert words not in draw(counts="all", scale="linear", start=2008)
    assert "Its 100" not in draw(counts="all", scale="index", start=2014)
    assert "2015 is an estimate" in draw(counts="first", scale="linear", start=2008)


def test_a_log_scale_has_numbers_to_read_it_by():
    for start in _STARTS:
        for keys in (["china"], ["russia"], ["first"], list(_COUNTS)):
            rows = pd.concat(_since(key, start) for key in keys)
            axis = _drawing(rows, "log", keys).to_dict()["layer"][-1]["encoding"]["y"]["axis"]
            low, high = rows["total_usd_bn"].min() / 1.02, rows["total_usd_bn"].max() * 1.02
            seen = [tick for tick in axis["values"] if low <= tick <= high]
            assert len(seen) >= 2, (start, keys, seen)


def test_a_short_span_marks_whole_years_once():
    rows = _since("china", 2018)
    axis = _drawing(rows, "log", ["china"]).to_dict()["layer"][-1]["encoding"]["x"]["axis"]
    assert axis["values"] == [2018, 2019, 2020]


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
    status, words = said("06.8", TASKS["06.8"].answer(tip=tip))
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


def test_a_circle_too_many_need_not_be_coal():
    m = TASKS["06.8"].answer()
    folium.CircleMarker([50, 127], radius=9, tooltip="Heihe: 1").add_to(m)
    assert "Are other periods" in said("06.8", m)[1]


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("06.1", 32.39 / 1.3, "imports alone"),
        ("06.1", 32.39 / 0.261, "the rate alone"),
        ("06.2", {"impress": 1994, "sober": 2014}, "1994 lies outside"),
        ("06.3", lambda a, b, n: (b / a) ** (1 / n), "yearly factor"),
        ("06.3", lambda a, b, n: 100 * ((b / a) ** 0.5 - 1), "two years only"),
        ("06.3", lambda a, b, n: 100 * ((b / a) ** (1 / (n + 1)) - 1), "too many"),
        ("06.3", lambda a, b, n: 100 * ((b / a) ** (1 / (n - 1)) - 1), "too few"),
        ("06.5", {"first releases": 1.083, "later series": 1.026}, "factors"),
        ("06.5", {"first releases": 20.92, "later series": 21.05}, "answer for 2017"),
        ("06.5", {"first releases": -7.7, "later series": -2.6}, "Upside down"),
        ("06.5", {"first releases": 8, "later series": 3}, "rounded too far"),
        ("06.6", {2000: 0.91, 2010: 0.77, 2020: 0.87}, "Russia to China, and upside down"),
        ("06.6", {2000: -0.575, 2010: 0.32, 2020: 0.085}, "gaps"),
        ("06.6", {2000: 0.4, 2010: 1.3, 2020: 1.1}, "two decimals"),
        ("06.7", {100: 2014, 200: 2023}, "stayed below 100"),
        ("06.7", {100: 2018, 200: 2022}, "stayed below 200"),
    ],
)
def test_a_slip_is_named(name, given, words):
    assert words in said(name, given)[1]


def test_amounts_in_place_of_years_are_named():
    rows = load("bilateral_trade").query("reporter == 'CHN' and partner == 'RUS'")
    total = rows.set_index(["series", "year"])["total_usd_bn"]
    later = total["IMF DOTS"]
    growth = {who: 100 * (later[2017] / later[n] - 1) for who, n in START_YEARS.items()}
    assert "rates of growth" in said("06.2", growth)[1]
    levels = {who: later[n] for who, n in START_YEARS.items()}
    assert "totals in billions of dollars" in said("06.2", levels)[1]
    passed = {100: later[2018], 200: total["China customs first release"][2023]}
    assert "totals in billions of dollars" in said("06.7", passed)[1]
