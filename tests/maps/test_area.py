"""Maps of the study areas and the basemap inside them."""

import itertools
import json
import re

import folium
import pytest
from hypothesis import given
from hypothesis import strategies as st

import course
from course.data import read
from course.errors import CourseError
from course.maps import area as maps

AREAS, LANGUAGES = list(maps.AREAS), list(maps.LANGUAGES)


@pytest.mark.parametrize(("area", "language"), list(itertools.product(AREAS, LANGUAGES)))
def test_every_area_in_every_language(area, language):
    m = course.area_map(area, language)
    assert isinstance(m, folium.Map)
    page = m.get_root().render()
    south, west, north, east = maps.AREAS[area]
    assert f"[[{south}, {west}], [{north}, {east}]]" in page
    call = re.search(
        r"drawBasemap\(map_\w+,\s*(\{.*?\}), \"(\w\w)\", (\{.*?\})\);", page, re.DOTALL
    )
    assert call[2] == language
    assert json.loads(call[3]) == maps.BOUNDARY_NOTE
    assert json.loads(call[1])["labels"]


@pytest.mark.parametrize("area", AREAS)
def test_area_shows_its_regions(area):
    shapes = maps.region_shapes(area)["features"]
    ids = [f["properties"]["region_id"] for f in shapes]
    assert len(ids) == len(set(ids)) > 3
    assert all(maps.in_area(i, area) for i in ids)


def test_areas_hold_what_the_article_means():
    inside = {
        a: {f["properties"]["region_id"] for f in maps.region_shapes(a)["features"]}
        for a in AREAS
    }
    assert len(inside["far_east"]) == 11
    assert {"CN-HL", "CN-JL", "CN-LN", "CN-NM"} == inside["heilongjiang"]
    assert {"MN-1", "RU-BU", "CN-TJ"} <= inside["mongolia_corridor"]
    assert inside["borderland"] == set().union(*inside.values())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"area": "fareast"}, "no area 'fareast'. Did you mean 'far_east'"),
        ({"area": None}, "no area None. Choose one of: far_east"),
        ({"area": 3}, "Choose one of: far_east"),
        ({"language": "cn"}, "Choose one of: en, ru, zh, mn"),
        ({"language": ["en"]}, "Choose one of: en, ru, zh, mn"),
        ({"tiles": "OpenStreetMop"}, "folium knows no tiles called 'OpenStreetMop'"),
        ({"tiles": "https://x/{z}/{x}/{y}.png"}, "attr="),
        ({"tiles": 5}, "folium knows no tiles called 5"),
    ],
)
def test_wrong_arguments_are_explained(arguments, words):
    with pytest.raises(CourseError) as error:
        course.area_map(**arguments)
    assert words in str(error.value)


def test_region_shapes_of_an_unknown_area():
    with pytest.raises(CourseError, match="Did you mean 'heilongjiang'"):
        maps.region_shapes("heilonjiang")


def test_online_tiles_name_their_source():
    page = course.area_map(tiles="OpenStreetMap").get_root().render()
    layer = page[page.index("L.tileLayer(\n") :][:900]
    assert "openstreetmap.org/copyright" in layer
    assert '"referrerPolicy": "strict-origin-when-cross-origin"' in layer
    assert "drawBasemap(map_" not in page


def test_tiles_of_ones_own():
    own = folium.TileLayer("https://example.org/{z}/{x}/{y}.png", attr="Me")
    assert '"attribution": "Me"' in course.area_map(tiles=own).get_root().render()


def test_words_for_those_who_do_not_see_it():
    page = course.area_map(alt='Ports "and" more').get_root().render()
    assert (
        r'"aria-label", "Ports \"and\" more"' in page or r"Ports \u0022and\u0022 more" in page
    )
    shown = course.area_map("heilongjiang", caption="<i>As of 2019</i>")._repr_html_()
    assert 'title="Map of Heilongjiang and its neighbours."' in shown
    assert "<i>As of 2019</i>" in shown


def test_height_reaches_the_frame():
    assert "height:300px" in course.area_map(height=300)._repr_html_()


def test_maps_do_not_share_state():
    one, two = course.area_map(), course.area_map()
    folium.Marker([45, 130], tooltip="only here").add_to(one)
    assert "only here" not in two.get_root().render()


def test_cluster_finds_zoom_limits():
    page = course.area_map().get_root().render()
    assert re.search(r'"maxZoom": 12', page) and re.search(r'"minZoom": 2', page)


# --- basemap -----------------------------------------------------------------


def test_labels_have_names_and_places():
    labels = maps._labels()
    kinds = {label["kind"] for label in labels}
    assert kinds == {"country", "place", "region", "water"}
    for label in labels:
        lat, lon = label["at"]
        assert -90 <= lat <= 90 and -180 <= lon <= 200, label
        assert label["names"].get("en"), label
        assert label["kind"] != "place" or max(map(len, label["names"].values())) <= 30
        assert set(label["names"]) <= set(LANGUAGES)
    names = {
        label["names"]["en"]: label["names"] for label in labels if label["kind"] == "place"
    }
    assert names["Khabarovsk"]["ru"] == "Хабаровск"
    assert names["Harbin"]["zh"] == "哈尔滨"


def test_important_places_come_first():
    order = [x["names"]["en"] for x in maps._labels() if x["kind"] == "place"]
    assert set(order[:2]) == {"Beijing", "Ulaanbaatar"}
    first = {"Vladivostok", "Khabarovsk", "Blagoveshchensk", "Ulan-Ude", "Harbin", "Irkutsk"}
    assert first < set(order[:25])
    assert order.index("Ulan-Ude") < order.index("Sukhbaatar")
    assert order.index("Blagoveshchensk") < order.index("Belogorsk")
    # the eastern one stands right of its dot, so it comes before its western neighbour
    assert order.index("Vladivostok") < order.index("Changchun")


def test_basemap_is_json_that_cannot_end_its_script(monkeypatch):
    text = maps.basemap_json()
    assert "<" not in text
    assert "NaN" not in text
    monkeypatch.setattr(maps, "_labels", lambda: [{"names": {"en": "<!--<script>"}}])
    planted = maps.basemap_json.__wrapped__()
    assert "<" not in planted
    assert json.loads(planted)["labels"] == maps._labels()
    shapes = json.loads(text)["shapes"]
    assert set(shapes) == {"land", "regions", "rivers", "lakes"}
    ids = {f["properties"]["region_id"] for f in read("region_polygons")["features"]}
    assert set(shapes["regions"]) == ids


def unpack(shape):
    """What basemap.js does with a packed shape."""

    def opened(part):
        if isinstance(part[0], list):
            return [opened(inner) for inner in part]
        line, x, y = [], 0, 0
        for k in range(0, len(part), 2):
            x, y = x + part[k], y + part[k + 1]
            line.append([x / 100, y / 100])
        return line

    return {"type": shape["type"], "coordinates": opened(shape["steps"])}


points = st.tuples(st.floats(-180, 190), st.floats(-89, 89)).map(list)
lines = st.lists(points, min_size=2, max_size=30)


@given(lines)
def test_packed_lines_keep_every_corner(line):
    back = unpack(maps.pack({"type": "LineString", "coordinates": line}))["coordinates"]
    for lon, lat in line:  # no point moves by more than half a hundredth of a degree
        assert any(abs(lon - x) <= 0.00501 and abs(lat - y) <= 0.00501 for x, y in back)
    assert len(back) <= len(line)


@given(st.lists(st.lists(lines, min_size=1, max_size=3), min_size=1, max_size=3))
def test_packing_keeps_the_nesting(polygons):
    packed = maps.pack({"type": "MultiPolygon", "coordinates": polygons})
    back = unpack(packed)
    assert back["type"] == "MultiPolygon"
    assert [len(p) for p in back["coordinates"]] == [len(p) for p in polygons]


@pytest.mark.parametrize("table", ["region_polygons", "countries", "rivers", "lakes"])
def test_packed_shapes_are_the_shapes(table):
    for feature in read(table)["features"]:
        geometry = feature["geometry"]
        flat = re.findall(r"-?\d+\.?\d*", json.dumps(geometry["coordinates"]))
        back = re.findall(
            r"-?\d+\.?\d*", json.dumps(unpack(maps.pack(geometry))["coordinates"])
        )
        assert min(map(float, back)) == pytest.approx(min(map(float, flat)), abs=0.006)
        assert max(map(float, back)) == pytest.approx(max(map(float, flat)), abs=0.006)
