"""Charts: SVG with words and sources, without network."""

import base64
import re
from xml.etree import ElementTree

import altair as alt
import pandas as pd
import pytest

import course
from course.charts import COLOURS
from course.errors import CourseError

WORDS = "Population of three regions in 2020; Primorye is the largest of them."
SOURCE = "Own count"
TABLE = pd.DataFrame(
    {"city": ["Хабаровск", "哈尔滨", "Улаанбаатар"], "n": [1, 2, 3], "year": [2015, 2016, 2017]}
)


def bars(table=TABLE):
    """A small chart with names in three scripts."""
    return alt.Chart(table).mark_bar().encode(x="n:Q", y=alt.Y("city:N", title="Город 城市"))


def texts(svg):
    """The text elements of an SVG."""
    return {e.text for e in ElementTree.fromstring(svg).findall(".//{*}text") if e.text}


def test_text_stays_text_in_every_script():
    made = course.chart(bars(), alt=WORDS, sources=SOURCE)
    assert {*TABLE["city"], "Город 城市"} <= texts(made.svg)


def test_nothing_is_fetched():
    made = course.chart(bars(), alt=WORDS, sources=SOURCE)
    for element in ElementTree.fromstring(made.svg).iter():
        assert not element.tag.endswith(("script", "foreignObject", "image"))
        for name, value in element.attrib.items():
            assert not (name.endswith("href") and value.startswith("http"))
    links = re.findall(r"https?://[^\s\"'<]+", made.svg)
    assert {u for u in links if not u.startswith("http://www.w3.org/")} == set()
    assert re.findall(r'src="([^"]{0,18})', made._repr_html_()) == [
        "data:image/svg+xm"[:18] + "l"
    ]


def test_figure_speaks_and_names_its_source():
    made = course.chart(bars(), alt=f'{WORDS} "<b>"', sources="A & B")
    html = made._repr_html_()
    assert f'alt="{WORDS} &quot;&lt;b&gt;&quot;"' in html
    assert html.count("<b>") == 0
    assert "Source: A &amp; B" in html
    packed = re.search(r"base64,([^\"]+)", html)[1]
    assert base64.b64decode(packed).decode("utf-8") == made.svg
    assert repr(made) == f'Chart: {WORDS} "<b>"'


@pytest.mark.parametrize("words", ["", "too short", " " * 60, None, 5, "x" * 39])
def test_words_are_required(words):
    with pytest.raises(CourseError, match="alt="):
        course.chart(bars(), alt=words, sources=SOURCE)


def test_words_and_sources_must_be_named():
    with pytest.raises(TypeError, match="alt"):
        course.chart(bars(), sources=SOURCE)
    with pytest.raises(TypeError, match="sources"):
        course.chart(bars(), alt=WORDS)


@pytest.mark.parametrize("sources", ["", "   ", None, 3, ["s1"]])
def test_sources_are_required(sources):
    with pytest.raises(CourseError, match="sources="):
        course.chart(bars(), alt=WORDS, sources=sources)


def test_rows_without_sources_are_refused():
    with pytest.raises(CourseError, match="source_id"):
        course.chart(bars(), alt=WORDS, sources=TABLE)


def test_sources_of_the_rows_are_named():
    rows = course.load("region_indicators")
    titles = course.cite(rows).table["title"]
    one = rows[rows["source_id"] == titles.index[0]].head(2)
    html = course.chart(bars(), alt=WORDS, sources=one)._repr_html_()
    assert f"Source: {titles.iloc[0]}"[:40] in html and "more, see" not in html
    html = course.chart(bars(), alt=WORDS, sources=rows)._repr_html_()
    assert f"and {titles.nunique() - 3} more, see course.cite()" in html


@pytest.mark.parametrize("thing", [None, TABLE, "chart", 3])
def test_what_is_no_chart_is_named(thing):
    with pytest.raises(CourseError, match=f"this is a {type(thing).__name__}"):
        course.chart(thing, alt=WORDS, sources=SOURCE)


def test_altairs_long_errors_become_one_line():
    broken = alt.Chart(TABLE).mark_bar().encode(x="nowhere")
    with pytest.raises(CourseError, match=r"^Altair cannot draw this chart: .*:Q") as error:
        course.chart(broken, alt=WORDS, sources=SOURCE)
    assert "\n" not in str(error.value)


def test_a_long_table_is_drawn_whole():
    many = pd.DataFrame({"n": range(6_000), "year": range(6_000)})
    points = alt.Chart(many).mark_point().encode(x="year:Q", y="n:Q")
    assert course.chart(points, alt=WORDS, sources=SOURCE).svg.count("<path") >= 6_000


def test_lines_take_the_palette_of_the_course():
    lines = alt.Chart(TABLE).mark_line().encode(x="year:O", y="n:Q", color="city:N")
    svg = course.chart(lines, alt=WORDS, sources=SOURCE).svg.lower()
    drawn = set(re.findall(r'stroke="(#[0-9a-f]{6})"', svg))
    assert {c.lower() for c in COLOURS[:3]} <= drawn
