"""The figures behind a live map: which rows it shows, in which classes and colours."""

import itertools
import json
import math
import re
from time import process_time

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course.data import read
from course.errors import CourseError
from course.maps import series
from course.maps.atlas import region_ids, region_shapes

AREAS = list(read("areas")["area_id"])
COUNTED = ["population_annual_average", "population_year_end", "population_census"]
INDICATORS = {"population": COUNTED} | {i: [i] for i in read("indicators")["indicator_id"]}
FAR_EAST = sorted(f["properties"]["region_id"] for f in region_shapes("far_east"))


def packed(made):
    """A series as the page holds it, and the titles of its sources."""
    content = json.loads(json.dumps(series.payload([made])))
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


def taken(frame, title="mine", unit="", center=None):
    """The series of a table of one's own."""
    return series.own_series(frame, "far_east", title, unit, center)


# --- every indicator, every area ---------------------------------------------


@pytest.mark.parametrize("area", AREAS)
def test_page_holds_exactly_what_the_table_says(area):
    table = read("region_indicators").fillna({"vintage": ""})
    known = read("sources").set_index("source_id")[["title", "publisher"]]
    for name, parts in INDICATORS.items():
        rows = table[table["indicator_id"].isin(parts)]
        if not rows["region_id"].isin(region_ids(area)).any():
            with pytest.raises(CourseError, match="There are no figures for"):
                series.load_series(name, area)
            continue
        indicator, sources = packed(series.load_series(name, area))
        for words in (indicator["label"], indicator["unit"], indicator["reads"]):
            assert set(words) == {"en", "ru", "zh", "mn"} and all(words.values())
        for code, words in indicator["reads"].items():
            assert words.count("{value}") == 1 and "{value}" not in indicator["unit"][code]
        assert indicator["bins"] == sorted(set(indicator["bins"]))
        assert len(indicator["colours"]) == len(indicator["bins"]) + 1
        shown = cells(indicator)
        assert shown
        editions = {}
        facts = rows.groupby(["region_id", "year"])
        for (region, year), value in shown.items():
            assert region in region_ids(area)
            fact = facts.get_group((region, year))
            fact = fact[fact["value"] == value]
            assert len(fact), (region, year, value)
            index = indicator["sources"][region][indicator["years"].index(year)]
            assert sources[index] in known.loc[fact["source_id"]].to_dict("records")
            kinds = set(zip(fact["indicator_id"], fact["vintage"], strict=True))
            editions.setdefault(region[:2], []).append(kinds)
        for country, kinds in editions.items():  # one edition explains all of a country
            assert set.intersection(*kinds), country


def test_an_unknown_indicator_or_area_is_explained():
    with pytest.raises(CourseError, match="Did you mean 'population'"):
        series.load_series("populatoin", "far_east")
    with pytest.raises(CourseError, match="Did you mean 'far_east'"):
        series.load_series("population", "fareast")


# --- editions ----------------------------------------------------------------


def of_editions(*rows):
    """Figures of one indicator: (region, year, edition)."""
    frame = pd.DataFrame(rows, columns=["region_id", "year", "vintage"])
    return frame.assign(value=range(1, len(frame) + 1), indicator_id="x")


def test_all_regions_of_a_country_show_the_same_edition():
    old = ("RU-A", 2010, "old"), ("RU-A", 2011, "old"), ("RU-B", 2011, "old")
    rows = of_editions(*old, ("RU-A", 2011, "new"), ("RU-B", 2011, "new"), ("CN-C", 2011, None))
    assert list(series.one_edition(rows, ["x"])["value"]) == [1, 2, 3, 6]


def test_a_tie_between_editions_does_not_depend_on_row_order():
    rows = of_editions(("RU-A", 2011, "a"), ("RU-A", 2011, "b"))
    assert list(series.one_edition(rows, ["x"])["value"]) == [2]
    assert list(series.one_edition(rows[::-1], ["x"])["value"]) == [2]


def test_a_country_is_counted_in_one_way():
    rows = of_editions(
        ("RU-A", 1, None), ("RU-B", 1, None), ("CN-C", 1, None), ("RU-D", 1, None)
    )
    rows["indicator_id"] = ["mean", "census", "census", "census"]
    assert list(series.one_edition(rows, ["mean", "census"])["value"]) == [1, 3]


# --- years -------------------------------------------------------------------


def test_a_missing_year_shows_the_one_before_or_the_first():
    made = taken(own())
    asked = [1999, 2009, 2010, 2011, 2014, 2015, 2016]
    assert [made.shown_year(y) for y in asked] == [2010] * 5 + [2015] * 2
    later = taken(own(year=[2009] * 3 + [2016] * 3))
    content = series.payload([made, later])
    assert content["years"] == [2009, 2010, 2015, 2016]
    assert [i["shown"] for i in content["indicators"]] == [
        [2010, 2010, 2015, 2015],
        [2009, 2009, 2009, 2016],
    ]


def test_the_fullest_year_is_the_latest_with_most_regions():
    assert taken(own()).fullest_year == 2015
    assert taken(own().drop(index=5)).fullest_year == 2010


def test_packing_takes_as_long_as_there_are_rows():
    def seconds(years):
        frame = pd.DataFrame({"region_id": "RU-AMU", "year": range(years)})
        made = taken(frame.assign(value=frame["year"]))
        begin = process_time()
        series.payload([made])
        return process_time() - begin

    seconds(1000)
    small, large = min(seconds(1000) for _ in range(3)), min(seconds(16_000) for _ in range(3))
    assert large < 60 * small  # 256 times as long if each row were looked up in all years


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
@given(rows=figures, kind=st.sampled_from(["int32", "float", "Int64"]), data=st.data())
def test_own_rows_arrive_whatever_their_order_and_type(rows, kind, data):
    frame = pd.DataFrame(rows, columns=["region_id", "year", "value"])
    frame = frame.iloc[data.draw(st.permutations(range(len(frame))))]
    frame = frame.astype({"year": kind, "value": float})
    expected = {(r, y): float(v) for r, y, v in rows if math.isfinite(v) and abs(v) < 1e300}
    if not expected:
        with pytest.raises(CourseError, match="None of your rows has numbers"):
            taken(frame)
        return
    content = series.payload([taken(frame)])
    assert cells(content["indicators"][0]) == expected
    json.dumps(content, allow_nan=False)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (
            own().rename(columns={"value": "amount"}),
            "region_id, year and value; .* amount. Rename",
        ),
        (pd.concat([own(), own()["value"]], axis=1), "one column each .*, value, value"),
        (own(value=list("abcdef")), "value must hold numbers"),
        (own(value=pd.Series([10**400] * 6, dtype=object)), "value must hold numbers"),
        (own(year=pd.to_datetime(["2010", "2015"] * 3)), r"must hold numbers.*\.dt\.year"),
        (own(value=pd.to_timedelta(range(6), unit="D")), r"must hold numbers.*\.dt\.days"),
        (own(year=pd.period_range("2010", periods=6, freq="Y")), "must hold numbers"),
        (own(value=[math.nan] * 6), "None of your rows has numbers"),
        (own().head(0), "None of your rows has numbers"),
        (own(year=[2010.5] * 6), "whole number; yours has 2010.5"),
        (own(year=[1e200] * 6), "None of your rows has numbers"),
        (own(year=[2010] * 6), "more than one value for RU-AMU in 2010"),
        (own(region_id=["Amur", "Khabarovsk", "Sakha"] * 2), "These look like 'RU-AMU'"),
        (own(region_id=[math.nan, None, [3]] * 2), "These look like 'RU-AMU'"),
    ],
)
def test_own_table_with_a_mistake_is_explained(frame, words):
    with pytest.raises(CourseError, match=words):
        taken(frame)


def test_own_table_forgives_what_does_no_harm():
    frame = own(value=[1, 2, math.nan, 4, 5, math.inf], extra=1)
    frame.loc[len(frame)] = ["XX-YY", 2010, 9, 1]
    frame.index = range(7, 0, -1)
    before = frame.copy()
    indicator, _ = packed(taken(frame, "Ports <b>", "berths"))
    assert sorted(cells(indicator).values()) == [1, 2, 4, 5]
    assert indicator["label"] == {"en": "Ports <b>"} and indicator["unit"] == {"en": "berths"}
    assert frame.equals(before)  # the student's table stays as it was
    assert packed(taken(own(), unit="persons"))[0]["unit"]["zh"] == "人"
    text = own(value=list("123456"), year=["2010"] * 3 + ["2015"] * 3)
    assert cells(packed(taken(text))[0]) == cells(packed(taken(own()))[0])


@pytest.mark.parametrize("odd", [["x"], {"x": 1}, b"x", {"x"}])
def test_own_sources_may_be_anything(odd):
    rows = {
        "region_id": ["RU-AMU", "RU-PRI"],
        "year": 2020,
        "value": 1.0,
        "source_id": [odd, None],
    }
    own = series.own_series(pd.DataFrame(rows), "far_east", "", "")
    assert set(series.payload([own])["sources"]) == {str(odd)}


def test_own_table_keeps_its_sources():
    known = read("sources").iloc[0]
    _, sources = packed(taken(own(source_id=[known["source_id"], "my notes"] * 3)))
    assert sources == {
        known["source_id"]: known[["publisher", "title"]].to_dict(),
        "my notes": {"publisher": "my notes", "title": "my notes"},
    }
    assert packed(taken(own(source_id=[None, pd.NA, math.nan] * 2)))[1] == {}


# --- classes -----------------------------------------------------------------

finite = st.floats(-1e12, 1e12, allow_nan=False).map(lambda v: round(v, 3))


@settings(deadline=None)
@given(st.lists(finite, min_size=1, max_size=60))
def test_class_limits_rise_and_merge_nothing(values):
    figures = pd.Series(values)
    limits = series.class_breaks(figures)
    assert all(a < b for a, b in itertools.pairwise(limits)) and 1 <= len(limits) <= 5
    exact = figures.quantile([k / 6 for k in range(1, 6)]).unique()
    noise = 1e-12 * figures.abs().max() + 1e-9
    for limit in limits:  # each is a quantile, rounded
        assert min(abs(limit - q) for q in exact) <= 0.051 * abs(limit) + noise


@pytest.mark.parametrize(
    ("values", "limits"),
    [
        ([0] * 9, [0]),
        ([-2.5] * 3, [-2.5]),
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


@settings(deadline=None)
@given(st.lists(finite, min_size=1, max_size=60), st.sampled_from([-5.0, 0, 0.1, 1, 100]))
def test_classes_about_a_center_are_symmetric(values, center):
    limits = series.class_breaks(pd.Series(values), center)
    assert center in limits and limits == sorted(set(limits)) and len(limits) <= 5
    hair = 1e-9 * (1 + max(map(abs, values)))
    for limit in limits:
        mirror = 2 * center - limit
        reached = min(values) + hair < mirror < max(values) - hair
        assert not reached or any(abs(mirror - other) < hair for other in limits)
    indicator, _ = packed(
        taken(own(value=[center + x for x in (-2, -1, 0, 1, 2, 9)]), center=center)
    )
    assert indicator["center"] == center and center in indicator["bins"]


@pytest.mark.parametrize(
    ("values", "center", "limits", "below"),
    [
        ([-9, -6, -3, 0, 3, 6, 9], 0, [-7, -5, 0, 5, 7], 3),
        ([0.1, 0.5, 0.9, 1, 1.5, 2.5, 4], 1, [0.5, 1, 1.5, 2.1], 2),
        ([100] * 9, 100, [100], 1),
        ([1, 2, 3], 100, [1.7, 2.3, 100], 3),
    ],
)
def test_classes_about_a_center(values, center, limits, below):
    found = series.class_breaks(pd.Series(values, dtype=float), center)
    assert found == limits
    colours = series.class_colours(len(found) + 1, found.index(center) + 1)
    whole = series.class_colours(6, 3)  # a side with fewer classes keeps the pale ones
    assert colours == whole[3 - below : 3 + len(found) + 1 - below]


@pytest.mark.parametrize("center", ["1", float("nan"), float("inf"), [1], 10**400])
def test_a_center_is_a_number(center):
    with pytest.raises(CourseError, match="center is a number, such as 0, 1 or 100"):
        taken(own(), center=center)


@pytest.mark.parametrize("count", [1, 2, 6])
def test_colours_are_as_many_as_asked_for(count):
    colours = series.class_colours(count)
    assert len(set(colours)) == count
    assert all(re.fullmatch("#[0-9a-fA-F]{6}", c) for c in colours)


def test_growth_indices_keep_their_classes():
    assert len(series.class_breaks(pd.Series(np.linspace(97, 109, 50)))) == 5
