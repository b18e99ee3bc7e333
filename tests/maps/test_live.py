"""The live map: what its page holds, and what it says to wrong wishes."""

import base64
import gzip
import html
import json
import re

import folium
import ipywidgets
import numpy as np
import pandas as pd
import pytest
import traitlets
from folium.plugins import LocateControl, MarkerCluster
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell

import course
from course.data import read
from course.errors import CourseError
from course.maps import series
from course.maps.atlas import region_shapes

AREAS = list(read("areas")["area_id"])
LANGUAGES = ["en", "ru", "zh", "mn"]
STATE = ["year", "indicator", "language", "selected"]
FAR_EAST = sorted(f["properties"]["region_id"] for f in region_shapes("far_east"))


def held(page):
    """What a page hands to its live map: the state it opens on, and the data."""
    call = re.search(r"startLive\(map_\w+, (\{.*?\}), (\{.*\})\);", page)
    return json.loads(call[1]), json.loads(call[2])


def saved(made, folder):
    """The same of the page that a live map saves."""
    return held(made.to_html(folder / "карта.html").read_text(encoding="utf-8"))


def own(**columns):
    """A small table of one's own."""
    frame = {"region_id": FAR_EAST[:3] * 2, "year": [2010] * 3 + [2015] * 3}
    return pd.DataFrame(frame | {"value": [1.0, 2, 3, 4, 5, 6]} | columns)


def display(made):
    """What a notebook keeps of a live map."""
    return InteractiveShell.instance().display_formatter.format(made)[0]


def asked(made, monkeypatch):
    """What a view inside another widget gets when it asks."""
    sent = []
    monkeypatch.setattr(made, "send", sent.append)
    made._handle_custom_msg({"ask": 0.25}, [])
    [answer] = sent
    assert answer["ask"] == 0.25
    return answer["html"]


def framed(figure):
    """The page inside the frame of a figure."""
    [srcdoc] = re.findall(r'<iframe[^>]* srcdoc="([^"]*)"', figure)
    [packed] = re.findall(r'atob\("([^"]+)"\)', html.unescape(srcdoc))
    return gzip.decompress(base64.b64decode(packed)).decode()


def still(figure):
    """The picture that stands for the frame in print."""
    [packed] = re.findall(r'<img src="data:image/svg\+xml;base64,([^"]+)"', figure)
    return base64.b64decode(packed).decode()


@pytest.fixture(scope="module")
def population():
    """The map of lesson 02."""
    return course.LiveMap("population")


@pytest.fixture(scope="module")
def two():
    """A map of two indicators, of which one lacks early and late years."""
    return course.LiveMap(["population", "mining_output"], "far_east")


# --- the page ----------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_holds_the_series_and_the_words(language, tmp_path):
    made = course.LiveMap(["population", "mining_output"], "far_east", language=language)
    start, data = saved(made, tmp_path)
    names = ["population", "mining_output"]
    expected = json.loads(
        json.dumps(series.payload([series.load_series(n, "far_east") for n in names]))
    )
    years = expected.pop("years")
    assert {key: data[key] for key in expected} == expected
    assert data["choices"]["year"] == years and data["choices"]["indicator"] == names
    assert data["choices"]["language"] == list(data["words"]) == LANGUAGES
    regions = [region["region_id"] for region in data["regions"]]
    assert data["choices"]["selected"] == ["", *regions] and sorted(regions) == FAR_EAST
    assert start == {
        "year": made.year,
        "indicator": names[0],
        "language": language,
        "selected": "",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_name_what_is_shown(language):
    made = course.LiveMap(["mining_output", "population"], "far_east", language=language)
    place = read("areas").set_index("area_id").loc["far_east"]
    labels = read("indicators").set_index("indicator_id")[f"name_{language}"]
    rows = course.load("region_indicators").query("indicator_id == 'mining_output'")
    years = rows["year"][rows["region_id"].isin(FAR_EAST)]
    assert f"{years.min():.0f}" in made.alt and f"{years.max():.0f}" in made.alt
    assert labels["mining_output"] in made.alt and place[f"alt_{language}"] in made.alt
    more = read("map_words").set_index("word_id").loc["live_more", language]
    assert more.format(count=1) in made.alt
    assert repr(made).startswith(made.alt) and f"mining_output, {made.year}" in repr(made)
    first = made.alt
    made.indicator = "population"
    assert labels["mining_output"] not in made.alt != first
    assert f'title="{html.escape(made.alt)}"' in display(made)["text/html"]
    other = "ru" if language != "ru" else "en"
    made.language = other
    assert place[f"alt_{other}"] in made.alt


def test_it_opens_on_the_view_of_its_area():
    for area in AREAS:
        one, two = (
            m.get_root().render()
            for m in (course.LiveMap(area=area).map, course.area_map(area))
        )
        views = [re.findall(r"fitBounds\(\s*(\[\[.*?\]\])", page) for page in (one, two)]
        assert views[0] == views[1] != []


@pytest.mark.parametrize("title", ["</script><script>", "<!--<script>", "a < b", "{{ 7*7 }}"])
def test_words_cannot_break_out_of_the_script(title, tmp_path):
    made = course.LiveMap(own(), "far_east", title=title, unit=title)
    [indicator] = saved(made, tmp_path)[1]["indicators"]
    assert indicator["label"]["en"] == indicator["unit"]["en"] == title


# --- wishes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"data": "populatoin"}, "Did you mean 'population'"),
        ({"data": ["population", "nope"]}, "There is no indicator 'nope'"),
        ({"data": []}, "There is no indicator []"),
        ({"data": 5}, "There is no indicator 5"),
        ({"data": [5]}, "There is no indicator 5"),
        ({"data": [["population"]]}, "There is no indicator ['population']"),
        ({"area": "fareast"}, "Did you mean 'far_east'"),
        ({"language": "cn"}, "There is no language 'cn'"),
        ({"year": 1800}, "nothing for the year 1800"),
        ({"year": "2010"}, "nothing for the year '2010'"),
        ({"year": 2010.5}, "nothing for the year 2010.5"),
        ({"height": "tall"}, "height is a whole number"),
    ],
)
def test_wrong_wish_is_explained(arguments, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        course.LiveMap(**arguments)


WRONG = pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("year", 1800, "has nothing for the year 1800"),
        ("year", "2010", "has nothing for the year '2010'"),
        ("year", 2010.5, "has nothing for the year 2010.5"),
        ("year", None, "has nothing for the year None"),
        ("language", "xx", "Choose one of: en, ru, zh, mn"),
        ("language", None, "There is no language None"),
        ("indicator", "grp", "indicator on this map"),
        ("indicator", 5, "indicator on this map"),
        ("selected", "RU-MOW", "region on this map"),
        ("selected", 0, "region on this map"),
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
    before = {key: getattr(population, key) for key in STATE}
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
    years = made.values()["year"] - 3
    made.year = years.min()  # an integer of numpy
    assert type(made.year) is int and seen == [years.min()]
    made.selected, made.language = "RU-AMU", "mn"
    made.selected = ""
    assert course.LiveMap(own(), "far_east", year=np.int64(2010)).year == 2010


# --- years -------------------------------------------------------------------

years = st.integers(1995, 2030)
wishes = st.fixed_dictionaries(
    {}, optional={"year": years, "indicator": st.sampled_from(["population", "mining_output"])}
)


@settings(deadline=None)
@given(wishes)
def test_the_year_is_always_one_that_the_indicator_has(two, wish):
    seen = []
    two.observe(lambda change: seen.append((two.indicator, change["new"])), "year")
    try:
        two.set_state(wish)  # as the browser does
    except CourseError:
        assert wish["year"] < 2000 or wish["year"] > 2020
    finally:
        two.unobserve_all("year")
    shown = set(two.values()["year"])
    assert shown == {two.year}
    if seen:  # nobody hears of a year that is not shown
        assert seen[-1] == (two.indicator, two.year) and len(seen) <= 2


@pytest.mark.parametrize("year", [pd.NA, np.array([2010, 2011]), "2010", None])
def test_a_year_of_whatever_type_is_refused_in_words(two, year):
    before = two.year
    with pytest.raises(CourseError, match="nothing for the year"):
        two.year = year
    assert two.year == before


def test_words_left_empty_are_not_said(tmp_path):
    rows = pd.DataFrame({"region_id": ["RU-AMU"], "year": [2017], "value": [1]})
    made = course.LiveMap(rows, title=None, unit=None)
    page = made.to_html(tmp_path / "m.html").read_text(encoding="utf-8")
    assert "None" not in repr(made) and '"None' not in page and "} None" not in page


def test_another_indicator_brings_its_own_year(two, tmp_path):
    two.indicator = "population"
    two.year = 2000
    two.indicator = "mining_output"
    first = two.year
    assert first > 2000 and set(two.values()["year"]) == {first}
    two.set_state({"indicator": "population", "year": 2001})
    assert (two.indicator, two.year) == ("population", 2001)
    two.indicator = "mining_output"
    assert two.year == first and saved(two, tmp_path)[0]["year"] == first
    with pytest.raises(CourseError, match="nothing for the year 2000"):
        two.values(2000)


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
    wish = {"year": 2003, "indicator": "population", "language": "zh", "selected": "RU-AMU"}
    made.set_state(wish)
    assert saved(made, tmp_path)[0] == wish
    page = (tmp_path / "карта.html").read_text(encoding="utf-8")
    assert not re.search(r'<script src=|<link[^>]*href="http|tileLayer\(\n', page)
    assert 150_000 < len(page.encode("utf-8")) < 600_000
    with pytest.raises(CourseError, match="Choose a folder"):
        made.to_html(tmp_path / "no" / "such" / "folder.html")
    assert made.to_html(tmp_path / "b.html").read_text(encoding="utf-8") == page


def test_a_live_map_is_drawn_once_when_it_is_shown(monkeypatch):
    made = course.LiveMap("population", "far_east")
    page, count = type(made.map.get_root()), []
    real = page.render
    monkeypatch.setattr(page, "render", lambda s, **k: count.append(1) or real(s, **k))
    shown = display(made)
    assert shown["text/plain"].startswith("Live map: population") and len(count) == 1
    asked(made, monkeypatch)
    assert len(count) == 2


def test_a_notebook_keeps_a_map_and_no_widget():
    made = course.LiveMap("population", "far_east", year=2010)
    made.year = 2015
    shown = display(made)
    assert set(shown) == {"text/plain", "text/html"}
    start, _data = held(framed(shown["text/html"]))
    assert start["year"] == 2015 and len(start.pop("nonce")) > 30
    assert len(shown["text/html"]) < 250_000
    [sandbox] = re.findall(r'<iframe[^>]* sandbox="([^"]*)"', shown["text/html"])
    assert "allow-scripts" in sandbox and "same-origin" not in sandbox


def test_who_may_speak_for_a_map_is_told_to_its_frame_alone(tmp_path):
    one, two = (course.LiveMap(own(), "far_east") for _ in range(2))
    nonces = [held(framed(display(made)["text/html"]))[0]["nonce"] for made in (one, two)]
    assert nonces[0] != nonces[1]
    one.to_html(tmp_path / "m.html")
    seen = [repr(one), (tmp_path / "m.html").read_text("utf-8"), display(two)["text/html"]]
    assert not any(nonces[0] in text for text in seen)


def test_layers_added_later_come_with_the_next_display(monkeypatch):
    made = course.LiveMap("population", "far_east")
    cluster = MarkerCluster().add_to(made.map)
    folium.Marker([48.5, 135.1], popup="a first pin").add_to(cluster)
    first = framed(display(made)["text/html"])
    assert "a first pin" in first
    folium.Marker([48.5, 135.1], popup="a second pin").add_to(made.map)
    assert "a second pin" not in first
    assert "a second pin" in framed(display(made)["text/html"])
    assert "a second pin" in framed(asked(made, monkeypatch))


def test_inside_another_widget_it_is_the_same_figure(monkeypatch):
    made = course.LiveMap("population", "far_east")
    ipywidgets.VBox([made])
    assert asked(made, monkeypatch) == display(made)["text/html"]
    assert made.alt in made.get_state()["_words"]  # what shows until the answer, or without


def test_a_layer_that_cannot_be_drawn_is_told_and_not_saved(tmp_path, monkeypatch):
    made = course.LiveMap("population", "far_east")
    layer = LocateControl().add_to(made.map)
    for figure in (display(made)["text/html"], asked(made, monkeypatch)):
        assert 'role="alert"' in figure and "folium.Marker" in figure
    with pytest.raises(CourseError, match="LocateControl"):
        made.to_html(tmp_path / "never.html")
    assert list(tmp_path.iterdir()) == []
    del made.map._children[layer.get_name()]
    assert 'role="alert"' not in display(made)["text/html"]


def test_print_shows_what_is_shown_now():
    made = course.LiveMap(
        own(value=[1.0, 2, 3, 4, 5, 60]), "far_east", title="a < b", unit="km"
    )
    made.year = 2010
    before = still(display(made)["text/html"])
    made.year, made.language, made.selected = 2015, "ru", "RU-SA"
    after = still(display(made)["text/html"])
    hatched = len(FAR_EAST) - 3 + 1  # and the legend
    for picture, names in ((before, "Khabarovsk"), (after, "Хабаровск")):
        assert picture.count('fill="url(#nodata)"') == hatched and names in picture
    assert "a &lt; b, km, 2010" in before and "no data" in before
    assert "a &lt; b, km, 2015" in after and "нет данных" in after
    assert 'stroke="#b3261e"' in after and 'stroke="#b3261e"' not in before
    dark = series.class_colours()[-1]
    assert after.count(f'fill="{dark}"') == before.count(f'fill="{dark}"') + 1
    held(framed(display(made)["text/html"]))  # and the map is there


def test_what_was_refused_is_told_to_the_browser(monkeypatch):
    made = course.LiveMap("population", "far_east", year=2010)
    sent = []
    monkeypatch.setattr(made, "send_state", sent.append)
    with pytest.raises(CourseError):
        made.set_state({"year": 1800, "language": "zh"})
    assert [set(names) for names in sent] == [set(STATE)]
    made.set_state({"year": 2011})
    assert len(sent) == 1


def test_height_is_fixed():
    made = course.LiveMap(own(), "far_east", height=333)
    assert "height:333px" in display(made)["text/html"]
    with pytest.raises(traitlets.TraitError, match="read-only"):
        made.height = 500
    assert made.height == 333
