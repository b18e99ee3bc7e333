"""Maps of the study areas and the basemap inside them."""

import json
import re

import folium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import course
from course.data import read
from course.errors import CourseError
from course.maps import area as maps
from course.maps import atlas

AREAS = list(read("areas")["area_id"])
LANGUAGES = ["en", "ru", "zh", "mn"]


def drawing(m):
    """What the page of a map hands to its basemap: shapes and labels, and words."""
    call = r"drawBasemap\(map_\w+, (\{.*\}), (\{.*?\{.*?\}.*?\})\);"
    return [json.loads(part) for part in re.search(call, m.get_root().render()).groups()]


@pytest.mark.parametrize(("area", "language"), list(zip(AREAS, LANGUAGES, strict=True)))
def test_every_area_and_every_language(area, language):
    m = course.area_map(area, language)
    assert isinstance(m, folium.Map)
    row = read("areas").set_index("area_id").loc[area]
    corners = f"[[{row['south']}, {row['west']}], [{row['north']}, {row['east']}]]"
    assert corners in m.get_root().render()
    shapes, page = drawing(m)
    assert shapes == json.loads(maps.basemap_json())
    assert page["language"] == language and page["alt"] == row[f"alt_{language}"]
    words = read("map_words").set_index("word_id")
    assert page["notes"] == words.loc["boundary_note", LANGUAGES].to_dict()
    assert set(page["regions"]) == maps.region_ids(area)
    order = sorted(zip(page["ranks"], shapes["labels"], strict=True), key=lambda pair: pair[0])
    towns = [label["id"] for rank, label in order if label["kind"] == "place" and rank < 5]
    assert towns == list(read("area_places").query("area_id == @area")["place_id"])


def test_areas_hold_what_the_article_means():
    inside = {a: {f["properties"]["region_id"] for f in atlas.region_shapes(a)} for a in AREAS}
    assert len(inside["far_east"]) == 11
    assert {"CN-HL", "CN-JL", "CN-LN", "CN-NM"} == inside["heilongjiang"]
    assert {"MN-1", "RU-BU", "CN-TJ"} <= inside["mongolia_corridor"]
    assert inside["borderland"] == set().union(*inside.values())
    mongolia = {r for r in read("regions")["region_id"] if r.startswith("MN-")}
    assert mongolia <= maps.region_ids("mongolia_corridor")  # whole, also without shapes


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"area": "fareast"}, "no area 'fareast'. Did you mean 'far_east'"),
        ({"area": None}, "no area None. Choose one of: far_east"),
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


def test_online_tiles_name_their_source():
    page = course.area_map(tiles="OpenStreetMap").get_root().render()
    layer = page[page.index("L.tileLayer(\n") :][:900]
    assert "openstreetmap.org/copyright" in layer
    assert '"referrerPolicy": "strict-origin-when-cross-origin"' in layer
    assert "drawBasemap(map_" not in page
    own = folium.TileLayer("https://example.org/{z}/{x}/{y}.png", attr="Me")
    assert '"attribution": "Me"' in course.area_map(tiles=own).get_root().render()


def test_words_for_those_who_do_not_see_it():
    words = 'Ports "and" {{ more }} </script>'
    assert drawing(course.area_map(alt=words))[1]["alt"] == words


def test_maps_do_not_share_state():
    one, two = course.area_map(), course.area_map()
    folium.Marker([45, 130], tooltip="only here").add_to(one)
    assert "only here" not in two.get_root().render()


def test_cluster_finds_zoom_limits():
    page = course.area_map().get_root().render()
    assert re.search(r'"maxZoom": 12', page) and re.search(r'"minZoom": 2', page)


# --- basemap -----------------------------------------------------------------


@pytest.fixture(scope="module")
def labels():
    """The labels of the basemap, most important first."""
    return json.loads(maps.basemap_json())["labels"]


def test_labels_have_names_and_places(labels):
    assert {label["kind"] for label in labels} == {"country", "place", "region", "water"}
    rivers = read("rivers")["features"]
    for label in labels:
        if "at" in label:
            lat, lon = label["at"]
            assert -90 <= lat <= 90 and -180 <= lon <= 200, label
        else:  # a river is named where it is in view: its label knows the shape
            assert rivers[label["id"]]["properties"]["name_en"].startswith(label["names"]["en"])
        assert label["names"].get("en") and set(label["names"]) <= set(LANGUAGES), label
        assert max(map(len, label["names"].values())) <= 32, label
    names = {x["names"]["en"]: x["names"] for x in labels if x["kind"] == "place"}
    assert names["Khabarovsk"]["ru"] == "Хабаровск" and names["Harbin"]["zh"] == "哈尔滨"
    assert "MONGOLIA" in [x["names"]["en"] for x in labels if x["kind"] == "country"]


def test_important_names_come_first(labels):
    order = [x["names"]["en"] for x in labels if x["kind"] == "place"]
    assert {"Vladivostok", "Khabarovsk", "Blagoveshchensk", "Harbin"} < set(order[:40])
    assert order.index("Ulan-Ude") < order.index("Sukhbaatar")
    assert order.index("Blagoveshchensk") < order.index("Belogorsk")
    rivers = [x["names"]["en"] for x in labels if x["kind"] == "water"]
    assert rivers[:2] == ["Amur", "Lena"]
    shapes = json.loads(maps.basemap_json())["shapes"]["rivers"]
    heavy = {
        river["properties"]["name_en"]
        for river, shape in zip(read("rivers")["features"], shapes, strict=True)
        if shape["great"]
    }
    assert {"Amur", "Argun", "Ussuri", "Songhua (Sungari)"} < heavy and "Bikin" not in heavy


@pytest.mark.parametrize("area", AREAS)
def test_the_first_view_holds_the_area(area):
    """Its regions, the Arctic islands and what lies north of the corridor apart."""
    row = read("areas").set_index("area_id").loc[area]
    for shape in atlas.region_shapes(area):
        outline = shape["geometry"]["coordinates"]
        lines = outline if shape["geometry"]["type"] == "Polygon" else [p[0] for p in outline]
        lon, lat = np.array(max(lines, key=len)).T
        inside = (lon >= row["west"]) & (lon <= row["east"])
        inside &= (lat >= row["south"]) & (lat <= row["north"])
        name = shape["properties"]["region_id"]
        far = name in {"RU-IRK", "RU-BU", "RU-ZAB"} and area == "mongolia_corridor"
        assert inside.mean() >= (0.1 if far else 0.7), name


# --- names -------------------------------------------------------------------

# what Russian towns were called in Chinese; lessons may tell it, the maps do not
HISTORIC = "海参崴 海參崴 伯力 海兰泡 庙街 双城子 尼布楚 庫頁 库页 丰原 豊原".split()


@pytest.mark.parametrize("table", ["places", "regions", "crossings", "routes"])
def test_names_are_the_modern_ones(table):
    names = read(table)["name_zh"].dropna()
    assert [n for n in names if any(old in n for old in HISTORIC)] == []


def test_every_region_has_a_name_in_every_language():
    regions = read("regions").query("kind != 'aggregate'").set_index("region_id")
    columns = [f"name_{code}" for code in LANGUAGES]
    assert regions[columns].notna().all(axis=None)
    for shape in read("region_polygons")["features"]:
        drawn = shape["properties"]
        assert [drawn[c] for c in columns] == list(regions.loc[drawn["region_id"], columns])


def test_towns_that_maps_name_first_have_names_in_scripts_their_readers_know():
    places = read("places").set_index("place_id").loc[read("area_places")["place_id"].unique()]
    assert places[["name_en", "name_ru", "name_zh"]].notna().all(axis=None)


# --- shapes ------------------------------------------------------------------


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


@settings(deadline=None)
@given(st.lists(st.lists(lines, min_size=1, max_size=3), min_size=1, max_size=3))
def test_packing_keeps_every_corner_and_the_nesting(polygons):
    back = unpack(maps.pack({"type": "MultiPolygon", "coordinates": polygons}))
    assert back["type"] == "MultiPolygon"
    assert [len(p) for p in back["coordinates"]] == [len(p) for p in polygons]
    for polygon, packed in zip(polygons, back["coordinates"], strict=True):
        for line, short in zip(polygon, packed, strict=True):
            assert len(short) <= len(line)
            for lon, lat in line:  # no point moves by more than half a hundredth of a degree
                assert any(
                    abs(lon - x) <= 0.00501 and abs(lat - y) <= 0.00501 for x, y in short
                )


def test_the_basemap_holds_the_shapes_of_the_tables():
    shapes = json.loads(maps.basemap_json())["shapes"]
    regions = shapes["region_polygons"]
    features = read("region_polygons")["features"]
    assert list(regions) == [f["properties"]["region_id"] for f in features]
    shapes["region_polygons"] = list(regions.values())
    for table, packed in shapes.items():
        for feature, shape in zip(read(table)["features"], packed, strict=True):
            both = feature["geometry"]["coordinates"], unpack(shape)["coordinates"]
            one, two = ([float(n) for n in re.findall(r"-?[\d.]+", str(c))] for c in both)
            assert [min(one), max(one)] == pytest.approx([min(two), max(two)], abs=0.006)
