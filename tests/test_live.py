"""The live map: what its page holds, and what it says to wrong wishes."""

import itertools
import json
import math
import re

import folium
import numpy as np
import pandas as pd
import pytest
from folium.plugins import HeatMap, MarkerCluster
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import course
from course import live, maps
from course.data import CourseError, read

AREAS, LANGUAGES = list(maps.AREAS), list(maps.LANGUAGES)
INDICATORS = ["population", *read("indicators")["indicator_id"]]
FAR_EAST = sorted(f["properties"]["region_id"] for f in maps.region_shapes("far_east")["features"])


def payload(made):
    """What the page of a live map holds."""
    return json.loads(made._layer.data.replace("<\\/", "</"))


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


@pytest.fixture(scope="module")
def population():
    """The map of lesson 02."""
    return course.LiveMap("population")


# --- every indicator, every area ---------------------------------------------


@pytest.mark.parametrize(("name", "area"), list(itertools.product(INDICATORS, AREAS)))
def test_page_holds_exactly_what_the_table_says(name, area):
    try:
        made = course.LiveMap(name, area)
    except CourseError as error:
        assert "There are no figures for" in str(error)
        parts = live._COMBINED.get(name, (name,))
        rows = read("region_indicators")
        rows = rows[rows["indicator_id"].isin(parts)]
        assert not any(maps.in_area(r, area) for r in rows["region_id"])
        return
    content = payload(made)
    [indicator] = content["indicators"]
    parts = live._COMBINED.get(name, (name,))
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
        assert content["sources"][index] in set(titles.loc[facts["source_id"]])
        kinds = set(zip(facts["indicator_id"], facts["vintage"], strict=True))
        editions.setdefault(region[:2], []).append(kinds)
    for country, kinds in editions.items():  # one edition explains all of a country
        assert set.intersection(*kinds), country


@pytest.mark.parametrize(("name", "language"), list(itertools.product(INDICATORS, LANGUAGES)))
def test_every_indicator_in_every_language(name, language):
    made = course.LiveMap(name, language=language)
    page = made._html()
    assert payload(made)["start"]["language"] == language
    assert f'"language":"{language}"' in page
    [indicator] = payload(made)["indicators"]
    assert indicator["label"]["en"] and indicator["unit"]["en"]
    assert all(set(words) <= set(LANGUAGES) for words in (indicator["label"], indicator["unit"]))


def test_area_is_shown_whole():
    for area in AREAS:
        content = payload(course.LiveMap("population", area))
        (south, west), (north, east) = content["bounds"]
        labels = read("regions").set_index("region_id")
        for properties in content["regions"]:
            lat, lon = labels.loc[properties["region_id"], ["label_lat", "label_lon"]]
            assert south <= lat <= north and west <= lon % 360 <= east, properties


def test_colours_and_classes_fit_together():
    for name in INDICATORS:
        [indicator] = payload(course.LiveMap(name))["indicators"]
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
    kept = live._one_edition(rows, "x", None)
    assert list(kept["value"]) == [1, 2, 5, 6]
    assert list(live._one_edition(rows, "x", "new")["value"]) == [3, 4, 6]
    with pytest.raises(CourseError, match=r"no vintage 'nwe'. Did you mean 'new'"):
        live._one_edition(rows, "x", "nwe")


def test_a_tie_between_editions_does_not_depend_on_row_order():
    rows = pd.DataFrame(
        {"region_id": ["RU-A"] * 2, "year": [2011] * 2, "value": [1.0, 2], "vintage": ["a", "b"]}
    )
    assert list(live._one_edition(rows, "x", None)["value"]) == [2]
    assert list(live._one_edition(rows[::-1], "x", None)["value"]) == [2]


def test_a_country_is_counted_in_one_way():
    rows = pd.DataFrame(
        {
            "region_id": ["RU-A", "RU-B", "CN-C"],
            "indicator_id": ["mean", "census", "census"],
        }
    )
    kept = live._one_count(rows, ("mean", "census"))
    assert list(kept["region_id"]) == ["RU-A", "CN-C"]


def test_map_without_editions_refuses_one():
    frame = read("region_indicators").fillna({"vintage": ""})
    sizes = frame.groupby("indicator_id")["vintage"].agg(lambda v: set(v) == {""})
    with pytest.raises(CourseError, match="none; leave it out"):
        course.LiveMap(sizes[sizes].index[0], vintage="2019")


def test_every_edition_can_be_asked_for():
    frame = read("region_indicators")
    frame = frame[frame["vintage"].notna() & (frame["vintage"] != "")]
    for (name, vintage), rows in frame.groupby(["indicator_id", "vintage"]):
        area = next((a for a in AREAS if any(maps.in_area(r, a) for r in rows["region_id"])), None)
        if area is None:
            continue
        [indicator] = payload(course.LiveMap(name, area, vintage=vintage))["indicators"]
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
            live._own_series(frame, "far_east", "mine", "")
        return
    series = live._own_series(frame, "far_east", "mine", "")
    content = live._payload([series], "viridis")
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
    ],
)
def test_own_table_with_a_mistake_is_explained(frame, words):
    with pytest.raises(CourseError, match=words):
        course.LiveMap(frame, area="far_east")


def test_own_table_forgives_what_does_no_harm():
    frame = own(value=["1", "2", None, "4", "5", "n/a"], extra=1)
    frame.loc[len(frame)] = ["XX-YY", 2010, "9", 1]
    frame.index = range(7, 0, -1)
    made = course.LiveMap(frame, "far_east", title="Ports <b>", unit="berths")
    [indicator] = payload(made)["indicators"]
    assert sorted(cells(indicator).values()) == [1, 2, 4, 5]
    assert indicator["label"] == {"en": "Ports <b>"}
    assert indicator["unit"]["en"] == "berths"
    assert frame.shape == (7, 4)  # the student's table stays as it was


def test_own_table_keeps_its_sources():
    known = read("sources")["source_id"].iloc[0]
    made = course.LiveMap(own(source_id=[known, "my notes"] * 3), "far_east")
    content = payload(made)
    assert content["sources"] == [read("sources")["title"].iloc[0], "my notes"]


def test_text_cannot_break_out_of_the_script():
    made = course.LiveMap(own(), "far_east", title="</script><script>alert(1)</script>")
    assert "</script><script>alert" not in made._html()


# --- classes -----------------------------------------------------------------

finite = st.floats(-1e12, 1e12, allow_nan=False).map(lambda v: round(v, 3))


@given(st.lists(finite, min_size=1, max_size=60), st.integers(2, 9))
def test_class_limits_rise_and_merge_nothing(values, classes):
    series = pd.Series(values)
    limits = live.class_breaks(series, classes)
    assert all(a < b for a, b in itertools.pairwise(limits))
    assert 1 <= len(limits) <= classes - 1
    exact = series.quantile([k / classes for k in range(1, classes)]).unique()
    noise = 1e-12 * series.abs().max() + 1e-9
    for limit in limits:  # each is a quantile, rounded
        assert min(abs(limit - q) for q in exact) <= 0.051 * abs(limit) + noise


@given(finite, st.integers(1, 20))
def test_constant_data_is_two_classes(value, count):
    assert len(live.class_breaks(pd.Series([value] * count))) == 1


@pytest.mark.parametrize(
    ("values", "limits"),
    [
        ([0] * 9, [0]),
        (range(1, 7), [1.8, 2.7, 3.5, 4.3, 5.2]),
        ([-20, -10, 0, 10, 20, 30, 40], [-10, 0, 10, 20, 30]),
        ([104.1, 104.2, 104.3, 104.4, 104.5, 104.6, 104.7], [104.2, 104.3, 104.4, 104.5, 104.6]),
    ],
)
def test_class_limits_are_round(values, limits):
    assert live.class_breaks(pd.Series(values, dtype=float)) == limits


def test_growth_indices_keep_their_classes():
    values = pd.Series(np.linspace(97, 109, 50))
    assert len(live.class_breaks(values)) == 5


# --- wishes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"data": "populatoin"}, "Did you mean 'population'"),
        ({"data": ["population", "nope"]}, "There is no indicator 'nope'"),
        ({"data": []}, "a list of names, or a DataFrame"),
        ({"data": None}, "a list of names, or a DataFrame"),
        ({"data": 5}, "a list of names, or a DataFrame"),
        ({"data": [5]}, "There is no indicator 5"),
        ({"area": "fareast"}, "Did you mean 'far_east'"),
        ({"language": "cn"}, "There is no language 'cn'"),
        ({"year": 1800}, "nothing for the year 1800"),
        ({"year": "2010"}, "nothing for the year '2010'"),
        ({"year": 2010.5}, "nothing for the year 2010.5"),
        ({"vintage": "of 1900"}, "has no vintage 'of 1900'"),
        ({"palette": "rainbow"}, "There is no palette 'rainbow'"),
    ],
)
def test_wrong_wish_is_explained(arguments, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        course.LiveMap(**arguments)


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("year", 1800, "has nothing for the year 1800"),
        ("year", "2010", "A year is a whole number"),
        ("year", 2010.5, "A year is a whole number"),
        ("year", None, "A year is a whole number"),
        ("year", True, "A year is a whole number"),
        ("language", "xx", "Choose one of: en, ru, zh, mn"),
        ("indicator", "grp", "indicator on this map"),
        ("selected", "RU-MOW", "region on this map"),
        ("selected", "Amur", "region on this map"),
    ],
)
def test_wrong_trait_is_explained_and_changes_nothing(population, trait, value, words):
    before = getattr(population, trait)
    with pytest.raises(CourseError, match=words):
        setattr(population, trait, value)
    assert getattr(population, trait) == before


def test_right_traits_are_taken():
    made = course.LiveMap("population", "far_east")
    seen = []
    made.observe(lambda change: seen.append(change["new"]), "year")
    years = made._series["population"]["rows"]["year"]
    made.year = years.min()  # an integer of numpy
    assert type(made.year) is int and seen == [years.min()]
    made.selected = "RU-AMU"
    made.selected = ""
    made.language = "mn"


def test_numpy_year_is_welcome_at_the_start():
    assert course.LiveMap(own(), "far_east", year=np.int64(2010)).year == 2010


def test_start_is_the_latest_year_with_most_regions():
    frame = own()
    assert course.LiveMap(frame, "far_east").year == 2015
    assert course.LiveMap(frame.drop(index=5), "far_east").year == 2010


def test_several_indicators_share_a_map():
    names = INDICATORS[1:3]
    rows = read("region_indicators")
    per = rows.groupby("indicator_id")["region_id"].agg(lambda r: sum(r.isin(FAR_EAST)))
    names = list(per.sort_values().index[-2:])
    made = course.LiveMap([*names, names[0]], "far_east")
    assert [i["id"] for i in payload(made)["indicators"]] == names
    made.indicator = names[1]
    made.year = int(made._series[names[1]]["rows"]["year"].max())
    assert set(made.values()["year"]) == {made.year}


# --- values, pages, display ---------------------------------------------------


def test_values_are_those_of_the_year(population):
    for year in (population.year, None):
        shown = population.values(year)
        assert list(shown["value"]) == sorted(shown["value"], reverse=True)
        assert set(shown["year"]) == {population.year}
        assert list(shown.index) == list(range(len(shown)))
    with pytest.raises(CourseError, match="nothing for the year 1700"):
        population.values(1700)
    assert len(course.cite(population.values())) > 0


def test_saved_page_opens_where_the_student_stands(tmp_path):
    made = course.LiveMap("population", "far_east")
    made.language, made.selected = "zh", "RU-AMU"
    made.year = int(made._series["population"]["rows"]["year"].min())
    path = made.to_html(tmp_path / "карта.html")
    page = path.read_text(encoding="utf-8")
    start = re.search(r'"start":(\{[^}]*\})', page)[1]
    assert json.loads(start) == {
        "indicator": "population",
        "year": made.year,
        "language": "zh",
        "selected": "RU-AMU",
    }
    assert not re.search(r'<script src=|<link[^>]*href="http|tileLayer\(\n', page)
    assert 150_000 < len(page.encode("utf-8")) < 600_000


def test_saved_page_names_a_year_its_indicator_has(tmp_path):
    made = course.LiveMap(own(), "far_east")
    other = {**made._series["own"], "id": "b"}
    other["rows"] = other["rows"].assign(year=other["rows"]["year"] + 1)
    made._series["b"] = other
    made.year, made.indicator = 2015, "b"
    page = made.to_html(tmp_path / "m.html").read_text(encoding="utf-8")
    assert '"year":2011' in re.search(r'"start":(\{[^}]*\})', page)[1]


@pytest.mark.parametrize("path", ["no/such/folder/m.html", ".", "m\0.html"])
def test_page_that_cannot_be_saved(population, tmp_path, path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match="cannot be saved"):
        population.to_html(path)


def test_page_is_the_same_each_time(population):
    assert population._html() == population._html()


def test_display_carries_layers_added_before(tmp_path):
    made = course.LiveMap("population", "far_east")
    before = made.page
    cluster = MarkerCluster().add_to(made.map)
    folium.Marker([48.5, 135.1], popup="Хабаровск").add_to(cluster)
    bundle, _ = made._repr_mimebundle_()
    assert made.page != before
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert 'title="Live map: population' in bundle["text/html"]
    assert "Хабаровск" in made._html()
    assert len(bundle["text/html"]) + len(made.page) < 500_000


def test_a_widget_inside_another_asks_for_the_page_of_now():
    made = course.LiveMap("population", "far_east")
    before = made.page
    folium.Marker([48.5, 135.1]).add_to(made.map)
    made._handle_custom_msg({"ask": "page"}, [])
    assert made.page != before
    page = made.page
    made._handle_custom_msg({"ask": "page"}, [])
    assert made.page == page  # the same page is not sent again


def test_plugin_from_the_net_is_refused():
    made = course.LiveMap("population", "far_east")
    HeatMap([[48, 135]]).add_to(made.map)
    with pytest.raises(CourseError, match="works without"):
        made.to_html("never.html")
