"""The live map: what its page holds, and what it says to wrong wishes."""

import itertools
import json
import re

import folium
import ipywidgets
import numpy as np
import pandas as pd
import pytest
import traitlets
from folium.plugins import HeatMap, MarkerCluster
from folium.utilities import get_bounds

import course
from course.data import read
from course.errors import CourseError
from course.maps import area as maps
from course.maps import series

AREAS, LANGUAGES = list(maps.AREAS), list(maps.LANGUAGES)
INDICATORS = ["population", *read("indicators")["indicator_id"]]
FAR_EAST = sorted(
    f["properties"]["region_id"] for f in maps.region_shapes("far_east")["features"]
)


def payload(made):
    """What the page of a live map holds."""
    return json.loads(made._layer.data)


def own(**columns):
    """A small table of one's own."""
    frame = {"region_id": FAR_EAST[:3] * 2, "year": [2010] * 3 + [2015] * 3}
    return pd.DataFrame(frame | {"value": [1.0, 2, 3, 4, 5, 6]} | columns)


@pytest.fixture(scope="module")
def population():
    """The map of lesson 02."""
    return course.LiveMap("population")


# --- every indicator, every area ---------------------------------------------


@pytest.mark.parametrize(("name", "language"), list(itertools.product(INDICATORS, LANGUAGES)))
def test_every_indicator_in_every_language(name, language):
    made = course.LiveMap(name, language=language)
    page = made._html()
    assert payload(made)["start"]["language"] == language
    assert f'"language":"{language}"' in page
    [indicator] = payload(made)["indicators"]
    assert indicator["label"]["en"] and indicator["unit"]["en"]
    assert all(
        set(words) <= set(LANGUAGES) for words in (indicator["label"], indicator["unit"])
    )


def test_area_is_shown_whole():
    for area in AREAS:
        content = payload(course.LiveMap("population", area))
        (south, west), (north, east) = content["bounds"]
        labels = read("regions").set_index("region_id")
        for shape in maps.region_shapes(area)["features"]:
            region = shape["properties"]["region_id"]
            lat, lon = labels.loc[region, ["label_lat", "label_lon"]]
            assert south <= lat <= north and west <= lon % 360 <= east, region
            low, high = get_bounds(shape["geometry"]["coordinates"], lonlat=True)
            if high[1] - low[1] <= 15:  # a wider one would make all others small
                assert south <= low[0] <= high[0] <= north, region
                assert west <= low[1] <= high[1] <= east, region


def test_dalian_is_on_the_map_of_the_northeast():
    (south, west), (_, east) = payload(course.LiveMap("population", "heilongjiang"))["bounds"]
    assert 37 < south < 38.9 and west < 121.6 < east
    assert west > 110  # the far west of Inner Mongolia would make all others small


def test_page_holds_the_series():
    made = course.LiveMap("population", "far_east", palette="viridis")
    expected = series.payload([series.load_series("population", "far_east", None)], "viridis")
    held = payload(made)
    assert {key: held[key] for key in expected} == json.loads(json.dumps(expected))


@pytest.mark.parametrize(
    "title", ["</script><script>alert(1)</script>", "<!--<script>", "a < b"]
)
def test_text_cannot_break_out_of_the_script(title):
    made = course.LiveMap(own(), "far_east", title=title)
    assert "<" not in made._layer.data
    assert payload(made)["indicators"][0]["label"]["en"] == title
    if title != "a < b":
        assert title not in made._html()


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


WRONG = pytest.mark.parametrize(
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


@WRONG
def test_wrong_trait_is_explained_and_changes_nothing(population, trait, value, words):
    before = getattr(population, trait)
    with pytest.raises(CourseError, match=words):
        setattr(population, trait, value)
    assert getattr(population, trait) == before


@WRONG
def test_wrong_state_from_the_browser_does_not_stick(population, trait, value, words):
    before = {key: getattr(population, key) for key in ("year", "language", "selected")}
    # the right part of a wrong message is taken back with it
    other = {"selected": "RU-AMU"} if trait != "selected" else {"language": "zh"}
    with pytest.raises(CourseError, match=words) as error:
        population.set_state({**other, trait: value})
    assert isinstance(error.value, traitlets.TraitError)
    assert {key: getattr(population, key) for key in before} == before
    population.set_state({"year": before["year"]})  # and the map still listens


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


def test_values_are_those_of_the_screen():
    made = course.LiveMap(["population", "mining_output"], "far_east")
    years = {k: set(s["rows"]["year"]) for k, s in made._series.items()}
    lacking = [min(years["population"]), max(years["population"])]
    assert not years["mining_output"] & set(lacking)
    for year, shown in zip(lacking, [min, max], strict=True):  # the rule of live.js
        made.indicator, made.year = "population", year
        made.indicator = "mining_output"
        assert set(made.values()["year"]) == {shown(years["mining_output"])}
        with pytest.raises(CourseError, match=f"nothing for the year {year}"):
            made.values(year)


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


def test_a_plugin_from_the_net_inside_another_widget_is_told():
    made = course.LiveMap("population", "far_east")
    ipywidgets.VBox([made])
    heat = HeatMap([[48, 135]]).add_to(made.map)
    made._handle_custom_msg({"ask": "page"}, [])
    assert 'role="alert"' in made.page and "folium.CircleMarker" in made.page
    bundle, _ = made._repr_mimebundle_()
    assert 'role="alert"' in bundle["text/html"] and "<iframe" not in bundle["text/html"]
    del made.map._children[heat.get_name()]
    made._handle_custom_msg({"ask": "page"}, [])
    assert 'role="alert"' not in made.page


def test_words_stay_true_after_a_switch():
    made = course.LiveMap(["population", "mining_output"], "far_east")
    labels = [s["label"]["en"] for s in made._series.values()]
    years = {y for s in made._series.values() for y in s["rows"]["year"]}
    before = made.alt
    made.indicator = "mining_output"
    assert made.alt == before
    assert all(words in made.alt for words in labels)
    assert made.alt.endswith(f"{min(years)} to {max(years)}.")


def test_height_is_fixed():
    made = course.LiveMap(own(), "far_east", height=333)
    assert made.get_state()["height"] == 333
    assert "height:333px" in made._repr_mimebundle_()[0]["text/html"]
    with pytest.raises(traitlets.TraitError, match="read-only"):
        made.height = 500
    assert made.height == 333


def test_plugin_from_the_net_is_refused():
    made = course.LiveMap("population", "far_east")
    HeatMap([[48, 135]]).add_to(made.map)
    with pytest.raises(CourseError, match="works without"):
        made.to_html("never.html")
