"""Tables described to a reader."""

import pandas as pd
import pytest

import course
from course import data
from course.description import runs
from course.errors import CourseError

NAMES = [r["name"] for r in data.package()["resources"]]


@pytest.mark.parametrize("name", NAMES)
def test_every_table_can_be_described(name):
    shown = course.describe(name)
    html = shown._repr_html_()
    assert html.count("<h4>") == 1
    assert str(len(shown.frame)) in shown.coverage
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
        ([2001, 2001, 2005], "3 rows, 2001 to 2005, without 2002-2004."),
        ([2001, 2003, 2006], "3 rows, 2001 to 2006, without 2002, 2004-2005."),
        ([None, None], "2 rows, no years."),
    ],
)
def test_coverage_names_the_gaps(package, years, words):
    shown = course.describe("t")
    shown.frame = pd.DataFrame({"year": years})
    assert shown.coverage == words


def test_describing_an_unknown_table_helps():
    with pytest.raises(CourseError, match="Did you mean 'places'"):
        course.describe("place")


def test_years_are_written_as_runs():
    assert runs([1996, 1997, 1998, 2003]) == "1996 to 1998, 2003"
    assert runs([]) == ""
