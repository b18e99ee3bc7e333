"""The figures behind a live map: which rows it shows, in which classes and colours."""

import itertools
import json
import math
import re
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course.data import read
from course.errors import CourseError
from course.maps import area as maps
from course.maps import series

AREAS = list(maps.AREAS)
INDICATORS = ["population", *read("indicators")["indicator_id"]]
FAR_EAST = sorted(
    f["properties"]["region_id"] for f in maps.region_shapes("far_east")["features"]
)


def packed(made):
    """A series as the page holds it, and the titles of its sources."""
    content = json.loads(json.dumps(series.payload([made], "YlGnBu_09")))
    [indicator] = content["indicators"]
    return indicator, content["sources"]


def cells(indicator):
    """A packed indicator as {(region, year): value}."""
    return {
        (region, year): value
        for region, values in indicator["values"].items()
        for year, value in zip(indicator["years"], values, strict=True)
        if value is not None
    }


def own(**columns):
    """A small table of one's own."""
    frame = {"region_id": FAR_EAST[:3] * 2, "year": [2010] * 3 + [2015] * 3}
    return pd.DataFrame(frame | {"value": [1.0, 2, 3, 4, 5, 6]} | columns)


def taken(frame, title="mine", unit=""):
    """The series of a table of one's own."""
    return series.own_series(frame, "far_east", title, unit)


# --- every indicator, every area ---------------------------------------------


@pytest.mark.parametrize(("name", "area"), list(itertools.product(INDICATORS, AREAS)))
def test_page_holds_exactly_what_the_table_says(name, area):
    try:
        made = series.load_series(name, area, None)
    except CourseError as error:
        assert "There are no figures for" in str(error)
        parts = series._COMBINED.get(name, (name,))
        rows = read("region_indicators")
        rows = rows[rows["indicator_id"].isin(parts)]
        assert not any(maps.in_area(r, area) for r in rows["region_id"])
        return
    indicator, sources = packed(made)
    parts = series._COMBINED.get(name, (name,))
    rows = read("region_indicators")
    rows = rows[rows["indicator_id"].isin(parts)].fillna({"vintage": ""})
    titles = read("sources").set_index("source_id")["title"]
    shown = cells(indicator)
    assert shown
    editions = {}
    for (region, year), value in shown.items():
        assert maps.in_area(region, area)
        facts = rows[(rows["region_id"] == region) & (rows["year"] == year)]
        facts = facts[facts["value"] == value]
        assert len(facts), (region, year, value)
        index = indicator["sources"][region][indicator["years"].index(year)]
        assert sources[index] in set(titles.loc[facts["source_id"]])
        kinds = set(zip(facts["indicator_id"], facts["vintage"], strict=True))
        editions.setdefault(region[:2], []).append(kinds)
    for country, kinds in editions.items():  # one edition explains all of a country
        assert set.intersection(*kinds), country


def test_colours_and_classes_fit_together():
    for name in INDICATORS:
        indicator, _ = packed(series.load_series(name, "borderland", None))
        assert indicator["bins"] == sorted(set(indicator["bins"]))
        assert len(indicator["colours"]) == len(indicator["bins"]) + 1
        assert len(set(indicator["colours"])) == len(indicator["colours"])
        assert all(re.fullmatch("#[0-9a-fA-F]{6}", c) for c in indicator["colours"])


# --- editions ----------------------------------------------------------------


def test_all_regions_of_a_country_show_the_same_edition():
    rows = pd.DataFrame(
        {
            "region_id": ["RU-A", "RU-A", "RU-A", "RU-B", "RU-B", "CN-C"],
            "year": [2010, 2011, 2011, 2011, 2011, 2011],
            "value": [1.0, 2, 3, 4, 5, 6],
            "vintage": ["old", "old", "new", "new", "old", None],
        }
    )
    kept = series._one_edition(rows, "x", None)
    assert list(kept["value"]) == [1, 2, 5, 6]
    assert list(series._one_edition(rows, "x", "new")["value"]) == [3, 4, 6]
    with pytest.raises(CourseError, match=r"no vintage 'nwe'. Did you mean 'new'"):
        series._one_edition(rows, "x", "nwe")


def test_a_tie_between_editions_does_not_depend_on_row_order():
    rows = pd.DataFrame(
        {
            "region_id": ["RU-A"] * 2,
            "year": [2011] * 2,
            "value": [1.0, 2],
            "vintage": ["a", "b"],
        }
    )
    assert list(series._one_edition(rows, "x", None)["value"]) == [2]
    assert list(series._one_edition(rows[::-1], "x", None)["value"]) == [2]


def test_a_country_is_counted_in_one_way():
    rows = pd.DataFrame(
        {
            "region_id": ["RU-A", "RU-B", "CN-C"],
            "indicator_id": ["mean", "census", "census"],
        }
    )
    kept = series._one_count(rows, ("mean", "census"))
    assert list(kept["region_id"]) == ["RU-A", "CN-C"]


def test_map_without_editions_refuses_one():
    frame = read("region_indicators").fillna({"vintage": ""})
    sizes = frame.groupby("indicator_id")["vintage"].agg(lambda v: set(v) == {""})
    with pytest.raises(CourseError, match="none; leave it out"):
        series.load_series(sizes[sizes].index[0], "borderland", "2019")


def test_every_edition_can_be_asked_for():
    frame = read("region_indicators")
    frame = frame[frame["vintage"].notna() & (frame["vintage"] != "")]
    for (name, vintage), rows in frame.groupby(["indicator_id", "vintage"]):
        area = next(
            (a for a in AREAS if any(maps.in_area(r, a) for r in rows["region_id"])), None
        )
        if area is None:
            continue
        indicator, _ = packed(series.load_series(name, area, vintage))
        for (region, year), value in cells(indicator).items():
            fact = rows[(rows["region_id"] == region) & (rows["year"] == year)]
            assert fact["value"].iloc[0] == value


# --- a table of one's own ----------------------------------------------------

figures = st.lists(
    st.tuples(
        st.sampled_from(FAR_EAST),
        st.integers(1990, 2024),
        st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.integers(-(10**9), 10**9)),
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=figures, numpy=st.booleans(), data=st.data())
def test_own_rows_arrive_whatever_their_order_and_type(rows, numpy, data):
    frame = pd.DataFrame(rows, columns=["region_id", "year", "value"])
    frame = frame.iloc[data.draw(st.permutations(range(len(frame))))]
    frame = frame.astype({"year": np.int32 if numpy else object})
    expected = {(r, y): float(v) for r, y, v in rows if math.isfinite(v)}
    if not expected:
        with pytest.raises(CourseError, match="has a number"):
            taken(frame)
        return
    content = series.payload([taken(frame)], "viridis")
    assert cells(content["indicators"][0]) == expected
    assert "NaN" not in json.dumps(content) and "Infinity" not in json.dumps(content)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (own().rename(columns={"value": "amount"}), "yours lacks value"),
        (own().drop(columns=["year", "region_id"]), "yours lacks region_id, year"),
        (own(value=list("abcdef")), "has a number in both"),
        (own(value=[math.nan] * 6), "has a number in both"),
        (own().head(0), "has a number in both"),
        (own(year=[2010.5] * 6), "whole number"),
        (own(year=[2010] * 6), "more than one value for .* in 2010"),
        (pd.concat([own(), own().head(1)]), "more than one value"),
        (own(region_id=["Amur", "Khabarovsk", "Sakha"] * 2), "None of your region_id values"),
        (own(region_id=[math.nan, None, 3] * 2), "None of your region_id values"),
        (
            own(year=pd.to_datetime(["2010", "2015"] * 3)),
            r"column year holds dates.*\.dt\.year",
        ),
        (own(year=pd.to_datetime(["2010"] * 6, utc=True)), "column year holds dates"),
        (own(year=pd.period_range("2010", periods=6, freq="Y")), "column year holds dates"),
        (own(year=[2010, 2011, None, date(2012, 1, 1), 2013, 2014]), "such as 2012-01-01"),
        (
            own(value=pd.to_timedelta(range(6), unit="D")),
            r"column value holds dates.*\.dt\.days",
        ),
    ],
)
def test_own_table_with_a_mistake_is_explained(frame, words):
    with pytest.raises(CourseError, match=words):
        taken(frame)


def test_own_table_forgives_what_does_no_harm():
    frame = own(value=["1", "2", None, "4", "5", "n/a"], extra=1)
    frame.loc[len(frame)] = ["XX-YY", 2010, "9", 1]
    frame.index = range(7, 0, -1)
    indicator, _ = packed(taken(frame, "Ports <b>", "berths"))
    assert sorted(cells(indicator).values()) == [1, 2, 4, 5]
    assert indicator["label"] == {"en": "Ports <b>"}
    assert indicator["unit"]["en"] == "berths"
    assert frame.shape == (7, 4)  # the student's table stays as it was


def test_dates_that_are_missing_are_only_missing():
    frame = own(year=[2010, 2010, 2010, pd.NaT, None, 2015])
    assert len(taken(frame)["rows"]) == 4


def test_own_table_keeps_its_sources():
    known = read("sources")["source_id"].iloc[0]
    _, sources = packed(taken(own(source_id=[known, "my notes"] * 3)))
    assert sources == [read("sources")["title"].iloc[0], "my notes"]


# --- classes -----------------------------------------------------------------

finite = st.floats(-1e12, 1e12, allow_nan=False).map(lambda v: round(v, 3))


@given(st.lists(finite, min_size=1, max_size=60), st.integers(2, 9))
def test_class_limits_rise_and_merge_nothing(values, classes):
    figures = pd.Series(values)
    limits = series.class_breaks(figures, classes)
    assert all(a < b for a, b in itertools.pairwise(limits))
    assert 1 <= len(limits) <= classes - 1
    exact = figures.quantile([k / classes for k in range(1, classes)]).unique()
    noise = 1e-12 * figures.abs().max() + 1e-9
    for limit in limits:  # each is a quantile, rounded
        assert min(abs(limit - q) for q in exact) <= 0.051 * abs(limit) + noise


@given(finite, st.integers(1, 20))
def test_constant_data_is_two_classes(value, count):
    assert len(series.class_breaks(pd.Series([value] * count))) == 1


@pytest.mark.parametrize(
    ("values", "limits"),
    [
        ([0] * 9, [0]),
        (range(1, 7), [1.8, 2.7, 3.5, 4.3, 5.2]),
        ([-20, -10, 0, 10, 20, 30, 40], [-10, 0, 10, 20, 30]),
        (
            [104.1, 104.2, 104.3, 104.4, 104.5, 104.6, 104.7],
            [104.2, 104.3, 104.4, 104.5, 104.6],
        ),
    ],
)
def test_class_limits_are_round(values, limits):
    assert series.class_breaks(pd.Series(values, dtype=float)) == limits


def test_growth_indices_keep_their_classes():
    values = pd.Series(np.linspace(97, 109, 50))
    assert len(series.class_breaks(values)) == 5


# --- colours -----------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 6])
def test_colours_are_as_many_as_asked_for(count):
    assert len(set(series._colours("viridis", count))) == count


def test_unknown_palette_is_explained():
    with pytest.raises(CourseError, match="There is no palette 'rainbow'"):
        series.payload([taken(own())], "rainbow")
