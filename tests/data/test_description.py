"""Tables described to a reader, one by one and on a page."""

import re

import pandas as pd
import pytest

import course
from course import cli, data
from course.description import catalogue, runs, to_html
from course.errors import CourseError

NAMES = list(data.resources())


@pytest.mark.parametrize("name", NAMES)
def test_every_table_can_be_described(name):
    shown = course.describe(name)
    html = shown._repr_html_()
    assert html.count("<h3>") == 1
    assert f"{len(shown.frame):,} row" in shown.coverage
    assert shown.resource["title"] in repr(shown)
    for field in shown.resource["schema"]["fields"]:
        assert field["name"] in html


def test_description_escapes_counts_and_cites(package):
    shown = course.describe("t")
    assert "T &amp; co" in shown._repr_html_()
    assert shown.columns.loc["n"].tolist() == ["number", "km", 1, "how far"]
    assert shown.columns.loc["day", "missing"] == 1
    assert list(shown.sources.table.index) == ["s1", "s2"]
    assert shown.coverage == "3 rows."


@pytest.mark.parametrize(
    ("years", "words"),
    [
        ([2001, 2002, 2003], "3 rows, 2001 to 2003, no year missing."),
        ([2001, 2001, 2005], "3 rows, 2001 to 2005, without 2002 to 2004."),
        ([2001, 2003, 2006], "3 rows, 2001 to 2006, without 2002, 2004 to 2005."),
        ([None, None], "2 rows, no years."),
    ],
)
def test_coverage_names_the_gaps(package, years, words):
    shown = course.describe("t")
    shown.frame = pd.DataFrame({"year": years})
    assert shown.coverage == words


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("display.float_format", "{:.0f}".format),
        ("display.chop_threshold", 5),
        ("display.precision", 1),
        ("display.max_colwidth", 8),
        ("display.colheader_justify", "left"),
        ("display.html.use_mathjax", True),
        ("display.max_rows", 1),
        ("display.width", 20),
    ],
)
def test_what_a_notebook_sets_for_pandas_changes_nothing(option, value):
    rows = pd.DataFrame({"n": [1.26, -0.001], "costs": ["$5 to $7, " * 9, "x"]})

    def shown():
        about = course.describe("bilateral_trade")
        return to_html(rows), about._repr_html_(), repr(about)

    before = shown()
    with pd.option_context(option, value):
        assert shown() == before


# --- a table as a reader wants it ---------------------------------------------------

ROWS = pd.DataFrame(
    {
        "place": ["Harbin", "<b>", None],
        "year": [2016, 2017, 2018],
        "persons": [79745093.94, None, 5.0],
        "share": [0.1234567, 1.5, -2.0],
        "day": pd.to_datetime(["2017-06-14", None, "2018-01-01"]),
        "growth": ["+2.0", "-1.5", "not yet known"],
        "exercise": ["06.1", "06.2", "06.3"],
    },
    index=[7, 3, 9],
)


def cells(html):
    """Each cell of a table: its side and its text."""
    found = re.findall(r'<t[hd][^>]*text-align:(\w+)"[^>]*>(.*?)</t[hd]>', html)
    return [(side, re.sub(r"<br><small>(.*?)</small>", r" \1", text)) for side, text in found]


def test_words_stand_left_and_numbers_right_under_heads_that_do_too():
    shown = cells(course.table(ROWS)._repr_html_())
    sides = ["left", "right", "right", "right", "left", "left", "left"]
    assert [side for side, _text in shown] == sides * 4
    assert [text for _side, text in shown[7:]] == [
        *("Harbin", "2016", "79,745,094", "0.1235", "2017-06-14", "+2.0", "06.1"),
        *("&lt;b&gt;", "2017", "no data", "1.5000", "", "-1.5", "06.2"),
        *("", "2018", "5", "-2.0000", "2018-01-01", "not yet known", "06.3"),
    ]


def test_a_named_index_is_shown_and_a_leftover_one_is_not():
    assert cells(course.table(ROWS)._repr_html_())[0] == ("left", "place")
    named = cells(course.table(ROWS.set_index("year"))._repr_html_())
    assert named[0] == ("right", "year") and named[7] == ("right", "2016")
    both = ROWS.assign(what="a").pivot(index="place", columns=["what", "year"], values="share")
    assert cells(to_html(both))[1] == ("right", "a, 2016")
    words = pd.Series([1, 20000], index=["a", "b"])
    assert cells(to_html(words)) == [
        *(("left", ""), ("right", "")),
        *(("left", "a"), ("right", "1"), ("left", "b"), ("right", "20,000")),
    ]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ([0.00001234, 0.5, 0.0], ["0.0000123", "0.5", "0.0"]),
        ([12345.678, 0.4, 1.4], ["12,346", "0.4", "1.4"]),
        ([-0.0, -0.00002, 3e6], ["0", "-0.00002", "3,000,000"]),
        ([1e-12, 1e300, float("inf")], ["1e-12", "1e+300", "inf"]),
        ([1999.0, 2017.0], ["1999", "2017"]),
        ([1999.0, 2117.0], ["1,999", "2,117"]),
        (pd.array([1, None], "Int64"), ["1", "no data"]),
        (pd.array([True, None], "boolean"), ["True", ""]),
        (pd.Categorical([2, None]), ["2", ""]),
        ([1 + 2j], ["(1+2j)"]),
    ],
)
def test_no_number_is_rounded_away_and_no_truth_is_a_number(given, written):
    shown = course.table(pd.DataFrame({"tonnes_a_year": given}))
    assert [text for _side, text in cells(shown._repr_html_())][1:] == written
    assert all(text in repr(shown) for text in written)


@pytest.mark.parametrize(
    ("index", "seen"),
    [([2014, 2017], True), ([0.25, 0.75], True), ([False, True], True), ([3, 1], False)],
)
def test_an_unnamed_index_that_says_something_is_shown(index, seen):
    shown = cells(to_html(pd.Series([5, 6], index=index, name="n")))
    assert [text for _side, text in shown[::2]] == (
        ["", *map(str, index)] if seen else ["n", "6"]
    )


def test_rows_of_a_long_table_are_not_numbered():
    rows = course.load("region_indicators").iloc[1600:1602]
    assert cells(to_html(rows))[0][1] == rows.columns[0]


@pytest.mark.parametrize("first", [0, -1, "3", None, 2.5])
def test_rows_to_show_that_are_no_count_are_named(first):
    with pytest.raises(CourseError, match="a whole number"):
        course.table(ROWS, first=first)


def test_units_of_the_descriptor_stand_in_the_head():
    trade = course.load("bilateral_trade")
    assert ("right", "total_usd_bn USD bn") in cells(course.table(trade)._repr_html_())
    assert "total_usd_bn (USD bn)" in repr(course.table(trade, first=2))


def test_the_cut_is_said():
    claims = course.load("claims")
    few = course.table(claims, first=3)
    assert few.note == "The first 3 of 49 rows." and few._repr_html_().count("<tr>") == 4
    assert few.note in few._repr_html_() and repr(few).endswith(few.note)
    assert "49 rows." in course.table(claims)._repr_html_()
    assert "rows" not in course.table(ROWS[["place"]])._repr_html_()


def test_the_list_of_tables_reads_like_a_table():
    listed = course.tables()
    assert listed._repr_html_() == to_html(listed) and isinstance(listed, pd.DataFrame)
    assert all(
        name in repr(listed) and title in repr(listed)
        for name, title in listed["title"].items()
    )
    assert type(listed.head()) is pd.DataFrame  # what is made of it is plain


def test_rows_are_handed_back_unchanged_and_other_things_named():
    before = ROWS.copy()
    assert course.table(ROWS).rows is ROWS and ROWS.equals(before)
    assert to_html(ROWS.iloc[:0]).count("<tr>") == 1
    with pytest.raises(CourseError, match="this is a list"):
        course.table([1, 2])


def test_describing_an_unknown_table_helps():
    with pytest.raises(CourseError, match="Did you mean 'places'"):
        course.describe("place")


def test_years_are_written_as_runs():
    assert runs([1996, 1997, 1998, 2003]) == "1996 to 1998, 2003"
    assert runs([]) == ""


# --- the page -------------------------------------------------------------------


@pytest.fixture(scope="module")
def page():
    """The catalogue."""
    return catalogue()


def test_every_table_and_every_column_is_on_the_page(page):
    for name, resource in data.resources().items():
        part = page.split(f'<section id="{name}">')[1].split("</section>")[0]
        for field in resource["schema"]["fields"]:
            assert f">{field['name']}</td>" in part, (name, field["name"])
            if field.get("unit"):
                assert f">{field['unit']}</td>" in part
        assert re.search(r"Licence: \w", part)
    assert page.count("<h1>") == 1 and '<html lang="en">' in page


def test_it_fetches_nothing_and_its_links_lead_somewhere(page):
    assert re.findall(r"<(?:script|link|img|iframe)\b", page) == []
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets == set(re.findall(r'<section id="([^"]+)">', page)) == set(NAMES)


def test_hidden_tables_are_not_on_it(package):
    assert re.findall(r'<section id="([^"]+)">', catalogue()) == ["t", "sources", "g"]


def test_the_command_writes_it(tmp_path, capsys):
    assert cli.main(["catalogue", str(tmp_path / "data.html")]) == 0
    assert "data.html" in capsys.readouterr().out
    assert (tmp_path / "data.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize("name", ["folder", "nowhere/x.html", "01_x.ipynb"])
def test_a_place_that_will_not_do_is_told_in_a_sentence(tmp_path, capsys, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "01_x.ipynb").write_text("work", encoding="utf-8")
    assert cli.main(["catalogue", str(tmp_path / name)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("course catalogue: ") and said.count("\n") == 1
    assert (tmp_path / "01_x.ipynb").read_text(encoding="utf-8") == "work"
