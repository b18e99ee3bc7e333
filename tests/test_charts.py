"""Charts: SVG with words and sources, without network."""

import base64
import re
from xml.etree import ElementTree

import altair as alt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def told(svg):
    """What the marks of an SVG say when pointed at."""
    return [e.text for e in ElementTree.fromstring(svg).findall(".//{*}title")]


def svg(drawing):
    """The finished SVG of a chart."""
    return course.chart(drawing, alt=WORDS, sources=SOURCE).svg


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


def test_an_image_of_a_mark_is_linked_as_pages_read_it():
    dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=="
    image = alt.Chart(pd.DataFrame({"dot": [dot]})).mark_image().encode(url="dot:N")
    assert f'xlink:href="{dot}"' in svg(image)


def test_a_year_may_come_without_a_type():
    drawing = alt.Chart(TABLE).mark_point().encode(x=alt.X(field="year"), y="n:Q")
    assert "2016" in texts(svg(drawing))


def test_figure_speaks_and_names_its_source():
    made = course.chart(bars(), alt=f'{WORDS} "<b>"', sources="A & B")
    html = made._repr_html_()
    assert f'alt="{WORDS} &quot;&lt;b&gt;&quot;"' in html
    assert html.count("<b>") == 0
    assert "Source: A &amp; B" in html
    packed = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1]).decode("utf-8")
    assert texts(packed) == texts(made.svg) and told(packed) == []
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


@pytest.mark.parametrize("set_before", ["default", "json", "csv", "vegafusion"])
def test_a_long_table_is_drawn_whole(set_before, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    many = pd.DataFrame({"n": range(6_000), "year": range(6_000)})
    points = alt.Chart(many).mark_point().encode(x="year:Q", y="n:Q")
    with alt.data_transformers.enable(set_before):
        assert course.chart(points, alt=WORDS, sources=SOURCE).svg.count("<path") >= 6_000
    assert not [*tmp_path.iterdir()]


def test_lines_take_the_palette_of_the_course():
    lines = alt.Chart(TABLE).mark_line().encode(x="year:O", y="n:Q", color="city:N")
    svg = course.chart(lines, alt=WORDS, sources=SOURCE).svg.lower()
    drawn = set(re.findall(r'stroke="(#[0-9a-f]{6})"', svg))
    assert {c.lower() for c in COLOURS[:3]} <= drawn


# --- pointing at a mark -----------------------------------------------------------

TRADE = pd.DataFrame(
    {"year": [2016, 2017], "bn": [1234567.25, None], "share": [0.123456, -1234.5678]}
)
YEAR, SHARE = alt.X("year:Q"), alt.Y("share:Q", title="Share, %")
BASE = alt.Chart(TRADE).encode(x=YEAR, y=SHARE)
POINTS = ["Year: 2016; Share, %: 0.1235", "Year: 2017; Share, %: −1,235"]


@pytest.mark.parametrize(
    ("drawing", "answers"),
    [
        (BASE.mark_bar(), POINTS),
        (BASE.mark_point(), POINTS),
        (BASE.mark_line(), POINTS),  # two points, and nothing on the line as a whole
        (BASE.mark_line(point=True, color="red"), POINTS),
        (BASE.mark_line(point={"filled": False}), POINTS),
        (BASE.mark_line(point=False), []),
        (BASE.mark_area(), POINTS),
        (BASE.mark_line() | BASE.mark_bar(), POINTS * 2),
        (BASE.mark_line() & BASE.mark_trail(), POINTS * 2),
        (BASE.mark_bar(aria=False), []),
        (
            BASE.mark_text().encode(text=alt.Text("bn:Q")),
            [f"{POINTS[0]}; bn: 1,234,567.25", f"{POINTS[1]}; bn: no data"],
        ),
        (BASE.mark_bar().encode(y="bn:Q"), ["Year: 2016; bn: 1,234,567.25"]),
        (
            alt.Chart(TABLE).mark_bar().encode(x="n:Q", color=alt.Color("city:N", title=None)),
            ["N: 1; Хабаровск", "N: 2; 哈尔滨", "N: 3; Улаанбаатар"],
        ),
        (alt.Chart(TRADE).mark_rule().encode(y=alt.Y("year:O")), ["Year: 2016", "Year: 2017"]),
        (
            alt.Chart(TABLE).mark_bar().encode(x="n:Q", column="city:N"),
            ["N: 1", "N: 2", "N: 3"],
        ),
        (
            alt.Chart(pd.DataFrame({"day": pd.to_datetime(["2017-06-14"])}))
            .mark_tick()
            .encode(x=alt.X("day:T", title="Date")),
            ["Date: 14 June 2017"],
        ),
    ],
)
def test_a_mark_tells_what_it_shows(drawing, answers):
    assert sorted(told(svg(drawing))) == sorted(answers)


HOSTILE = "<script>alert(1)</script>\" onload='x' & \\ ]]> \x08"


def test_text_from_data_stays_text():
    rows = pd.DataFrame({"name": [HOSTILE], "link": ["javascript:alert(1)"]})
    bars = alt.Chart(rows, title=HOSTILE).mark_bar(clip=True)
    bars = bars.encode(y=alt.Y("name:N", title="<b>"), href="link:N")
    made = course.chart(bars, alt=f"{WORDS} {HOSTILE}", sources=HOSTILE)
    root = ElementTree.fromstring(made.svg)
    assert {e.tag.rpartition("}")[2] for e in root.iter()} <= {
        "svg", "rect", "g", "path", "text", "title", "line", "a", "defs", "clipPath"
    }  # fmt: skip
    names = {name.lower() for e in root.iter() for name in e.attrib}
    assert not [n for n in names if n.startswith("on") or n.endswith("href")]
    html = made._repr_html_()
    assert "<script" not in html and "tabindex" not in html
    assert HOSTILE[:25] in told(made.svg)[0]


@settings(deadline=None, max_examples=25)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12))
def test_any_text_can_stand_in_a_chart(words):
    rows = pd.DataFrame({"n": [1], "words": [words]})
    bars = alt.Chart(rows).mark_bar().encode(x="n:Q", y=alt.Y("words:N", title="w"))
    (answer,) = told(svg(bars))
    assert answer.startswith("N: 1; w: ") or not words.strip()


@pytest.mark.parametrize("words", ["😀" * 40, "a" + "𠮷" * 40])
def test_a_long_label_may_be_cut_inside_a_letter(words):
    rows = pd.DataFrame({"n": [1], "words": [words]})
    (answer,) = told(svg(alt.Chart(rows).mark_bar().encode(x="n:Q", y="words:N")))
    assert answer.startswith("N: 1")


def test_ids_of_two_charts_do_not_meet():
    made = [svg(BASE.mark_bar(clip=True).properties(height=h)) for h in (100, 200)]
    ids = [set(re.findall(r' id="([^"]+)"', s)) for s in made]
    assert ids[0] and not ids[0] & ids[1]
    for own, s in zip(ids, made, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", s)) <= own


# --- the look -----------------------------------------------------------------------


def wide(drawing):
    """The width of a chart."""
    return float(ElementTree.fromstring(svg(drawing)).get("width"))


def test_a_chart_fills_the_page_unless_it_says_otherwise():
    assert wide(BASE.mark_bar()) == wide(BASE.mark_line() + BASE.mark_rule()) == 900
    assert 200 < wide(BASE.mark_bar().properties(width=200)) < 330
    assert 850 < wide(BASE.mark_bar() | BASE.mark_bar()) < 950


@pytest.mark.parametrize("kind", ["Q", "O"])
def test_years_are_written_as_years(kind):
    bars = alt.Chart(TRADE).mark_bar().encode(x=f"year:{kind}", y=alt.Y("share:Q", title=None))
    made = svg(bars)
    assert {"2016", "2017"} <= texts(made) and "rotate(" not in made


def test_the_years_at_the_ends_of_an_axis_stand_under_their_ticks():
    made = svg(alt.Chart(TRADE).mark_line().encode(x="year:Q", y="share:Q"))
    labels = [t for t in ElementTree.fromstring(made).iter() if t.text in ("2016", "2017")]
    assert [t.get("text-anchor") for t in labels] == ["middle"] * 2


@pytest.mark.parametrize("mark", ["line", {"type": "line", "point": True}])
def test_a_dashed_line_is_a_dashed_line_in_the_legend(mark):
    rows = pd.DataFrame({"year": [1, 2] * 2, "n": [1, 2, 3, 4], "who": ["a", "a", "b", "b"]})
    lines = alt.Chart(rows).encode(x="year:Q", y="n:Q", color="who:N", strokeDash="who:N")
    lines.mark = mark
    drawn = ElementTree.fromstring(svg(lines)).iter()
    dashed = [e.get("d") for e in drawn if e.get("stroke-dasharray", "1,0") != "1,0"]
    assert "M-12.2,0L12.2,0" in " ".join(dashed), dashed
